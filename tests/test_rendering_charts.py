"""Charts as files in memory: what belongs to a chart, and what Helm would refuse."""

from __future__ import annotations

import os
import tarfile

import pytest
from charts_in_memory import chart_yaml, load, package

from linter.errors import InputError
from linter.rendering.helm.archives import Budget, read_archive
from linter.rendering.helm.charts import load_chart
from linter.rendering.helm.ignore_rules import IgnoreRules
from linter.repository import WorkTree


def refused(files, path="shop"):
    with pytest.raises(InputError) as caught:
        load(files, path)
    failure = caught.value.failure
    assert failure.fix
    return failure.id, failure.path, failure.line, failure.message


def test_a_chart_knows_its_files_metadata_values_and_lock():
    chart = load(
        {
            "shop/Chart.yaml": chart_yaml(more="type: application\n"),
            "shop/Chart.lock": "dependencies: []\ndigest: sha256:0\n",
            "shop/values.yaml": "a: 1\n---\nb: 2\n",
            "shop/templates/web.yaml": "a: {{ .Values.a }}\n",
            "shop/crds/thing.yaml": "kind: CustomResourceDefinition\n",
            "shop/crds/README.md": "# things\n",
            "shopping/Chart.yaml": chart_yaml("other"),
        }
    )
    assert (chart.name, chart.version, chart.is_library) == ("shop", "1.0.0", False)
    assert chart.values == {"a": 1, "b": 2}
    assert chart.lock == {"dependencies": [], "digest": "sha256:0"}
    assert chart.templates() == {"shop/templates/web.yaml": "a: {{ .Values.a }}\n"}
    assert chart.crds() == ["crds/thing.yaml"]
    facts = chart.facts()
    assert (facts.path, facts.metadata["name"], facts.values, facts.vendored) == ("shop", "shop", {"a": 1, "b": 2}, {})


def test_the_repository_itself_can_be_a_chart():
    chart = load({"Chart.yaml": chart_yaml(), "templates/a.yaml": "a: 1\n", "docs/x.md": ""}, ".")
    assert chart.path == "."
    assert list(chart.templates()) == ["templates/a.yaml"]


def test_files_that_no_template_reads_are_left_alone():
    quiet = {"shop/Chart.yaml": chart_yaml(), "shop/templates/a.yaml": "a: 1\n", "shop/files/big.bin": "x"}
    assert "files/big.bin" not in load(quiet).files
    assert "files/big.bin" in load({**quiet, "shop/templates/b.yaml": '{{ .Files.Get "files/big.bin" }}'}).files
    assert "files/big.bin" in load({**quiet, "shop/templates/b.yaml": "{{ tpl .Values.text . }}"}).files


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("apiVersion: v2\nversion: 1.0.0\n", None, "no name"),
        ("apiVersion: v2\nname: shop\n", None, "no version"),
        ("apiVersion: v2\nname: a/b\nversion: 1.0.0\n", 2, "`a/b`"),
        ("apiVersion: v2\nname: shop\nversion: latest\n", 3, "`latest`"),
        ("apiVersion: v2\nname: shop\nversion: 1.0.0\ntype: plugin\n", 4, "`plugin`"),
        ("name: shop\nversion: [1\n", 2, ""),
        ("- name: shop\n", 1, "no mapping"),
        ("", None, "no name"),
        ("name: s\nversion: 1.0.0\ndependencies:\n  - name: a\n  -\n", 5, "empty"),
        ("name: s\nversion: 1.0.0\ndependencies:\n  - name: a\n  - {name: b, alias: a}\n", 5, "`a`"),
        ("name: s\nversion: 1.0.0\ndependencies:\n  - name: a\n    alias: a.b\n", 4, "`a.b`"),
    ],
)
def test_a_chart_yaml_that_helm_refuses(text, line, words):
    failure, path, found, message = refused({"shop/Chart.yaml": text})
    assert (failure, path) == ("helm-chart-invalid", "shop/Chart.yaml")
    assert words in message
    assert found == line


def test_numbers_in_chart_yaml_are_read_as_text():
    assert load({"shop/Chart.yaml": "name: 12\nversion: 1.20\n"}).version == "1.2"


def test_values_that_are_no_mapping():
    chart = {"shop/Chart.yaml": chart_yaml()}
    assert refused({**chart, "shop/values.yaml": "- a\n"})[:3] == ("helm-values-invalid", "shop/values.yaml", 1)
    failure, path, line, _ = refused({**chart, "shop/values.yaml": "a: 1\nb: [\n"})
    assert (failure, path) == ("yaml-syntax", "shop/values.yaml")
    assert line is not None
    assert load({**chart, "shop/values.yaml": "# nothing\n"}).values == {}


def test_helmignore_follows_helm_and_not_git():
    rules = IgnoreRules("\ufeff# comment\n*.bak\n/only-here\ndocs/\nci/*.yaml\n[a-c]?.txt\n")
    kept = ["a.yaml", "sub/only-here", "sub/ci/x.yaml", "dd.txt", "docs.md"]
    left_out = ["x.bak", "sub/x.bak", "only-here/x", "docs/a", "sub/docs/b/c", "ci/x.yaml", "bb.txt", "templates/.hidden.yaml"]
    assert rules.keep([*kept, *left_out]) == kept
    # A negated rule leaves out what it does not match.
    assert IgnoreRules("!*.yaml").keep(["a.yaml", "b.txt"]) == ["a.yaml"]


