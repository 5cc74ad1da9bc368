"""Kustomize roots built by the real program: the objects, their text, and the files they come from."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest
from kustomize_trees import (
    DEPLOYMENT,
    HELM,
    PROGRAMS,
    build,
    config_map,
    each_program,
    needs_helm,
    needs_program,
    only_failure,
    output,
    plain_output,
    write,
)

from linter.rendering.kustomize.origins import split_objects, take_origin
from linter.rendering.kustomize.process import MIN_MEMORY, Builds
from linter.rendering.kustomize.program import find_program
from linter.rendering.kustomize.renderer import KustomizeRenderer
from linter.rendering.kustomize.requests import KustomizeRequest
from linter.repository import MemoryTree, WorkTree

pytestmark = needs_program

RICH = {
    "base/kustomization.yaml": "resources: [web.yaml, more.json]\nconfigMapGenerator:\n- name: gen\n  files: [a=data.txt]\n",
    "base/web.yaml": DEPLOYMENT,
    "base/data.txt": "---\nx\n",
    "base/more.json": '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "annotations": {"a": "b"}}}',
    "components/tls/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [cert.yaml]\n",
    "components/tls/cert.yaml": config_map("cert", "  annotations: {}\n"),
    "overlay/kustomization.yaml": (
        "resources: [../base, list.yaml]\ncomponents: [../components/tls]\nnamePrefix: p-\n"
        "patches:\n- path: patch.yaml\ntransformers: [labels.yaml]\ngenerators:\n- maker.yaml\n"
    ),
    "overlay/list.yaml": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}\n",
    "overlay/patch.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: 3"),
    "overlay/labels.yaml": (
        "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels: {team: shop}\n"
        "fieldSpecs: [{path: metadata/labels, create: true}]\n"
    ),
    "overlay/maker.yaml": "apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: made}\nname: made\nliterals: [a=b]\n",
}


@each_program
class TestObjects:
    def test_the_text_is_what_the_program_prints_and_paths_are_the_authors(self, program: str, tmp_path: Path):
        write(tmp_path, RICH)
        root = build(RICH, "overlay", program=program)
        assert output(root) == plain_output(program, tmp_path / "overlay")
        origins = {built.path: built.generator for built in root.objects}
        assert origins == {
            "base/web.yaml": None,
            "base/more.json": None,
            "base/kustomization.yaml": "ConfigMapGenerator",
            "components/tls/cert.yaml": None,
            "overlay/list.yaml": None,
            "overlay/maker.yaml": "SecretGenerator",
        }
        assert root.files == frozenset(RICH)

    @pytest.mark.parametrize(
        "patch",
        [
            "- {op: add, path: /metadata/annotations/x, value: y}",
            "- {op: replace, path: /metadata/annotations, value: {x: y}}",
            "- {op: remove, path: /metadata/annotations}",
        ],
    )
    @pytest.mark.parametrize("annotations", ["", "  annotations: {x: z}\n"])
    def test_patches_of_annotations_do_what_they_do_without_origins(self, program: str, tmp_path: Path, patch: str, annotations: str):
        files = {
            "kustomization.yaml": f"resources: [a.yaml]\npatches:\n- target: {{kind: ConfigMap}}\n  patch: |\n    {patch}\n",
            "a.yaml": config_map("a", annotations),
        }
        write(tmp_path, files)
        root = build(files, program=program)
        try:
            expected = plain_output(program, tmp_path)
        except OSError:
            raise
        except Exception:
            assert only_failure(root)[0] == "kustomize-build"
        else:
            assert output(root) == expected

    def test_build_metadata_of_the_author_stays(self, program: str, tmp_path: Path):
        files = {
            "kustomization.yaml": "resources: [a.yaml, base]\nbuildMetadata: [originAnnotations, managedByLabel]\n",
            "a.yaml": config_map("a"),
            "base/kustomization.yaml": "resources: [b.yaml]\nbuildMetadata: [transformerAnnotations]\n",
            "base/b.yaml": config_map("b"),
        }
        write(tmp_path, files)
        root = build(files, program=program)
        assert output(root) == plain_output(program, tmp_path)
        assert [built.path for built in root.objects] == ["a.yaml", "base/b.yaml"]

    def test_names_of_every_kind(self, program: str):
        names = ["ä ö/日本.yaml", "a'b\"c.yaml", "-x.yaml", "a: b #c.yaml", "q=r.yaml", "tab\there.yaml"]
        files: dict[str, str | bytes] = {name: config_map(f"c{number}") for number, name in enumerate(names)}
        files["Kustomization"] = "resources:\n" + "".join(
            "- " + '"' + name.replace('"', '\\"').replace("\t", "\\t") + '"\n' for name in names
        )
        root = build(files, program=program)
        assert {built.path for built in root.objects} == set(names)

    def test_byte_order_marks_line_ends_and_file_names(self, program: str):
        files = {
            "kustomization.yml": b"\xef\xbb\xbfresources:\r\n- base\r\n- a.yaml\r\n",
            "a.yaml": config_map("a").replace("\n", "\r\n"),
            "base/Kustomization": "# only a comment first\nresources: [b.json]\n",
            "base/b.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}, "data": {"k": "\u2028\U0001f600"}}',
        }
        root = build(files, program=program)
        assert [built.path for built in root.objects] == ["a.yaml", "base/b.json"]
        made = build({"kustomization.yaml": 'configMapGenerator:\n- name: a\n  literals: ["t=\U0001f600\\u2028z"]\n'}, program=program)
        assert '"\\U0001F600\\Lz"' in output(made)

    def test_nothing_to_print(self, program: str):
        root = build({"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": "apiVersion: v1\nkind: List\nitems: []\n"}, program=program)
        assert (root.objects, root.failures) == ((), ())

    def test_overrides_replace_files_for_one_request_only(self, program: str):
        files = {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": config_map("a")}
        with KustomizeRenderer(MemoryTree(files), 2, program=program) as renderer:
            changed = KustomizeRequest(".", overrides={"a.yaml": config_map("changed").encode()})
            more = KustomizeRequest(".", overrides={"kustomization.yaml": b"resources: [a.yaml]\nnamePrefix: x-\n"})
            roots = list(renderer.render([KustomizeRequest("."), changed, more, KustomizeRequest(".")]))
        assert [root.objects[0].text.split("name: ")[1].strip() for root in roots] == ["a", "changed", "x-a", "a"]

    def test_a_linked_base_is_read_where_it_really_is(self, program: str, tmp_path: Path):
        write(
            tmp_path,
            {
                "real/base/kustomization.yaml": "resources: [../common, web.yaml]\n",
                "real/base/web.yaml": DEPLOYMENT,
                "real/common/kustomization.yaml": "resources: [c.yaml]\n",
                "real/common/c.yaml": config_map("c"),
                "app/kustomization.yaml": "resources: [base, linked.yaml]\n",
                "app/real.yaml": config_map("linked"),
            },
        )
        (tmp_path / "app/base").symlink_to("../real/base")
        (tmp_path / "app/linked.yaml").symlink_to("real.yaml")
        (tmp_path / "app/sub").mkdir()
        (tmp_path / "app/sub/entry").symlink_to("../../real/base")
        before = sorted(tmp_path.rglob("*"))
        with KustomizeRenderer(WorkTree(str(tmp_path)), 2, program=program) as renderer:
            [root, entry] = renderer.render([KustomizeRequest("app"), KustomizeRequest("app/sub/entry")])
        assert output(entry) == plain_output(program, tmp_path / "app/sub/entry")
        assert {built.path for built in entry.objects} == {"real/base/web.yaml", "real/common/c.yaml"}
        assert output(root) == plain_output(program, tmp_path / "app")
        assert {built.path for built in root.objects} == {"real/base/web.yaml", "real/common/c.yaml", "app/real.yaml"}
        assert sorted(tmp_path.rglob("*")) == before


class TestManyRoots:
    def test_fifty_overlays_at_once_share_their_base_and_start_no_thread(self):
        files: dict[str, str | bytes] = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": DEPLOYMENT}
        for number in range(50):
            files[f"o{number}/kustomization.yaml"] = f"resources: [../base]\nnamePrefix: o{number}-\n"
        requests = [KustomizeRequest(f"o{number}") for number in range(50)] + [KustomizeRequest("base")]
        threads = threading.active_count()
        with KustomizeRenderer(MemoryTree(files), 4, program=PROGRAMS[0]) as renderer:
            roots = list(renderer.render(requests))
            private = renderer._base()
            assert threading.active_count() == threads
        assert [root.request for root in roots] == requests
        assert [f"name: o{number}-web" in roots[number].objects[0].text for number in range(50)] == [True] * 50
        assert {root.objects[0].path for root in roots} == {"base/web.yaml"}
        assert not os.path.exists(private)

    def test_stopping_early_leaves_nothing_running(self):
        before = _children()
        files = {f"r{number}/kustomization.yaml": "configMapGenerator: [{name: a}]\n" for number in range(6)}
        with KustomizeRenderer(MemoryTree(files), 3, program=PROGRAMS[0]) as renderer:
            roots = renderer.render([KustomizeRequest(f"r{number}") for number in range(6)])
            assert next(roots).objects
            roots.close()  # type: ignore[attr-defined]
        assert _children() <= before


def _children() -> set[int]:
    """The processes that this one has started, other than the one that lists them."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(maxsplit=2) for line in listed.splitlines())
    return {int(pid) for pid, parent, name in rows if int(parent) == os.getpid() and name != "ps"}


