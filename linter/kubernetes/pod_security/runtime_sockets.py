"""The sockets of container runtimes on a node.

Source: the default endpoints of the kubelet's runtimes in "Container Runtimes" of kubernetes.io, of Docker and of Podman.
"""

from __future__ import annotations

_SOCKETS = ("docker.sock", "containerd/containerd.sock", "crio/crio.sock", "cri-dockerd.sock", "podman/podman.sock", "dockershim.sock")
_ENDINGS = tuple(f"/{socket}" for socket in _SOCKETS)


def is_runtime_socket(path: str) -> bool:
    """Whether a path of a node is the socket of its container runtime."""
    return path.rstrip("/").endswith(_ENDINGS)
