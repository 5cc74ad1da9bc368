"""The JSON report: exactly the documented members, valid, and the same for the same input."""

import json

import jsonschema
import pytest
from reports import finding, report, resource, source

from linter import shipped
from linter.model import Failure, Location, Suppressed
from linter.model.findings import RelatedLocation
from linter.report import sources
from linter.report.json import render_json
from linter.report.model import KindWithoutSchema

SCHEMA = json.loads(shipped.read("schemas", "report.schema.json"))


def rendered(*arguments, show_suppressed=False, **options):
    content = json.loads(render_json(report(*arguments, **options), show_suppressed=show_suppressed))
    jsonschema.Draft7Validator(SCHEMA).validate(content)
    return content


def full():
    prod = source("charts/shop", "helm", "prod", application="shop", cluster="eu-1")
    about = resource(origin=prod)
    return report(
        finding(
            4,
            11,
            14,
            resource=about,
            origins=[prod],
            route=("spec", "containers", 0),
            precision="call-site",
            related=(RelatedLocation("here", Location("apps/service.yaml", 7, 3, 8, 9)),),
            suppressed=Suppressed("config", "why", "2027-03-31"),
        ),
        failures=[Failure("yaml-syntax", "broken", "parse", "apps/bad.yaml", 3, "not valid YAML", "use spaces")],
        sources=[prod, (source("overlays/prod", "kustomize"), "unsupported", "this version does not render Kustomize")],
        exit_code=3,
        without_schema=(KindWithoutSchema("example.com/v1", "Widget", 2),),
    )


def test_the_whole_report():
    location = {"path": "apps/web.yaml", "line": 4, "column": 11, "endLine": 4, "endColumn": 14, "precision": "call-site"}
    exact = {"precision": "exact"}
    about = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}
    assert json.loads(render_json(full(), show_suppressed=True)) == {
        "version": 1,
        "exitCode": 3,
        "tool": {"name": "gitops-lint", "version": "1.2.3", "packs": {"probes": "0.1.0"}},
        "targets": {"kubernetes": "1.34"},
        "summary": {
            "files": 37, "notManifests": 2, "sources": 2, "resources": 90, "errors": 0, "warnings": 0, "infos": 0, "suppressed": 1,
            "failures": 1,
        },
        "sources": [
            {
                "path": "charts/shop", "type": "helm", "application": "shop", "environment": "prod", "state": "charts/shop@prod",
                "status": "ok",
            },
            {
                "path": "overlays/prod", "type": "kustomize", "application": None, "environment": None, "state": "overlays/prod",
                "status": "unsupported",
            },
        ],
        "findings": [
            {
                "rule": "probes/liveness-missing",
                "severity": "warning",
                "message": "container web has no liveness probe",
                "fix": "add a livenessProbe",
                "docs": "https://example.com/probes",
                "resource": about,
                "route": ["spec", "containers", 0],
                "location": location,
                "occurrences": [
                    {"source": "charts/shop", "application": "shop", "cluster": "eu-1", "environment": "prod", "resource": about, "line": 4}
                ],
                "related": [
                    {
                        "message": "here",
                        "location": {"path": "apps/service.yaml", "line": 7, "column": 3, "endLine": 8, "endColumn": 9, **exact},
                    }
                ],
                "fingerprint": "apps/web.yaml:4:11",
                "suppressed": {"by": "config", "reason": "why", "until": "2027-03-31"},
                "since": None,
            }
        ],
        "failures": [
            {
                "id": "yaml-syntax", "kind": "broken", "stage": "parse", "path": "apps/bad.yaml", "line": 3, "message": "not valid YAML",
                "fix": "use spaces", "fingerprint": "f0", "suppressed": None,
            }
        ],
        "withoutSchema": [{"apiVersion": "example.com/v1", "kind": "Widget", "resources": 2}],
    }  # fmt: skip
    jsonschema.Draft7Validator(SCHEMA).validate(json.loads(render_json(full(), show_suppressed=True)))


