"""ApplicationSets without Go templates: generators, fasttemplate, names. Expectations were compared with Argo CD's own code."""

from __future__ import annotations

from typing import Any, ClassVar

import hypothesis
import hypothesis.strategies as st
import pytest
from applicationsets import HERE, Repository, application_set, elements, names, problem, rows, unnamed
from example_counts import examples

from linter.argocd.applicationsets import ClusterFacts, TemplateError, expand
from linter.argocd.applicationsets.parameters import filled, flattened, normalised, printed
from linter.argocd.applicationsets.patterns import directory_pattern, doublestar, pathspec
from linter.argocd.applicationsets.templating import fast

FILES = {
    "apps/api/values.yaml": "",
    "apps/web/deploy/values.yaml": "",
    "apps/.hidden/x.yaml": "",
    ".github/workflows/ci.yaml": "",
    "apps-old/web/values.yaml": "",
    "readme.md": "",
}


def git(**options: Any) -> dict[str, Any]:
    return {"git": {"repoURL": HERE, "revision": "HEAD", **options}}


def directories(*patterns: str, exclude: tuple[str, ...] = ()) -> dict[str, Any]:
    return git(directories=[{"path": path} for path in patterns] + [{"path": path, "exclude": True} for path in exclude])


class TestListGenerator:
    def test_elements_become_applications(self) -> None:
        made = unnamed(elements({"env": "dev"}, {"env": "prod"}), name="shop-{{env}}", path="envs/{{ env }}")
        assert [application.body for application in made.applications] == [
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": {"name": f"shop-{env}", "finalizers": ["resources-finalizer.argocd.argoproj.io"], "namespace": "argocd"},
                "spec": {"project": "shop", "source": {"repoURL": HERE, "path": f"envs/{env}"}},
            }
            for env in ("dev", "prod")
        ]
        assert rows(made) == [{"env": "dev"}, {"env": "prod"}]

    def test_values_are_one_level_down(self) -> None:
        assert names(unnamed(elements({"values": {"zone": "a"}}), name="x-{{values.zone}}")) == ["x-a"]

    @pytest.mark.parametrize(
        ("element", "route"),
        [({"n": 3}, ("n",)), ({"on": True}, ("on",)), ({"values": {"n": 3}}, ("values", "n")), ({"values": "x"}, ("values",))],
    )
    def test_parameters_that_are_no_text_need_go_templates(self, element: Any, route: tuple[str, ...]) -> None:
        assert problem(unnamed(elements({"a": "b"}, element)))[:2] == (
            "applicationset-generator-invalid",
            ("spec", "generators", 0, "list", "elements", 1, *route),
        )

    def test_an_empty_element_leaves_the_template_as_it_is(self) -> None:
        (made,) = unnamed(elements({}), name="x-{{env}}").applications
        assert made.body["metadata"] == {"name": "x-{{env}}", "namespace": "argocd"}

    def test_elements_written_as_text(self) -> None:
        written = {"list": {"elements": [{"a": "1"}], "elementsYaml": "- a: '2'\n- {a: 3}\n"}}
        assert rows(unnamed(written, name="x-{{a}}")) == [{"a": "1"}, {"a": "2"}, {"a": 3}]

    @pytest.mark.parametrize("written", ["a: 1", "- 1", "[", "- [a]"])
    def test_text_that_is_no_list_of_mappings(self, written: str) -> None:
        assert problem(unnamed({"list": {"elementsYaml": written}}))[1][-1] == "elementsYaml"


