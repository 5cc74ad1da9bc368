from collections.abc import Iterator
from typing import Any

from linter.kubernetes.objects.repeated import Repeated, repeated_objects
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for found in repeated_objects(state):
        resource = found.resource
        if state.is_opaque(resource.name) or state.is_opaque(resource.metadata.get("namespace")):
            continue
        # Two of the same text do no harm where the last one is simply applied.
        harmless = found.equal and found.applied_by in ("file", "application")
        yield Violation(
            ("metadata", "name"),
            f"{resource} is declared twice: {_consequence(found)}",
            resource=resource,
            related=(Related("the first one", found.first, ("metadata", "name")),),
            severity="warning" if harmless or found.applied_by == "applications" else None,
        )


def _consequence(found: Repeated) -> str:
    match found.applied_by:
        case "chart":
            return "Helm cannot install both, and Argo CD takes the last one"
        case "overlay":
            return "only one of the two can be applied"
        case "applications":
            one, two = found.first.source.application, found.resource.source.application
            return f"the Applications {one} and {two} overwrite each other's"
        case _:
            return "the two are equal" if found.equal else "the last one is applied, and the first one is lost"
