"""Roles that every cluster has: what they grant, and names that exist although no manifest declares them.

Source: the bootstrap policy of kubernetes/kubernetes (plugin/pkg/auth/authorizer/rbac/bootstrappolicy and its test data,
1.25 to 1.37). Names are complete for Kubernetes itself; contents are given for the roles people bind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from linter.kubernetes.rbac.policy import PolicyRule
from linter.model import Resource

BOOTSTRAP_LABEL = "kubernetes.io/bootstrapping"
AGGREGATE_TO = "rbac.authorization.k8s.io/aggregate-to-"

_READ = "get list watch"
_CHANGE = "create delete deletecollection patch update"


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A ClusterRole of the bootstrap policy.

    `rules` is None where this table does not say what the role grants. `aggregates` is the label whose carriers the
    controller merges into the role.
    """

    rules: tuple[PolicyRule, ...] | None
    labels: dict[str, str] = field(default_factory=dict)
    aggregates: str | None = None


def _rules(*lines: str) -> tuple[PolicyRule, ...]:
    """Rules from lines `groups | resources | verbs [| names]`; "core" is the core group."""
    rules = []
    for index, line in enumerate(lines):
        groups, resources, verbs, *names = (part.split() for part in line.split("|"))
        rules.append(
            PolicyRule(
                index,
                tuple(verbs),
                tuple("" if group == "core" else group for group in groups),
                tuple(resources),
                tuple(names[0]) if names else (),
            )
        )
    return tuple(rules)


def _urls(*paths: str) -> tuple[PolicyRule, ...]:
    return (PolicyRule(0, ("get",), (), (), (), paths),)


_REVIEWS = ("authentication.k8s.io | tokenreviews | create", "authorization.k8s.io | subjectaccessreviews | create")
_EVENTS = "core events.k8s.io | events | create patch update"
_POD_DOORS = "pods/attach pods/exec pods/portforward pods/proxy"

_VIEW = _rules(
    f"core | bindings configmaps endpoints events limitranges namespaces namespaces/status persistentvolumeclaims "
    f"persistentvolumeclaims/status pods pods/log pods/status replicationcontrollers replicationcontrollers/scale "
    f"replicationcontrollers/status resourcequotas resourcequotas/status serviceaccounts services services/status | {_READ}",
    f"discovery.k8s.io | endpointslices | {_READ}",
    f"apps | controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets "
    f"replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status | {_READ}",
    f"autoscaling | horizontalpodautoscalers horizontalpodautoscalers/status | {_READ}",
    f"batch | cronjobs cronjobs/status jobs jobs/status | {_READ}",
    f"policy | poddisruptionbudgets poddisruptionbudgets/status | {_READ}",
    f"networking.k8s.io | ingresses ingresses/status networkpolicies | {_READ}",
)
_EDIT = _rules(
    f"core | {_POD_DOORS} secrets services/proxy | {_READ}",
    "core | serviceaccounts | impersonate",
    f"core | pods {_POD_DOORS} | {_CHANGE}",
    "core | pods/eviction | create",
    f"core | configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts "
    f"services services/proxy | {_CHANGE}",
    "core | serviceaccounts/token | create",
    f"apps | daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets "
    f"statefulsets/scale | {_CHANGE}",
    f"autoscaling | horizontalpodautoscalers | {_CHANGE}",
    f"batch | cronjobs jobs | {_CHANGE}",
    f"policy | poddisruptionbudgets | {_CHANGE}",
    f"networking.k8s.io | ingresses networkpolicies | {_CHANGE}",
    f"coordination.k8s.io | leases | {_READ} {_CHANGE}",
)
_ADMIN = _rules(
    "authorization.k8s.io | localsubjectaccessreviews | create",
    f"rbac.authorization.k8s.io | rolebindings roles | {_READ} {_CHANGE}",
)

