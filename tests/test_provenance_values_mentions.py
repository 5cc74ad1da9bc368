"""Which values a template line names."""

from __future__ import annotations

import pytest

from linter.provenance.values.mentions import ANY, Mentions, covers
from linter.provenance.values.refusals import lenient


def at(template, line=1, more=""):
    return set(Mentions({"a.yaml": template, "_h.tpl": more}).at("a.yaml", line))


@pytest.mark.parametrize(
    ("template", "line", "keys"),
    [
        ("{{ .Values.a.b }}", 1, {("a", "b")}),
        ("x\n{{ $.Values.a }}\n{{ .context.Values.b }}", 3, {("b",)}),
        ("{{ with .Values.a }}\n{{ .b }}\n{{ else }}\n{{ .c }}\n{{ end }}", 2, {("a", "b")}),
        ("{{ with .Values.a }}\n{{ .b }}\n{{ else }}\n{{ .c }}\n{{ end }}", 4, set()),
        ("{{ if .Values.a }}\n{{ .Values.b }}{{ else if .Values.c }}\n{{ end }}", 2, {("b",), ("c",)}),
        ("{{ range .Values.a }}\n{{ .b }}{{ $.Values.c }}\n{{ end }}", 2, {("a", ANY, "b"), ("c",)}),
        ("{{ range $k, $v := .Values.a }}\n{{ $v.b }}\n{{ $k }}{{ end }}", 2, {("a", ANY, "b")}),
        ("{{ $x := .Values.a }}\n{{ $x.b }}", 2, {("a", "b")}),
        ("{{ $x := .Values.a }}{{ if .Values.on }}{{ $x = .Values.b }}{{ end }}\n{{ $x.c }}", 2, {("b", "c")}),
        ('{{ index .Values "a" "b" }}', 1, {("a", "b")}),
        ('{{ (get .Values.a "b").c }}', 1, {("a",), ("a", "b"), ("a", "b", "c")}),
        ('{{ dig "a" "b" "none" .Values }}', 1, {("a", "b")}),
        ("{{ index .Values.a $key }}", 1, {("a",), ("a", ANY)}),
        ("{{ (default .Values.a .Values.b).c }}", 1, {("a",), ("b",), ("a", "c"), ("b", "c")}),
        ('{{ include "h" . }}', 1, {("in", "helper"), ("deeper",)}),
        ('{{ template "h" .Values.arg }}', 1, {("arg",), ("in", "helper"), ("deeper",)}),
        ('{{ include "round" . }}', 1, {("r",)}),
        ("{{/* .Values.a */}}{{ `.Values.b` }}{{ .Values }}", 1, set()),
        ("{{ .Release.Name }}", 1, set()),
        ("{{ .Values.a", 1, set()),
    ],
)
def test_what_a_line_names(template, line, keys):
    helpers = (
        '{{ define "h" }}{{ .Values.in.helper }}{{ include "deep" . }}{{ end }}{{ define "deep" }}{{ .Values.deeper }}{{ end }}'
        '{{ define "round" }}{{ .Values.r }}{{ include "round" . }}{{ end }}'
    )
    assert at(template, line, helpers) == keys


def test_a_key_covers_what_is_below_it():
    assert covers([("a",)], ("a", "b", 0))
    assert covers([("a", ANY, "c")], ("a", 3, "c"))
    assert not covers([("a", "b")], ("a",))
    assert not covers([("b",)], ("a",))


@pytest.mark.parametrize(
    ("template", "changed"),
    [
        ('{{ fail "no" }}', '{{ trunc 0 "no" }}'),
        ('{{ printf "fail" | fail }}', '{{ printf "fail" | trunc 0 }}'),
        ("{{ .Values.fail }}{{ $fail }}{{/* fail */}}{{ failing }} fail", None),
        ('{{ $ca := genCA "ca" 365 }}', '{{ $ca := dict "Cert" "cert" "Key" "key" "ca" 365 }}'),
        ('{{ genPrivateKey "rsa" }}', '{{ print "rsa" }}'),
        ("{{ fail", None),
    ],
)
def test_refusals_are_taken_out(template, changed):
    assert lenient("templates/a.yaml", template) == (changed or template)
    assert lenient("templates/NOTES.txt", "{{ .Values.a }}") == ""
    assert lenient("templates/NOTES.txt", '{{ define "a" }}{{ end }}') != ""
