"""One reading of a repository's files, from which everything else is inferred. Text is searched; only the few files that
may say something about installations and versions are decoded."""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from linter.argocd.applicationsets import ClusterFacts
from linter.argocd.clusters import SECRET_TYPE, cluster_of
from linter.discovery.charts import Charts
from linter.errors import InputError
from linter.inference import evidence
from linter.inference.apart import Apart, is_example, is_generated
from linter.inference.conditions import Keys, condition_of
from linter.inference.deployments import Deployment, deployments
from linter.inference.evidence import SETTINGS_SUFFIXES, in_object, in_text
from linter.inference.filling import mark_values
from linter.inference.findings import Evidence
from linter.inference.readable import (
    lines_with,
    read_documents,
    restored,
    with_printed_braces,
    without_actions,
    without_printed_braces,
)
from linter.kubernetes.kinds import split_api_version, type_name
from linter.manifest.decoder import decode_text, text_of
from linter.model import dig, mapping, text
from linter.repository import CONFIG_NAME, Tree

_YAML = (".yaml", ".yml")
_KIND = re.compile(r"^kind:[ \t]*[\"']?([A-Za-z0-9]+)[\"']?[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_API_VERSION = re.compile(r"^apiVersion:[ \t]*[\"']?([A-Za-z0-9./-]+)[\"']?[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_DOCUMENT = re.compile(r"^---(?=[ \t\r\n]|$)", re.MULTILINE)
_NAMESPACE = re.compile(r"([ \t]*)(-[ \t]+)?namespace:[ \t]*[\"']?([a-z0-9][a-z0-9-]*)[\"']?[ \t]*(?:#.*)?")
_DEPLOYING = frozenset({"Application", "ApplicationSet", "HelmRelease", "OCIRepository"})
_ARGO = frozenset({"Application", "ApplicationSet"})
_DECODED = _DEPLOYING | evidence.KINDS | {"Namespace"}
_POD_KINDS = frozenset({
    "Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob",
    "argoproj.io/Rollout", "serving.knative.dev/Service",
})  # fmt: skip
_LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Declared:
    """An Application or ApplicationSet that stands in a file, at a line.

    In a template of the chart `within`, the body holds placeholders of `readable` and marks of `filling`, and `condition`
    are the keys to the value without which the template prints nothing, if that is known.
    """

    kind: str
    body: dict[str, Any]
    path: str
    line: int
    within: str | None = None
    condition: Keys | None = None


@dataclass(slots=True)
class Survey:
    """What the files of a repository hold.

    `yaml` are all its YAML files that can be read, `manifests` those with an object and `types` the types of these objects; files that
    stand apart (test data and the like) count only for `manifests`. `templates` are manifests of no chart that are no YAML
    before some other tool has filled them in. `deployments` and `evidence` carry where they stand. `applications` are those of
    Argo CD, and `clusters` those that its Secrets declare.
    `referred` maps a namespace to the places that mention it; `declared` are those in which objects live.
    """

    apart: Apart
    yaml: list[str] = field(default_factory=list)
    manifests: set[str] = field(default_factory=set)
    generated: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    namespaces: set[str] = field(default_factory=set)
    declared: dict[str, int] = field(default_factory=dict)
    referred: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    deployments: list[tuple[Deployment, str, int]] = field(default_factory=list)
    applications: list[Declared] = field(default_factory=list)
    clusters: list[ClusterFacts] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    mentions: set[str] = field(default_factory=set)

    @property
    def has_pods(self) -> bool:
        return not self.types.isdisjoint(_POD_KINDS)


def survey(tree: Tree, files: Sequence[str], charts: Charts, apart: Apart) -> Survey:
    """Read the files of a tree. Those that cannot be read are left out; a lint reports them."""
    found = Survey(apart)
    links: Mapping[str, str] = tree.links
    for path in files:
        yaml = path.endswith(_YAML)
        if not (yaml or path.endswith(SETTINGS_SUFFIXES)) or os.path.basename(path) == CONFIG_NAME:
            continue
        if path in links:
            # It may serve as somebody's values; what it says is read where it stands.
            found.yaml += [path] if yaml else []
            continue
        try:
            data = tree.read(path)
            if len(data) > _LARGEST:
                # A bundle of that size is a system's CustomResourceDefinitions; its head tells all that is asked here.
                data = data[: data.rindex(b"\n", 0, _LARGEST)] if b"\n" in data[:_LARGEST] else b""
            content = text_of(data)
        except InputError:
            continue
        if yaml:
            found.yaml.append(path)
        _read(path, data, content, yaml, charts, found)
    return found


def _read(path: str, data: bytes, content: str, yaml: bool, charts: Charts, found: Survey) -> None:
    apart = found.apart.holds(path)
    kinds: set[str] = set()
    if yaml and b"apiVersion" in data and b"kind" in data:
        kinds = _objects(path, content, apart, found)
        if kinds:
            found.manifests.add(path)
            if is_generated(data):
                found.generated.append(path)
            if (b"{{" in data or b"{%" in data) and charts.around(path) is None and not _is_yaml(content):
                found.templates.append(path)
    if apart and "/.github/" not in f"/{path}":
        return
    found.evidence += [_weighed(each) for each in in_text(path, data, content)]
    if apart:
        return
    if b"external-dns" in data or "externaldns.k8s.io" in content:
        found.mentions.add("dns")
    if b"istio.io/" in data or b"istio-injection" in data:
        found.mentions.add("istio")
    if kinds & _DECODED or ("Secret" in kinds and SECRET_TYPE.encode() in data) or (kinds and any(word in data for word in evidence.WORDS)):
        _decode(path, content, charts, found)
    if kinds and not path.startswith(".github/"):
        _namespaces(path, content, charts.around(path) is None, found)


def _is_yaml(content: str) -> bool:
    try:
        decode_text(content)
    except InputError:
        return False
    return True


def _weighed(evidence: Evidence) -> Evidence:
    return replace(evidence, rank=3) if is_example(evidence.path) else evidence


def _objects(path: str, content: str, apart: bool, found: Survey) -> set[str]:
    """The kinds at the top level of a file's documents."""
    kinds: set[str] = set()
    for part in _DOCUMENT.split(content):
        kind, api_version = _KIND.search(part), _API_VERSION.search(part)
        if kind is not None and api_version is not None:
            kinds.add(kind[1])
            if not apart:
                found.types.add(type_name(split_api_version(api_version[1])[0], kind[1]))
    return kinds


def _decode(path: str, content: str, charts: Charts, found: Survey) -> None:
    """Installations and versions in the objects of a file, which may be a template."""
    from linter.manifest.positions import index_positions

    chart = charts.around(path)
    exact = content if chart is None else with_printed_braces(mark_values(content))
    readable = without_actions(without_printed_braces(exact))
    exact = exact if chart is None else without_actions(exact)
    positions = None
    bodies: dict[int, dict[str, Any]] | None = None
    for document in read_documents(readable):
        body = mapping(document.value)
        kind, group = text(body.get("kind")), split_api_version(text(body.get("apiVersion")))[0]
        if kind == "Namespace" and (name := text(dig(body, "metadata", "name"))):
            found.namespaces.add(name)
        if kind == "Secret" and chart is None and (cluster := cluster_of(body)) is not None:
            found.clusters.append(cluster)
        version = in_object(kind, group, body)
        installed = list(deployments(kind, body)) if kind in _DEPLOYING else []
        if version is None and not installed and kind not in _ARGO:
            continue
        positions = positions or index_positions(readable)
        if version is not None:
            system, number, route = version
            line = positions.line_of(document.index, route)
            found.evidence.append(_weighed(Evidence(system, number, path, line, f"{kind}, {'.'.join(map(str, route))}")))
        line = positions.line_of(document.index, ("kind",))
        if kind in _ARGO and group == "argoproj.io":
            if bodies is None:
                bodies = {each.index: restored(mapping(each.value)) for each in read_documents(exact)}
            if document.index in bodies:
                within, condition = (chart.path, condition_of(content)) if chart is not None else (None, None)
                found.applications.append(Declared(kind, bodies[document.index], path, line, within, condition))
        for deployment in installed:
            found.deployments.append((replace(deployment, within=chart.path) if chart is not None else deployment, path, line))
            if deployment.namespace is not None:
                found.declared[deployment.namespace] = found.declared.get(deployment.namespace, 0) + 1


def _namespaces(path: str, content: str, plain: bool, found: Survey) -> None:
    """Namespaces in which the objects of a file live, or to which they refer. Templates do not say how deep a line is."""
    counted, number = 0, 1
    for start, line in lines_with(content, "namespace:"):
        if (match := _NAMESPACE.fullmatch(line)) is None:
            continue
        indent, dash, name = match[1], match[2], match[3]
        if not dash and len(indent) <= 2:
            found.declared[name] = found.declared.get(name, 0) + 1
        elif plain:
            counted, number = start, number + content.count("\n", counted, start)
            found.referred.setdefault(name, []).append((path, number))
