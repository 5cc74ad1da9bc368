from collections.abc import Iterator
from typing import Any

from linter.istio.labels import DATAPLANE_MODE, INJECTION, REVISION
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    namespace = node.resource
    labels = namespace.labels
    injected = labels.get(INJECTION) == "enabled"
    if injected and labels.get(REVISION):
        yield _conflict(node, REVISION, INJECTION)
    if labels.get(DATAPLANE_MODE) == "ambient" and (injected or (labels.get(REVISION) and INJECTION not in labels)):
        yield _conflict(node, DATAPLANE_MODE, INJECTION if injected else REVISION)


def _conflict(node: Node, loser: str, winner: str) -> Violation:
    return Violation(
        ("metadata", "labels", loser),
        f"{node.resource} has `{loser}`, which has no effect beside `{winner}`",
        related=(Related("this one wins", node.resource, ("metadata", "labels", winner)),),
    )
