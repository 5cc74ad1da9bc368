"""Which pods a Service selects, and which container serves its ports."""

import pytest
from kubernetes_objects import pod, resource, state

from linter.kubernetes.pods import pod_template
from linter.kubernetes.workloads.pod_index import templates_in, templates_selected, templates_selected_by_map
from linter.kubernetes.workloads.rolling_updates import rolling_update
from linter.kubernetes.workloads.services import (
    PodsElsewhere,
    pods_of,
    selected_templates,
    selects_pods,
    service_ports,
    services_selecting,
    serving_container,
)
from linter.model.state import ObjectPattern


def deployment(name, labels, namespace="shop"):
    return f"""
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{template: {{metadata: {{labels: {labels}}}, spec: {{containers: []}}}}}}
"""


def service(name, selector, namespace="shop", more=""):
    return f"""
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{selector: {selector}, ports: [{{port: 80}}]{more}}}
"""


def first(one, kind="Service"):
    return one.of_kind(kind)[0]


def test_a_service_selects_within_its_namespace():
    one = state(
        service("web", "{app: web}")
        + deployment("a", "{app: web, tier: x}")
        + deployment("b", "{app: api}")
        + deployment("c", "{app: web}", "other")
        + deployment("d", "{app: web}")
    )
    assert [found.resource.name for found in selected_templates(one, first(one))] == ["a", "d"]
    assert [found.name for found in services_selecting(one, pod_template(one.get("Deployment", "shop", "d")))] == ["web"]
    assert services_selecting(one, pod_template(one.get("Deployment", "other", "c"))) == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (service("web", "{app: web}"), True),
        (service("web", "{}"), False),
        (service("web", "null"), False),
        (service("web", "[a]"), False),
        (service("web", "{app: web}", more=", type: ExternalName"), False),
    ],
)
def test_services_that_choose_pods(body, expected):
    assert selects_pods(resource(body)) is expected


def test_the_index_answers_as_the_selectors_do():
    one = state(deployment("a", "{app: web, num: '1'}") + deployment("b", "{app: web, num: '2'}") + deployment("c", "{}"))
    names = lambda pods: [found.resource.name for found in pods]  # noqa: E731
    assert names(templates_in(one, "shop")) == ["a", "b", "c"]
    assert names(templates_selected(one, "shop", {})) == ["a", "b", "c"]
    assert names(templates_selected(one, "shop", None)) == []
    assert names(
        templates_selected(
            one, "shop", {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "num", "operator": "NotIn", "values": ["1"]}]}
        )
    ) == ["b"]
    assert names(templates_selected(one, "shop", {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]})) == ["c"]
    assert names(templates_selected_by_map(one, "shop", {"app": "web", "num": "2"})) == ["b"]
    assert names(templates_selected_by_map(one, "shop", {})) == []
    assert names(templates_selected_by_map(one, "shop", {"app": 3})) == []
    assert names(templates_in(one, "nowhere")) == []


def test_a_service_without_pods_is_told_only_where_it_can_be_known():
    nothing = state(service("x", "{app: other}") + deployment("web", "{app: web}"))
    assert pods_of(nothing, first(nothing)) == ()
    one = state(service("x", "{app: web}") + deployment("web", "{app: web}"))
    assert [found.resource.name for found in pods_of(one, first(one))] == ["web"]


@pytest.mark.parametrize(
    ("texts", "options", "reason"),
    [
        ((service("x", "null") + deployment("w", "{a: b}"),), {}, "no selector"),
        ((service("x", "{app: '${APP}'}") + deployment("w", "{a: b}"),), {}, "placeholder"),
        ((service("x", "{app: web}") + deployment("w", "{app: '${APP}'}"),), {}, "placeholder as label"),
        ((service("x", "{app: 3}") + deployment("w", "{a: b}"),), {}, "malformed"),
        ((service("x", "{a: b, role: master}") + deployment("w", "{a: b}"),), {}, "while they run"),
        ((service("x", "{statefulset.kubernetes.io/pod-name: w-0}") + deployment("w", "{a: b}"),), {}, "while they run"),
        ((service("x", "{app: web}"), deployment("w", "{a: b}")), {}, "declares no workload"),
        ((service("x", "{app: web}") + deployment("w", "{a: b}", "other"),), {}, "declares no workload"),
        ((service("x", "{app: web}") + deployment("w", "{a: b}"),), {"incomplete": ("charts/db",)}, "charts/db could not be rendered"),
        (
            (
                service("x", "{app: web}")
                + deployment("w", "{a: b}")
                + "---\n{apiVersion: example.com/v1, kind: Db, metadata: {name: a, namespace: shop}}",
            ),
            {},
            "Db shop/a may create its pods",
        ),
        (
            (
                service("x", "{app: web}")
                + deployment("w", "{a: b}")
                + "---\n{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: a, namespace: flux}}",
            ),
            {},
            "HelmRelease flux/a",
        ),
        (
            (service("x", "{app: web}") + deployment("w", "{a: b}"),),
            {"externals": (ObjectPattern("Deployment", "shop"),)},
            "under externals",
        ),
    ],
)
def test_reasons_why_pods_may_be_elsewhere(texts, options, reason):
    one = state(*texts, **options)
    answer = pods_of(one, first(one))
    assert isinstance(answer, PodsElsewhere)
    assert reason in answer


