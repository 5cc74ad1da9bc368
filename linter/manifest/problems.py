"""What is said about text that cannot be decoded: where it stands, what is wrong, and what to do."""

from __future__ import annotations

import re
from typing import Final

from linter.errors import InputError
from linter.manifest.events import ParseError

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_DEPTH: Final = 200
MAX_ALIAS_NODES: Final = 500_000

_LINE_BREAK: Final = r"\r\n|\n|\r"
# What libyaml and go-yaml refuse to read (the printable characters of YAML 1.1, without DEL). Compiled when needed.
_FORBIDDEN: Final = r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_QUOTE_IT: Final = "put quotes around the whole value"

# libyaml's problem texts, by their beginning: what they mean, and the remedy.
_MEANINGS: Final[tuple[tuple[str, str, str], ...]] = (
    ("could not find expected ':'", "a line that is neither `key: value` nor part of the value above it",
     "add the `:` after the key, indent the line as part of the value above, or comment it out"),
    ("did not find expected key", "the indentation does not fit the lines above",
     "align the line with the keys it belongs to, and check the quotes on this and the previous lines"),
    ("did not find expected '-' indicator", "a line in a list that does not start with `- `",
     "align the line with the item it belongs to, or start it with `- `"),
    ("did not find expected ',' or '}'", "a `{` is not closed, or a comma is missing",
     "close the `{`; if this is a template expression, it has to be rendered first"),
    ("did not find expected ',' or ']'", "a `[` is not closed, or a comma is missing", "close the `[`, or add the missing comma"),
    ("did not find expected node content", "a value is missing in a `[ ]` or `{ }`", "remove the extra comma or add the value"),
    ("block sequence entries are not allowed", "a list item `- ` where a value or key is expected",
     "start the list on a line of its own, or quote the value if it begins with a dash"),
    ("block mapping is not allowed", "a key where a value is expected", "start the mapping on a line of its own"),
    ("mapping keys are not allowed", "a `? ` where a value is expected", _QUOTE_IT),
    ("found unexpected end of stream", "a quote is opened here and never closed", "close the quote"),
    ("found unexpected document indicator", "a quoted text is not closed before `---` or `...`", "close the quote"),
    ("found unknown escape character", "a backslash in double quotes is followed by a character that is no escape",
     "write the backslash twice, or use single quotes"),
    ("did not find expected hexdecimal number", "an escape such as \\x41 or \\u0041 lacks digits",
     "write the backslash twice, or complete the escape"),
    ("found invalid Unicode character escape", "an escape that stands for no character", "write the character itself"),
    ("did not find expected alphabetic or numeric", "`&` or `*` begins a name that is not allowed",
     f"{_QUOTE_IT} if it is not an anchor or alias"),
    ("found incompatible YAML document", "a %YAML directive other than 1.1", "remove the %YAML line"),
    ("found unknown directive", "a line that begins with `%`", "remove the line"),
    ("did not find expected <document start>", "the document has ended above, and kubectl would ignore everything from here on",
     "indent the line like the lines it belongs to, or start the next document with a line `---`"),
    ("found unexpected ':'", "a colon inside `[ ]` or `{ }`", _QUOTE_IT),
    ("more than", "the text begins with very many %TAG directives", "remove them; Kubernetes objects need no tags"),
    ("found duplicate %", "a directive is repeated", "remove the line"),
    ("found undefined tag handle", "a tag `!name!` that is not declared", f"{_QUOTE_IT} if it begins with an exclamation mark"),
    ("did not find expected whitespace or line break", "characters that a tag or directive cannot hold",
     f"{_QUOTE_IT} if it begins with an exclamation mark"),
    ("did not find expected comment or line break", "text follows `|` or `>` on the same line",
     f"move the text to the next line, or {_QUOTE_IT}"),
    ("found an indentation indicator equal to 0", "`|0` or `>0` is no valid indentation", "write a number from 1 to 9, or none"),
)  # fmt: skip
MERGE_VALUE: Final = (
    "the value of the merge key `<<` is neither a mapping nor a list of mappings",
    'point it at a mapping, or quote the key ("<<")',
)
_TEMPLATE: Final = (
    "the line holds a template expression",
    "render the file first (a Helm template belongs under templates/ of its chart), or quote the value",
)
# Noticed only at the end of the file or of the next line; the place where it begins helps more.
_BEGINS_EARLIER: Final = ("found unexpected end of stream", "found unexpected document indicator", "could not find expected ':'")


