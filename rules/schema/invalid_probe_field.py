from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.containers import probe_violations
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return probe_violations(node)
