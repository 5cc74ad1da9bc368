"""Numbers and texts whose author wrote something else than they are: what the decoder notes, and what rules make of it."""

from __future__ import annotations

import base64
import json
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter import LintOptions, lint
from linter.kubernetes.writing.file_modes import file_modes, octal_meant
from linter.kubernetes.writing.line_ends import ends_in_line_break, secret_values
from linter.kubernetes.writing.numbers import (
    holds_text,
    is_like_hash,
    is_permission,
    loses_decimals,
    loses_digits,
    loses_leading_zero,
)
from linter.manifest.decoder import decode_text
from linter.manifest.positions import index_positions

REWRITTEN = ["0644", "08", "00", "0x1F", "0b1", "0o7", "1.10", "1.0", "2.50", "1e3", "12e5", "+1", "1_0.5", ".5", "9" * 20, "1.", "0.10"]
KEPT = [
    "0",
    "1",
    "-1",
    "8080",
    "0.5",
    "1.25",
    "-0.1",
    "yes",
    "~",
    "1.2.3",
    "012x",
    "'0644'",
    '"1.10"',
    "!!str 0644",
    "!!str 1.10",
    "1e400",
    "v1",
]


@pytest.mark.parametrize("text", REWRITTEN)
def test_a_number_that_is_printed_otherwise_is_noted(text):
    (document,) = decode_text(f"a: {{b: [1, {text}]}}")
    assert document.rewritten_scalars
    ((route, written, value),) = index_positions(f"a: {{b: [1, {text}]}}").rewritten_scalars(0)
    assert (route, written) == (("a", "b", 1), text)
    assert json.dumps(value) == json.dumps(document.value["a"]["b"][1])


@pytest.mark.parametrize("text", KEPT)
def test_any_other_scalar_is_not(text):
    (document,) = decode_text(f"a: {text}\nb: [{text}]")
    assert not document.rewritten_scalars
    assert not list(index_positions(f"a: {text}\nb: [{text}]").rewritten_scalars(0))


def test_keys_that_become_others():
    text = "on: 1\nyes: 1\ntrue: 1\n8080: 1\n'n': 1\n1.10: {010: &k no}\n*k : 1\n"
    assert decode_text(text)[0].rewritten_scalars
    assert list(index_positions(text).rewritten_scalars(0)) == [
        (("1.1",), "1.10", None), (("1.1", "8"), "010", None),
    ]  # fmt: skip
    for key, read in [("on", "true"), ("y", "true"), ("NO", "false"), ("0x10", "16"), ("1e3", "1000")]:
        assert decode_text(f"- {key}: 1")[0].rewritten_scalars
        assert list(index_positions(f"- {key}: 1").rewritten_scalars(0)) == [((0, read), key, None)]


def test_numbers_are_noted_for_each_document_and_found_where_they_are_written():
    text = "a: &x 0644\nb: *x\nc: &y 0755 # d\n---\na: 1\n---\nitems:\n- k: {<<: {m: 010}}\n  o: &z\n    0600\n- k: 020\n"
    assert [document.rewritten_scalars for document in decode_text(text)] == [True, False, True]
    positions = index_positions(text)
    assert list(positions.rewritten_scalars(0)) == [(("a",), "0644", 420), (("c",), "0755", 493)]
    assert list(positions.rewritten_scalars(2, ("items", 1))) == [(("k",), "020", 16)]
    assert list(positions.rewritten_scalars(2, ("items", 0))) == [(("o",), "0600", 384)]
    assert not list(positions.rewritten_scalars(2, ("items", 7)))


@given(st.lists(st.sampled_from([*REWRITTEN, *KEPT]), max_size=6))
def test_what_is_noted_is_found(texts):
    text = "".join(f"- {entry}\n" for entry in texts)
    for document in decode_text(text):
        assert document.rewritten_scalars == bool(list(index_positions(text).rewritten_scalars(0)))


def test_what_numbers_lose():
    lost = {"01000": 512, "08": 8, "007": 7, "0": 0, "0x10": 16, "0o10": 8, "010.5": 10.5, "-010": -8}
    assert {text: loses_leading_zero(text, value) for text, value in lost.items()} == {
        "01000": "changed", "08": "shortened", "007": "shortened", "0": None, "0x10": None, "0o10": None, "010.5": None, "-010": "changed",
    }  # fmt: skip
    assert loses_digits("18446744073709551617", 1.8446744073709552e19)
    assert loses_digits("18446744073709551616", 1.8446744073709552e19)
    assert not loses_digits("1" + "0" * 22, 1e22)
    assert not loses_digits("9007199254740993", 9007199254740993)
    assert [loses_decimals(*each) for each in [("1.10", 1.1), ("2.0", 2), ("1.5", 1.5), ("1e3", 1000)]] == [True, True, False, False]
    assert [is_like_hash(text) for text in ["12e5", "1E10", "1.5e3", "1e-5", "0x1"]] == [True, True, False, False, False]


