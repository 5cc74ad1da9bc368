"""Which sources a repository holds, and which files lead to which source."""

import os
import textwrap

import git
import pytest

from linter.config import parse_config
from linter.discovery import discover
from linter.repository import MemoryTree, WorkTree

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"


def found(files, config=""):
    """The discovery over files given as a mapping, or as a list of paths without content."""
    contents = files if isinstance(files, dict) else dict.fromkeys(files, "")
    return discover(MemoryTree(contents), parse_config(textwrap.dedent(config).encode()))


def sources(discovery, type=None):
    return [(source.path, source.type, source.state) for source in discovery.sources if type in (None, source.type)]


def names(discovery, path):
    """The states of the sources a file leads to."""
    return sorted(source.state for source in discovery.sources_of(path))


class TestPlainManifests:
    def test_one_state_for_each_top_level_directory(self):
        discovery = found(["apps/web.yaml", "apps/shop/api.yml", "clusters/prod/a.json", "namespace.yaml", "docs/readme.md"])
        assert sources(discovery) == [(".", "directory", "."), ("apps", "directory", "apps"), ("clusters", "directory", "clusters")]
        assert list(discovery.manifest_files) == ["apps/shop/api.yml", "apps/web.yaml", "clusters/prod/a.json", "namespace.yaml"]
        assert names(discovery, "apps/shop/api.yml") == ["apps"]
        assert names(discovery, "apps") == ["apps"]
        assert names(discovery, ".") == [".", "apps", "clusters"]
        assert names(discovery, "docs/readme.md") == []

    def test_the_configuration_is_no_manifest(self):
        assert found([".gitops-lint.yaml", "apps/.gitops-lint.yaml"]).sources == ()

    def test_excluded_files(self):
        discovery = found(["apps/web.yaml", "docs/a.yaml", "apps/test/b.yaml"], "exclude: [docs, '**/test']")
        assert list(discovery.manifest_files) == ["apps/web.yaml"]

    def test_states_of_the_configuration(self):
        discovery = found(
            ["clusters/prod/a.yaml", "clusters/prod/b/c.yaml", "clusters/dev/a.yaml", "shared/a.yaml", "clusters/x.yaml"],
            "states: {prod: [clusters/prod/**, shared], dev: [clusters/*/a.yaml, clusters/prod/b]}",
        )
        assert sources(discovery) == [
            ("clusters", "directory", "clusters"),
            ("clusters/dev", "directory", "dev"),
            ("clusters/prod", "directory", "prod"),
            ("shared", "directory", "prod"),
        ]
        assert names(discovery, "clusters/prod/b/c.yaml") == ["prod"]
        assert names(discovery, "clusters/dev/a.yaml") == ["dev"]
        assert names(discovery, "clusters/x.yaml") == ["clusters"]

    def test_a_state_over_everything(self):
        discovery = found(["apps/a.yaml", "b.yaml"], "states: {all: ['.']}")
        assert sources(discovery) == [(".", "directory", "all")]


