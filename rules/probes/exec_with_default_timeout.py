from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.probes import probes_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for probe in probes_of(node):
        if probe.field != "readinessProbe" and probe.handlers == ("exec",) and not probe.body.get("timeoutSeconds"):
            words = f"the command of the {probe.word} of container {node.value.get('name')} has one second, as no timeoutSeconds is set"
            yield Violation((*probe.route, "timeoutSeconds"), words)
