"""Versions of APIs that are deprecated, gone, or have a successor: the tables, and what is said for a target."""

from __future__ import annotations

import json
import re

import pytest

from linter.engine.options import LintOptions, parse_targets
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.errors import UsageError
from linter.kubernetes.api_versions.addons import CERT_MANAGER_APIS, GATEWAY_APIS
from linter.kubernetes.api_versions.built_in import KUBERNETES_APIS
from linter.kubernetes.api_versions.changes import ApiChange, deprecation_message, remedy, removal_message, standing, words
from linter.kubernetes.api_versions.istio import ISTIO_APIS
from linter.kubernetes.kinds import BUILT_IN_GROUPS
from linter.kubernetes.schemas.table import load
from linter.kubernetes.targets import release_of
from linter.repository import MemoryTree
from linter.version import NEWEST_TARGETS

TABLES = (KUBERNETES_APIS, GATEWAY_APIS, CERT_MANAGER_APIS, ISTIO_APIS)
ROWS = [change for table in TABLES for change in table.values()]
RULES = ("schema/removed-api", "schema/deprecated-api")
# Their names in Kubernetes before 1.25, which the table of schemas does not know.
GONE_EARLY = frozenset({"auditregistration.k8s.io", "extensions", "settings.k8s.io"})


def row_name(change: ApiChange) -> str:
    return f"{change.api_version}:{change.kind}"


@pytest.mark.parametrize("change", ROWS, ids=row_name)
class TestEveryRow:
    def test_releases_follow_each_other(self, change):
        assert change.deprecated is None or change.removed is None or change.deprecated < change.removed
        since = [successor.since for successor in change.successors]
        assert since == sorted(since)
        assert change.deprecated or change.removed or change.successors

    def test_a_successor_is_there_when_it_is_needed(self, change):
        """Whoever is told to use something finds it in the release that deprecates or removes the old one, or later."""
        for release in {change.deprecated, change.removed, change.system.oldest, (99, 0)} - {None}:
            found = standing(change, words(release))
            if found is None or found.successor is None:
                continue
            assert found.successor.since <= release
            assert (found.successor.api_version, found.successor.kind) != (change.api_version, change.kind)
            row = next((row for row in ROWS if (row.api_version, row.kind) == found.successor[:2]), None)
            assert row is None or row.removed is None or row.removed > release

    def test_before_it_is_deprecated_nothing_is_said(self, change):
        if change.deprecated is not None and change.deprecated[1] > 0:
            earlier = (change.deprecated[0], change.deprecated[1] - 1)
            assert standing(change, words(earlier)) is None

    def test_it_is_removed_from_its_release_on(self, change):
        if change.removed is None:
            assert (standing(change, "99.0") or standing(change, None)) is not None
            assert all(found is None or found.state != "removed" for found in (standing(change, "99.0"), standing(change, "0.1")))
            return
        assert standing(change, words(change.removed)).state == "removed"
        before = standing(change, f"{change.removed[0]}.{change.removed[1] - 1}")
        assert before is None or before.state != "removed"

    def test_messages_are_sentences(self, change):
        for target in ("99.0", None, words(change.deprecated or change.system.oldest)):
            found = standing(change, target)
            if found is None:
                continue
            message = removal_message(change, found) if found.state == "removed" else deprecation_message(change, found)
            assert message.startswith(f"`{change.api_version}` {change.kind} ")
            assert not re.search(r"None|  |\.$|\(\d", message), message
            fix = remedy(change, found)
            assert fix.endswith(".")
            assert ".." not in fix
            assert fix[0].isupper()
            assert found.successor is None or fix.startswith(f"Write `apiVersion: {found.successor.api_version}`")


