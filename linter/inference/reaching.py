"""Which charts Applications of Argo CD deploy. A run renders these as the Applications say, whatever `environments:` says.

An Application in a template of a chart, an app of apps, counts if the chart's values in some environment print it.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from linter.argocd.addresses import is_oci, same_repository_key
from linter.argocd.sources import declared_sources, detected_type, explicit_types, without_zero_values
from linter.discovery.applications.context import ApplicationContext, inside
from linter.discovery.charts import Charts
from linter.discovery.listing import Listing
from linter.inference.conditions import holds
from linter.inference.filling import fill, is_marked
from linter.inference.findings import Applications, ClustersWanted, Repository
from linter.inference.generating import Generating, cluster_labels, generator_addresses
from linter.inference.readable import PLACEHOLDER
from linter.inference.survey import Declared, Survey
from linter.repository import Tree
from linter.wording import without_credentials

Values = Mapping[str, Any]

# What charts call the address of the repository that their Applications name.
_REPOSITORY = re.compile(r"(?:git|source|apps?)?[-_.]?repo(?:sitory)?[-_.]?(?:url)?", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_MOST_ADDRESSES = 5
# With more placeholders in a path nobody knows which part of a directory's name is which.
_MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class _Reference:
    """A source of an Application: the addresses that all have to be this repository, and its path. `words` are those that
    may stand for placeholders in the path."""

    addresses: tuple[str, ...]
    path: str
    types: tuple[str, ...]
    words: frozenset[str] = frozenset()


class _Environment:
    """The values of an app of apps in one environment."""

    def __init__(self, values: Values) -> None:
        self.values = values

    @cached_property
    def words(self) -> frozenset[str]:
        """Every key and every text."""
        return frozenset(word for pair in _texts(self.values) for word in pair if word)

    @cached_property
    def address(self) -> str | None:
        """The address of the only repository that the values name as such."""
        told = {text for key, text in _texts(self.values) if _REPOSITORY.fullmatch(key) and "/" in text}
        return min(told) if len({same_repository_key(text) for text in told}) == 1 else None


_PLAIN = (_Environment({}),)


def infer_applications(
    tree: Tree, charts: Charts, found: Survey, remotes: Sequence[str], values_of: Callable[[str], Iterable[Values]]
) -> Applications:
    """The charts that Applications deploy, and what the configuration has to say so that they are rendered.

    `remotes` are the addresses of this repository; without any, each address is taken for it if the path is here.
    `values_of` gives the values of a chart in each of its environments.
    """
    if not found.applications:
        return Applications()
    places = _Places(tree, charts)
    references: dict[_Reference, int] = {}
    wanting: list[Declared] = []
    known: dict[str, list[_Environment]] = {}

    def environments_of(chart: str) -> Sequence[_Environment]:
        if chart not in known:
            known[chart] = [_Environment(values) for values in values_of(chart)]
        return known[chart]

    with Generating(tree, found.clusters) as generating:
        for declared in found.applications:
            environments = _PLAIN if declared.within is None else environments_of(declared.within)
            own, asks = _references(declared, generating, environments)
            for reference in own:
                references[reference] = references.get(reference, 0) + 1
            if asks:
                wanting.append(declared)
    repositories = _repositories(references, remotes, places) if remotes else ()
    own_keys = {same_repository_key(address) for address in (*remotes, *(each.address for each in repositories if each.certain))}
    deployed = {
        chart
        for reference in references
        if not remotes or all(PLACEHOLDER in address or same_repository_key(address) in own_keys for address in reference.addresses)
        for chart in places.charts_of(reference)
    }
    return Applications(frozenset(deployed), repositories, _clusters_wanted(wanting, found))


class _Places:
    """Directories of the repository, and what Argo CD takes them for."""

    def __init__(self, tree: Tree, charts: Charts) -> None:
        self._charts = charts
        self._context = ApplicationContext(tree, Listing(tree.files()), charts, ())

    def exists(self, reference: _Reference) -> bool:
        """Whether the path of a source is a directory, or may be one of a chart."""
        if PLACEHOLDER in reference.path:
            return any(self.charts_of(reference))
        return inside(reference.path, ".") and self._context.is_directory(reference.path)

    def charts_of(self, reference: _Reference) -> Iterator[str]:
        """The charts that a source is, several if words stand for what a template prints into its path."""
        path = reference.path
        if PLACEHOLDER not in path:
            real = self._context.real(path) if inside(path, ".") else path
            if real in self._charts and self._is_helm(real, reference, link=real != path):
                yield real
            return
        parts = re.split(f"{PLACEHOLDER}+", path)
        if len(parts) > _MOST_PARTS:
            return
        pattern = re.compile(("(.+)" if parts == ["", ""] else "([^/]+)").join(map(re.escape, parts)))
        for chart in self._charts:
            match = pattern.fullmatch(chart)
            if match is not None and reference.words.issuperset(match.groups()) and self._is_helm(chart, reference):
                yield chart

    def _is_helm(self, path: str, reference: _Reference, *, link: bool = False) -> bool:
        explicit = [each for each in reference.types if each != "plugin"]
        if explicit:
            return explicit == ["helm"]
        return not link and detected_type(self._context.names_in(path)) == "helm"


def _references(declared: Declared, generating: Generating, environments: Iterable[_Environment]) -> tuple[set[_Reference], bool]:
    """The sources of an Application or of what a set generates, and whether the set asks for clusters that nobody declares."""
    found: set[_Reference] = set()
    asks = False
    addresses: tuple[str, ...]
    specs: Sequence[object]
    known: dict[str, tuple[list[dict[str, Any]], bool]] = {}
    for environment in environments:
        if declared.condition is not None and not holds(declared.condition, environment.values):
            continue
        body = declared.body if declared.within is None else _filled(declared.body, environment.values)
        if declared.kind == "Application":
            specs, addresses = [body.get("spec")], ()
        else:
            text = repr(body)
            if text not in known:
                known[text] = generating.specs(body)
            specs, missing = known[text]
            asks = asks or missing
            addresses = tuple(generator_addresses(body))
        for reference in (reference for spec in specs for reference in _of_spec(spec, addresses)):
            found.add(_in_environment(reference, environment))
    return found, asks


def _in_environment(reference: _Reference, environment: _Environment) -> _Reference:
    """A source with what the values of its app of apps tell about the parts of it that nobody can follow."""
    if any(PLACEHOLDER in address for address in reference.addresses):
        addresses = tuple(environment.address or address if PLACEHOLDER in address else address for address in reference.addresses)
        reference = replace(reference, addresses=addresses)
    return replace(reference, words=environment.words) if PLACEHOLDER in reference.path else reference


def _of_spec(spec: object, addresses: tuple[str, ...]) -> Iterator[_Reference]:
    for source in declared_sources(spec if isinstance(spec, dict) else {}):
        path = source.text("path")
        if source.only_refers or source.chart or not path or not source.address or is_oci(source.address) or path.startswith("/"):
            continue
        if is_marked(path) or is_marked(source.address):
            continue
        yield _Reference((*addresses, source.address), os.path.normpath(path), tuple(explicit_types(without_zero_values(source.body))))


def _filled(value: Any, values: Values) -> Any:
    """A body with values in place of its marks, as far as they are known."""
    if isinstance(value, str):
        filled = fill(value, values) if is_marked(value) else value
        return value if filled is None else filled
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    if isinstance(value, dict):
        return {key: _filled(each, values) for key, each in value.items()}
    return value


def _texts(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """The texts in values, each with the nearest key above it; "" for what is no text."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, str(key))
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)
    else:
        yield name, value if isinstance(value, str) else ""
    if isinstance(value, dict | list):
        yield name, ""


