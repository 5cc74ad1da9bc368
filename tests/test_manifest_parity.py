"""Decoding compared with Kubernetes' own: thousands of recorded answers of sigs.k8s.io/yaml, and with Go new ones on every run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from decoder_cases import PIECES, answers, build_oracle, cases, documents, recorded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.manifest.positions import index_positions
from linter.manifest.scalars import json_number
from linter.manifest.shadow import Mapping, Node, Scalar, Sequence, target

# Where we differ and stay different. None of it was found in public repositories.
KNOWN = (
    # A second byte order mark at the beginning of a file.
    r"\A\ufeff\ufeff",
    # What is left of a stream that begins as JSON, if it is no YAML.
    r"\A\s*\{[\s\S]*\n\.\.\.",
    # Carriage returns in front of a line break, of which Go takes one away before it parses.
    r"\r\r\n",
    # Numbers and keys that JSON has not, in an entry that a later one replaces or a merge takes apart.
    r"\.(?:inf|nan|INF|NAN|Inf|NaN)\b[\s\S]*\n",
    r"(?:~|\?|null)\s*:?[\s\S]*\n",
    # Break characters of Unicode, which are none to Go's reader of lines.
    r"[\u0085\u2028\u2029]",
)
_KNOWN = re.compile("|".join(KNOWN))


def comparable(value: Any) -> Any:
    """A value in which True, 1 and 1.0 differ, and numbers are what the API machinery holds."""
    if isinstance(value, dict):
        return {key: comparable(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [comparable(entry) for entry in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = json_number(value)
        return type(number).__name__, number
    return value


def disagreement(text: str, answer: dict[str, Any]) -> str:
    """How our decoding of a text differs from the answer of the Go program, or nothing."""
    try:
        found = decode_bytes(text.encode())[1]
    except InputError as error:
        if "error" in answer or "ignored" in answer:
            return ""
        return f"refused: {error.failure.message}"
    if "error" in answer:
        return f"read as {[entry.value for entry in found]}, which Kubernetes refuses"
    if "ignored" in answer and not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return f"read as {[entry.value for entry in found]}, but Kubernetes ignores a part"
    ours = [comparable(entry.value) for entry in found if entry.value is not None]
    theirs = [comparable(value) for value in answer["documents"]]
    if ours != theirs:
        return f"read as {ours}, by Kubernetes as {theirs}"
    # Keys that a merge brings and keys of different types are no duplicates for one of the two.
    strict = answer.get("strict")
    if (strict is True or "already set" in str(strict)) and len(found) == 1 and "<<" not in text and not found[0].duplicate_keys:
        return "a repeated key was overlooked"
    return ""


def of_tree(node: Node) -> Any:
    """The value that a tree of places stands for."""
    node = target(node)
    if isinstance(node, Mapping):
        return {key: of_tree(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [of_tree(item) for item in node.items]
    assert isinstance(node, Scalar)
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return json_number(node.value)
    return node.value if isinstance(node.value, str | bool | None) else "<<"


def misplaced(text: str) -> str:
    """How the places of a text differ from its values, or nothing."""
    try:
        text, found = decode_bytes(text.encode())
    except InputError:
        return ""
    positions = index_positions(text)
    values = [comparable(entry.value) for entry in found]
    if [comparable(of_tree(root)) for root in positions.roots] != values:
        return f"placed as {[of_tree(root) for root in positions.roots]}"
    lines = len(re.findall(r"\r\n|\n|\r", text)) + 2
    for document in range(len(positions)):
        for route in positions.routes(document):
            line, column, last, end = positions.locate(document, route)
            if not (1 <= line <= last <= lines and column >= 1 and (line, column) <= (last, end)):
                return f"{route} is at {(line, column, last, end)}"
    return ""


def test_what_kubernetes_said_of_thousands_of_texts():
    wrong = {}
    count = refused = 0
    for text, answer in recorded():
        count += 1
        refused += "error" in answer
        if words := disagreement(text, answer):
            wrong[text] = words
    assert not {text: words for text, words in wrong.items() if not _KNOWN.search(text)}
    assert len(wrong) <= 12, wrong
    assert count > 10_000
    assert 2_000 < refused < count / 2


def test_values_and_places_agree():
    assert not {text: words for text, _ in recorded() if (words := misplaced(text))}


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build_oracle(tmp_path_factory.mktemp("oracle"))
    except LookupError as reason:
        pytest.skip(str(reason))


def unexpected(oracle: Path, texts: list[str]) -> dict[str, str]:
    """The disagreements that are not known."""
    wrong = {text: words for text, answer in zip(texts, answers(oracle, texts), strict=True) if (words := disagreement(text, answer))}
    wrong = {text: words for text, words in wrong.items() if not _KNOWN.search(text)}
    # Which of two keys wins that become the same string, Go decides by chance.
    return {text: words for text, words in wrong.items() if all(disagreement(text, answer) for answer in answers(oracle, [text] * 20))}


def test_the_recorded_answers_are_those_of_today(oracle: Path):
    texts = [text for text, _ in recorded()]
    assert set(texts) <= set(cases())
    for (text, was), now in zip(recorded(), answers(oracle, texts), strict=True):
        assert ("error" in was) == ("error" in now), text
        assert "error" in was or json.dumps(was["documents"]) == json.dumps(now["documents"]), text


def test_texts_of_chance(oracle: Path):
    # Another seed on another day may find what this one does not.
    texts = list(documents(seed=7, count=4_000))
    assert not unexpected(oracle, texts)
    assert not {text: words for text in texts if (words := misplaced(text))}


pieces = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=10).map("".join)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(pieces, min_size=20, max_size=40))
def test_texts_of_hypothesis(oracle: Path, texts: list[str]):
    assert not unexpected(oracle, texts)
    assert not {text: words for text in texts if (words := misplaced(text))}
