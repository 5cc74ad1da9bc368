"""Generators: from what an ApplicationSet says to rows of parameters.

Source: applicationset/generators of Argo CD.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from linter.argocd.applicationsets.contracts import MAX_APPLICATIONS, ClusterFacts, GeneratorError, Row, SetContext, invalid, too_many
from linter.argocd.applicationsets.git import GitRows
from linter.argocd.applicationsets.parameters import flattened, identity, joined, normalised, overridden
from linter.argocd.applicationsets.templating import Fault, Templating
from linter.argocd.applicationsets.values import add_values
from linter.errors import InputError
from linter.kubernetes.labels.selectors import Requirement, read_selector
from linter.model.applications import Problem
from linter.model.routes import Route, items, mapping, strings

KINDS = ("list", "clusters", "git", "scmProvider", "clusterDecisionResource", "pullRequest", "matrix", "merge", "plugin")
_REMOTE = {
    "scmProvider": "lists the repositories of a hosting service",
    "clusterDecisionResource": "reads an object of the cluster",
    "pullRequest": "lists the pull requests of a repository",
    "plugin": "asks a plugin",
}
# Generators whose `values` a matrix renders with what it knows, and leaves the rest to the generator itself.
_WITH_VALUES = frozenset({"clusters", "git", "scmProvider", "clusterDecisionResource", "pullRequest", "plugin"})
_CLUSTER_LABEL = "argocd.argoproj.io/secret-type"
_IN_CLUSTER = "in-cluster"
_IN_CLUSTER_SERVER = "https://kubernetes.default.svc"


class Generated(NamedTuple):
    """What one generator yields: its rows, and the template of its own."""

    rows: list[Row]
    template: Mapping[str, Any]
    template_route: Route


class Generation:
    """The generators of one ApplicationSet. `problems` gathers what does not keep a generator from yielding rows."""

    def __init__(self, context: SetContext, templating: Templating, *, new_globbing: bool = False) -> None:
        self._context = context
        self._templating = templating
        self._git = GitRows(context, templating, new_globbing=new_globbing)
        self.problems: list[Problem] = []

    def run(self, entry: Any, route: Route, depth: int = 0) -> list[Generated]:
        """What an entry of `generators` yields: one result per kind of generator in it. Raises GeneratorError."""
        body = mapping(entry)
        kinds = [kind for kind in KINDS if body.get(kind) is not None and (depth < 2 or kind not in ("matrix", "merge"))]
        self._note_unknown(body, kinds, route)
        requirements = _requirements(body.get("selector"), (*route, "selector"))
        results = []
        for kind in kinds:
            here = (*route, kind)
            if not isinstance(body[kind], dict):
                raise invalid(f"the generator `{kind}` holds no mapping", "write its options as a mapping", here)
            rows = self._rows(kind, body[kind], here, depth)
            if len(rows) > MAX_APPLICATIONS:
                raise too_many(here)
            if requirements is not None:
                rows = [row for row in rows if _selected(requirements, flattened(row))]
            results.append(Generated(rows, mapping(body[kind].get("template")), (*here, "template")))
        return results

    def _note_unknown(self, body: Mapping[str, Any], kinds: Sequence[str], route: Route) -> None:
        unknown = [key for key in body if key not in KINDS and key != "selector"]
        nested = [key for key in ("matrix", "merge") if body.get(key) is not None and key not in kinds]
        if nested:
            message, fix = f"`{nested[0]}` stands in a generator that is nested already", "nest matrix and merge one level deep at most"
            raise invalid(message, fix, (*route, nested[0]))
        if unknown:
            message = f"there is no generator `{unknown[0]}`, so Argo CD ignores it"
            self._unknown(message, f"use one of {', '.join(KINDS)}", (*route, unknown[0]))
        elif not kinds:
            self._unknown("the entry names no generator, so it yields nothing", f"use one of {', '.join(KINDS)}", route)

    def _unknown(self, message: str, fix: str, route: Route) -> None:
        problem = Problem("applicationset-generator-unknown", "broken", message, fix, route)
        if problem not in self.problems:
            self.problems.append(problem)

    def _rows(self, kind: str, body: dict[str, Any], route: Route, depth: int) -> list[Row]:
        if kind == "list":
            return self._list(body, route)
        if kind == "git":
            return self._git.rows(body, route)
        if kind == "clusters":
            return self._clusters(body, route)
        if kind == "matrix":
            return self._matrix(body, route, depth)
        if kind == "merge":
            return self._merge(body, route, depth)
        message = f"the generator `{kind}` {_REMOTE[kind]}, which is not known here"
        fix = "nothing to do here; what it generates is not checked"
        raise GeneratorError(Problem("applicationset-generator-remote", "unavailable", message, fix, route))

    def _list(self, body: Mapping[str, Any], route: Route) -> list[Row]:
        rows: list[Row] = []
        for number, element in enumerate(items(body.get("elements"))):
            here = (*route, "elements", number)
            if element is not None and not isinstance(element, dict):
                raise invalid("an element of a list generator is no mapping", "write it as `key: value`", here)
            rows.append(dict(element or {}) if self._templating.go else _plain_element(element or {}, here))
        written = body.get("elementsYaml")
        if isinstance(written, str) and written:
            rows += self._written_elements(written, (*route, "elementsYaml"))
        return rows

    def _written_elements(self, written: str, route: Route) -> list[Row]:
        try:
            documents = self._context.decode(written.encode("utf-8", "replace"))
        except InputError as error:
            raise invalid(f"`elementsYaml` is no YAML: {error.failure.message}", "correct what it renders to", route) from None
        found = documents[0] if documents else None
        if found is not None and (not isinstance(found, list) or not all(entry is None or isinstance(entry, dict) for entry in found)):
            raise invalid("`elementsYaml` is no list of mappings", "make it render to a list of mappings", route)
        return [dict(entry or {}) for entry in found or ()]

    def _clusters(self, body: Mapping[str, Any], route: Route) -> list[Row]:
        known = self._context.clusters()
        if known is None:
            message = "the generator needs the clusters that Argo CD knows, and none are declared"
            fix = "declare `clusters:` in the configuration"
            raise GeneratorError(Problem("applicationset-clusters", "unavailable", message, fix, route))
        requirements = _requirements(body.get("selector") or {}, (*route, "selector")) or []
        rows: list[Row] = []
        # Of several Secrets with one name Argo CD takes the last.
        for cluster in {cluster.name: cluster for cluster in known}.values():
            labels = {_CLUSTER_LABEL: "cluster", **cluster.labels}
            if _selected(requirements, labels):
                rows.append(_cluster_row(cluster, labels, self._templating.go))
        if not requirements and all(row["server"] != _IN_CLUSTER_SERVER for row in rows):
            rows.append({"name": _IN_CLUSTER, "nameNormalized": _IN_CLUSTER, "server": _IN_CLUSTER_SERVER, "project": ""})
        add_values(self._templating, body.get("values"), rows, (*route, "values"))
        return [{"clusters": tuple(rows)}] if body.get("flatList") is True else rows

    def _matrix(self, body: Mapping[str, Any], route: Route, depth: int) -> list[Row]:
        children = items(body.get("generators"))
        route = (*route, "generators")
        if len(children) != 2:
            raise invalid(f"a matrix joins two generators, and here are {len(children)}", "give it exactly two", route)
        first = self._child(children[0], (*route, 0), depth)
        needing = [row for row in first if row]
        seconds = iter(self._interpolated(children[1], needing, (*route, 1)))
        rows: list[Row] = []
        for one in first:
            second = self._child(next(seconds) if one else children[1], (*route, 1), depth)
            if len(rows) + len(second) > MAX_APPLICATIONS:
                raise too_many(route)
            for other in second:
                try:
                    rows.append(overridden(other, one) if self._templating.go else joined(one, other))
                except KeyError as error:
                    message = f"both generators of the matrix have a parameter `{error.args[0]}`, with different values"
                    raise invalid(message, "rename one of them, or set `goTemplate: true`, where the first one wins", route) from None
        return rows

    def _merge(self, body: Mapping[str, Any], route: Route, depth: int) -> list[Row]:
        children = items(body.get("generators"))
        here = (*route, "generators")
        if len(children) < 2:
            raise invalid(f"a merge joins at least two generators, and here are {len(children)}", "give it two or more", here)
        keys = [key for key in items(body.get("mergeKeys")) if isinstance(key, str)]
        found = [self._by_key(self._child(child, (*here, at), depth), keys, (*here, at)) for at, child in enumerate(children) if keys]
        if not found:
            raise invalid("a merge generator needs `mergeKeys`", "name the parameters that rows must have in common", (*route, "mergeKeys"))
        merged = found[0]
        for overrides in found[1:]:
            for key, row in merged.items():
                if key in overrides:
                    merged[key] = overridden(row, overrides[key]) if self._templating.go else {**row, **overrides[key]}
        return list(merged.values())

    def _by_key(self, rows: Iterable[Row], keys: list[str], route: Route) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for row in rows:
            key = identity(row, keys)
            if key in found:
                message = f"two sets of parameters of one generator have the same merge keys: {key}"
                raise invalid(message, "choose `mergeKeys` that tell them apart", route)
            found[key] = row
        return found

    def _child(self, entry: Any, route: Route, depth: int) -> list[Row]:
        found = self.run(entry, route, depth + 1)
        if len(found) > 1:
            raise invalid("a child of a matrix or merge holds several generators", "make them entries of their own", route)
        if not found:
            raise invalid("a child of a matrix or merge holds no generator", f"use one of {', '.join(KINDS)}", route)
        return found[0].rows

    def _interpolated(self, child: Any, rows: Sequence[Row], route: Route) -> list[Any]:
        """The second generator of a matrix with the parameters of each row of the first."""
        plain, values = _without_values(child, ())
        bodies = self._templating.render([(plain, row) for row in rows])
        for body in bodies:
            if isinstance(body, Fault):
                raise invalid(f"the template cannot be evaluated: {body.message}", "correct the template", (*route, *body.route))
        for place, entries in values:
            texts = [(text, row) for row in rows for text in entries.values()]
            answers = iter(self._templating.texts(texts, "error"))
            for body in bodies:
                rendered = {}
                for key, written in entries.items():
                    answer = next(answers)
                    if not isinstance(answer, str) and not answer.missing_key:
                        message = f"the template cannot be evaluated: {answer.message}"
                        raise invalid(message, "correct the template", (*route, *place, key))
                    rendered[key] = answer if isinstance(answer, str) else written
                holder: Any = body
                for step in place[:-1]:
                    holder = holder[step]
                holder[place[-1]] = rendered
        return bodies


def _plain_element(element: Mapping[str, Any], route: Route) -> Row:
    """An element as fasttemplate takes it: texts only, those of `values` one level down."""
    row: Row = {}
    for key, value in element.items():
        if key == "values" and not isinstance(value, dict):
            raise invalid("`values` of an element is no mapping", "write it as `key: value`", (*route, key))
        for name, entry, place in (
            [(f"values.{inner}", value[inner], (*route, key, inner)) for inner in value]
            if key == "values"
            else [(key, value, (*route, key))]
        ):
            if not isinstance(entry, str):
                raise invalid(f"`{name}` is no text, and without `goTemplate: true` all parameters are", "quote it", place)
            row[name] = entry
    return row


def _cluster_row(cluster: ClusterFacts, labels: Mapping[str, str], go: bool) -> Row:
    row: Row = {"name": cluster.name, "nameNormalized": normalised(cluster.name), "server": cluster.server, "project": cluster.project}
    if go:
        row["metadata"] = {"labels": dict(labels), **({"annotations": dict(cluster.annotations)} if cluster.annotations else {})}
    else:
        row |= {f"metadata.annotations.{key}": value for key, value in cluster.annotations.items()}
        row |= {f"metadata.labels.{key}": value for key, value in labels.items()}
    return row


def _requirements(selector: Any, route: Route) -> list[Requirement] | None:
    """The conditions of a selector, or None if there is none. Raises GeneratorError."""
    if selector is None:
        return None
    known = {key: selector[key] for key in ("matchLabels", "matchExpressions") if key in selector} if isinstance(selector, dict) else None
    found = read_selector(known)
    if found is None:
        raise invalid("the selector is one that Argo CD refuses", "write it as `matchLabels` or `matchExpressions`", route)
    return found


def _selected(requirements: Iterable[Requirement], labels: Mapping[str, str]) -> bool:
    return all(requirement.matches(labels) for requirement in requirements)


def _without_values(entry: Any, route: Route) -> tuple[Any, list[tuple[Route, dict[str, str]]]]:
    """A generator without the `values` of its parts, and these with their routes."""
    found: list[tuple[Route, dict[str, str]]] = []
    result = dict(entry) if isinstance(entry, dict) else entry
    for kind in result if isinstance(result, dict) else ():
        body = result[kind]
        if not isinstance(body, dict):
            continue
        if kind in _WITH_VALUES and (values := strings(body.get("values"))) and len(values) == len(body["values"]):
            result[kind] = {key: value for key, value in body.items() if key != "values"}
            found.append(((*route, kind, "values"), values))
        elif kind in ("matrix", "merge"):
            children = []
            for number, child in enumerate(items(body.get("generators"))):
                inner, below = _without_values(child, (*route, kind, "generators", number))
                children.append(inner)
                found += below
            result[kind] = {**body, "generators": children}
    return result, found
