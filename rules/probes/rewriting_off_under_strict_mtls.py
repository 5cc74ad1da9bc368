from collections.abc import Iterator
from typing import Any

from linter.istio.mutual_tls import wants_mutual_tls
from linter.istio.probes import excluded_ports, probes_rewritten
from linter.kubernetes.workloads.probes import probes_of
from linter.model import DesiredState, Node, Related, Violation, dig


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if probes_rewritten(node.pod) is not False:
        return
    policy = wants_mutual_tls(node.pod, state)
    if policy is None:
        return
    excluded = excluded_ports(node.pod)
    for probe in probes_of(node):
        handler = next(iter(probe.handlers), "exec")
        port = dig(probe.body, handler, "port")
        if handler == "exec" or str(port) in excluded or "*" in excluded:
            continue
        related = Related("mutual TLS is demanded here", policy, ("spec", "mtls", "mode"))
        if handler == "tcpSocket":
            words = f"the {probe.word} of container {node.value.get('name')} says nothing: the sidecar takes every connection"
            yield Violation(probe.route, words, related=(related,), severity="warning")
        else:
            words = (
                f"the {probe.word} of container {node.value.get('name')} always fails: the sidecar refuses requests without a certificate"
            )
            yield Violation(probe.route, words, related=(related,))
