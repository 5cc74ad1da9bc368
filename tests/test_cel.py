"""`require:`: CEL expressions of a team's rules, from the first reading of the file to the finding."""

from __future__ import annotations

import gc
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packs_in_memory import pack_files, rule_text

pytest.importorskip("cel_expr_python.cel")

from example_counts import examples

from linter.cel.engine import CelEvaluationError, CelSyntaxError, compile_expression
from linter.cel.reads import Reads
from linter.errors import ConfigurationError
from linter.packs.catalog import load_catalog

CONFIG = "packs: {acme: {path: policy/acme}}\nselect: [acme]\n"
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {team: shop}
spec:
  containers:
    - name: web
      image: registry.example.com/web:1.4.2
      resources: {limits: {cpu: 500m, memory: 1Gi}}
      env:
        - {name: TOKEN, value: hunter2}
"""
VALUES = {
    "text": "web", "number": 3, "float": 1.5, "cpu": "500m", "memory": "1Gi", "list": [1, 2.5], "url": "https://u@example.com:8080/p/q?a=1",
    "ip": "10.1.2.3", "nested": {"a-b": {"namespace": "shop"}}, "off": False, "nothing": None,
}  # fmt: skip


def holds(text: str, value=None, **params) -> bool:
    value = VALUES if value is None else value
    return compile_expression(text).holds(value, {"kind": "Pod", "spec": value}, params)


@pytest.mark.parametrize(
    "text",
    [
        "self.text == 'web' && object.kind == 'Pod' && object.spec.number == 3",
        "self.number >= params.least",
        "has(self.text) && !has(self.absent)",
        "self.?absent.orValue('none') == 'none'",
        "self.nested[?'a-b'].?namespace.orValue('') == 'shop'",
        "self.nested.`a-b`.namespace == 'shop'",
        "self.list.exists(x, x > 2) && self.list.all(x, x > 0)",
        "size('é') == 1",
        "self.number == 3.0 && self.float < 2",
        "'a,b'.split(',') == ['a', 'b'] && 'web'.upperAscii() == 'WEB' && ['a', 'b'].join('-') == 'a-b'",
        "'%s has %d'.format([self.text, self.number]) == 'web has 3'",
        "sets.contains(['a', 'b'], ['a']) && [3, 1].sort() == [1, 3] && [1, 1].distinct() == [1]",
        "math.greatest(1, 2) == 2 && base64.encode(b'web') == 'd2Vi'",
        "cel.bind(limit, self.number, limit > 2)",
        "{'a': 1}.transformList(key, value, key) == ['a'] && {'a': 1}.all(key, value, value == 1)",
        "self.text.matches('^[a-z]+$') && duration('90s') > duration('1m')",
        "'abc 123 45'.find('[0-9]+') == '123' && 'abc'.find('[0-9]+') == ''",
        "'abc 12 34'.findAll('([0-9])([0-9])') == ['12', '34'] && '1 2 3'.findAll('[0-9]', 2) == ['1', '2']",
        "'a(b'.find('[(]b') == '(b' && 'a(b'.find('\\\\(b') == '(b'",
        "self.list.sum() == 3.5 && self.list.min() == 1 && self.list.max() == 2.5 && self.list.isSorted() && ![2, 1].isSorted()",
        "['b', 'a'].min() == 'a' && [].isSorted() && [].sum() == 0",
        "'web'.indexOf('e') == 1 && 'web'.lastIndexOf('b') == 2",
        "quantity(self.cpu).isLessThan(quantity(1)) && quantity(self.memory).compareTo(quantity('1024Mi')) == 0",
        "quantity('1.5').asApproximateFloat() == 1.5 && quantity('2k').asInteger() == 2000 && !quantity('1m').isInteger()",
        "quantity('1Gi').add(quantity('1Gi')).compareTo(quantity('2Gi')) == 0 && quantity('1').sub(2).sign() == -1",
        "isQuantity('1e3') && isQuantity('-5Mi') && !isQuantity('1x') && !isQuantity('') && !isQuantity('1 Gi')",
        "isURL(self.url) && !isURL('web') && url(self.url).getScheme() == 'https' && url(self.url).getHost() == 'example.com:8080'",
        "url(self.url).getHostname() == 'example.com' && url(self.url).getPort() == '8080' && url(self.url).getEscapedPath() == '/p/q'",
        "url(self.url).getQuery()['a'] == ['1'] && url('https://[::1]:80/').getHostname() == '::1'",
        "isIP(self.ip) && !isIP('10.1.2') && !isIP('fe80::1%eth0') && ip('::1').isLoopback() && ip(self.ip).family() == 4",
        "isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0') && cidr('10.0.0.0/8').prefixLength() == 8",
        "cidr('10.0.0.0/8').containsIP(self.ip) && cidr('10.0.0.0/8').containsIP(ip(self.ip)) && !cidr('fd00::/8').containsIP(self.ip)",
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.0.0.0/8').containsCIDR(cidr('11.0.0.0/8'))",
        "false || self.absent == 1 || true",
        "'lists.range(' != self.text",
    ],
)
def test_the_language(text):
    assert holds(text, least=3)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("self.a ==", 1, "this is no valid CEL: syntax error: mismatched input '<EOF>'"),
        ("\n\nslf.a == 1", 3, "there is no variable or function `slf`; an expression sees `self`, `object`, `params`"),
        ("self.a.isShort()", 1, "there is no variable or function `isShort`"),
        ("self.a.startsWith(1)", 1, "found no matching overload for 'startsWith'"),
        ("self.number + 1", 1, "the expression gives INT, and must be true or false"),
        ("'text'", 1, "the expression gives STRING"),
        ("lists.range(1000000000).size() > 1", 1, "`lists.range` is not offered"),
    ],
)
def test_what_is_no_expression(text, line, words):
    with pytest.raises(CelSyntaxError) as error:
        compile_expression(text)
    assert words in str(error.value)
    assert error.value.line == line


@pytest.mark.parametrize(
    ("text", "words", "fix"),
    [
        ("self.absent == 1", "there is no key `absent`", "`has(self.absent) && …` if it must be there, `!has(self.absent) || …`"),
        ("self.nested.absent == 1", "there is no key `absent`", "or give the default with `self.nested.?absent.orValue(…)`"),
        ("self.nested['x-y'] == 1", "there is no key `x-y`", "`'x-y' in self.nested && …`"),
        ("self.text > 1", "a value has a type that the expression cannot work with", "type("),
        ("self.number", "the expression gives a number instead of true or false", "compare it"),
        ("self.nothing", "the expression gives null", "compare it"),
        ("self.list[7] == 1", "index=7", ""),
        ("quantity(self.text).sign() == 1", "`web` is no quantity", ""),
        ("quantity(self.list).sign() == 1", "cannot work with", ""),
        ("self.nested.isGreaterThan(quantity(1))", "this is no quantity: write quantity(…) around it", ""),
        ("[].max() == 1", "max() of an empty list", ""),
        ("[1, 'a'].max() == 1", "these values cannot be compared", ""),
        ("['a'].sum() == 1", "only numbers can be added up", ""),
        ("ip(self.text).family() == 4", "web", ""),
        ("self.text.matches('(')", "invalid regular expression", ""),
        ("self.text.find('(') == ''", "invalid regular expression", ""),
    ],
)  # fmt: skip
def test_an_expression_without_value(text, words, fix):
    with pytest.raises(CelEvaluationError) as error:
        holds(text)
    assert words in str(error.value)
    assert fix in error.value.fix


def test_what_has_too_many_steps_says_so():
    with pytest.raises(CelEvaluationError, match="in more than 10,000 steps"):
        holds_for("self.a.all(x, self.a.all(y, x + y >= 0))", {"a": list(range(200))})


@pytest.mark.parametrize(
    "text",
    [
        "self.a.replace('-', '').replace('_', '.').replace('.', 'x').lowerAscii() != ''",
        "self.l.map(x, x.replace('a', 'b')).map(x, x + '.').join(', ') != ''",
        "self.a.split('/').map(x, x.trim()).filter(x, x != '').size() > 0",
    ],
)
def test_ordinary_expressions_are_within_the_limits(text):
    assert holds_for(text, {"a": "x/" * 1000, "l": ["a" * 100] * 50})


def holds_for(text, value):
    return compile_expression(text).holds(value, value, {})


@pytest.mark.parametrize("value", [{"big": 10**30}, {"big": "\udcff"}, {"big": b"bytes"}, {}, [], None])
def test_values_that_cel_cannot_compare(value):
    with pytest.raises(CelEvaluationError):
        holds("self.big > 1", {"inner": value}) if value is None else compile_expression("self.big > 1").holds(value, value, {})


WORDS = [
    "self", ".a", "['b']", "==", "1", "'x'", "(", ")", ".all(x, ", "x", "&&", "!", "has(", ".?b", ".orValue(1)", "quantity(", "null",
    "`", '"', "\\", "é", "\udcff", "[", "]", "{", "}", ",", "?", "+", "params.x", "//", "r'", ".findAll('", ".sum()", "\0", "\n",
]  # fmt: skip


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=10),
    st.sampled_from([{}, {"a": 1}, {"a": {"b": "x"}}, {"a": ["\udcff"]}, [], None]),
)
def test_any_text_is_an_expression_or_a_mistake(words, value):
    text = "".join(words)
    Reads(text).covers("self", ("a", 0, "b"))
    with suppress(CelSyntaxError, CelEvaluationError):
        assert compile_expression(text).holds(value, value, {}) in (True, False)


@pytest.mark.parametrize("text", ["self.a", "self.a == null", "self", "self.l.sum() == 1", "self.l.max() == null", "self.l"])
def test_no_reference_to_none_is_lost(text):
    """A library that hands out null without counting it brings the whole process down after a while."""
    expression, value = compile_expression(text), {"a": None, "l": [None]}
    gc.collect()  # what earlier tests left behind holds references too
    before = sys.getrefcount(None)
    for _ in range(600):
        with suppress(CelEvaluationError):
            expression.holds(value, value, {})
    gc.collect()
    assert sys.getrefcount(None) - before > -200


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("self.a.size() > 0", {"a": "x" * 2_000_000}),
        ("self.a.all(x, self.a.all(y, self.a.all(z, x + y + z >= 0)))", {"a": list(range(1000))}),
        ("self.a.all(x, x >= 0)", {"a": list(range(10_001))}),
        # Each of these once took gigabytes.
        ("self.a" + ".replace('', self.a)" * 4 + " != ''", {"a": "x" * 3000}),
        ("self.a.split('').map(x, self.a.split('')).flatten().size() > 0", {"a": "x" * 5000}),
        ("cel.bind(a, [1,1,1,1,1,1,1,1], cel.bind(b, a.map(x, a).flatten(), cel.bind(c, b.map(x, b), c.map(x, c) != [])))", {}),
        ("self.a.split('').all(x, self.a.split('').all(y, x <= y))", {"a": "x" * 100_000}),
        ("self.a.replace('x', self.a).size() > 0", {"a": "x" * 100_000}),
        (" + ".join(["self.a"] * 25) + " != ''", {"a": "x" * 2000}),
    ],
)
def test_an_expression_does_not_run_without_end(text, value):
    with pytest.raises(CelEvaluationError):
        holds(text, value)


def lint_rule(lint, check: str, manifest: str = POD, **more):
    files = pack_files({"wrong.yaml": rule_text(check, **more)})
    return lint({"a.yaml": manifest, ".gitops-lint.yaml": CONFIG, **files})


def places(report) -> list[tuple[int, str]]:
    return [(finding.location.line, finding.message) for finding in report.findings]


EACH = {"match": "{each: containers}"}


class TestRules:
    def test_one_expression(self, lint):
        report = lint_rule(lint, "require: self.image.startsWith('registry.acme/')", message="'{name}: {kind}'", **EACH)
        assert places(report) == [(8, "web: Pod")]
        assert lint_rule(lint, "require: self.image.startsWith('registry.')", **EACH).findings == ()

    def test_at_and_parameters(self, lint):
        more = "at: [image]\nparams: {registry: {type: string, default: registry.acme/}}"
        text = {"message": "'{value} is not from {params.registry}'", "more": more, **EACH}
        report = lint_rule(lint, "require: self.image.startsWith(params.registry)", **text)
        assert places(report) == [(9, "registry.example.com/web:1.4.2 is not from registry.acme/")]

    def test_several_with_messages_and_places_of_their_own(self, lint):
        check = """require:
  - expression: quantity(self.resources.limits.cpu).isLessThan(quantity("100m"))
    message: cpu {value}
    at: [resources, limits, cpu]
  - expression: self.name == 'web'
  - expression: has(self.resources.requests)
    at: [resources, requests]"""
        report = lint_rule(lint, check, message="no requests", **EACH)
        assert places(report) == [(10, "no requests"), (10, "cpu 500m")]
        assert len({finding.fingerprint for finding in report.findings}) == 2

    def test_the_object_and_the_document(self, lint):
        assert places(lint_rule(lint, "require: object.metadata.labels.team == self.name", message="other", **EACH)) == [(8, "other")]
        assert places(lint_rule(lint, "require: self.kind != 'Pod'", match="{kinds: [Pod]}", message="pod")) == [(2, "pod")]
        assert places(lint_rule(lint, "require: self.kind != 'Pod'", match="{on: document}", message="pod")) == [(2, "pod")]

    def test_a_missing_key_is_neither_a_finding_nor_silence(self, lint):
        report = lint_rule(lint, "require: self.securityContext.runAsNonRoot", message="root", **EACH)
        assert (report.findings, report.exit_code) == ((), 3)
        [failure] = [entry.failure for entry in report.failures]
        assert (failure.id, failure.kind, failure.stage, failure.path) == ("rule-undecided", "broken", "rule", "a.yaml")
        assert failure.message == "rule acme/wrong cannot judge Pod web: there is no key `securityContext`"
        assert "`has(self.securityContext) && …`" in failure.fix
        assert "policy/acme/wrong.yaml" in failure.fix
        said = lint_rule(lint, "require: self.?securityContext.?runAsNonRoot.orValue(false)", message="root", **EACH)
        assert places(said) == [(8, "root")]

    def test_the_other_expressions_still_speak(self, lint):
        check = "require: [{expression: self.absent == 1}, {expression: self.name == 'x', message: name}]"
        report = lint_rule(lint, check, message="absent", **EACH)
        assert places(report) == [(8, "name")]
        assert len(report.failures) == 1

    @pytest.mark.parametrize(
        ("expression", "silent"),
        [
            ("self.image.startsWith('registry.')", True),
            ("self.resources.limits.cpu == '100m'", False),
            ("self.env.all(e, e.value != 'hunter2')", True),
            ("self.env.all(e, e.name != 'TOKEN')", False),
            ("self.env.all(e, !('hunter2' in [e.value]))", True),
            ("self.args.all(a, a != '-v')", True),
            ("size(self.args) > 3", True),
            ("has(self.livenessProbe)", False),
            ("object.metadata.labels['team'] == 'x'", True),
            ("object.metadata.labels.all(key, object.metadata.labels[key] == 'x')", True),
            ("int(self.ports[0].containerPort) < 1", True),
        ],
    )
    def test_what_nobody_knows_yet_is_not_judged(self, lint, expression, silent):
        pod = POD.replace("registry.example.com/web:1.4.2", "${REGISTRY}/web").replace("hunter2", "'${TOKEN}'").replace("shop", "'${TEAM}'")
        pod += "      args: ['${LEVEL}', '-v']\n      ports: [{containerPort: '${PORT}'}]\n"
        report = lint_rule(lint, f'require: "{expression}"', pod, message="bad", **EACH)
        assert report.failures == ()
        assert bool(report.findings) is not silent

    def test_data_of_secrets_is_not_told(self, lint):
        secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {size: hunter2}\n"
        report = lint_rule(lint, "require: quantity(self.stringData.size).sign() > 0", secret, match="{kinds: [Secret]}", message="x")
        [failure] = [entry.failure for entry in report.failures]
        assert "hunter2" not in failure.message + failure.fix
        more = {"match": "{kinds: [Secret]}", "message": "'is {value}'", "more": "at: [stringData, size]"}
        report = lint_rule(lint, "require: self.stringData.size == ''", secret, **more)
        assert places(report) == [(4, "is •••")]

    def test_sensitive_values_are_hidden(self, lint, run, tmp_path):
        more = "at: [env, 0, value]\nsensitive: true"
        rule = rule_text("require: self.env[0].value == ''", message="'{name} holds {value}'", more=more, **EACH)
        files = {"a.yaml": POD, ".gitops-lint.yaml": "root: true\n" + CONFIG, **pack_files({"wrong.yaml": rule})}
        report = lint(files)
        [finding] = report.findings
        assert (finding.message, finding.sensitive) == ("web holds •••", True)
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        for form in ("text", "json", "markdown", "github", "gitlab", "junit", "sarif"):
            done = run("lint", "--format", form, cwd=tmp_path)
            assert "acme/wrong" in done.stdout, done.stderr
            assert "hunter2" not in done.stdout + done.stderr, form


@pytest.mark.parametrize(
    ("check", "line", "words"),
    [
        ("require: self.a ==", 9, "this is no valid CEL"),
        ("require: |\n  self.a == 1 &&\n  slf.b == 2", 11, "there is no variable or function `slf`"),
        ("require:\n- expression: self.a == 1\n- expression: self.b +", 11, "this is no valid CEL"),
        ("require: self.a == params.limit", 9, "the rule has no parameter `limit`; it has none"),
        ("require: |\n  self.a == 1 &&\n  self.b == params['limit']", 11, "the rule has no parameter `limit`"),
        ("require: [{message: x}]", 9, "needs the key `expression`"),
        ("require: 1", 9, "a CEL expression of at most 4096 characters"),
        (f"require: {'!' * 5000}true", 9, "at most 4096 characters"),
        ("require: 'true'\nschema: true", 10, "the rule has both a `schema:` and a `require:`: keep one of them"),
        ("require: [{expression: 'true', message: '{nothing}'}]", 9, "unknown placeholder `{nothing}`"),
    ],
)
def test_mistakes_are_found_when_the_pack_is_read(lint, check, line, words):
    with pytest.raises(ConfigurationError) as error:
        lint_rule(lint, check)
    assert words in error.value.message
    assert (error.value.path, error.value.line) == ("policy/acme/wrong.yaml", line)


def test_a_message_is_needed(lint):
    files = pack_files({"wrong.yaml": rule_text("require: 'true'", message="'x'").replace("message: 'x'\n", "")})
    with pytest.raises(ConfigurationError, match="a rule with `require:` needs a `message:`"):
        lint({"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **files})


def test_the_test_of_a_rule_says_what_to_write(tmp_path, run):
    rule = rule_text("require: self.securityContext.runAsNonRoot", **EACH)
    rule = rule.partition("examples:")[0] + "examples:\n" + "".join(
        f"  - {kind}: |\n" + "".join(f"      {line}\n" for line in (POD + tail).splitlines())
        for kind, tail in (("fail", "    - name: other # <-- here\n"), ("pass", ""))
    )  # fmt: skip
    for path, text in pack_files({"wrong.yaml": rule}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    done = run("rules", "test", "policy/acme", cwd=tmp_path)
    assert done.returncode == 1
    assert "manifest.yaml: rule acme/wrong cannot judge Pod web: there is no key `securityContext`; say what a missing key" in done.stdout


def test_state_rules_cannot_require(lint):
    with pytest.raises(ConfigurationError, match="a `require:` cannot be checked on the state"):
        lint_rule(lint, "require: 'true'", match="{on: state}")


def test_shipped_rules_do_without():
    assert not [rule.id for rule in load_catalog().rules.values() if rule.require]


def test_nothing_is_imported_without_such_a_rule(tmp_path):
    (tmp_path / "a.yaml").write_text(POD)
    code = "import sys; from linter.cli.lint import run_lint; run_lint(quiet=True); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not [name for name in done.stderr.split() if "cel" in name.split(".")[-1] and name.startswith(("linter.packs.", "cel_expr"))]


def test_without_the_extra(tmp_path, run):
    for path, text in pack_files({"wrong.yaml": rule_text("require: 'true'")}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "cel_expr_python.py").write_text("raise ImportError('not here')\n")
    done = run("rules", "test", "policy/acme", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    words = "policy/acme/wrong.yaml:9: `require:` is written in CEL, which is not installed: pip install 'gitops-lint[cel]'"
    assert words in done.stderr


@pytest.mark.parametrize(
    ("text", "route", "read"),
    [
        ("self.a.b == 1", ("a", "b"), True),
        ("self.a.b == 1", ("a", "c"), False),
        ("self.a == self.b", ("a", "x"), True),
        ("self.a.map(x, x.b).size() > 1", ("a", 0, "c"), False),
        ("self.a.map(x, x.b).size() > 1", ("a", 0, "b"), True),
        ("self.a.exists(x, x == 'c')", ("a", 0), True),
        ("self.a.all(k, v, v != 'c')", ("a", "key"), True),
        ("self['a']['b'] == 'c'", ("a", "b"), True),
        ("self['a']['b'] == 'c'", ("a", "d"), False),
        ("self.?a.?b.orValue('') == 'c'", ("a", "b"), True),
        ("self.?a.?b.orValue('') == 'c'", ("a", "d"), False),
        ("self == object", ("z",), True),
        ("has(self.a.b)", ("c",), False),
    ],
)
def test_what_an_expression_reads(text, route, read):
    assert Reads(text).covers("self", route) is read
