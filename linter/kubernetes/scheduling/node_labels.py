"""Labels that Kubernetes puts on nodes: their names, their former names, and the values they can have.

Sources: the page "Well-Known Labels, Annotations and Taints" of the Kubernetes documentation; the kubelet's node
registration (GOOS, GOARCH); the kubeadm change notes of 1.20 to 1.25 for the control-plane role.
"""

from __future__ import annotations

from dataclasses import dataclass

from linter.kubernetes.labels.syntax import key_problem
from linter.spelling import slips

OS_LABEL = "kubernetes.io/os"
ARCH_LABEL = "kubernetes.io/arch"

WELL_KNOWN = frozenset({
    "kubernetes.io/os", "kubernetes.io/arch", "kubernetes.io/hostname", "node.kubernetes.io/instance-type",
    "node.kubernetes.io/windows-build", "node.kubernetes.io/exclude-from-external-load-balancers",
    "topology.kubernetes.io/zone", "topology.kubernetes.io/region", "node-role.kubernetes.io/control-plane",
})  # fmt: skip

# Operating systems the kubelet supports, and processors Kubernetes is built for by the project or by distributions, as Go names them.
OPERATING_SYSTEMS = frozenset({"linux", "windows"})
ARCHITECTURES = frozenset({"amd64", "arm64", "arm", "ppc64le", "s390x", "riscv64", "386", "loong64", "mips64le"})

_OTHER_NAMES = {
    "x86_64": "amd64", "x86-64": "amd64", "x64": "amd64", "intel": "amd64", "aarch64": "arm64", "armv8": "arm64", "arm64v8": "arm64",
    "armv7": "arm", "armhf": "arm", "arm32": "arm", "i386": "386", "i686": "386", "x86": "386", "ppc64el": "ppc64le",
    "win": "windows", "win32": "windows", "ubuntu": "linux", "bottlerocket": "linux",
}  # fmt: skip

_PREFIXES = sorted({key.rpartition("/")[0] for key in WELL_KNOWN}, key=len)

# What people write for a label whose name is not a typing mistake away.
_ALIASES = {
    "kubernetes.io/host": "kubernetes.io/hostname",
    "kubernetes.io/architecture": "kubernetes.io/arch",
    "kubernetes.io/operating-system": "kubernetes.io/os",
    "topology.kubernetes.io/hostname": "kubernetes.io/hostname",
}


@dataclass(frozen=True, slots=True)
class FormerLabel:
    """A node label or taint key that has a successor. `gone` says that nodes no longer carry it, and since when."""

    successor: str
    gone: str | None = None


FORMER_LABELS = {
    "beta.kubernetes.io/os": FormerLabel("kubernetes.io/os"),
    "beta.kubernetes.io/arch": FormerLabel("kubernetes.io/arch"),
    "beta.kubernetes.io/instance-type": FormerLabel("node.kubernetes.io/instance-type"),
    "failure-domain.beta.kubernetes.io/zone": FormerLabel("topology.kubernetes.io/zone"),
    "failure-domain.beta.kubernetes.io/region": FormerLabel("topology.kubernetes.io/region"),
    "failure-domain.kubernetes.io/zone": FormerLabel("topology.kubernetes.io/zone", "no release of Kubernetes sets it"),
    "failure-domain.kubernetes.io/region": FormerLabel("topology.kubernetes.io/region", "no release of Kubernetes sets it"),
    "node-role.kubernetes.io/master": FormerLabel("node-role.kubernetes.io/control-plane", "kubeadm stopped setting it in 1.24"),
}

# The taint of the same key outlived the label by one release.
FORMER_TAINTS = {
    "node-role.kubernetes.io/master": FormerLabel("node-role.kubernetes.io/control-plane", "kubeadm stopped setting it in 1.25"),
}


def value_problem(key: str, value: str) -> str | None:
    """Why no node has this value for `kubernetes.io/os` or `kubernetes.io/arch`, with the likely one, or None.

    Other keys have no closed list of values, so nothing is said about them.
    """
    key = FORMER_LABELS[key].successor if key in FORMER_LABELS else key
    known = OPERATING_SYSTEMS if key == OS_LABEL else ARCHITECTURES if key == ARCH_LABEL else None
    if known is None or value in known:
        return None
    lowered = value.lower()
    guess = lowered if lowered in known else _OTHER_NAMES.get(lowered)
    what = "operating system" if key == OS_LABEL else "processor architecture"
    hint = f"; it is called `{guess}`" if guess in known else f"; known are {', '.join(f'`{name}`' for name in sorted(known))}"
    return f"`{value}` is no {what} that nodes report{hint}"


def misspelling_of(key: str) -> str | None:
    """The well-known node label that `key` evidently means, or None if it is one, or is anybody's own label."""
    if key in WELL_KNOWN or key in FORMER_LABELS or "kube" not in key:
        return None
    if key in _ALIASES:
        return _ALIASES[key]
    written, _, name = key.rpartition("/")
    prefix = next((known for known in _PREFIXES if slips(written, known, 2) <= 2), None)
    if prefix is None:
        return None
    if f"{prefix}/{name}" in WELL_KNOWN:
        return f"{prefix}/{name}"
    for known in sorted(WELL_KNOWN):
        known_prefix, _, known_name = known.rpartition("/")
        if name == known_name and known_prefix != "node-role.kubernetes.io":
            return known
        most = 1 if len(known_name) < 6 else 2
        if prefix == known_prefix and slips(name, known_name, most) <= most:
            return known
    return None


def topology_key_problem(key: object) -> str | None:
    """Why a topology key is no label that a node can have, or None; None as well for what is no text."""
    problem = key_problem(key) if isinstance(key, str) else None
    return None if problem is None else f"`{key}` cannot be the label of a node: {problem}"
