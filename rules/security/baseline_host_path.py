from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_security.judging import broken
from linter.kubernetes.pod_security.runtime_sockets import is_runtime_socket
from linter.model import DesiredState, Node, Violation, dig, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for violation in broken("baseline-host-path", node.pod, state):
        # security/container-runtime-socket says worse of it.
        if not is_runtime_socket(text(dig(node.resource.body, *violation.route, "path"))):
            yield violation
