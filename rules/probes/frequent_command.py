from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.probes import probes_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for probe in probes_of(node):
        period = probe.timing("periodSeconds")
        if probe.handlers == ("exec",) and period is not None and period < params["least"]:
            words = f"the {probe.word} of container {node.value.get('name')} starts a process every {period} s"
            yield Violation((*probe.route, "periodSeconds"), words)
