"""Host names, the hosts a state knows, and gateways, as Istio reads them."""

import pytest
from kubernetes_objects import resource, state

from linter.istio.gateways import applies_to_mesh, find_gateway, gateway_entry, is_shared_gateway, namesake, served_hosts, serves
from linter.istio.hosts import ServiceName, canonical, covers, expand, matches, service_name
from linter.istio.registry import exported_to, find_host, overlap, ports
from linter.model import Presence
from linter.model.state import ObjectPattern


def virtual_service(spec="{}"):
    return resource(f"{{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {{name: vs, namespace: shop}}, spec: {spec}}}")


def service(name, namespace="shop", more=""):
    return f"""
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}{more}}}
spec: {{selector: {{app: {name}}}, ports: [{{name: http, port: 80, targetPort: 8080}}]}}
"""


def entry(hosts, namespace="shop", more=""):
    return f"""
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: outside, namespace: {namespace}}}
spec: {{hosts: {hosts}, ports: [{{number: 443, name: tls, protocol: TLS}}]{more}}}
"""


class TestHosts:
    @pytest.mark.parametrize(
        ("host", "expanded"),
        [
            ("web", "web.shop.svc.cluster.local"),
            ("Web", "web.shop.svc.cluster.local"),
            ("web.bank", "web.bank"),
            ("web.bank.svc.cluster.local.", "web.bank.svc.cluster.local"),
            ("*", "*"),
            ("*.example.com", "*.example.com"),
            ("10.0.0.1", "10.0.0.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("", ""),
        ],
    )
    def test_only_names_without_a_dot_are_completed(self, host, expanded):
        assert expand(host, "shop") == expanded

    @pytest.mark.parametrize(
        ("host", "expected"),
        [
            ("web", ServiceName("shop", "web")),
            ("web.bank", ServiceName("bank", "web", certain=False)),
            ("web.bank.svc", ServiceName("bank", "web")),
            ("web.bank.svc.cluster.local", ServiceName("bank", "web", "cluster.local")),
            ("web.bank.svc.eu.example.com", ServiceName("bank", "web", "eu.example.com")),
            ("api.eu.example.com", None),
            ("*.example.com", None),
            ("*", None),
            ("10.0.0.1", None),
            ("", None),
            ("a b", None),
        ],
    )
    def test_the_service_a_host_stands_for(self, host, expected):
        assert service_name(host, "shop") == expected

    def test_one_spelling(self):
        spellings = ("web", "WEB", "web.shop.svc", "web.shop.svc.cluster.local", "web.shop.svc.other.example")
        assert {canonical(host, "shop") for host in spellings} == {"web.shop.svc.cluster.local"}
        assert canonical("example.com", "shop") == "example.com"

    @pytest.mark.parametrize(
        ("one", "other", "meet", "within"),
        [
            ("*", "a.example.com", True, True),
            ("*.example.com", "a.example.com", True, True),
            ("*.example.com", "a.b.example.com", True, True),
            ("*.example.com", "example.com", False, False),
            ("*.example.com", "*.a.example.com", True, True),
            ("*.a.example.com", "*.example.com", True, False),
            ("a.example.com", "*.example.com", True, False),
            ("a.example.com", "A.example.com", True, True),
            ("a.example.com", "b.example.com", False, False),
            ("*.example.com", "*.example.org", False, False),
        ],
    )
    def test_wildcards(self, one, other, meet, within):
        assert matches(one, other) is meet
        assert matches(other, one) is meet
        assert covers(one, other) is within


class TestRegistry:
    def find(self, host, *texts, **options):
        return find_host(state(*texts, **options), host, virtual_service())

    @pytest.mark.parametrize("host", ["web", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local"])
    def test_a_service_under_all_its_names(self, host):
        found = self.find(host, service("web"))
        assert found.presence is Presence.PRESENT
        assert found.resource.name == "web"

    @pytest.mark.parametrize("host", ["wbe", "wbe.shop", "wbe.shop.svc", "wbe.shop.svc.cluster.local"])
    def test_a_service_that_is_not_there(self, host):
        assert self.find(host, service("web")).missing
        assert self.find(host, "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}").missing
        assert self.find(host, service("web", "bank")).presence is Presence.UNKNOWN

    @pytest.mark.parametrize(
        "host",
        ["web.elsewhere.svc.cluster.local", "wbe.shop.svc.other.example", "example.com", "*.shop", "10.0.0.1", "${HOST}", None, 7, ""],
    )
    def test_what_nobody_can_tell(self, host):
        declared = "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"
        assert self.find(host, service("web"), declared).presence is Presence.UNKNOWN

    def test_a_source_that_did_not_render(self):
        declared = "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"
        assert self.find("wbe", declared, incomplete=["charts/x"]).presence is Presence.UNKNOWN

    def test_an_operator_may_make_the_service(self):
        declared = "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"
        cluster = "{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: pg, namespace: shop}}"
        assert self.find("pg-rw", declared, cluster).presence is Presence.UNKNOWN
        assert self.find("pgrw", declared, cluster).missing
        release = "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: redis, namespace: flux-system}}"
        assert self.find("redis-master", declared, release).presence is Presence.UNKNOWN

    def test_a_service_wins_over_a_wildcard_entry(self):
        assert self.find("web", service("web") + entry('["*"]')).resource.type == "Service"
        assert self.find("a.example.com", entry('["*.example.com"]')).resource.kind == "ServiceEntry"
        assert self.find("a.example.com", entry('["*.example.com"]', "egress", ", exportTo: [.]")).resource is None

    def test_external_hosts_by_configuration(self):
        owned = (ObjectPattern("ServiceEntry"),)
        assert self.find("example.com", service("web"), owned=owned).missing
        assert self.find("example.com", service("web"), closed_world=True).missing
        externals = (ObjectPattern("ServiceEntry", "*", "example.*"),)
        assert self.find("example.com", service("web"), closed_world=True, externals=externals).presence is Presence.UNKNOWN

    def test_ports(self):
        found = ports(resource(service("web")))
        assert [(port.number, port.name, port.target, port.protocol) for port in found] == [(80, "http", "8080", "TCP")]
        assert [port.number for port in ports(resource(entry("[a.example.com]")))] == [443]

    def test_exported_to(self):
        def audience(annotation):
            return exported_to(resource(service("web", more=f", annotations: {{networking.istio.io/exportTo: {annotation}}}")))

        assert audience('"., bank"') == {"shop", "bank"}
        assert audience('"bank,*"') == audience('""') == exported_to(resource(service("web"))) == {"*"}
        assert audience('"~"') == frozenset()
        assert exported_to(virtual_service('{exportTo: [".", 7]}')) == {"shop"}
        assert overlap(frozenset({"*"}), frozenset({"a"}))
        assert not overlap(frozenset(), frozenset({"*"}))
        assert not overlap(frozenset({"a"}), frozenset({"b"}))


class TestGateways:
    @pytest.mark.parametrize(
        ("written", "place"),
        [
            ("gw", ("shop", "gw")),
            ("./gw", ("shop", "gw")),
            ("edge/gw", ("edge", "gw")),
            ("gw.edge", ("edge", "gw")),
            ("gw.edge.svc.cluster.local", ("edge", "gw")),
            ("mesh", ("", "")),
            ("edge/x~istio-autogenerated-k8s-gateway~y", ("", "")),
        ],
    )
    def test_spellings(self, written, place):
        found = gateway_entry(written, "shop")
        assert (found.namespace, found.name) == place

    def test_which_gateways_come_with_the_mesh(self):
        assert is_shared_gateway(gateway_entry("istio-system/istio-ingressgateway", "shop"))
        assert is_shared_gateway(gateway_entry("istio-system/cluster-ingressgateway-private", "shop"))
        assert not is_shared_gateway(gateway_entry("istio-system/shop", "shop"))
        assert not is_shared_gateway(gateway_entry("shop/istio-ingressgateway", "shop"))

    def test_both_kinds_of_gateway_count(self):
        text = "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: gw, namespace: shop}, spec: {listeners: []}}"
        assert find_gateway(state(text), gateway_entry("gw", "shop"), virtual_service()).presence is Presence.PRESENT

    def test_a_shared_gateway_is_missing_only_in_a_closed_world(self):
        text = "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}"
        gateway = gateway_entry("istio-system/istio-ingressgateway", "shop")
        assert find_gateway(state(text), gateway, virtual_service()).unknown
        assert find_gateway(state(text, closed_world=True), gateway, virtual_service()).missing

    def test_a_gateway_of_that_name_in_another_namespace(self):
        def gateway(namespace):
            return f"{{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {{name: gw, namespace: {namespace}}}}}"

        declared = "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"
        found = namesake(state(declared, gateway("edge")), gateway_entry("gw", "shop"), virtual_service())
        assert found is not None
        assert found.namespace == "edge"
        assert namesake(state(gateway("edge")), gateway_entry("gw", "shop"), virtual_service()) is None
        assert namesake(state(declared, gateway("edge"), gateway("bank")), gateway_entry("gw", "shop"), virtual_service()) is None
        assert namesake(state(declared, gateway("edge")), gateway_entry("shop/gw", "shop"), virtual_service()) is None

    def test_hosts_by_namespace(self):
        gateway = resource("""
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: gw, namespace: edge}
            spec:
              servers:
                - {hosts: [a.example.com, ./b.example.com, "*/c.example.com", shop/D.example.com, "bank/*"]}
                - {hosts: nothing}
                - 7
        """)
        assert served_hosts(gateway, "shop") == ["a.example.com", "c.example.com", "d.example.com"]
        assert served_hosts(gateway, "edge") == ["a.example.com", "b.example.com", "c.example.com"]
        assert served_hosts(gateway, "bank") == ["a.example.com", "c.example.com", "*"]
        assert serves(["web.shop.svc.cluster.local"], "web", "shop")

    @pytest.mark.parametrize(
        ("spec", "applies"),
        [("{hosts: [a]}", True), ("{hosts: [a], gateways: [gw]}", False), ("{hosts: [a], gateways: [gw, mesh]}", True), ("{}", False)],
    )
    def test_who_uses_a_virtual_service(self, spec, applies):
        assert applies_to_mesh(virtual_service(spec)) is applies