class TestCharts:
    def test_defaults(self):
        discovery = found({
            "charts/shop/Chart.yaml": CHART,
            "charts/shop/values.yaml": "",
            "charts/shop/templates/web.yaml": "",
            "charts/shop/notes/a.yaml": "",
            "charts/readme.yaml": "",
        })  # fmt: skip
        assert sources(discovery) == [("charts", "directory", "charts"), ("charts/shop", "helm", "charts/shop")]
        assert list(discovery.manifest_files) == ["charts/readme.yaml"]
        assert list(discovery.charts) == ["charts/shop"]
        for path in ("Chart.yaml", "values.yaml", "templates/web.yaml", "notes/a.yaml"):
            assert names(discovery, f"charts/shop/{path}") == ["charts/shop"]

    def test_vendored_charts_belong_to_their_parent(self):
        discovery = found([
            "shop/Chart.yaml", "shop/charts/redis/Chart.yaml", "shop/charts/redis/charts/common/Chart.yaml",
            "shop/charts/redis/templates/a.yaml", "shop/templates/starter/Chart.yaml", "shop/files/Chart.yaml",
        ])  # fmt: skip
        assert list(discovery.charts) == ["shop"]
        assert names(discovery, "shop/charts/redis/templates/a.yaml") == ["shop"]

    def test_a_chart_beside_the_folders_of_another_is_its_own(self):
        discovery = found(["shop/Chart.yaml", "shop/examples/small/Chart.yaml", "shop/examples/small/templates/a.yaml"])
        assert list(discovery.charts) == ["shop", "shop/examples/small"]
        assert names(discovery, "shop/examples/small/templates/a.yaml") == ["shop/examples/small"]

    def test_a_folder_called_charts_without_a_chart_around_it(self):
        assert list(found(["charts/shop/Chart.yaml", "charts/api/Chart.yaml"]).charts) == ["charts/api", "charts/shop"]

    def test_a_chart_that_is_the_repository_leaves_other_manifests_alone(self):
        discovery = found([
            "Chart.yaml", "Chart.lock", "values.yaml", "values-prod.yaml", "values.schema.json", "templates/web.yaml", "crds/a.yaml",
            "charts/redis/Chart.yaml", "ci/test-values.yaml", "files/a.json", "argocd/application.yaml", "renovate.json",
        ])  # fmt: skip
        assert list(discovery.charts) == ["."]
        assert list(discovery.manifest_files) == ["argocd/application.yaml", "renovate.json"]
        assert names(discovery, "charts/redis/Chart.yaml") == ["."]
        assert names(discovery, "ci/test-values.yaml") == ["."]

    def test_a_library_chart_is_no_source_but_leads_to_its_dependents(self):
        discovery = found({
            "charts/common/Chart.yaml": CHART + "type: library\n",
            "charts/common/templates/_labels.tpl": "",
            "charts/shop/Chart.yaml": CHART + "dependencies: [{name: common, repository: file://../common}]\n",
            "charts/umbrella/Chart.yaml": CHART + "dependencies: [{name: shop, repository: file://../shop}]\n",
            "charts/api/Chart.yaml": CHART + "dependencies: [{name: x, repository: https://example.com}]\n",
        })  # fmt: skip
        assert discovery.charts["charts/common"].library
        assert [path for path, _, _ in sources(discovery)] == ["charts/api", "charts/shop", "charts/umbrella"]
        assert names(discovery, "charts/common/templates/_labels.tpl") == ["charts/shop", "charts/umbrella"]
        assert names(discovery, "charts/shop/Chart.yaml") == ["charts/shop", "charts/umbrella"]

    @pytest.mark.parametrize("content", ["a: [", "- a", "", "dependencies: 3", "dependencies: [3, {repository: 4}]", b"\xff\xfe\x00"])
    def test_a_broken_chart_is_still_a_source(self, content):
        assert sources(found({"shop/Chart.yaml": content})) == [("shop", "helm", "shop")]

    def test_charts_that_depend_on_each_other(self):
        files = {
            f"{one}/Chart.yaml": CHART + f"dependencies: [{{name: {other}, repository: 'file://../{other}/'}}]"
            for one, other in ("ab", "ba")
        }
        assert names(found(files), "a/Chart.yaml") == ["a", "b"]

    def test_an_excluded_chart(self):
        discovery = found(["charts/shop/Chart.yaml", "charts/shop/templates/a.yaml", "charts/api/Chart.yaml"], "exclude: [charts/shop]")
        assert sources(discovery) == [("charts/api", "helm", "charts/api")]
        assert discovery.manifest_files == {}


