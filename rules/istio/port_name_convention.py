from collections.abc import Iterator
from typing import Any

from linter.istio.injection import in_mesh
from linter.istio.protocols import is_told
from linter.model import DesiredState, Node, Violation, items


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    service = node.resource
    if service.spec.get("type") == "ExternalName" or (params["only_in_mesh"] and not in_mesh(service.namespace, state)):
        return
    for index, port in enumerate(items(service.spec.get("ports"))):
        if not isinstance(port, dict) or is_told(port):
            continue
        number = port.get("port")
        field = "appProtocol" if "appProtocol" in port else "name"
        words = f"its {field} `{port[field]}` does not" if field in port else "it has no name"
        yield Violation(("spec", "ports", index, field), f"port {number} of {service} does not tell its protocol: {words}")
