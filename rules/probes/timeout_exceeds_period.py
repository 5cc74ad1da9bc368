from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.probes import probes_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for probe in probes_of(node):
        timeout, period = probe.timing("timeoutSeconds"), probe.timing("periodSeconds")
        if timeout is not None and period is not None and timeout > period > 0:
            yield Violation(
                (*probe.route, "timeoutSeconds"),
                f"an attempt of the {probe.word} may take {timeout} s, and the next is due after {period} s",
                severity="warning" if timeout >= 2 * period else "info",
            )
