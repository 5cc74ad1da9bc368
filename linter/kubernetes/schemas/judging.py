"""Whether the API server would accept the structure of an object: asked once for all rules, and answered at once for a good one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from linter.kubernetes.schemas.mistakes import Mistake, MistakeKind
from linter.kubernetes.schemas.table import minor_or_newest
from linter.kubernetes.schemas.validators import built_in_schema
from linter.model import DesiredState, Resource, Violation


class CustomSchema(Protocol):
    """What `linter.kubernetes.definitions.lookup.schema_of` gives for a custom resource whose definition is known."""

    def mistakes_of(self, resource: Resource, state: DesiredState) -> Sequence[Mistake]:
        """What is wrong with an object of the kind."""
        ...


def mistakes_of(resource: Resource, state: DesiredState) -> Sequence[Mistake]:
    """What the schema of an object's kind finds wrong in it, in the order of their routes; nothing for an unknown kind.

    The schema is that of the version of Kubernetes in `state.targets`. Each object is judged once, however often it is asked
    about in a row.
    """
    return state.derive(_Judge).mistakes_of(resource)


def violations(kind: MistakeKind, resource: Resource, state: DesiredState) -> list[Violation] | None:
    """The mistakes of one kind in an object, as a rule yields them; None if the object has no mistake of any kind."""
    found = state.derive(_Judge).mistakes_of(resource)
    if not found:
        return None
    return [
        Violation(
            mistake.route,
            mistake.message,
            related=mistake.related,
            fix=mistake.fix,
            severity=mistake.severity,
            on=mistake.on,
            explains=mistake.explains,
        )
        for mistake in found
        if mistake.kind == kind
    ]


class _Judge:
    """The schemas of one state's target version, and the mistakes of the object that was judged last."""

    def __init__(self, state: DesiredState) -> None:
        self._state = state
        self._minor = minor_or_newest(state.targets.get("kubernetes"))
        # None stands for a kind that is not built in.
        self._checks: dict[tuple[str, str], Callable[[Any], bool] | None] = {}
        self._last: Resource | None = None
        self._found: Sequence[Mistake] = ()

    def mistakes_of(self, resource: Resource) -> Sequence[Mistake]:
        # The rules of the pack ask one after the other, before the next object comes along.
        if resource is self._last:
            return self._found
        self._last = resource
        key = (resource.api_version, resource.kind)
        if key not in self._checks:
            schema = built_in_schema(*key, self._minor)
            self._checks[key] = schema.is_valid if schema is not None else None
        is_valid = self._checks[key]
        found: Sequence[Mistake]
        if is_valid is None:
            found = self._of_custom(resource)
        elif is_valid(resource.body):
            found = ()
        else:
            found = self._of_built_in(resource)
        self._found = () if found and _is_left_over_patch(resource, found) else found
        return self._found

    def _of_built_in(self, resource: Resource) -> Sequence[Mistake]:
        from linter.kubernetes.schemas.built_in import explain_built_in

        return explain_built_in(resource, self._state, self._minor)

    def _of_custom(self, resource: Resource) -> Sequence[Mistake]:
        from linter.kubernetes.definitions.lookup import schema_of

        schema: CustomSchema | None = schema_of(resource, self._state)
        return schema.mistakes_of(resource, self._state) if schema is not None else ()


def _is_left_over_patch(resource: Resource, found: Sequence[Mistake]) -> bool:
    """Whether an incomplete object is evidently a patch for Kustomize that no kustomization lists, as scaffolds leave them
    behind: nothing applies it as it stands."""
    source = resource.source
    if source.type != "directory" or source.application is not None:
        return False
    *folders, name = resource.document.file.path.split("/")
    return ("patches" in folders or "patch" in name) and any(mistake.kind == "missing-field" for mistake in found)
