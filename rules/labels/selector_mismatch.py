from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.selectors import Requirement, read_map, read_selector
from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Node, Related, Violation, mapping, strings

_SELECTOR = ("spec", "selector")
_CONDITIONS = {"matchLabels", "matchExpressions"}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource = node.resource
    selector = resource.spec.get("selector")
    pod = pod_template(resource)
    if pod is None or not isinstance(selector, dict) or (resource.type == "Job" and resource.spec.get("manualSelector") is not True):
        return
    if not selector or not (selector.keys() - _CONDITIONS or any(selector.values())):
        if resource.type not in ("ReplicationController", "Job"):
            yield Violation(_SELECTOR, "the selector is empty, and the API server refuses one that claims every pod of the namespace")
        return
    read = read_map if resource.type == "ReplicationController" else read_selector
    requirements = read(selector, route=_SELECTOR)
    metadata = pod.body.get("metadata")
    labels = mapping(metadata).get("labels")
    if not isinstance(metadata, dict | None) or not isinstance(labels, dict | None):
        return
    labels = mapping(labels)
    for requirement in requirements or ():
        value = labels.get(requirement.key)
        # A value that is no string is what labels/value-not-a-string is about, and a placeholder can become anything.
        if (value is not None and not isinstance(value, str)) or any(map(state.is_opaque, (value, *requirement.values))):
            continue
        if not requirement.matches(strings(labels)):
            has = f"has `{requirement.key}: {value}`" if value is not None else f"has no label `{requirement.key}`"
            yield Violation(
                requirement.route,
                f"the selector asks for `{_words(requirement)}`, but the pod template {has}",
                related=(Related("the labels of the pod template", resource, (*pod.route, "metadata", "labels", requirement.key)),),
            )


def _words(requirement: Requirement) -> str:
    return f"{requirement.key}: {requirement.values[0]}" if "matchExpressions" not in requirement.route else str(requirement)
