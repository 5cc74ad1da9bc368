from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_security.levels import PREFIX
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if f"{PREFIX}enforce" not in node.resource.labels:
        yield Violation(("metadata", "name"), f"the namespace {node.resource.name} takes any pod: it has no label `{PREFIX}enforce`")
