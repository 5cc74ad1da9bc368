"""What pods demand of nodes."""

import pytest
from kubernetes_objects import pod

from linter.kubernetes.labels.selectors import contradiction
from linter.kubernetes.scheduling.node_affinity import demanded_labels, node_terms, requirement_problem
from linter.kubernetes.scheduling.node_labels import FORMER_LABELS, WELL_KNOWN, misspelling_of, value_problem
from linter.kubernetes.scheduling.node_references import node_label_references
from linter.kubernetes.scheduling.pod_affinity import AffinityTerm, selector_words
from linter.kubernetes.scheduling.tolerations import outlasts_dead_nodes, toleration_problems

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def terms(required="[]", preferred="[]"):
    affinity = f"{{nodeAffinity: {{{REQUIRED}: {{nodeSelectorTerms: {required}}}, {PREFERRED}: {preferred}}}}}"
    return list(node_terms(pod(f"{{affinity: {affinity}, containers: []}}")))


def test_terms_carry_their_routes_and_conditions():
    (required, preferred) = terms(
        "[{matchExpressions: [{key: zone, operator: In, values: [a]}], matchFields: [{key: metadata.name, operator: In, values: [n1]}]}]",
        "[{weight: 1, preference: {matchExpressions: [{key: gen, operator: Gt, values: ['3']}]}}]",
    )
    assert required.required
    assert [str(requirement) for requirement in required.requirements] == ["zone In (a)", "metadata.name In (n1)"]
    assert required.requirements[0].route == ("spec", "affinity", "nodeAffinity", REQUIRED, "nodeSelectorTerms", 0, "matchExpressions", 0)
    assert not preferred.required
    assert str(preferred.requirements[0]) == "gen Gt 3"
    assert preferred.requirements[0].route[-5:] == (PREFERRED, 0, "preference", "matchExpressions", 0)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("{}", ()),
        ("null", ()),
        ("[]", None),
        ("{matchExpressions: 3}", None),
        ("{matchExpressions: [{key: a, operator: Nope}]}", None),
        ("{matchExpressions: [{key: a, operator: Gt, values: [x]}]}", None),
    ],
)
def test_empty_and_malformed_terms(term, expected):
    (found,) = terms(f"[{term}]")
    assert found.requirements == expected


def test_the_operating_system_is_demanded_too():
    found = demanded_labels(pod("{os: {name: windows}, nodeSelector: {kubernetes.io/os: linux, gen: 3}, containers: []}"))
    assert [requirement.route for requirement in found] == [("spec", "nodeSelector", "kubernetes.io/os"), ("spec", "os", "name")]
    assert str(contradiction(found)) == "`kubernetes.io/os In (linux)` and `kubernetes.io/os In (windows)`"


@pytest.mark.parametrize(
    ("expression", "field", "route"),
    [
        ({"key": "a", "operator": "In", "values": ["x"]}, False, None),
        ({"key": "a", "operator": "In"}, False, ("values",)),
        ({"key": "a", "operator": "Exists", "values": []}, False, None),
        ({"key": "a", "operator": "DoesNotExist", "values": ["x"]}, False, ("values",)),
        ({"key": "a", "operator": "Gt", "values": ["-3"]}, False, None),
        ({"key": "a", "operator": "Gt", "values": ["3", "4"]}, False, ("values",)),
        ({"key": "a", "operator": "Lt", "values": ["3Gi"]}, False, ("values", 0)),
        ({"key": "a", "operator": "=="}, False, ("operator",)),
        ({"key": "a"}, False, ("operator",)),
        ("a", False, ()),
        ({"key": "metadata.name", "operator": "In", "values": ["n1"]}, True, None),
        ({"key": "metadata.name", "operator": "In", "values": ["n1", "n2"]}, True, ("values",)),
        ({"key": "metadata.name", "operator": "Exists"}, True, ("operator",)),
        ({"key": "spec.unschedulable", "operator": "In", "values": ["x"]}, True, ("key",)),
    ],
)
def test_what_the_api_server_refuses(expression, field, route):
    problem = requirement_problem(expression, field=field)
    assert (problem[0] if problem else None) == route


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("topology.kubernetes.io/zones", "topology.kubernetes.io/zone"),
        ("topology.kuberntes.io/zone", "topology.kubernetes.io/zone"),
        ("kubernetes.io/zone", "topology.kubernetes.io/zone"),
        ("node.kubernetes.io/arch", "kubernetes.io/arch"),
        ("kubernetes.io/hostnam", "kubernetes.io/hostname"),
        ("kubernetes.io/instance-type", "node.kubernetes.io/instance-type"),
        ("node-role.kubernetes.io/control-plan", "node-role.kubernetes.io/control-plane"),
        ("node-role.kubernetes.io/worker", None),
        ("node.kubernetes.io/lifecycle", None),
        ("beta.kubernetes.io/os", None),
        ("zone", None),
        ("example.com/zone", None),
        ("topology.ebs.csi.aws.com/zone", None),
        ("kubernetes.io/cluster-service", None),
        ("kops.k8s.io/instancegroup", None),
    ],
)
def test_misspellings(key, meant):
    assert misspelling_of(key) == meant


