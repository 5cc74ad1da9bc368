"""Which match takes the traffic of which, what a route leads to, and which DestinationRules speak about a host."""

import pytest
from kubernetes_objects import resource, state

from linter.istio.matching import Matching, is_catch_all
from linter.istio.subsets import host_key, rules_for
from linter.istio.virtualservices import destinations


def virtual_service(spec):
    return resource(f"{{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {{name: vs, namespace: shop}}, spec: {spec}}}")


class TestMatching:
    @pytest.mark.parametrize(
        ("earlier", "later", "covered"),
        [
            ("{uri: {prefix: /a}}", "{uri: {prefix: /a/b}}", True),
            ("{uri: {prefix: /a}}", "{uri: {exact: /ab}}", True),
            ("{uri: {prefix: /a/b}}", "{uri: {prefix: /a}}", False),
            ("{uri: {exact: /a}}", "{uri: {prefix: /a}}", False),
            ("{uri: {exact: /a}}", "{uri: {exact: /a}}", True),
            ("{uri: {regex: /a+}}", "{uri: {regex: /a+}}", True),
            ("{uri: {regex: /a+}}", "{uri: {exact: /a}}", False),
            ("{uri: {regex: /.*}}", "{uri: {exact: /a}}", True),
            ("{uri: {prefix: /}}", "{headers: {x: {exact: a}}}", True),
            ("{uri: {prefix: /A}, ignoreUriCase: true}", "{uri: {prefix: /a/b}}", True),
            ("{uri: {prefix: /a}}", "{uri: {prefix: /a/b}, ignoreUriCase: true}", False),
            ("{uri: {prefix: /a}, method: {exact: GET}}", "{uri: {prefix: /a}}", False),
            ("{uri: {prefix: /a}}", "{uri: {prefix: /a}, method: {exact: GET}}", True),
            ("{method: {regex: '.*'}}", "{uri: {prefix: /a}}", True),
            ("{headers: {X: {}}}", "{headers: {x: {exact: a}, y: {exact: b}}}", True),
            ("{headers: {x: {exact: a}}}", "{headers: {x: {}}}", False),
            ("{headers: {x: {prefix: a}}}", "{headers: {x: {exact: ab}}}", True),
            ("{headers: {x: {regex: '.*'}}}", "{headers: {x: {}}}", True),
            ("{queryParams: {q: {exact: a}}}", "{queryParams: {q: {exact: b}}}", False),
            ("{withoutHeaders: {x: {exact: a}}}", "{uri: {prefix: /a}}", False),
            ("{withoutHeaders: {x: {exact: a}}}", "{withoutHeaders: {x: {prefix: a}}}", True),
            ("{withoutHeaders: {x: {prefix: a}}}", "{withoutHeaders: {x: {exact: a}}}", False),
            ("{port: 80}", "{port: 80, uri: {prefix: /a}}", True),
            ("{port: 80}", "{uri: {prefix: /a}}", False),
            ("{sourceLabels: {a: b}}", "{sourceLabels: {a: b, c: d}}", True),
            ("{sourceLabels: {a: b}}", "{sourceLabels: {a: c}}", False),
            ("{sourceNamespace: a}", "{sourceNamespace: a}", True),
            ("{gateways: [gw]}", "{uri: {prefix: /a}}", True),
            ("{gateways: [shop/gw, mesh]}", "{gateways: [gw]}", True),
            ("{gateways: [other]}", "{uri: {prefix: /a}}", False),
            ("{sniHosts: ['*.example.com']}", "{sniHosts: [a.example.com]}", True),
            ("{sniHosts: [a.example.com]}", "{sniHosts: ['*.example.com']}", False),
            ("{destinationSubnets: [10.0.0.0/8]}", "{destinationSubnets: [10.1.0.0/16]}", True),
            ("{destinationSubnets: [10.0.0.0/8]}", "{destinationSubnets: ['fd00::/8']}", False),
            ("{destinationSubnets: [x]}", "{destinationSubnets: [x]}", False),
            ("{name: a, statPrefix: b}", "{uri: {prefix: /a}}", True),
            ("{somethingNew: 1}", "{somethingNew: 1}", False),
            ("{uri: {}}", "{uri: {}}", False),
            ("{uri: 7}", "{uri: 7}", False),
        ],
    )
    def test_covers(self, earlier, later, covered):
        vs = virtual_service(f"{{gateways: [gw], http: [{{match: [{earlier}, {later}]}}]}}")
        one, other = vs.spec["http"][0]["match"]
        assert Matching(vs).covers(one, other) is covered

    def test_what_takes_everything(self):
        assert is_catch_all({})
        assert is_catch_all({"name": "all", "uri": {"prefix": "/"}})
        assert not is_catch_all({"port": 80})
        assert not is_catch_all(None)


class TestSubsets:
    RULES = """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: web, namespace: shop}
        spec: {host: web.shop}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: all, namespace: shop}
        spec: {host: "*.shop.svc.cluster.local"}
    """

    @pytest.mark.parametrize(
        ("host", "namespace", "names"),
        [("web", "shop", ["web", "all"]), ("web.shop", "bank", ["web", "all"]), ("api.shop.svc", "bank", ["all"]), ("web", "bank", [])],
    )
    def test_rules_are_found_under_every_spelling(self, host, namespace, names):
        found = state(self.RULES)
        assert [rule.name for rule in rules_for(found, host_key(found, host, namespace))] == names


def test_destinations_of_every_sort():
    vs = virtual_service("""
        {http: [{route: [{destination: {host: a, subset: v1, port: {number: 80}}}, 7],
                 mirror: {host: b}, mirrors: [{destination: {host: c}}, []]}, null],
         tcp: [{route: [{destination: {host: d}}]}], tls: {route: []}}
    """)
    assert [(found.host, found.subset, found.role, found.port) for found in destinations(vs)] == [
        ("a", "v1", "destination", 80),
        ("b", "", "mirror", None),
        ("c", "", "mirror", None),
        ("d", "", "destination", None),
    ]
