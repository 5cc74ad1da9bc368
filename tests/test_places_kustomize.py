"""Where findings in overlays are shown: the whole way from the files of a repository to a report."""

from __future__ import annotations

import json
import os
import shutil

import pytest
from kustomize_trees import HELM, needs_helm, needs_program
from places import related, shown, with_rules

from linter.engine.options import LintOptions
from linter.engine.render import render
from linter.engine.run import lint as lint_paths
from linter.manifest.decoder import decode_text
from linter.provenance.kustomize.schemas import without_schemas
from linter.rendering.kustomize.renderer import KustomizeRenderer
from linter.report.json import render_json
from linter.report.sarif import render_sarif
from linter.report.text import render_text

pytestmark = needs_program

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: {}\n"
GOOD, BAD = CONFIG_MAP.replace("{}", "good"), CONFIG_MAP.replace("{}", "BAD")
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: main
          image: nginx:1.0
          resources: {}
        - name: side
          image: busybox:1
          resources: {}
"""
BASE = {
    "base/kustomization.yaml": "resources:\n  - c.yaml\n  - web.yaml\n",
    "base/c.yaml": GOOD,
    "base/web.yaml": WEB,
}
PATCH_FILE = "resources: [../base]\npatches:\n  - path: p.yaml\n"
APPLIED = ("this kustomization applies the patch", "over/kustomization.yaml:3", "p.yaml")
READ = "this kustomization reads the file"
OWN = "the base has its own value here"
PART = "another part of the value is set here"


def over(text: str, **more: str) -> dict[str, str]:
    """An overlay, with other files of its folder by their name, `_` for the dot."""
    return {"over/kustomization.yaml": text, **{f"over/{name.replace('_', '.')}": content for name, content in more.items()}}


# Files, place, text and related places of the one finding that they make.
PLACES = {
    "in the base": ({"base/c.yaml": BAD, **over("resources: [../base]\n")}, "base/c.yaml:6", "BAD", []),
    "in a strategic merge patch": (
        over(PATCH_FILE, p_yaml=BAD),
        "over/p.yaml:6",
        "BAD",
        [APPLIED, (OWN, "base/c.yaml:6", "good")],
    ),
    "in a patch in place": (
        over("resources: [../base]\npatches:\n  - patch: |\n      kind: ConfigMap\n      apiVersion: v1\n"
             "      metadata: {name: c}\n      data:\n        b: BAD\n"),
        "over/kustomization.yaml:8", "BAD", [],
    ),
    "in a JSON patch in place": (
        over("resources: [../base]\npatches:\n  - target: {kind: Deployment}\n    patch: |\n      - op: replace\n"
             "        path: /spec/replicas\n        value: 1\n"),
        "over/kustomization.yaml:7", "1", [(OWN, "base/web.yaml:6", "3")],
    ),
    "in a JSON patch written as JSON": (
        over("resources: [../base]\npatchesJson6902:\n  - path: p.json\n    target: {kind: Deployment, name: web, version: v1}\n",
             p_json='[{"op": "replace",\n  "path": "/spec/replicas", "value": 1}]\n'),
        "over/p.json:2", "1",
        [("this kustomization applies the patch", "over/kustomization.yaml:3", "p.json"), (OWN, "base/web.yaml:6", "3")],
    ),
    "in a JSON patch that adds a boolean": (
        over("resources: [../base]\npatches:\n  - path: p.yaml\n    target: {kind: Deployment}\n",
             p_yaml="- op: add\n  path: /spec/template/spec/containers/1/securityContext\n  value:\n    privileged: true\n"),
        "over/p.yaml:4", "true", [APPLIED],
    ),
    "in a JSON patch that removes": (
        over("resources: [../base]\npatches:\n  - path: p.yaml\n    target: {kind: Deployment}\n",
             p_yaml="- op: remove\n  path: /spec/template/spec/containers/0/resources\n"),
        "over/p.yaml:2", "/spec/template/spec/containers/0/resources", [APPLIED, (OWN, "base/web.yaml:10", "name: main")],
    ),
    "in a merge patch that removes": (
        over(PATCH_FILE, p_yaml="apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
             "      containers:\n        - name: main\n          resources: null\n"),
        "over/p.yaml:9", "null", [APPLIED, (OWN, "base/web.yaml:10", "name: main")],
    ),
    "in a container that a patch adds": (
        over(PATCH_FILE, p_yaml="apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
             "      containers:\n        - name: third\n          image: x:1\n"),
        "over/p.yaml:8", "name: third", [APPLIED],
    ),
    "in images": (
        over("resources: [../base]\nimages:\n  - name: nginx\n    newName: reg/nginx\n    newTag: latest\n"),
        "over/kustomization.yaml:5", "latest", [(OWN, "base/web.yaml:11", "nginx:1.0"), (PART, "over/kustomization.yaml:4", "reg/nginx")],
    ),
    "in replicas": (
        over("resources: [../base]\nreplicas:\n  - name: web\n    count: 1\n"),
        "over/kustomization.yaml:4", "1", [(OWN, "base/web.yaml:6", "3")],
    ),
    "in the namespace": (
        {"base/kustomization.yaml": "resources: [c.yaml]\n", **over("resources: [../base]\nnamespace: bad\n")},
        "over/kustomization.yaml:2", "bad", [],
    ),
    "in labels": (
        {"base/kustomization.yaml": "resources: [c.yaml]\n", **over("resources: [../base]\nlabels:\n  - pairs:\n      team: BAD\n")},
        "over/kustomization.yaml:4", "BAD", [],
    ),
    "in commonLabels": (
        {"base/kustomization.yaml": "resources: [c.yaml]\n", **over("resources: [../base]\ncommonLabels: {team: BAD}\n")},
        "over/kustomization.yaml:2", "BAD", [],
    ),
    "in a transformer of labels": (
        {
            "base/kustomization.yaml": "resources: [c.yaml]\n",
            **over("resources: [../base]\ntransformers: [t.yaml]\n", t_yaml=(
                "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: t}\nlabels:\n  team: BAD\n"
                "fieldSpecs: [{path: metadata/labels, create: true}]\n"
            )),
        },
        "over/t.yaml:5", "BAD", [],
    ),
    "in a literal of a generator": (
        over("configMapGenerator:\n  - name: c\n    literals:\n      - a=good\n      - b=BAD\n"), "over/kustomization.yaml:5", "b=BAD", [],
    ),
    "in a file of a generator": (
        over("configMapGenerator:\n  - name: c\n    files: [app.txt]\n", app_txt="some\nBAD\n"),
        "over/app.txt:1", "some…BAD", [(READ, "over/kustomization.yaml:3", "app.txt")],
    ),
    "in an env file of a generator": (
        over("configMapGenerator:\n  - name: c\n    envs: [app.env]\n", app_env="A=1\nB=BAD\n"),
        "over/app.env:2", "BAD", [(READ, "over/kustomization.yaml:3", "app.env")],
    ),
    "in a generator that merges": (
        {**over("resources: [../gen]\nconfigMapGenerator:\n  - name: c\n    behavior: merge\n    literals: [a=BAD]\n"),
         "gen/kustomization.yaml": "configMapGenerator:\n  - name: c\n    literals: [a=good]\n"},
        "over/kustomization.yaml:5", "a=BAD", [],
    ),
    "in the patch of a component": (
        {**over("resources: [../base]\ncomponents: [../part]\n"), "part/p.yaml": BAD,
         "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: p.yaml}]\n"},
        "part/p.yaml:6", "BAD",
        [("this kustomization applies the patch", "part/kustomization.yaml:3", "p.yaml"), (OWN, "base/c.yaml:6", "good")],
    ),
    "in the source of a replacement": (
        over("resources: [../base]\nreplacements:\n  - source: {kind: ConfigMap, name: c, fieldPath: data.a}\n    targets:\n"
             "      - select: {kind: Deployment}\n        fieldPaths: [spec.template.spec.containers.0.image]\n")
        | {"base/c.yaml": CONFIG_MAP.replace("{}", "reg/app:latest")},
        "base/c.yaml:6", "reg/app:latest", [(OWN, "base/web.yaml:11", "nginx:1.0")],
    ),
    "three levels deep": (
        {**over("resources: [../mid]\nnameSuffix: -y\n"), "mid/p.yaml": BAD,
         "mid/kustomization.yaml": "resources: [../base]\nnamePrefix: x-\npatches: [{path: p.yaml}]\n"},
        "mid/p.yaml:6", "BAD",
        [("this kustomization applies the patch", "mid/kustomization.yaml:3", "p.yaml"), (OWN, "base/c.yaml:6", "good")],
    ),
    "in a base with Windows line ends and a byte order mark": (
        {"base/c.yaml": ("\ufeff" + CONFIG_MAP.replace("{}", '"ä𝄞BAD"')).replace("\n", "\r\n").encode(), **over("resources: [../base]\n")},
        "base/c.yaml:6", '"ä𝄞BAD"', [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PLACES)
def test_place(lint, case):
    files, place, text, others = PLACES[case]
    files = with_rules({**BASE, **files})
    [finding] = lint(files).findings
    assert shown(files, finding.location) == (place, text, "exact")
    assert related(files, finding) == others


SHOP = {
    "over/charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "over/charts/shop/values.yaml": "a: good\n",
    "over/charts/shop/templates/c.yaml": CONFIG_MAP.replace("{}", "{{ .Values.a }}"),
}


@needs_helm
class TestCharts:
    @pytest.fixture(autouse=True)
    def _path(self, monkeypatch):
        monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{os.path.dirname(str(HELM))}")

    @pytest.mark.parametrize(
        ("overlay", "place", "others"),
        [
            (over("helmCharts:\n  - name: shop\n    valuesInline:\n      a: BAD\n"), "over/kustomization.yaml:4", []),
            (
                over("helmCharts:\n  - name: shop\n    valuesFile: v.yaml\n", v_yaml="a: BAD\n"),
                "over/v.yaml:1",
                [("this kustomization uses the values", "over/kustomization.yaml:3", "v.yaml")],
            ),
        ],
    )
    def test_values(self, lint, overlay, place, others):
        files = with_rules({**SHOP, **overlay})
        [finding] = lint(files).findings
        assert shown(files, finding.location) == (place, "BAD", "exact")
        assert related(files, finding) == others

    def test_a_chart_that_an_overlay_inflates_is_no_source_of_its_own(self, lint):
        files = with_rules({**SHOP, **over("helmCharts:\n  - name: shop\n"), "over/charts/shop/templates/c.yaml": BAD})
        report = lint(files)
        assert [entry.source.path for entry in report.sources if entry.source.type != "directory"] == ["over"]
        [finding] = report.findings
        assert shown(files, finding.location) == ("over/kustomization.yaml:2", "shop", "object")

    def test_templates_that_fail(self, lint):
        for template, line, words in (
            ('a: 1\nb: {{ required "say b" .Values.b }}\n', 2, "say b"),
            ("a: 1\nb: {{ if }}\n", 2, "missing value for if"),
            ("a: [\n", None, "not valid YAML"),
        ):
            report = lint(with_rules({**SHOP, **over("helmCharts:\n  - name: shop\n"), "over/charts/shop/templates/c.yaml": template}))
            [failure] = [entry.failure for entry in report.failures]
            assert (failure.path, failure.line) == ("over/charts/shop/templates/c.yaml", line)
            assert words in failure.message
            assert report.exit_code == 3


TWO = {**BASE, "base/c.yaml": BAD, "one/kustomization.yaml": "resources: [../base]\nnamePrefix: a-\n"}


class TestTwoOverlays:
    def test_what_both_build_is_one_finding(self, lint):
        report = lint(with_rules({**TWO, "two/kustomization.yaml": "resources: [../base]\nnamespace: shop\n"}))
        [finding] = report.findings
        assert (finding.location.path, finding.location.line) == ("base/c.yaml", 6)
        assert [entry.source.path for entry in finding.occurrences] == ["one", "two"]

    def test_what_one_patches_away_occurs_in_the_other(self, lint):
        two = {"two/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n", "two/p.yaml": GOOD}
        [finding] = lint(with_rules({**TWO, **two})).findings
        assert [entry.source.path for entry in finding.occurrences] == ["one"]

    def test_what_both_patch_in_names_both(self, lint):
        files = dict(BASE)
        for name in ("one", "two"):
            files |= {f"{name}/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n", f"{name}/p.yaml": BAD}
        files = with_rules(files)
        [finding] = lint(files).findings
        assert finding.location.path == "one/p.yaml"
        assert ("the same in two", "two/p.yaml:6", "BAD") in related(files, finding)

    def test_paths_lead_to_the_overlays(self, tmp_path):
        two = {"two/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n", "two/p.yaml": BAD.replace("  a:", "  b:")}
        _write(tmp_path, with_rules({**TWO, **two, "apart/c.yaml": BAD}, "root: true\n"))
        for path, expected in {
            "base/c.yaml": {"base/c.yaml", "two/p.yaml"},
            "two/p.yaml": {"base/c.yaml", "two/p.yaml"},
            "base": {"base/c.yaml", "two/p.yaml"},
            "one": {"base/c.yaml"},
            "apart": {"apart/c.yaml"},
        }.items():
            report = lint_paths(LintOptions(paths=(str(tmp_path / path),)))
            assert {finding.location.path for finding in report.findings} == expected, path


COMMENT = "  # gitops-lint: ignore[acme/bad-data] on purpose\n"


class TestAccepting:
    @pytest.mark.parametrize(
        "files",
        [
            {"base/c.yaml": BAD.replace("  a:", COMMENT + "  a:"), **over("resources: [../base]\n")},
            over(PATCH_FILE, p_yaml=BAD.replace("  a:", COMMENT + "  a:")),
            # Where the base has its own value, a comment counts as well.
            {"base/c.yaml": GOOD.replace("  a:", COMMENT + "  a:"), **over(PATCH_FILE, p_yaml=BAD)},
            over(f"configMapGenerator:\n  - name: c\n    literals:\n    {COMMENT}      - b=BAD\n"),
        ],
    )
    def test_comments(self, lint, files):
        report = lint(with_rules({**BASE, **files}))
        assert [(entry.rule, entry.suppressed and entry.suppressed.by) for entry in report.findings] == [("acme/bad-data", "comment")]
        assert report.exit_code == 0

    def test_baseline(self, tmp_path, run):
        _write(tmp_path, with_rules({**BASE, **over(PATCH_FILE, p_yaml=BAD)}, "root: true\n"))
        assert run("lint", cwd=tmp_path).returncode == 1
        assert run("baseline", cwd=tmp_path).returncode == 0
        assert run("lint", cwd=tmp_path).returncode == 0
        (tmp_path / "over/p.yaml").write_text("# moved\n" + BAD)
        assert run("lint", cwd=tmp_path).returncode == 0

    def test_since(self, repo):
        repo.commit(with_rules({**BASE, "base/c.yaml": BAD, **over("resources: [../base]\n")}))
        repo.put({"base/c.yaml": "# moved\n" + BAD})
        assert not lint_paths(LintOptions(paths=(str(repo.root),), since="HEAD")).findings
        repo.put(over(PATCH_FILE, p_yaml=BAD.replace("  a:", "  b:")))
        [finding] = lint_paths(LintOptions(paths=(str(repo.root),), since="HEAD")).findings
        assert (finding.location.path, finding.location.line) == ("over/p.yaml", 6)


def _write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


class TestReports:
    def test_related_places_are_in_every_format(self, lint):
        report = lint(with_rules({**BASE, **over(PATCH_FILE, p_yaml=BAD)}))
        [finding] = json.loads(render_json(report))["findings"]
        assert [(entry["message"], entry["location"]["path"], entry["location"]["line"]) for entry in finding["related"]] == [
            (APPLIED[0], "over/kustomization.yaml", 3), (OWN, "base/c.yaml", 6),
        ]  # fmt: skip
        [result] = json.loads(render_sarif(report))["runs"][0]["results"]
        places = [entry["physicalLocation"] for entry in result["relatedLocations"]]
        assert [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in places] == [
            ("over/kustomization.yaml", 3), ("base/c.yaml", 6),
        ]  # fmt: skip

    def test_render(self, tmp_path):
        _write(tmp_path, {".gitops-lint.yaml": "root: true\n", **BASE, **over(PATCH_FILE, p_yaml=BAD)})
        options = LintOptions(paths=(str(tmp_path),))
        text = render(options).text
        assert "# Source: base/c.yaml\napiVersion: v1\ndata:\n  a: BAD\n" in text
        lines = [line.split(" | ") for line in render(options, provenance=True).text.splitlines() if " | " in line]
        assert ["p.yaml:6", "  a: BAD"] in [[place.strip(), line] for place, line in lines]


WORD = "hunter2BAD"
SECRET = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  a: {WORD}\n"
SECRETS = {
    "a literal": over(f"secretGenerator:\n  - name: s\n    literals:\n      - a={WORD}\n"),
    "an env file": over("secretGenerator:\n  - name: s\n    envs: [a.env]\n", a_env=f"a={WORD}\n"),
    "a file": over("secretGenerator:\n  - name: s\n    files: [a.txt]\n", a_txt=f"{WORD}\n"),
    "a base": {
        **over("resources: [../plain]\nnamePrefix: x-\n"), "plain/kustomization.yaml": "resources: [s.yaml]\n", "plain/s.yaml": SECRET,
    },
    "a patch": {
        **over(PATCH_FILE.replace("base", "plain"), p_yaml=SECRET),
        "plain/kustomization.yaml": "resources: [s.yaml]\n",
        "plain/s.yaml": SECRET.replace("BAD", ""),
    },
    "a patch in place": {
        "over/kustomization.yaml": "resources: [../plain]\npatches:\n  - patch: |\n"
        + SECRET.replace("\n", "\n      ").join(("      ", "\n")),
        "plain/kustomization.yaml": "resources: [s.yaml]\n",
        "plain/s.yaml": SECRET.replace("BAD", ""),
    },
    "a JSON patch": {
        **over(
            "resources: [../plain]\npatches:\n  - target: {kind: Secret}\n    patch: |\n"
            f"      - op: replace\n        path: /stringData/a\n        value: {WORD}\n"
        ),
        "plain/kustomization.yaml": "resources: [s.yaml]\n",
        "plain/s.yaml": SECRET.replace("BAD", ""),
    },
}  # fmt: skip
ENCODED = "aHVudGVyMk"


class TestSecrets:
    @pytest.mark.parametrize("case", SECRETS)
    def test_data_is_never_shown(self, lint, tmp_path, case):
        files = with_rules(SECRETS[case])
        report = lint(files)
        [finding] = [entry for entry in report.findings if entry.rule == "acme/bad-secret"]
        assert finding.location.precision == "exact"
        _write(tmp_path, {**files, ".gitops-lint.yaml": files[".gitops-lint.yaml"] + "root: true\n"})
        options = LintOptions(paths=(str(tmp_path),))
        outputs = [
            render_json(report), render_sarif(report), render_text(report),
            render(options).text, render(options, provenance=True).text,
        ]  # fmt: skip
        for output in outputs:
            assert "hunter2" not in output
            assert ENCODED not in output

    @pytest.mark.parametrize(
        "files",
        [
            over("resources: [s.yaml]\npatches: [{path: p.yaml}]\nnamePrefix: a-\n", s_yaml=SECRET,
                 p_yaml="apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: hunter2\n"),
            over("resources: [s.yaml]\n", s_yaml=SECRET.replace(WORD, "*hunter2")),
            over("resources: [s.yaml]\npatches: [{path: p.yaml}]\n", s_yaml=SECRET, p_yaml=SECRET.replace(WORD, "*hunter2")),
            over("resources: [s.yaml]\npatches:\n  - patch: |\n      kind: Secret\n      stringData: {a: *hunter2}\n", s_yaml=SECRET),
            over("resources: [s.yaml]\npatches:\n  - path: p.yaml\n    patch: 'stringData: {a: hunter2}'\n", s_yaml=SECRET, p_yaml=SECRET),
            over("secretGenerator:\n  - name: s\n    literals:\n      - a: *hunter2\n"),
            over("secretGenerator:\n  - name: s\n    literals:\n      - hunter2\n"),
        ],
    )  # fmt: skip
    def test_failures_do_not_quote_it(self, lint, files):
        report = lint(with_rules(files))
        [entry] = report.failures
        assert report.exit_code == 3
        assert "hunter2" not in entry.failure.message + entry.failure.fix


OUTSIDE = {"shared/c.yaml": BAD, "apps/shop/kustomization.yaml": "resources:\n  - ../../shared/c.yaml\n"}
FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: apps}}\nspec:\n  path: {}\n"


class TestFlux:
    def test_other_tools_refuse_files_outside_of_the_folder(self, lint):
        [entry] = lint(with_rules(OUTSIDE)).failures
        assert (entry.failure.id, entry.failure.path, entry.failure.line) == ("kustomize-outside-root", "apps/shop/kustomization.yaml", 2)

    @pytest.mark.parametrize("path", ["./apps/shop", "apps", "/apps/", "./", "apps/shop/deeper"])
    def test_what_flux_builds_may_name_them(self, lint, path):
        files = with_rules({**OUTSIDE, "cluster/flux.yaml": FLUX.format(path)})
        report = lint(files)
        assert not report.failures
        [finding] = report.findings
        assert shown(files, finding.location) == ("shared/c.yaml:6", "BAD", "exact")
        assert [entry.source.path for entry in finding.occurrences] == ["apps/shop"]

    def test_other_folders_may_not(self, lint):
        report = lint(with_rules({**OUTSIDE, "cluster/flux.yaml": FLUX.format("./app")}))
        assert [entry.failure.id for entry in report.failures] == ["kustomize-outside-root"]

    def test_what_deploys_for_flux_is_built_by_it(self, lint):
        listed = "resources:\n  - ../../shared/c.yaml\n  - ks.yaml\n"
        more = {"apps/shop/kustomization.yaml": listed, "apps/shop/ks.yaml": FLUX.format("x")}
        assert not lint(with_rules({**OUTSIDE, **more})).failures

    def test_nothing_may_leave_the_repository(self, lint):
        more = {"apps/shop/kustomization.yaml": "resources: [../../../c.yaml]\n", "flux.yaml": FLUX.format("apps")}
        [entry] = lint(with_rules({**OUTSIDE, **more})).failures
        assert entry.failure.id == "kustomize-outside-repository"


BAD_INPUT = {
    "leaves the repository": ("resources:\n  - ../../x\n", "kustomize-outside-repository", "over/kustomization.yaml", 2),
    "absolute": ("patches:\n  - path: /etc/passwd\n", "kustomize-outside-repository", "over/kustomization.yaml", 2),
    "elsewhere": ("resources:\n  - https://example.com/a/b//c?ref=v1\n", "kustomize-remote", "over/kustomization.yaml", 2),
    "missing": ("resources:\n  - nope.yaml\n", "kustomize-reference-missing", "over/kustomization.yaml", 2),
    "itself": ("resources:\n  - ../over\n", "kustomize-cycle", "over/kustomization.yaml", 2),
    "unknown field": ("resources: [../base]\nresource: []\n", "kustomize-build", "over/kustomization.yaml", 2),
    "wrong type": ("namespace: [a]\n", "kustomize-build", "over/kustomization.yaml", 1),
    "no target": ("resources: [../base]\npatches:\n  - patch: |\n      kind: Service\n      apiVersion: v1\n      metadata: {name: x}\n",
                  "kustomize-build", "over/kustomization.yaml", 3),
    "twice": ("resources: [../base, c.yaml]\n", "kustomize-build", "over/c.yaml", 4),
    "no YAML": ("resources: [\n", "yaml-syntax", "over/kustomization.yaml", 1),
    "patch that is no YAML": ("resources: [../base]\npatches: [{path: p.yaml}]\n", "kustomize-build", "over/p.yaml", 1),
    "patch in place that is no YAML": ("resources: [../base]\npatches:\n  - patch: '{'\n", "kustomize-build", "over/kustomization.yaml", 3),
    "file and patch": ("resources: [../base]\npatches:\n  - path: c.yaml\n    patch: x\n", "kustomize-build", "over/kustomization.yaml", 3),
    "empty entry": ("resources: [../base]\npatches:\n  -\n", "kustomize-build", "over/kustomization.yaml", 3),
    "empty resource": ("resources:\n  - ../base\n  -\n", "kustomize-build", "over/kustomization.yaml", 3),
    "plugin": ("generators: [g.yaml]\n", "kustomize-plugin", "over/g.yaml", 2),
    "empty": ("", "kustomization-invalid", "over/kustomization.yaml", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input(lint, case):
    text, failure, path, line = BAD_INPUT[case]
    files = over(text, c_yaml=GOOD, p_yaml="a: [\n", g_yaml="apiVersion: example.com/v1\nkind: Ksops\nmetadata: {name: x}\n")
    report = lint(with_rules({**BASE, **files}))
    [entry] = report.failures
    assert (entry.failure.id, entry.failure.path, entry.failure.line) == (failure, path, line)
    assert entry.failure.fix
    assert report.exit_code == (3 if entry.failure.kind == "broken" else 0)


def test_no_program(lint, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("kubectl") is None
    [entry] = lint(with_rules({**BASE, **over("resources: [../base]\n")})).failures
    assert entry.failure.id == "kustomize-missing"


def test_a_folder_that_stands_for_an_address(lint):
    vendored = {"vendor/b/base/kustomization.yaml": "resources: [c.yaml]\n", "vendor/b/base/c.yaml": BAD}
    text = "resources:\n  - https://example.com/a/b//base?ref=v1\n"
    files = with_rules({**vendored, **over(text)}, "repositories: {https://example.com/a/b: vendor/b}\n")
    report = lint(files)
    assert not report.failures
    [finding] = report.findings
    assert shown(files, finding.location) == ("vendor/b/base/c.yaml:6", "BAD", "exact")


CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.com
spec:
  group: example.com
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        description: |
          openAPIV3Schema:

            openAPIV3Schema: text
        properties:
          spec: {type: object}

        type: object
    served: true
    storage: true
"""


