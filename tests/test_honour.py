"""The suppression annotations of other linters, where the configuration honours them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linter.packs.catalog import load_catalog
from linter.suppression.honoured import LINTERS, honoured

ANY = {
    "ignore-check.kube-linter.io/dangling-service": "headless on purpose",
    "kube-score/ignore": " service-targets-pod , label-values,",
    "polaris.fairwinds.com/livenessProbeMissing-exempt": "True",
    "checkov.io/skip1": "CKV_K8S_8=a = b",
    "kubescape.io/skip-controls": "C-0293, C-0307",
    "kubescape.io/skip-reason": "reviewed",
    "kubescape.io/skip-expiry": "2026-12-31T23:59:59Z",
    "galley.istio.io/analyze-suppress": "IST0101,IST0108",
}


class TestForms:
    def read(self, linter: str, **annotations: Any) -> list[tuple[tuple[str, ...], str | None, str | None]]:
        return [(found.checks, found.reason, found.until) for found in honoured((linter,), annotations)]

    @pytest.mark.parametrize(
        ("linter", "expected"),
        [
            ("kube-linter", (("dangling-service",), "headless on purpose", None)),
            ("kube-score", (("service-targets-pod", "label-values"), None, None)),
            ("polaris", (("livenessProbeMissing",), None, None)),
            ("checkov", (("CKV_K8S_8",), "a = b", None)),
            ("kubescape", (("C-0293", "C-0307"), "reviewed", "2026-12-31")),
            ("istioctl", (("IST0101", "IST0108"), None, None)),
        ],
    )
    def test_each_linter_reads_its_own(self, linter, expected):
        assert self.read(linter, **ANY) == [expected]

    def test_all_of_them_are_known(self):
        assert {found.linter for found in honoured(LINTERS, ANY)} == set(LINTERS)
        assert honoured((), ANY) == []

    @pytest.mark.parametrize(
        ("linter", "annotations", "reason"),
        [
            ("kube-linter", {"kube-linter.io/ignore-all": "managed elsewhere"}, "managed elsewhere"),
            ("kube-linter", {"kube-linter.io/ignore-all": None}, None),
            ("kube-score", {"kube-score/ignore": "*"}, None),
            ("kube-score", {"kube-score/skip": "true"}, None),
            ("polaris", {"polaris.fairwinds.com/exempt": "true"}, None),
            ("istioctl", {"galley.istio.io/analyze-suppress": "*"}, None),
        ],
    )
    def test_every_check(self, linter, annotations, reason):
        [found] = honoured(LINTERS, annotations)
        assert (found.linter, found.checks, found.reason) == (linter, ("*",), reason)
        assert found.covers({linter: ("anything",)})
        assert not found.covers({"another": ("anything",)})

    @pytest.mark.parametrize(
        "annotations",
        [
            {"polaris.fairwinds.com/exempt": "false"},
            {"polaris.fairwinds.com/exempt": True},
            {"polaris.fairwinds.com/other": "true"},
            {"kube-score/skip": "maybe"},
            {"kube-score/ignore": ["label-values"]},
            {"kube-score/ignore": " , "},
            {"checkov.io/skip1": "=no check"},
            {"checkov.io/skip1": 1},
            {"checkov.io/skip1": "*=all of them"},
            {"ignore-check.kube-linter.io/": "no check"},
            {"ignore-check.kube-linter.io/*": "all of them"},
            {"kubescape.io/skip-controls": "*"},
            {"kubescape.io/skip-reason": "no controls"},
            {"kubescape.io/skip-controls": "C-0001", "kubescape.io/skip-expiry": "next year"},
            {"kubescape.io/skip-controls": "C-0001", "kubescape.io/skip-expiry": "2026-12-31"},
            {"kubescape.io/skip-controls": "C-0001", "kubescape.io/skip-expiry": "2026-02-30T00:00:00Z"},
            {"kubescape.io/skip-controls": "C-0001", "kubescape.io/skip-expiry": "0001-01-01T00:00:00Z"},
        ],
    )
    def test_what_the_linter_itself_would_not_read(self, annotations):
        assert honoured(LINTERS, annotations) == []

    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            ("2026-12-31T00:00:00Z", "2026-12-30"),
            ("2026-12-31T00:00:01Z", "2026-12-31"),
            ("2026-12-31T23:59:59.5Z", "2026-12-31"),
            ("2027-01-01T01:00:00+02:00", "2026-12-31"),
        ],
    )
    def test_a_moment_as_a_last_day(self, moment, day):
        annotations = {"kubescape.io/skip-controls": "C-0001", "kubescape.io/skip-expiry": moment}
        assert [found.until for found in honoured(LINTERS, annotations)] == [day]

    def test_only_kube_score_reads_the_pod(self):
        assert [found.linter for found in honoured(LINTERS, ANY, of_pod=True)] == ["kube-score"]

    def test_what_kube_score_ignores_with_another(self):
        assert self.read("kube-score", **{"kube-score/ignore": "container-resources"}) == [
            (("container-resources", "container-ephemeral-storage-request-and-limit"), None, None)
        ]


def rule_with(linter: str, check: str) -> str:
    return next(rule.id for rule in load_catalog().rules.values() if check in rule.equivalents.get(linter, ()))


LABEL = rule_with("kube-score", "label-values")
IDENTICAL = rule_with("kube-score", "pod-probes-identical")


def config_map(annotations: dict[str, str], label: str = "-wrong-") -> str:
    metadata = {"name": "web", "annotations": annotations, "labels": {"tier": label}}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, indent=1)


def found(report) -> list[tuple[str, str | None, str | None]]:
    return [
        (entry.rule, entry.suppressed and entry.suppressed.by, entry.suppressed and entry.suppressed.reason) for entry in report.findings
    ]


class TestInARun:
    def lint(self, lint, text, config=None, **options):
        files = {"a.yaml": text}
        if config is not None:
            files[".gitops-lint.yaml"] = json.dumps(config)
        options.setdefault("select", (LABEL, IDENTICAL, "suppression"))
        return lint(files, **options)

    def test_counts_only_where_it_is_honoured(self, lint):
        text = config_map({"kube-score/ignore": "label-values"})
        assert found(self.lint(lint, text)) == [(LABEL, None, None)]
        assert found(self.lint(lint, text, {"honour": ["polaris"]})) == [(LABEL, None, None)]
        assert found(self.lint(lint, text, {"honour": ["kube-score"]})) == [(LABEL, "annotation", None)]

    def test_another_check_does_not_count(self, lint):
        text = config_map({"kube-score/ignore": "service-type,no-such-check"})
        assert found(self.lint(lint, text, {"honour": ["kube-score"]})) == [(LABEL, None, None)]

    def test_never_unused_unknown_or_malformed(self, lint):
        text = config_map({**ANY, "kube-score/ignore": "nonsense!,label-values"}, label="fine")
        assert found(self.lint(lint, text, {"honour": list(LINTERS)})) == []

    def test_on_the_pod_template(self, lint):
        probe = {"httpGet": {"path": "/", "port": 80}}
        containers = [{"name": "web", "image": "web", "livenessProbe": probe, "readinessProbe": probe, "ports": [{"containerPort": 80}]}]
        template = {"metadata": {"annotations": {"kube-score/ignore": "pod-probes-identical"}}, "spec": {"containers": containers}}
        body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": template}}
        assert {entry[:2] for entry in found(self.lint(lint, json.dumps(body)))} == {(IDENTICAL, None)}
        report = self.lint(lint, json.dumps(body), {"honour": ["kube-score"]})
        assert {entry[:2] for entry in found(report)} == {(IDENTICAL, "annotation")}

    def test_reason_and_day_are_carried_over(self, lint):
        label = rule_with("kubescape", "C-0293")
        text = (
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  annotations:\n    kubescape.io/skip-controls: C-0293\n"
            "    kubescape.io/skip-reason: external pods\n    kubescape.io/skip-expiry: 2026-08-01T12:00:00Z\n"
            "spec:\n  selector: {app: web}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b, labels: {app: b}}\n"
            "spec: {containers: [{name: b, image: b}]}\n"
        ).replace("2026-08-01T12:00:00Z", "'2026-08-01T12:00:00Z'")
        report = self.lint(lint, text, {"honour": ["kubescape"]}, select=(label, "suppression"), closed_world=True)
        [entry] = report.findings
        assert (entry.suppressed.reason, entry.suppressed.until) == ("external pods", "2026-08-01")
        late = text.replace("2026-08-01", "2026-06-01")
        report = self.lint(lint, late, {"honour": ["kubescape"]}, select=(label, "suppression"), closed_world=True)
        assert sorted((entry.rule, entry.suppressed, entry.location.line) for entry in report.findings) == sorted(
            [(label, None, report.findings[-1].location.line), ("suppression/expired", None, 6)]
        )

    def test_the_policy_holds_for_them(self, lint):
        text = config_map({"kube-score/ignore": "label-values"})
        config = {"honour": ["kube-score"], "suppressions": {"require-reason": True}}
        report = self.lint(lint, text, config)
        assert [(entry.rule, entry.location.line) for entry in report.findings if entry.suppressed is None] == [
            ("suppression/reason-missing", 7),
            (LABEL, 10),
        ]
        not_allowed = {"honour": ["kube-score"], "suppressions": {"allow": ["comment"]}}
        assert {entry[0] for entry in found(self.lint(lint, text, not_allowed))} == {LABEL, "suppression/not-allowed"}
        # Nobody is told to mend an annotation that accepts nothing here.
        assert found(self.lint(lint, config_map({"kube-score/ignore": "label-values"}, "fine"), config)) == []

    def test_one_statement_for_all_environments(self, lint):
        template = (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  annotations:\n    kube-score/ignore: label-values\n"
            "  labels:\n    tier: {{ .Values.tier }}\n"
        )
        config = {
            "honour": ["kube-score"],
            "suppressions": {"require-reason": True},
            "environments": {"prod": {"web": {}}, "test": {"web": {}}},
        }
        files = {
            "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "web/values.yaml": "tier: -wrong-\n",
            "web/templates/a.yaml": template,
            ".gitops-lint.yaml": json.dumps(config),
        }
        report = lint(files, select=(LABEL, "suppression"))
        [about] = [entry for entry in report.findings if entry.rule == "suppression/reason-missing"]
        assert (about.location.path, about.location.line, len(about.occurrences)) == ("web/templates/a.yaml", 6, 2)