class TestTables:
    def test_kubernetes_agrees_with_its_documents(self):
        """What the OpenAPI documents of 1.25 to 1.37 have no more is gone since then, and nothing else is."""
        table = load()
        for kind in table.kinds():
            change = KUBERNETES_APIS.get((kind.api_version, kind.kind))
            if kind.span.last < table.span.last and "alpha" not in kind.api_version.rpartition("/")[2]:
                assert change is not None, kind
            if change is not None and change.removed is not None:
                assert change.removed[1] == kind.span.last + 1 or (kind.span.last == table.span.last and change.removed[1] > kind.span.last)

    def test_successors_exist(self):
        table = load()
        for change in KUBERNETES_APIS.values():
            for successor in change.successors:
                known = table.kind(successor.api_version, successor.kind)
                before = KUBERNETES_APIS.get((successor.api_version, successor.kind))
                assert known is not None or before is not None, successor
                if known is not None and successor.since[1] > table.span.first:
                    assert known.span.first == successor.since[1], successor

    def test_groups_are_those_of_their_systems(self):
        for change in KUBERNETES_APIS.values():
            assert change.api_version.rpartition("/")[0] in BUILT_IN_GROUPS | GONE_EARLY
        assert {change.system.target for change in ROWS} <= NEWEST_TARGETS.keys()

    def test_no_row_is_in_two_tables(self):
        assert len(ROWS) == len({(change.api_version, change.kind) for change in ROWS})

    @pytest.mark.parametrize(("version", "release"), [("1.34", (1, 34)), ("v1.34.2", (1, 34)), ("1.30.1-gke.5", (1, 30)), ("0.11", (0, 11)),
                                                      (None, None), ("latest", None), ("1", None), ("", None)])  # fmt: skip
    def test_releases_are_read(self, version, release):
        assert release_of(version) == release


def object_text(api_version: str, kind: str) -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a, namespace: b}}\n"


def judged(text: str, **targets: str | None) -> list[tuple[str, str, str]]:
    """What both rules say with these targets: rule, severity, message."""
    config = json.dumps({"targets": {name.replace("_", "-"): version for name, version in targets.items()}})
    with Session() as session:
        tree = MemoryTree({"a.yaml": text, ".gitops-lint.yaml": config})
        report = lint_tree(tree, LintOptions(select=RULES, jobs=1), session)
    assert not report.failures
    return [(finding.rule.partition("/")[2], finding.severity, finding.message) for finding in report.findings]