class TestSchemas:
    """Schemas of custom resources are left out of what is built to find places."""

    def test_every_line_stays_where_it_is(self):
        for text in (CRD, f"{GOOD}---\n{CRD}---\n{GOOD}", CRD.replace("\n", "\r\n"), CRD[: CRD.index("    served")]):
            short = without_schemas(text)
            wanted, found = [decode_text(each) for each in (text, short)]
            assert text.count("\n") == short.count("\n")
            for before, after in zip(wanted, found, strict=True):
                if before.value["kind"] == "CustomResourceDefinition":
                    before.value["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = {}
                assert after.value == before.value
            assert text.splitlines()[-1] == short.splitlines()[-1] or "served" not in text

    def test_other_kinds_keep_theirs(self):
        text = CRD.replace("CustomResourceDefinition", "ConstraintTemplate")
        assert without_schemas(text) == text

    @pytest.mark.parametrize(
        "patch",
        [
            "",
            (
                "  - target: {kind: CustomResourceDefinition}\n    patch: |\n      - op: remove\n"
                "        path: /spec/versions/0/schema/openAPIV3Schema/properties/spec\n"
            ),
        ],
    )
    def test_places_beside_them(self, lint, patch):
        base = {"base/kustomization.yaml": "resources: [all.yaml]\n", "base/all.yaml": f"{CRD}---\n{GOOD}"}
        files = with_rules({**base, **over(f"resources: [../base]\npatches:\n  - path: p.yaml\n{patch}", p_yaml=BAD)})
        report = lint(files)
        assert not report.failures
        [finding] = report.findings
        assert shown(files, finding.location) == ("over/p.yaml:6", "BAD", "exact")
        assert (OWN, "base/all.yaml:29", "good") in related(files, finding)


def test_what_nothing_can_change_is_not_built_again(lint, monkeypatch):
    asked = []
    render_roots = KustomizeRenderer.render

    def counting(self, requests):
        asked.extend(requests)
        return render_roots(self, requests)

    monkeypatch.setattr(KustomizeRenderer, "render", counting)
    lint(with_rules({**BASE, "base/c.yaml": BAD, **over("resources: [../base]\nimages: [{name: nginx, newTag: '2'}]\n")}))
    assert [request.path for request in asked] == ["over"]
    asked.clear()
    lint(with_rules({**BASE, **over(PATCH_FILE, p_yaml=BAD)}))
    assert [request.path for request in asked] == ["over", "over"]
