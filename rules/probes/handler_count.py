from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.probes import HANDLERS, probes_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for probe in probes_of(node):
        if not probe.handlers:
            yield Violation(probe.route, f"the {probe.word} has no handler; it needs one of {', '.join(f'`{name}`' for name in HANDLERS)}")
        elif len(probe.handlers) > 1:
            yield Violation(
                probe.route, f"the {probe.word} has {len(probe.handlers)} handlers ({', '.join(probe.handlers)}) and may have one"
            )