class TestGitDirectories:
    def test_a_star_stays_within_a_segment_and_hidden_folders_are_left_out(self) -> None:
        made = unnamed(directories("*", "*/*"), context=Repository(FILES), name="{{path[0]}}-{{path.basename}}")
        assert [row["path"] for row in rows(made)] == ["apps", "apps/api", "apps/web", "apps-old", "apps-old/web"]

    def test_an_exclusion_beats_every_inclusion(self) -> None:
        made = unnamed(directories("apps/*", exclude=("*/web",)), context=Repository(FILES), name="{{path.basename}}")
        assert rows(made) == [
            {"path": "apps/api", "path.basename": "api", "path.basenameNormalized": "api", "path[0]": "apps", "path[1]": "api"}
        ]

    def test_prefix_and_values(self) -> None:
        generator = git(
            directories=[{"path": "apps/web"}], pathParamPrefix="app", values={"release": "{{app.path.basename}}-x", "other": "{{y}}"}
        )
        assert rows(unnamed(generator, context=Repository(FILES))) == [
            {
                "app.path": "apps/web",
                "app.path.basename": "web",
                "app.path.basenameNormalized": "web",
                "app.path[0]": "apps",
                "app.path[1]": "web",
                "values.release": "web-x",
                "values.other": "{{y}}",
            }
        ]

    def test_a_repository_that_is_mapped_to_a_folder(self) -> None:
        context = Repository({"vendor/apps/a/x": "", "apps/b/x": ""})
        generator = {"git": {"repoURL": "https://other", "directories": [{"path": "apps/*"}]}}
        assert [row["path"] for row in rows(unnamed(generator, context=context))] == ["apps/a"]

    def test_another_repository_is_not_known(self) -> None:
        made = unnamed({"git": {"repoURL": "https://elsewhere", "directories": [{"path": "*"}]}})
        assert problem(made)[:2] == ("applicationset-generator-remote", ("spec", "generators", 0, "git", "repoURL"))
        assert made.problems[0].kind == "unavailable"

    def test_a_malformed_pattern(self) -> None:
        made = unnamed(directories("apps/*", "apps/[a"), context=Repository(FILES), name="{{path.basename}}")
        assert problem(made)[:2] == ("applicationset-generator-invalid", ("spec", "generators", 0, "git", "directories", 1, "path"))


class TestGitFiles:
    CONFIGS: ClassVar = {
        "conf/b.yaml": "env: prod\nreplicas: 3\nbig: 1000000\nshare: 0.25\nup: true\nnone: null\nday: 2024-05-01\n"
        "nested: {list: [a, {b: c}]}\n",
        "conf/deep/a.json": '[{"env": "one"}, {"env": "two"}]',
        "conf/deep/empty.yml": "",
    }

    def files(self, *patterns: str, exclude: tuple[str, ...] = (), **options: Any) -> dict[str, Any]:
        return git(files=[{"path": path} for path in patterns] + [{"path": path, "exclude": True} for path in exclude], **options)

    def test_content_is_flattened_and_printed_as_go_prints_it(self) -> None:
        (row,) = rows(unnamed(self.files("conf/b.yaml"), context=Repository(self.CONFIGS)))
        assert row == {
            "env": "prod",
            "replicas": "3",
            "big": "1e+06",
            "share": "0.25",
            "up": "true",
            "none": "<nil>",
            "day": "2024-05-01",
            "nested.list.0": "a",
            "nested.list.1.b": "c",
            "path": "conf",
            "path.basename": "conf",
            "path.filename": "b.yaml",
            "path.basenameNormalized": "conf",
            "path.filenameNormalized": "b.yaml",
            "path[0]": "conf",
        }

    def test_a_list_makes_one_row_per_item_and_an_empty_file_one_row(self) -> None:
        made = unnamed(self.files("conf/deep/*"), context=Repository(self.CONFIGS), name="{{env}}-{{path.filenameNormalized}}")
        assert names(made) == ["one-a.json", "two-a.json", "{{env}}-empty.yml"]

    def test_a_star_crosses_directories_unless_the_controller_says_otherwise(self) -> None:
        context = Repository(self.CONFIGS)
        body = application_set(self.files("conf/*", exclude=("*.json",)), name="{{path.filename}}")
        assert names(expand(body, context)) == ["b.yaml", "empty.yml"]
        assert names(expand(body, context, new_globbing=True)) == ["b.yaml"]

    def test_a_file_that_cannot_be_used_is_named(self) -> None:
        made = unnamed(self.files("bad.yaml"), context=Repository({"bad.yaml": "a: 1\nb: [\n"}))
        assert problem(made)[1] == ("spec", "generators", 0, "git", "files")
        assert (made.problems[0].file, made.problems[0].line) == ("bad.yaml", 2)
        made = unnamed(self.files("bad.yaml"), context=Repository({"bad.yaml": "just text"}))
        assert "bad.yaml: it holds no mapping" in problem(made)[2]
        assert "must not be read" in problem(unnamed(self.files("bad.yaml"), context=Repository({"bad.yaml": "unreadable"})))[2]

    def test_a_file_at_the_root(self) -> None:
        (row,) = rows(unnamed(self.files("a.yaml"), context=Repository({"a.yaml": "x: y"})))
        assert (row["path"], row["path.basename"], row["path[0]"]) == (".", ".", ".")

    def test_neither_directories_nor_files(self) -> None:
        assert problem(unnamed(git()))[1] == ("spec", "generators", 0, "git")


