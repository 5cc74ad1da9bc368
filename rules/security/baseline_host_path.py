from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_security.judging import broken
from linter.kubernetes.pod_security.runtime_sockets import is_runtime_socket
from linter.model import DesiredState, Node, Route, Violation, dig, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    def told(route: Route) -> bool:
        """security/container-runtime-socket says worse of it."""
        return is_runtime_socket(text(dig(node.resource.body, *route, "path")))

    return broken("baseline-host-path", node.pod, state, told)
