from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, items, mapping

_SENSITIVE = frozenset({
    "/", "/boot", "/dev", "/etc", "/etc/kubernetes", "/home", "/lib", "/lib64", "/opt", "/proc", "/root", "/root/.ssh", "/sys", "/usr",
    "/var", "/var/lib", "/var/lib/docker", "/var/lib/containerd", "/var/lib/etcd", "/var/lib/kubelet", "/run", "/var/run",
})  # fmt: skip


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for index, volume in enumerate(items(node.value.get("volumes"))):
        path = mapping(mapping(volume).get("hostPath")).get("path")
        if isinstance(path, str) and (path.rstrip("/") or "/") in _SENSITIVE:
            yield Violation((*node.route, "volumes", index, "hostPath", "path"), f"the pod mounts `{path}` of its node")