def _repositories(references: Mapping[_Reference, int], remotes: Sequence[str], places: _Places) -> tuple[Repository, ...]:
    """Addresses that are no remote, and may be this repository because the paths that Applications name are here.

    One is certain if no Application names a remote, and if it is the only one whose paths are here, every one of them.
    """
    own = {same_repository_key(address) for address in remotes}
    at_home = False
    written: dict[str, str] = {}
    paths: dict[str, dict[str, bool]] = {}
    counts: dict[str, int] = {}
    for reference, count in references.items():
        address = reference.addresses[-1]
        key = same_repository_key(address)
        at_home = at_home or key in own
        if key in own or not key or PLACEHOLDER in address or _WORD.fullmatch(address) is None:
            continue
        if reference.path == ".":
            continue  # the root is a directory of every repository
        written.setdefault(key, without_credentials(address))
        found = paths.setdefault(key, {})
        found[reference.path] = found.get(reference.path, False) or places.exists(reference)
        counts[key] = counts.get(key, 0) + count
    # Where others name a remote, one path may be here by chance: `deploy`, for example.
    here = [key for key, found in paths.items() if sum(found.values()) > at_home and 2 * sum(found.values()) > len(found)]
    certain = not at_home and len(here) == 1 and all(paths[here[0]].values())
    most = sorted(here, key=lambda key: (-counts[key], key))[:_MOST_ADDRESSES]
    return tuple(Repository(written[key], counts[key], certain) for key in most)


def _clusters_wanted(wanting: Sequence[Declared], found: Survey) -> ClustersWanted | None:
    if not wanting:
        return None
    labels: dict[str, str] = {}
    for declared in wanting:
        for key, value in cluster_labels(declared.body).items():
            labels.setdefault(key, value)
    names = sorted({deployment.cluster or "" for deployment, _, _ in found.deployments if _WORD.fullmatch(deployment.cluster or "")})
    first = min(wanting, key=lambda declared: (declared.path, declared.line))
    return ClustersWanted(first.path, first.line, len(wanting), tuple(names), labels)
