"""Objects that are declared twice: what is certain, and what may be an alternative."""

from __future__ import annotations

import shutil

import pytest
from argocd_repositories import KUSTOMIZATION, application, several

RULE = "schema/duplicate-object"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata: {a: VALUE}\n"
ONE, TWO = CONFIG.replace("VALUE", "b"), CONFIG.replace("VALUE", "c")
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: reader\nrules: []\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"
CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
needs_kustomize = pytest.mark.skipif(
    shutil.which("kustomize") is None and shutil.which("kubectl") is None, reason="neither kustomize nor kubectl is installed"
)


@pytest.fixture
def found(lint):
    def run(files: dict[str, str], **options) -> list[tuple[str, int, str, str]]:
        report = lint(files, select=(RULE,), **options)
        return [
            (finding.location.path, finding.location.line, finding.severity, finding.message.partition(": ")[2])
            for finding in report.findings
        ]

    return run


class TestPlainFiles:
    def test_in_one_file_the_first_is_lost(self, found):
        assert found({"a.yaml": f"{ONE}---\n{TWO}"}) == [("a.yaml", 10, "error", "the last one is applied, and the first one is lost")]

    def test_equal_ones_do_no_harm(self, found):
        assert found({"a.yaml": f"{ONE}---\n{ONE}"}) == [("a.yaml", 10, "warning", "the two are equal")]

    def test_three_times(self, found):
        assert [line for _, line, _, _ in found({"a.yaml": f"{ONE}---\n{TWO}---\n{TWO}"})] == [10, 16]

    def test_in_a_list(self, found):
        items = "".join(f"- {text}".replace("\n", "\n  ").rstrip(" ") for text in (ONE, TWO))
        assert [line for _, line, _, _ in found({"a.yaml": f"apiVersion: v1\nkind: List\nitems:\n{items}"})] == [12]

    def test_in_two_versions_and_groups_of_the_api(self, found):
        ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n"
        old = ingress.replace("networking.k8s.io/v1", "extensions/v1beta1")
        assert [line for _, line, _, _ in found({"a.yaml": f"{ingress}---\n{old}"})] == [9]

    def test_the_first_is_shown_as_well(self, lint):
        [finding] = lint({"a.yaml": f"{ONE}---\n{TWO}"}, select=(RULE,)).findings
        assert [(related.message, related.location.line) for related in finding.related] == [("the first one", 4)]

    @pytest.mark.parametrize("files", [
        {"app/a.yaml": ONE, "app/b.yaml": TWO},
        {"samples/first/a.yaml": ONE, "samples/second/a.yaml": TWO},
        {"prod/a.yaml": ONE, "test/a.yaml": TWO},
        {"a.yaml": ONE + "---\n" + TWO.replace("name: settings", "generateName: settings-")},
        {"a.yaml": f"{ONE}---\n{TWO}".replace("name: settings", "generateName: settings")},
        {"a.yaml": ONE + "---\n" + TWO.replace("settings", "settings, namespace: blog}").replace("metadata:\n  ", "metadata: {")},
        {"a.yaml": f"{ONE}---\n{TWO}".replace("settings", "${NAME}")},
        {"a.yaml": f"{ONE}---\n{ONE.replace('ConfigMap', 'Secret')}"},
    ])  # fmt: skip
    def test_what_may_be_meant(self, found, files):
        assert found(files) == []


class TestCharts:
    def test_two_templates(self, found):
        assert found({"web/Chart.yaml": CHART, "web/templates/a.yaml": ONE, "web/templates/b.yaml": TWO}) == [
            ("web/templates/b.yaml", 4, "error", "Helm cannot install both, and Argo CD takes the last one")
        ]

    def test_hooks_may_follow_each_other(self, found):
        hooks = [
            ONE.replace("settings\n", f"settings\n  annotations: {{helm.sh/hook: {event}}}\n") for event in ("pre-install", "pre-upgrade")
        ]
        assert found({"web/Chart.yaml": CHART, "web/templates/a.yaml": hooks[0], "web/templates/b.yaml": hooks[1]}) == []

    def test_two_charts_have_nothing_to_do_with_each_other(self, found):
        assert found({"a/Chart.yaml": CHART, "a/templates/a.yaml": ONE, "b/Chart.yaml": CHART, "b/templates/a.yaml": TWO}) == []

    def test_environments_are_not_applied_together(self, found):
        config = "environments: {prod: {web: {}}, test: {web: {}}}\n"
        assert found({"web/Chart.yaml": CHART, "web/templates/a.yaml": ONE, ".gitops-lint.yaml": config}) == []


class TestOverlays:
    @needs_kustomize
    def test_each_overlay_is_a_deployment_of_its_own(self, found):
        overlay = KUSTOMIZATION + "resources: [../base]\n"
        base = {"base/kustomization.yaml": KUSTOMIZATION + "resources: [a.yaml]\n", "base/a.yaml": ONE}
        assert found({**base, "prod/kustomization.yaml": overlay, "test/kustomization.yaml": overlay}) == []


class TestApplications:
    def test_what_one_deploys(self, found):
        assert found({"apps/web.yaml": application("web", "web"), "web/a.yaml": ONE, "web/b.yaml": TWO}) == [
            ("web/b.yaml", 4, "error", "the last one is applied, and the first one is lost")
        ]

    def test_two_sources_of_one(self, found):
        apps = {"apps/web.yaml": several("web", "path: one", "path: two")}
        assert [path for path, _, _, _ in found({**apps, "one/a.yaml": ONE, "two/a.yaml": TWO})] == ["two/a.yaml"]

    def test_two_take_it_from_each_other(self, found):
        files = {"apps/a.yaml": application("a", "one"), "apps/b.yaml": application("b", "two"), "one/a.yaml": ROLE, "two/a.yaml": ROLE}
        assert found(files) == [("two/a.yaml", 4, "warning", "the Applications a and b overwrite each other's")]

    def test_in_namespaces_of_their_own(self, found):
        files = {"apps/a.yaml": application("a", "one"), "apps/b.yaml": application("b", "two", namespace="blog")}
        assert found({**files, "one/a.yaml": ONE, "two/a.yaml": TWO}) == []

    def test_on_clusters_of_their_own(self, found):
        files = {"apps/a.yaml": application("a", "one"), "apps/b.yaml": application("b", "two", destination="name: elsewhere")}
        assert found({**files, "one/a.yaml": ROLE, "two/a.yaml": ROLE}) == []

    def test_a_namespace_may_be_shared(self, found):
        files = {"apps/a.yaml": application("a", "one"), "apps/b.yaml": application("b", "two")}
        assert found({**files, "one/a.yaml": NAMESPACE, "two/a.yaml": NAMESPACE}) == []
