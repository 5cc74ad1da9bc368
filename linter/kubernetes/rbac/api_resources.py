"""The resources that API groups built into Kubernetes serve, by the names RBAC rules must use.

Source: api/discovery of kubernetes/kubernetes (1.25 to 1.37), and for names that only authorization knows the RBAC
documentation: `users`, `groups`, `uids`, `userextras`, `signers`, and subresources of `nodes` checked by the kubelet.
"""

from __future__ import annotations

from dataclasses import dataclass

from linter.kubernetes.targets import release_of
from linter.model import DesiredState, items, mapping, text

_NAMESPACED: dict[str, str] = {
    "": "bindings configmaps endpoints events limitranges persistentvolumeclaims pods podtemplates replicationcontrollers "
    "resourcequotas secrets serviceaccounts services",
    "apps": "controllerrevisions daemonsets deployments replicasets statefulsets",
    "authorization.k8s.io": "localsubjectaccessreviews",
    "autoscaling": "horizontalpodautoscalers",
    "batch": "cronjobs jobs",
    "certificates.k8s.io": "podcertificaterequests",
    "coordination.k8s.io": "leasecandidates leases",
    "discovery.k8s.io": "endpointslices",
    "events.k8s.io": "events",
    "networking.k8s.io": "ingresses networkpolicies",
    "policy": "poddisruptionbudgets",
    "rbac.authorization.k8s.io": "rolebindings roles",
    "resource.k8s.io": "resourceclaims resourceclaimtemplates",
    "scheduling.k8s.io": "compositepodgroups podgroups workloads",
    "storage.k8s.io": "csistoragecapacities",
}

_CLUSTER_SCOPED: dict[str, str] = {
    "": "componentstatuses groups namespaces nodes persistentvolumes users",
    "admissionregistration.k8s.io": "mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations "
    "validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations",
    "apiextensions.k8s.io": "customresourcedefinitions",
    "apiregistration.k8s.io": "apiservices",
    "authentication.k8s.io": "selfsubjectreviews tokenreviews uids userextras",
    "authorization.k8s.io": "selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews",
    "certificates.k8s.io": "certificatesigningrequests clustertrustbundles signers",
    "flowcontrol.apiserver.k8s.io": "flowschemas prioritylevelconfigurations",
    "internal.apiserver.k8s.io": "storageversions",
    "networking.k8s.io": "ingressclasses ipaddresses servicecidrs",
    "node.k8s.io": "runtimeclasses",
    "rbac.authorization.k8s.io": "clusterrolebindings clusterroles",
    "resource.k8s.io": "deviceclasses devicetaintrules resourcepoolstatusrequests resourceslices",
    "scheduling.k8s.io": "priorityclasses",
    "storage.k8s.io": "csidrivers csinodes storageclasses volumeattachments volumeattributesclasses",
    "storagemigration.k8s.io": "storageversionmigrations",
}

# Objects that a namespaced role can govern although they live outside namespaces: a request for one Namespace carries
# that Namespace's name as its namespace (RequestInfoFactory of k8s.io/apiserver). `groups` and `users` are impersonated.
NAMED_BY_THEIR_NAMESPACE = frozenset({"namespaces", "namespaces/finalize", "namespaces/status"})

SUBRESOURCES: dict[tuple[str, str], frozenset[str]] = {
    ("", "namespaces"): frozenset({"finalize", "status"}),
    ("", "nodes"): frozenset({"checkpoint", "configz", "healthz", "log", "metrics", "pods", "proxy", "spec", "stats", "status"}),
    ("", "pods"): frozenset(
        {"attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize", "status"}
    ),
    ("", "serviceaccounts"): frozenset({"token"}),
    ("", "services"): frozenset({"proxy", "status"}),
    ("apps", "deployments"): frozenset({"scale", "status"}),
    ("apps", "replicasets"): frozenset({"scale", "status"}),
    ("apps", "statefulsets"): frozenset({"scale", "status"}),
}

