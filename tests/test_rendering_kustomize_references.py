"""What keeps a Kustomize root from being built: references, options of an Application, and failed builds, each with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from git_repositories import Make, Repo
from kustomize_trees import DEPLOYMENT, PROGRAMS, build, config_map, each_program, needs_program, only_failure, output, write

from linter.discovery.kustomize import KUSTOMIZATION_NAMES, find_kustomize_roots
from linter.discovery.listing import Listing
from linter.rendering.kustomize.lookup import Lookup
from linter.rendering.kustomize.references import is_remote
from linter.rendering.kustomize.renderer import KustomizeRenderer
from linter.rendering.kustomize.requests import KustomizeRequest
from linter.rendering.kustomize.resolution import resolve
from linter.repository import MemoryTree, WorkTree

pytestmark = needs_program
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


class TestReferences:
    @pytest.mark.parametrize(
        "address",
        [
            "https://example.com/x.yaml", "github.com/a/b?ref=v1", "github.com:a/b", "git@example.com:a/b.git", "ssh://git@example.com/a/b",
            "git::https://example.com/a", "file:///etc", "oci://example.com/a", "example.com/a/b.git//c?ref=v1", "HTTPS://example.com/x",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("field", ["resources", "bases", "components", "crds", "generators", "Resources"])
    def test_nothing_remote_reaches_the_program(self, address: str, field: str):
        root = build({"kustomization.yaml": f"# first\n{field}:\n- '{address}'\n"}, program="/bin/false")
        assert only_failure(root) == ("kustomize-remote", "kustomization.yaml", 3)
        assert root.failures[0].kind == "unavailable"

    @pytest.mark.parametrize("path", ["a.yaml", "../x", "a/b/c.yaml", "github.com.yaml", "a@b.yaml", "v1.2/x"])
    def test_paths_are_no_addresses(self, path: str):
        assert is_remote(path) == (path == "a@b.yaml")

    @pytest.mark.parametrize(
        ("entry", "line"),
        [
            ("patches:\n- path: no.yaml\n", 2), ("replacements:\n- path: no.yaml\n", 2), ("openapi:\n  path: no.json\n", 2),
            ("configMapGenerator:\n- name: a\n  files:\n  - k=no.txt\n", 4), ("secretGenerator:\n- name: a\n  envs:\n  - no.env\n", 4),
            ("configurations:\n- no.yaml\n", 2), ("components:\n- gone\n", 2), ("patchesStrategicMerge:\n- no.yaml\n", 2),
            ("transformers:\n- |\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: p}\n  path: no.yaml\n", 2),
            ("resources:\n- folder\n", 2),
        ],
    )  # fmt: skip
    def test_what_is_missing_is_named(self, entry: str, line: int):
        root = build({"kustomization.yaml": entry, "folder/a.yaml": config_map("a")})
        assert only_failure(root) == ("kustomize-reference-missing", "kustomization.yaml", line)

    def test_a_base_fails_in_its_own_file(self):
        files = {
            "kustomization.yaml": "resources: [base]\n",
            "base/kustomization.yaml": "resources:\n- ../../x\n- /etc/passwd\n- gone.yaml\n",
        }
        root = build(files)
        assert [(failure.id, failure.path, failure.line) for failure in root.failures] == [
            ("kustomize-outside-repository" if number < 2 else "kustomize-reference-missing", "base/kustomization.yaml", number + 2)
            for number in range(3)
        ]

    def test_a_folder_without_a_kustomization(self):
        assert only_failure(build({"a.yaml": config_map("a")})) == ("kustomize-reference-missing", ".", None)

    @pytest.mark.parametrize("entry", ["..", ".", "../a"])
    def test_cycles(self, entry: str):
        files = {
            "a/kustomization.yaml": "resources: [../b]\n",
            "b/kustomization.yaml": f"resources: ['{entry}']\n",
            "kustomization.yaml": "resources: [a]",
        }
        assert only_failure(build(files, "a")) == ("kustomize-cycle", "b/kustomization.yaml", 1)

    @pytest.mark.parametrize(
        "config",
        [
            "apiVersion: acme.example.com/v1\nkind: Maker\nmetadata: {name: m}\n",
            "apiVersion: builtin\nkind: Fn\nmetadata:\n  name: m\n  annotations:\n    config.kubernetes.io/function: 'container: {}'\n",
        ],
    )
    def test_plugins_are_not_run(self, config: str):
        root = build({"kustomization.yaml": "generators: [g.yaml]\n", "g.yaml": config}, program="/bin/false")
        assert only_failure(root)[:2] == ("kustomize-plugin", "g.yaml")
        assert root.failures[0].kind == "unavailable"

    def test_files_outside_the_root_need_leave(self):
        files = {"app/kustomization.yaml": "resources:\n- ../a.yaml\n", "a.yaml": config_map("a")}
        assert only_failure(build(files, "app")) == ("kustomize-outside-root", "app/kustomization.yaml", 2)
        root = build(files, "app", unrestricted=True)
        assert [made.path for made in root.objects] == ["a.yaml"]

    def test_addresses_that_stand_for_a_folder(self):
        url = "https://github.com/acme/base?ref=v1"
        files = {"app/kustomization.yaml": f"resources: ['{url}']\n", "vendor/base/kustomization.yaml": "resources: [a.yaml]\n"}
        files["vendor/base/a.yaml"] = config_map("a")
        for path in ("app", "top"):
            files["top/kustomization.yaml"] = "resources: [../app]\n"
            root = build(files, path, local={url: "vendor/base"}.get)
            assert [made.path for made in root.objects] == ["vendor/base/a.yaml"]

    def test_links_that_leave_the_repository(self, tmp_path: Path):
        outside = tmp_path / "outside"
        write(outside, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": config_map("a")})
        write(tmp_path / "repo", {"kustomization.yaml": "resources:\n- link\n", "file/kustomization.yaml": "resources:\n- a.yaml\n"})
        (tmp_path / "repo/link").symlink_to(outside)
        (tmp_path / "repo/file/a.yaml").symlink_to(outside / "a.yaml")
        with KustomizeRenderer(WorkTree(str(tmp_path / "repo")), 1, program=PROGRAMS[0]) as renderer:
            folder, file = renderer.render([KustomizeRequest("."), KustomizeRequest("file")])
        assert only_failure(folder) == ("kustomize-outside-repository", "kustomization.yaml", 2)
        assert only_failure(file) == ("kustomize-outside-repository", "file/kustomization.yaml", 2)

    def test_what_git_ignores_is_missing(self, repo: Repo):
        write(
            Path(repo.root),
            {".gitignore": "secret.env\n", "secret.env": "a=b\n", "kustomization.yaml": "secretGenerator:\n- envs: [secret.env]\n"},
        )
        with KustomizeRenderer(WorkTree(str(repo.root)), 1, program=PROGRAMS[0]) as renderer:
            [root] = renderer.render([KustomizeRequest(".")])
        assert only_failure(root)[0] == "kustomize-reference-missing"
        assert "ignored by Git" in root.failures[0].message


class TestDiscovery:
    def test_the_files_of_a_root_are_all_that_is_read(self):
        files = {
            "app/kustomization.yaml": (
                "Resources: [a.yaml, ../base]\ntransformers: [t.yaml]\nopenapi: {path: o.json}\nconfigurations: [sub/c.yaml]\n"
                "helmCharts: [{name: x, version: '1', repo: 'https://x', additionalValuesFiles: [sub/v.yaml]}]\n"
                "replacements: [{path: sub/r.yaml}]\n"
            ),
            "app/a.yaml": config_map("a"), "app/o.json": "{}", "app/sub/c.yaml": "", "app/sub/v.yaml": "", "app/sub/r.yaml": "",
            "app/charts/x-1/x/Chart.yaml": "name: x", "app/charts/x-1/x/values.yaml": "",
            "app/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: sub/p.yaml\n", "app/sub/p.yaml": "",
            "base/kustomization.yaml": "secretGenerator: [{name: s, envs: [conf/s.env], files: [k=conf/k]}]\n",
            "base/conf/s.env": "", "base/conf/k": "",
            "unused.yaml": "",
        }  # fmt: skip
        tree = MemoryTree(files)
        found = find_kustomize_roots(tree, [path for path in files if path.endswith(KUSTOMIZATION_NAMES)], Listing(tree.files()))
        [app] = [root for root in found if root.path == "app"]
        resolved = resolve(Lookup(tree), "app")
        assert resolved.failures == {}
        assert set(resolved.files) == set(app.files) == set(files) - {"unused.yaml"}


@each_program
class TestFailedBuilds:
    @pytest.mark.parametrize(
        ("files", "place"),
        [
            (
                {"kustomization.yaml": "resources: [d.yaml]\npatches:\n- path: p.yaml\n", "p.yaml": DEPLOYMENT.replace("web", "x")},
                ("p.yaml", 4),
            ),
            ({"kustomization.yaml": "resources: [d.yaml]\nfoo: 1\n"}, ("kustomization.yaml", 2)),
            ({"kustomization.yaml": "resources: [d.yaml]\ncommonLabels:\n  a: b\n  c: 1\n"}, ("kustomization.yaml", 4)),
            ({"kustomization.yaml": "resources: [d.yaml, e.yaml]\n", "e.yaml": config_map("e") + "---\n" + DEPLOYMENT}, ("e.yaml", 9)),
            ({"kustomization.yaml": "resources: [d.yaml, e.yaml]\n", "e.yaml": "a: b\n"}, ("e.yaml", 1)),
            (
                {"kustomization.yaml": "resources: [d.yaml]\ncomponents: [c]\n", "c/kustomization.yaml": COMPONENT + "oops: 1\n"},
                ("c/kustomization.yaml", 3),
            ),
            (
                {
                    "kustomization.yaml": "resources: [d.yaml]\nreplacements:\n- path: r.yaml\n",
                    "r.yaml": "- source: {kind: Pod, name: q}\n  targets: []\n",
                },
                ("r.yaml", 1),
            ),
            (
                {
                    "kustomization.yaml": "resources: [d.yaml]\npatches:\n- target: {kind: Deployment}\n"
                    "  patch: |\n    - {op: remove, path: /spec/no}\n"
                },
                ("kustomization.yaml", 4),
            ),
            (
                {"kustomization.yaml": "resources: [d.yaml]\ncomponents: [c]\n", "c/kustomization.yaml": "resources: []\n"},
                ("kustomization.yaml", 2),
            ),
        ],
    )
    def test_the_file_and_line_to_blame(self, program: str, files: dict[str, str], place: tuple[str, int]):
        assert only_failure(build({"d.yaml": DEPLOYMENT, **files}, program=program)) == ("kustomize-build", *place)

    def test_broken_yaml_says_what_our_reader_says(self, program: str):
        assert only_failure(build({"kustomization.yaml": "resources: [d.yaml]\n", "d.yaml": "a: 1\nb: c: d\n"}, program=program)) == (
            "yaml-syntax",
            "d.yaml",
            2,
        )

    def test_secrets_are_not_quoted(self, program: str):
        root = build({"kustomization.yaml": "secretGenerator:\n- name: a\n  literals:\n  - hunter2\n"}, program=program)
        assert only_failure(root) == ("kustomize-build", "kustomization.yaml", 4)
        assert "hunter2" not in root.failures[0].message
        secret = "apiVersion: v1\nkind: Secret\nmetadata: {{name: a, namespace: {0}}}\nstringData: {{k: hunter2}}\n"
        both = {
            "kustomization.yaml": "namespace: z\nresources: [a.yaml, b.yaml]\n",
            "a.yaml": secret.format("a"),
            "b.yaml": secret.format("b"),
        }
        root = build(both, program=program)
        assert only_failure(root) == ("kustomize-build", "kustomization.yaml", 1)
        assert "hunter2" not in root.failures[0].message


def optioned(kustomization: str, **options: Any) -> Any:
    files = {
        "app/kustomization.yaml": kustomization,
        "app/d.yaml": DEPLOYMENT,
        "extra/kustomization.yaml": COMPONENT + "nameSuffix: -extra\n",
    }
    return build(files, "app", options=options)


class TestOptions:
    def test_everything_at_once(self):
        text = output(
            optioned(
                "resources: [d.yaml]\nimages: [{name: nginx, newTag: old}]\n",
                namePrefix="p-", nameSuffix="-s", namespace="shop", images=["nginx=example.com/nginx:2.0"],
                replicas=[{"name": "web", "count": "4"}],
                commonLabels={"team": "a"}, commonAnnotations={"note": "b"}, components=["../extra"],
                patches=[{"target": {"kind": "Deployment"}, "patch": "- {op: add, path: /spec/paused, value: true}"}],
            )
        )  # fmt: skip
        for line in ("name: p-web-extra-s", "namespace: shop", "image: example.com/nginx:2.0", "replicas: 4", "paused: true", "note: b"):
            assert line in text
        assert text.count("team: a") == 3

    @pytest.mark.parametrize(
        ("image", "expected"),
        [
            ("nginx:2", "nginx:2"), ("nginx@sha256:ab", "nginx@sha256:ab"), ("nginx=other", "other:1.0"),
            ("nginx=r:5000/x", "r:5000/x:1.0"),
            ("nginx=*:2", "mine:2"), ("nginx=new:*", "new:old"), ("other:1", "mine:old"),
        ],
    )  # fmt: skip
    def test_images(self, image: str, expected: str):
        text = output(optioned("resources: [d.yaml]\nimages: [{name: nginx, newName: mine, newTag: old}]\n", images=[image]))
        assert f"image: {expected}\n" in text.replace("nginx:old@", "nginx:old@") or (
            image == "nginx@sha256:ab" and "image: nginx@sha256:ab\n" in text
        )

    def test_labels_without_selectors(self):
        text = output(optioned("resources: [d.yaml]\n", commonLabels={"a": "b"}, labelWithoutSelector=True, labelIncludeTemplates=True))
        assert text.count("a: b") == 2
        assert "matchLabels" not in text

    def test_force_wins(self):
        kustomization = "resources: [d.yaml]\ncommonLabels: {a: old}\ncommonAnnotations: {note: old}\n"
        text = output(
            optioned(
                kustomization, commonLabels={"a": "b"}, forceCommonLabels=True, commonAnnotations={"note": "m"}, forceCommonAnnotations=True
            )
        )
        assert "old" not in text

    @pytest.mark.parametrize(
        ("kustomization", "options"),
        [
            ("resources: [d.yaml]\ncommonLabels: {a: old}\n", {"commonLabels": {"a": "b"}}),
            ("resources: [d.yaml]\nlabels: [{pairs: {a: old}}]\n", {"commonLabels": {"a": "b"}, "labelWithoutSelector": True}),
            ("resources: [d.yaml]\n", {"commonLabels": {"a": "b"}, "labelIncludeTemplates": True}),
            ("resources: [d.yaml]\ncommonAnnotations: {a: old}\n", {"commonAnnotations": {"a": "b"}}),
            ("resources: [d.yaml]\npatches: {}\n", {"patches": [{"patch": "x"}]}),
            ("resources: [d.yaml]\n", {"replicas": [{"name": "web", "count": "many"}]}),
            ("resources: [d.yaml]\n", {"images": ["nginx"]}),
            ("resources: [d.yaml]\n", {"components": ["../gone"]}),
        ],
    )
    def test_what_argo_cd_refuses(self, kustomization: str, options: dict[str, Any]):
        assert only_failure(optioned(kustomization, **options))[:2] == ("kustomize-options-invalid", "app/kustomization.yaml")

    def test_missing_components_can_be_ignored(self):
        text = output(optioned("resources: [d.yaml]\n", components=["../gone", "../ext*"], ignoreMissingComponents=True))
        assert "name: web-extra" in text

    def test_lines_are_those_of_the_author(self):
        root = optioned("# one\n# two\nresources: [d.yaml]\nfoo: 1\n", namePrefix="x-")
        assert only_failure(root) == ("kustomize-build", "app/kustomization.yaml", 4)


def test_revisions_build_like_work_trees(repo: Repo, rev: Make):
    write(Path(repo.root), {"app/kustomization.yaml": "resources: [base, a.yaml]\n", "app/a.yaml": config_map("a")})
    write(Path(repo.root), {"real/kustomization.yaml": "resources: [b.yaml]\n", "real/b.yaml": config_map("b")})
    (Path(repo.root) / "app/base").symlink_to("../real")
    repo.commit()
    (Path(repo.root) / "real/b.yaml").write_text("broken: [")
    with KustomizeRenderer(rev("HEAD"), 1, program=PROGRAMS[0]) as renderer:
        [root] = renderer.render([KustomizeRequest("app")])
    assert {made.path for made in root.objects} == {"real/b.yaml", "app/a.yaml"}
