"""Routes to places: in plain files as they stand, in templates through the map of their lines."""

from __future__ import annotations

import pytest

from linter.manifest.decoder import decode_text
from linter.manifest.resources import resources_of
from linter.model import Document, ManifestFile, Source
from linter.provenance.helm_lines import TemplateLine, authored_item, authored_value
from linter.provenance.locating import Locator

SOURCE = Source("web", "helm", "web")
PATH, HELPERS = "web/templates/a.yaml", "web/templates/_helpers.tpl"

TEMPLATE = """\
{{- if .Values.on }}
kind: ConfigMap
apiVersion: v1
metadata:
    name: {{ .Release.Name }}-x # the name
    labels: {{- toYaml .Values.labels | nindent 4 }}
    {{- include "web.more" . | nindent 4 }}
items:
  - {{ .Values.first | quote }}
  - second
  - key: {{ .Values.key }}
{{- end }}
"""
HELPER = '{{ define "web.more" }}\nannotations:\n  own: {{ .Values.own }}\n  plain: text\n{{ end }}\n'
RENDERED = """\
kind: ConfigMap
apiVersion: v1
metadata:
  name: shop-x # the name
  labels:
    a: b
  annotations:
    own: value
    plain: text
items:
  - "1st"
  - second
  - key: k
"""
LINES = [
    TemplateLine(PATH, 2, "text", True),
    TemplateLine(PATH, 3, "text", True),
    TemplateLine(PATH, 4, "text", True),
    TemplateLine(PATH, 5, "text"),
    TemplateLine(PATH, 6, "text"),
    TemplateLine(PATH, 6, "call-site"),
    TemplateLine(HELPERS, 2, "helper", True, (PATH, 7)),
    TemplateLine(HELPERS, 3, "helper", False, (PATH, 7)),
    TemplateLine(HELPERS, 4, "helper", True, (PATH, 7)),
    TemplateLine(PATH, 8, "text", True),
    TemplateLine(PATH, 9, "text"),
    TemplateLine(PATH, 10, "text", True),
    TemplateLine(PATH, 11, "text"),
    None,
]


def setup(rendered: str = RENDERED, lines=LINES, **texts: str) -> tuple[Locator, Document]:
    file = ManifestFile(PATH, rendered, SOURCE, rendered=True)
    authored = {PATH: TEMPLATE, HELPERS: HELPER, **texts}
    return Locator({file: lines} if lines is not None else {}, authored.get), Document(file, 0, decode_text(rendered)[0].value)


def place(locator: Locator, document: Document, *route: str | int, on="value"):
    found = locator.locate(document, route, on)
    return found.path, found.line, found.column, found.end_column, found.precision


class TestTemplates:
    @pytest.mark.parametrize(
        ("route", "expected"),
        [
            pytest.param(("kind",), (PATH, 2, 7, 16, "exact"), id="a literal"),
            pytest.param(("metadata",), (PATH, 4, 1, 9, "exact"), id="a literal key"),
            pytest.param(("metadata", "name"), (PATH, 5, 5, 43, "exact"), id="a line with an action: all of it"),
            pytest.param(("metadata", "labels", "a"), (PATH, 6, 5, 53, "call-site"), id="printed by an action"),
            pytest.param(("metadata", "annotations", "plain"), (HELPERS, 4, 10, 14, "exact"), id="a literal in a helper"),
            pytest.param(("metadata", "annotations", "own"), (HELPERS, 3, 3, 25, "exact"), id="a line of a helper"),
            pytest.param(("items", 1), (PATH, 10, 5, 11, "exact"), id="an item"),
            pytest.param(("metadata", "missing"), (PATH, 4, 1, 9, "exact"), id="what does not exist"),
            pytest.param((), (PATH, 2, 7, 16, "exact"), id="the document"),
        ],
    )
    def test_places(self, route, expected):
        assert place(*setup(), *route) == expected

    def test_a_literal_that_is_indented_anew(self):
        lines = [TemplateLine(PATH, 1, "text", True)]
        locator, document = setup("    a: b\n", lines, **{PATH: "  a: b  # c\r\n"})
        assert place(locator, document, "a") == (PATH, 1, 3, 12, "exact")  # the comment makes it another line
        locator, document = setup("    a: b\r\n", lines, **{PATH: "a: b\r\n"})
        assert place(locator, document, "a") == (PATH, 1, 4, 5, "exact")

    def test_the_value_may_end_on_another_line(self):
        locator, document = setup("a: |\n  b\n  c\n", [TemplateLine(PATH, 1, "text", True)] * 3, **{PATH: "a: |\n  b\n  c\n"})
        found = locator.locate(document, ("a",))
        assert (found.line, found.column, found.end_line, found.end_column) == (1, 4, 1, 5)

    def test_call_sites(self):
        locator, document = setup()
        found = locator.call_site(document, ("metadata", "annotations", "own"))
        assert found is not None
        assert (found.path, found.line, found.precision) == (PATH, 7, "call-site")
        assert locator.call_site(document, ("metadata", "name")) is None
        assert locator.call_site(Document(ManifestFile("a.yaml", RENDERED, SOURCE), 0, {}), ("metadata",)) is None

    def test_separators_that_end_no_line(self):
        text = 'a: "\u2028\x85"\nb: c\n'
        lines = [TemplateLine(PATH, 1, "text", True), TemplateLine(PATH, 2, "text", True), None]
        assert place(*setup(text, lines, **{PATH: text}), "b") == (PATH, 2, 4, 5, "exact")


