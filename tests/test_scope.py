"""What a run reports on: paths, options for one chart, and where reports are written."""

from __future__ import annotations

import os

import pytest

from linter.cli.output import parse_outputs, write_file
from linter.engine.options import LintOptions
from linter.engine.run import lint
from linter.errors import UsageError

VALUE = "labels/value-not-a-string"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {on: yes}}\n"
CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {on: {{ .Values.mark }}}
"""


@pytest.fixture
def repository(tmp_path):
    def write(files: dict[str, str]) -> None:
        for name, text in {".gitops-lint.yaml": "root: true\n", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


@pytest.fixture
def checked(tmp_path):
    def run(*paths: str, **options):
        given = tuple(str(tmp_path / path) for path in paths or ("",))
        return lint(LintOptions(paths=given, select=(VALUE,), jobs=1, **options))

    return run


def messages(report) -> list[str]:
    return [finding.message for finding in report.findings]


def files(report) -> list[str]:
    return [finding.location.path for finding in report.findings]


class TestPaths:
    @pytest.fixture(autouse=True)
    def _files(self, repository):
        repository({
            "a/x.yaml": CONFIG_MAP,
            "a/y.yaml": CONFIG_MAP,
            "b/broken.yaml": "apiVersion: v1\nkind: [\n",
            "base/Chart.yaml": CHART.replace("web", "base"),
            "base/templates/_helpers.tpl": "{{ define `base.labels` }}on: yes{{ end }}",
            "base/templates/c.yaml": CONFIG_MAP,
            "web/Chart.yaml": CHART + "dependencies: [{name: base, version: 1.0.0, repository: 'file://../base'}]\n",
            "web/templates/d.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: d\n  labels:\n    {{ include `base.labels` . }}\n",
            "empty/Chart.yaml": CHART,
            "empty/templates/e.yaml": "{{ if false }}x{{ end }}",
            "docs/notes.yaml": "a: 1\n",
        })  # fmt: skip

    @pytest.mark.parametrize(
        ("paths", "found", "code"),
        [
            (["a"], ["a/x.yaml", "a/y.yaml"], 1),
            (["a/y.yaml"], ["a/y.yaml"], 1),
            (["a/x.yaml", "docs"], ["a/x.yaml"], 1),
            (["base"], ["base/templates/_helpers.tpl", "base/templates/c.yaml"], 1),
            (["web"], ["base/templates/_helpers.tpl", "base/templates/c.yaml"], 1),
            (["base/templates/_helpers.tpl"], ["base/templates/_helpers.tpl", "base/templates/c.yaml"], 1),
            (["b"], [], 3),
            ([""], ["a/x.yaml", "a/y.yaml", "base/templates/_helpers.tpl", "base/templates/c.yaml"], 3),
        ],
    )
    def test_they_limit_what_is_reported(self, checked, paths, found, code):
        report = checked(*paths)
        assert (files(report), report.exit_code) == (found, code)

    @pytest.mark.parametrize(
        ("path", "words"),
        [
            ("docs", "docs holds no Kubernetes manifest and no chart"),
            ("empty", "empty renders to no Kubernetes object"),
            ("nowhere", "no such file or directory"),
        ],
    )
    def test_nothing_to_check(self, checked, path, words):
        with pytest.raises(UsageError) as error:
            checked(path)
        assert words in str(error.value)


class TestOneChart:
    ENVIRONMENTS = """\
root: true
environments:
  prod: {web: {set: [mark=true], release: p, namespace: np}}
  test: {web: {set: [mark=x], release: t}}
