from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.probes import handlers_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for route, who, handler, body in handlers_of(node):
        if handler == "exec":
            if not body.get("command"):
                yield Violation((*route, "command"), f"the {who} has no command to run")
            continue
        port, scheme = body.get("port"), body.get("scheme")
        if port is None:
            yield Violation((*route, "port"), f"the {who} has no port")
        elif isinstance(port, int) and not isinstance(port, bool) and not 1 <= port <= 65535:
            yield Violation((*route, "port"), f"the port {port} of the {who} is not between 1 and 65535")
        if handler == "httpGet" and isinstance(scheme, str) and scheme not in ("", "HTTP", "HTTPS") and not state.is_opaque(scheme):
            yield Violation((*route, "scheme"), f"the scheme `{scheme}` of the {who} is neither HTTP nor HTTPS")
