from collections.abc import Iterator
from typing import Any

from linter.istio.annotations import ANNOTATIONS, REMOVED, is_free
from linter.istio.keys import DOMAINS, carriers, closest
from linter.istio.labels import LABELS
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if key.field != "annotations" or key.name in ANNOTATIONS or is_free(key.name):
                continue
            where = f"{resource} has the annotation `{key.name}`, which"
            if key.name in LABELS:
                yield Violation(key.route, f"{where} Istio reads as a label only", fix="Move it to the labels.", resource=resource)
            elif key.name in REMOVED:
                yield Violation(key.route, f"{where} Istio no longer reads: {REMOVED[key.name]}", resource=resource)
            elif (near := closest(key.name, ANNOTATIONS)) is not None:
                yield Violation(
                    key.route, f"{where} Istio does not know; did you mean `{near}`?", fix=f"Write `{near}`.", resource=resource
                )
            elif key.name.partition("/")[0] in DOMAINS:
                yield Violation(key.route, f"{where} Istio does not know", severity="info", resource=resource)
