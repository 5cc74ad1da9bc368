from typing import Any

from linter.kubernetes.objects.naming import generated_name
from linter.kubernetes.workloads.lifecycle import is_hook
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    metadata = node.value.get("metadata")
    if not isinstance(metadata, dict) or "generateName" not in metadata:
        return None
    resource = node.resource
    if generated_name(resource) is None or is_hook(resource):
        return None
    source = resource.source
    applied = source.type != "directory" or source.application is not None
    # `kubectl create` takes such a file, and that is how Jobs and workflows are often started by hand.
    if not applied and ("/" in resource.type or resource.type in ("Job", "Pod")):
        return None
    who = "Helm and Argo CD" if source.type == "helm" else "`kubectl apply` and Argo CD"
    message = f"this {resource.kind} has only a `generateName`, and {who} need a name to find it again"
    return Violation(("metadata", "generateName"), message, severity=None if applied else "info", on="key")
