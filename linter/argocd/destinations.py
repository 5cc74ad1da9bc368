"""Where an Application puts its objects.

Source: the documentation of Argo CD, "Declarative Setup", and its validation of destinations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linter.model import mapping, text

IN_CLUSTER_NAME: Final = "in-cluster"
IN_CLUSTER_SERVER: Final = "https://kubernetes.default.svc"


@dataclass(frozen=True, slots=True)
class Destination:
    """A cluster, by name or by the URL of its API server, and the namespace of objects that name none; "" for what is not given."""

    name: str = ""
    server: str = ""
    namespace: str = ""

    @property
    def in_cluster(self) -> bool:
        """Whether this is the cluster in which Argo CD itself runs. Name and server of it are two words for one cluster."""
        return self.name == IN_CLUSTER_NAME or (not self.name and same_server(self.server, IN_CLUSTER_SERVER))

    @property
    def problem(self) -> str | None:
        """Why Argo CD refuses it, as the end of a sentence."""
        if self.name and self.server:
            return f"names a cluster twice, as `name: {self.name}` and as `server: {self.server}`, which Argo CD refuses"
        if not self.name and not self.server:
            return "names no cluster"
        return None


def destination_of(spec: object) -> Destination:
    """The destination in the `spec` of an Application."""
    written = mapping(mapping(spec).get("destination"))
    return Destination(text(written.get("name")), text(written.get("server")), text(written.get("namespace")))


def same_server(one: str, other: str) -> bool:
    """Whether two URLs name one API server; a trailing slash makes no difference."""
    return one.rstrip("/") == other.rstrip("/")
