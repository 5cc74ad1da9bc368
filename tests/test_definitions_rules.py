"""Validation rules of CustomResourceDefinitions: compiled, evaluated on good and bad values, and what is left to the cluster."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from kubernetes_objects import resource, state

pytest.importorskip("cel_expr_python.cel")

from linter.cel.rules import Binding, FailedRuleError, UndecidedRuleError, compiled_message, compiled_rule, plain_names
from linter.kubernetes.definitions.checks import broken_rules, checks_of
from linter.kubernetes.definitions.lookup import schema_of
from linter.kubernetes.definitions.shipped_definitions import shipped_kinds, systems


def holds(rule, value, kind="dyn"):
    """True, False, or why there is no answer."""
    compiled = compiled_rule(rule, kind)
    assert not isinstance(compiled, str), compiled
    try:
        return compiled.holds(Binding(value, kind, 1))
    except FailedRuleError as error:
        return f"failed: {error}"
    except UndecidedRuleError:
        return "undecided"


def failed(node, value):
    """The rules that a value breaks, with their routes."""
    return [
        (entry.route, (*entry.route, *entry.failed.rule.path), entry.failed.message, entry.failed.error)
        for entry in broken_rules(value, checks_of(node))
    ]


class TestNames:
    @pytest.mark.parametrize(
        ("written", "plain"),
        [
            ("self.a__dash__b", "self.`a-b`"),
            ("has(self.x__dot__y__slash__z)", "has(self.`x.y/z`)"),
            ("self.__namespace__ == 'a'", "self.`namespace` == 'a'"),
            ("self.namespace == 'a'", "self.`namespace` == 'a'"),
            ("self.?a__dash__b.orValue(1)", "self.?`a-b`.orValue(1)"),
            ("self.all(p1, has(p1.__namespace__))", "self.all(p1, has(p1.`namespace`))"),
            ("self.x == 1.5e3 || self.y == 0x1F || self.z == 10u", "self.x == 1.5e3 || self.y == 0x1F || self.z == 10u"),
            ("self.a__underscores__b", "self.`a__b`"),
            ("self.__in__ in self.list", "self.`in` in self.list"),
            ("'a__dash__b' == \"self.namespace\"", "'a__dash__b' == \"self.namespace\""),
            ("self.matches(r'''^a__dash__b'\\.''')", "self.matches(r'''^a__dash__b'\\.''')"),
            ("self.a // self.namespace\n == 1", "self.a // self.namespace\n == 1"),
            ("self.all(k, self[k].namespace__dash__x > 1.5)", "self.all(k, self[k].`namespace-x` > 1.5)"),
            ("self.`a-b` > 1", "self.`a-b` > 1"),
        ],
    )
    def test_escapes(self, written, plain):
        assert plain_names(written).text == plain

    def test_fields_with_such_names(self):
        value = {"a-b": 1, "x.y/z": True, "namespace": "shop", "a__b": 2, "in": 3}
        assert holds("self.a__dash__b == 1 && self.x__dot__y__slash__z && self.namespace == 'shop'", value) is True
        assert holds("self.a__underscores__b == 2 && self.__in__ == 3", value) is True
        assert holds("has(self.a__dash__b) && !has(self.b__dash__a)", value) is True

    @pytest.mark.parametrize(("rule", "uses"), [("self == oldSelf", True), ("self.oldSelf == 1", False), ("self != 'oldSelf'", False)])
    def test_the_earlier_object(self, rule, uses):
        assert compiled_rule(rule).uses_old_self is uses


@pytest.mark.parametrize(
    ("rule", "value", "answer"),
    [
        ("self.min <= self.max", {"min": 1, "max": 2}, True),
        ("self.min <= self.max", {"min": 1, "max": 0.5}, False),
        ("self.min <= self.max", {"min": 1}, "failed: there is no key `max`"),
        ("!has(self.a) || self.a.size() > 0", {}, True),
        ("self.exists_one(x, x == 'a')", ["a", "b", "a"], False),
        ("self.all(k, k.startsWith('x-'))", {"x-a": 1, "y": 2}, False),
        ("duration(self) >= duration('1ms')", "1s", True),
        ("duration(self) >= duration('1ms')", "0s", False),
        ("isIP(self) && ip(self).family() == 4", "10.0.0.1", True),
        ("cidr('10.0.0.0/8').containsIP(self)", "11.0.0.1", False),
        ("isURL(self) && url(self).getScheme() == 'https'", "https://a/b", True),
        ("isURL(self)", "https:// a", False),
        ("isURL(self)", "https://a%zz/", False),
        ("isURL(self)", "urn:a:b", True),
        ("isIP(self)", "::ffff:10.0.0.1", False),
        ("url(self).getScheme() == 'https'", "nothing", "failed: `nothing` is neither an absolute URL nor an absolute path"),
        ("quantity(self).isLessThan(quantity('1Gi'))", "500Mi", True),
        ("self.matches('^(?i)abc$')", "ABC", True),
        ("self.?a.orValue(3) == 3", {}, True),
        ("size(self) == 1", "é", True),
        ("self[0] == 1", [], "failed: Index error: index=0 size=0"),
        # The API server knows the types beforehand; what differs between libraries is no verdict.
        ("self.a.orValue(1) == 1", {"a": 1}, "undecided"),
        ("self > 3", "x", "undecided"),
        ("self.all(a, self.all(b, self.all(c, a + b + c < 1)))", [0] * 60, "undecided"),
    ],
)  # fmt: skip
def test_an_answer(rule, value, answer):
    assert holds(rule, value) == answer


@pytest.mark.parametrize(
    ("rule", "kind", "value", "answer"),
    [
        ("self > duration('1m')", "duration", "1h30m", True),
        ("self > duration('1m')", "duration", "-1h", False),
        ("self > duration('1m')", "duration", "2 days", "undecided"),
        ("self < timestamp('2026-01-01T00:00:00Z')", "timestamp", "2025-06-01T10:00:00Z", True),
        ("self < timestamp('2026-01-01T00:00:00Z')", "timestamp", "2026-06-01", False),
        ("size(self) == 2", "bytes", "aGk=", True),
        ("size(self) == 2", "bytes", "!", "undecided"),
    ],
)
def test_strings_that_are_times_or_bytes(rule, kind, value, answer):
    compiled = compiled_rule(rule, kind)
    try:
        assert compiled.holds(Binding(value, kind, 1)) is answer
    except UndecidedRuleError:
        assert answer == "undecided"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("self.a ==", "no valid CEL"),
        ("nothing == 1", "no variable or function `nothing`"),
        ("object.a == 1", "no variable or function `object`"),
        ("1 + 1", "must be true or false"),
        ("self.lists.range(3) == lists.range(3)", "not offered"),
        ("self == '" + "x" * 20_000 + "'", "20,"),
        ("format.dns1123Label().validate(self) == null", "no variable or function"),
    ],
)
def test_what_cannot_be_compiled_says_why(rule, words):
    assert words in compiled_rule(rule)


def test_a_long_rule_takes_no_time():
    start = time.process_time()
    for text in ("self.a.b " * 200_000, "'" * 900_001, "r'" * 500_000, "self.a + " * 1500 + "self.a == 1"):
        compiled_rule(text)
        compiled_message(text)
    assert time.process_time() - start < 3


def test_more_rules_than_are_evaluated():
    many = [{"rule": f"self != 'x{number}'"} for number in range(2000)]
    checks = checks_of({"items": {"type": "string", "x-kubernetes-validations": many}})
    start = time.process_time()
    assert len(list(broken_rules([f"x{number}" for number in range(2000)], checks))) < 300
    assert time.process_time() - start < 5
    reasons = [why for _, why in checks.items.rules.unusable()]
    assert (len(reasons), set(reasons)) == (1700, {"no more than 300 rules are evaluated at one place"})


def test_the_messages_of_a_rule():
    part = {
        "type": "object",
        "x-kubernetes-validations": [
            {"rule": "self.a == 1", "message": "a must be 1"},
            {"rule": "self.a == 1", "messageExpression": "'a is ' + string(self.a)", "message": "unused"},
            {"rule": "self.a == 1", "messageExpression": "string(self.nothing)", "message": "instead"},
            {"rule": "self.a == 1", "messageExpression": "nonsense("},
            {"rule": "self.a == 1", "messageExpression": "'two\\nlines'", "message": "one line"},
            {"rule": "self.a\n  == 1", "fieldPath": ".b['c.d']"},
            {"rule": "self.b == 1"},
        ],
    }
    found = failed({"properties": {"spec": part}}, {"spec": {"a": 2}})
    assert [message for *_, message, _ in found] == [
        "a must be 1", "a is 2", "instead", "failed rule: self.a == 1", "one line", "failed rule: self.a == 1", "failed rule: self.b == 1",
    ]  # fmt: skip
    assert found[5][1] == ("spec", "b", "c.d")
    assert [error for *_, error in found] == [None] * 6 + ["there is no key `b`"]


def test_rules_stand_at_values_and_not_at_their_absence():
    rule = {"x-kubernetes-validations": [{"rule": "self != 'bad'"}]}
    node = {
        "properties": {
            "one": {"type": "string", **rule},
            "all": {"additionalProperties": {"type": "string", **rule}},
            "list": {"items": {"type": "string", "nullable": True, "allOf": [rule]}},
            "status": {"type": "string", **rule},
        }
    }
    assert failed(node, {}) == []
    value = {"one": "bad", "all": {"x": "bad", "y": "good"}, "list": ["bad", None, "good"], "status": "bad"}
    assert [route for route, *_ in failed(node, value)] == [("one",), ("all", "x"), ("list", 0)]


def test_what_a_rule_says_about_a_time_inside_of_an_object_is_left_to_the_cluster():
    rules = {"x-kubernetes-validations": [{"rule": "self.until > self.since"}, {"rule": "has(self.until) && self.size > 1"}]}
    node = {
        "properties": {"spec": {"properties": {"until": {"type": "string", "format": "date-time"}, "since": {"type": "string"}}, **rules}}
    }
    [(route, *_)] = failed(node, {"spec": {"until": "a", "since": "b", "size": 1}})
    assert route == ("spec",)
    [(rule, why)] = checks_of(node).properties["spec"].rules.unusable()
    assert "until" in why
    assert rule.rule == "self.until > self.since"


def test_a_number_is_a_floating_one_where_the_schema_says_so():
    node = {"type": "number", "x-kubernetes-validations": [{"rule": "self + 0.5 > 2.0"}]}
    assert [len(failed(node, value)) for value in (1, 1.4, 2)] == [1, 1, 0]


def test_lists_without_order_are_not_compared():
    rules = [{"rule": "self == ['a', 'b']"}, {"rule": "self.size() < 2"}]
    checks = checks_of({"type": "array", "x-kubernetes-list-type": "set", "x-kubernetes-validations": rules})
    assert [entry.failed.rule.rule for entry in broken_rules(["b", "a"], checks)] == ["self.size() < 2"]
    assert [why for _, why in checks.rules.unusable()] == ["it compares lists whose order does not count"]


def test_equal_values_are_judged_once(monkeypatch):
    checks = checks_of({"items": {"x-kubernetes-validations": [{"rule": "self.a == 1"}]}})
    assert len(list(broken_rules([{"a": 2}, {"a": 1}, {"a": 2}], checks))) == 2
    monkeypatch.setattr(Binding, "__init__", None)
    assert len(list(broken_rules([{"a": 2}] * 5, checks))) == 5


def shipped_rules():
    """Every rule of the shipped definitions, those of special channels excepted, each once."""
    found = {}
    for system in systems():
        for name in system.kinds if not system.channel else ():
            [entry] = [entry for entry in shipped_kinds(*name.split("/")) if entry.system is system]
            pending = [checks_of(version.schema) for version in entry.kind.versions]
            while pending:
                checks = pending.pop()
                if checks is not None:
                    found.update((rule.rule, checks.rules.kind) for rule in checks.rules.rules) if checks.rules is not None else None
                    pending += [*checks.properties.values(), checks.additional, checks.items]
    return found


TWO_LISTENERS = "{gatewayClassName: a, listeners: [&a {name: a, port: 1, protocol: X}, {<<: *a, name: b}]}"


class TestShippedRules:
    def test_all_of_them_compile(self):
        rules = shipped_rules()
        # One more stands in a version that is not served.
        assert len(rules) == 114
        compiled = {rule: compiled_rule(rule, kind) for rule, kind in rules.items()}
        assert [rule for rule, result in compiled.items() if isinstance(result, str)] == []
        assert sum(result.uses_old_self for result in compiled.values()) <= 2

    @pytest.mark.parametrize(
        ("spec", "breaks"),
        [
            ("networking.istio.io/v1 DestinationRule {host: a, trafficPolicy: {outlierDetection: {interval: 1s}}}", None),
            ("networking.istio.io/v1 DestinationRule {host: a, trafficPolicy: {outlierDetection: {interval: 1us}}}", "interval"),
            ("networking.istio.io/v1 DestinationRule {host: a, trafficPolicy: {outlierDetection: {interval: soon}}}", "interval"),
            ("networking.istio.io/v1 VirtualService {hosts: [a], http: [{timeout: 5s, route: [{destination: {host: b}}]}]}", None),
            ("networking.istio.io/v1 VirtualService {hosts: [a], http: [{timeout: 1ns, route: [{destination: {host: b}}]}]}", "timeout"),
            ("networking.istio.io/v1 ServiceEntry {hosts: [a.example], ports: [{number: 80, name: a}], resolution: DNS}", None),
            ("networking.istio.io/v1 ServiceEntry {hosts: ['*'], ports: [{number: 80, name: a}], resolution: DNS}", "0"),
            (
                "networking.istio.io/v1 ServiceEntry {hosts: [a.example], ports: [{number: 80, name: a}, {number: 80, name: b}]}",
                "ports",
            ),
            ("networking.istio.io/v1 ServiceEntry {hosts: [a.example], addresses: [10.0.0.0/8], resolution: NONE}", None),
            ("networking.istio.io/v1 WorkloadEntry {address: 10.0.0.1}", None),
            ("networking.istio.io/v1 WorkloadEntry {serviceAccount: a}", "spec"),
            ("security.istio.io/v1 PeerAuthentication {selector: {matchLabels: {a: b}}, portLevelMtls: {8080: {mode: STRICT}}}", None),
            ("security.istio.io/v1 PeerAuthentication {portLevelMtls: {8080: {mode: STRICT}}}", "spec"),
            (
                "security.istio.io/v1 PeerAuthentication {selector: {matchLabels: {a: b}}, portLevelMtls: {0: {mode: STRICT}}}",
                "portLevelMtls",
            ),
            ("security.istio.io/v1 RequestAuthentication {jwtRules: [{issuer: a, jwksUri: 'ftp://a'}]}", "jwksUri"),
            ("security.istio.io/v1 AuthorizationPolicy {selector: {matchLabels: {a: b}}, targetRef: {kind: Service, name: a}}", "spec"),
            ("gateway.networking.k8s.io/v1 Gateway {gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP}]}", None),
            (f"gateway.networking.k8s.io/v1 Gateway {TWO_LISTENERS}", "listeners"),
            (
                "gateway.networking.k8s.io/v1 Gateway {gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP, tls: {}}]}",
                "listeners",
            ),
            (
                "gateway.networking.k8s.io/v1 HTTPRoute {parentRefs: [{name: a}, {name: b}], rules: [{backendRefs: [{name: c, port: 1}]}]}",
                None,
            ),
            ("gateway.networking.k8s.io/v1 HTTPRoute {parentRefs: [{name: a}, {name: a}]}", "parentRefs"),
            ("gateway.networking.k8s.io/v1 HTTPRoute {rules: [{backendRefs: [{name: c}]}]}", "0"),
            ("gateway.networking.k8s.io/v1 HTTPRoute {rules: [{filters: [{type: URLRewrite}]}]}", "0"),
            ("gateway.networking.k8s.io/v1 GRPCRoute {rules: [{matches: [{method: {}}]}]}", "method"),
        ],
    )
    def test_objects(self, spec, breaks):
        api_version, kind, written = spec.split(" ", 2)
        body = f"{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}, spec: {written}}}"
        one, here = resource(body), state(body)
        found = schema_of(one, here).mistakes_of(one, here)
        assert {mistake.kind for mistake in found} <= {"failed-rule"}, found
        assert [str(mistake.route[-1]) for mistake in found][:1] == ([breaks] if breaks else [])


WITHOUT_LIBRARY = """\
import sys
sys.modules["cel_expr_python"] = None
from linter.kubernetes.definitions.checks import broken_rules, checks_of
from linter.cel.rules import is_available
checks = checks_of({"x-kubernetes-validations": [{"rule": "self.a == 1"}]})
print(is_available(), list(broken_rules({"a": 2}, checks)))
"""


def test_without_the_library_no_rule_is_evaluated():
    done = subprocess.run([sys.executable, "-c", WITHOUT_LIBRARY], capture_output=True, text=True, check=True)
    assert done.stdout == "False []\n"


def test_a_message_that_cannot_be_compiled_is_none():
    assert compiled_message("oldSelf + 'x'") is None
    assert compiled_message("1 + 1") is None
