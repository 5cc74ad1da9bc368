from typing import Any

from linter.kubernetes.pods import pod_template
from linter.kubernetes.workloads.namespaces import land_together
from linter.kubernetes.workloads.pod_index import templates_selected, templates_selected_by_map
from linter.model import DesiredState, Node, Related, Resource, Violation, mapping

_CONTROLLERS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "argoproj.io/Rollout"})


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    other = state.derive(_overlaps).get(id(resource))
    if other is None:
        return None
    return Violation(
        ("spec", "selector"),
        f"this selector and that of {other} choose the same pods",
        related=(Related(f"the selector of {other}", other, ("spec", "selector")),),
    )


def _overlaps(state: DesiredState) -> dict[int, Resource]:
    """For each controller that overlaps with one before it, by id(): the first such controller.

    Their order is that of their names: which of two is reported must not depend on that of files and documents.
    """
    found: dict[int, Resource] = {}
    for resource in state.of_kind(*sorted(_CONTROLLERS)):
        if pod_template(resource) is None:
            continue
        select = templates_selected_by_map if resource.type == "ReplicationController" else templates_selected
        selector = resource.spec.get("selector")
        # An empty one is refused, and labels/selector-mismatch says so.
        if not any(mapping(selector).values()) or _holds_placeholder(state, selector):
            continue
        for pod in select(state, resource.namespace, selector):
            other = pod.resource
            if (
                other.type not in _CONTROLLERS
                or state.is_repeated(resource)
                or state.is_repeated(other)
                or not _side_by_side(resource, other)
            ):
                continue
            first, second = sorted((resource, other), key=_identity)
            if id(second) not in found or _identity(first) < _identity(found[id(second)]):
                found[id(second)] = first
    return found


def _identity(resource: Resource) -> tuple[str, str, str]:
    return resource.namespace, resource.name, resource.type


def _side_by_side(one: Resource, other: Resource) -> bool:
    """Whether both evidently land in one namespace, as different objects."""
    if (one.type, one.name) == (other.type, other.name):
        return False
    if one.declared_namespace is None and one.name == other.name and one.document.file.path != other.document.file.path:
        # One workload written as a Deployment and as a DaemonSet, each in a file: variants to choose from.
        return False
    return land_together(one, other)


def _holds_placeholder(state: DesiredState, selector: object) -> bool:
    if isinstance(selector, dict):
        return any(_holds_placeholder(state, value) for value in selector.values())
    if isinstance(selector, list):
        return any(_holds_placeholder(state, value) for value in selector)
    return state.is_opaque(selector)
