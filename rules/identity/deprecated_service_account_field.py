"""spec.serviceAccount, the old name of spec.serviceAccountName."""

from typing import Any

from linter.model import DesiredState, Node, Violation, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    old, new = text(node.value.get("serviceAccount")), text(node.value.get("serviceAccountName"))
    if not old or (new and new != old):  # two different names: identity/conflicting-service-account-fields
        return None
    if new and "resourceVersion" in node.resource.metadata:
        return None  # read from a cluster, where the API server fills in both
    fix = "Remove `serviceAccount`: `serviceAccountName` says the same." if new else None
    return Violation((*node.route, "serviceAccount"), "`serviceAccount` is deprecated: the field is called `serviceAccountName`", fix=fix)