class TestClusters:
    KNOWN = (
        ClusterFacts("EU_1", "https://eu", {"env": "prod"}, {"owner": "shop"}, "p"),
        ClusterFacts("test", "https://test", {"env": "test"}),
    )

    def test_the_local_cluster_comes_last(self) -> None:
        made = unnamed({"clusters": {"values": {"v": "{{name}}!"}}}, context=Repository(clusters=self.KNOWN), name="x-{{nameNormalized}}")
        assert names(made) == ["x-eu-1", "x-test", "x-in-cluster"]
        assert made.applications[0].row == {
            "name": "EU_1",
            "nameNormalized": "eu-1",
            "server": "https://eu",
            "project": "p",
            "metadata.annotations.owner": "shop",
            "metadata.labels.argocd.argoproj.io/secret-type": "cluster",
            "metadata.labels.env": "prod",
            "values.v": "EU_1!",
        }

    def test_a_selector_leaves_the_local_cluster_out(self) -> None:
        labels = {"argocd.argoproj.io/secret-type": "cluster", "env": "test"}
        made = unnamed({"clusters": {"selector": {"matchLabels": labels}}}, context=Repository(clusters=self.KNOWN), name="{{name}}")
        assert names(made) == ["test"]

    def test_a_declared_local_cluster_is_not_added_again(self) -> None:
        known = (ClusterFacts("main", "https://kubernetes.default.svc"),)
        assert names(unnamed({"clusters": {}}, context=Repository(clusters=known), name="{{name}}")) == ["main"]

    def test_nobody_declared_clusters(self) -> None:
        made = unnamed({"clusters": {}})
        assert problem(made)[:2] == ("applicationset-clusters", ("spec", "generators", 0, "clusters"))
        assert made.problems[0].kind == "unavailable"

    def test_a_malformed_selector(self) -> None:
        made = unnamed(
            {"clusters": {"selector": {"matchExpressions": [{"key": "a", "operator": "Near"}]}}}, context=Repository(clusters=())
        )
        assert problem(made)[1] == ("spec", "generators", 0, "clusters", "selector")


