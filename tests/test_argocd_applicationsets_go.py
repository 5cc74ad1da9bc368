"""ApplicationSets with Go templates, evaluated by Helm's engine. Expectations were compared with Argo CD's own renderer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from applicationsets import HERE, Repository, application_set, elements, names, problem

from linter.argocd.applicationsets import ClusterFacts, Expansion, MissingKey, TemplateError, expand
from linter.rendering.helm.renderer import HelmRenderer
from linter.rendering.helm.strings import evaluate

pytest.importorskip("helm_python", reason="the Helm SDK is not installed")

ROW: dict[str, Any] = {
    "app": "Shop_Web.v2",
    "env": "prod",
    "replicas": 3,
    "limit": 3000000,
    "share": 0.25,
    "on": True,
    "none": None,
    "zones": ["a", "b", "c"],
    "team": {"name": "blue", "lead": {"mail": "x@y"}, "members": [{"id": 1}, {"id": 2, "nick": "z"}]},
    "packed": '{"list": [1, 2]}',
}


@pytest.fixture(scope="module")
def renderer() -> Iterator[HelmRenderer]:
    with HelmRenderer(1, 20.0) as renderer:
        yield renderer


def one(renderer: HelmRenderer, text: str, missing_key: MissingKey = "default") -> str | TemplateError:
    return evaluate([(text, ROW)], missing_key, renderer)[0]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("  {{ .env }}\n", "  prod\n"),
        ("a {{- .env -}} b", "aprodb"),
        ("{{ .replicas }} {{ .limit }} {{ .share }} {{ .on }} {{ .none }}", "3 3e+06 0.25 true <no value>"),
        ("{{ .limit | int }} {{ add .replicas 1 }} {{ toYaml .limit }}", "3000000 4 3000000"),
        ("{{ .nothing }}/{{ .nothing.more }}/{{ .team.nothing }}", "<no value>/<no value>/<no value>"),
        ('{{ .nothing | default "x" }}{{ .team.nothing | default "y" }}', "xy"),
        ("{{ if .nothing.more }}1{{ else if .env }}2{{ end }}", "2"),
        ("{{ .team.name }} {{ .team.lead.mail }} {{ $.env }} {{ $t := .team }}{{ $t.lead.mail }}", "blue x@y prod x@y"),
        ("{{ range .team.members }}{{ .id }}{{ .nick }};{{ end }}", "1<no value>;2z;"),
        ("{{ with .team }}{{ .name }}{{ $.app }}{{ end }}", "blueShop_Web.v2"),
        ("{{ index .zones 1 }}{{ last .zones }} {{ .zones }} {{ .team.lead }}", "bc [a b c] map[mail:x@y]"),
        ('{{ normalize .app }} {{ .app | normalize | upper }} {{ normalize "--a..b--" }}', "shop-web.v2 SHOP-WEB.V2 a..b"),
        ("{{ slugify .app }} {{ .app | slugify 10 }} {{ .app | slugify 10 false | upper }}", "shop-web-v2 shop-web SHOP-WEB-V"),
        ('{{ slugify 6 "abcdefghij" }}-{{ (slugify 12 true "feat/one_two+three") | title }}', "abcdef-Feat-One-Two"),
        ("{{ toYaml .team.lead }}|{{ toJson .zones }}", 'mail: x@y|["a","b","c"]'),
        ('{{ (fromYaml "a: [1, x]").a }} {{ fromYamlArray "[1, x]" }}', "[1 x] [1 x]"),
        ("{{ (fromJson .packed).list }} {{ fromJson `[1,2]` }}", "[1 2] [1 2]"),
        ('{{ "{{ .x }}" }}{{ `}}` }}{{/* .y */}}', "{{ .x }}}}"),
        ('{{ define "part" }}[{{ .name }}]{{ end }}{{ template "part" .team }}', "[blue]"),
        ("{{ 1.5 }} {{ .5 }} {{ 'a' }}", "1.5 0.5 97"),
        ("{{ get .team `name` }} {{ dig `lead` `phone` `-` .team }} {{ hasKey .team `x` }}", "blue - false"),
        ("{{ .zones | join `,` | quote }}", '"a,b,c"'),
        ("{{ range $i, $z := .zones }}{{ if eq $z `b` }}{{ continue }}{{ end }}{{ $i }}{{ end }}", "02"),
    ],
)
def test_templates(renderer: HelmRenderer, text: str, result: str) -> None:
    assert one(renderer, text) == result


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("{{ .nothing }}", ".nothing"),
        ("{{ .team.nothing }}", ".team.nothing"),
        ("{{ .nothing.more.still }}", ".nothing"),
        ('{{ .nothing | default "x" }}', ".nothing"),
        ("{{ $t := .team }}{{ $t.nothing }}", "$t.nothing"),
        ("{{ range .team.members }}{{ .nick }}{{ end }}", ".nick"),
        ("{{ if and .env .nothing }}{{ end }}", ".nothing"),
    ],
)
def test_a_missing_parameter_fails_if_the_set_wants_it(renderer: HelmRenderer, text: str, missing: str) -> None:
    assert one(renderer, text, "error") == TemplateError(f"there is no parameter `{missing}`", missing_key=True)
    assert isinstance(one(renderer, text), str)


@pytest.mark.parametrize(
    "text",
    [
        "{{ if .on }}{{ .env }}{{ else }}{{ .nothing }}{{ end }}",
        "{{ or .env .nothing }}",
        '{{ if hasKey . "x" }}{{ .x }}{{ end }}{{ .none }}',
    ],
)
def test_what_is_not_read_is_not_missing(renderer: HelmRenderer, text: str) -> None:
    assert isinstance(one(renderer, text, "error"), str)


def test_zero_values_have_no_parts(renderer: HelmRenderer) -> None:
    assert one(renderer, "{{ .nothing }}", "zero") == "<no value>"
    assert isinstance(one(renderer, "{{ .nothing.more }}", "zero"), TemplateError)


@pytest.mark.parametrize("name", ["tpl", "include", "lookup", "required", "toToml", "env", "expandenv", "getHostByName", "nowhere"])
def test_functions_that_argo_cd_does_not_have(renderer: HelmRenderer, name: str) -> None:
    found = one(renderer, f'{{{{ {name} "x" }}}}')
    assert isinstance(found, TemplateError)
    assert f"no template function `{name}`" in found.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ .env", "the action of line 1 has no end"),
        ("{{ end }}", "line 1 has an `end` without a beginning"),
        ("{{ .env.x }}", "it reads a part of something that is no mapping"),
        ('{{ fail "not today" }}', "not today"),
        ("{{ index .zones 9 }}", "`index .zones 9` cannot be evaluated: index out of range: 9"),
        ("{{ if }}x{{ end }}", "the template cannot be parsed: missing value for if"),
    ],
)
def test_errors(renderer: HelmRenderer, text: str, message: str) -> None:
    assert one(renderer, text) == TemplateError(message, missing_key=message.startswith("it reads"))


def test_failing_texts_leave_the_others_alone(renderer: HelmRenderer) -> None:
    shared = "{{ .a.b }}{{ .n }}"
    texts: list[tuple[str, dict[str, Any]]] = [(shared, {"a": {"b": "x"} if number % 7 else "text", "n": number}) for number in range(60)]
    texts += [("{{ if }}", {}), ("{{ fail `f` }}", {}), ("ok{{ .k }}", {"k": "é\ud800"}), ("{{ .m.k }}", {"m": {"k": (1, 2)}})]
    found = evaluate(texts, "default", renderer)
    assert [at for at, result in enumerate(found) if isinstance(result, TemplateError)] == [*range(0, 60, 7), 60, 61]
    assert found[1:3] == ["x1", "x2"]
    assert found[62:] == ["oké?", "[1 2]"]


def test_functions_that_change_parameters_change_them_for_themselves_only(renderer: HelmRenderer) -> None:
    row = {"m": {"k": "v"}}
    texts = [("{{ set .m `k` `other` | toJson }}", row), ("{{ .m.k }}", row), ("{{ unset .m `k` | toJson }}", row), ("{{ .m.k }}", row)]
    assert evaluate(texts, "default", renderer) == ['{"k":"other"}', "v", "{}", "v"]


def test_an_endless_template_is_an_error_of_its_own() -> None:
    endless = '{{ range until 100000 }}{{ range until 100000 }}{{ $x := repeat 10 "x" }}{{ end }}{{ end }}'
    with HelmRenderer(1, 1.0) as renderer:
        found = evaluate([(endless, {}), ("{{ .a }}", {"a": "b"})], "default", renderer)
    assert found == [TemplateError("it takes too long"), "b"]


class TestSets:
    @pytest.fixture(autouse=True)
    def _engine(self, renderer: HelmRenderer) -> None:
        self.renderer = renderer

    def expanded(self, *generators: Any, files: dict[str, str] | None = None, clusters: Any = None, **spec: Any) -> Expansion:
        return expand(application_set(*generators, go=True, **spec), Repository(files, clusters, self.renderer))

    def test_elements_keep_their_structure(self) -> None:
        made = self.expanded(elements({"app": {"name": "Web", "n": 2}}), name="{{ .app.name | lower }}-{{ .app.n }}")
        assert names(made) == ["web-2"]
        assert made.applications[0].row == {"app": {"name": "Web", "n": 2}}

    def test_directories(self) -> None:
        generator = {
            "git": {
                "repoURL": HERE,
                "directories": [{"path": "apps/*"}],
                "pathParamPrefix": "git",
                "values": {"short": "{{ .git.path.basename | trunc 2 }}"},
            }
        }
        files = {"apps/My_App/x": "", "apps/b/x": ""}
        made = self.expanded(
            generator, files=files, name="{{ .git.path.basenameNormalized }}-{{ .values.short }}-{{ index .git.path.segments 0 }}"
        )
        assert names(made) == ["my-app-My-apps", "b-b-apps"]

    def test_files_and_the_key_path(self) -> None:
        generator = {"git": {"repoURL": HERE, "files": [{"path": "**/config.yaml"}]}}
        files = {"c/config.yaml": "path: mine\nports: [80, 3000000]\nday: 2024-05-01\n"}
        made = self.expanded(
            generator, files=files, name="{{ .path.path }}-{{ index .ports 0 }}-{{ index .ports 1 }}-{{ .day }}-{{ .path.filename }}"
        )
        assert names(made) == ["c-80-3e+06-2024-05-01-config.yaml"]

    def test_the_first_generator_of_a_matrix_wins(self) -> None:
        first, second = elements({"a": {"x": "1", "y": "1"}, "l": ["1"]}), elements({"a": {"x": "2", "z": "{{ .a.x }}!"}, "l": ["2", "3"]})
        made = self.expanded({"matrix": {"generators": [first, second]}})
        assert made.applications[0].row == {"a": {"x": "1", "y": "1", "z": "1!"}, "l": ["1"]}

    def test_values_of_a_child_wait_for_its_own_parameters(self) -> None:
        git = {
            "git": {
                "repoURL": HERE,
                "directories": [{"path": "{{ .where }}/*"}],
                "values": {"a": "{{ .where }}", "b": "{{ .path.basename }}"},
            }
        }
        made = self.expanded(
            {"matrix": {"generators": [elements({"where": "apps"}), git]}}, files={"apps/x/y": ""}, name="{{ .values.a }}-{{ .values.b }}"
        )
        assert names(made) == ["apps-x"]

    def test_elements_from_a_file(self) -> None:
        git = {"git": {"repoURL": HERE, "files": [{"path": "list.yaml"}]}}
        written = {"list": {"elements": [], "elementsYaml": "{{ .apps | toJson }}"}}
        made = self.expanded(
            {"matrix": {"generators": [git, written]}}, files={"list.yaml": "apps: [{id: a}, {id: b}]"}, name="x-{{ .id }}"
        )
        assert names(made) == ["x-a", "x-b"]

    def test_merge_is_deep(self) -> None:
        merge = {
            "merge": {"mergeKeys": ["k"], "generators": [elements({"k": "1", "m": {"a": 1, "b": 1}}), elements({"k": "1", "m": {"b": 2}})]}
        }
        assert self.expanded(merge).applications[0].row == {"k": "1", "m": {"a": 1, "b": 2}}

    def test_all_clusters_in_one_row(self) -> None:
        clusters = (ClusterFacts("eu", "https://eu", {"zone": "z"}),)
        made = self.expanded({"clusters": {"flatList": True}}, clusters=clusters, name="{{ range .clusters }}{{ .name }}.{{ end }}x")
        assert names(made) == ["eu.in-cluster.x"]
        made = self.expanded({"clusters": {}}, clusters=clusters, name="{{ .name }}{{ if .metadata }}-{{ .metadata.labels.zone }}{{ end }}")
        assert names(made) == ["eu-z", "in-cluster"]

    def test_a_selector_sees_nested_parameters(self) -> None:
        made = self.expanded(
            {**elements({"m": {"l": ["x"]}, "n": 1}, {"m": {}, "n": 2}), "selector": {"matchLabels": {"m.l.0": "x"}}}, name="n-{{ .n }}"
        )
        assert names(made) == ["n-1"]

    def test_the_row_to_blame_is_named_and_the_others_are_generated(self) -> None:
        made = self.expanded(
            elements({"env": "dev"}, {"env": "prod", "zone": "z"}, {"env": "qa"}),
            name="{{ .env }}",
            path="{{ .zone }}",
            goTemplateOptions=["missingkey=error"],
        )
        assert problem(made) == (
            "applicationset-template",
            ("spec", "template", "spec", "source", "path"),
            "the template cannot be evaluated: there is no parameter `.zone` (for 2 sets of parameters, such as env=dev)",
        )
        assert [application.body["metadata"]["name"] for application in made.applications] == ["prod"]

    def test_a_patch_has_conditions_and_loops(self) -> None:
        info = "  info:\n  {{- range .sync }}\n  - name: {{ . }}\n  {{- end }}\n"
        patch = "{{- if .sync }}\nspec:\n  syncPolicy:\n    automated: {}\n" + info + "{{- end }}\n"
        made = self.expanded(elements({"n": "a", "sync": ["x", "z"]}, {"n": "b"}), name="{{ .n }}", templatePatch=patch)
        with_sync, without = (application.body["spec"] for application in made.applications)
        assert (with_sync["syncPolicy"], with_sync["info"]) == ({"automated": {}}, [{"name": "x"}, {"name": "z"}])
        assert "syncPolicy" not in without

    def test_many_rows(self) -> None:
        made = self.expanded(elements(*({"n": f"n{number}"} for number in range(2500))), name="{{ .n }}", path="apps/{{ .n | upper }}")
        assert len(names(made)) == 2500
        assert made.applications[-1].body["spec"]["source"]["path"] == "apps/N2499"