class TestProgram:
    def test_versions_are_asked_for(self):
        for path in PROGRAMS:
            program = find_program(path)
            assert program is not None
            version = program.version()
            assert version is not None
            assert version.startswith("v")

    def test_without_a_program_each_root_says_so_once(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
        monkeypatch.setenv("PATH", f"{tmp_path}:.")
        files = {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": config_map("a")}
        with KustomizeRenderer(MemoryTree(files), 1) as renderer:
            [root] = renderer.render([KustomizeRequest(".")])
            assert renderer.version() is None
        assert only_failure(root) == ("kustomize-missing", "kustomization.yaml", None)

    def test_kustomize_comes_before_kubectl_and_the_current_directory_is_not_searched(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        for name in ("kustomize", "kubectl"):
            (tmp_path / name).write_text("#!/bin/sh\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PATH", ".")
        assert find_program() is None
        monkeypatch.setenv("PATH", str(tmp_path))
        found = find_program()
        assert found is not None
        assert found.name == "kustomize build"
        (tmp_path / "kustomize").unlink()
        found = find_program()
        assert found is not None
        assert found.name == "kubectl kustomize"


ONE_FILE = {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": config_map("a")}


class TestLimits:
    def _program(self, tmp_path: Path, script: str) -> str:
        path = tmp_path / "kustomize"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    def test_a_build_that_takes_too_long_ends_with_all_it_started(self, tmp_path: Path):
        program = self._program(tmp_path, f"/bin/sleep 60 & echo $! > {tmp_path}/pid; wait")
        assert only_failure(build(ONE_FILE, program=program, deadline_seconds=0.3))[0] == "kustomize-timeout"
        child = int((tmp_path / "pid").read_text())
        status = Path(f"/proc/{child}/stat")
        assert not status.exists() or status.read_text().split()[2] == "Z"

    def test_memory_and_crashes(self, tmp_path: Path):
        gone = self._program(tmp_path, "echo 'fatal error: runtime: out of memory' >&2; exit 2")
        assert only_failure(build(ONE_FILE, program=gone))[0] == "kustomize-memory"
        crashed = self._program(tmp_path, "kill -SEGV $$")
        assert only_failure(build(ONE_FILE, program=crashed))[0] == "kustomize-crashed"

    def test_output_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("linter.rendering.kustomize.process.MAX_OUTPUT", 100_000)
        endless = self._program(tmp_path, "while :; do echo 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'; done")
        assert only_failure(build(ONE_FILE, program=endless))[0] == "kustomize-output-too-large"

    def test_the_child_knows_nothing_of_the_machine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("KUBECONFIG", "/secret")
        monkeypatch.setenv("TOKEN", "secret")
        spy = self._program(tmp_path, f"export -p > {tmp_path}/seen; pwd >> {tmp_path}/seen")
        assert build(ONE_FILE, program=spy).failures == ()
        seen = (tmp_path / "seen").read_text()
        assert "secret" not in seen
        assert "HTTPS_PROXY='http://127.0.0.1:9'" in seen

    @pytest.mark.skipif(not os.path.exists("/proc/self/limits"), reason="needs Linux")
    def test_the_memory_limit_is_set(self, tmp_path: Path):
        builds = Builds(1, 10.0, 1, {"PATH": "/bin:/usr/bin"}, str(tmp_path))
        [(_, build)] = builds.run([lambda: ["/bin/sh", "-c", "sleep 0.1; ulimit -v"]])
        assert build is not None
        assert int(build.output) == MIN_MEMORY // 1024


CHART = {
    "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    "charts/app/values.yaml": "colour: red\n",
    "charts/app/templates/a.yaml": config_map(
        "{{ .Release.Name }}", "data:\n  c: {{ .Values.colour }}\n  v: {{ .Capabilities.KubeVersion.Version | quote }}\n"
    ),
}


@needs_helm
@each_program
class TestHelm:
    def test_a_vendored_chart_is_inflated(self, program: str):
        files = CHART | {
            "kustomization.yaml": "helmCharts:\n- {name: app, releaseName: shop, valuesFile: v.yaml, additionalValuesFiles: [w.yaml]}\n",
            "v.yaml": "colour: blue\n",
            "w.yaml": "colour: green\n",
        }
        root = build(files, program=program, kube_version="1.31.2", api_versions=["example.com/v1"])
        [made] = root.objects
        assert (made.path, made.generator) == ("kustomization.yaml", "HelmChartInflationGenerator")
        assert "c: green" in made.text
        assert "name: shop" in made.text
        assert "v1.31.2" in made.text
        assert "annotations" not in made.text
        assert root.files == frozenset(files)

    def test_a_failing_template_is_named(self, program: str):
        files = CHART | {
            "kustomization.yaml": "helmCharts: [{name: app}]\n",
            "charts/app/templates/b.yaml": '\n\nx: {{ fail "no colour" }}\n',
        }
        root = build(files, program=program)
        assert only_failure(root) == ("kustomize-build", "charts/app/templates/b.yaml", 3)
        assert "no colour" in root.failures[0].message

    def test_nothing_is_pulled(self, program: str):
        entry = "helmCharts:\n- name: app\n  version: 1.0.0\n  repo: https://charts.example.com\n"
        assert only_failure(build(CHART | {"kustomization.yaml": entry}, program=program)) == (
            "kustomize-chart-unavailable",
            "kustomization.yaml",
            2,
        )
        moved = {path.replace("charts/app/", "charts/app-1.0.0/app/"): content for path, content in CHART.items()}
        assert len(build(moved | {"kustomization.yaml": entry}, program=program).objects) == 1
        assert (
            only_failure(build({"kustomization.yaml": "helmCharts: [{name: app}]\n"}, program=program))[0] == "kustomize-reference-missing"
        )

    def test_without_helm(self, program: str):
        root = build(CHART | {"kustomization.yaml": "helmCharts: [{name: app}]\n"}, program=program, helm="no-such-helm")
        assert only_failure(root)[0] == "kustomize-helm-missing"
        assert HELM is not None


class TestOrigins:
    def test_only_the_annotation_of_the_object_itself_goes(self):
        template = "    metadata:\n      annotations:\n        config.kubernetes.io/origin: x\n"
        written = (
            "kind: A\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      path: b\n    z: y\n  name: n\nspec:\n" + template
        )
        text, origin = take_origin(written)
        assert text == "kind: A\nmetadata:\n  annotations:\n    z: y\n  name: n\nspec:\n" + template
        assert origin is not None
        assert origin.path == "b"
        assert take_origin("kind: A\nmetadata:\n  name: n\nspec:\n" + template)[1] is None

    def test_objects_are_split_at_their_separators_only(self):
        assert list(split_objects("")) == []
        assert list(split_objects("a: |\n  ---\n---\nb: 1\n")) == ["a: |\n  ---\n", "b: 1\n"]
