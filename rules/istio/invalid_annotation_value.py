from collections.abc import Iterator
from typing import Any

from linter.istio.annotations import ANNOTATIONS, ANY, FAILS, REFUSED
from linter.istio.keys import carriers
from linter.istio.labels import INJECT
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            annotation = ANNOTATIONS.get(key.name) if key.field == "annotations" else None
            if annotation is None or annotation.check is None or key.text is None or state.is_opaque(key.text):
                continue
            if ANY not in annotation.kinds and key.on not in annotation.kinds:
                continue
            if key.name == INJECT and any(other.field == "labels" and other.name == INJECT and other.on == key.on for other in keys):
                continue
            expected = annotation.check(key.text)
            if expected is not None:
                yield Violation(
                    key.route,
                    f"{resource} sets `{key.name}` to `{shown(key.text, 60)}`, which is not {expected}; {annotation.effect}",
                    severity="error" if annotation.effect in (REFUSED, FAILS) else "warning",
                    resource=resource,
                )