CLUSTER_ROLES: dict[str, BuiltInRole] = {
    "cluster-admin": BuiltInRole((*_rules("* | * | *"), PolicyRule(1, ("*",), (), (), (), ("*",)))),
    "admin": BuiltInRole((), aggregates=f"{AGGREGATE_TO}admin"),
    "edit": BuiltInRole((), {f"{AGGREGATE_TO}admin": "true"}, f"{AGGREGATE_TO}edit"),
    "view": BuiltInRole((), {f"{AGGREGATE_TO}edit": "true"}, f"{AGGREGATE_TO}view"),
    "system:aggregate-to-admin": BuiltInRole(_ADMIN, {f"{AGGREGATE_TO}admin": "true"}),
    "system:aggregate-to-edit": BuiltInRole(_EDIT, {f"{AGGREGATE_TO}edit": "true"}),
    "system:aggregate-to-view": BuiltInRole(_VIEW, {f"{AGGREGATE_TO}view": "true"}),
    "system:auth-delegator": BuiltInRole(_rules(*_REVIEWS)),
    "system:basic-user": BuiltInRole(
        _rules(
            "authorization.k8s.io | selfsubjectaccessreviews selfsubjectrulesreviews | create",
            "authentication.k8s.io | selfsubjectreviews | create",
        )
    ),
    "system:discovery": BuiltInRole(
        _urls("/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/")
    ),
    "system:public-info-viewer": BuiltInRole(_urls("/healthz", "/livez", "/readyz", "/version", "/version/")),
    "system:service-account-issuer-discovery": BuiltInRole(_urls("/.well-known/openid-configuration", "/openid/v1/jwks")),
    "system:monitoring": BuiltInRole(
        _urls("/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*")
    ),
    "system:kubelet-api-admin": BuiltInRole(
        _rules(f"core | nodes | {_READ} proxy", "core | nodes/log nodes/metrics nodes/proxy nodes/stats | *")
    ),
    "system:node-bootstrapper": BuiltInRole(_rules(f"certificates.k8s.io | certificatesigningrequests | create {_READ}")),
    "system:node-problem-detector": BuiltInRole(_rules("core | nodes | get", "core | nodes/status | patch", _EVENTS)),
    "system:node-proxier": BuiltInRole(
        _rules(
            "core | endpoints services | list watch",
            f"core | nodes | {_READ}",
            _EVENTS,
            "discovery.k8s.io | endpointslices | list watch",
        )
    ),
    "system:kube-dns": BuiltInRole(_rules("core | endpoints services | list watch")),
    "system:kube-aggregator": BuiltInRole(_rules(f"core | endpoints services | {_READ}")),
    "system:heapster": BuiltInRole(_rules(f"core | events namespaces nodes pods | {_READ}", f"extensions | deployments | {_READ}")),
    "system:kube-controller-manager": BuiltInRole(
        _rules(
            _EVENTS,
            "coordination.k8s.io | leases | create",
            "coordination.k8s.io | leases | get update | kube-controller-manager",
            "core | secrets | create delete get update",
            "core | serviceaccounts | create get update",
            "core | configmaps namespaces | get",
            *_REVIEWS,
            "* | * | list watch",
            "core | serviceaccounts/token | create",
        )
    ),
    "system:node": BuiltInRole(
        _rules(
            *_REVIEWS,
            "authorization.k8s.io | localsubjectaccessreviews | create",
            f"core | services | {_READ}",
            f"core | nodes | create {_READ} patch update",
            "core | nodes/status pods/status | patch update",
            "core | events | create patch update",
            f"core | pods | create delete {_READ}",
            "core | pods/eviction serviceaccounts/token | create",
            f"core | configmaps secrets | {_READ}",
            "core | endpoints persistentvolumeclaims persistentvolumes | get",
            "core | persistentvolumeclaims/status | get patch update",
            f"certificates.k8s.io | certificatesigningrequests | create {_READ}",
            "coordination.k8s.io | leases | create delete get patch update",
            "storage.k8s.io | volumeattachments | get",
            f"storage.k8s.io | csidrivers | {_READ}",
            "storage.k8s.io | csinodes | create delete get patch update",
            f"node.k8s.io | runtimeclasses | {_READ}",
        )
    ),
    "system:persistent-volume-provisioner": BuiltInRole(
        _rules(
            f"core | persistentvolumes | create delete {_READ}",
            f"core | persistentvolumeclaims | {_READ} update",
            f"storage.k8s.io | storageclasses | {_READ}",
            "core | events | watch",
            _EVENTS,
        )
    ),
    "system:volume-scheduler": BuiltInRole(
        _rules(f"core | persistentvolumes persistentvolumeclaims | {_READ} patch update", f"storage.k8s.io | storageclasses | {_READ}")
    ),
    "system:certificates.k8s.io:certificatesigningrequests:nodeclient": BuiltInRole(
        _rules("certificates.k8s.io | certificatesigningrequests/nodeclient | create")
    ),
    "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient": BuiltInRole(
        _rules("certificates.k8s.io | certificatesigningrequests/selfnodeclient | create")
    ),
    **{
        f"system:certificates.k8s.io:{name}-approver": BuiltInRole(
            _rules(f"certificates.k8s.io | signers | approve | kubernetes.io/{signer}")
        )
        for name, signer in {
            "kube-apiserver-client": "kube-apiserver-client",
            "kube-apiserver-client-kubelet": "kube-apiserver-client-kubelet",
            "kubelet-serving": "kubelet-serving",
            "legacy-unknown": "legacy-unknown",
        }.items()
    },
    "system:kube-scheduler": BuiltInRole(None),
    **{
        f"system:controller:{name}": BuiltInRole(None)
        for name in (
            "attachdetach-controller", "certificate-controller", "clusterrole-aggregation-controller", "cronjob-controller",
            "daemon-set-controller", "deployment-controller", "device-taint-eviction-controller", "disruption-controller",
            "endpoint-controller", "endpointslice-controller", "endpointslicemirroring-controller",
            "ephemeral-volume-controller", "expand-controller", "generic-garbage-collector", "horizontal-pod-autoscaler",
            "job-controller", "legacy-service-account-token-cleaner", "namespace-controller", "node-controller",
            "persistent-volume-binder", "pod-garbage-collector", "podcertificaterequestcleaner", "podcheckpoint-controller",
            "pv-protection-controller", "pvc-protection-controller", "replicaset-controller", "replication-controller",
            "resource-claim-controller", "resourcequota-controller", "root-ca-cert-publisher", "route-controller",
            "selinux-warning-controller", "service-account-controller", "service-ca-cert-publisher",
            "service-cidrs-controller", "service-controller", "statefulset-controller", "storage-version-garbage-collector",
            "storage-version-migrator-controller", "ttl-after-finished-controller", "ttl-controller",
            "validatingadmissionpolicy-status-controller", "volumeattributesclass-protection-controller",
        )
    },
}  # fmt: skip

