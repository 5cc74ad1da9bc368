from collections.abc import Iterator
from typing import Any

from linter.kubernetes.writing.line_ends import ends_in_line_break, environment_values, secret_values
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if node.resource.type == "Secret":
        for route, value, encoded in secret_values(node.value):
            if ends_in_line_break(route[-1], value):
                fix = "Encode the value without a line break: `printf %s …` or `echo -n …` instead of `echo …`." if encoded else None
                yield Violation(route, f"the value of {route[-1]} ends in a line break, which becomes part of it", fix=fix)
    else:
        for route, name, value in environment_values(node.resource):
            if ends_in_line_break(name, value):
                yield Violation(route, f"the value of the environment variable {name} ends in a line break, which becomes part of it")