class TestMatrix:
    def test_every_row_with_every_row(self) -> None:
        matrix = {"matrix": {"generators": [elements({"a": "1"}, {"a": "2"}), elements({"b": "x-{{a}}"}, {"b": "y"})]}}
        assert names(unnamed(matrix, name="{{a}}{{b}}")) == ["1x-1", "1y", "2x-2", "2y"]

    def test_the_second_generator_may_look_where_the_first_says(self) -> None:
        files = git(files=[{"path": "{{path}}/config.yaml"}], values={"own": "{{path.filename}}", "first": "{{zone}}"})
        matrix = {"matrix": {"generators": [elements({"zone": "z", "where": "apps"}), files]}}
        files["git"]["files"][0]["path"] = "{{where}}/*.yaml"
        context = Repository({"apps/a/config.yaml": "k: v", "other/config.yaml": "k: w"})
        (row,) = rows(unnamed(matrix, context=context))
        assert (row["path"], row["values.own"], row["values.first"]) == ("apps/a", "config.yaml", "z")

    def test_a_key_with_two_values(self) -> None:
        same = {"matrix": {"generators": [elements({"a": "1"}), elements({"a": "1", "b": "2"})]}}
        assert rows(unnamed(same)) == [{"a": "1", "b": "2"}]
        differing = {"matrix": {"generators": [elements({"a": "1"}), elements({"a": "2"})]}}
        found, route, message = problem(unnamed(differing))
        assert (found, route) == ("applicationset-generator-invalid", ("spec", "generators", 0, "matrix", "generators"))
        assert "`a`" in message

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_two_generators_and_no_other_number(self, count: int) -> None:
        assert f"here are {count}" in problem(unnamed({"matrix": {"generators": [elements({"a": "1"})] * count}}))[2]

    def test_nested_once_but_not_twice(self) -> None:
        inner = {"matrix": {"generators": [elements({"a": "1"}), elements({"b": "2"})]}}
        outer = {"matrix": {"generators": [inner, elements({"c": "{{a}}{{b}}"})]}}
        assert rows(unnamed(outer)) == [{"a": "1", "b": "2", "c": "12"}]
        made = unnamed({"matrix": {"generators": [outer, elements({"d": "4"})]}})
        assert problem(made)[1] == (*("spec", "generators", 0, "matrix", "generators", 0, "matrix", "generators", 0, "matrix"),)

    def test_a_child_with_two_generators(self) -> None:
        child = {**elements({"a": "1"}), "clusters": {}}
        assert (
            "several generators" in problem(unnamed({"matrix": {"generators": [child, elements({})]}}, context=Repository(clusters=())))[2]
        )

    def test_what_a_child_cannot_know_the_matrix_cannot_know(self) -> None:
        made = unnamed({"matrix": {"generators": [elements({"a": "1"}), {"pullRequest": {"github": {}}}]}})
        assert problem(made)[:2] == ("applicationset-generator-remote", ("spec", "generators", 0, "matrix", "generators", 1, "pullRequest"))
        assert made.problems[0].kind == "unavailable"


class TestMerge:
    def test_rows_of_the_first_generator_are_overridden(self) -> None:
        merge = {
            "merge": {
                "mergeKeys": ["env"],
                "generators": [
                    elements({"env": "a", "size": "1"}, {"env": "b", "size": "1"}),
                    elements({"env": "b", "size": "9"}, {"env": "c"}),
                ],
            }
        }
        assert rows(unnamed(merge, name="{{env}}")) == [{"env": "a", "size": "1"}, {"env": "b", "size": "9"}]

    def test_keys_must_be_named_and_tell_rows_apart(self) -> None:
        two = [elements({"a": "1"}, {"a": "1"}), elements({"b": "1"})]
        assert "needs `mergeKeys`" in problem(unnamed({"merge": {"generators": two}}))[2]
        assert problem(unnamed({"merge": {"mergeKeys": ["a"], "generators": two}}))[1][-1] == 0
        assert "here are 1" in problem(unnamed({"merge": {"mergeKeys": ["a"], "generators": two[:1]}}))[2]


class TestSelectorsAndTemplates:
    def test_a_selector_filters_rows(self) -> None:
        generator = {**elements({"env": "https://a/b c"}, {"env": "x"}), "selector": {"matchLabels": {"env": "https://a/b c"}}}
        assert rows(unnamed(generator)) == [{"env": "https://a/b c"}]
        generator["selector"] = {
            "matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}, {"key": "env", "operator": "NotIn", "values": ["x"]}]
        }
        assert rows(unnamed(generator)) == [{"env": "https://a/b c"}]

    def test_a_template_of_its_own_wins_where_it_says_something(self) -> None:
        generator = elements({"a": "1"})
        generator["list"]["template"] = {"metadata": {"name": "own-{{a}}"}, "spec": {"project": "", "source": {"path": "elsewhere"}}}
        (made,) = unnamed(generator, elements({"a": "2"}), name="set-{{a}}").applications[:1]
        assert made.body["metadata"]["name"] == "own-1"
        assert made.body["spec"] == {"project": "shop", "source": {"repoURL": HERE, "path": "elsewhere"}}

    def test_what_counts_as_saying_nothing(self) -> None:
        own = {"a": False, "b": [], "c": {"d": 0, "valuesObject": {"x": 1}}, "e": [1]}
        base = {"a": True, "b": [2], "c": {"d": 4, "valuesObject": {"y": 2}}, "e": [2], "f": "g"}
        assert filled(own, base) == {"a": True, "b": [2], "c": {"d": 4, "valuesObject": {"x": 1}}, "e": [1], "f": "g"}

    def test_keys_are_rendered_and_null_entries_dropped(self) -> None:
        body = application_set(elements({"a": "k"}))
        body["spec"]["template"]["spec"]["source"]["helm"] = {"valuesObject": {"{{a}}": ["{{a}}", None, 1], "gone": None}}
        (made,) = expand(body, Repository()).applications
        assert made.body["spec"]["source"]["helm"] == {"valuesObject": {"k": ["k", None, 1]}}

    def test_the_finalizer(self) -> None:
        kept = unnamed(elements({"a": "1"}), syncPolicy={"preserveResourcesOnDeletion": True}).applications[0].body
        assert "finalizers" not in kept["metadata"]
        body = application_set(elements({"a": "1"}))
        body["spec"]["template"]["metadata"] |= {"finalizers": ["own"], "namespace": "elsewhere", "generateName": "x-"}
        assert expand(body, Repository()).applications[0].body["metadata"] == {"name": "app", "finalizers": ["own"], "namespace": "argocd"}