# Namespace and name of the Roles of the bootstrap policy, and those kubeadm adds to every cluster it makes.
ROLES = frozenset({
    ("kube-public", "kubeadm:bootstrap-signer-clusterinfo"), ("kube-public", "system:controller:bootstrap-signer"),
    ("kube-system", "extension-apiserver-authentication-reader"), ("kube-system", "kubeadm:kubelet-config"),
    ("kube-system", "kubeadm:nodes-kubeadm-config"), ("kube-system", "system::leader-locking-kube-controller-manager"),
    ("kube-system", "system::leader-locking-kube-scheduler"), ("kube-system", "system:controller:bootstrap-signer"),
    ("kube-system", "system:controller:cloud-provider"), ("kube-system", "system:controller:token-cleaner"),
})  # fmt: skip

# ClusterRoles that distributions install. Source: the default roles of OpenShift Container Platform and of its
# monitoring stack (documentation, "Using RBAC to define and apply permissions", "Accessing metrics").
_DISTRIBUTION_ROLES = frozenset({
    "basic-user", "cluster-debugger", "cluster-monitoring-edit", "cluster-monitoring-view", "cluster-reader", "cluster-status",
    "monitoring-edit", "monitoring-rules-edit", "monitoring-rules-view", "registry-admin", "registry-editor",
    "registry-monitoring", "registry-viewer", "self-access-reviewer", "self-provisioner", "storage-admin", "sudoer",
})  # fmt: skip

# Prefixes under which Kubernetes, kubeadm and managed platforms keep their own roles.
_RESERVED_PREFIXES = ("system:", "kubeadm:", "eks:", "gce:", "gke:", "aks:", "openshift:")

# ServiceAccounts that controllers create: `default` in every namespace by Kubernetes, the others by OpenShift.
_AUTOMATIC_ACCOUNTS = frozenset({"default", "builder", "deployer", "pipeline"})


def is_bootstrap_object(role_or_binding: Resource) -> bool:
    """Whether a manifest is a copy of an object that the API server makes itself and keeps as it is."""
    return role_or_binding.labels.get(BOOTSTRAP_LABEL) == "rbac-defaults"


def is_built_in_cluster_role(name: str) -> bool:
    """Whether clusters have a ClusterRole of this name, or reserve the name, without any manifest that declares it."""
    return name in CLUSTER_ROLES or name in _DISTRIBUTION_ROLES or name.startswith(_RESERVED_PREFIXES)


def is_built_in_role(namespace: str, name: str) -> bool:
    """Whether clusters have a Role of this name in this namespace without any manifest that declares it."""
    return (namespace, name) in ROLES or name.startswith(_RESERVED_PREFIXES)


def is_automatic_service_account(namespace: str, name: str) -> bool:
    """Whether a controller of the cluster creates this ServiceAccount, so that no manifest needs to declare it."""
    return name in _AUTOMATIC_ACCOUNTS or (namespace == "kube-system" and f"system:controller:{name}" in CLUSTER_ROLES)
