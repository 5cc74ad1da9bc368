"""What is known about the fields of built-in kinds beyond their schema: other versions, moves, rules of their own."""

from __future__ import annotations

from typing import Any

from linter.kubernetes.schemas.errors import Problem
from linter.kubernetes.schemas.explaining import Advice, explain
from linter.kubernetes.schemas.judged_elsewhere import JudgedElsewhere
from linter.kubernetes.schemas.mistakes import Mistake
from linter.kubernetes.schemas.moved_fields import GONE, MOVED
from linter.kubernetes.schemas.table import Span, Table, load
from linter.kubernetes.schemas.validators import built_in_schema
from linter.model import DesiredState, Resource, Route
from linter.spelling import nearest

# Labels that people write into `metadata` itself.
_USUAL_LABELS = frozenset({"app", "chart", "component", "environment", "heritage", "name", "release", "role", "team", "tier", "version"})


def explain_built_in(resource: Resource, state: DesiredState, minor: int) -> list[Mistake]:
    """The mistakes in the structure of an object of a built-in kind, for Kubernetes 1.`minor`."""
    schema = built_in_schema(resource.api_version, resource.kind, minor)
    if schema is None:
        return []
    kind = load().kind(resource.api_version, resource.kind)
    near = kind.span.nearest(minor) if kind is not None else minor
    found = explain(schema, resource.body, kind=resource.kind, knowledge=_BuiltIn(resource, state, near))
    if resource.type == "CustomResourceDefinition":
        found = [
            mistake._replace(severity="warning") if mistake.kind == "unknown-field" and _is_read_laxly(mistake.route) else mistake
            for mistake in found
        ]
    return found


class _BuiltIn:
    """What is known about one object's fields. Satisfies `Knowledge`."""

    def __init__(self, resource: Resource, state: DesiredState, minor: int) -> None:
        self._resource = resource
        self._minor = minor
        self._elsewhere = JudgedElsewhere(resource, state)

    def is_judged_elsewhere(self, problem: Problem) -> bool:
        """Whether another rule reports the problem. What depends on the version of Kubernetes none of them does."""
        if problem.keyword == "additionalProperties":
            return problem.route == () and problem.detail == ["sops"] and _is_encrypted(self._resource.body)
        if problem.keyword == "enum" and isinstance(problem.value, str) and self.of_word(problem.definition, problem.field, problem.value):
            return False
        return self._elsewhere.covers(problem)

    def of_field(self, definition: str, field: str, value: Any, route: Route) -> Advice | None:
        """Where a field went, or which versions have it."""
        table = load()
        span = table.has_field(definition, field)
        target = MOVED.get(definition, {}).get(field)
        if span is not None and (target is None or span.first > self._minor):
            return self._other_version(span)
        if target is not None:
            place = tuple(target.partition("`")[0].replace("[]", ".[]").split("."))
            words, fix = f"its content goes to `{target}`", f"Write `{target}`."
            if span is not None:
                words = f"is not in Kubernetes since 1.{span.last + 1}, and the target is 1.{self._minor}: {words}"
            return Advice(words, fix, "unknown-field" if span is None else "field-not-in-version", (*route, *place))
        if (gone := GONE.get(definition, {}).get(field)) is not None:
            return Advice(gone, f"Move what is in it: {gone}." if isinstance(value, dict) and value else "Remove the field.")
        if definition == "meta.v1.ObjectMeta" and isinstance(value, str) and ("/" in field or field in _USUAL_LABELS):
            where = "labels` or `annotations" if "/" in field else "labels"
            return Advice(f"it belongs to `{where}`", f"Move it to `{where}`.", target=(*route, "labels", field))
        return _other_api(table, definition, field, self._minor)

    def of_word(self, definition: str, field: str, word: str) -> Advice | None:
        """Which versions take a word for a field."""
        name = field.partition("[")[0]
        for entry in load().fields(definition):
            if entry.name == name and word in entry.token.partition("=")[2].split("|"):
                return self._other_version(entry.span)
        return None

    def _other_version(self, span: Span) -> Advice:
        target = f"1.{self._minor}"
        if span.first > self._minor:
            fix = f"Raise the target to Kubernetes 1.{span.first} if the cluster has it, or remove this."
            return Advice(f"needs Kubernetes 1.{span.first}, and the target is {target}", fix, "field-not-in-version")
        fix = "Remove it; the newer API has no use for it."
        return Advice(f"is not in Kubernetes since 1.{span.last + 1}, and the target is {target}", fix, "field-not-in-version")


def _other_api(table: Table, definition: str, field: str, minor: int) -> Advice | None:
    """Whether another version of the same API has a field: HorizontalPodAutoscaler has `metrics` since autoscaling/v2."""
    package, _, name = definition.rpartition(".")
    group, _, _ = package.rpartition(".")
    found: dict[str, None] = {}
    for kind in table.kinds():
        other = kind.definition.rpartition(".")[0]
        if other != package and other.rpartition(".")[0] == group and kind.span.has(minor):
            span = table.has_field(f"{other}.{name}", field)
            if span is not None and span.has(minor):
                found[kind.api_version] = None
    # What only an experimental version has is no advice.
    stable = [api_version for api_version in found if "alpha" not in api_version and "beta" not in api_version]
    if not stable or nearest(field, [entry.name for entry in table.fields(definition)]) is not None:
        return None
    return Advice(f"{stable[-1]} has it", f"Write `apiVersion: {stable[-1]}`, or remove the field.")


def _is_encrypted(body: dict[str, Any]) -> bool:
    """Whether SOPS encrypted the manifest: it adds a mapping with a checksum, and takes it out again before it is applied."""
    notes = body.get("sops")
    return isinstance(notes, dict) and "mac" in notes


def _is_read_laxly(route: Route) -> bool:
    """Whether a place of a definition lies in a schema of items or of further properties: unknown fields in these are dropped
    even by an API server that validates strictly. Source: the methods UnmarshalJSON in pkg/apis/apiextensions/v1 of
    k8s.io/apiextensions-apiserver."""
    steps = iter(route[4:])
    for step in steps:
        if step in ("properties", "patternProperties", "definitions"):
            next(steps, None)
        elif step in ("items", "additionalProperties"):
            return True
    return False
