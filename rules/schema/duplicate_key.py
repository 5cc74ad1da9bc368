from typing import Any

from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation:
    key, line = node.value["key"], node.value["first_line"]
    # The lines of rendered text are no lines of any file the author knows.
    rendered = node.document is not None and node.document.file.rendered
    where = "" if rendered else f" (the first is in line {line})"
    return Violation(node.route, f"the key `{key}` appears twice in this mapping, and only the last one counts{where}")
