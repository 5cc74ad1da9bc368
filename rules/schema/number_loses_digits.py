from typing import Any

from linter.kubernetes.writing.numbers import holds_text, is_like_hash, is_reported, loses_decimals, loses_digits, wants_number
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    written, value = node.value["written"], node.value["value"]
    if value is None:
        return None
    if loses_digits(written, value):
        loss = f"the number `{written}` is too large, and is read as {value}"
    elif holds_text(node.route) and (is_like_hash(written) or loses_decimals(written, value)):
        if wants_number(node.resource, state, node.route):
            return None
        loss = f"`{written}` is read as the number {value}"
    else:
        return None
    return None if is_reported(node.resource, state, node.route) else Violation(node.route, loss)
