import json
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.fields import label_fields
from linter.model import DesiredState, Node, Violation

_NAMES = {"label": "label", "annotation": "annotation", "selector": "selector value", "node selector": "node selector value"}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for field in label_fields(node.resource).maps:
        for key, value in field.pairs.items():
            if isinstance(value, str):
                continue
            name = f"{_NAMES[field.use]} `{key}`"
            if value is None:
                yield Violation(
                    (*field.route, key),
                    f"{name} has no value, and the API server makes it an empty string",
                    fix='Write the value, `""` if it is to be empty, or leave the key out.',
                    severity="warning",
                )
            else:
                yield Violation((*field.route, key), f"{name} is read as {_kind(value)}, not as a string")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return f"the boolean {json.dumps(value)}"
    if isinstance(value, int | float):
        return f"the number {value}"
    return "a list" if isinstance(value, list) else "a mapping"