@pytest.mark.parametrize("key", sorted(WELL_KNOWN | FORMER_LABELS.keys()))
def test_no_documented_label_is_a_misspelling(key):
    assert misspelling_of(key) is None


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("kubernetes.io/arch", "x86_64", "`amd64`"),
        ("beta.kubernetes.io/arch", "aarch64", "`arm64`"),
        ("kubernetes.io/os", "Linux", "`linux`"),
        ("kubernetes.io/os", "plan9", "known are `linux`, `windows`"),
        ("kubernetes.io/os", "windows", None),
        ("kubernetes.io/arch", "s390x", None),
        ("example.com/arch", "x86_64", None),
    ],
)
def test_values_that_nodes_report(key, value, words):
    problem = value_problem(key, value)
    assert problem is None if words is None else words in problem


def test_every_place_that_names_a_node_label():
    found = node_label_references(
        pod(
            f"{{nodeSelector: {{a: x}}, affinity: {{nodeAffinity: {{{REQUIRED}:"
            " {nodeSelectorTerms: [{matchExpressions: [{key: b, operator: Exists}]}]}},"
            f" podAntiAffinity: {{{PREFERRED}: [{{podAffinityTerm: {{topologyKey: c}}}}], {REQUIRED}: [{{topologyKey: d}}]}}}},"
            " topologySpreadConstraints: [{topologyKey: e, whenUnsatisfiable: DoNotSchedule}, {topologyKey: f}, 3], containers: []}"
        )
    )
    assert [(reference.key, reference.operator, reference.required) for reference in found] == [
        ("a", "In", True),
        ("b", "Exists", True),
        ("d", "", True),
        ("c", "", False),
        ("e", "", True),
        ("f", "", False),
    ]


@pytest.mark.parametrize(
    ("toleration", "routes"),
    [
        ({"operator": "Exists"}, []),
        ({"key": "a", "value": "b"}, []),
        ({"key": "a", "operator": "Exists", "value": ""}, []),
        ({"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 0}, []),
        ({}, [()]),
        ({"key": "a", "operator": "Exists", "value": "b"}, [("value",)]),
        ({"key": "a", "value": "b c"}, [("value",)]),
        ({"key": "a", "operator": "exists"}, [("operator",)]),
        ({"key": "a", "effect": "noSchedule"}, [("effect",)]),
        ({"key": "a", "operator": "Exists", "tolerationSeconds": 5}, [("tolerationSeconds",)]),
        ({"key": "a b", "operator": "Exists"}, [("key",)]),
        ({"key": 3, "operator": ["x"]}, []),
    ],
)
def test_tolerations_the_api_server_refuses(toleration, routes):
    assert [route for route, _ in toleration_problems(toleration)] == routes


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        ({"operator": "Exists"}, True),
        ({"operator": "Exists", "effect": "NoExecute"}, True),
        ({"operator": "Exists", "effect": "NoSchedule"}, False),
        ({"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}, False),
        ({"key": "node.kubernetes.io/unreachable", "operator": "Exists"}, True),
        ({"key": "node.kubernetes.io/not-ready", "operator": "Exists"}, False),
        ({"key": "dedicated", "operator": "Exists"}, False),
    ],
)
def test_tolerations_that_outlast_dead_nodes(toleration, expected):
    assert outlasts_dead_nodes(toleration) is expected


@pytest.mark.parametrize(
    ("term", "namespace", "labels", "expected"),
    [
        ({}, "shop", None, True),
        ({}, "other", None, False),
        ({"namespaces": ["other"]}, "shop", None, False),
        ({"namespaces": ["other"]}, "other", None, True),
        ({"namespaceSelector": {}}, "other", None, True),
        ({"namespaceSelector": {"matchLabels": {"team": "a"}}}, "shop", None, None),
        ({"namespaceSelector": {"matchLabels": {"team": "a"}}}, "shop", {"team": "a"}, True),
        ({"namespaceSelector": {"matchLabels": {"team": "a"}}, "namespaces": ["shop"]}, "shop", None, True),
    ],
)
def test_namespaces_an_affinity_reaches(term, namespace, labels, expected):
    assert AffinityTerm((), term, True, True).reaches(namespace, "shop", labels) is expected


@pytest.mark.parametrize(
    ("term", "labels", "expected"),
    [
        ({"labelSelector": None}, {"app": "web"}, False),
        ({"labelSelector": {}}, {}, True),
        ({"labelSelector": {}, "matchLabelKeys": ["app"]}, {"app": "web"}, True),
        ({"labelSelector": {}, "matchLabelKeys": ["app"]}, {"app": "api"}, False),
        ({"labelSelector": {}, "mismatchLabelKeys": ["app"]}, {"app": "web"}, False),
        ({"labelSelector": {}, "mismatchLabelKeys": ["app"]}, {"app": "api"}, True),
        ({"labelSelector": {}, "matchLabelKeys": ["absent", 3]}, {"app": "api"}, True),
    ],
)
def test_pods_an_affinity_counts(term, labels, expected):
    assert AffinityTerm((), term, True, True).selects(labels, {"app": "web"}) is expected


def test_selectors_in_words():
    assert selector_words(
        {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["x", "y"]}, 3]}
    ) == ("app: web, a In (x, y)")
