"""Which definition judges a custom resource, what is said of it, and what the configuration and the reports make of that."""

from __future__ import annotations

import json

import jsonschema
import pytest

from linter import shipped
from linter.model import DesiredState
from linter.report.json import render_json
from linter.report.markdown import render_markdown
from linter.report.text import render_text

STRUCTURE = ("schema/unknown-field", "schema/missing-field", "schema/wrong-type", "schema/invalid-value")
RULES = {"select": (*STRUCTURE, "schema/failed-validation-rule", "schema/version-not-served")}


def crd(spec="{type: object, properties: {size: {type: integer}}}", versions=("v1",), kind="Queue", group="example.com"):
    """A definition whose versions have this schema for `spec`."""
    plural = f"{kind.lower()}s"
    served = "".join(
        f"""
    - name: {name.lstrip("-")}
      served: {"false" if name.startswith("-") else "true"}
      storage: {"true" if not number else "false"}
      schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {spec}}}}}}}"""
        for number, name in enumerate(versions)
    )
    return f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.{group}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{kind: {kind}, plural: {plural}, singular: {kind.lower()}, listKind: {kind}List}}
  versions:{served}
"""


def queue(spec="{size: 3}", api_version="example.com/v1", kind="Queue"):
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: mail}}\nspec: {spec}\n"


GATEWAY = {"api_version": "networking.istio.io/v1", "kind": "Gateway"}
ANYTHING = "{type: object, x-kubernetes-preserve-unknown-fields: true}"
TEXTUAL = "{type: object, properties: {size: {type: string}}}"


@pytest.fixture
def found(lint):
    """The findings of files as (path, rule, severity, message)."""

    def findings(files, **options):
        report = lint({".gitops-lint.yaml": "", **files}, **{**RULES, **options})
        return [(finding.location.path, finding.rule, finding.severity, finding.message) for finding in report.findings]

    return findings


class TestWhichDefinitionCounts:
    def test_that_of_the_same_state_comes_first(self, found):
        files = {
            ".gitops-lint.yaml": "crds: [named]\nexclude: [named]\n",
            "a/crd.yaml": crd(), "a/queue.yaml": queue("{size: x}"),
            "named/crd.yaml": crd(TEXTUAL), "b/crd.yaml": crd(ANYTHING),
        }  # fmt: skip
        [(path, rule, severity, message)] = found(files)
        assert (path, rule, severity) == ("a/queue.yaml", "schema/wrong-type", "error")
        assert "`spec.size` must be a whole number" in message

    def test_then_what_the_configuration_names_even_if_it_is_excluded(self, found):
        files = {
            ".gitops-lint.yaml": "crds: [named/*.yaml]\nexclude: [named]\n", "a/queue.yaml": queue("{size: 3}"),
            "named/crd.yaml": crd(TEXTUAL), "b/crd.yaml": crd(),
        }  # fmt: skip
        [(path, rule, *_)] = found(files)
        assert (path, rule) == ("a/queue.yaml", "schema/wrong-type")

    def test_then_those_elsewhere_of_which_one_has_to_accept_it(self, found):
        files = {"a/queue.yaml": queue("{size: 3}"), "b/crd.yaml": crd(TEXTUAL), "c/crd.yaml": crd()}
        assert found(files) == []
        del files["c/crd.yaml"]
        assert [entry[1:3] for entry in found(files)] == [("schema/wrong-type", "error")]
        # It may be the definition of another cluster, in another release.
        files["a/queue.yaml"] = queue("{sise: 3}")
        assert [entry[1:3] for entry in found(files)] == [("schema/unknown-field", "warning")]

    def test_the_one_with_the_fewest_mistakes_speaks(self, found):
        files = {
            "a/queue.yaml": queue("{size: 3, other: 1}"),
            "b/crd.yaml": crd("{type: object, properties: {sise: {type: string}}}"), "c/crd.yaml": crd(),
        }  # fmt: skip
        assert [message for *_, message in found(files)] == ["`other` is not a field of `spec`"]

    def test_then_the_shipped_ones_whose_unknown_fields_are_warnings(self, found):
        [(_, rule, severity, _)] = found({"a/gateway.yaml": queue("{selectr: {a: b}}", **GATEWAY)})
        assert (rule, severity) == ("schema/unknown-field", "warning")
        [(_, rule, severity, _)] = found({"a/gateway.yaml": queue(**{**GATEWAY, "spec": "{}"}).replace("name: mail", "name: a, nmae: b")})
        assert (rule, severity) == ("schema/unknown-field", "error")
        [(_, rule, severity, _)] = found({"a/gateway.yaml": queue("{selector: []}", **GATEWAY)})
        assert (rule, severity) == ("schema/wrong-type", "error")

    def test_the_authors_own_wins_over_a_shipped_one(self, found):
        own = crd("{type: object, properties: {gates: {type: integer}}}", kind="Gateway", group="networking.istio.io")
        files = {"crds/istio.yaml": own, "a/gateway.yaml": queue("{gates: 3}", **GATEWAY)}
        assert found(files) == []
        files = {"a/istio.yaml": own, "a/gateway.yaml": queue("{selector: {a: b}}", **GATEWAY)}
        assert [entry[1:3] for entry in found(files)] == [("schema/unknown-field", "error")]

    def test_a_definition_in_the_crds_folder_of_a_chart(self, found):
        files = {
            "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n", "chart/crds/queue.yaml": crd(),
            "chart/templates/queue.yaml": queue("{size: {{ .Values.size }}}"), "chart/values.yaml": "size: big\n",
        }  # fmt: skip
        [(path, rule, *_)] = found(files)
        assert rule == "schema/wrong-type"
        assert path.startswith("chart/")

    def test_a_definition_without_schema_accepts_all(self, found):
        old = crd().replace("apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1").replace(
            "schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}", ""
        )  # fmt: skip
        assert found({"a/crd.yaml": old, "a/queue.yaml": queue("{anything: 3}")}) == []

    def test_nothing_is_said_of_unknown_kinds_and_versions(self, found):
        files = {
            "a/one.yaml": queue("{a: 1}"), "a/two.yaml": queue("{a: 1}", "networking.istio.io/v9", "Gateway"),
            "a/three.yaml": queue("{a: 1}", "argoproj.io/v1alpha1", "Rollout"),
            "a/four.yaml": queue("{a: 1}", "gateway.networking.k8s.io/v1alpha2", "BackendTLSPolicy"),
        }  # fmt: skip
        assert found(files) == []


class TestVersions:
    def test_one_that_is_not_served(self, found):
        files = {"a/crd.yaml": crd(versions=("v1", "v1beta1")), "a/queue.yaml": queue(api_version="example.com/v1alpha1")}
        [(_, rule, severity, message)] = found(files)
        assert (rule, severity) == ("schema/version-not-served", "error")
        assert message == "the definition of Queue does not serve v1alpha1; it serves v1 and v1beta1"

    def test_one_that_a_definition_elsewhere_does_not_serve(self, lint):
        files = {"b/crd.yaml": crd(versions=("v1", "-v1beta1")), "a/queue.yaml": queue(api_version="example.com/v1beta1")}
        [finding] = lint({".gitops-lint.yaml": "", **files}, **RULES).findings
        assert (finding.severity, finding.fix) == ("warning", "Write `apiVersion: example.com/v1`.")
        assert [(related.location.path, related.location.line) for related in finding.related] == [("b/crd.yaml", 8)]

    def test_a_placeholder(self, found):
        files = {"a/crd.yaml": crd(), "a/queue.yaml": queue(api_version="example.com/${VERSION}")}
        assert found(files) == []


class TestChannels:
    ROUTE = (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web}\nspec:\n  parentRefs: [{name: public}]\n"
        "  rules:\n    - backendRefs: [{name: web, port: 80}]\n      retry: {attempts: %s}\n"
    )

    def test_a_field_that_only_the_experimental_channel_has(self, found):
        [(_, rule, severity, message)] = found({"a/route.yaml": self.ROUTE % 3})
        assert (rule, severity) == ("schema/unknown-field", "info")
        assert message == "`spec.rules[0].retry` needs the experimental channel of the Gateway API"

    def test_what_is_wrong_in_such_a_field(self, found):
        assert [(rule, severity) for _, rule, severity, _ in found({"a/route.yaml": self.ROUTE % "often"})] == [
            ("schema/unknown-field", "info"), ("schema/wrong-type", "error"),
        ]  # fmt: skip

    def test_a_mistake_in_both(self, found):
        [(_, rule, severity, _)] = found({"a/route.yaml": (self.ROUTE % 3).replace("retry: {attempts", "retries: {attempts")})
        assert (rule, severity) == ("schema/unknown-field", "warning")


class TestWhatIsNotSaid:
    SPEC = (
        "{type: object, default: {}, required: [size], properties: {size: {type: integer, default: 1}, "
        "names: {type: array, x-kubernetes-list-type: set, items: {type: string}}, "
        "one: {type: object, oneOf: [{properties: {a: {enum: [x]}}}, {properties: {a: {enum: [y]}}}], properties: {a: {type: string}}}, "
        "list: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], "
        "items: {type: object, properties: {name: {type: string, default: a}}}}}}"
    )

    @pytest.mark.parametrize(
        "spec",
        ["{}", "", "{size: null}", "{names: null}", "{names: ['${A}', '${A}']}", "{one: {a: '${A}'}}", "{list: [{name: a}, {name: b}]}"],
    )
    def test_defaults_nulls_and_placeholders(self, found, spec):
        assert found({"a/crd.yaml": crd(self.SPEC), "a/queue.yaml": queue(spec)}) == []

    def test_the_status(self, found):
        with_status = crd().replace("properties: {spec:", "properties: {status: {type: object, required: [a]}, spec:")
        assert found({"a/crd.yaml": with_status, "a/queue.yaml": queue() + "status: {b: 1}\n"}) == []

    @pytest.mark.parametrize(
        ("spec", "message"),
        [
            ("{names: [a, b, a]}", "`a` stands twice in `spec.names`, whose entries must differ"),
            ("{list: [{name: x}, {name: x}]}", "`spec.list` has two entries with name `x`, and they must differ in `name`"),
            ("{list: [{}, {}]}", "`spec.list` has two entries with name `a`, and they must differ in `name`"),
            ("{one: {a: z}}", "`spec.one.a` is `z` and must be `x`"),
        ],
    )
    def test_what_is_said(self, found, spec, message):
        [(_, rule, _, words)] = found({"a/crd.yaml": crd(self.SPEC), "a/queue.yaml": queue(spec)})
        assert (rule, words) == ("schema/invalid-value", message)

    def test_a_confidential_value_is_not_quoted(self, found):
        spec = (
            "{type: object, properties: {password: {type: string, x-kubernetes-validations: [{rule: 'self.size() > 9', "
            "messageExpression: '\"too short: \" + self', message: too short}]}}}"
        )
        [(*_, message)] = found({"a/crd.yaml": crd(spec), "a/queue.yaml": queue("{password: hunter2}")})
        assert message == "`spec.password` breaks a rule of its definition: too short"


class TestTheConfiguration:
    def failures(self, lint, config, files):
        report = lint({".gitops-lint.yaml": config, "a/queue.yaml": queue(), **files}, **RULES)
        return [
            (reported.failure.id, reported.failure.path, reported.failure.line, reported.failure.message) for reported in report.failures
        ]

    def test_a_pattern_that_names_nothing(self, lint):
        [(failure, path, line, message)] = self.failures(lint, "exclude: [x]\ncrds:\n  - crds/**\n", {})
        assert (failure, path, line) == ("crds-missing", ".gitops-lint.yaml", 3)
        assert "`crds/**` under `crds:` names no YAML or JSON file" in message

    def test_files_without_definition(self, lint):
        [(failure, _, _, message)] = self.failures(lint, "crds: [crds]\n", {"crds/a.yaml": "a: 1\n", "crds/README.md": "# crds\n"})
        assert (failure, message) == ("crds-empty", "crds/a.yaml holds no CustomResourceDefinition that can be read")
        [(failure, *_)] = self.failures(lint, "crds: [crds]\n", {"crds/a.yaml": "a: 1\n", "crds/b.yml": "[]"})
        assert failure == "crds-empty"

    def test_files_beside_definitions_may_be_anything(self, lint):
        assert self.failures(lint, "crds: [crds]\n", {"crds/a.yaml": crd(), "crds/kustomization.yaml": "resources: [a.yaml]\n"}) == []

    def test_a_file_that_cannot_be_read(self, lint):
        found = self.failures(lint, "crds: [crds]\n", {"crds/a.yaml": "a: [\n", "crds/b.yaml": crd()})
        assert [entry[:2] for entry in found] == [("yaml-syntax", "crds/a.yaml")]

    def test_json_lists_and_the_files_of_charts(self, lint):
        body = {"apiVersion": "v1", "kind": "List", "items": [json.loads(json.dumps(_loaded(crd())))]}
        files = {"chart/files/crds.json": json.dumps(body), "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n"}
        report = lint({".gitops-lint.yaml": "crds: [chart/files/crds.json]\n", "a/queue.yaml": queue("{size: x}"), **files}, **RULES)
        assert [finding.rule for finding in report.findings] == ["schema/wrong-type"]


def _loaded(text):
    from linter.manifest.decoder import decode_text

    return decode_text(text)[0].value


class TestKindsWithoutSchema:
    FILES = {  # noqa: RUF012
        "a/one.yaml": queue(), "a/two.yaml": queue() + "---\n" + queue(kind="Worker"), "b/gateway.yaml": queue("{}", **GATEWAY),
        "b/config.yaml": "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
    }  # fmt: skip

    def test_they_are_counted_once_per_kind(self, lint):
        report = lint(self.FILES)
        assert [(kind.api_version, kind.kind, kind.resources) for kind in report.without_schema] == [
            ("example.com/v1", "Queue", 2), ("example.com/v1", "Worker", 1),
        ]  # fmt: skip
        assert not report.failures

    def test_a_definition_is_the_remedy(self, lint):
        files = {**self.FILES, ".gitops-lint.yaml": "crds: [named]\nexclude: [named]\n", "named/a.yaml": crd()}
        assert [kind.kind for kind in lint(files).without_schema] == ["Worker"]

    def test_the_reports(self, lint):
        report = lint(self.FILES)
        text = render_text(report, statistics=True)
        assert "Custom resources without a schema\n  2 example.com/v1 Queue\n  1 example.com/v1 Worker\n    fix: list the Custom" in text
        assert "without a schema" not in render_text(report)
        markdown = render_markdown(report, statistics=True)
        assert "2 kinds of custom resources without a schema" in markdown
        assert "- `example.com/v1 Queue`: 2 objects" in markdown
        assert "without a schema" not in render_markdown(report)
        content = json.loads(render_json(report))
        jsonschema.Draft7Validator(json.loads(shipped.read("schemas", "report.schema.json"))).validate(content)
        assert content["withoutSchema"][0] == {"apiVersion": "example.com/v1", "kind": "Queue", "resources": 2}


def test_a_hint_says_that_rules_are_not_evaluated(lint, monkeypatch):
    import importlib.util

    original = importlib.util.find_spec
    hint = "validation rules of custom resources are not evaluated, for CEL is not installed: pip install 'gitops-lint[cel]'"
    files = {"a/gateway.yaml": queue("{selector: {a: b}}", **GATEWAY)}
    assert hint not in lint(files).hints
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name.startswith("cel_") else original(name, *more))
    assert hint in lint(files).hints
    assert hint not in lint(files, ignore=("schema/failed-validation-rule",)).hints
    assert hint not in lint({"a/queue.yaml": queue()}).hints


def test_a_good_object_costs_no_explanation(lint, monkeypatch):
    from linter.kubernetes.definitions import lookup

    monkeypatch.setattr(lookup, "mistakes_in", None)
    files = {"a/crd.yaml": crd(), "a/queue.yaml": queue(), "a/gateway.yaml": queue("{selector: {a: b}}", **GATEWAY)}
    assert lint(files, **RULES).failures == ()


def test_the_definitions_of_a_run_are_indexed_once(lint, monkeypatch):
    from linter.kubernetes.definitions import lookup

    read = []
    original = lookup.read_definition
    monkeypatch.setattr(lookup, "read_definition", lambda body: read.append(1) or original(body))
    lint({"x/crd.yaml": crd(), **{f"s{number}/queue.yaml": queue() for number in range(20)}}, **RULES)
    assert len(read) <= 2


def test_a_state_without_definitions_knows_the_shipped_ones():
    from linter.kubernetes.definitions.lookup import schema_of

    class Shape:
        api_version, kind = "networking.istio.io/v1", "Gateway"

    assert schema_of(Shape(), DesiredState("a", [], [])).shipped == "Istio"
