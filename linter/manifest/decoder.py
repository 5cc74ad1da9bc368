"""From bytes to values, as kubectl, the API server and Argo CD decode them.

The values are those sigs.k8s.io/yaml makes (see `linter.manifest.scalars`), built straight from parser events. No
positions are kept here: they cost more than the values and are needed only for files with findings, for which
`linter.manifest.positions` reads the text again.
"""

from __future__ import annotations

import re
from typing import Any, Final

from linter.errors import InputError
from linter.manifest.events import ParseError
from linter.manifest.go_differences import begins_as_json, with_flow_colons
from linter.manifest.problems import MAX_BYTES, RefusedError, syntax_error
from linter.manifest.scalars import UnusableError
from linter.manifest.separators import as_cut_by_kubectl, in_part, parts_of_helm
from linter.manifest.yaml_values import values_of_yaml


class Decoded:
    """One document of a file.

    `index` is its number in the file, from 0; empty documents count. `duplicate_keys` says that some mapping in it
    repeats a key; the last value has won. `rewritten_scalars` says that some number or key in it may be printed otherwise
    than its author wrote it, as 0644, 1.10 and the key `on` are.
    """

    __slots__ = ("duplicate_keys", "index", "rewritten_scalars", "value")

    def __init__(self, index: int, value: Any, duplicate_keys: bool = False, rewritten_scalars: bool = False) -> None:
        self.index = index
        self.value = value
        self.duplicate_keys = duplicate_keys
        self.rewritten_scalars = rewritten_scalars

    def __repr__(self) -> str:
        return f"Decoded({self.index}, {self.value!r}, {self.duplicate_keys})"


def decode_bytes(data: bytes, *, json: bool = False) -> tuple[str, list[Decoded]]:
    """The text of a file, without byte order mark, and its documents.

    Raises InputError: `file-too-large`, `encoding`, `binary-file`, and those of `decode_text`.
    """
    text = text_of(data)
    return text, decode_text(text, json=json, authored=True)


def text_of(data: bytes) -> str:
    """The text of a YAML or JSON file: UTF-8, or UTF-16 with a byte order mark, as libyaml and go-yaml read it."""
    if len(data) > MAX_BYTES:
        raise InputError(
            "file-too-large", f"the file has {len(data) / 1048576:.1f} MiB; files above {MAX_BYTES // 1048576} MiB are not read",
            fix="split the file, or leave it out with `exclude:` in the configuration", stage="read",
        )  # fmt: skip
    wide = data.startswith(_UTF16_MARKS)
    if not wide and b"\0" in data:
        raise InputError(
            "binary-file", "the file holds NUL bytes, so it is not text", line=data.count(b"\n", 0, data.index(b"\0")) + 1,
            fix="save the file as UTF-8, or leave it out with `exclude:` in the configuration", stage="read",
        )  # fmt: skip
    try:
        return data.decode("utf-16") if wide else data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(
            "encoding", f"the file is not {'UTF-16' if wide else 'UTF-8'}: byte 0x{data[error.start]:02X} at offset {error.start}",
            fix="save the file as UTF-8", line=None if wide else data.count(b"\n", 0, error.start) + 1, stage="read",
        ) from None  # fmt: skip


def decode_text(text: str, *, json: bool = False, authored: bool = False) -> list[Decoded]:
    """The documents of YAML text, or with `json` of JSON text (several may follow each other).

    YAML text that begins with `{` is read as JSON if it is JSON, as kubectl does. Text behind `---` on the same line is
    refused in `authored` files, and otherwise begins the next document, as in what a Helm template renders to. Raises
    InputError: `yaml-syntax`, `yaml-too-deep`, `yaml-alias-bomb`, `json-syntax`.
    """
    if json or begins_as_json(text):
        from linter.manifest.json_text import UnusableJSONError, decode_json

        try:
            return [Decoded(index, *document) for index, document in enumerate(decode_json(text))]
        except InputError as error:
            if json or error.failure.id != "json-syntax" or isinstance(error, UnusableJSONError):
                raise
    # kubectl and Argo CD read line by line and end each with a line break, which shows in a `|` that ends the file.
    ended = text if text.endswith("\n") else text + "\n"
    try:
        ended = as_cut_by_kubectl(ended)
    except RefusedError as refused:
        if authored:
            raise refused.as_input_error(text) from None
        parts = parts_of_helm(ended)
        documents = [document for _, start, part in parts for document in in_part(ended, start, part, _values)]
        return [Decoded(index, *document) for index, document in enumerate(documents)]
    return [Decoded(index, value, duplicates, rewritten) for index, (value, duplicates, rewritten) in enumerate(_values(ended))]


def _values(text: str) -> list[tuple[Any, bool, bool]]:
    """Value, "repeats a key" and "rewrites a scalar" of each document. Raises InputError."""
    try:
        return with_flow_colons(text, values_of_yaml)
    except ParseError as problem:
        raise syntax_error(problem, text) from None
    except RefusedError as refused:
        raise refused.as_input_error(text) from None
    except UnusableError as unusable:
        # The values pass does not know where it is inside a mapping; the positions pass does, and refuses the same.
        from linter.manifest.positions import index_positions

        index_positions(text)
        raise InputError("yaml-syntax", str(unusable), fix=unusable.fix) from None


_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_ESCAPED_LETTER: Final = rb"\\[xuU\r\n]"
_ESCAPED_TAG: Final = rb"!\S*%"


def may_hold_manifest(data: bytes) -> bool:
    """False only if no document in these bytes can be a mapping with string apiVersion and kind.

    A key can be spelled with escapes, as base64 or in UTF-16; then the answer is True.
    """
    return (
        (b"apiVersion" in data and b"kind" in data)
        or (b"\\" in data and re.search(_ESCAPED_LETTER, data) is not None)
        or b"binary" in data
        or b"%TAG" in data
        or (b"!" in data and re.search(_ESCAPED_TAG, data) is not None)
        or data.startswith(_UTF16_MARKS)
    )
