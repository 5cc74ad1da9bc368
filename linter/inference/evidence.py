"""Versions of Kubernetes, Istio and ExternalDNS that files of a repository mention.

Sources: the API references of kubeadm, eksctl, Cluster API and its providers, kOps, Gardener, k3d, Rancher's provisioning
and upgrade controllers, tuppr, k0sctl, IstioOperator, the Sail operator; the image names of kind, k3s, Talos, Istio and
ExternalDNS as these projects publish them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from linter.inference.findings import Evidence
from linter.inference.readable import lines_with
from linter.model import Route, dig, text

_VERSION: Final = re.compile(r"[~^=v> ]*(\d+)\.(\d+)(?:\.(?:\d+|x|\*))?(?:[-+.].*)?")
_MINORS: Final = {"kubernetes": (1, range(16, 100)), "istio": (1, range(4, 100)), "external-dns": (0, range(5, 100))}

# Kind and group of an object -> where it names the version of a system.
_OBJECTS: Final[dict[tuple[str, str], tuple[str, Route]]] = {
    ("ClusterConfiguration", "kubeadm.k8s.io"): ("kubernetes", ("kubernetesVersion",)),
    ("ClusterConfig", "eksctl.io"): ("kubernetes", ("metadata", "version")),
    ("KubeadmControlPlane", "controlplane.cluster.x-k8s.io"): ("kubernetes", ("spec", "version")),
    ("RKE2ControlPlane", "controlplane.cluster.x-k8s.io"): ("kubernetes", ("spec", "version")),
    ("KThreesControlPlane", "controlplane.cluster.x-k8s.io"): ("kubernetes", ("spec", "version")),
    ("K0sControlPlane", "controlplane.cluster.x-k8s.io"): ("kubernetes", ("spec", "version")),
    ("TalosControlPlane", "controlplane.cluster.x-k8s.io"): ("kubernetes", ("spec", "version")),
    ("AWSManagedControlPlane", "controlplane.cluster.x-k8s.io"): ("kubernetes", ("spec", "version")),
    ("AzureManagedControlPlane", "infrastructure.cluster.x-k8s.io"): ("kubernetes", ("spec", "version")),
    ("GCPManagedControlPlane", "infrastructure.cluster.x-k8s.io"): ("kubernetes", ("spec", "version")),
    ("Cluster", "cluster.x-k8s.io"): ("kubernetes", ("spec", "topology", "version")),
    ("MachineDeployment", "cluster.x-k8s.io"): ("kubernetes", ("spec", "template", "spec", "version")),
    ("Cluster", "kops.k8s.io"): ("kubernetes", ("spec", "kubernetesVersion")),
    ("Shoot", "core.gardener.cloud"): ("kubernetes", ("spec", "kubernetes", "version")),
    ("Cluster", "provisioning.cattle.io"): ("kubernetes", ("spec", "kubernetesVersion")),
    ("Cluster", "k0sctl.k0sproject.io"): ("kubernetes", ("spec", "k0s", "version")),
    ("KubernetesUpgrade", "tuppr.home-operations.com"): ("kubernetes", ("spec", "kubernetes", "version")),
    ("ContainerCluster", "container.cnrm.cloud.google.com"): ("kubernetes", ("spec", "minMasterVersion")),
    ("Cluster", "eks.services.k8s.aws"): ("kubernetes", ("spec", "version")),
    ("Cluster", "eks.aws.upbound.io"): ("kubernetes", ("spec", "forProvider", "version")),
    ("KubernetesCluster", "containerservice.azure.upbound.io"): ("kubernetes", ("spec", "forProvider", "kubernetesVersion")),
    ("IstioOperator", "install.istio.io"): ("istio", ("spec", "tag")),
    ("Istio", "sailoperator.io"): ("istio", ("spec", "version")),
    ("Istio", "operator.istio.io"): ("istio", ("spec", "version")),
}
KINDS: Final = frozenset(kind for kind, _ in _OBJECTS) | {"Plan"}
WORDS: Final = (b"istio-version",)

# A word that must occur before an expression is tried, its system and rank, and the expression with the version.
_TEXTS: Final[tuple[tuple[bytes, str, int, re.Pattern[str]], ...]] = (
    (b"/kubelet:", "kubernetes", 1, re.compile(r"/kubelet:v?(\d+\.\d+)\.\d+")),
    (b"/k3s:", "kubernetes", 2, re.compile(r"rancher/k3s:v?(\d+\.\d+)\.\d+")),
    (b"kindest/node:", "kubernetes", 2, re.compile(r"kindest/node:v?(\d+\.\d+)\.\d+")),
    (b"kubectl:", "kubernetes", 3, re.compile(r"/kubectl:v?(\d+\.\d+)(?:\.\d+)?(?![\w.])")),
    (b"alpine/k8s:", "kubernetes", 3, re.compile(r"alpine/k8s:v?(\d+\.\d+)\.\d+")),
    (b"istio", "istio", 1, re.compile(r"/(?:pilot|install-cni|ztunnel):v?(1\.\d+)\.\d+")),
    # Sidecars and gateways may lag behind their control plane.
    (b"/proxyv2:", "istio", 2, re.compile(r"/proxyv2:v?(1\.\d+)\.\d+")),
    (b"external-dns:", "external-dns", 1, re.compile(r"external-dns:v?(0\.\d+)\.\d+")),
    (
        b"external-dns", "external-dns", 1,
        re.compile(r"repository:[ \t]*[\"']?\S{0,200}/external-dns[\"']?[ \t]*\r?\n[ \t]*tag:[ \t]*[\"']?v?(0\.\d+)\.\d+"),
    ),
)  # fmt: skip
_KEY_WORDS = ("_version", "-version", "_VERSION", "kubernetesVersion")
_KEY = re.compile(
    r"""[ \t]*(?:-[ \t]+)?(?:export[ \t]+)?["']?
    (?:[A-Za-z0-9]+[_-])*?(?:(?P<system>kubernetes|k8s|kube|k3s|rke2|k0s|eks|aks|gke|istio)[_-]version|kubernetesVersion
    |(?P<cluster>cluster_version))
    ["']?[ \t]*[:=][ \t]*["']?v?(?P<version>\d+\.\d+)(?:\.\d+)?(?:[-+][\w.+-]+)?["']?[ \t]*,?[ \t]*(?:(?:\#|//).*)?""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_LINE = 300
_MOST_OF_ONE_FILE = 200
_TERRAFORM = (".tf", ".tfvars", ".hcl")
SETTINGS_SUFFIXES: Final = (*_TERRAFORM, ".env", ".j2", ".toml")
"""Files that are no manifests and may still say which version a cluster has."""


def minor(system: str, written: str) -> str | None:
    """The "1.34" of a version or a simple constraint such as "~1.34.0"; None if it is none of that system."""
    found = _VERSION.fullmatch(written.strip())
    if found is None:
        return None
    major, minors = _MINORS[system]
    return f"{found[1]}.{int(found[2])}" if int(found[1]) == major and int(found[2]) in minors else None


def newest_first(version: str) -> tuple[int, ...]:
    """A key by which "1.9" sorts before "1.34"."""
    return tuple(int(part) for part in version.split("."))


def in_text(path: str, data: bytes, content: str) -> Iterator[Evidence]:
    """Image tags and settings such as `kubernetes_version`, whatever the file is. `data` is the file, `content` the same
    decoded."""
    seldom = 2 if "/.github/" in f"/{path}" else 1
    for word, system, rank, expression in _TEXTS:
        if word not in data:
            continue
        for found in islice(expression.finditer(content), _MOST_OF_ONE_FILE):
            # Of a repository and its tag on two lines, the second one says it.
            start = content.rfind("\n", 0, found.end()) + 1
            line = content[start : content.find("\n", found.end()) if "\n" in content[found.end() :] else len(content)]
            said = line.strip() if len(line) < _LONGEST_LINE else found[0]
            yield from _evidence(system, found[1], path, content, start, said.removeprefix("- "), max(rank, seldom))
    for key_word in _KEY_WORDS:
        for start, line in islice(lines_with(content, key_word), _MOST_OF_ONE_FILE) if key_word.encode() in data else ():
            key = _KEY.fullmatch(line) if len(line) < _LONGEST_LINE else None
            if key is not None and (key["cluster"] is None or path.endswith(_TERRAFORM)):
                system = "istio" if (key["system"] or "").lower() == "istio" else "kubernetes"
                yield from _evidence(system, key["version"], path, content, start, line.strip().removeprefix("- "), seldom)


def in_object(kind: str, group: str, body: dict[str, Any]) -> tuple[str, str, Route] | None:
    """The system whose version an object names, that version ("1.34"), and the route to it."""
    route: Route
    if kind == "Plan" and group == "upgrade.cattle.io":
        written = dig(body, "spec", "version")
        system, route = "kubernetes", ("spec", "version")
        if not isinstance(written, str) or not re.search(r"[+-](?:k3s|rke2)", written):
            return None
    elif kind == "ConfigMap" and text(dig(body, "metadata", "name")) == "istio-version":
        # A convention of Flux repositories: the version stands in a ConfigMap from which `${version}` is substituted.
        system, route = "istio", ("data", "version")
        written = dig(body, *route)
    elif (kind, group) in _OBJECTS:
        system, route = _OBJECTS[kind, group]
        written = dig(body, *route)
    else:
        return None
    version = minor(system, str(written)) if isinstance(written, str | int | float) else None
    return (system, version, route) if version is not None else None


def _evidence(system: str, version: str, path: str, content: str, offset: int, said: str, rank: int) -> Iterator[Evidence]:
    known = minor(system, version)
    if known is not None:
        yield Evidence(system, known, path, content.count("\n", 0, offset) + 1, " ".join(said.split()), rank)