class TestProblems:
    @pytest.mark.parametrize("kind", ["scmProvider", "pullRequest", "plugin", "clusterDecisionResource"])
    def test_generators_that_ask_others(self, kind: str) -> None:
        made = unnamed({kind: {}}, elements({"a": "1"}))
        assert [(found.id, found.kind, found.route) for found in made.problems] == [
            ("applicationset-generator-remote", "unavailable", ("spec", "generators", 0, kind))
        ]
        assert len(made.applications) == 1

    @pytest.mark.parametrize(
        ("entry", "route"),
        [({"lists": {}}, (0, "lists")), ({}, (0,)), ({"list": None}, (0,)), (None, (0,)), ({**elements(), "x": 1}, (0, "x"))],
    )
    def test_entries_without_a_known_generator(self, entry: Any, route: tuple[str | int, ...]) -> None:
        made = unnamed(entry)
        assert problem(made)[:2] == ("applicationset-generator-unknown", ("spec", "generators", *route))
        assert made.problems[0].kind == "broken"

    def test_names_that_collide(self) -> None:
        made = unnamed(elements({"env": "dev", "a": "x"}, {"env": "prod", "a": "x"}, {"env": "qa", "a": "y"}), name="app-{{a}}")
        assert problem(made) == (
            "applicationset-name",
            ("spec", "template", "metadata", "name"),
            "2 Applications are all named `app-x`: env=dev, a=x; env=prod, a=x",
        )
        assert [application.body["metadata"]["name"] for application in made.applications] == ["app-x", "app-y"]

    def test_empty_names(self) -> None:
        made = unnamed(elements({"env": ""}, {"env": "a"}), name="{{env}}")
        assert problem(made)[2].startswith("one Application is without a name")
        assert len(made.applications) == 1

    def test_a_brace_that_is_never_closed(self) -> None:
        made = unnamed(elements({"a": "1", "b": "2"}), path="{{a}}/{{b")
        assert problem(made) == (
            "applicationset-template",
            ("spec", "template", "spec", "source", "path"),
            "the template cannot be evaluated: a `{{` has no `}}` (for a=1, b=2)",
        )

    def test_too_many_applications(self) -> None:
        side = elements(*({"a": str(number)} for number in range(80)))
        other = elements(*({"b": str(number)} for number in range(80)))
        made = unnamed({"matrix": {"generators": [side, other]}})
        assert problem(made)[0] == "applicationset-too-large"
        assert made.applications == ()

    def test_text_without_measure(self) -> None:
        row = {"a": "x" * 100_000}
        made = unnamed(elements(row), path="{{a}}" * 100)
        assert problem(made)[2].startswith("the template cannot be evaluated: it renders to more than 4 MiB")
        made = unnamed(elements(*({**row, "n": str(number)} for number in range(50))), name="{{n}}", path="{{a}}" * 30)
        assert problem(made)[0] == "applicationset-too-large"

    def test_no_generators_and_no_template(self) -> None:
        found = expand({"kind": "ApplicationSet"}, Repository()).problems
        assert [problem.id for problem in found] == ["applicationset-generator-invalid", "applicationset-template"]

    def test_an_option_that_go_does_not_know(self) -> None:
        made = unnamed(elements({"a": "1"}), goTemplateOptions=["missingkey=error", "missing=error"])
        assert problem(made)[1] == ("spec", "goTemplateOptions", 1)


