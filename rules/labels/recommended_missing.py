from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Node, Route, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource = node.resource
    if resource.type not in params["kinds"]:
        return
    holders: list[tuple[str, Route, dict[str, Any]]] = [(str(resource), ("metadata", "labels"), resource.metadata)]
    if params["templates"] and (pod := pod_template(resource)) is not None and pod.route:
        holders.append((f"the pod template of {resource}", (*pod.route, "metadata", "labels"), mapping(pod.body.get("metadata"))))
    for name, route, metadata in holders:
        present = mapping(metadata.get("labels"))
        missing = [f"`{key}`" for key in params["labels"] if key not in present]
        if missing:
            yield Violation(route, f"{name} lacks the label{'s' if len(missing) > 1 else ''} {', '.join(missing)}")
