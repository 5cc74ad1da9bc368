from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.credentials import looks_secret, names_a_secret
from linter.model import DesiredState, Node, Violation, items


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for index, variable in enumerate(items(node.value.get("env"))):
        if not isinstance(variable, dict):
            continue
        name, value = variable.get("name"), variable.get("value")
        if isinstance(name, str) and isinstance(value, str) and names_a_secret(name) and looks_secret(value):
            # Without the container's name, which is the value itself often enough, and would be hidden then.
            yield Violation((*node.route, "env", index, "value"), f"the variable {name} has its value in plain text")