# What the parser says where a key stands that it does not expect.
_AT_A_KEY: Final = ("mapping values are not allowed", "did not find expected key", "did not find expected <document start>")
# The remedy for text behind these.
_CLOSING: Final = {
    "'": "write an apostrophe inside single quotes twice (`''`), or put double quotes around the whole value",
    '"': 'write a quote inside double quotes as `\\"`, or put single quotes around the whole value',
    "]": _QUOTE_IT,
    "}": _QUOTE_IT,
}


class RefusedError(Exception):
    """Well-formed YAML that kubectl does not accept, with the place in code points."""

    def __init__(self, message: str, fix: str, index: int, id: str = "yaml-syntax") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.index = index
        self.id = id

    def as_input_error(self, text: str) -> InputError:
        """The failure, with the line of the place in `text`."""
        return InputError(self.id, self.message, fix=self.fix, line=line_at(text, self.index))


def line_at(text: str, index: int) -> int:
    """The line, from 1, of a place in code points; \\r\\n, \\n and \\r end lines, as in YAML."""
    if text[index : index + 1] == "\n" and text[index - 1 : index] == "\r":
        index -= 1
    if text.find("\r", 0, index) < 0:
        return text.count("\n", 0, index) + 1
    return len(re.findall(_LINE_BREAK, text[:index])) + 1


def _line_start(text: str, index: int) -> int:
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def _line_text(text: str, index: int) -> str:
    start = _line_start(text, index)
    end = re.compile(r"[\r\n]").search(text, index)
    return text[start : end.start() if end is not None else len(text)]


def _line_above(text: str, index: int) -> str:
    """The nearest line above that is neither empty nor a comment."""
    end = _line_start(text, index)
    while end:
        start = _line_start(text, end - 1)
        line = text[start:end].strip("\r\n")
        if line.strip() and not line.lstrip().startswith("#"):
            return line
        end = start
    return ""


def too_deep(index: int) -> RefusedError:
    return RefusedError(
        f"mappings and lists are nested more than {MAX_DEPTH} levels deep",
        "flatten the document; no Kubernetes object is nested that deep", index, "yaml-too-deep",
    )  # fmt: skip


def alias_bomb(index: int) -> RefusedError:
    return RefusedError(
        f"the aliases of this file expand to more than {MAX_ALIAS_NODES:,} values",
        "write the values out, or split the file; anchors that refer to anchors multiply", index, "yaml-alias-bomb",
    )  # fmt: skip


def undefined_alias(name: str, index: int) -> RefusedError:
    return RefusedError(
        f"the alias `*{name}` has no anchor `&{name}` before it in this document",
        "define the anchor in the same document, or quote the value if the asterisk belongs to it", index,
    )  # fmt: skip


def alias_cycle(name: str, index: int) -> RefusedError:
    return RefusedError(f"the anchor `&{name}` contains itself through `*{name}`", "write the inner value out", index)


def collection_key(index: int, text: str) -> RefusedError:
    """A mapping or list as a key, which is what YAML sees in `{{ .Values.x }}`."""
    line = _line_text(text, index)
    if "{{" in line or "{%" in line:
        return RefusedError(f"not valid YAML: {_TEMPLATE[0]}", _TEMPLATE[1], index)
    return RefusedError("a mapping or list cannot be a key", "write a string as the key, or quote it", index)


def merge_value(index: int) -> RefusedError:
    return RefusedError(*MERGE_VALUE, index)


def directive(index: int) -> RefusedError:
    return RefusedError("a line `%YAML` or `%TAG` above the document, which kubectl, Argo CD and Helm refuse", "remove the line", index)


def text_behind_separator(index: int) -> RefusedError:
    return RefusedError(
        "text stands behind `---` on the same line, and kubectl, Argo CD and Kustomize refuse the file",
        "move the text to the next line; only a comment may follow `---`", index,
    )  # fmt: skip


def empty_end(index: int) -> RefusedError:
    return RefusedError("a document that consists of `...` only, which kubectl and Argo CD refuse", "remove the line `...`", index)


