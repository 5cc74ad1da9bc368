"""Probes: handlers, timing with defaults, ports."""

import pytest
from kubernetes_objects import container, pod, resource

from linter.kubernetes.pods import pod_template
from linter.kubernetes.workloads.lifecycle import grace_period, pre_stop_seconds, runs_to_completion
from linter.kubernetes.workloads.probes import declared_ports, endpoint, port_references, probes_of


def probe(body, ports="[]"):
    node = container(f"{{name: web, ports: {ports}, livenessProbe: {body}}}")
    (found,) = probes_of(node)
    return found, node


@pytest.mark.parametrize(
    ("body", "handlers"),
    [
        ("{}", ()),
        ("{httpGet: {port: 80}}", ("httpGet",)),
        ("{httpGet: null, tcpSocket: {port: 80}}", ("tcpSocket",)),
        ("{exec: {command: [a]}, grpc: {port: 80}}", ("exec", "grpc")),
        ("{httpGet: {}}", ("httpGet",)),
    ],
)
def test_handlers(body, handlers):
    assert probe(body)[0].handlers == handlers


def test_defaults_stand_in_for_absent_values_and_zeros():
    found, _ = probe("{periodSeconds: 0, failureThreshold: 5, initialDelaySeconds: 7}")
    assert [found.timing(field) for field in ("periodSeconds", "timeoutSeconds", "failureThreshold", "initialDelaySeconds")] == [
        10,
        1,
        5,
        7,
    ]
    assert found.failure_time() == 50
    assert found.budget() == 57


@pytest.mark.parametrize("value", ["'5'", "true", "false", "[1]", "1.5"])
def test_values_that_are_no_whole_numbers_are_unknown(value):
    found, _ = probe(f"{{periodSeconds: {value}}}")
    assert found.timing("periodSeconds") is None
    assert found.failure_time() is None
    assert found.budget() is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("{httpGet: {port: 8080}}", "{httpGet: {path: /, port: http, scheme: HTTP}}", True),
        ("{httpGet: {port: 8080}}", "{httpGet: {port: 8080, path: /x}}", False),
        ("{httpGet: {port: 8080}}", "{httpGet: {port: 8080, scheme: HTTPS}}", False),
        ("{httpGet: {port: 8080}}", "{httpGet: {port: 8080, host: example.com}}", False),
        ("{httpGet: {port: http}}", "{httpGet: {port: other}}", False),
        ("{httpGet: {port: 1, httpHeaders: [{name: a, value: b}]}}", "{httpGet: {port: 1}}", False),
        (
            "{httpGet: {port: 1, httpHeaders: [{name: a, value: b}, {name: c, value: d}]}}",
            "{httpGet: {port: 1, httpHeaders: [{name: c, value: d}, {name: a, value: b}]}}",
            True,
        ),
        ("{tcpSocket: {port: 1}}", "{httpGet: {port: 1}}", False),
        ("{grpc: {port: 1}}", "{grpc: {port: 1, service: ''}}", True),
        ("{grpc: {port: 1}}", "{grpc: {port: 1, service: live}}", False),
        ("{exec: {command: [a, b]}}", "{exec: {command: [a, b]}}", True),
        ("{exec: {command: [a b]}}", "{exec: {command: [a, b]}}", False),
    ],
)
def test_what_a_probe_asks(one, other, same):
    ports = "[{name: http, containerPort: 8080}, {name: other, containerPort: 9090}]"
    first, second = (endpoint(*probe(body, ports)) for body in (one, other))
    assert first is not None
    assert (first == second) is same


def test_nothing_can_be_said_about_several_handlers():
    assert endpoint(*probe("{exec: {}, grpc: {}}")) is None


def test_ports_that_probes_and_hooks_name():
    node = container(
        "{name: web, livenessProbe: {httpGet: {port: a}}, readinessProbe: {tcpSocket: {port: 1}}, startupProbe: {grpc: {port: 2}},"
        " lifecycle: {preStop: {httpGet: {port: b}}, postStart: {exec: {command: [x]}}}}"
    )
    assert [(route[3:], port) for route, _, port in port_references(node)] == [
        (("livenessProbe", "httpGet", "port"), "a"),
        (("readinessProbe", "tcpSocket", "port"), 1),
        (("startupProbe", "grpc", "port"), 2),
        (("lifecycle", "preStop", "httpGet", "port"), "b"),
    ]


def test_declared_ports_of_any_shape():
    assert declared_ports(
        {"ports": [{"containerPort": 80, "name": "http"}, {"containerPort": "80"}, "x", {"containerPort": True, "protocol": "UDP"}]}
    ) == [
        declared_ports({"ports": [{"containerPort": 80, "name": "http"}]})[0],
        declared_ports({"ports": [{}]})[0],
        declared_ports({"ports": [{}]})[0],
        declared_ports({"ports": [{"protocol": "UDP"}]})[0],
    ]
    assert declared_ports(None) == []
    assert declared_ports({"ports": "80"}) == []


@pytest.mark.parametrize(
    ("hook", "seconds"),
    [
        ("{sleep: {seconds: 15}}", 15),
        ("{exec: {command: [sleep, '20']}}", 20),
        ("{exec: {command: [/bin/sleep, 20s]}}", 20),
        ("{exec: {command: [sh, -c, 'sleep 5 && kill 1; sleep 1m']}}", 65),
        ("{exec: {command: [/bin/sh, -ec, 'sleep 5 2>&1']}}", 5),
        ("{exec: {command: [sh, -c, 'while busy; do sleep 5; done']}}", None),
        ("{exec: {command: [sh, -c, 'sleep 5 & wait']}}", None),
        ("{exec: {command: [sh, -c, 'sleep $DELAY']}}", None),
        ("{exec: {command: [no-sleep, '20']}}", None),
        ("{exec: {command: [sleep, 20]}}", None),
        ("{exec: sleep}", None),
        ("{httpGet: {port: 1}}", None),
    ],
)
def test_how_long_a_pre_stop_hook_sleeps(hook, seconds):
    found = pre_stop_seconds(container(f"{{name: web, lifecycle: {{preStop: {hook}}}}}").value)
    assert (found[1] if found else None) == seconds


@pytest.mark.parametrize(
    ("spec", "seconds"), [("{}", 30), ("{terminationGracePeriodSeconds: 5}", 5), ("{terminationGracePeriodSeconds: '5'}", None)]
)
def test_grace_periods(spec, seconds):
    assert grace_period(pod(spec)) == seconds


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {spec: {containers: []}}}}", True),
        ("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {restartPolicy: Never}}", True),
        ("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {restartPolicy: Always}}", False),
        ("{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {helm.sh/hook: test}}, spec: {containers: []}}", True),
        ("{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {restartPolicy: Never}}}}", False),
    ],
)
def test_pods_that_end(body, expected):
    assert runs_to_completion(pod_template(resource(body))) is expected
