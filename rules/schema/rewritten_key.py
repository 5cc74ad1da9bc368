from typing import Any

from linter.kubernetes.writing.numbers import is_reported
from linter.model import DesiredState, Node, Violation, dig


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    if node.value["value"] is not None:
        return None
    # One finding for an entry: that its value is of the wrong type, or its key unknown, is reported elsewhere.
    if not isinstance(dig(node.resource.body, *node.route), str) and is_reported(node.resource, state, node.route):
        return None
    written = node.value["written"]
    return Violation(node.route, f"the key `{written}` is read as `{node.route[-1]}`", fix=f'Write `"{written}"`.', on="key")