@pytest.mark.parametrize("pattern", ["**/x", "a[", "[]", "x\\"])
def test_a_helmignore_pattern_that_helm_refuses(pattern):
    files = {"shop/Chart.yaml": chart_yaml(), "shop/.helmignore": f"# first\n{pattern}\n"}
    assert refused(files)[:3] == ("helm-chart-invalid", "shop/.helmignore", 2)


def test_subcharts_stand_in_directories_and_packages():
    chart = load(
        {
            "shop/Chart.yaml": chart_yaml(),
            "shop/charts/web/Chart.yaml": chart_yaml("web", "0.1.0"),
            "shop/charts/web/templates/a.yaml": "a: 1\n",
            "shop/charts/redis-18.1.0.tgz": package(
                {
                    "Chart.yaml": chart_yaml("redis", "18.1.0"),
                    "templates/b.yaml": "b: 1\n",
                    "charts/common/Chart.yaml": chart_yaml("common"),
                }
            ),
            "shop/charts/redis-18.1.0.tgz.prov": "signature",
            "shop/charts/_draft/notes.txt": "x",
            "shop/charts/.cache/x": "x",
        }
    )
    assert {part.name: part.path for part in chart.tree()} == {
        "shop": "shop",
        "web": "shop/charts/web",
        "redis": "shop/charts/redis-18.1.0.tgz!redis",
        "common": "shop/charts/redis-18.1.0.tgz!redis/charts/common",
    }
    assert chart.facts().vendored == {"web": "0.1.0", "redis": "18.1.0"}
    assert sorted(chart.templates()) == ["shop/charts/redis-18.1.0.tgz!redis/templates/b.yaml", "shop/charts/web/templates/a.yaml"]


@pytest.mark.parametrize("name", ["README.md", "redis/README.md"])
def test_anything_else_in_charts_is_refused_as_helm_does(name):
    failure, path, _, message = refused({"shop/Chart.yaml": chart_yaml(), f"shop/charts/{name}": "x"})
    assert failure == "helm-chart-invalid"
    assert path.startswith("shop/charts/")
    assert "not a chart" in message


def sparse():
    member = tarfile.TarInfo()
    member.size = 10**12
    return member


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not an archive", "not a gzipped tar archive"),
        (package({"Chart.yaml": chart_yaml("redis")})[:60], "not a gzipped tar archive"),
        (package({"Chart.yaml": chart_yaml("redis"), "=redis/../../etc/passwd": "x"}), "outside of the chart's directory"),
        (package({"=Chart.yaml": chart_yaml("redis")}), "not in a directory"),
        (package({"=redis\\..\\..\\x": "x"}), "outside of the chart's directory"),
        (package({"=redis/c:/x": "x"}), "outside of the chart's directory"),
        (package({"=redis//etc/passwd": "x"}), "outside of the chart's directory"),
        (package({}), "holds no files"),
    ],
    # Archives hold the time they were made at, so names made of their bytes would differ between test processes.
    ids=["text", "cut", "parent", "no-directory", "backslashes", "drive", "absolute", "empty"],
)
def test_a_package_that_cannot_be_trusted(data, words):
    failure, path, _, message = refused({"shop/Chart.yaml": chart_yaml(), "shop/charts/redis-1.tgz": data})
    assert (failure, path) == ("helm-archive-invalid", "shop/charts/redis-1.tgz")
    assert words in message


def test_links_in_a_package_are_left_out():
    link = tarfile.TarInfo()
    link.type = tarfile.SYMTYPE
    link.linkname = "/etc/passwd"
    assert list(read_archive(package({"Chart.yaml": "x", "templates/a.yaml": link}), "a.tgz", Budget())[1]) == ["Chart.yaml"]


@pytest.mark.parametrize("members", [{"Chart.yaml": "x", "a": " " * 5_000_000}, {"Chart.yaml": "x", "a": sparse()}])
def test_a_package_that_unpacks_to_too_much(members):
    with pytest.raises(InputError) as caught:
        read_archive(package(members), "a.tgz", Budget(1_000_000))
    assert caught.value.failure.id == "helm-chart-too-large"


def test_symbolic_links_lead_to_the_real_files(tmp_path):
    shop = tmp_path / "shop"
    (shop / "charts").mkdir(parents=True)
    (shop / "templates").mkdir()
    (tmp_path / "libs" / "common" / "templates").mkdir(parents=True)
    (shop / "Chart.yaml").write_text(chart_yaml())
    (tmp_path / "libs" / "common" / "Chart.yaml").write_text(chart_yaml("common"))
    (tmp_path / "libs" / "common" / "templates" / "a.yaml").write_text("a: 1\n")
    os.symlink("../../libs/common", shop / "charts" / "common")
    os.symlink("../../libs/common/templates/a.yaml", shop / "templates" / "b.yaml")
    tree = WorkTree(str(tmp_path))
    files = tree.files()
    chart = load_chart("shop", files, tree.read, {**tree.links, **tree.directory_links})
    assert chart.subcharts[0].path == "libs/common"
    assert sorted(chart.templates()) == ["libs/common/templates/a.yaml"]
    assert chart.origin("templates/b.yaml") == "libs/common/templates/a.yaml"


def test_a_symbolic_link_out_of_the_repository_is_not_followed(tmp_path):
    root = tmp_path / "repository"
    (root / "templates").mkdir(parents=True)
    (tmp_path / "secret").write_text("x")
    (root / "Chart.yaml").write_text(chart_yaml())
    os.symlink(tmp_path / "secret", root / "templates" / "a.yaml")
    tree = WorkTree(str(root))
    with pytest.raises(InputError) as caught:
        load_chart(".", tree.files(), tree.read)
    assert (caught.value.failure.id, caught.value.failure.path) == ("symlink-escape", "templates/a.yaml")