class TestEnvironments:
    FILES = ("charts/shop/Chart.yaml", "charts/shop/values-prod.yaml", "charts/api/Chart.yaml", "env/prod.yaml", "env/all.yaml")

    def test_one_source_for_each_environment(self):
        discovery = found(
            self.FILES,
            """\
            environments:
              prod:
                charts/shop: {values: [values-prod.yaml, ../../env/prod.yaml], set: [a=b], namespace: shop, release: web, cluster: eu-1}
              dev: {charts/shop: {values: [/env/all.yaml]}}
            """,
        )
        assert discovery.failures == ()
        assert sources(discovery, "helm") == [
            ("charts/api", "helm", "charts/api"),
            ("charts/shop", "helm", "charts/shop@dev"),
            ("charts/shop", "helm", "charts/shop@prod"),
        ]
        prod = next(source for source in discovery.sources if source.environment == "prod")
        assert prod.values == ("charts/shop/values-prod.yaml", "env/prod.yaml")
        assert (prod.set_values, prod.namespace, prod.release, prod.cluster) == (("a=b",), "shop", "web", "eu-1")
        assert names(discovery, "env/prod.yaml") == ["charts/shop@prod"]
        assert names(discovery, "charts/shop/Chart.yaml") == ["charts/shop@dev", "charts/shop@prod"]

    def test_values_are_no_manifests(self):
        discovery = found(self.FILES, "environments: {prod: {charts/*: {values: [/env/prod.yaml]}}}")
        assert list(discovery.manifest_files) == ["env/all.yaml"]
        assert names(discovery, "env/prod.yaml") == ["charts/api@prod", "charts/shop@prod"]

    def test_states_of_the_configuration(self):
        discovery = found(
            [*self.FILES, "clusters/prod/a.yaml"],
            """\
            environments: {prod: {charts/*: {}}, dev: {charts/*: {}}}
            states: {prod: [clusters/prod, {path: charts/*, environment: prod}], rest: [charts]}
            """,
        )
        assert [(source.path, source.environment, source.state) for source in discovery.sources if source.state in ("prod", "rest")] == [
            ("charts/api", "dev", "rest"),
            ("charts/api", "prod", "prod"),
            ("charts/shop", "dev", "rest"),
            ("charts/shop", "prod", "prod"),
            ("clusters/prod", None, "prod"),
        ]

    @pytest.mark.parametrize(
        ("written", "named"),
        [
            ("values-dev.yaml", "charts/shop/values-dev.yaml, which does not exist"),
            ("/nowhere.yaml", "nowhere.yaml, which does not exist"),
            ("templates", "charts/shop/templates, which does not exist"),
            ("../../../values.yaml", "../../../values.yaml, which is outside the repository"),
            ("https://example.com/v.yaml", "https://example.com/v.yaml, which is no file in this repository"),
        ],
    )
    def test_values_that_do_not_exist(self, written, named):
        config = f"environments:\n  prod:\n    charts/shop:\n      values:\n      - values-prod.yaml\n      - {written}\n"
        discovery = found([*self.FILES, "charts/shop/templates/a.yaml"], config)
        [failure] = discovery.failures
        assert (failure.id, failure.kind, failure.stage) == ("values-missing", "broken", "render")
        assert (failure.path, failure.line) == (".gitops-lint.yaml", 6)
        assert failure.message == f"the environment prod of charts/shop names the values file {named}"
        [(source, problem)] = discovery.problems.items()
        assert (source.path, source.environment, problem) == ("charts/shop", "prod", failure)
        assert discovery.status(source) == ("broken", failure.message)

    def test_values_that_git_ignores(self, tmp_path):
        git.Repo.init(str(tmp_path))
        (tmp_path / ".gitignore").write_text("secret.yaml")
        (tmp_path / "Chart.yaml").write_text(CHART)
        (tmp_path / "secret.yaml").write_text("")
        [failure] = discover(WorkTree(str(tmp_path)), parse_config(b"environments: {prod: {.: {values: [secret.yaml]}}}")).failures
        assert failure.message == "the environment prod of . names the values file secret.yaml, which Git ignores"