def test_the_schema_is_strict_everywhere():
    jsonschema.Draft7Validator.check_schema(SCHEMA)

    def objects(part):
        if isinstance(part, dict):
            if "properties" in part:
                yield part
            for value in part.values():
                yield from objects(value)
        elif isinstance(part, list):
            for value in part:
                yield from objects(value)

    for part in objects(SCHEMA):
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])


@pytest.mark.parametrize("route", [("findings", 0), ("findings", 0, "location"), ("summary",), ("failures", 0), ("sources", 0), ()])
def test_the_schema_refuses_what_is_not_documented(route):
    content = json.loads(render_json(full(), show_suppressed=True))
    part = content
    for step in route:
        part = part[step]
    part["extra"] = 1
    assert not jsonschema.Draft7Validator(SCHEMA).is_valid(content)


def test_an_empty_report():
    assert rendered(exit_code=0)["findings"] == []


def test_suppressed_findings_only_on_demand():
    hidden = finding(suppressed=Suppressed("comment"))
    assert rendered(hidden)["findings"] == []
    assert rendered(hidden)["summary"]["suppressed"] == 1
    assert rendered(hidden, show_suppressed=True)["findings"][0]["suppressed"] == {"by": "comment", "reason": None, "until": None}


def test_a_namespace_that_nobody_names_is_null():
    assert rendered(finding(resource=resource(namespace=None)))["findings"][0]["resource"]["namespace"] is None


def test_a_kind_without_namespaces_has_none_even_if_the_manifest_says_one():
    about = resource("ClusterRole")
    about.namespace = ""
    assert rendered(finding(resource=about))["findings"][0]["resource"]["namespace"] is None


def test_text_that_is_no_text():
    content = rendered(finding(path="caf\udce9.yaml", message="a \ud83d b", origins=[source("caf\udce9")]))
    [found] = content["findings"]
    assert found["location"]["path"] == "caf\\xe9.yaml"
    assert found["occurrences"][0]["source"] == "caf\\xe9"
    assert found["message"] == "a ? b"


def test_the_text_is_the_same_each_time_and_has_a_line_for_each_finding():
    first = render_json(report(finding(1), finding(2), packs={"b": "1", "a": "2"}, targets={"z": "1", "a": "2"}))
    second = render_json(report(finding(1), finding(2), packs={"a": "2", "b": "1"}, targets={"a": "2", "z": "1"}))
    assert first == second
    assert sum('"rule"' in line for line in first.splitlines()) == 2
    assert first.endswith("}\n")


class TestSources:
    REPORT = report(
        sources=[
            source("apps"),
            source("charts/shop", "helm", "prod"),
            (source("charts/日本", "helm"), "broken", "no values"),
            (source("overlays/prod", "kustomize"), "unsupported", "this version does not render Kustomize"),
        ]
    )

    def test_a_table(self):
        assert sources.render_text(self.REPORT).splitlines() == [
            "PATH           TYPE       ENVIRONMENT  STATE             STATUS       REASON",
            "apps           directory               apps              ok",
            "charts/shop    helm       prod         charts/shop@prod  ok",
            "charts/日本    helm                    charts/日本       broken       no values",
            "overlays/prod  kustomize               overlays/prod     unsupported  this version does not render Kustomize",
        ]

    def test_empty_columns_are_left_out(self):
        assert sources.render_text(report(sources=[source("apps")])) == "PATH  TYPE       STATE  STATUS\napps  directory  apps   ok\n"

    def test_no_sources(self):
        assert sources.render_text(report()) == "no sources\n"
        assert json.loads(sources.render_json(report())) == {"version": 1, "sources": []}

    def test_colour_and_control_characters(self):
        shown = sources.render_text(report(sources=[source("a\x1b[2J")]), color=True)
        assert "\x1b[32mok" in shown
        assert "a\\x1b[2J" in shown

    def test_json(self):
        assert json.loads(sources.render_json(self.REPORT))["sources"][2] == {
            "path": "charts/日本", "type": "helm", "application": None, "environment": None, "state": "charts/日本", "status": "broken",
            "reason": "no values",
        }  # fmt: skip