def test_neighbours_that_create_no_pods_are_no_excuse():
    one = state(
        service("x", "{app: web}")
        + deployment("w", "{a: b}")
        + "---\n{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: a, namespace: shop}}\n"
        + "---\n{apiVersion: example.com/v1, kind: Db, metadata: {name: a, namespace: other}}\n"
        + "---\n{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a, namespace: argocd},"
        + " spec: {destination: {namespace: other}}}"
    )
    assert pods_of(one, first(one)) == ()


def test_a_closed_world_has_nothing_elsewhere():
    one = state(service("x", "{app: web}"), deployment("w", "{a: b}"), closed_world=True)
    assert pods_of(one, first(one)) == ()


def test_target_ports():
    one = resource(
        "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: ["
        "{port: 80}, {port: 80, targetPort: 8080}, {port: 80, targetPort: http}, {port: 53, protocol: UDP, targetPort: ''},"
        " {port: 80, targetPort: [1]}, 3]}}"
    )
    assert [(port.target, port.protocol) for port in service_ports(one)] == [
        (80, "TCP"),
        (8080, "TCP"),
        ("http", "TCP"),
        (53, "UDP"),
        (None, "TCP"),
    ]


@pytest.mark.parametrize(
    ("spec", "port", "expected"),
    [
        ("{containers: [{name: a, ports: [{name: http, containerPort: 80}]}, {name: b}]}", "{port: 1, targetPort: http}", "a"),
        ("{containers: [{name: a}, {name: b, ports: [{containerPort: 80}]}]}", "{port: 80}", "b"),
        ("{containers: [{name: a}, {name: b}]}", "{port: 80}", None),
        ("{containers: [{name: a}]}", "{port: 80}", "a"),
        ("{containers: [{name: a}]}", "{port: 80, targetPort: http}", None),
        (
            "{containers: [{name: a, ports: [{containerPort: 53, protocol: UDP}]}, {name: b, ports: [{containerPort: 53}]}]}",
            "{port: 53}",
            "b",
        ),
        ("{containers: [{name: a}], initContainers: [{name: s, restartPolicy: Always, ports: [{containerPort: 80}]}]}", "{port: 80}", "s"),
        ("{containers: [{name: a}], initContainers: [{name: i, ports: [{containerPort: 80}]}]}", "{port: 80}", "a"),
        ("{containers: [{name: a, ports: [3, {containerPort: x}]}, 7]}", "{port: 80}", "a"),
    ],
)
def test_the_container_behind_a_port(spec, port, expected):
    (found,) = service_ports(resource(f"{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {{ports: [{port}]}}}}"))
    served = serving_container(pod(spec), found)
    assert (served.value["name"] if served else None) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{replicas: 3}", (3, 1, 0)),
        ("{replicas: 4}", (4, 1, 1)),
        ("{}", (1, 1, 0)),
        ("{replicas: 3, strategy: {rollingUpdate: {maxSurge: 0}}}", (3, 0, 1)),
        ("{replicas: 10, strategy: {rollingUpdate: {maxSurge: 15%, maxUnavailable: 15%}}}", (10, 2, 1)),
        ("{replicas: 3, strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 0}}}", (3, 2, 0)),
        ("{replicas: 3, strategy: {type: Recreate}}", None),
        ("{replicas: '3'}", None),
        ("{replicas: 3, strategy: {rollingUpdate: {maxSurge: lots}}}", None),
        ("{replicas: 3, strategy: nonsense}", (3, 1, 0)),
    ],
)
def test_rolling_updates_round_as_the_controller_does(spec, expected):
    found = rolling_update(resource(f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {spec}}}"))
    assert ((found.replicas, found.surge, found.unavailable) if found else None) == expected
