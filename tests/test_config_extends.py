"""`extends:` -- what several configuration files say together, and where each of it is written."""

from __future__ import annotations

import os
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.config import Config, load_config
from linter.config.extending import MAX_DEPTH
from linter.config.layers import Layer, joined, overlay
from linter.config.settling import rooted, settle
from linter.config.values import PackEntry, SuppressionPolicy
from linter.discovery.declarations import StateEntry
from linter.errors import ConfigurationError
from linter.globs import Globs
from linter.repository import MemoryTree, WorkTree

MAIN = ".gitops-lint.yaml"


def load(files, directory="."):
    return load_config(MemoryTree({path: textwrap.dedent(text) for path, text in files.items()}), directory)


def refused(files, directory="."):
    with pytest.raises(ConfigurationError) as raised:
        load(files, directory)
    return str(raised.value)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that is installed, and that must not be imported."""
    folder = tmp_path / "site" / "acme_policies"
    (folder / "strict").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise SystemExit('imported')")
    (folder / "base.yaml").write_text("exclude: [vendor]\nignores:\n- {rules: [probes], paths: [legacy]}\n")
    (folder / "strict" / "rules.yaml").write_text("extends: ../base.yaml\nselect: [ALL]\n")
    (tmp_path / "site" / "lonely.py").write_text("")
    (tmp_path / "site" / "outside.yaml").write_text("exclude: [docs]\n")
    (folder / "link.yaml").symlink_to(tmp_path / "site" / "outside.yaml")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return folder


class TestMerging:
    PARENT = """\
        targets: {kubernetes: "1.30", istio: "1.27"}
        packs: {rbac: "1.2", acme: {path: acme}, dns: "0.3"}
        select: [ALL]
        extend-select: [dns]
        ignore: [labels]
        rules:
          labels/recommended-missing: {severity: error, params: {labels: [team], values: {a: 1}}}
          rbac/wildcard: {severity: info}
        suppressions: {require-reason: true, max-days: 30}
        exclude: [vendor]
        root: true
        states: {prod: [clusters/**], dev: [dev]}
        environments:
          prod:
            charts/*: {values: [a.yaml], namespace: shop}
            "**": {cluster: eu-1}
        nodes: [nodes.yaml]
        """
    CHILD = """\
        extends: policy/base.yaml
        targets: {kubernetes: "1.34"}
        packs: {acme: "1", dns: }
        select: [probes]
        extend-select: [istio]
        rules:
          labels/recommended-missing: {params: {values: {b: 2}}}
        suppressions: {allow: [comment]}
        states: {prod: [live]}
        environments:
          prod:
            charts/shop: {release: shop}
            policy/charts/*: {values: [b.yaml]}
        """
    CONFIG = load({MAIN: CHILD, "policy/base.yaml": PARENT})

    def test_mappings_merge_key_by_key(self):
        assert self.CONFIG.targets == {"kubernetes": "1.34", "istio": "1.27"}
        assert self.CONFIG.suppressions == SuppressionPolicy(frozenset({"comment"}), True, 30)
        assert self.CONFIG.rules["rbac/wildcard"] == {"severity": "info"}

    def test_a_parameter_is_replaced_and_not_merged(self):
        assert self.CONFIG.rules["labels/recommended-missing"] == {
            "severity": "error",
            "params": {"labels": ["team"], "values": {"b": 2}},
        }

    def test_a_pack_keeps_its_path_when_its_version_changes(self):
        assert self.CONFIG.packs == {
            "rbac": PackEntry("1.2"),
            "acme": PackEntry("1", "policy/acme"),
            "dns": PackEntry(None),
        }

    def test_lists_replace_and_extend_lists_append_parent_first(self):
        assert self.CONFIG.select == ("probes",)
        assert self.CONFIG.ignore == ("labels",)
        assert self.CONFIG.extend_select == ("dns", "istio")

    def test_the_lists_inside_a_mapping_replace_and_come_first(self):
        assert self.CONFIG.states == (StateEntry("prod", 0, "live"), StateEntry("dev", 0, "policy/dev"))

    def test_charts_merge_by_the_place_they_mean(self):
        by_glob = {entry.glob: entry for entry in self.CONFIG.environments["prod"]}
        assert list(by_glob) == ["charts/shop", "policy/charts/*", "policy/**"]
        assert (by_glob["policy/charts/*"].values, by_glob["policy/charts/*"].namespace) == (("b.yaml",), "shop")

    def test_globs_start_where_they_are_written(self):
        assert self.CONFIG.exclude == Globs(["policy/vendor"])

    def test_root_counts_in_the_file_itself_only(self):
        assert self.CONFIG.root is False
        assert self.CONFIG.path == MAIN

    @pytest.mark.parametrize(
        ("route", "place"),
        [
            ((), ".gitops-lint.yaml:1"),
            (("targets", "kubernetes"), ".gitops-lint.yaml:2"),
            (("targets", "istio"), "policy/base.yaml:1"),
            (("packs", "rbac"), "policy/base.yaml:2"),
            (("packs", "acme", "path"), "policy/base.yaml:2"),
            (("packs", "acme", "version"), ".gitops-lint.yaml:3"),
            (("extend-select", 0), "policy/base.yaml:4"),
            (("extend-select", 1), ".gitops-lint.yaml:5"),
            (("ignore", 0), "policy/base.yaml:5"),
            (("rules", "labels/recommended-missing", "severity"), "policy/base.yaml:7"),
            (("rules", "labels/recommended-missing", "params", "labels", 0), "policy/base.yaml:7"),
            (("rules", "labels/recommended-missing", "params", "values"), ".gitops-lint.yaml:7"),
            (("rules", "labels/recommended-missing", "params", "values", "b"), ".gitops-lint.yaml:7"),
            (("rules", "rbac/wildcard", "params"), "policy/base.yaml:8"),
            (("suppressions", "allow"), ".gitops-lint.yaml:8"),
            (("suppressions", "max-days"), "policy/base.yaml:9"),
            (("states", "dev", 0), "policy/base.yaml:12"),
            (("states", "prod", 0), ".gitops-lint.yaml:9"),
            (("environments", "prod", "policy/charts/*", "values", 0), ".gitops-lint.yaml:13"),
            (("environments", "prod", "policy/charts/*", "namespace"), "policy/base.yaml:15"),
            (("environments", "prod", "policy/**", "cluster"), "policy/base.yaml:16"),
            (("nodes",), "policy/base.yaml:17"),
        ],
    )
    def test_where_each_setting_is_written(self, route, place):
        assert self.CONFIG.place(route) == place

    def test_notes_name_the_file(self):
        [note] = self.CONFIG.notes
        assert note == "policy/base.yaml:17: `nodes` is checked and kept, but nothing in this version uses it yet"

    def test_locate_gives_the_range_of_the_value(self):
        assert self.CONFIG.locate(("rules", "rbac/wildcard", "severity")) == ("policy/base.yaml", (8, 29, 8, 33))
        assert Config().locate(("rules",)) is None


class TestLists:
    FILES = {  # noqa: RUF012
        "teams/shop/.gitops-lint.yaml": """\
            extends: [../../base.yaml, ../common.yaml]
            extend-ignores:
              - {rules: [c], paths: [own]}
            extend-exclude: [x]
            extend-opaque: [THREE]
            extend-per-path:
              - {paths: [sandbox], ignore: [probes]}
            """,
        "base.yaml": """\
            ignores: [{rules: [a]}]
            extend-ignores:
              - {failures: [encoding], paths: [/root]}
            exclude: [one]
            extend-opaque: [ONE]
            extend-externals: [{kind: Namespace}]
            """,
        "teams/common.yaml": """\
            exclude: [two]
            extend-exclude: [three]
            opaque: [TWO]
            """,
    }
    CONFIG = load(FILES, "teams/shop/deep")

    def test_further_entries_stand_at_the_end(self):
        assert [(entry.index, entry.rules, entry.failures) for entry in self.CONFIG.ignores] == [
            (0, ("a",), ()),
            (1, (), ("encoding",)),
            (2, ("c",), ()),
        ]
        assert [entry.paths.patterns for entry in self.CONFIG.ignores] == [(), ("/root",), ("teams/shop/own",)]
        assert self.CONFIG.exclude == Globs(["teams/two", "teams/three", "teams/shop/x"])
        assert [entry.kind for entry in self.CONFIG.externals] == ["Namespace"]
        assert [entry.paths.patterns for entry in self.CONFIG.per_path] == [("teams/shop/sandbox",)]

    def test_where_they_stand(self):
        place = "teams/shop/.gitops-lint.yaml"
        assert self.CONFIG.where(("ignores", 0, "rules", 0)) == ("base.yaml", 1)
        assert self.CONFIG.where(("ignores", 1, "failures", 0)) == ("base.yaml", 3)
        assert self.CONFIG.where(("ignores", 2)) == (place, 3)
        assert self.CONFIG.where(("exclude", 0)) == ("teams/common.yaml", 1)
        assert self.CONFIG.where(("exclude", 1)) == ("teams/common.yaml", 2)
        assert self.CONFIG.where(("exclude", 2)) == (place, 4)
        assert self.CONFIG.where(("per-path", 0, "ignore", 0)) == (place, 7)
        assert self.CONFIG.where(("per-path",)) == (place, 6)
        assert self.CONFIG.where(("externals",)) == ("base.yaml", 6)

    def test_the_later_of_several_files_wins(self):
        assert [bool(self.CONFIG.opaque.search(text)) for text in ("ONE", "TWO", "THREE", "${VAR}")] == [True, True, True, False]


class TestChains:
    def test_a_chain(self):
        config = load({
            MAIN: "extends: a/1.yaml\n",
            "a/1.yaml": "extends: ../b/2.yaml\nexclude: [x]\n",
            "b/2.yaml": "extends: /3.yaml\nselect: [ALL]\nexclude: [z]\n",
            "3.yaml": "ignore: [dns]\n",
        })  # fmt: skip
        assert (config.exclude, config.select, config.ignore) == (Globs(["a/x"]), ("ALL",), ("dns",))
        assert config.where(("select", 0)) == ("b/2.yaml", 2)

    def test_a_file_that_two_others_extend(self):
        config = load({
            MAIN: "extends: [a.yaml, b.yaml]\n",
            "a.yaml": "extends: base.yaml\nextend-ignore: [a]\n",
            "b.yaml": "extends: base.yaml\nextend-ignore: [b]\n",
            "base.yaml": "extend-ignore: [base]\n",
        })  # fmt: skip
        assert config.extend_ignore == ("base", "a", "b")
        assert [config.where(("extend-ignore", index))[0] for index in range(3)] == ["base.yaml", "a.yaml", "b.yaml"]

    def test_files_that_extend_each_other_crosswise_do_not_multiply(self):
        files = {MAIN: "extends: [a0.yaml, b0.yaml, c0.yaml]\n"}
        for level in range(8):
            above = ", ".join(f"{name}{level + 1}.yaml" for name in "abc")
            files |= {f"{name}{level}.yaml": f"extends: [{above}]\nextend-exclude: [{name}{level}]\n" for name in "abc"}
        files |= {f"{name}8.yaml": f"extend-exclude: [{name}8]\n" for name in "abc"}
        assert sorted(load(files).exclude.patterns) == sorted(f"{name}{level}" for name in "abc" for level in range(9))

    @pytest.mark.parametrize(
        ("files", "message"),
        [
            ({MAIN: "extends: .gitops-lint.yaml"}, f"{MAIN}:1: `.gitops-lint.yaml` cannot be extended: that is a circle, {MAIN} -> {MAIN}"),
            (
                {MAIN: "extends: a.yaml", "a.yaml": "\nextends: [b.yaml]", "b.yaml": "extends: ./a.yaml"},
                "b.yaml:1: `./a.yaml` cannot be extended: that is a circle, a.yaml -> b.yaml -> a.yaml",
            ),
            (
                {MAIN: "exclude: []\nextends: base.yaml"},
                f"{MAIN}:2: `base.yaml` cannot be extended: there is no file base.yaml",
            ),
            (
                {MAIN: "extends:\n- ../x.yaml\n- policy/none.yaml\n- https://example.com/x.yaml"},
                (
                    f"{MAIN}:2: `../x.yaml` cannot be extended: it leads out of the repository\n"
                    f"{MAIN}:3: `policy/none.yaml` cannot be extended: there is no file policy/none.yaml\n"
                    f"{MAIN}:4: `https://example.com/x.yaml` cannot be extended: nothing is fetched: "
                    "name a file of this repository, or `package:file`"
                ),
            ),
            ({MAIN: "extends: a.yaml", "a.yaml": "\nexclud: []"}, "a.yaml:2: `exclud` is no key (did you mean `exclude`?)"),
            ({MAIN: "extends: a.yaml", "a.yaml": "exclude: ["}, "a.yaml:1: not valid YAML"),
            ({MAIN: "extends: []"}, f"{MAIN}:1: `extends` must be a path such as ../base.yaml, `package:file`, or a list of "),
            ({MAIN: "extends: {a: b}"}, f"{MAIN}:1: `extends` must be a path such as ../base.yaml, `package:file`, or a list of "),
            (
                {MAIN: "extends: nowhere_at_all:x.yaml"},
                f"{MAIN}:1: `nowhere_at_all:x.yaml` cannot be extended: no package `nowhere_at_all` is installed for this Python",
            ),
        ],
    )  # fmt: skip
    def test_what_cannot_be_extended(self, files, message):
        assert refused(files).startswith(message)

    def test_depth(self):
        files = {f"{number}.yaml": f"extends: {number + 1}.yaml" for number in range(MAX_DEPTH + 1)}
        files |= {MAIN: "extends: 3.yaml", f"{MAX_DEPTH}.yaml": "exclude: [x]"}
        assert load(files).exclude == Globs(["x"])
        assert refused({**files, MAIN: "extends: 1.yaml"}).endswith("`10.yaml` cannot be extended: a chain of files may be 10 long")

    def test_number_of_files(self):
        files = {MAIN: f"extends: [{', '.join(f'{number}.yaml' for number in range(120))}]"}
        files |= {f"{number}.yaml": f"extend-exclude: ['{number}']" for number in range(120)}
        lines = refused(files).splitlines()
        assert len(lines) == 20
        assert lines[0].endswith("`100.yaml` cannot be extended: a configuration may extend 100 files in all")

    def test_contradictions_between_files(self):
        files = {MAIN: "extends: a.yaml\nenvironments: {prod: {}}\n", "a.yaml": "states:\n  x: [{path: a, environment: dev}]\n"}
        assert refused(files) == "a.yaml:2: there is no environment `dev`: `environments` declares `prod`"
        assert load({**files, MAIN: "extends: a.yaml\nenvironments: {dev: {}}\n"}).states[0].environment == "dev"

    def test_paths_are_relative_to_their_file(self):
        config = load({
            "apps/.gitops-lint.yaml": "extends: ../policy/base.yaml\nnodes: nodes.yaml\n",
            "policy/base.yaml": "baseline: old.json\nrepositories: {'https://example.com/x': ../vendor}\ncrds: [crds]\n",
        }, "apps")  # fmt: skip
        assert (config.baseline, config.repositories) == ("policy/old.json", {"https://example.com/x": "vendor"})
        assert (config.nodes, config.crds) == (("apps/nodes.yaml",), Globs(["policy/crds"]))

    @pytest.mark.parametrize(
        ("base", "path", "expected"),
        [
            (".", "a", "a"), ("", "./a/", "a"), ("x", "a", "x/a"), ("x/y", "../a", "x/a"), ("x", "/a", "a"), ("x", "/", "."),
            ("x", "..", "."), ("x", "../..", ".."), (".", "../a", "../a"), ("x", "/../a", "../a"),
        ],
    )  # fmt: skip
    def test_rooted(self, base, path, expected):
        assert rooted(base, path) == expected


class TestPackages:
    def test_a_file_of_an_installed_package(self, package):
        config = load({"apps/.gitops-lint.yaml": "extends: acme_policies:strict/rules.yaml\nexclude: [own]\n"}, "apps")
        assert (config.select, config.exclude) == (("ALL",), Globs(["apps/own"]))
        assert config.ignores[0].paths == Globs(["legacy"])
        assert config.place(("ignores", 0)) == "acme_policies:base.yaml:3"
        assert not config.is_local(("ignores", 0))
        assert config.is_local(("exclude", 0))
        assert "acme_policies" not in sys.modules

    def test_a_folder_inside_the_package(self, package):
        message = refused({MAIN: "extends: acme_policies.strict:rules.yaml"})
        assert message == (
            "acme_policies.strict:rules.yaml:1: `../base.yaml` cannot be extended: it leads out of the package acme_policies.strict"
        )
        (package / "strict" / "rules.yaml").write_text("select: [ALL]\n")
        assert load({MAIN: "extends: acme_policies.strict:rules.yaml"}).select == ("ALL",)

    @pytest.mark.parametrize(
        ("reference", "message"),
        [
            ("acme_policies:../outside.yaml", "it leads out of the package acme_policies"),
            ("acme_policies:link.yaml", "it leads out of the package acme_policies"),
            ("acme_policies:none.yaml", "there is no file acme_policies:none.yaml"),
            ("acme_policies:strict", "there is no file acme_policies:strict"),
            ("acme_policies.none:base.yaml", "`acme_policies.none` is no package with a folder of files"),
            ("lonely:base.yaml", "`lonely` is no package with a folder of files"),
            ("__main__:base.yaml", "no package `__main__` is installed for this Python (the name is the one under which it is imported)"),
        ],
    )
    def test_what_is_not_found(self, package, reference, message):
        assert refused({MAIN: f"extends: {reference}"}) == f"{MAIN}:1: `{reference}` cannot be extended: {message}"


class TestOnDisk:
    def test_links_do_not_lead_out(self, tmp_path):
        (tmp_path / "secret.yaml").write_text("exclude: [x]")
        repository = tmp_path / "repo"
        repository.mkdir()
        (repository / "base.yaml").symlink_to("../secret.yaml")
        (repository / MAIN).write_text("extends: base.yaml")
        with pytest.raises(ConfigurationError, match=r"^\.gitops-lint\.yaml:1: `base\.yaml` cannot be extended: it leads out of the rep"):
            load_config(WorkTree(str(repository)))

    def test_an_explicit_file_outside_extends_files_beside_it(self, tmp_path, monkeypatch):
        (tmp_path / "repo").mkdir()
        (tmp_path / "ci").mkdir()
        (tmp_path / "ci/lint.yaml").write_text("extends: [base.yaml, ../shared.yaml]\nexclude: [x]\n")
        (tmp_path / "ci/base.yaml").write_text("select: [ALL]\nextends: lint.yaml\n")
        (tmp_path / "shared.yaml").write_text("ignore: [dns]\n")
        monkeypatch.chdir(tmp_path / "repo")
        with pytest.raises(ConfigurationError, match=r"^\.\./ci/base\.yaml:2: `lint\.yaml` .* circle, \.\./ci/lint\.yaml -> \.\./ci/base"):
            load_config(WorkTree("."), ".", "../ci/lint.yaml")
        (tmp_path / "ci/base.yaml").write_text("select: [ALL]\nexclude: [z]\n")
        config = load_config(WorkTree("."), ".", "../ci/lint.yaml")
        assert (config.exclude, config.select, config.ignore) == (Globs(["x"]), ("ALL",), ("dns",))
        assert config.place(("select",)) == "../ci/base.yaml:1"
        os.remove(tmp_path / "shared.yaml")
        with pytest.raises(ConfigurationError, match=r"^\.\./ci/lint\.yaml:1: `\.\./shared\.yaml` .*: there is no file \.\./shared\.yaml$"):
            load_config(WorkTree("."), ".", "../ci/lint.yaml")

    def test_an_explicit_file_inside_stays_inside(self, tmp_path, monkeypatch):
        (tmp_path / "repo/ci").mkdir(parents=True)
        (tmp_path / "out.yaml").write_text("exclude: [x]")
        (tmp_path / "repo/base.yaml").write_text("exclude: [x]")
        (tmp_path / "repo/ci/lint.yaml").write_text("extends: ../base.yaml")
        monkeypatch.chdir(tmp_path)
        tree = WorkTree("repo")
        assert load_config(tree, ".", "repo/ci/lint.yaml").exclude == Globs(["x"])
        (tmp_path / "repo/ci/lint.yaml").write_text("extends: ../../out.yaml")
        with pytest.raises(ConfigurationError, match=r"^ci/lint\.yaml:1: .* it leads out of the repository$"):
            load_config(tree, ".", "repo/ci/lint.yaml")

    def test_with_a_revision_the_files_come_from_it(self, tmp_path, run):
        import git

        repository = git.Repo.init(str(tmp_path))
        (tmp_path / MAIN).write_text("extends: policy/base.yaml\n")
        (tmp_path / "policy").mkdir()
        (tmp_path / "policy/base.yaml").write_text("select: [labels/value-not-a-string]\n")
        (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {on: yes}}\n")
        repository.git.add("--all")
        repository.git.execute(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-m", "one"])
        (tmp_path / "policy/base.yaml").write_text("select: [suppression]\n")
        assert run("lint", cwd=tmp_path).returncode == 0
        assert run("lint", "--rev", "HEAD", cwd=tmp_path).returncode == 1
        os.remove(tmp_path / "policy/base.yaml")
        assert "there is no file policy/base.yaml" in run("lint", cwd=tmp_path).stderr
        assert run("lint", "--staged", cwd=tmp_path).returncode == 1

    def test_the_program_says_in_which_file_a_rule_is_unknown(self, tmp_path, run):
        (tmp_path / MAIN).write_text("root: true\nextends: policy/base.yaml\n")
        (tmp_path / "policy").mkdir()
        (tmp_path / "policy/base.yaml").write_text("rules:\n  probes/livenes-missing: {severity: error}\n")
        (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
        done = run("lint", cwd=tmp_path)
        assert done.returncode == 2
        assert "policy/base.yaml:2: " in done.stderr
        assert "did you mean `probes/liveness-missing`?" in done.stderr


NAMES = st.sampled_from(["a/x", "b/y", "c/z"])
RULES = st.dictionaries(
    NAMES,
    st.fixed_dictionaries({}, optional={"severity": st.sampled_from(["error", "info"]), "params": st.dictionaries(NAMES, st.integers())}),
)
WORDS = st.lists(st.sampled_from(["ALL", "dns", "rbac"]), max_size=3)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "rules": RULES,
        "select": WORDS,
        "extend-select": WORDS,
        "exclude": WORDS,
        "extend-exclude": WORDS,
        "targets": st.dictionaries(st.sampled_from(["istio", "kubernetes"]), st.sampled_from(["1.1", "1.2"])),
    },
)


def _routes(value, route=()):
    yield route, value
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _routes(part, (*route, key))


def _dig(value, route):
    for step in route:
        value = value[step]
    return value


@given(st.lists(FILES, min_size=1, max_size=4))
def test_every_scalar_comes_from_where_it_is_said_to_come_from(values):
    """Whatever is merged: the file and route named for a setting hold that very setting."""
    settings = [settle(Layer(f"{number}.yaml", ".", "", value)) for number, value in enumerate(values)]
    merged = settings[0]
    for child in settings[1:]:
        merged = overlay(merged, child)
    merged = joined(merged)
    for route, value in _routes(merged.value):
        if not isinstance(value, dict | list):
            layer, written = merged.origin(route)
            assert _dig(layer.value, written) == value
    for child in values:
        for name, rule in child.get("rules", {}).items():
            assert set(rule) <= set(merged.value["rules"][name])
    assert merged.value.get("targets", {}) == {key: value for child in values for key, value in child.get("targets", {}).items()}
    appended = [word for child in values for word in child.get("extend-select", ())]
    assert merged.value.get("extend-select", []) == appended
