from collections.abc import Iterator
from typing import Any

from linter.istio.annotations import ANY
from linter.istio.keys import carriers
from linter.istio.labels import DATAPLANE_MODE, DECISIVE, INJECTION, LABELS
from linter.model import DesiredState, Node, Violation

# What an author writes who wants the namespace left alone; it works, by accident.
_NO = frozenset({"", "false", "no", "off", "none", "disable", "disabled", "0"})


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            label = LABELS.get(key.name) if key.field == "labels" else None
            if label is None or label.check is None or key.text is None or state.is_opaque(key.text):
                continue
            if ANY not in label.kinds and key.on not in label.kinds:
                continue
            expected = label.check(key.text)
            if expected is None:
                continue
            harmless = key.on == "Namespace" and key.name in (INJECTION, DATAPLANE_MODE) and key.text.lower() in _NO
            yield Violation(
                key.route,
                f"{resource} sets the label `{key.name}` to `{key.text}`, which is not {expected}; {label.effect}",
                severity="error" if key.name in DECISIVE and not harmless else "warning",
                resource=resource,
            )