class TestWithoutAMap:
    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("{{ x }}\nkind: ConfigMap\n", (PATH, 2, 1, 16, "object")),
            ("  kind: 'ConfigMap' # x\r\n", (PATH, 1, 3, 24, "object")),
            ("kind: ConfigMap\n---\nkind: ConfigMap\n", (PATH, 1, 1, 1, "file")),
            ("kind: ConfigMapList\n", (PATH, 1, 1, 1, "file")),
            ("kind: {{ .Values.kind }}\n", (PATH, 1, 1, 1, "file")),
            ("", (PATH, 1, 1, 1, "file")),
        ],
    )
    def test_the_object_or_the_file(self, template, expected):
        for lines in (None, [None] * len(LINES)):
            assert place(*setup(RENDERED, lines, **{PATH: template}), "metadata", "name") == expected

    def test_a_template_that_cannot_be_read(self):
        file = ManifestFile(PATH, RENDERED, SOURCE, rendered=True)
        locator = Locator({}, lambda path: None)
        assert place(locator, Document(file, 0, {"kind": "ConfigMap"}), "kind") == (PATH, 1, 1, 1, "file")
        assert place(locator, Document(file, 0, None), "kind") == (PATH, 1, 1, 1, "file")


class TestAuthoredText:
    @pytest.mark.parametrize(
        ("route", "text"),
        [
            (("metadata", "name"), "{{ .Release.Name }}-x"),
            (("metadata", "annotations", "own"), "{{ .Values.own }}"),
            (("items", 0), "{{ .Values.first | quote }}"),
            (("items", 2, "key"), "{{ .Values.key }}"),
            (("items", 1), None),
            (("kind",), None),
            (("metadata", "labels", "a"), None),
            (("metadata", "missing"), None),
            ((), None),
        ],
    )
    def test_in_a_template(self, route, text):
        locator, document = setup()
        assert locator.authored_text(document, route) == text

    def test_in_a_plain_file_the_value_is_the_text(self):
        file = ManifestFile("a.yaml", RENDERED, SOURCE)
        document = Document(file, 0, decode_text(RENDERED)[0].value)
        locator = Locator({}, {}.get)
        assert locator.authored_text(document, ("metadata", "name")) is None
        [resource] = resources_of(document)
        assert locator.authored_name(resource) == "shop-x"

    def test_names(self):
        locator, document = setup()
        [resource] = resources_of(document)
        assert locator.authored_name(resource) == "{{ .Release.Name }}-x"
        rendered = "apiVersion: v1\nkind: Job\nmetadata:\n  generateName: a-\n"
        lines = [*LINES[:3], TemplateLine(PATH, 1, "text")]
        locator, document = setup(rendered, lines, **{PATH: "  generateName: {{ .Values.a }}-\n"})
        [resource] = resources_of(document)
        assert locator.authored_name(resource) == "{{ .Values.a }}-"

    @pytest.mark.parametrize(
        ("line", "key", "value"),
        [
            ("  - containerPort: {{ .a }} # x", "containerPort", "{{ .a }}"),
            ('- {key: "{{ .k }}", value: a}', "key", "{{ .k }}"),
            ("- {port: 80, name: {{ .b }}}", "name", "{{ .b }}"),
            ('"port" : {{ .x }},', "port", "{{ .x }}"),
            ("{{/* it's key: x */}} key: y", "key", "y"),
            ('- name: {{ include "a" (dict "x" "}}") }}-b', "name", '{{ include "a" (dict "x" "}}") }}-b'),
            ("name: {{ `}}` }}{{ '\"' }}", "name", "{{ `}}` }}{{ '\"' }}"),
            ("name: {{ printf", "name", "{{ printf"),
            ("app.name: {{ .x }}", "name", None),
            ("{{ .name }}: x", "name", None),
            ("a.b: {{ .x }}", "a.b", "{{ .x }}"),
            ("axb: {{ .x }}", "a.b", None),
        ],
    )
    def test_behind_a_key(self, line, key, value):
        assert authored_value(line, key) == value

    @pytest.mark.parametrize(
        ("line", "index", "value"),
        [
            ("  - {{ .a }}", 0, "{{ .a }}"),
            ("- - {{ .a }} # x", 0, "{{ .a }}"),
            ('- "{{ .a }}"', 5, "{{ .a }}"),
            ("- a#b", 3, "a#b"),
            ('hosts: [{{ .a }}, b, "{{ printf `]%s,` .c }}"]', 0, "{{ .a }}"),
            ('hosts: [{{ .a }}, b, "{{ printf `]%s,` .c }}"]', 2, "{{ printf `]%s,` .c }}"),
            ("hosts: [{{ .a }}]", 1, None),
            ("hosts: []", 0, None),
            ("hosts: [[{{ .a }}]]", 0, None),
            ("- {name: {{ .x }}}", 0, None),
            ("hosts: {{ toYaml .x }}", 0, None),
            ("", 0, None),
        ],
    )
    def test_as_an_item(self, line, index, value):
        assert authored_item(line, index) == value