def test_fields_by_their_names():
    assert all(is_permission(route) for route in [("spec", "defaultMode"), ("mode",), ("files", 0, "permissions"), ("modes", "umask", 0)])
    assert not any(is_permission(route) for route in [("model",), ("spec", "runAsUser"), ()])
    assert all(holds_text(route) for route in [("image", "tag"), ("appVersion",), ("gitCommit",)])
    assert not any(holds_text(route) for route in [("tags", 0), ("ratio",), ()])


def test_modes():
    assert {mode: octal_meant(mode) for mode in (400, 440, 444)} == {400: 0o400, 440: 0o440, 444: 0o444}
    # Octal in the source, their decimal forms, small numbers, and what the API server refuses.
    for mode in (
        0o400,
        0o440,
        0o444,
        0o600,
        0o640,
        0o644,
        0o660,
        0o664,
        0o700,
        0o750,
        0o755,
        0o770,
        0o777,
        0,
        1,
        44,
        500,
        644,
        755,
        999,
        -400,
    ):
        assert octal_meant(mode) is None, mode
    volumes = [
        {"secret": {"defaultMode": 400, "items": [{"mode": 1}, "x"]}},
        {
            "projected": {
                "defaultMode": True,
                "sources": [{"secret": {"items": [{"mode": 2}]}}, None, {"downwardAPI": {"items": [{"mode": 3}]}}],
            }
        },
        "x",
        {"emptyDir": {"defaultMode": 4}, "configMap": None},
    ]
    assert [(".".join(map(str, route)), mode) for route, mode in file_modes({"volumes": volumes}, ("spec",))] == [
        ("spec.volumes.0.secret.defaultMode", 400),
        ("spec.volumes.0.secret.items.0.mode", 1),
        ("spec.volumes.1.projected.sources.0.secret.items.0.mode", 2),
        ("spec.volumes.1.projected.sources.2.downwardAPI.items.0.mode", 3),
    ]


def test_line_ends():
    assert all(ends_in_line_break(name, "x\n") for name in ["password", "DB_PASSWORD", "dbPassword", "API_TOKEN", "database-url", "passwd"])
    assert not any(ends_in_line_break(name, "x\n") for name in ["htpasswd", "users", "token.txt", "config", "urls", 1])
    assert not any(ends_in_line_break("token", value) for value in ["x", "x\ny\n", "x y\n", "\n", '{"a":1}\n', "[1]\n", "x\n\n"])
    assert ends_in_line_break("token", "x\r\n")
    for word in ("a\n", "ab\n", "abc\n"):
        assert [value for _, value, _ in secret_values({"data": {"a": base64.b64encode(word.encode()).decode()}})] == [word]
    odd = {"data": {"a": 1, "b": "%%%o", "c": "/wo=", "d": None}, "stringData": [1]}
    assert not list(secret_values(odd))


def test_numbers_in_lists_and_charts(tmp_path):
    account = "apiVersion: example.com/v1\nkind: Tenant\nmetadata: {name: a}\nspec:\n  account: {{ .Values.account }}\n  fixed: 0123\n"
    chart = {"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n", "values.yaml": "account: '0777'\n", "templates/a.yaml": account}
    items = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: example.com/v1\n  kind: Tenant\n  metadata: {name: b}\n  spec: {account: 0777}\n"
    )
    for path, text in {**{f"chart/{path}": text for path, text in chart.items()}, "plain/list.yaml": items}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / ".gitops-lint.yaml").write_text("root: true\nselect: [schema/leading-zero]\n")
    report = lint(LintOptions(paths=(str(tmp_path),)))
    found = {(finding.location.path, finding.location.line, finding.route[-1]) for finding in report.findings}
    assert ("plain/list.yaml", 7, "account") in found
    if find_spec("helm_python") is not None:
        assert ("chart/templates/a.yaml", 6, "fixed") in found
        assert {path for path, _, _ in found} == {"plain/list.yaml", "chart/templates/a.yaml", "chart/values.yaml"}
