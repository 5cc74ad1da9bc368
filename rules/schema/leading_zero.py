from typing import Any

from linter.kubernetes.writing.numbers import is_permission, is_reported, loses_leading_zero, wants_number
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    written, value = node.value["written"], node.value["value"]
    if value is None:
        return None
    loss = loses_leading_zero(written, value)
    if loss is None or is_permission(node.route) or is_reported(node.resource, state, node.route):
        return None
    if loss == "changed":
        return Violation(node.route, f"`{written}` is read as an octal number, which is {value}")
    # A number stays the same without its zero, an identifier does not.
    if wants_number(node.resource, state, node.route):
        return None
    return Violation(node.route, f"`{written}` is read as the number {value}, without the leading zero")