# Group and release in which a resource was last served. Source: the deprecated API migration guide of kubernetes.io.
REMOVED: dict[tuple[str, str], str] = {
    ("extensions", "daemonsets"): "1.16",
    ("extensions", "deployments"): "1.16",
    ("extensions", "replicasets"): "1.16",
    ("extensions", "networkpolicies"): "1.16",
    ("extensions", "podsecuritypolicies"): "1.16",
    ("extensions", "ingresses"): "1.22",
    ("policy", "podsecuritypolicies"): "1.25",
}

# Short names of kubectl; an RBAC rule that uses one matches nothing.
SHORT_NAMES: dict[str, str] = {
    "cj": "cronjobs", "cm": "configmaps", "crd": "customresourcedefinitions", "crds": "customresourcedefinitions",
    "csr": "certificatesigningrequests", "deploy": "deployments", "ds": "daemonsets", "ep": "endpoints", "ev": "events",
    "hpa": "horizontalpodautoscalers", "ing": "ingresses", "netpol": "networkpolicies", "no": "nodes", "ns": "namespaces",
    "pdb": "poddisruptionbudgets", "po": "pods", "pv": "persistentvolumes", "pvc": "persistentvolumeclaims",
    "quota": "resourcequotas", "rc": "replicationcontrollers", "rs": "replicasets", "sa": "serviceaccounts",
    "sc": "storageclasses", "sts": "statefulsets", "svc": "services",
}  # fmt: skip

GROUPS_OF: dict[str, tuple[str, ...]] = {}
_SCOPES: dict[tuple[str, str], bool] = {}
SINGULARS: dict[str, str] = {}


def _singular(plural: str) -> str:
    if plural.endswith("ies"):
        return f"{plural[:-3]}y"
    return plural[:-2] if plural.endswith("sses") else plural[:-1]


for _table, _namespaced in ((_NAMESPACED, True), (_CLUSTER_SCOPED, False)):
    for _group, _names in _table.items():
        for _name in _names.split():
            _SCOPES[_group, _name] = _namespaced
            GROUPS_OF[_name] = (*GROUPS_OF.get(_name, ()), _group)
            SINGULARS[_singular(_name)] = _name

BUILT_IN_API_GROUPS = frozenset({*_NAMESPACED, *_CLUSTER_SCOPED, "extensions"})


def is_served(group: str, resource: str) -> bool:
    """Whether a group built into Kubernetes has a resource of this plural name (no subresource)."""
    return (group, resource) in _SCOPES


def is_cluster_scoped_resource(group: str, resource: str) -> bool:
    """Whether a built-in resource lives outside namespaces; False for names and groups this table does not know."""
    return _SCOPES.get((group, resource.partition("/")[0])) is False


def removed_in(group: str, resource: str, target: str | None) -> str | None:
    """The release that stopped serving a resource in a group, if the target (such as "1.34", None for unknown) has it behind it."""
    removed = REMOVED.get((group, resource))
    if removed is None or target is None:
        return removed
    wanted, since = release_of(target), release_of(removed)
    return removed if wanted is not None and since is not None and wanted >= since else None


@dataclass(frozen=True, slots=True)
class CustomResource:
    """The names a CustomResourceDefinition gives its objects, and whether they live in namespaces."""

    plural: str
    also_called: tuple[str, ...]
    namespaced: bool


def custom_resources(state: DesiredState) -> dict[str, dict[str, CustomResource]]:
    """The resources of the CustomResourceDefinitions in a state: API group -> plural name -> resource."""
    return state.derive(_custom_resources)


def _custom_resources(state: DesiredState) -> dict[str, dict[str, CustomResource]]:
    found: dict[str, dict[str, CustomResource]] = {}
    for definition in state.of_kind("CustomResourceDefinition"):
        names = mapping(definition.spec.get("names"))
        plural = text(names.get("plural"))
        short = tuple(name for name in items(names.get("shortNames")) if isinstance(name, str))
        called = (text(names.get("singular")), text(names.get("kind")), text(names.get("kind")).lower(), *short)
        if plural:
            resource = CustomResource(
                plural, tuple(name for name in called if name and name != plural), definition.spec.get("scope") != "Cluster"
            )
            found.setdefault(text(definition.spec.get("group")), {})[plural] = resource
    return found
