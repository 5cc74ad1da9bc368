from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, items, mapping, text

_SOCKETS = ("docker.sock", "containerd/containerd.sock", "crio/crio.sock", "cri-dockerd.sock", "podman/podman.sock", "dockershim.sock")


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for index, volume in enumerate(items(node.value.get("volumes"))):
        path = text(mapping(mapping(volume).get("hostPath")).get("path"))
        if path and path.rstrip("/").endswith(tuple(f"/{socket}" for socket in _SOCKETS)):
            yield Violation(
                (*node.route, "volumes", index, "hostPath", "path"), f"the pod mounts the socket of the container runtime, `{path}`"
            )