class TestTargets:
    @pytest.mark.parametrize(("target", "expected"), [
        ("1.20", []),
        ("1.21", [("deprecated-api", "warning")]),
        ("1.24", [("deprecated-api", "warning")]),
        ("1.25", [("removed-api", "error")]),
        ("1.37", [("removed-api", "error")]),
    ])  # fmt: skip
    def test_kubernetes(self, target, expected):
        found = judged(object_text("batch/v1beta1", "CronJob"), kubernetes=target)
        assert [(rule, severity) for rule, severity, _ in found] == expected

    def test_the_best_successor_that_the_target_has(self):
        [(_, _, message)] = judged(object_text("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema"), kubernetes="1.25")
        assert message.endswith("use `flowcontrol.apiserver.k8s.io/v1beta2`, which exists since Kubernetes 1.23")
        [(_, _, message)] = judged(object_text("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema"), kubernetes="1.34")
        assert message.endswith("use `flowcontrol.apiserver.k8s.io/v1`, which exists since Kubernetes 1.29")
        assert message.startswith("`flowcontrol.apiserver.k8s.io/v1beta1` FlowSchema is not served since Kubernetes 1.26; ")

    def test_what_replaced_it_may_be_gone_too(self):
        [(rule, _, message)] = judged(object_text("extensions/v1beta1", "PodSecurityPolicy"), kubernetes="1.24")
        assert message.endswith("use `policy/v1beta1`, which exists since Kubernetes 1.10")
        [(rule, _, message)] = judged(object_text("extensions/v1beta1", "PodSecurityPolicy"), kubernetes="1.25")
        assert (rule, message) == (
            "removed-api", "`extensions/v1beta1` PodSecurityPolicy is not served since Kubernetes 1.16, and nothing replaces it",
        )  # fmt: skip

    def test_an_add_on_of_an_unknown_version_gets_the_benefit_of_the_doubt(self):
        assert judged(object_text("gateway.networking.k8s.io/v1alpha2", "TCPRoute")) == []
        [(rule, severity, message)] = judged(object_text("cert-manager.io/v1alpha2", "Issuer"))
        assert (rule, severity) == ("removed-api", "warning")
        assert message.startswith("`cert-manager.io/v1alpha2` Issuer is not served since cert-manager 1.6; use `cert-manager.io/v1`, ")
        assert judged(object_text("cert-manager.io/v1alpha2", "Issuer"), cert_manager="1.3") == []
        assert [entry[:2] for entry in judged(object_text("cert-manager.io/v1alpha2", "Issuer"), cert_manager="1.5")] == [
            ("deprecated-api", "warning")
        ]
        assert [entry[:2] for entry in judged(object_text("gateway.networking.k8s.io/v1alpha2", "TCPRoute"), gateway_api="1.6")] == [
            ("deprecated-api", "info")
        ]

    def test_a_successor_that_is_not_stable_is_not_worth_a_word(self):
        text = object_text("networking.istio.io/v1alpha3", "VirtualService")
        assert judged(text, istio="1.21") == []
        [(_, severity, message)] = judged(text, istio="1.22")
        assert (severity, "`networking.istio.io/v1`" in message) == ("info", True)

    def test_istio(self):
        text = object_text("security.istio.io/v1beta1", "PeerAuthentication")
        assert judged(text, istio="1.21") == []
        [(rule, severity, message)] = judged(text, istio="1.22")
        assert (rule, severity) == ("deprecated-api", "info")
        assert "has a stable successor: `security.istio.io/v1`" in message
        assert [entry[:2] for entry in judged(object_text("authentication.istio.io/v1alpha1", "MeshPolicy"))] == [("removed-api", "error")]

    def test_files_that_istioctl_reads(self):
        operator = object_text("install.istio.io/v1alpha1", "IstioOperator")
        assert judged(operator) == []
        chart = {"web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "web/templates/a.yaml": operator}
        with Session() as session:
            [finding] = lint_tree(MemoryTree(chart), LintOptions(select=RULES, jobs=1), session).findings
        assert finding.message == "`install.istio.io/v1alpha1` IstioOperator is not served since Istio 1.24, and nothing replaces it"

    @pytest.mark.parametrize("system", NEWEST_TARGETS)
    def test_each_system_can_be_a_target(self, system):
        assert parse_targets([f"{system}=v1.2"]) == {system: "1.2"}

    def test_no_other_can(self):
        with pytest.raises(UsageError, match="is not one of kubernetes, istio, external-dns, gateway-api, cert-manager, argo-cd"):
            parse_targets(["linkerd=1.2"])


DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tcproutes.gateway.networking.k8s.io}
spec:
  group: gateway.networking.k8s.io
  scope: Namespaced
  names: {kind: TCPRoute, plural: tcproutes}
  versions:
    - {name: v1alpha2, served: SERVED, storage: true, deprecated: DEPRECATED, deprecationWarning: use v1}
---
"""


class TestDefinitionsInTheRepository:
    @pytest.mark.parametrize(("served", "deprecated", "expected"), [
        ("true", "false", []),
        ("true", "true", [("deprecated-api", "info")]),
        ("false", "false", [("deprecated-api", "info")]),
    ])  # fmt: skip
    def test_they_decide_about_known_kinds(self, served, deprecated, expected):
        text = DEFINITION.replace("SERVED", served).replace("DEPRECATED", deprecated)
        found = judged(text + object_text("gateway.networking.k8s.io/v1alpha2", "TCPRoute"), gateway_api="1.6")
        assert [entry[:2] for entry in found] == expected

    def test_they_are_all_there_is_to_say_about_others(self):
        text = DEFINITION.replace("gateway.networking.k8s.io", "example.com").replace("SERVED", "true").replace("DEPRECATED", "true")
        [(rule, severity, message)] = judged(text + object_text("example.com/v1alpha2", "TCPRoute"))
        assert (rule, severity) == ("deprecated-api", "warning")
        assert message.endswith("marks `example.com/v1alpha2` TCPRoute as deprecated: use v1")
        text = text.replace("served: true", "served: false")
        assert [entry[:2] for entry in judged(text + object_text("example.com/v1alpha2", "TCPRoute"))] == [("removed-api", "error")]
