from collections.abc import Iterator
from typing import Any

from linter.istio.injection import PROXY_CONTAINER, RESERVED_PORTS, is_injected
from linter.model import DesiredState, Node, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    name = node.value.get("name")
    if name == PROXY_CONTAINER:
        return
    for index, port in enumerate(items(node.value.get("ports"))):
        number = mapping(port).get("containerPort")
        if not isinstance(number, int) or number not in RESERVED_PORTS or mapping(port).get("protocol", "TCP") != "TCP":
            continue
        if is_injected(node.pod, state) is True:
            yield Violation(
                (*node.route, "ports", index, "containerPort"),
                f"container {name} of {node.resource} uses port {number}, which the injected sidecar needs for {RESERVED_PORTS[number]}",
            )
