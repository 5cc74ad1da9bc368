"""Istio's annotations and labels, their values, and who gets a sidecar."""

import pytest
from kubernetes_objects import pod, state

from linter.istio import values
from linter.istio.annotations import ANNOTATIONS, ANY, REMOVED, is_free, is_istio_key
from linter.istio.injection import in_mesh, is_injected
from linter.istio.keys import carriers, closest
from linter.istio.labels import DECISIVE, LABELS
from linter.istio.protocols import is_told


class TestValues:
    @pytest.mark.parametrize(
        ("check", "good", "bad"),
        [
            (values.go_boolean, ["true", "T", "0", "False"], ["yes", "tRUE", "", "on"]),
            (values.TRUE_OR_FALSE, ["true", "false"], ["True", "1", ""]),
            (values.ports, ["", "80", "80, 443", "0"], ["*", "80,", "http", "70000", "-1", "８０"]),
            (values.ports_or_all, ["*", "80"], ["*,80"]),
            (
                values.address_ranges,
                ["", "10.0.0.0/8", "10.0.0.1/8,fd00::/8"],
                ["10.0.0.1", "*", "10.0.0.0/8, 11.0.0.0/8", "a/8", "10.0.0.0/33"],
            ),
            (values.address_ranges_or_all, ["*", "10.0.0.0/8"], ["**"]),
            (values.interfaces, ["", "eth0", "net1,net2"], ["a" * 16, "eth 0", "a,,b"]),
            (values.quantity, ["100m", "0.5", "1Gi", "1e3", "2"], ["100 m", "1GiB", "", "half", "1ki"]),
            (values.duration, ["5s", "1m30s", "0", "1.5h"], ["5", "1d", "5 s", ""]),
            (values.json_object, ["{}", '{"a": [1]}'], ["[]", "a=b", ""]),
            (values.json_object_or_list, ["{}", "[]"], ["1", "{", "[" * 100_000]),
            (values.ENVOY_LEVEL, ["debug", "warn", "off"], ["verbose", "DEBUG", ""]),
            (values.envoy_component_levels, ["upstream:debug,http:warning"], ["debug", "http:", "http:none", ":debug"]),
            (values.agent_levels, ["debug", "dns:debug,default:none"], ["trace", "dns:trace", ""]),
            (values.integer_between(0, 100), ["0", "100"], ["101", "-1", "1.5", "", "9" * 20]),
        ],
    )
    def test_syntax(self, check, good, bad):
        assert [value for value in good if check(value) is not None] == []
        assert [value for value in bad if check(value) is None] == []


class TestKeys:
    def test_the_tables_hold_keys_of_istio(self):
        for name in (*ANNOTATIONS, *LABELS, *REMOVED):
            assert is_istio_key(name) or name in ("kubernetes.io/ingress.class", "istio-injection"), name
        assert not set(REMOVED) & set(ANNOTATIONS)
        assert set(LABELS) >= DECISIVE
        for name, entry in (*ANNOTATIONS.items(), *LABELS.items()):
            assert entry.kinds, name
            assert entry.kinds == (ANY,) or ANY not in entry.kinds, name
            assert entry.check is None or entry.effect, name

    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("sidecar.istio.io/proxyCpu", "sidecar.istio.io/proxyCPU"),
            ("sidecar.istio.io/proxyMemmory", "sidecar.istio.io/proxyMemory"),
            ("traffic.istio.io/excludeOutboundPorts", "traffic.sidecar.istio.io/excludeOutboundPorts"),
            ("sidecar.istio.io/colour", None),
            ("other.istio.io/blue", None),
        ],
    )
    def test_the_key_an_author_meant(self, name, meant):
        assert closest(name, ANNOTATIONS) == meant

    @pytest.mark.parametrize(
        ("key", "of_istio"),
        [
            ("istio.io/rev", True),
            ("a.istio.io/b", True),
            ("istio.io", False),
            ("notistio.io/a", False),
            ("a.istio.io.example.com/b", False),
        ],
    )
    def test_whose_key_it_is(self, key, of_istio):
        assert is_istio_key(key) is of_istio

    def test_keys_of_an_object_its_job_and_its_pod(self):
        found = state("""
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: report, namespace: shop, labels: {istio.io/rev: a, other: b}}
            spec:
              jobTemplate:
                metadata: {annotations: {sidecar.istio.io/inject: 7}}
                spec: {template: {metadata: {annotations: {proxy.istio.io/config: "{}"}}, spec: {}}}
        """)
        ((_, keys),) = carriers(found)
        assert [(key.on, key.field, key.name, key.text) for key in keys] == [
            ("CronJob", "labels", "istio.io/rev", "a"),
            ("Pod", "annotations", "proxy.istio.io/config", "{}"),
            ("Job", "annotations", "sidecar.istio.io/inject", None),
        ]
        assert keys[1].route == ("spec", "jobTemplate", "spec", "template", "metadata", "annotations", "proxy.istio.io/config")

    def test_families_that_no_table_lists(self):
        assert is_free("install.operator.istio.io/owning-resource")
        assert not is_free("sidecar.istio.io/anything")


class TestInjection:
    @pytest.mark.parametrize(
        ("namespace", "labels", "spec", "injected"),
        [
            ("{istio-injection: enabled}", "{}", "{}", True),
            ("{istio-injection: enabled}", "{sidecar.istio.io/inject: 'false'}", "{}", False),
            ("{istio-injection: disabled}", "{sidecar.istio.io/inject: 'true'}", "{}", True),
            ("{istio-injection: enabled}", "{}", "{hostNetwork: true}", False),
            ("{istio-injection: 'true'}", "{}", "{}", False),
            ("{istio.io/rev: stable}", "{}", "{}", True),
            ("{}", "{}", "{}", None),
            (None, "{}", "{}", None),
        ],
    )
    def test_who_gets_a_sidecar(self, namespace, labels, spec, injected):
        text = "" if namespace is None else f"{{apiVersion: v1, kind: Namespace, metadata: {{name: default, labels: {namespace}}}}}"
        assert is_injected(pod(spec, labels), state(text)) is injected

    def test_namespaces_of_the_mesh(self):
        found = state("{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}}")
        assert in_mesh("shop", found)
        assert not in_mesh("bank", found)


@pytest.mark.parametrize(
    ("port", "told"),
    [
        ({"name": "http"}, True),
        ({"name": "HTTP-web"}, True),
        ({"name": "grpc-web-x"}, True),
        ({"name": "web"}, False),
        ({"name": "web", "appProtocol": "http"}, True),
        ({"name": "http", "appProtocol": "prometheus"}, False),
        ({}, False),
        ({"port": 3306}, True),
        ({"port": [3306]}, False),
        ({"protocol": "UDP"}, True),
        ({"appProtocol": "kubernetes.io/h2c"}, True),
    ],
)
def test_whether_a_port_tells_its_protocol(port, told):
    assert is_told(port) is told