class TestTemplatePatch:
    def patched(self, text: str) -> Any:
        body = application_set(elements({"a": "1"}))
        body["spec"]["template"]["spec"]["syncPolicy"] = {"automated": {"prune": True}, "syncOptions": ["A"]}
        body["spec"]["template"]["spec"]["source"]["helm"] = {"valuesObject": {"deep": {"x": 1}}, "parameters": [{"name": "p"}]}
        return expand({**body, "spec": {**body["spec"], "templatePatch": text}}, Repository())

    def test_mappings_are_merged_and_lists_replaced(self) -> None:
        policy = "syncPolicy: {automated: {selfHeal: true}, syncOptions: ['B-{{a}}']}"
        made = self.patched("spec:\n  project: other\n  " + policy + "\n  source: {path: null}\n")
        spec = made.applications[0].body["spec"]
        assert spec["syncPolicy"] == {"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["B-1"]}
        assert "path" not in spec["source"]
        assert spec["project"] == "shop"

    def test_it_may_rename_but_not_move(self) -> None:
        made = self.patched("metadata: {name: new, namespace: away, labels: {a: b}, finalizers: [own]}")
        assert made.applications[0].body["metadata"] == {
            "name": "new",
            "namespace": "argocd",
            "labels": {"a": "b"},
            "finalizers": ["own", "resources-finalizer.argocd.argoproj.io"],
        }

    def test_directives(self) -> None:
        made = self.patched("spec: {syncPolicy: {$patch: replace, retry: {limit: 3}}, source: {helm: {$retainKeys: [parameters]}}}")
        spec = made.applications[0].body["spec"]
        assert spec["syncPolicy"] == {"retry": {"limit": 3}}
        assert spec["source"]["helm"] == {"parameters": [{"name": "p"}]}

    @pytest.mark.parametrize("text", ["", "null", "# nothing\n"])
    def test_an_empty_one_changes_nothing(self, text: str) -> None:
        assert self.patched(text).applications[0].body["spec"]["source"]["path"] == "x"

    @pytest.mark.parametrize(
        "text", ["- a", "a: [", "text", "spec: x", "spec: {source: {$patch: x}}", "spec: {source: {helm: {valuesObject: {deep: {y: 1}}}}}"]
    )
    def test_what_argo_cd_refuses(self, text: str) -> None:
        made = self.patched(text)
        assert problem(made)[:2] == ("applicationset-template", ("spec", "templatePatch"))
        assert made.applications == ()


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{a}}-{{ b.c }}", "1-2"),
        ("{{ nothing }}/{{n}}", "{{ nothing }}/{{n}}"),
        ("{{}}{{ }}", "{{}}{{ }}"),
        ("{{{a}}}", "{{{a}}}"),
        ("}}{{a}}", "}}1"),
        ("{{a}}}}", "1}}"),
        ("{{a", "{{a"),
        ("{{\na}}", "{{\na}}"),
        ("{{a}}{{\na}}", "11"),
        ("{{a}}\n{{", TemplateError("a `{{` has no `}}`")),
    ],
)
def test_fasttemplate(text: str, result: Any) -> None:
    assert fast(text, {"a": "1", "b.c": "2", "n": 3}) == result


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (100000, "100000"),
        (1000000, "1e+06"),
        (123456789, "1.23456789e+08"),
        (1234567.5, "1.2345675e+06"),
        (0.25, "0.25"),
        (0.00001, "1e-05"),
        (-0.5, "-0.5"),
        (0, "0"),
        (10**400, "+Inf"),
        (None, "<nil>"),
        (True, "true"),
        ({"b": [1, "x"], "a": {}}, "map[a:map[] b:[1 x]]"),
    ],
)
def test_values_are_printed_as_go_prints_them(value: Any, text: str) -> None:
    assert printed(value) == text


