from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_security.judging import broken
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    # All ports of a pod in the network of its node are the node's, and security/baseline-host-namespaces says so.
    shares_network = node.pod.spec.get("hostNetwork") is True
    return broken("baseline-host-ports", node.pod, state, lambda route: shares_network)
