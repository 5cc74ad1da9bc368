"""Rules about changes, and the rule about fields that can never change, in real temporary repositories."""

from __future__ import annotations

from linter.engine.options import LintOptions
from linter.engine.run import lint

RULE = "schema/immutable-field-changed"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      containers: [{name: web, image: "registry.example.com/web:1.4.2"}]
"""
CHANGED = DEPLOYMENT.replace("{app: web}}\n  template", "{app: web, tier: front}}\n  template")
NEW_IMAGE = DEPLOYMENT.replace("1.4.2", "1.4.3")
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    "chart/values.yaml": "class: standard\n",
    "chart/templates/claim.yaml": """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: {{ .Values.class }}
  resources: {requests: {storage: 1Gi}}
""",
}


def found(base: str | None = "HEAD", /, *select: str, **options) -> list[tuple[str, int, str]]:
    report = lint(LintOptions(since=base, select=select or (RULE,), jobs=1, **options))
    assert not report.failures
    assert all(finding.since in (None, "new") for finding in report.findings)
    return [(entry.location.path, entry.location.line, entry.message) for entry in report.findings if entry.suppressed is None]


class TestComparison:
    def test_a_change_is_found_where_it_stands(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT})
        assert found() == []
        repo.put({"shop/web.yaml": CHANGED})
        [(path, line, message)] = found()
        assert (path, line) == ("shop/web.yaml", 5)
        assert message == (
            "`spec.selector.matchLabels.tier` of Deployment web cannot change (it was not set and is now `front`): "
            "no sync succeeds until somebody deletes the Deployment"
        )

    def test_without_since_the_rule_does_nothing(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT})
        repo.put({"shop/web.yaml": CHANGED})
        assert found(None) == []

    def test_other_changes_are_none_of_its_business(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT})
        repo.put({"shop/web.yaml": "# more\n" + NEW_IMAGE.replace("web}\nspec", "web, labels: {a: b}}\nspec")})
        assert found() == []

    def test_objects_that_come_and_go(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT})
        repo.put({"shop/web.yaml": CHANGED.replace("name: web}", "name: other}")})
        assert found() == []

    def test_a_commit_a_branch_and_the_index(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT})
        repo.git("checkout", "-qb", "feature")
        repo.commit({"shop/web.yaml": CHANGED})
        assert found() == []
        assert [line for _, line, _ in found("main")] == [5]
        assert [line for _, line, _ in found("main", revision="HEAD")] == [5]
        repo.git("checkout", "-q", "main")
        repo.commit({"other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
        repo.git("checkout", "-q", "feature")
        assert [line for _, line, _ in found("main")] == [5]
        repo.git("checkout", "-q", "main")
        repo.put({"shop/web.yaml": CHANGED})
        repo.git("add", "--all")
        repo.put({"shop/web.yaml": DEPLOYMENT})
        assert [line for _, line, _ in found(staged=True)] == [5]
        assert found() == []

    def test_it_moves_with_its_file(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT})
        repo.git("mv", "shop/web.yaml", "shop/front.yaml")
        repo.put({"shop/front.yaml": CHANGED})
        assert [path for path, _, _ in found()] == ["shop/front.yaml"]

    def test_in_another_folder_it_is_another_cluster(self, repo):
        repo.commit({"staging/web.yaml": DEPLOYMENT, "prod/web.yaml": CHANGED})
        repo.put({"staging/web.yaml": NEW_IMAGE})
        assert found() == []
        repo.put({"staging/web.yaml": CHANGED})
        assert [path for path, _, _ in found()] == ["staging/web.yaml"]

    def test_what_is_declared_twice_is_not_compared(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT, "shop/alternative.yaml": CHANGED})
        repo.put({"shop/web.yaml": CHANGED})
        assert found() == []

    def test_a_merge_brings_nothing_that_one_side_has(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT})
        repo.git("checkout", "-qb", "feature")
        repo.commit({"shop/web.yaml": CHANGED})
        repo.git("checkout", "-q", "main")
        repo.commit({"other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
        repo.git("merge", "-q", "--no-commit", "--no-ff", "feature")
        assert found() == []

    def test_paths_limit_what_is_reported(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT, "blog/web.yaml": DEPLOYMENT})
        repo.put({"shop/web.yaml": CHANGED, "blog/web.yaml": CHANGED})
        assert [path for path, _, _ in found()] == ["blog/web.yaml", "shop/web.yaml"]
        assert [path for path, _, _ in found(paths=("blog",))] == ["blog/web.yaml"]

    def test_a_base_that_cannot_be_read_says_nothing(self, repo):
        repo.commit({"shop/web.yaml": DEPLOYMENT + "  : [\n"})
        repo.put({"shop/web.yaml": CHANGED})
        report = lint(LintOptions(since="HEAD", select=(RULE,), jobs=1))
        assert (report.findings, report.failures) == ((), ())

    def test_beside_other_rules(self, repo):
        bad = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_old}\n"
        repo.commit({"shop/web.yaml": DEPLOYMENT, "shop/old.yaml": bad})
        repo.put({"shop/web.yaml": CHANGED, "shop/new.yaml": bad.replace("old", "new")})
        assert [path for path, _, _ in found("HEAD", RULE, "schema/invalid-name")] == ["shop/new.yaml", "shop/web.yaml"]


class TestCharts:
    def test_the_values_line_is_shown(self, repo):
        repo.commit(CHART)
        repo.put({"chart/values.yaml": "class: fast\n"})
        [(path, line, message)] = found()
        assert (path, line) == ("chart/values.yaml", 1)
        assert "it was `standard` and is now `fast`" in message

    def test_environments_are_compared_with_themselves(self, repo):
        config = "environments: {prod: {chart: {values: [prod.yaml]}}, test: {chart: {values: [test.yaml]}}}\n"
        values = {"chart/prod.yaml": "class: fast\n", "chart/test.yaml": "class: slow\n"}
        repo.commit({**CHART, ".gitops-lint.yaml": config, **values})
        repo.put({"chart/test.yaml": "class: fast\n"})
        assert [(path, line) for path, line, _ in found()] == [("chart/test.yaml", 1)]

    def test_one_chart_with_options(self, repo):
        repo.commit({**CHART, "more.yaml": "class: fast\n"})
        repo.put({"chart/values.yaml": "class: slow\n"})
        assert found("HEAD", paths=("chart",), values=("more.yaml",)) == []
        repo.put({"more.yaml": "class: slow\n"})
        assert [(path, line) for path, line, _ in found("HEAD", paths=("chart",), values=("more.yaml",))] == [("more.yaml", 1)]

    def test_hooks_are_made_anew(self, repo):
        job = """\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "a:1"}]}}}