class TestHints:
    def test_values_of_undeclared_environments(self):
        files = [
            "a/Chart.yaml",
            "a/values.yaml",
            "a/values-prod.yaml",
            "a/values.dev.yml",
            "b/Chart.yaml",
            "b/values.yaml",
            "b/values.schema.json",
        ]
        [hint] = found(files).hints
        assert hint == (
            "only the default values of charts are checked, although there are a/values-prod.yaml and a/values.dev.yml: "
            "declare `environments:` in .gitops-lint.yaml, as `gitops-lint init --print` shows"
        )
        assert found(files, "environments: {prod: {a: {}}}").hints == ()
        assert found(files, "environments: {}").hints == ()

    def test_values_of_many_charts_are_one_hint(self):
        [hint] = found([name for index in range(5) for name in (f"{index}/Chart.yaml", f"{index}/values-prod.yaml")]).hints
        assert "there are 0/values-prod.yaml, 1/values-prod.yaml, 2/values-prod.yaml and 2 more:" in hint

    def test_values_that_a_declaration_forgets(self):
        """Beside declared charts, and with the name of a declared environment."""
        files = [f"charts/{chart}/{name}" for chart in "abc" for name in ("Chart.yaml", "values-prod.yaml", "values-seed.yaml")]
        files += ["charts/a/values-dev.yaml", "test/d/Chart.yaml", "test/d/values-prod.yaml"]
        config = """\
            environments:
              prod:
                charts/a: {values: [values-prod.yaml]}
              dev:
                charts/b: {values: [values-prod.yaml]}
            """
        assert found(files, config).hints == (
            ".gitops-lint.yaml:1: no environment uses charts/a/values-dev.yaml and charts/c/values-prod.yaml",
        )

    def test_entries_that_name_nothing(self):
        discovery = found(
            ["apps/a.yaml"],
            """\
            states:
              prod: [apps, clusters/prod]
            environments:
              prod:
                charts/*: {}
            """,
        )
        assert discovery.hints == (
            ".gitops-lint.yaml:2: no file or chart is left for `clusters/prod` of the state prod",
            ".gitops-lint.yaml:5: no chart is left for `charts/*` of the environment prod",
        )


