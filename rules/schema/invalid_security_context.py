from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_validation.operating_system import system_violations
from linter.kubernetes.pod_validation.security import container_security_violations, pod_security_violations
from linter.model import DesiredState, Node, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    spec = node.pod.spec
    yield from pod_security_violations(node.pod)
    windows = "os" in spec or "windowsOptions" in mapping(spec.get("securityContext"))
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(items(spec.get(field))):
            context = container.get("securityContext") if isinstance(container, dict) else None
            if context and isinstance(context, dict):
                yield from container_security_violations(context, (*node.pod.spec_route, field, index, "securityContext"), spec)
                windows = windows or "windowsOptions" in context
    if windows:
        yield from system_violations(node.pod)
