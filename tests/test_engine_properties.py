"""What holds for every repository: no rule crashes, fingerprints stay, reports repeat, comments reach, Secrets are hidden."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.kubernetes.schemas.table import load
from linter.manifest.decoder import decode_text
from linter.manifest.resources import resources_of
from linter.model import Document, ManifestFile, Source
from linter.packs.catalog import load_catalog
from linter.report.json import render_json
from linter.report.text import render_text
from linter.repository import MemoryTree
from linter.suppression import comments

CATALOG = load_catalog()
EVERYTHING = ("ALL",)

# Reproducible: what is found once in a pipeline is found again on a desk.
COMMON = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


def example_documents() -> Iterator[list[dict[str, Any]]]:
    """The manifests in the examples of all rules, file by file."""
    for rule in CATALOG.rules.values():
        for example in CATALOG.texts(rule.id).examples:
            given = example.get("fail", example.get("pass"))
            for path, text in ({"a.yaml": given} if isinstance(given, str) else given["files"]).items():
                if path.endswith(".yaml") and "{{" not in text:
                    documents = [document.value for document in decode_text(text)]
                    if documents and all(isinstance(value, dict) and "kind" in value for value in documents):
                        yield documents


EXAMPLES = list(example_documents())


def kinds() -> dict[str, tuple[str, str]]:
    """Every kind that some example holds or some rule matches, by type: its apiVersion and kind."""
    found: dict[str, tuple[str, str]] = {"ReplicaSet": ("apps/v1", "ReplicaSet"), "SecretList": ("v1", "SecretList")}
    for documents in EXAMPLES:
        for value in documents:
            file = ManifestFile("a.yaml", "", Source(".", "directory", "."))
            for resource in resources_of(Document(file, 0, value)):
                found[resource.type] = resource.api_version, resource.kind
    built_in = {entry.kind: (entry.api_version, entry.kind) for entry in load().kinds()}
    for rule in CATALOG.rules.values():
        for name in rule.match[1] if rule.match[0] == "kinds" else ():
            group, _, kind = name.rpartition("/")
            if group:
                found.setdefault(name, (f"{group}/v1", kind))
            elif kind in built_in:
                found.setdefault(name, built_in[kind])
    return found


KINDS = kinds()


def test_every_kind_that_a_rule_matches_is_covered():
    wanted = {name for rule in CATALOG.rules.values() if rule.match[0] == "kinds" for name in rule.match[1]} - {"*"}
    assert len(EXAMPLES) > 200
    assert wanted <= set(KINDS)


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from keys_of(entry)
    elif isinstance(value, list):
        for item in value:
            yield from keys_of(item)


WORDS = sorted({key for documents in EXAMPLES for value in documents for key in keys_of(value)})
ODD = ["", "*", "a/b", "-1", "80", "10%", "1h", "${X}", "<path:x#y>", "*.example.com", ".", "a,b", "{}", "[1]", "\0", "In", "x" * 300]
TEXTS = st.sampled_from(WORDS) | st.sampled_from(ODD) | st.text(max_size=8)
NUMBERS = st.integers(-3, 70000) | st.sampled_from([2**31, 2**63, 10**30]) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


def routes(value: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield route
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from routes(inner, (*route, step))


def replaced(value: Any, route: tuple[Any, ...], new: Any) -> Any:
    if not route:
        return new
    step, *rest = route
    if isinstance(value, dict):
        return {key: replaced(entry, tuple(rest), new) if key == step else entry for key, entry in value.items()}
    return [replaced(item, tuple(rest), new) if index == step else item for index, item in enumerate(value)]


@st.composite
def damaged_examples(draw) -> str:
    """The manifests of an example, some value of which is replaced by another, as JSON documents."""
    documents = draw(st.sampled_from(EXAMPLES))
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(0, len(documents) - 1))
        places = [route for route in routes(documents[number]) if route and route[0] not in ("apiVersion", "kind")]
        changed = replaced(documents[number], draw(st.sampled_from(places)), draw(VALUES)) if places else documents[number]
        documents = [*documents[:number], changed, *documents[number + 1 :]]
    return "\n".join(map(json.dumps, documents))


FIELDS = ["metadata", "spec", "rules", "subjects", "roleRef", "data", "items", "template"]


@st.composite
def arbitrary_objects(draw) -> str:
    """Objects of kinds that rules match with anything in them."""
    found = []
    for name in draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3)):
        api_version, kind = KINDS[name]
        fields = draw(st.dictionaries(st.sampled_from(FIELDS), VALUES))
        found.append(json.dumps({"apiVersion": api_version, "kind": kind, **fields}))
    return "\n".join(found)


@pytest.fixture(scope="module")
def check(session):
    def run(files: dict[str, str], **options: Any):
        return lint_tree(MemoryTree(files), LintOptions(today=date(2026, 7, 1), **{"select": EVERYTHING, **options}), session)

    return run


@settings(max_examples=examples(150), **COMMON)
@given(text=st.one_of(damaged_examples(), arbitrary_objects()), closed_world=st.booleans())
def test_no_rule_crashes(check, text, closed_world):
    report = check({"a/a.json": text, "a/b.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"}, closed_world=closed_world)
    # What an Application names is not there, and a damaged one is told of.
    assert [entry.failure.message for entry in report.failures if not entry.failure.id.startswith("application")] == []
    lines = text.split("\n")
    for finding in report.findings:
        place = finding.location
        assert 1 <= place.line <= place.end_line
        assert place.path != "a/a.json" or place.end_column <= len(lines[place.end_line - 1]) + 1
    for output in (render_json(report, show_suppressed=True), render_text(report, show_suppressed=True, statistics=True)):
        output.encode()


def block(value: Any, indent: int = 0) -> list[str]:
    """A value as lines of YAML in block style, every scalar on one line."""
    pad = " " * indent
    lines: list[str] = []
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            nested = isinstance(entry, (dict, list)) and entry
            lines += [
                f"{pad}{json.dumps(key)}:" + ("" if nested else f" {json.dumps(entry)}"),
                *(block(entry, indent + 2) if nested else ()),
            ]
    elif isinstance(value, list) and value:
        for item in value:
            nested = isinstance(item, (dict, list)) and item
            inner = block(item, indent + 2) if nested else [f"{pad}  {json.dumps(item)}"]
            lines += [f"{pad}- {inner[0].lstrip(' ')}", *inner[1:]]
    else:
        lines.append(f"{pad}{json.dumps(value)}")
    return lines


def as_block(documents: list[Any]) -> str:
    return "---\n".join("\n".join(block(value)) + "\n" for value in documents)


def identities(report) -> list[tuple[str, str]]:
    return sorted((finding.rule, finding.fingerprint) for finding in report.findings)


@settings(max_examples=examples(50), **COMMON)
@given(documents=st.sampled_from(EXAMPLES), seed=st.integers(0, 2**20))
def test_fingerprints_stay(check, documents, seed):
    chance = random.Random(seed)
    plain = as_block(documents)
    assert [document.value for document in decode_text(plain)] == documents
    before = identities(check({"a.yaml": plain}))

    lines: list[str] = ["# a comment in front", ""]
    for line in plain.splitlines():
        lines += [" " * chance.randrange(9) + "# a comment", ""] if chance.random() < 0.3 else []
        lines.append(line + ("  # another" if chance.random() < 0.3 and line != "---" else ""))
    assert identities(check({"a.yaml": "\n".join(lines) + "\n"})) == before, "moved lines and comments"

    flow = "".join(f"---\n{json.dumps(value, indent=chance.choice([None, 1, 7]))}\n" for value in documents)
    assert identities(check({"a.yaml": flow})) == before, "flow style"
    windows = plain.replace("\n", "\r\n")
    assert identities(check({"a.yaml": windows})) == before, "line ends of Windows"

    unrelated = {"apiVersion": "example.com/v1", "kind": "Unrelated", "metadata": {"name": "x", "namespace": "unrelated"}}
    own = identities(check({"a.yaml": as_block([unrelated])}))
    mixed = list(documents)
    mixed.insert(chance.randrange(len(mixed) + 1), unrelated)
    assert identities(check({"a.yaml": as_block(mixed)})) == sorted([*before, *own]), "an unrelated document"


@settings(max_examples=examples(30), **COMMON)
@given(chosen=st.lists(st.sampled_from(EXAMPLES), min_size=2, max_size=5), seed=st.integers(0, 2**20))
def test_reports_repeat(check, chosen, seed):
    files = [(f"{'ab'[number % 2]}/{number}.yaml", as_block(documents)) for number, documents in enumerate(chosen)]
    first = check(dict(files))
    random.Random(seed).shuffle(files)
    second = check(dict(files))
    assert render_json(first) == render_json(second)
    assert render_text(first) == render_text(second)
    order = [(entry.location.path, entry.location.line, entry.location.column, entry.rule) for entry in first.findings]
    assert order == sorted(order)
    assert len({entry.fingerprint for entry in first.findings}) == len(first.findings)


@settings(max_examples=examples(50), **COMMON)
@given(documents=st.sampled_from(EXAMPLES), above=st.booleans(), seed=st.integers(0, 2**20))
def test_a_comment_at_a_finding_accepts_it(check, documents, above, seed):
    plain = as_block(documents)
    found = [finding for finding in check({"a.yaml": plain}).findings if not finding.rule.startswith("suppression/")]
    if not found:
        return
    target = random.Random(seed).choice(found)
    lines = plain.split("\n")
    comment = f"# gitops-lint: ignore[{target.rule}] for the test"
    if above:
        lines.insert(target.location.line - 1, comment)
    else:
        lines[target.location.line - 1] += f"  {comment}"
    report = check({"a.yaml": "\n".join(lines)})
    accepted = [finding for finding in report.findings if finding.suppressed]
    assert target.fingerprint in {finding.fingerprint for finding in accepted}
    assert {finding.rule for finding in accepted} == {target.rule}
    assert {finding.location.line for finding in accepted} == {target.location.line + above}
    assert identities(report) == identities(check({"a.yaml": plain}))


SENTINEL = "hunter2"
SECRETS = st.recursive(
    st.sampled_from([SENTINEL, f"x {SENTINEL}\n{SENTINEL}", f"*{SENTINEL}", 1, None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b c", "kind"]), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=examples(50), **COMMON)
@given(data=SECRETS, strings=SECRETS, labels=VALUES, in_list=st.booleans(), flow=st.booleans())
def test_data_of_secrets_is_never_shown(check, data, strings, labels, in_list, flow):
    secret: Any = {"apiVersion": "v1", "kind": "Secret", "stringData": strings, "metadata": {"name": "a", "labels": labels}, "data": data}
    body = {"apiVersion": "v1", "kind": "List", "items": [secret, secret]} if in_list else secret
    report = check({"a.yaml": json.dumps(body, indent=1) if flow else as_block([body])})
    assert SENTINEL not in render_json(report, show_suppressed=True)
    assert SENTINEL not in render_text(report, show_suppressed=True)
    assert SENTINEL not in render_text(report, quiet=True)


PIECES = [
    "# gitops-lint: ",
    "gitops-lint",
    "ignore",
    "-file",
    "[",
    "a/b",
    "]",
    " until=",
    "2027-01-01",
    "{{",
    "/*",
    "*/",
    "}}",
    "{{- ",
    " -}}",
    "\n",
    "\r",
    " ",
    "a: 1",
    "#",
    "end",
    "\u2028",
    "'",
]


@settings(max_examples=examples(200), **COMMON)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_comments_of_any_text(text):
    count = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for found in comments("a.yaml", text):
        assert 1 <= found.first_line <= found.last_line <= count
        assert found.first_line <= found.location.line or found.first_line == 1
        assert found.problem or found.rules
