"""serviceAccount and serviceAccountName with different names; the API server keeps the latter."""

from typing import Any

from linter.model import DesiredState, Node, Related, Violation, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    old, new = text(node.value.get("serviceAccount")), text(node.value.get("serviceAccountName"))
    if not old or not new or old == new or state.is_opaque(old) or state.is_opaque(new):
        return None
    return Violation(
        (*node.route, "serviceAccount"),
        f"`serviceAccount: {old}` is ignored: the pod runs as `{new}`, which serviceAccountName says",
        related=(Related("this field wins", None, (*node.route, "serviceAccountName")),),
    )