"""
        repo.commit({"job.yaml": job})
        repo.put({"job.yaml": job.replace("a:1", "a:2")})
        assert found() == []
        plain = job.replace(", annotations: {helm.sh/hook: pre-upgrade}", "")
        repo.commit({"job.yaml": plain})
        repo.put({"job.yaml": plain.replace("a:1", "a:2")})
        assert [line for _, line, _ in found()] == [4]


class TestWhatFollows:
    def severities(self, *select: str) -> list[str]:
        return [finding.severity for finding in lint(LintOptions(since="HEAD", select=select or (RULE,), jobs=1)).findings]

    def test_argo_cd_replaces_it(self, repo):
        repo.commit({"web.yaml": DEPLOYMENT})
        options = "name: web, annotations: {argocd.argoproj.io/sync-options: 'Replace=true, Force=true'}"
        repo.put({"web.yaml": CHANGED.replace("name: web}\nspec", options + "}\nspec")})
        assert self.severities() == ["info"]
        repo.put({"web.yaml": CHANGED.replace("name: web}\nspec", options.replace(", Force=true", "") + "}\nspec")})
        assert self.severities() == ["error"]

    def test_a_job_that_ends_on_its_own(self, repo):
        job = """\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {ttlSecondsAfterFinished: 60, template: {spec: {restartPolicy: Never, containers: [{name: a, image: "a:1"}]}}}
"""
        repo.commit({"job.yaml": job})
        repo.put({"job.yaml": job.replace("a:1", "a:2")})
        assert self.severities() == ["warning"]

    def test_secrets_are_not_shown(self, repo):
        secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: token}\nimmutable: true\nstringData: {a: first-secret}\n"
        repo.commit({"secret.yaml": secret})
        repo.put({"secret.yaml": secret.replace("first", "second")})
        [(_, _, message)] = found()
        assert "first" not in message
        assert "second" not in message

    def test_placeholders_cannot_be_compared(self, repo):
        claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {storageClassName: standard}\n"
        repo.commit({"claim.yaml": claim})
        repo.put({"claim.yaml": claim.replace("standard", '"${CLASS}"')})
        assert found() == []
        repo.commit({"web.yaml": DEPLOYMENT})
        repo.put({"web.yaml": DEPLOYMENT.replace("{app: web}}\n  template", '{name: web, tier: "${TIER}"}}\n  template')})
        assert found() == []

    def test_a_comment_accepts_it_and_is_never_called_unused(self, repo):
        repo.commit({"web.yaml": DEPLOYMENT})
        accepted = CHANGED.replace("tier: front}}\n  template", f"tier: front}}}} # gitops-lint: ignore[{RULE}] planned\n  template")
        repo.put({"web.yaml": accepted})
        assert found() == []
        assert found("HEAD", RULE, "suppression/unused") == []
        repo.commit()
        assert found(None, RULE, "suppression/unused") == []
        repo.put({"web.yaml": accepted.replace("1.4.2", "1.4.3")})
        assert found("HEAD", RULE, "suppression/unused") == []