def test_flattening_stops_at_lists_of_text() -> None:
    assert flattened({"path": {"segments": ("a", "b")}, "l": [["x"]], "e": []}) == {"path.segments": "[a b]", "l.0.0": "x"}


@pytest.mark.parametrize(
    ("name", "result"), [("Shop_API v2", "shop-api-v2"), ("--a.b--", "a.b"), ("Ünder", "nder"), ("x" * 300, "x" * 253)]
)
def test_normalised(name: str, result: str) -> None:
    assert normalised(name) == result


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("apps/*", "apps/a", True),
        ("apps/*", "apps/a/b", False),
        ("apps/**", "apps/a/b", False),
        ("a?/[b-d]x", "ab/cx", True),
        ("a?/[^b-d]x", "ab/cx", False),
        ("a?/[!c]x", "ab/cx", True),
        ("a\\*", "a*", True),
        ("*a*b*c", "xxaxxbxxc", True),
        ("./apps/*", "apps/a", False),
    ],
)
def test_patterns_of_directories(pattern: str, path: str, found: bool) -> None:
    assert directory_pattern(pattern)(path) is found


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("apps/*/values.yaml", "apps/a/b/values.yaml", True),
        ("apps", "apps/a/b", True),
        ("apps/", "apps/a", True),
        ("app", "apps/a", False),
        ("**/x.yaml", "x.yaml", False),
        ("**/x.yaml", "a/b/x.yaml", True),
        ("./a/../b/*.json", "b/x.json", True),
        (":(glob)a/*/x", "a/b/c/x", False),
        (":(glob)a/**/x", "a/b/c/x", True),
        (":(icase)README*", "readme.md", True),
        ("[[:digit:]]/x", "5/x", True),
        ("[!a]/x", "b/x", True),
        (".", "anything/at/all", True),
    ],
)
def test_patterns_of_files(pattern: str, path: str, found: bool) -> None:
    assert pathspec(pattern)(path) is found


@pytest.mark.parametrize("pattern", ["/abs", "../out", ":(attr:x)y", ":!no", "a/[b"])
def test_patterns_that_git_or_we_refuse(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        pathspec(pattern)


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("a/*/x", "a/b/c/x", False),
        ("a/**/x", "a/x", True),
        ("a/**/x", "a/b/c/x", True),
        ("a/**", "a/b/c", True),
        ("**/{x,y}.yaml", "a/y.yaml", True),
        ("**/{x,y}.yaml", "a/z.yaml", False),
    ],
)
def test_patterns_of_files_with_doublestar(pattern: str, path: str, found: bool) -> None:
    assert doublestar(pattern)(path) is found


KEYS = [
    *("list", "elements", "elementsYaml", "git", "repoURL", "directories", "files", "path", "exclude", "values", "clusters"),
    *("selector", "matchLabels", "flatList", "matrix", "merge", "generators", "mergeKeys", "template", "metadata", "name"),
    *("spec", "templatePatch", "goTemplateOptions", "pathParamPrefix", "plugin", "a", "{{a}}"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["", "{{a}}", "{{", "x", "a/*", "[", HERE]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@hypothesis.settings(max_examples=examples(300), deadline=None)
@hypothesis.given(spec=st.fixed_dictionaries({"generators": st.lists(JSON, max_size=3), "template": JSON}) | JSON, extra=JSON)
def test_nothing_raises(spec: Any, extra: Any) -> None:
    context = Repository({"a/b.yaml": "x: 1", "c.yaml": "- 1"}, clusters=(ClusterFacts("c", "https://c"),))
    if isinstance(spec, dict):
        spec = {**spec, **(extra if isinstance(extra, dict) else {"templatePatch": extra})}
    made = expand({"kind": "ApplicationSet", "metadata": {"namespace": "x"}, "spec": spec}, context)
    assert all(isinstance(application.body["metadata"], dict) for application in made.applications)
    assert all("\n" not in found.message for found in made.problems)
