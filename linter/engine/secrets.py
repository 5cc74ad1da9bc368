"""Text of manifests without the data of Secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from linter.errors import InputError
from linter.manifest.positions import index_positions
from linter.manifest.shadow import Mapping, Node, Scalar, Sequence, target
from linter.model import Failure

HIDDEN = "•••"

_DATA = ("data", "stringData")
# What a Secret says without giving anything away. Whatever else stands in one may be its data under a misspelt name.
_PUBLIC = frozenset({"apiVersion", "kind", "metadata", "type", "immutable"})
# The annotation holds the whole object as JSON.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_VISIBLE = re.compile(r"[^\r\n]")
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
# It stays, since an alias may need it.
_ANCHOR = re.compile(r"&\S+\s+")
# Shorter values are in too many words to be told from them.
_SHORTEST = 3
# What a message quotes, without the sign of an alias or anchor.
_EXCERPT = re.compile(r"`[*&]?([^`]*\w[^`]*)`")


def without_secrets(text: str, *, is_json: bool = False) -> str:
    """The text with each value of a Secret's data replaced; everything else stays as its author wrote it.

    Raises InputError if it is no YAML, or with `is_json` no JSON.
    """

    def hidden(value: str) -> str:
        anchor = _ANCHOR.match(value)
        return f'{anchor[0] if anchor else ""}"{HIDDEN}"'

    return _replaced(text, is_json, hidden)


def masked(text: str, *, is_json: bool = False) -> str:
    """The text with each character of a Secret's data replaced, so that lines and columns stay as they are.

    A text that is no YAML, as most templates, is returned as it is.
    """
    try:
        return _replaced(text, is_json, lambda value: _VISIBLE.sub(HIDDEN[0], value)) if "Secret" in text or "\\u" in text else text
    except InputError:
        return text


def without_excerpts(failure: Failure, text: str) -> Failure:
    """A failure to read a text, without what its message quotes from it, if that may be part of a Secret."""
    if failure.line is None or ("Secret" not in text and "secretGenerator" not in text):
        return failure
    lines = _LINE_BREAK.split(text)
    line = lines[failure.line - 1] if 0 < failure.line <= len(lines) else ""
    message = _EXCERPT.sub(lambda quoted: f"`{HIDDEN}`" if quoted[1] in line else quoted[0], failure.message)
    return replace(failure, message=message)


def without_values(message: str, texts: Iterable[str]) -> str:
    """A message of a program about manifests, without the data of the Secrets in their texts."""
    values: set[str] = set()
    for text in texts:
        try:
            roots = index_positions(text).roots if "Secret" in text or "secretGenerator" in text else ()
        except InputError:
            continue
        for scalar in (scalar for root in roots for scalar in (*_in_secrets(text, root, False, set()), *_generated(root))):
            if isinstance(scalar.value, str) and len(scalar.value.strip()) >= _SHORTEST:
                values |= {scalar.value.strip(), scalar.value.partition("=")[2].strip()}
    for value in sorted((value for value in values if len(value) >= _SHORTEST), key=len, reverse=True):
        message = message.replace(value, HIDDEN)
    return message


def _generated(root: Node) -> Iterator[Scalar]:
    """The literals of a kustomization's `secretGenerator`."""
    for generators in _values(root, "secretGenerator"):
        for generator in getattr(target(generators), "items", ()):
            for literals in _values(generator, "literals"):
                yield from _scalars(literals, set())


def _replaced(text: str, is_json: bool, replacement: Callable[[str], str]) -> str:
    """The text with the values of Secrets' data replaced, those included that a repeated key has put out of effect."""
    pieces, position = [], 0
    roots = index_positions(text, json=is_json).roots
    found = {(scalar.start, scalar.end) for root in roots for scalar in _in_secrets(text, root, False, set())}
    for start, end in sorted(found):
        value = text[start:end].rstrip(" \t\r\n")
        if value:
            pieces += [text[position:start], replacement(value)]
            position = start + len(value)
    return "".join([*pieces, text[position:]])


def _in_secrets(text: str, node: Node, is_secret: bool, seen: set[tuple[int, bool]]) -> Iterator[Scalar]:
    node = target(node)
    if (id(node), is_secret) in seen:
        return
    seen.add((id(node), is_secret))
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _in_secrets(text, item, is_secret, seen)
    elif isinstance(node, Mapping):
        kinds = {_value(text, kind) for kind in _values(node, "kind")}
        if is_secret or "Secret" in kinds:
            below: set[int] = set()
            # A reference to a Secret has a kind, too, and no metadata.
            whole = is_secret or any(True for _ in _values(node, "metadata"))
            for key, value in _entries(node):
                if key in _DATA or (whole and key not in _PUBLIC):
                    yield from _scalars(value, below)
            for metadata in _values(node, "metadata"):
                for annotations in _values(metadata, "annotations"):
                    for value in _values(annotations, _LAST_APPLIED):
                        yield from _scalars(value, below)
        for key, value in _entries(node):
            yield from _in_secrets(text, value, key == "items" and "SecretList" in kinds, seen)


def _scalars(node: Node, seen: set[int]) -> Iterator[Scalar]:
    node = target(node)
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, Scalar):
        yield node
    for inner in node.items if isinstance(node, Sequence) else [value for _, value in _entries(node)]:
        yield from _scalars(inner, seen)


def _entries(node: Node) -> Iterable[tuple[str, Node]]:
    """Every entry of a mapping: written, replaced by a later one, or merged into it."""
    if not isinstance(node, Mapping):
        return
    yield from ((key, value) for key, (_, value) in node.own.items())
    yield from ((key, value) for key, _, value in node.lost)
    if node.entries is not node.own:
        yield from ((key, value) for key, (_, value) in node.entries.items())


def _values(node: Node, key: str) -> Iterable[Node]:
    return [value for name, value in _entries(target(node)) if name == key]


def _value(text: str, node: Node) -> object:
    """What a scalar stands for; the trees of JSON text do not say."""
    node = target(node)
    if not isinstance(node, Scalar):
        return None
    if node.value is None and text[node.start : node.start + 1] == '"':
        return json.loads(text[node.start : node.end])
    return node.value