class TestKustomize:
    FILES = {  # noqa: RUF012
        "base/kustomization.yaml": textwrap.dedent("""\
            resources: [web.yaml, ../shared/ns.yaml]
            configMapGenerator: [{files: [app.conf, key=conf/b.yaml], envs: [a.env]}]
            """),
        "base/web.yaml": "",
        "base/notes.yaml": "",
        "base/app.conf": "",
        "base/conf/b.yaml": "",
        "base/conf/c.yaml": "",
        "base/a.env": "",
        "shared/ns.yaml": "",
        "shared/other.yaml": "",
        "overlays/prod/kustomization.yml": textwrap.dedent("""\
            resources: [../../base, https://example.com/x.yaml, "github.com/a/b?ref=c", ../../../outside.yaml]
            components: [../../components/tls]
            patches: [{path: patches/a.yaml}, {patch: "- op: add"}]
            patchesStrategicMerge: [b.yaml, "kind: X\\nmetadata: {}"]
            replacements: [{path: r.yaml}]
            helmCharts: [{name: local, valuesFile: v.yaml, additionalValuesFiles: [w.yaml]}, {name: remote, repo: https://x}]
            """),
        "overlays/prod/patches/a.yaml": "",
        "overlays/prod/b.yaml": "",
        "overlays/prod/sub/unused.yaml": "",
        "overlays/prod/charts/local/templates/x.yaml": "",
        "overlays/dev/Kustomization": "bases: [../../base]",
        "components/tls/kustomization.yaml": "kind: Component\nresources: [cert.yaml]",
        "components/tls/cert.yaml": "",
    }

    def test_overlays_are_sources(self):
        discovery = found(self.FILES)
        assert sources(discovery, "kustomize") == [
            ("overlays/dev", "kustomize", "overlays/dev"),
            ("overlays/prod", "kustomize", "overlays/prod"),
        ]
        assert discovery.failures == ()
        [source] = [source for source in discovery.sources if source.path == "overlays/dev"]
        assert discovery.status(source) == ("ok", None)

    def test_nothing_a_root_reads_is_a_plain_manifest(self):
        assert list(found(self.FILES).manifest_files) == ["base/conf/c.yaml", "overlays/prod/sub/unused.yaml", "shared/other.yaml"]

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("base/web.yaml", ["overlays/dev", "overlays/prod"]),
            ("base/app.conf", ["overlays/dev", "overlays/prod"]),
            ("base/conf/b.yaml", ["overlays/dev", "overlays/prod"]),
            ("base/notes.yaml", ["overlays/dev", "overlays/prod"]),
            ("base/kustomization.yaml", ["overlays/dev", "overlays/prod"]),
            ("shared/ns.yaml", ["overlays/dev", "overlays/prod"]),
            ("components/tls/cert.yaml", ["overlays/prod"]),
            ("overlays/prod/charts/local/templates/x.yaml", ["overlays/prod"]),
            ("overlays/prod/patches/a.yaml", ["overlays/prod"]),
            ("overlays/dev/Kustomization", ["overlays/dev"]),
        ],
    )
    def test_a_file_leads_to_its_overlays(self, path, expected):
        assert names(found(self.FILES), path) == expected

    def test_a_base_that_nobody_uses(self):
        assert sources(found({"base/kustomization.yaml": "resources: []"})) == [("base", "kustomize", "base")]

    def test_roots_in_a_circle_are_still_listed(self):
        discovery = found({"a/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "resources: [../a]"})
        assert [path for path, _, _ in sources(discovery)] == ["a", "b"]

    def test_states_of_the_configuration(self):
        discovery = found(self.FILES, "states: {prod: [overlays/prod/**]}")
        assert ("overlays/prod", "kustomize", "prod") in sources(discovery)

    @pytest.mark.parametrize(
        ("content", "id", "message"),
        [
            ("resources: [", "yaml-syntax", "not valid YAML"),
            ("", "kustomization-invalid", "this kustomization is empty"),
            ("- a", "kustomization-invalid", "this kustomization is no mapping"),
            ("resources: []\n---\nresources: []", "kustomization-invalid", "this kustomization holds several documents"),
        ],
    )
    def test_a_broken_kustomization(self, content, id, message):
        discovery = found({
            "base/kustomization.yaml": content,
            "base/web.yaml": "",
            "base/patches/a.yaml": "",
            "prod/kustomization.yaml": "resources: [../base]",
        })  # fmt: skip
        [failure] = discovery.failures
        assert (failure.id, failure.path) == (id, "base/kustomization.yaml")
        assert failure.message.startswith(message)
        [source] = discovery.sources
        assert discovery.status(source) == ("broken", failure.message)
        assert discovery.manifest_files == {}

    def test_two_kustomizations_in_one_directory(self):
        [failure] = found({"a/kustomization.yaml": "resources: []", "a/Kustomization": "resources: []"}).failures
        assert failure.id == "kustomization-ambiguous"
        assert failure.message == "this directory has Kustomization and kustomization.yaml, and kustomize refuses to choose"

    @pytest.mark.parametrize(
        "content", ["resources: 3", "resources: [{a: b}]\npatches: [3]", "configMapGenerator: {a: b}\nhelmCharts: [3]\nopenapi: []"]
    )
    def test_odd_types_are_survived(self, content):
        assert found({"a/kustomization.yaml": content}).failures == ()

    def test_an_object_of_flux_in_a_file_of_that_name_is_a_manifest(self):
        flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n"
        discovery = found({"apps/kustomization.yaml": f"{flux}---\n{flux}"})
        assert discovery.kustomize_roots == ()
        assert list(discovery.manifest_files) == ["apps/kustomization.yaml"]

    def test_a_kustomization_beside_a_chart(self):
        discovery = found(
            {"shop/Chart.yaml": CHART, "shop/kustomization.yaml": "resources: []", "shop/templates/kustomization.yaml": "{{ x }}"}
        )
        assert sources(discovery) == [("shop", "helm", "shop"), ("shop", "kustomize", "shop")]
        assert names(discovery, "shop/templates/kustomization.yaml") == ["shop"]
        assert discovery.failures == ()

    def test_an_excluded_root(self):
        discovery = found({"a/kustomization.yaml": "resources: [", "a/x.yaml": "", "b/c.yaml": ""}, "exclude: [a]")
        assert sources(discovery) == [("b", "directory", "b")]
        assert discovery.failures == ()


class TestLinks:
    @pytest.fixture
    def root(self, tmp_path):
        git.Repo.init(str(tmp_path))
        return tmp_path

    def put(self, root, *paths, content=""):
        for path in paths:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)

    def link(self, root, path, target):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, root / path)

    def discover(self, root, config=b""):
        return discover(WorkTree(str(root)), parse_config(config))

    def test_a_linked_manifest_is_read_once_and_belongs_to_both_states(self, root):
        self.put(root, "base/ns.yaml")
        self.link(root, "prod/ns.yaml", "../base/ns.yaml")
        discovery = self.discover(root)
        assert list(discovery.manifest_files) == ["base/ns.yaml"]
        assert sources(discovery) == [("base", "directory", "base"), ("prod", "directory", "prod")]
        assert names(discovery, "base/ns.yaml") == ["base", "prod"]
        assert names(discovery, "prod/ns.yaml") == ["base", "prod"]

    def test_a_link_inside_one_directory_changes_nothing(self, root):
        self.put(root, "base/ns.yaml")
        self.link(root, "base/again.yaml", "ns.yaml")
        assert {path: len(found) for path, found in self.discover(root).manifest_files.items()} == {"base/ns.yaml": 1}

    def test_a_dangling_link_and_one_that_escapes_stay_to_be_reported(self, root):
        self.link(root, "a/gone.yaml", "nothing.yaml")
        self.link(root, "a/out.yaml", "/etc/hostname")
        assert list(self.discover(root).manifest_files) == ["a/gone.yaml", "a/out.yaml"]

    def test_a_linked_dependency_of_a_chart(self, root):
        self.put(root, "common/Chart.yaml", content=CHART + "type: library\n")
        self.put(root, "common/templates/_a.tpl")
        self.put(root, "charts/shop/Chart.yaml", content=CHART)
        self.link(root, "charts/shop/charts/common", "../../../common")
        assert names(self.discover(root), "common/templates/_a.tpl") == ["charts/shop"]

    def test_a_linked_template_leads_to_its_chart(self, root):
        self.put(root, "shared/web.tpl")
        self.put(root, "shop/Chart.yaml", content=CHART)
        self.link(root, "shop/templates/web.yaml", "../../shared/web.tpl")
        assert names(self.discover(root), "shared/web.tpl") == ["shop"]

    def test_values_through_a_linked_directory(self, root):
        self.put(root, "shared/prod.yaml")
        self.put(root, "shop/Chart.yaml", content=CHART)
        self.link(root, "shop/env", "../shared")
        discovery = self.discover(root, b"environments: {prod: {shop: {values: [env/prod.yaml]}}}")
        assert discovery.failures == ()

    def test_kustomize_references_through_links(self, root):
        self.put(root, "real/base/kustomization.yaml", content="resources: [web.yaml]")
        self.put(root, "real/base/web.yaml", "real/file.yaml")
        self.link(root, "alias", "real")
        self.link(root, "prod/linked.yaml", "../real/file.yaml")
        self.put(root, "prod/kustomization.yaml", content="resources: [../alias/base, linked.yaml]")
        discovery = self.discover(root)
        assert discovery.manifest_files == {}
        assert names(discovery, "real/base/web.yaml") == ["prod"]
        assert names(discovery, "real/file.yaml") == ["prod"]

    def test_notices_of_the_tree_become_hints(self, root):
        self.put(root, "inner/a.yaml")
        git.Repo.init(str(root / "inner")).git.add("--all")
        assert self.discover(root).hints == ("inner is a Git repository of its own; its files are not read",)