def unseen_separator(index: int) -> RefusedError:
    return RefusedError(
        "kubectl and Argo CD do not see this `---`, because the line before ends in an unusual character, and ignore what follows",
        "save the file with the usual line ends (LF or CRLF)", index,
    )  # fmt: skip


def escaped_slash(index: int) -> RefusedError:
    return RefusedError(
        "`\\/` is no escape in double quotes for kubectl and Argo CD", "write `/` without the backslash, or use single quotes", index
    )


def syntax_error(problem: ParseError, text: str) -> InputError:
    """The failure for text the parser refuses, in a person's words."""
    words, index = problem.problem, problem.index
    if "control characters" in words or "surrogate" in words or index is None:
        match = re.search(_FORBIDDEN, text)
        if match is None:
            return InputError("yaml-syntax", f"the YAML cannot be read: {words}", fix="correct the YAML")
        return InputError(
            "yaml-syntax", f"the character U+{ord(match[0]):04X} is not allowed in YAML",
            fix='remove the character, or write it as an escape in double quotes ("\\x1b")', line=line_at(text, match.start()),
        )  # fmt: skip
    if words.startswith(_BEGINS_EARLIER) and problem.context_index is not None:
        index = problem.context_index
    elif "tab" not in words and not text[index:].strip():
        index = len(text.rstrip())
    meaning, fix = _meaning(words, problem.context, text, index)
    conflict = re.search(r"(?m)^<{7} ", text)
    if conflict is not None and re.search(r"(?m)^>{7} ", text) is not None:
        meaning, fix, index = (
            "a merge conflict is not resolved",
            "resolve it, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>",
            conflict.start(),
        )
    return InputError("yaml-syntax", f"not valid YAML: {meaning}", fix=fix, line=line_at(text, index))


def _meaning(words: str, context: str, text: str, index: int) -> tuple[str, str]:
    """What is wrong at `index`, and the remedy."""
    line = _line_text(text, index)
    before = line[: index - _line_start(text, index)].rstrip()
    character = text[index : index + 1]
    if "{{" in line or "{%" in line:
        return _TEMPLATE
    if "tab" in words or character == "\t":
        return "a tab stands where YAML wants spaces", "replace the tab by spaces: YAML indents with spaces only"
    if words.startswith("found character that cannot start any token"):
        return f"a value cannot begin with {character}", _QUOTE_IT
    if words.startswith("did not find expected alphabetic or numeric") and before[-1:] == "*":
        return "a value that begins with `*` and has no quotes refers to an anchor, and this is no anchor's name", _QUOTE_IT
    above = _line_above(text, index)
    if words.startswith("could not find expected ':'") and re.search(r"(?:^|[:\-\s])[|>][-+0-9]*\s*(?:\s#.*)?$", above) is not None:
        return "the text of a block scalar is not indented", "indent the lines below the `|` or `>` more than its key"
    is_key = re.search(r":\s", before) is None and re.search(r":(?:\s|$)", line) is not None
    if is_key and words.startswith(_AT_A_KEY) and re.search(r"^\s*(?:- +)*[\w./-]+:[^\s/]", above) is not None:
        return "the line is a key, but the line above lacks the space behind its colon", "write a space behind that colon"
    if words.startswith("mapping values are not allowed"):
        if re.search(r":\s", before) is None:
            return (
                "the line is a key, but the line above already has a value or lacks its colon",
                "correct the indentation, or the line above",
            )
        return "a second colon in a value without quotes", _QUOTE_IT
    if words.startswith("did not find expected key") and before[-1:] in _CLOSING:
        return "text follows a closing quote or bracket", _CLOSING[before[-1:]]
    if words.startswith("did not find expected key") and character == ":":
        return "a colon without a key before it", "write the key before the colon, or quote the text"
    if words.startswith("did not find expected node content"):
        if not character.strip():
            return "a `[` or `{` is never closed", "close the bracket"
        if character in "]}":
            return f"a `{character}` closes a bracket that is not open", f"remove it, or {_QUOTE_IT} if it belongs to the text"
    for beginning, meaning, fix in _MEANINGS:
        if words.startswith(beginning):
            return meaning, fix
    return f"{context}: {words}" if context else words, "correct the YAML on or above this line"
