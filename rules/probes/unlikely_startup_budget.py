from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.probes import probes_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for probe in probes_of(node):
        budget = probe.budget() if probe.field == "startupProbe" else None
        if budget is not None and not params["least"] <= budget <= params["most"]:
            yield Violation(probe.route, f"the startup probe gives container {node.value.get('name')} {budget} s to start")
