"""Argo CD Applications and ApplicationSets as sources, from files to reports."""

from __future__ import annotations

import json
import shutil
from textwrap import indent
from typing import ClassVar

import pytest
from argocd_repositories import (
    BAD,
    KUSTOMIZATION,
    RULE,
    TEMPLATE,
    application,
    application_set,
    chart,
    failures,
    places,
    several,
    sources,
)
from example_counts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.engine.options import LintOptions
from linter.engine.run import lint as lint_paths
from linter.errors import UsageError
from linter.report.text import render_text

needs_kustomize = pytest.mark.skipif(
    shutil.which("kustomize") is None and shutil.which("kubectl") is None, reason="neither kustomize nor kubectl is installed"
)
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx
"""


@pytest.fixture
def checked(lint):
    return lambda files, **options: lint(files, select=(RULE,), **options)


class TestCharts:
    @pytest.mark.parametrize(
        ("source", "line"),
        [
            ("helm:\n  valuesObject:\n    tier: yes\n", 15),
            ("helm:\n  values: |\n    # first\n\n    tier: yes\n", 17),
            ("helm:\n  parameters:\n  - name: tier\n    value: 'true'\n", 16),
            ("helm:\n  fileParameters:\n  - name: tier\n    path: tier.txt\n", 16),
            ("helm: {valuesObject: {tier: yes}, releaseName: web}\n", 13),
        ],
    )
    def test_what_the_application_says_is_found_in_it(self, checked, source, line):
        report = checked({**chart(), "web/tier.txt": "true", "apps/web.yaml": application("web", "web", source)})
        assert places(report) == [("apps/web.yaml", line, "exact", [("web", "apps", "ConfigMap shop/web")])]
        [related] = report.findings[0].related
        assert (related.message, related.location.path, related.location.line) == ("printed here", "web/templates/settings.yaml", 6)
        assert sources(report) == [("web", "web", "apps", "ok")]

    def test_files_of_values_are_shared(self, checked):
        own = "helm: {valueFiles: [values-x.yaml]}"
        files = {**chart(), "web/values-x.yaml": "# comment\ntier: yes\n", "apps/b.yaml": application("b", "web", own)}
        report = checked({**files, "apps/a.yaml": application("a", "web", own, namespace="other")})
        assert places(report) == [
            ("web/values-x.yaml", 2, "exact", [("a", "apps", "ConfigMap other/a"), ("b", "apps", "ConfigMap shop/b")])
        ]
        assert report.hints == ()

    def test_override_files(self, checked):
        overriding = {
            "web/.argocd-source.yaml": "helm:\n  valuesObject:\n    tier: yes\n",
            "web/.argocd-source-b.yaml": "helm:\n  valuesObject: null\n  parameters:\n  - name: tier\n    value: 'false'\n",
        }
        report = checked({**chart(), **overriding, "apps/a.yaml": application("a", "web"), "apps/b.yaml": application("b", "web")})
        [finding] = report.findings
        assert (finding.location.path, finding.location.line) == ("web/.argocd-source.yaml", 3)
        assert [(entry.source.application, entry.line) for entry in finding.occurrences] == [("a", 3), ("b", 5)]
        assert ("web/.argocd-source-b.yaml", 5) in [(entry.location.path, entry.location.line) for entry in finding.related]

    def test_release_and_namespace(self, checked):
        names = application("web", "web", "helm: {releaseName: shop-web, valuesObject: {tier: yes}}", namespace="shop")
        assert places(checked({**chart(), "a.yaml": names}))[0][3] == [("web", ".", "ConfigMap shop/shop-web")]

    def test_values_of_another_source(self, checked):
        own = several("web", "ref: config", "path: web, helm: {valueFiles: [$config/config/web.yaml]}", "path: plain")
        report = checked({**chart(), "config/web.yaml": "tier: yes\n", "plain/cm.yaml": BAD, "apps/web.yaml": own})
        assert [(entry[0], entry[1]) for entry in places(report)] == [("config/web.yaml", 1), ("plain/cm.yaml", 3)]
        assert sources(report) == [("plain", "web", "apps", "ok"), ("web", "web", "apps", "ok")]

    def test_two_applications_of_one_name(self, checked):
        files = {"apps/1.yaml": application("web", "web", "helm: {valuesObject: {tier: yes}}"), "apps/2.yaml": application("web", "web")}
        report = checked({**chart(), **files})
        assert sources(report) == [("web", "web", "apps", "ok")] * 2
        assert [entry[:2] for entry in places(report)] == [("apps/1.yaml", 13)]

    def test_a_chart_that_is_deployed_needs_no_environments(self, checked):
        files = {**chart(), "web/values-prod.yaml": "tier: back\n"}
        assert "values-prod.yaml" in checked(files).hints[0]
        assert checked({**files, "apps/web.yaml": application("web", "web")}).hints == ()

    def test_the_chart_itself_is_no_source_any_more(self, checked):
        broken = chart(template="a: {{ required `set it` .Values.it }}")
        report = checked({**broken, "apps/web.yaml": application("web", "web", "helm: {valuesObject: {it: 1}}")})
        assert (sources(report), failures(report)) == ([("web", "web", "apps", "ok")], [])


class TestDirectories:
    FILES: ClassVar = {"m/a.yaml": BAD, "m/b.yaml": BAD, "m/sub/c.yaml": BAD, "m/sub/d.yaml": BAD}

    def test_files_leave_their_default_state(self, checked):
        report = checked({
            **self.FILES,
            "apps/a.yaml": application("a", "m", "directory: {recurse: true, exclude: '{b.yaml,sub/c*}'}"),
            "apps/b.yaml": application("b", "m", "directory: {include: b.yaml}", destination="name: prod"),
        })  # fmt: skip
        assert {(path, *occurrences) for path, _, _, occurrences in places(report)} == {
            ("m/a.yaml", ("a", "apps", "ConfigMap shop/settings")),
            ("m/b.yaml", ("b", "prod", "ConfigMap shop/settings")),
            ("m/sub/c.yaml", (None, "m", "ConfigMap settings")),
            ("m/sub/d.yaml", ("a", "apps", "ConfigMap shop/settings")),
        }

    def test_nothing_is_left_of_a_directory_that_is_deployed_whole(self, checked):
        report = checked({"m/a.yaml": BAD, "apps/a.yaml": application("a", "m")})
        assert [(entry.source.path, entry.source.application) for entry in report.sources] == [("apps", None), ("m", "a")]


@needs_kustomize
class TestKustomize:
    FILES: ClassVar = {"k/kustomization.yaml": KUSTOMIZATION + "resources: [web.yaml]\n", "k/web.yaml": DEPLOYMENT}

    def test_a_patch_of_the_application(self, checked):
        patch = """\
        kustomize:
          namePrefix: my-
          namespace: other
          patches:
          - patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata:
                name: web
                labels: {wrong: true}
        """
        report = checked({**self.FILES, "apps/a.yaml": application("a", "k", patch)})
        assert places(report) == [("apps/a.yaml", 22, "exact", [("a", "apps", "Deployment other/my-web")])]

    def test_an_operation_of_a_patch(self, checked):
        patch = """\
        kustomize:
          patches:
          - target: {kind: Deployment}
            patch: |-
              - {op: replace, path: /metadata/name, value: other}
              - op: add
                path: /metadata/labels
                value: {wrong: "a"}
              - op: add
                path: /metadata/labels/wrong
                value: true
        """
        report = checked({**self.FILES, "apps/a.yaml": application("a", "k", patch)})
        assert places(report) == [("apps/a.yaml", 23, "exact", [("a", "apps", "Deployment shop/other")])]

    def test_options_that_argo_cd_refuses(self, checked):
        own = application("a", "k", "kustomize:\n  images: {nginx: other}\n")
        report = checked({**self.FILES, "apps/a.yaml": own, "apps/b.yaml": application("b", "k")})
        message = "`images` of the Application is no list (in Application a)"
        assert failures(report) == [("kustomize-options-invalid", "apps/a.yaml", 14, message)]
        assert (report.exit_code, sources(report)) == (3, [("k", "a", "apps", "broken"), ("k", "b", "apps", "ok")])

    def test_a_patch_that_fails_for_one_application(self, checked):
        patch = "kustomize:\n  patches:\n  - {target: {kind: Deployment}, patch: '[{op: remove, path: /spec/nope}]'}\n"
        report = checked({**self.FILES, "apps/a.yaml": application("a", "k", patch), "apps/b.yaml": application("b", "k")})
        [failure] = failures(report)
        assert failure[0] == "kustomize-build"
        assert failure[3].endswith("(in Application a)")


class TestApplicationsOfApplications:
    APPS: ClassVar = {
        "apps/Chart.yaml": "apiVersion: v2\nname: apps\nversion: 1.0.0\n",
        "apps/values.yaml": "names: [a, b]\ntier: front\n",
        "apps/values-prod.yaml": "names: [a]\ntier: true\n",
        "apps/templates/apps.yaml": "{{ range .Values.names }}\n---\n"
        + application("{{ . }}", "web", "helm:\n  valuesObject:\n    tier: {{ $.Values.tier }}\n", namespace="{{ . }}")
        + "{{ end }}\n",
    }

    def test_a_plain_directory(self, checked):
        files = {**chart(values="tier: yes\n"), "boot/root.yaml": application("root", "apps"), "apps/web.yaml": application("web", "web")}
        report = checked(files)
        assert sources(report) == [("apps", "root", "boot", "ok"), ("web", "web", "boot", "ok")]
        assert places(report) == [("web/values.yaml", 1, "exact", [("web", "boot", "ConfigMap shop/web")])]

    def test_a_chart_in_environments(self, checked):
        config = "environments:\n  dev: {apps: {}}\n  prod: {apps: {values: [values-prod.yaml]}}\n"
        report = checked({**chart(), **self.APPS, ".gitops-lint.yaml": config})
        assert sources(report) == [
            ("apps", None, "apps@dev", "ok"),
            ("apps", None, "apps@prod", "ok"),
            ("web", "a", "apps@dev", "ok"),
            ("web", "b", "apps@dev", "ok"),
            ("web", "a", "apps@prod", "ok"),
        ]
        assert [entry.source.environment for entry in report.sources] == ["dev", "prod", "dev", "dev", "prod"]
        assert places(report) == [("apps/values-prod.yaml", 2, "exact", [("a", "apps@prod", "ConfigMap a/a")])]

    def test_a_chart_that_is_deployed(self, checked):
        root = application("root", "apps", "helm: {valueFiles: [values-prod.yaml]}")
        report = checked({**chart(), **self.APPS, "boot/root.yaml": root})
        assert sources(report) == [("apps", "root", "boot", "ok"), ("web", "a", "boot", "ok")]
        assert places(report) == [("apps/values-prod.yaml", 2, "exact", [("a", "boot", "ConfigMap a/a")])]

    def test_applications_that_only_values_hold(self, checked):
        files = {
            "more/Chart.yaml": "apiVersion: v2\nname: more\nversion: 1.0.0\n",
            "more/templates/all.yaml": "{{ range .Values.objects }}\n---\n{{ toYaml . }}\n{{ end }}\n",
            "more/values.yaml": "objects:\n-\n" + indent(application("web", "web", "helm: {valuesObject: {tier: yes}}"), "  "),
        }
        report = checked({**chart(), **files})
        assert sources(report) == [("more", None, "more", "ok"), ("web", "web", "more", "ok")]
        assert places(report) == [("more/values.yaml", 15, "exact", [("web", "more", "ConfigMap shop/web")])]

    def test_a_parameter_in_a_template(self, checked):
        declared = application("web", "web", "helm:\n  parameters:\n  - {name: tier, value: {{ .Values.tier | quote }}}\n")
        files = {**self.APPS, "apps/templates/apps.yaml": declared, "apps/values.yaml": "tier: 'true'\n"}
        assert places(checked({**chart(), **files})) == [("apps/values.yaml", 1, "exact", [("web", "apps", "ConfigMap shop/web")])]

    @pytest.mark.parametrize(("tier", "precision"), [("yes", "exact"), ("{{ .Values.tier }}", "exact")])
    def test_values_as_text_in_a_template(self, checked, tier, precision):
        declared = application("web", "web", f"helm:\n  values: |\n    other: 1\n    tier: {tier}\n")
        files = {**self.APPS, "apps/templates/apps.yaml": declared, "apps/values.yaml": "tier: true\n"}
        [place] = places(checked({**chart(), **files}))
        assert place == ("apps/templates/apps.yaml", 16, precision, [("web", "apps", "ConfigMap shop/web")])

    @needs_kustomize
    def test_an_overlay(self, checked):
        patch = "patches:\n- target: {kind: Application}\n  patch: |-\n    - op: add\n      path: /spec/source/helm\n"
        value = "      value: {valuesObject: {tier: true}}\n"
        files = {
            "o/kustomization.yaml": KUSTOMIZATION + "resources: [web.yaml]\n" + patch + value,
            "o/web.yaml": application("web", "web"),
        }
        report = checked({**chart(), **files})
        assert places(report) == [("o/kustomization.yaml", 9, "exact", [("web", "o", "ConfigMap shop/web")])]

    def test_two_installations(self, checked):
        files = {f"clusters/{name}/root.yaml": application("root", "apps") for name in ("dev", "prod")}
        report = checked({**chart(values="tier: yes\n"), **files, "apps/web.yaml": application("web", "web")})
        assert sources(report) == [
            ("apps", "root", "clusters/dev", "ok"),
            ("apps", "root", "clusters/prod", "ok"),
            ("web", "web", "clusters/dev", "ok"),
            ("web", "web", "clusters/prod", "ok"),
        ]
        found = [("web", f"clusters/{name}", "ConfigMap shop/web") for name in ("dev", "prod")]
        assert places(report) == [("web/values.yaml", 1, "exact", found)]

    def test_equal_applications_of_two_installations(self, checked):
        files = {f"clusters/{name}/web.yaml": application("web", "web") for name in ("dev", "prod")}
        report = checked({**chart(values="tier: yes\n"), **files})
        assert sources(report) == [("web", "web", "clusters/dev", "ok"), ("web", "web", "clusters/prod", "ok")]

    def test_an_application_that_deploys_itself(self, checked):
        report = checked({"apps/root.yaml": application("root", "apps"), "apps/settings.yaml": BAD})
        assert sources(report) == [("apps", "root", "apps", "ok")]
        assert places(report) == [("apps/settings.yaml", 3, "exact", [("root", "apps", "ConfigMap shop/settings")])]

    def test_applications_that_deploy_each_other(self, checked):
        report = checked({"a/b.yaml": application("b", "b"), "b/a.yaml": application("a", "a"), "a/settings.yaml": BAD})
        assert sources(report) == [("a", "a", "a", "ok"), ("b", "b", "a", "ok")]
        assert places(report) == [("a/settings.yaml", 3, "exact", [("a", "a", "ConfigMap shop/settings")])]

    @pytest.mark.parametrize(("levels", "code"), [(10, 1), (11, 3)])
    def test_depth(self, checked, levels, code):
        files = {f"d{level}/app.yaml": application(f"a{level}", f"d{level + 1}") for level in range(levels)}
        report = checked({**files, f"d{levels}/settings.yaml": BAD})
        message = "Applications deploy each other more than 10 levels deep"
        assert report.exit_code == code
        assert failures(report) == ([("application-nesting", "d10/app.yaml", 2, message)] if code == 3 else [])

    def test_a_chart_that_deploys_itself_without_end(self, checked):
        own = application('"l{{ .Values.count }}"', "loop", "helm: {valuesObject: {count: {{ add1 .Values.count }}}}")
        files = {
            "loop/Chart.yaml": "apiVersion: v2\nname: loop\nversion: 1.0.0\n",
            "loop/values.yaml": "count: 1\n",
            "loop/templates/a.yaml": own,
        }
        report = checked(files)
        assert [entry[0] for entry in failures(report)] == ["application-nesting"]
        assert sum(entry.status == "ok" for entry in report.sources) == 10

    def test_duplicates_in_one_directory_do_not_hide_installations(self, checked):
        files = {f"clusters/{name}/web.yaml": application("web", "web") for name in ("dev", "prod")}
        again = application("web", "web", "helm: {valuesObject: {tier: yes}}")
        report = checked({**chart(), **files, "clusters/dev/again.yaml": again})
        assert sorted({entry[2] for entry in sources(report)}) == ["clusters/dev", "clusters/prod"]


class TestSets:
    CHART = chart(values="tier: yes\n")

    def test_a_list_with_both_kinds_of_templates(self, checked):
        elements = [{"list": {"elements": [{"env": "dev"}, {"env": "prod"}]}}]
        for go, name in ((True, "web-{{.env}}"), (False, "web-{{env}}")):
            destination = name.replace("web-", "name: '") + "'"
            report = checked({**self.CHART, "s/s.yaml": application_set(elements, name, "web", go=go, destination=destination)})
            assert sources(report) == [("web", "web-dev", "dev", "ok"), ("web", "web-prod", "prod", "ok")]

    def test_directories(self, checked):
        generator = [
            {"git": {"repoURL": "https://a", "revision": "HEAD", "directories": [{"path": "m/*"}, {"path": "m/x", "exclude": True}]}}
        ]
        files = {"m/x/a.yaml": BAD, "m/y/a.yaml": BAD, "s/s.yaml": application_set(generator, "{{.path.basename}}", "{{.path.path}}")}
        report = checked(files)
        assert sources(report) == [("m/y", "y", "s", "ok")]
        assert {entry[0]: entry[3] for entry in places(report)} == {
            "m/x/a.yaml": [(None, "m", "ConfigMap settings")],
            "m/y/a.yaml": [("y", "s", "ConfigMap shop/settings")],
        }

    def test_files_that_fill_in_values(self, checked):
        generator = [{"git": {"repoURL": "https://a", "revision": "HEAD", "files": [{"path": "config/*.json"}]}}]
        own = application_set(generator, "{{.name}}", "web", source="helm:\n  values: |\n    # of the file\n    tier: {{.tier}}\n")
        config = {"config/a.json": '{"name": "a", "tier": "true"}', "config/b.json": '{"name": "b", "tier": "front"}'}
        report = checked({**chart(), **config, "s/s.yaml": own})
        assert places(report) == [("s/s.yaml", 19, "exact", [("a", "s", "ConfigMap shop/a")])]

    def test_a_patch_of_the_template_is_no_line_of_the_template(self, checked):
        elements = [{"list": {"elements": [{"env": "dev"}]}}]
        patch = "  templatePatch: |\n    spec: {source: {helm: {valuesObject: {tier: true}}}}\n"
        report = checked({**chart(), "s/s.yaml": application_set(elements, "{{.env}}", "web") + patch})
        assert places(report) == [("s/s.yaml", 16, "object", [("dev", "s", "ConfigMap shop/dev")])]

    def test_matrix_and_merge(self, checked):
        names, folders = (
            {"list": {"elements": [{"e": "dev"}, {"e": "prod"}]}},
            {"git": {"repoURL": "https://a", "directories": [{"path": "web"}]}},
        )
        own = application_set([{"matrix": {"generators": [names, folders]}}], "{{.path.basename}}-{{.e}}", "{{.path.path}}")
        assert [entry[1] for entry in sources(checked({**self.CHART, "s/s.yaml": own}))] == ["web-dev", "web-prod"]
        more = {"list": {"elements": [{"e": "prod", "name": "three"}]}}
        first = {"list": {"elements": [{"e": "dev", "name": "one"}, {"e": "prod", "name": "two"}]}}
        own = application_set([{"merge": {"mergeKeys": ["e"], "generators": [first, more]}}], "{{.name}}", "web")
        assert [entry[1] for entry in sources(checked({**self.CHART, "s/s.yaml": own}))] == ["one", "three"]

    def test_clusters_of_the_configuration(self, checked):
        config = "clusters:\n  eu: {server: 'https://eu', labels: {tier: x}}\n  us: {server: 'https://us'}\n"
        own = application_set(
            [{"clusters": {"selector": {"matchLabels": {"tier": "x"}}}}], "{{.name}}", "web", destination="server: '{{.server}}'"
        )
        assert sources(checked({**self.CHART, ".gitops-lint.yaml": config, "s/s.yaml": own})) == [("web", "eu", "eu", "ok")]

    def test_clusters_of_secrets(self, checked):
        secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: eu, labels: {argocd.argoproj.io/secret-type: cluster}}\n"
        files = {"clusters/eu.yaml": secret + "stringData: {name: eu, server: 'https://eu'}\n"}
        own = application_set([{"clusters": {}}], "{{.name}}", "web", destination="server: '{{.server}}'")
        by_server = application("plain", "web", destination="server: https://eu/")
        report = checked({**self.CHART, **files, "s/s.yaml": own, "apps/plain.yaml": by_server})
        assert sources(report) == [("web", "eu", "eu", "ok"), ("web", "plain", "eu", "ok"), ("web", "in-cluster", "s", "ok")]

    @pytest.mark.parametrize(
        ("generator", "name", "id", "line", "words"),
        [
            ({"clusters": {}}, "{{.name}}", "applicationset-clusters", 7, "none are declared"),
            ({"list": {"elements": [{"a": "b"}]}}, "{{.nope}}", "applicationset-template", 9, "no parameter `.nope`"),
            ({"list": {"elements": [{"a": "b"}]}}, "{{.a", "applicationset-template", 9, "has no end"),
            ({"list": {"elements": [{"a": "b"}, {"a": "c"}]}}, "web", "applicationset-name", 9, "all named `web`"),
            ({"lists": {}}, "web", "applicationset-generator-unknown", 7, "there is no generator `lists`"),
        ],
    )
    def test_mistakes(self, checked, generator, name, id, line, words):
        report = checked({**self.CHART, "s/s.yaml": application_set([generator], name, "web")})
        [found] = failures(report)
        assert found[:3] == (id, "s/s.yaml", line)
        assert words in found[3]
        deployed = [("web", "web", "s", "ok")] if id == "applicationset-name" else [("web", None, "web", "ok")]
        assert sources(report) == deployed

    def test_thousands_of_applications(self, checked):
        generator = [{"git": {"repoURL": "https://a", "directories": [{"path": "m/*"}]}}]
        files = {f"m/{number}/a.yaml": BAD for number in range(2000)}
        report = checked({**files, "s/s.yaml": application_set(generator, "a{{.path.basename}}", "{{.path.path}}")})
        assert (len(report.findings), len(sources(report))) == (2000, 2000)


class TestDestinations:
    def test_one_cluster_by_its_name_and_its_server(self, checked):
        report = checked({
            **chart(),
            ".gitops-lint.yaml": "clusters:\n  eu: {server: 'https://eu.example.com'}\n",
            "apps/a.yaml": application("a", "web", destination="name: eu"),
            "apps/b.yaml": application("b", "web", destination="server: https://eu.example.com/"),
            "apps/c.yaml": application("c", "web"),
            "apps/d.yaml": application("d", "web", destination="name: in-cluster"),
        })  # fmt: skip
        assert [entry[1:3] for entry in sources(report)] == [("c", "apps"), ("d", "apps"), ("a", "eu"), ("b", "eu")]


class TestMistakes:
    @pytest.mark.parametrize(
        ("path", "id", "words"),
        [
            ("webb", "application-path-missing", "did you mean web?"),
            ("/web", "application-path-invalid", "is absolute"),
            ("../web", "application-path-invalid", "leads out of the repository"),
            ("web/Chart.yaml", "application-path-missing", "is a file"),
        ],
    )
    def test_paths(self, repo, path, id, words):
        repo.git("remote", "add", "origin", "git@git.example.com:team/gitops.git")
        repo.put({**chart(), "apps/a.yaml": application("a", path)})
        report = lint_paths(LintOptions(jobs=1, select=(RULE,)))
        [found] = failures(report)
        assert (found[:3], report.exit_code) == ((id, "apps/a.yaml", 12), 3)
        assert words in found[3]

    @pytest.mark.parametrize(
        ("spec", "lines"),
        [
            ("", [2]),
            ("spec: x\n", [4]),
            ("spec: {source: [1], destination: 3}\n", [4, 4]),
            ("spec: {sources: {a: b}, destination: [x]}\n", [4, 4]),
        ],
    )
    def test_what_is_no_application(self, checked, spec, lines):
        head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\n"
        report = checked({"apps/a.yaml": head + spec})
        assert ([entry[2] for entry in failures(report)], report.exit_code) == (lines, 3)
        assert all(entry.failure.fix for entry in report.failures)

    @pytest.mark.parametrize(
        ("source", "id", "line"),
        [
            ("helm:\n  values: |\n    a: [\n", "application-values-invalid", 14),
            ("helm:\n  values: |\n    - a\n", "application-values-invalid", 14),
            ("helm:\n  valueFiles: [nope.yaml]\n", "application-values-missing", 14),
            ("helm:\n  parameters: {a: b}\n", "application-invalid", 14),
            ("helm: x\n", "application-invalid", 13),
        ],
    )
    def test_values(self, checked, source, id, line):
        report = checked({**chart(), "apps/a.yaml": application("a", "web", source)})
        assert ([entry[:3] for entry in failures(report)], report.exit_code) == ([(id, "apps/a.yaml", line)], 3)

    def test_an_override_file(self, checked):
        overriding = {"web/.argocd-source.yaml": "helm:\n  parameters:\n  - {name: tier, value: 3}\n"}
        report = checked({**chart(), **overriding, "apps/a.yaml": application("a", "web")})
        assert [entry[:3] for entry in failures(report)] == [("application-invalid", "web/.argocd-source.yaml", 3)]

    def test_a_failure_names_the_applications_that_have_it(self, checked):
        needing = chart(template=TEMPLATE.replace(".Values.tier", "required `set it` .Values.it"))
        files = {f"apps/{name}.yaml": application(name, "web") for name in ("a", "b", "c")}
        message = "the chart refuses to be rendered: set it"
        where = ("helm-render", "web/templates/settings.yaml", 6)
        assert failures(checked({**needing, **files})) == [(*where, message)]
        good = {"apps/good.yaml": application("good", "web", "helm: {valuesObject: {it: back}}")}
        report = checked({**needing, **files, **good})
        assert failures(report) == [(*where, f"{message} (in Application a, Application b and 1 more)")]
        assert report.failures[0].fingerprint == checked({**needing, **files}).failures[0].fingerprint
        assert failures(checked({**needing, "apps/a.yaml": files["apps/a.yaml"], **good}, application="good")) == []
        assert len(failures(checked({**needing, "apps/a.yaml": files["apps/a.yaml"], **good}, application="a"))) == 1

    def test_environments_are_named_as_well(self, checked):
        config = "environments:\n  dev: {web: {}}\n  prod: {web: {set: [it=1]}}\n"
        report = checked({**chart(template="a: {{ required `set it` .Values.it }}"), ".gitops-lint.yaml": config})
        assert failures(report)[0][3] == "the chart refuses to be rendered: set it (in environment dev)"

    @pytest.mark.parametrize(
        ("source", "line"), [("helm:\n  valuesObject:\n    tier: true\n", 15), ("helm:\n  values: |\n    tier: true\n", 14)]
    )
    def test_values_that_the_schema_refuses(self, checked, source, line):
        schema = {"web/values.schema.json": '{"properties": {"tier": {"type": "string"}}}'}
        report = checked({**chart(), **schema, "apps/a.yaml": application("a", "web", source), "apps/b.yaml": application("b", "web")})
        assert [entry[:3] for entry in failures(report)] == [("helm-values-schema", "apps/a.yaml", line)]
        assert failures(report)[0][3].endswith("(in Application a)")

    def test_a_missing_dependency_is_said_once(self, checked):
        files = chart()
        files["web/Chart.yaml"] += "dependencies: [{name: redis, version: 1.0.0, repository: 'https://charts.example.com'}]\n"
        report = checked({**files, "apps/a.yaml": application("a", "web"), "apps/b.yaml": application("b", "web")})
        assert [entry[:3] for entry in failures(report)] == [("helm-dependency-unavailable", "web/Chart.yaml", 4)]
        assert report.exit_code == 0

    def test_an_unknown_application(self, checked):
        with pytest.raises(UsageError) as raised:
            checked({**chart(), "apps/shop.yaml": application("shop", "web")}, application="shp")
        assert "did you mean shop?" in str(raised.value)

    def test_a_remedy_is_told_once(self, repo):
        repo.git("remote", "add", "origin", "git@git.example.com:team/gitops.git")
        url = "https://charts.example.com"
        names = [f"a{number}" for number in range(30)]
        repo.put({f"apps/{name}.yaml": application(name, name, url=url) for name in names})
        report = lint_paths(LintOptions(jobs=1, select=(RULE,)))
        text = render_text(report)
        assert [text.count(words) for words in ("which is not this repository", "fix: put a copy", "30 failures")] == [30, 1, 1]


class TestAccepting:
    def test_a_comment_in_the_application(self, checked):
        own = application("web", "web", f"helm:\n  valuesObject:\n    tier: yes # gitops-lint: ignore[{RULE}] it is meant\n")
        [finding] = checked({**chart(), "apps/web.yaml": own}).findings
        assert finding.suppressed is not None
        assert (finding.suppressed.by, finding.suppressed.reason) == ("comment", "it is meant")

    def test_a_comment_in_values_that_are_text(self, checked):
        values = f"helm:\n  values: |\n    # gitops-lint: ignore[{RULE}] it is meant\n    tier: yes\n"
        [finding] = checked({**chart(), "apps/web.yaml": application("web", "web", values)}).findings
        assert (finding.location.line, finding.suppressed and finding.suppressed.reason) == (16, "it is meant")

    def test_a_comment_in_an_override_file(self, checked):
        values = f"helm:\n  valuesObject:\n    tier: yes # gitops-lint: ignore[{RULE}]\n"
        [finding] = checked({**chart(), "web/.argocd-source.yaml": values, "apps/web.yaml": application("web", "web")}).findings
        assert finding.suppressed is not None

    def test_a_comment_in_a_file_of_values(self, checked):
        files = {**chart(), "web/x.yaml": f"# gitops-lint: ignore[{RULE}]\ntier: yes\n"}
        [finding] = checked({**files, "apps/web.yaml": application("web", "web", "helm: {valueFiles: [x.yaml]}")}).findings
        assert finding.suppressed is not None

    def test_an_annotation_of_the_object(self, checked):
        ignoring = f"metadata: {{name: a, annotations: {{gitops-lint/ignore: '{RULE}'}}, "
        annotated = BAD.replace("metadata: {name: settings, ", ignoring)
        [finding] = checked({"m/a.yaml": annotated, "apps/a.yaml": application("a", "m")}).findings
        assert finding.suppressed is not None
        assert finding.suppressed.by == "annotation"


WORDS = st.sampled_from([
    "web", "k", "m", "..", ".", "", "a", "https://x", "in-cluster", "{{.path.path}}", "{{ .x", "a: 1\nb: [", "- a", "*", "**",
    "$r/web/values.yaml", "\0", 1, -1, True, None, 1.5, [], {},
])  # fmt: skip
KEYS = st.sampled_from([
    "source", "sources", "destination", "name", "server", "namespace", "repoURL", "path", "chart", "targetRevision", "ref",
    "helm", "kustomize", "directory", "plugin", "values", "valuesObject", "valueFiles", "parameters", "fileParameters",
    "value", "images", "patches", "patch", "target", "components", "include", "recurse", "generators", "list", "elements",
    "git", "directories", "files", "clusters", "matrix", "merge", "mergeKeys", "template", "metadata", "spec", "goTemplate",
    "templatePatch", "sourceHydrator", "drySource",
])  # fmt: skip
ANYTHING = st.recursive(WORDS, lambda inner: st.dictionaries(KEYS, inner, max_size=5) | st.lists(inner, max_size=3), max_leaves=25)


@given(st.dictionaries(KEYS, ANYTHING, max_size=6), st.dictionaries(KEYS, ANYTHING, max_size=6), ANYTHING)
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_raised_whatever_is_declared(lint, spec, set_spec, overriding):
    declared = [("Application", spec), ("ApplicationSet", set_spec)]
    files = {
        f"apps/{kind}.json": json.dumps({"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": {"name": "a"}, "spec": body})
        for kind, body in declared
    }
    report = lint({**chart(), **files, "m/a.yaml": BAD, "web/.argocd-source.yaml": json.dumps(overriding)})
    assert report.exit_code in (0, 1, 3)
    assert all(entry.failure.path and entry.failure.message for entry in report.failures)
