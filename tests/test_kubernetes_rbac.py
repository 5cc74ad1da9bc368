"""RBAC: matching, built-in roles, aggregation, effective permissions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes_objects import resource, state

from linter.kubernetes.identity.service_accounts import api_tokens
from linter.kubernetes.rbac import allows, allows_url, is_cluster_wide, matching_item, policy_rules, rbac_graph, reach, resolve_role
from linter.kubernetes.rbac.api_resources import (
    BUILT_IN_API_GROUPS,
    GROUPS_OF,
    REMOVED,
    SHORT_NAMES,
    SINGULARS,
    custom_resources,
    is_cluster_scoped_resource,
    is_served,
    removed_in,
)
from linter.kubernetes.rbac.built_in import CLUSTER_ROLES, is_automatic_service_account, is_built_in_cluster_role, is_built_in_role
from linter.kubernetes.rbac.powers import acts_as_controller, escalations, granted, held_by, secret_reading
from linter.kubernetes.rbac.roles import aggregating_roles
from linter.model import PodTemplate


def rule(**fields):
    names = {"groups": "apiGroups", "names": "resourceNames", "urls": "nonResourceURLs"}
    (found,) = policy_rules({"rules": [{names.get(field, field): value for field, value in fields.items()}]})
    return found


def cluster_role(name, rules="[]", labels="{}", more=""):
    return f"""
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: {name}, labels: {labels}}}
rules: {rules}
{more}
"""


def binding(kind, name, role, subjects, namespace=None, role_kind="ClusterRole"):
    where = f", namespace: {namespace}" if namespace else ""
    return f"""
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: {name}{where}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role_kind}, name: {role}}}
subjects: {subjects}
"""


WEB = "[{kind: ServiceAccount, name: web, namespace: shop}]"
READ_SECRETS = '[{apiGroups: [""], resources: [secrets], verbs: [get]}]'


@pytest.mark.parametrize(
    ("fields", "request_", "expected"),
    [
        ({"resources": ["pods"]}, ("get", "", "pods"), True),
        ({"resources": ["pods"]}, ("get", "", "pods/log"), False),
        ({"resources": ["pods/log"]}, ("get", "", "pods/log"), True),
        ({"resources": ["pods/log"]}, ("get", "", "pods"), False),
        ({"resources": ["*"]}, ("get", "", "pods/log"), True),
        ({"resources": ["*/log"]}, ("get", "", "pods/log"), True),
        ({"resources": ["*/log"]}, ("get", "", "pods"), False),
        ({"resources": ["*/log"]}, ("get", "", "pods/dialog"), False),
        ({"resources": ["pods/*"]}, ("get", "", "pods/log"), False),
        ({"resources": ["pods/*"]}, ("get", "", "pods"), False),
        ({"resources": ["Pods"]}, ("get", "", "pods"), False),
        ({"resources": ["pods"], "verbs": ["*"]}, ("escalate", "", "pods"), True),
        ({"resources": ["pods"], "verbs": ["Get"]}, ("get", "", "pods"), False),
        ({"resources": ["pods"], "groups": ["apps"]}, ("get", "", "pods"), False),
        ({"resources": ["pods"], "groups": ["*"]}, ("get", "", "pods"), True),
        ({"resources": ["pods"], "groups": ["core"]}, ("get", "", "pods"), False),
        ({"resources": ["pods"], "groups": []}, ("get", "", "pods"), False),
        ({"resources": ["pods"], "names": ["web"]}, ("get", "", "pods", "web"), True),
        ({"resources": ["pods"], "names": ["web"]}, ("get", "", "pods", "db"), False),
        ({"resources": ["pods"], "names": ["web"]}, ("list", "", "pods"), False),
        ({"resources": ["pods"], "names": ["*"]}, ("get", "", "pods", "web"), False),
        ({"resources": ["pods"], "names": []}, ("get", "", "pods", "web"), True),
        ({"resources": ["pods", 7, None]}, ("get", "", "pods"), True),
    ],
)
def test_a_rule_matches_as_the_authorizer_does(fields, request_, expected):
    given_rule = rule(**{"verbs": ["get"], "groups": [""], **fields})
    assert allows(given_rule, *request_) is expected


@pytest.mark.parametrize(
    ("urls", "path", "expected"),
    [
        (["/metrics"], "/metrics", True),
        (["/metrics"], "/metrics/slis", False),
        (["/api*"], "/apis", True),
        (["/api/*"], "/api", False),
        (["*"], "/anything", True),
        (["/a/*/c"], "/a/b/c", False),
    ],
)
def test_paths_match_exactly_or_by_a_trailing_wildcard(urls, path, expected):
    assert allows_url(rule(verbs=["get"], urls=urls), "get", path) is expected
    assert not allows_url(rule(verbs=["post"], urls=urls), "get", path)


def test_indexes_stay_those_of_the_manifest():
    found = rule(verbs=["get"], groups=[""], resources=[{}, "*", "secrets"])
    assert matching_item(found, "secrets") == 2
    assert matching_item(found, "pods") == 1
    first, third = policy_rules({"rules": [{"verbs": ["get"]}, "text", {"verbs": ["list"]}]})
    assert (first.route, third.route) == (("rules", 0), ("rules", 2))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["*", "secrets", "get", "ServiceAccount", "view"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rules", "kind", "name", "verbs", "resources"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(anything, anything, anything)
def test_malformed_bodies_never_raise(rules, subjects, selectors):
    found = state(cluster_role("odd"), binding("ClusterRoleBinding", "odd", "odd", WEB))
    role, bound = found.resources
    role.body["rules"] = rules
    role.body["aggregationRule"] = {"clusterRoleSelectors": selectors}
    role.body["metadata"]["labels"] = subjects
    bound.body["subjects"] = subjects
    bound.body["roleRef"] = rules
    graph = rbac_graph(found)
    graph.bindings_of(role)
    graph.of_service_account("shop", "web")
    resolve_role(found, "ClusterRole", "", "odd")
    for item in policy_rules(role.body):
        escalations(item, held_by(graph, list(graph.bindings)))


# --- Roles every cluster has


def test_built_in_names_are_never_missing():
    assert all(is_built_in_cluster_role(name) for name in ("cluster-admin", "view", "system:auth-delegator", "system:something-new"))
    assert not is_built_in_cluster_role("cluster_admin")
    assert is_built_in_role("kube-system", "extension-apiserver-authentication-reader")
    assert not is_built_in_role("default", "extension-apiserver-authentication-reader")
    assert is_automatic_service_account("shop", "default")
    assert is_automatic_service_account("kube-system", "generic-garbage-collector")
    assert not is_automatic_service_account("shop", "generic-garbage-collector")


def secrets_of(name, *texts):
    role = resolve_role(state(*texts), "ClusterRole", "", name)
    return {verb for entry in role.rules for verb in ("get", "create") if allows(entry.rule, verb, "", "secrets")}


def test_edit_holds_secrets_and_view_does_not():
    assert secrets_of("view") == set()
    assert secrets_of("edit") == {"get", "create"}
    assert secrets_of("admin") == {"get", "create"}
    assert secrets_of("cluster-admin") == {"get", "create"}
    admin = resolve_role(state(), "ClusterRole", "", "admin")
    assert any(allows(entry.rule, "create", "rbac.authorization.k8s.io", "rolebindings") for entry in admin.rules)
    edit = resolve_role(state(), "ClusterRole", "", "edit")
    assert not any(allows(entry.rule, "create", "rbac.authorization.k8s.io", "rolebindings") for entry in edit.rules)
    assert any(allows(entry.rule, "impersonate", "", "serviceaccounts") for entry in edit.rules)
    assert not any(entry.rule.names for name in ("admin", "edit", "view") for entry in resolve_role(state(), "ClusterRole", "", name).rules)


def test_contents_that_are_not_known_are_a_lower_bound():
    known = {name: resolve_role(state(), "ClusterRole", "", name) for name in CLUSTER_ROLES}
    assert not known["system:kube-scheduler"].complete
    assert not known["system:controller:job-controller"].complete
    assert known["system:auth-delegator"].complete
    assert not resolve_role(state(), "ClusterRole", "", "system:image-puller").complete
    assert resolve_role(state(), "ClusterRole", "", "unknown") is None
    assert resolve_role(state(), "Pod", "", "view") is None


# --- Aggregation


def test_a_label_widens_the_built_in_roles_transitively():
    text = cluster_role("extra", READ_SECRETS, '{rbac.authorization.k8s.io/aggregate-to-view: "true"}')
    assert secrets_of("view", text) == {"get"}
    found = state(text)
    assert aggregating_roles(found, "extra") == {"view", "edit", "admin"}
    (entry,) = (entry for entry in resolve_role(found, "ClusterRole", "", "admin").rules if entry.written_in is not None)
    assert entry.via == ("admin", "edit", "view", "extra")
    assert str(entry) == "ClusterRole admin -> ClusterRole edit -> ClusterRole view -> ClusterRole extra, rule 1"


def test_selectors_are_alternatives_and_know_expressions():
    selectors = "[{matchLabels: {team: a}}, {matchExpressions: [{key: tier, operator: In, values: [front, back]}]}]"
    owner = cluster_role("owner", READ_SECRETS, more=f"aggregationRule: {{clusterRoleSelectors: {selectors}}}")
    rules = '[{apiGroups: [""], resources: [%s], verbs: [get]}]'
    found = state(
        owner,
        cluster_role("one", rules % "pods", "{team: a}"),
        cluster_role("two", rules % "services", "{tier: back}"),
        cluster_role("three", rules % "nodes", "{tier: side}"),
    )
    role = resolve_role(found, "ClusterRole", "", "owner")
    assert [entry.rule.resources for entry in role.rules] == [("pods",), ("services",)]
    assert not role.complete
    assert not any(allows(entry.rule, "get", "", "secrets") for entry in role.rules), "written rules are overwritten"


def test_an_empty_aggregation_rule_empties_the_role_and_cycles_end():
    empty = state(cluster_role("owner", READ_SECRETS, more="aggregationRule: {}"))
    assert resolve_role(empty, "ClusterRole", "", "owner").rules == ()
    one = cluster_role("one", labels="{a: b}", more="aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}")
    two = cluster_role("two", labels="{a: b}", more="aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}")
    cycle = state(one, two, cluster_role("leaf", READ_SECRETS, "{a: b}"))
    assert len(resolve_role(cycle, "ClusterRole", "", "one").rules) == 1
    assert aggregating_roles(cycle, "leaf") == {"one", "two"}


def test_a_manifest_cannot_take_rights_from_a_bootstrap_role():
    assert secrets_of("cluster-admin", cluster_role("cluster-admin", "[]")) == {"get", "create"}


# --- Who may do what


def reading(*texts, namespace="shop", name="web"):
    return [str(permission) for permission in secret_reading(rbac_graph(state(*texts)).of_service_account(namespace, name))]


@pytest.mark.parametrize(
    "subjects",
    [
        WEB,
        '[{kind: User, name: "system:serviceaccount:shop:web"}]',
        '[{kind: Group, name: "system:serviceaccounts"}]',
        '[{kind: Group, name: "system:serviceaccounts:shop"}]',
        '[{kind: Group, name: "system:authenticated"}]',
    ],
)
def test_every_identity_of_an_account_counts(subjects):
    assert reading(cluster_role("reader", READ_SECRETS), binding("ClusterRoleBinding", "b", "reader", subjects)) == [
        "ClusterRoleBinding b -> ClusterRole reader, rule 1"
    ]


@pytest.mark.parametrize(
    "subjects",
    [
        "[{kind: ServiceAccount, name: web}]",
        "[{kind: ServiceAccount, name: web, namespace: kiosk}]",
        "[{kind: User, name: web}]",
        "[{kind: Group, name: web}]",
        '[{kind: User, name: "system:serviceaccount:web"}]',
        '[{kind: Group, name: "system:serviceaccounts:kiosk"}]',
        "[{kind: serviceaccount, name: web, namespace: shop}]",
        "[]",
    ],
)
def test_other_subjects_do_not(subjects):
    assert reading(cluster_role("reader", READ_SECRETS), binding("ClusterRoleBinding", "b", "reader", subjects)) == []


def test_a_role_binding_grants_in_its_namespace_only():
    texts = (cluster_role("reader", READ_SECRETS), binding("RoleBinding", "b", "reader", "[{kind: ServiceAccount, name: web}]", "shop"))
    assert reading(*texts) == []
    graph = rbac_graph(state(*texts))
    (permission,) = graph.of_service_account("shop", "web").granted
    assert permission.namespace == "shop"
    assert not permission.allows_url("get", "/metrics")
    assert graph.of_service_account("kiosk", "web").grants == ()


def test_a_cluster_role_binding_cannot_use_a_role_and_a_role_stays_in_its_namespace():
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: reader, namespace: shop}\nrules: " + READ_SECRETS
    assert reading(role, binding("ClusterRoleBinding", "b", "reader", WEB, role_kind="Role")) == []
    found = state(role, binding("RoleBinding", "b", "reader", WEB, "kiosk", role_kind="Role"))
    permissions = rbac_graph(found).of_service_account("shop", "web")
    assert (list(permissions.granted), permissions.complete) == ([], False)


def test_unknown_roles_leave_a_lower_bound():
    found = state(
        cluster_role("reader", READ_SECRETS),
        binding("ClusterRoleBinding", "a", "reader", WEB),
        binding("ClusterRoleBinding", "b", "x", WEB),
    )
    permissions = rbac_graph(found).of_service_account("shop", "web")
    assert len(list(permissions.granted)) == 1
    assert not permissions.complete
    assert rbac_graph(found).of_service_account("shop", "other").complete


def test_bindings_of_a_role_come_through_aggregation_too():
    found = state(
        cluster_role("extra", READ_SECRETS, '{rbac.authorization.k8s.io/aggregate-to-view: "true"}'),
        binding("ClusterRoleBinding", "a", "edit", WEB),
        binding("RoleBinding", "b", "extra", WEB, "shop"),
        binding("RoleBinding", "nobody", "extra", "[]", "shop"),
    )
    (role,) = found.of_kind("ClusterRole")
    bindings = rbac_graph(found).bindings_of(role)
    assert [one.resource.name for one in bindings] == ["b", "a"]
    assert is_cluster_wide(bindings)
    assert reach(bindings) == "in the whole cluster"
    assert reach(bindings[:1]) == "in namespace shop"
    assert reach([]) == "and nothing here binds it"


def test_an_account_without_namespace_is_where_the_only_binding_says():
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {serviceAccountName: web, containers: []}"
    placed = pod.replace("{name: web}", "{name: web, namespace: kiosk}")
    graph = rbac_graph(state(pod, placed, binding("ClusterRoleBinding", "b", "view", WEB)))
    assert graph.namespace_of(resource(pod), "web") == "shop"
    assert graph.namespace_of(resource(pod), "default") == "default"
    assert graph.namespace_of(resource(placed), "web") == "kiosk"
    two = binding("ClusterRoleBinding", "c", "view", "[{kind: ServiceAccount, name: web, namespace: kiosk}]")
    assert rbac_graph(state(binding("ClusterRoleBinding", "b", "view", WEB), two)).namespace_of(resource(pod), "web") == "default"


# --- What rights lead to


def escalation_rights(*rules):
    texts = [cluster_role(f"r{index}", f"[{text}]") for index, text in enumerate(rules)]
    bindings = [binding("ClusterRoleBinding", f"b{index}", f"r{index}", WEB) for index in range(len(rules))]
    found = state(*texts, *bindings)
    graph = rbac_graph(found)
    held = held_by(graph, list(graph.bindings))
    return [way.right for role in found.of_kind("ClusterRole") for one in policy_rules(role.body) for way in escalations(one, held)]


RBAC = "apiGroups: [rbac.authorization.k8s.io]"
CSR = "apiGroups: [certificates.k8s.io]"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([f"{{{RBAC}, resources: [clusterroles], verbs: [escalate]}}"], []),
        ([f"{{{RBAC}, resources: [clusterroles], verbs: [escalate, patch]}}"], ["escalate"]),
        (
            [f"{{{RBAC}, resources: [clusterroles], verbs: [escalate]}}", f"{{{RBAC}, resources: [clusterroles], verbs: [update]}}"],
            ["escalate"],
        ),
        ([f"{{{RBAC}, resources: [rolebindings], verbs: [bind, create]}}"], []),
        ([f"{{{RBAC}, resources: [roles, rolebindings], verbs: [bind, create]}}"], ["bind"]),
        (
            [
                f"{{{RBAC}, resources: [clusterroles], resourceNames: [mine], verbs: [bind]}}",
                f"{{{RBAC}, resources: [rolebindings], verbs: [create]}}",
            ],
            [],
        ),
        (
            [
                f"{{{RBAC}, resources: [clusterroles], resourceNames: [edit], verbs: [bind]}}",
                f"{{{RBAC}, resources: [rolebindings], verbs: [create]}}",
            ],
            ["bind"],
        ),
        (['{apiGroups: [""], resources: [groups], verbs: [impersonate]}'], ["impersonate"]),
        (['{apiGroups: [""], resources: [groups], resourceNames: [developers], verbs: [impersonate]}'], []),
        (['{apiGroups: [""], resources: [groups], resourceNames: ["system:masters"], verbs: [impersonate]}'], ["impersonate"]),
        (['{apiGroups: [""], resources: [serviceaccounts], verbs: [create]}'], []),
        (['{apiGroups: [""], resources: [serviceaccounts/token], verbs: [create]}'], ["create serviceaccounts/token"]),
        (['{apiGroups: ["*"], resources: ["*/token"], verbs: [create]}'], ["create serviceaccounts/token"]),
        (['{apiGroups: [""], resources: [serviceaccounts/token], resourceNames: [web], verbs: [create]}'], []),
        (['{apiGroups: [""], resources: ["serviceaccounts/*"], verbs: [create]}'], []),
        (['{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}'], []),
        ([f"{{{CSR}, resources: [signers, certificatesigningrequests/approval], verbs: [approve, update]}}"], []),
        (
            [
                f"{{{CSR}, resources: [signers, certificatesigningrequests/approval], verbs: [approve, update]}}",
                f"{{{CSR}, resources: [certificatesigningrequests], verbs: [create]}}",
            ],
            ["approve signers"],
        ),
    ],
)
def test_rights_that_lead_to_others(rules, expected):
    assert escalation_rights(*rules) == expected


def test_controllers_write_custom_resources_or_the_status_of_ingresses():
    def judged(text):
        found = state(cluster_role("r", f"[{text}]"), binding("ClusterRoleBinding", "b", "r", WEB))
        return acts_as_controller(rbac_graph(found).of_service_account("shop", "web"))

    assert judged("{apiGroups: [shop.example.com], resources: [orders/status], verbs: [patch]}")
    assert judged("{apiGroups: [networking.k8s.io], resources: [ingresses/status], verbs: [update]}")
    assert not judged("{apiGroups: [shop.example.com], resources: [orders], verbs: [get, list]}")
    assert not judged('{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}')
    assert not judged("{apiGroups: [apps], resources: [deployments], verbs: [patch]}")


def test_granted_names_the_item_and_needs_no_names():
    found = rule(verbs=["list"], groups=[""], resources=["pods", "secrets"])
    assert list(granted(found, ("get", "list"), "", ("secrets",))) == [(("rules", 0, "resources", 1), "list", "secrets")]
    assert list(granted(rule(verbs=["get"], groups=[""], resources=["secrets"], names=["a"]), ("get",), "", ("secrets",))) == []


# --- Names of resources


def test_the_table_of_resources():
    assert GROUPS_OF["events"] == ("", "events.k8s.io")
    assert is_served("apps", "deployments")
    assert not is_served("", "deployments")
    assert is_cluster_scoped_resource("", "nodes/proxy")
    assert not is_cluster_scoped_resource("metrics.k8s.io", "nodes")
    assert SINGULARS["ingress"] == "ingresses"
    assert SINGULARS["networkpolicy"] == "networkpolicies"
    assert SINGULARS["lease"] == "leases"
    assert SINGULARS["ingressclass"] == "ingressclasses"
    assert not SINGULARS.keys() & GROUPS_OF.keys()
    assert all(plural in GROUPS_OF for plural in SHORT_NAMES.values())
    assert {group for group, _ in REMOVED} <= BUILT_IN_API_GROUPS


def test_removal_depends_on_the_target():
    assert removed_in("extensions", "ingresses", None) == "1.22"
    assert removed_in("extensions", "ingresses", "1.34") == "1.22"
    assert removed_in("extensions", "ingresses", "1.21") is None
    assert removed_in("policy", "podsecuritypolicies", "1.25") == "1.25"
    assert removed_in("apps", "deployments", "1.34") is None


def test_definitions_in_the_state_name_custom_resources():
    found = state(
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: orders.shop.example.com}
        spec: {group: shop.example.com, scope: Cluster, names: {plural: orders, singular: order, kind: Order, shortNames: [od, 1]}}
        """
    )
    entry = custom_resources(found)["shop.example.com"]["orders"]
    assert entry.also_called == ("order", "Order", "order", "od")
    assert not entry.namespaced


# --- The whole way


def test_from_workload_to_secret():
    found = state(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop}
        spec: {serviceAccountName: web, containers: [{name: web, image: web}]}
        """,
        cluster_role("reader", READ_SECRETS, "{part: of}"),
        cluster_role("owner", more="aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: of}}]}"),
        binding("ClusterRoleBinding", "web", "owner", WEB),
    )
    pod = PodTemplate(found.resources[0], (), found.resources[0].body)
    (token,) = api_tokens(pod, found)
    (permission,) = secret_reading(rbac_graph(found).of_service_account(token.namespace, token.account))
    assert str(permission) == "ClusterRoleBinding web -> ClusterRole owner -> ClusterRole reader, rule 1"
    assert permission.role_rule.written_in.name == "reader"
