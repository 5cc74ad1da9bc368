"""DNSEndpoints, and which objects ask for which names."""

import pytest
from kubernetes_objects import resource, state

from linter.externaldns.annotations import PREFIX
from linter.externaldns.endpoints import endpoint_problems
from linter.externaldns.records import claims, shares_address


def service(name="web", annotations="{}", spec="{type: LoadBalancer}"):
    return f"{{apiVersion: v1, kind: Service, metadata: {{name: {name}, namespace: shop, annotations: {annotations}}}, spec: {spec}}}"


def controller(version):
    return f"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {{name: external-dns, namespace: dns}}
        spec: {{template: {{spec: {{containers: [{{name: external-dns, image: "external-dns:{version}"}}]}}}}}}
    """


@pytest.mark.parametrize(
    "entry",
    [
        "{dnsName: a.b, recordType: A, targets: [192.0.2.1]}",
        "{dnsName: a.b, recordType: A}",
        "{dnsName: a.b, recordType: CNAME, targets: [c.d.]}",
        "{dnsName: a.b, recordType: MX, targets: [10 c.d.]}",
        "{dnsName: a.b, recordType: SRV, targets: [1 2 3 c.d.]}",
        "{dnsName: 1.in-addr.arpa, recordType: PTR, targets: [a.b]}",
        "{dnsName: a.b, recordType: A, targets: [7, null, {}, '${IP}'], providerSpecific: x}",
        "{dnsName: [a], recordType: {A: 1}, targets: x}",
    ],
)
def test_usable_endpoints(entry):
    assert list(endpoint_problems(parsed(entry), lambda value: "$" in str(value))) == []


@pytest.mark.parametrize(
    ("entry", "places"),
    [
        ("{dnsName: a.b, recordType: A, targets: [192.0.2.1.]}", [("targets", 0)]),
        ("{dnsName: a.b, recordType: AAAA, targets: [192.0.2.1]}", [("targets", 0)]),
        ("{dnsName: a.b, recordType: SRV}", [("targets",)]),
        ("{dnsName: a.b, recordType: cname, targets: [c.d]}", [("recordType",)]),
        ("{dnsName: a.b, recordType: SOA, targets: [c.d]}", [("recordType",)]),
        ("{dnsName: a.b, targets: [c.d]}", [("recordType",)]),
        ("{recordType: A, targets: [192.0.2.1]}", [("dnsName",)]),
        ("{dnsName: a b, recordType: A, targets: [192.0.2.1]}", [("dnsName",)]),
        ("{dnsName: a.b, recordType: CNAME, targets: [192.0.2.1]}", [("targets", 0)]),
        ("{dnsName: a.b, recordType: CNAME, targets: [c.d, e.f]}", [("targets",)]),
        ("{dnsName: a.b, recordType: MX, targets: [70000 c.d]}", [("targets", 0)]),
        ("{dnsName: a.b, recordType: SRV, targets: [1 2 3 c.d]}", [("targets", 0)]),
        ("{dnsName: a.b, recordType: NAPTR, targets: ['10 20 S SIP x c.d']}", [("targets", 0)]),
        ("{dnsName: a.b, recordType: TXT, targets: [a, '']}", [("targets", 1)]),
        ("{dnsName: 1.in-addr.arpa, recordType: PTR, targets: [192.0.2.1]}", [("targets", 0)]),
        ("{dnsName: .in-addr.arpa, recordType: PTR, targets: [a.b]}", [("dnsName",), ("dnsName",)]),
        (
            "{dnsName: a.b, recordType: MX, targets: [1 a], providerSpecific: [{name: alias, value: 'true'}]}",
            [("providerSpecific", 0)],
        ),
    ],
)
def test_endpoints_that_are_dropped(entry, places):
    assert [route for route, _ in endpoint_problems(parsed(entry), lambda _: False)] == places


def parsed(entry):
    text = f"{{apiVersion: externaldns.k8s.io/v1alpha1, kind: DNSEndpoint, metadata: {{name: a}}, spec: {{endpoints: [{entry}]}}}}"
    return resource(text).spec["endpoints"][0]


class TestClaims:
    def test_names_of_every_sort(self):
        found = claims(
            state(
                service(annotations=f'{{"{PREFIX}hostname": "A.example.com., b.example.com", "{PREFIX}target": lb.example.com}}'),
                service("internal", f'{{"{PREFIX}hostname": c.example.com}}', "{}"),
                service("skipped", f'{{"{PREFIX}hostname": d.example.com, "{PREFIX}controller": none}}'),
                """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: web}
                spec: {rules: [{host: e.example.com}, {}, 7], tls: [{hosts: [e.example.com, f.example.com]}]}
                """,
            )
        )
        assert sorted(name for name, _ in found) == ["a.example.com", "b.example.com", "e.example.com", "f.example.com"]
        assert found["a.example.com", ""][0].targets == ("lb.example.com",)
        assert found["e.example.com", ""][0].route == ("spec", "rules", 0, "host")
        assert found["e.example.com", ""][0].targets is None

    def test_a_name_that_no_instance_reads_is_not_claimed(self):
        text = service(annotations=f'{{"{PREFIX}hostname": a.example.com}}')
        assert claims(state(text, controller("v0.21.0"))) == {}
        assert claims(state(text, controller("v0.22.0")))

    @pytest.mark.parametrize(
        ("one", "other", "shared"),
        [
            ("{metallb.io/allow-shared-ip: a}", "{metallb.io/allow-shared-ip: a}", True),
            ("{metallb.io/allow-shared-ip: a}", "{metallb.io/allow-shared-ip: b}", False),
            ("{}", "{}", False),
        ],
    )
    def test_shared_addresses(self, one, other, shared):
        assert shares_address(resource(service("a", one)), resource(service("b", other))) is shared

    def test_an_address_by_hand(self):
        spec = "{type: LoadBalancer, loadBalancerIP: 192.0.2.1}"
        assert shares_address(resource(service("a", spec=spec)), resource(service("b", spec=spec)))
