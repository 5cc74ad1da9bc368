"""How Istio learns the protocol of a Service's port.

Source: "Protocol Selection" in Istio's documentation, and `ConvertProtocol` in istio/istio pkg/config/kube.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.model import text

_PROTOCOLS = frozenset({"tcp", "udp", "grpc", "http", "http_proxy", "http2", "https", "tls", "mongo", "redis", "mysql"})
_APP_PROTOCOLS = frozenset({"kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss"})

# Ports whose protocol Istio never guesses: SMTP, DNS, MySQL and MongoDB.
_WELL_KNOWN_PORTS = frozenset({25, 53, 3306, 27017})


def is_told(port: Mapping[str, Any]) -> bool:
    """Whether Istio knows the protocol of a port of a Service without looking at its traffic."""
    number = port.get("port")
    if port.get("protocol") == "UDP" or (isinstance(number, int) and number in _WELL_KNOWN_PORTS):
        return True
    name = text(port.get("appProtocol")) or text(port.get("name"))
    if name in _APP_PROTOCOLS or name.lower().startswith("grpc-web"):
        return True
    return name.partition("-")[0].lower() in _PROTOCOLS
