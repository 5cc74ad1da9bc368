from collections.abc import Iterator
from typing import Any

from linter.istio.annotations import ANNOTATIONS
from linter.istio.keys import carriers
from linter.istio.labels import INJECT
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            annotation = ANNOTATIONS.get(key.name) if key.field == "annotations" else None
            if annotation is None or not annotation.replacement:
                continue
            if key.name == INJECT and any(other.field == "labels" and other.name == INJECT and other.on == key.on for other in keys):
                continue
            yield Violation(
                key.route,
                f"{resource} uses the deprecated annotation `{key.name}`; {annotation.replacement} replaces it",
                resource=resource,
            )