"""

    @pytest.fixture(autouse=True)
    def _files(self, repository):
        repository({"web/Chart.yaml": CHART, "web/values.yaml": "mark: 1\n", "web/templates/a.yaml": TEMPLATE, "extra.yaml": "mark: 5\n"})

    def names(self, report) -> list[tuple[str | None, str]]:
        return [(entry.source.environment, str(entry.resource)) for finding in report.findings for entry in finding.occurrences]

    def test_values_and_names_without_environments(self, checked, tmp_path):
        assert messages(checked("web")) == ["label `true` is read as the number 1, not as a string"]
        report = checked("web", values=(str(tmp_path / "extra.yaml"),), release="r", namespace="n")
        assert messages(report) == ["label `true` is read as the number 5, not as a string"]
        assert self.names(report) == [(None, "ConfigMap n/r")]
        assert messages(checked("web", values=(str(tmp_path / "extra.yaml"),), set_values=("mark=6",))) == [
            "label `true` is read as the number 6, not as a string"
        ]

    def test_values_belong_to_no_environment_in_particular(self, checked, repository, tmp_path):
        repository({".gitops-lint.yaml": self.ENVIRONMENTS})
        assert self.names(checked("web")) == [("prod", "ConfigMap np/p")]
        report = checked("web", values=(str(tmp_path / "extra.yaml"),))
        assert [(entry.source.environment, entry.source.state) for entry in report.sources if entry.source.type == "helm"] == [
            (None, "web")
        ]
        assert messages(report) == ["label `true` is read as the number 5, not as a string"]

    def test_unless_one_is_chosen(self, checked, repository):
        repository({".gitops-lint.yaml": self.ENVIRONMENTS})
        report = checked("web", set_values=("mark=7",), environment="test")
        assert messages(report) == ["label `true` is read as the number 7, not as a string"]
        assert self.names(report) == [("test", "ConfigMap default/t")]

    def test_a_namespace_is_that_of_every_environment(self, checked, repository):
        repository({".gitops-lint.yaml": self.ENVIRONMENTS.replace("mark=x", "mark=true")})
        assert self.names(checked("web/templates/a.yaml", namespace="n")) == [("prod", "ConfigMap n/p"), ("test", "ConfigMap n/t")]

    @pytest.mark.parametrize("path", ["", "web", "web/templates", "web/templates/a.yaml", "web/values.yaml"])
    def test_every_path_of_the_chart_names_it(self, checked, path):
        report = checked(path, set_values=("mark=true",))
        assert messages(report) == ["label `true` is read as the boolean true, not as a string"]
        assert report.summary.resources == 1

    def test_a_chart_that_is_the_repository(self, checked, repository):
        repository({"Chart.yaml": CHART, "templates/b.yaml": TEMPLATE, "values.yaml": "mark: 2\n"})
        for path in ("templates/b.yaml", "templates"):
            assert messages(checked(path, set_values=("mark=3",))) == ["label `true` is read as the number 3, not as a string"]
        assert messages(checked("web", set_values=("mark=4",))) == ["label `true` is read as the number 4, not as a string"]

    @pytest.mark.parametrize(
        ("paths", "words"), [(["extra.yaml"], "extra.yaml is no chart"), (["web", "other"], "holds 2 charts"), ([""], "holds 2 charts")]
    )
    def test_not_one_chart(self, checked, repository, paths, words):
        repository({"other/Chart.yaml": CHART, "other/templates/a.yaml": CONFIG_MAP})
        with pytest.raises(UsageError, match="--values, --set, --release and --namespace are for one chart") as error:
            checked(*paths, namespace="x")
        assert words in str(error.value)


class TestOutputFiles:
    def test_a_file_and_a_link_to_one(self, tmp_path):
        target, link = tmp_path / "report.json", tmp_path / "link.json"
        link.symlink_to(target)
        write_file(str(link), "one")
        assert (link.is_symlink(), target.read_text()) == (True, "one")
        write_file(str(target), "two")
        assert target.read_text() == "two"
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link.json", "report.json"]

    def test_a_device_stays_one(self, tmp_path):
        reader, writer = os.pipe()
        write_file(f"/dev/fd/{writer}", "text")
        os.close(writer)
        with os.fdopen(reader) as stream:
            assert stream.read() == "text"

    @pytest.mark.parametrize("entry", ["json", "json=", "xml=a", "=a", "json=nowhere/report.json"])
    def test_what_cannot_be_written_is_said_before_the_run(self, entry, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(UsageError, match="--output"):
            parse_outputs([entry])
        assert parse_outputs(["json=a", "text=./b=c"]) == [("json", "a"), ("text", "./b=c")]
