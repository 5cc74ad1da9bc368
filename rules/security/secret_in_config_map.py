from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.credentials import looks_secret, names_a_secret
from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for key, value in mapping(node.resource.body.get("data")).items():
        # A secret is one word; what has lines or spaces is a file or a sentence.
        if isinstance(value, str) and names_a_secret(key) and len(value.split()) == 1 and looks_secret(value):
            yield Violation(("data", key), f"the key {key} of {node.resource} has its value in plain text")
