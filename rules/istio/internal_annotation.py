from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.istio.annotations import ANNOTATIONS
from linter.istio.keys import carriers
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if key.field != "annotations" or key.name not in ANNOTATIONS or not ANNOTATIONS[key.name].internal:
                continue
            yield Violation(key.route, f"{resource} sets the annotation `{key.name}`, which Istio writes itself", resource=resource)
