"""Argo CD Applications in real repositories: revisions, paths, remotes, charts that are vendored."""

from __future__ import annotations

import io
import tarfile

import pytest
from argocd_repositories import BAD, RULE, application, application_set, chart, failures, places, sources

from linter.engine.baseline import accept
from linter.engine.options import LintOptions
from linter.engine.render import render
from linter.engine.run import lint
from linter.errors import UsageError

VALUES = "helm:\n  valuesObject:\n    tier: {}\n"


@pytest.fixture(autouse=True)
def _remote(repo):
    repo.git("remote", "add", "origin", "git@git.example.com:team/gitops.git")


def checked(*paths, **options):
    return lint(LintOptions(paths=paths or (".",), select=(RULE,), jobs=1, **options))


def found(report) -> list[tuple[str, int]]:
    return [entry[:2] for entry in places(report)]


def packed(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


class TestRevisions:
    def test_since(self, repo):
        repo.commit({**chart(), "apps/old.yaml": application("old", "m"), "m/a.yaml": BAD})
        repo.put({"apps/web.yaml": application("web", "web", VALUES.format("yes"))})
        report = checked(since="HEAD")
        assert (found(report), report.findings[0].since) == ([("apps/web.yaml", 15)], "new")
        assert found(checked()) == [("apps/web.yaml", 15), ("m/a.yaml", 3)]

    def test_since_for_an_application_that_is_new(self, repo):
        repo.commit({**chart(), "m/a.yaml": BAD})
        repo.put({"apps/web.yaml": application("web", "web", VALUES.format("yes"))})
        assert found(checked(since="HEAD", application="web")) == [("apps/web.yaml", 15)]

    def test_an_application_that_takes_over_a_directory_brings_nothing_new(self, repo):
        repo.commit({"m/a.yaml": BAD})
        repo.put({"apps/m.yaml": application("m", "m")})
        assert found(checked(since="HEAD")) == []

    def test_the_index_and_a_revision(self, repo):
        repo.commit({**chart(), "apps/web.yaml": application("web", "web", VALUES.format("yes"))})
        repo.put({"apps/web.yaml": application("web", "web", VALUES.format("front"))})
        assert found(checked()) == []
        assert found(checked(revision="HEAD")) == [("apps/web.yaml", 15)]
        assert found(checked(staged=True)) == [("apps/web.yaml", 15)]
        repo.git("add", "--all")
        assert found(checked(staged=True)) == []

    def test_a_fixed_revision_is_told(self, repo):
        repo.put({**chart(), "apps/web.yaml": application("web", "web", "targetRevision: v1.2.3\n")})
        hint = "a source of an Application names https://git.example.com/team/gitops.git at v1.2.3, and the work tree was read instead"
        assert checked().hints == (hint,)

    def test_a_baseline_accepts_what_an_application_says(self, repo):
        repo.put({**chart(), "apps/web.yaml": application("web", "web", VALUES.format("yes"))})
        done = accept(LintOptions(select=(RULE,), jobs=1))
        assert done.text is not None
        repo.put({done.path: done.text, "apps/web.yaml": "# a line\n" + application("web", "web", VALUES.format("yes"))})
        report = checked()
        assert (report.exit_code, [entry.suppressed.by for entry in report.findings if entry.suppressed]) == (0, ["baseline"])


class TestPaths:
    @pytest.fixture(autouse=True)
    def _files(self, repo):
        repo.put({
            **chart(values="tier: yes\n"),
            **chart("api"),
            "apps/web.yaml": application("web", "web"),
            "apps/api.yaml": application("api", "api", VALUES.format("yes")),
            "apps/broken.yaml": application("broken", "api", "helm: {valueFiles: [nope.yaml]}"),
            "apps/plain.yaml": application("plain", "m"),
            "m/a.yaml": BAD,
            "m/b.yaml": BAD,
        })  # fmt: skip

    @pytest.mark.parametrize(
        ("path", "expected", "code"),
        [
            ("apps/web.yaml", [("web/values.yaml", 1)], 1),
            ("apps/api.yaml", [("apps/api.yaml", 15)], 1),
            ("web", [("web/values.yaml", 1)], 1),
            ("web/templates/settings.yaml", [("web/values.yaml", 1)], 1),
            ("api/values.yaml", [("apps/api.yaml", 15)], 3),
            ("apps/broken.yaml", [], 3),
            ("m/a.yaml", [("m/a.yaml", 3)], 1),
            ("m", [("m/a.yaml", 3), ("m/b.yaml", 3)], 1),
        ],
    )
    def test_a_path_leads_to_the_sources_of_its_applications(self, path, expected, code):
        report = checked(path)
        assert (found(report), report.exit_code) == (expected, code)

    @pytest.mark.parametrize(
        ("path", "names"),
        [
            ("roots/values.yaml", {"one", "two"}),
            ("roots/templates/_helpers.tpl", {"one", "two"}),
            ("roots/templates/one.yaml", {"one"}),
            ("web/values.yaml", {"one", "two", "web"}),
        ],
    )
    def test_what_decides_about_applications_leads_to_what_they_deploy(self, repo, path, names):
        files = {"roots/Chart.yaml": "apiVersion: v2\nname: roots\nversion: 1.0.0\n", "roots/values.yaml": "tier: front\n"}
        templates = {f"roots/templates/{name}.yaml": application(name, "web") for name in ("one", "two")}
        repo.put({**files, **templates, "roots/templates/_helpers.tpl": "{{ define `a` }}{{ end }}"})
        report = checked(path)
        assert {entry.source.application for entry in report.sources} - {None} == names

    @pytest.mark.parametrize(
        ("name", "expected", "code"),
        [("web", [("web/values.yaml", 1)], 1), ("plain", [("m/a.yaml", 3), ("m/b.yaml", 3)], 1), ("broken", [], 3)],
    )
    def test_one_application(self, name, expected, code):
        report = checked(application=name)
        assert (found(report), report.exit_code) == (expected, code)
        assert {entry.source.application for entry in report.sources} == {name}

    def test_rendering_one_application(self):
        text = render(LintOptions(application="api", jobs=1)).text
        assert text.startswith("---\n# Source: api/templates/settings.yaml (application api)\n")
        assert text.count("# Source:") == 1

    def test_rendering_an_application_that_nobody_declares(self):
        with pytest.raises(UsageError) as raised:
            render(LintOptions(application="wep", jobs=1))
        assert str(raised.value) == ("--application wep: the repository declares no Argo CD Application of that name; did you mean web?")

    def test_one_application_in_one_environment(self, repo):
        config = "environments:\n  dev: {roots: {}}\n  prod: {roots: {set: [tier=yes]}}\n"
        own = application("shop", "web", "helm: {parameters: [{name: tier, value: '{{ .Values.tier }}'}]}")
        files = {"roots/Chart.yaml": "apiVersion: v2\nname: roots\nversion: 1.0.0\n", "roots/values.yaml": "tier: front\n"}
        repo.put({**files, "roots/templates/a.yaml": own, ".gitops-lint.yaml": config})
        assert len(sources(checked(application="shop"))) == 2
        report = checked(application="shop", environment="dev")
        assert sources(report) == [("web", "shop", "roots@dev", "ok")]


class TestRemotes:
    def test_another_repository(self, repo):
        url = "https://git.example.com/other/charts.git"
        repo.put({"apps/web.yaml": application("web", "web", url=url), **chart("vendored/web", "tier: yes\n")})
        report = checked()
        [failure] = failures(report)
        assert failure[:3] == ("application-source-remote", "apps/web.yaml", 11)
        assert (report.exit_code, checked(strict=True).exit_code) == (1, 3)
        repo.put({".gitops-lint.yaml": f"repositories: {{'{url}': vendored}}\n"})
        report = checked()
        assert sources(report) == [("vendored/web", "web", "apps", "ok")]
        assert found(report) == [("vendored/web/values.yaml", 1)]

    @pytest.mark.parametrize("archive", [False, True])
    def test_a_chart_of_a_chart_repository(self, repo, archive):
        own = application("web", "web", "helm: {valuesObject: {tier: yes}}", url="https://charts.example.com")
        own = own.replace("    path: web\n", "    chart: web\n    targetRevision: 1.0.0\n")
        files = chart("vendored/web")
        content = {"vendored/web-1.0.0.tgz": packed({name.removeprefix("vendored/"): text for name, text in files.items()})}
        repo.put({"apps/web.yaml": own, ".gitops-lint.yaml": "repositories: {'https://charts.example.com': vendored}\n"})
        repo.put(content if archive else files)
        report = checked()
        assert failures(report) == []
        path = "vendored/web-1.0.0.tgz" if archive else "vendored/web"
        assert sources(report) == [(path, "web", "apps", "ok")]
        assert found(report) == [("apps/web.yaml", 14)]

    def test_a_generator_for_another_repository(self, repo):
        generator = [{"git": {"repoURL": "https://git.example.com/other/x.git", "directories": [{"path": "*"}]}}]
        repo.put({**chart(), "s/s.yaml": application_set(generator, "{{.path.basename}}", "{{.path.path}}")})
        report = checked()
        assert [entry[:3] for entry in failures(report)] == [("applicationset-generator-remote", "s/s.yaml", 7)]
        assert report.exit_code == 0
