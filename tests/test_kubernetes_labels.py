"""Label syntax, labels of run time, and where objects hold labels."""

import pytest
from kubernetes_objects import resource

from linter.kubernetes.labels.fields import label_fields
from linter.kubernetes.labels.syntax import annotation_bytes, changes_with_releases, key_problem, set_at_run_time, value_problem


@pytest.mark.parametrize("key", ["a", "A", "1", "a-b_c.d", "example.com/a", "x.y-z/A_b", "a" * 63, f"{'a' * 63}.{'b' * 63}/{'c' * 63}"])
def test_valid_keys(key):
    assert key_problem(key) is None


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "its name is empty"),
        ("example.com/", "its name is empty"),
        ("/a", "nothing stands before the `/`"),
        ("a/b/c", "more than one `/`"),
        ("-a", "must begin and end"),
        ("a.", "must begin and end"),
        ("a b", "a space"),
        ("a\n", "a line break"),
        ("ä", "`ä`"),
        ("a" * 64, "64 characters"),
        ("Example.com/a", "not a DNS name"),
        ("-x/a", "not a DNS name"),
        (f"{'a.' * 130}b/a", "prefix has 261 characters"),
    ],
)
def test_invalid_keys_say_why(key, words):
    assert words in key_problem(key)


def test_prefixes_of_annotations_may_have_capitals():
    assert key_problem("Example.com/a", annotation=True) is None
    assert key_problem("a/b/c", annotation=True) is not None


@pytest.mark.parametrize("value", ["", "a", "A.b_c-1", "1", "a" * 63])
def test_valid_values(value):
    assert value_problem(value) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [("a+b", "`+`"), ("a b", "a space"), ("a/b", "`/`"), ("-a", "begin and end"), ("a\n", "a line break"), ("a" * 64, "64 characters")],
)
def test_invalid_values_say_why(value, words):
    assert words in value_problem(value)


@pytest.mark.parametrize(
    ("key", "value", "held"),
    [
        ("helm.sh/chart", "web-1.2.3", "the chart's version"),
        ("chart", "web-1.2.3", "the chart's version"),
        ("chart", "web", None),
        ("app.kubernetes.io/version", "1.2.3", "the application's version"),
        ("app.kubernetes.io/version", "v2", None),
        ("version", "v2", None),
        ("version", "1.2", "a version"),
        ("git-sha", "4f2a9c1", "a commit or content hash"),
        ("app", "4f2a9c1", None),
        ("app", "deadbeef", None),
        ("anything", "4f2a9c14f2a9c14f2a9c14f2a9c14f2a9c14f2a9", "a commit or content hash"),
        ("date", "2025-03-01", "a date"),
        ("year", "2025", None),
        ("revision", "stable", None),
        ("app", "web", None),
    ],
)
def test_labels_that_change_with_releases(key, value, held):
    assert changes_with_releases(key, value) == held


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("statefulset.kubernetes.io/pod-name", "web-0", True),
        ("role", "master", True),
        ("example.com/role", "Primary", True),
        ("role", "frontend", False),
        ("app", "master", False),
        ("operator", "leader", True),
        ("app.kubernetes.io/component", "leader", False),
    ],
)
def test_labels_of_run_time(key, value, expected):
    assert set_at_run_time(key, value) is expected


def test_annotation_size_is_in_bytes():
    assert annotation_bytes({"a": "ä", "b": 3}) == 4


def test_where_labels_stand():
    found = list(
        label_fields(
            resource("""
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db, labels: {app: db}, annotations: {note: x}}
        spec:
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec:
              nodeSelector: {disk: ssd}
              affinity:
                podAntiAffinity:
                  preferredDuringSchedulingIgnoredDuringExecution:
                    - podAffinityTerm: {labelSelector: {matchLabels: {app: db}}}
              volumes:
                - ephemeral: {volumeClaimTemplate: {metadata: {labels: {x: y}}}}
          volumeClaimTemplates:
            - metadata: {labels: {app: db}}
        """)
        ).maps
    )
    assert [(field.use, field.route[-3:]) for field in found] == [
        ("label", ("metadata", "labels")),
        ("annotation", ("metadata", "annotations")),
        ("label", ("template", "metadata", "labels")),
        ("node selector", ("template", "spec", "nodeSelector")),
        ("label", ("volumeClaimTemplate", "metadata", "labels")),
        ("label", (0, "metadata", "labels")),
        ("selector", ("spec", "selector", "matchLabels")),
        ("selector", ("podAffinityTerm", "labelSelector", "matchLabels")),
    ]


def test_selectors_inside_lists():
    policy = resource("""
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web}
        spec:
          podSelector: {}
          ingress:
            - from: [{ipBlock: {cidr: 10.0.0.0/8}}, {podSelector: {matchLabels: {app: a}}, namespaceSelector: {}}]
            - from: nonsense
        """)
    assert [field.route for field in label_fields(policy).selectors] == [
        ("spec", "podSelector"),
        ("spec", "ingress", 0, "from", 1, "podSelector"),
        ("spec", "ingress", 0, "from", 1, "namespaceSelector"),
    ]


def test_a_custom_resource_has_only_its_metadata():
    custom = resource(
        "{apiVersion: example.com/v1, kind: Pool, metadata: {name: a, labels: {x: y}}, spec: {selector: {matchLabels: {a: b}}}}"
    )
    assert [field.route for field in label_fields(custom).maps] == [("metadata", "labels")]
