from typing import Any

from linter.kubernetes.api_versions.defined import definition_of
from linter.kubernetes.objects.naming import NAMELESS
from linter.kubernetes.schemas.table import load
from linter.model import DesiredState, Node, Violation, dig

# Custom kinds whose objects no program reads from a file of its own, so that one without a name is a mistake.
_GROUPS = frozenset({
    "acme.cert-manager.io", "argoproj.io", "cert-manager.io", "externaldns.k8s.io", "extensions.istio.io",
    "gateway.networking.k8s.io", "networking.istio.io", "security.istio.io", "telemetry.istio.io",
})  # fmt: skip


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    if resource.name:
        return None
    metadata = resource.body.get("metadata")
    names = (dig(metadata, "name"), dig(metadata, "generateName"))
    # What is there and is no text is a mistake of another rule.
    if not (metadata is None or isinstance(metadata, dict)) or any(name not in (None, "") for name in names):
        return None
    if "/" in resource.type:
        known = resource.group in _GROUPS or definition_of(state, resource.group, resource.kind) is not None
    else:
        known = load().kind(resource.api_version, resource.kind) is not None and resource.type not in NAMELESS
    return Violation(("metadata", "name"), f"this {resource.kind} has no name") if known else None
