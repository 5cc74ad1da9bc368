"""Where the repository itself says how a chart is installed: Argo CD Applications, Flux HelmReleases.

Source: the references of Application and ApplicationSet (argoproj.io/v1alpha1), HelmRelease (helm.toolkit.fluxcd.io) and
OCIRepository (source.toolkit.fluxcd.io).
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from linter.inference.filling import is_marked
from linter.inference.readable import PLACEHOLDER, read_documents
from linter.model import dig, items, mapping, text

_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_RELEASE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_COMMA = re.compile(r"(?<!\\),")
_ESCAPED_COMMA = r"\\,"
_SECRET = re.compile(r"password|secret|token|credential|api_?key", re.IGNORECASE)
_REFERENCE = re.compile(r"\$[A-Za-z0-9_-]+/")


@dataclass(frozen=True, slots=True)
class Deployment:
    """One installation of a chart.

    `chart` is its path in this repository, or None if it comes from elsewhere as `name` in `version`. `values` are its
    values files from the repository root, each a path or, with placeholders for what a template fills in, a pattern.
    `namespace`, `release` and `cluster` are None unless they are written out. `parameters` are single values as `--set`
    takes them, `unset` the names of those that are not written out; `templated` are those that print values of `within`, the
    chart whose template this is, by name with the marks of `filling`. `settings` are its inline values.
    """

    chart: str | None
    name: str
    version: str
    repository: str
    values: tuple[str, ...] = ()
    namespace: str | None = None
    release: str | None = None
    cluster: str | None = None
    parameters: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    templated: tuple[tuple[str, str], ...] = ()
    within: str | None = None
    settings: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    def fills(self, values: str) -> tuple[str, ...] | None:
        """The values files of this installation with `values` in place of the one that is templated or equals it; None
        if it does not use that file. The second part of a pattern takes what the first one took."""
        for pattern in self.values:
            if pattern == values:
                return tuple(each for each in self.values if PLACEHOLDER not in each)
            if (word := _fill(pattern, values)) is not None:
                return tuple(each.replace(PLACEHOLDER, word) for each in self.values)
        return None


def deployments(kind: str, body: dict[str, Any]) -> Iterator[Deployment]:
    """What an object of a kind says about installations of charts. Text may hold placeholders of `readable`."""
    if kind in ("Application", "ApplicationSet"):
        spec = dig(body, "spec", "template", "spec") if kind == "ApplicationSet" else body.get("spec")
        names = dig(body, "spec", "template", "metadata") if kind == "ApplicationSet" else body.get("metadata")
        yield from _of_application(mapping(spec), text(mapping(names).get("name")))
    elif kind == "HelmRelease":
        yield from _of_release(mapping(body.get("spec")), mapping(body.get("metadata")))
    elif kind == "OCIRepository":
        url = text(dig(body, "spec", "url"))
        version = _version(dig(body, "spec", "ref", "tag")) or _version(dig(body, "spec", "ref", "semver"))
        yield Deployment(None, url.rpartition("/")[2], version, url)


def _of_application(spec: dict[str, Any], name: str) -> Iterator[Deployment]:
    destination = mapping(spec.get("destination"))
    for source in map(mapping, (*items(spec.get("sources")), spec.get("source"))):
        helm = mapping(source.get("helm"))
        path = text(source.get("path"))
        chart = os.path.normpath(path) if path and PLACEHOLDER not in path and not is_marked(path) else None
        if chart is None and not source.get("chart"):
            continue
        yield Deployment(
            chart,
            text(source.get("chart")),
            _version(source.get("targetRevision")),
            text(source.get("repoURL")),
            tuple(_from_root(text(value), chart or "") for value in items(helm.get("valueFiles")) if text(value)),
            _exactly(_NAMESPACE, destination.get("namespace")),
            _exactly(_RELEASE, helm.get("releaseName") or name),
            _written(destination.get("name")),
            *_parameters(helm),
            settings=mapping(helm.get("valuesObject")) or _inline(text(helm.get("values"))),
        )


def _of_release(spec: dict[str, Any], metadata: dict[str, Any]) -> Iterator[Deployment]:
    chart = mapping(dig(spec, "chart", "spec"))
    name = text(chart.get("chart"))
    if not name:
        return
    local = text(dig(chart, "sourceRef", "kind")) in ("GitRepository", "Bucket")
    path = os.path.normpath(name.lstrip("/")) if local and PLACEHOLDER not in name else None
    files = [*items(chart.get("valuesFiles")), *([chart["valuesFile"]] if "valuesFile" in chart else [])]
    target = spec.get("targetNamespace")
    release = text(spec.get("releaseName")) or (f"{text(target)}-{text(metadata.get('name'))}" if target else text(metadata.get("name")))
    yield Deployment(
        path,
        name if path is None else "",
        _version(chart.get("version")),
        text(dig(chart, "sourceRef", "name")),
        tuple(os.path.normpath(text(value).lstrip("/")) for value in files if text(value)),
        _exactly(_NAMESPACE, target or metadata.get("namespace")),
        _exactly(_RELEASE, release),
        settings=mapping(spec.get("values")),
    )


def _inline(values: str) -> dict[str, Any]:
    """Values that an Application holds as text."""
    documents = read_documents(values)
    return mapping(documents[0].value) if documents else {}


def setting(name: str, value: str) -> str:
    """A parameter as Argo CD hands it to `--set`."""
    # A comma would begin the next setting, unless the value is a list in braces.
    braces = value.startswith("{") and value.endswith("}")
    return f"{name}={value if braces else _COMMA.sub(_ESCAPED_COMMA, value)}"


def _parameters(helm: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The parameters of a source as settings, the names of those whose value is not known, would lose its type, or should
    not be copied anywhere, and those that print values of the chart they are in."""
    known, unset, templated = [], [], []
    for parameter in map(mapping, items(helm.get("parameters"))):
        name, value = text(parameter.get("name")), parameter.get("value")
        if not name or PLACEHOLDER in name or "=" in name:
            continue
        if not isinstance(value, str) or PLACEHOLDER in value or parameter.get("forceString") or _SECRET.search(name):
            unset.append(name)
        elif is_marked(value):
            templated.append((name, value))
        else:
            known.append(setting(name, value))
    return tuple(known), tuple(unset), tuple(templated)


def _from_root(value: str, chart: str) -> str:
    """A values file of an Application from the repository root: relative to the chart, to the root with a leading `/`,
    or to another source (`$values/…`), which for one repository is the root."""
    if (reference := _REFERENCE.match(value)) is not None:
        return os.path.normpath(value[reference.end() :])
    return os.path.normpath(value.lstrip("/") if value.startswith("/") else os.path.join(chart, value))


def _fill(pattern: str, path: str) -> str | None:
    """What a placeholder of the pattern stands for if the pattern is this path."""
    if pattern.count(PLACEHOLDER) != 1:
        return None
    before, _, after = pattern.partition(PLACEHOLDER)
    word = path[len(before) : len(path) - len(after)]
    fits = len(path) > len(before) + len(after) and path.startswith(before) and path.endswith(after)
    return word if fits and "/" not in word else None


def _exactly(pattern: re.Pattern[str], value: object) -> str | None:
    found = text(value)
    return found if len(found) <= 53 and pattern.fullmatch(found) else None


def _written(value: object) -> str | None:
    found = text(value)
    return found if found and PLACEHOLDER not in found else None


def _version(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) and PLACEHOLDER not in str(value) else ""
