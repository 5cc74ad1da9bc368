"""Which values a template names, by its text alone.

The language is read, not evaluated: `.Values` paths are followed through `with`, `range`, `$`, variables, `index`, `get`,
`dig` and the functions that pass one of their arguments on. What comes out chooses what a probe alters; it proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from linter.provenance.values.refusals import lenient
from linter.rendering.helm.includes import parse_uses
from linter.rendering.helm.template_language import Action, literals

ANY: Final = "\0any"
"""A step of a path that is only known when the template runs: the key or index of a `range`, a computed key."""

Path = tuple[str, ...]
"""Keys from the root context on: `("Values", "image", "tag")`; the root context itself is empty."""

Paths = frozenset[Path]
Inside = tuple[tuple[int, Paths], ...]
_NONE: Final[Paths] = frozenset()
_ROOT: Final[Paths] = frozenset([()])
_MAX_PATHS = 40
_BLOCKS: Final = frozenset({"if", "with", "range", "define", "block"})

_TOKEN = re.compile(
    r"""(?P<space>[\s]+)|(?P<string>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?P<variable>\$\w*)|(?P<chain>(?:\.\w+)+)|(?P<dot>\.)"""
    r"""|(?P<number>[-+]?\d[\w.]*)|(?P<word>\w+)|(?P<sign>:=|.)""",
    re.DOTALL,
)
_KEYWORDS = re.compile(r"\s*(?:else\s+)?(if|with|range|define|block|template|else|end)?(?!\w)")
_DEFINES = re.compile(r"\{\{-?\s*(?:define|block)(?!\w)")
_DECLARED = re.compile(r"\s*\$(\w*)\s*(?:,\s*\$(\w*)\s*)?:?=(?!=)")


class Piece:
    """One action: its first and last line, what it mentions, and the names of the templates it includes.

    `inside` are the blocks around what follows it, the outermost first: the line each begins on, and what it depends on.
    """

    __slots__ = ("action", "first", "includes", "inside", "last", "literals", "paths")

    def __init__(
        self, action: Action, first: int, last: int, paths: Paths, includes: frozenset[str], inside: Inside, literals: Sequence[str]
    ) -> None:
        self.action = action
        self.first = first
        self.last = last
        self.paths = paths
        self.includes = includes
        self.inside = inside
        self.literals = literals


class _Open:
    """A block that has begun: its keyword, and what to return to at its end."""

    __slots__ = ("dot", "keyword", "line", "paths", "variables")

    def __init__(self, keyword: str, dot: Paths, variables: dict[str, Paths], line: int, paths: Paths) -> None:
        self.keyword = keyword
        self.dot = dot
        self.variables = variables
        self.line = line
        self.paths = paths


@lru_cache(maxsize=1024)
def pieces(text: str) -> tuple[Piece, ...]:
    """The actions of a template with what they mention; none if it cannot be parsed."""
    parsed = parse_uses(text)
    return tuple(_read(text, parsed[0])) if parsed is not None else ()


def _read(text: str, actions: Sequence[Action]) -> Iterator[Piece]:
    dot = _ROOT
    variables: dict[str, Paths] = {"": _ROOT}
    blocks: list[_Open] = []
    for action in actions:
        first = action.line
        last = first + text.count("\n", action.start, action.end)
        paths, includes = _NONE, frozenset[str]()
        if action.keyword == "end" and blocks:
            block = blocks.pop()
            dot = block.dot
            # Variables of the block end with it; those of outside keep what was assigned to them.
            variables = block.variables if block.keyword == "define" else {name: variables[name] for name in block.variables}
        elif action.keyword not in ("end", "comment"):
            keyword, body = _split(action, text[action.code_start : action.code_end])
            reader = _Expression(body, dot, variables)
            result = reader.value()
            paths, includes = reader.mentioned, frozenset(reader.includes)
            if action.keyword == "else":
                if blocks:
                    dot, blocks[-1].paths = blocks[-1].dot, paths
            elif action.keyword in _BLOCKS:
                blocks.append(_Open("define" if keyword in ("define", "block") else keyword, dot, dict(variables), first, paths))
            if keyword == "with":
                dot = result
            elif keyword == "range":
                dot = _each(result)
            elif keyword == "define":
                dot, variables = _ROOT, {"": _ROOT}
            _declare(variables, reader, result, keyword == "range")
        yield Piece(action, first, last, paths, includes, tuple((block.line, block.paths) for block in blocks), literals(text, action))


def _split(action: Action, code: str) -> tuple[str, str]:
    """The control word of an action (of `else if`, the second) and what stands behind it."""
    if action.keyword in ("", "assignment"):
        return "", code
    found = _KEYWORDS.match(code)
    word = found[1] if found is not None and found[1] else action.keyword
    return word, code[found.end() :] if found is not None else code


def _declare(variables: dict[str, Paths], reader: _Expression, result: Paths, ranged: bool) -> None:
    names = reader.declared
    if not names:
        return
    values = _each(result) if ranged else result
    if len(names) == 2:
        variables[names[0]] = _NONE
    variables[names[-1]] = values


def _each(paths: Paths) -> Paths:
    return frozenset((*path, ANY) for path in paths if path)


class _Expression:
    """One expression. `mentioned` collects the paths in it, `includes` the names of included templates."""

    def __init__(self, code: str, dot: Paths, variables: Mapping[str, Paths]) -> None:
        self.mentioned: Paths = _NONE
        self.includes: set[str] = set()
        declared = _DECLARED.match(code)
        self.declared = [name for name in declared.groups() if name is not None] if declared is not None else []
        self._tokens = [(found.lastgroup or "", found[0]) for found in _TOKEN.finditer(code, declared.end() if declared is not None else 0)]
        self._at = 0
        self._dot = dot
        self._variables = variables

    def value(self) -> Paths:
        """The paths whose value the expression may have."""
        result = self._pipeline()
        while self._at < len(self._tokens):
            self._at += 1
            result |= self._pipeline()
        return result

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _pipeline(self) -> Paths:
        passed = _NONE
        while True:
            passed = self._command(passed)
            self._skip()
            if self._peek() != ("sign", "|"):
                return passed
            self._at += 1

    def _skip(self) -> None:
        while self._peek()[0] == "space":
            self._at += 1

    def _command(self, passed: Paths) -> Paths:
        function = ""
        operands: list[tuple[Paths, str | None]] = []
        while True:
            self._skip()
            kind, text = self._peek()
            if not kind or text in ("|", ")"):
                break
            if kind == "word" and not function and not operands:
                function = text
                self._at += 1
                continue
            operands.append(self._operand(kind, text))
        if function in ("include", "template") and operands and operands[0][1] is not None:
            self.includes.add(operands[0][1])
        if not function and operands and operands[0][1] is not None:
            # `template "name" .` reaches here without its word.
            self.includes.add(operands[0][1])
        if function in ("index", "get") and operands:
            return self._mention(_below(operands[0][0], [literal for _, literal in operands[1:]]))
        if function == "dig" and len(operands) > 2:
            return self._mention(_below(operands[-1][0], [literal for _, literal in operands[:-2]]))
        if function == "dig" and passed:
            return self._mention(_below(passed, [literal for _, literal in operands[:-1]]))
        result = passed
        for paths, _ in operands:
            result |= paths
        return result if len(result) <= _MAX_PATHS else _NONE

    def _operand(self, kind: str, text: str) -> tuple[Paths, str | None]:
        self._at += 1
        paths, literal = _NONE, None
        if kind == "string":
            literal = text[1:-1]
        elif kind == "number":
            literal = ANY
        elif kind == "variable":
            paths = self._variables.get(text[1:], _NONE)
        elif kind == "dot":
            paths = self._dot
        elif kind == "chain":
            return self._mention(_chain(self._dot, text)), None
        elif text == "(":
            paths = self._pipeline()
            if self._peek()[1] == ")":
                self._at += 1
        kind, text = self._peek()
        if kind == "chain":
            self._at += 1
            paths = _chain(paths, text)
        return self._mention(paths), literal

    def _mention(self, paths: Paths) -> Paths:
        self.mentioned |= paths
        return paths


def _chain(base: Paths, text: str) -> Paths:
    steps = tuple(text.split(".")[1:])
    if "Values" in steps:
        # Whatever holds the root context, as `.context.Values` and `$.Values` do.
        return frozenset([steps[steps.index("Values") :]])
    return frozenset((*path, *steps) for path in base)


def _below(base: Paths, keys: Iterable[str | None]) -> Paths:
    steps = tuple(ANY if key is None else key for key in keys)
    return frozenset((*path, *steps) for path in base)


class Mentions:
    """The values that the templates of a chart and its subcharts mention, line by line.

    `needed` are the paths of those that take part; the others are left out. None stands for all.
    """

    def __init__(self, templates: Mapping[str, str], needed: Collection[str] | None = None) -> None:
        self._templates = templates if needed is None else {path: text for path, text in templates.items() if path in needed}
        self._left_out = () if needed is None else tuple(path for path in templates if path not in needed)
        self._defines: dict[str, list[Piece]] = {}
        self._known: dict[tuple[str, int], frozenset[Path]] = {}
        self._literals: frozenset[str] | None = None
        self._lenient: dict[str, str] | None = None

    def has(self, path: str) -> bool:
        """Whether a template takes part."""
        return path in self._templates

    @property
    def literals(self) -> frozenset[str]:
        """The string constants in the actions, to which values may be compared."""
        if self._literals is None:
            found = (piece for text in self._templates.values() for piece in pieces(text))
            self._literals = frozenset(literal for piece in found for literal in piece.literals)
        return self._literals

    @property
    def without_refusals(self) -> Mapping[str, str]:
        """Those templates that can refuse values, or only print notes, changed so that they do not, and nothing in the
        place of those that are left out."""
        if self._lenient is None:
            changed = {path: lenient(path, text) for path, text in self._templates.items()}
            self._lenient = dict.fromkeys(self._left_out, "")
            self._lenient |= {path: text for path, text in changed.items() if text is not self._templates[path]}
        return self._lenient

    def at(self, path: str, line: int) -> frozenset[Path]:
        """The keys of the chart's values that the actions on a template line name, also in the templates they include.

        A key stands for all below it; steps that are not known are `ANY`. The values as a whole are left out.
        """
        if (path, line) not in self._known:
            found: set[Path] = set()
            seen: set[str] = set()
            for piece in pieces(self._templates.get(path, "")):
                if piece.first <= line <= piece.last:
                    self._collect(piece, found, seen)
            self._known[path, line] = frozenset(found)
        return self._known[path, line]

    def _collect(self, piece: Piece, found: set[Path], seen: set[str]) -> None:
        found |= values_keys(piece.paths)
        for name in piece.includes - seen:
            seen.add(name)
            for inner in self._defined(name):
                self._collect(inner, found, seen)

    def _defined(self, name: str) -> Sequence[Piece]:
        """The actions in the named template."""
        if name not in self._defines:
            texts = [text for text in self._templates.values() if f'"{name}"' in text or f"`{name}`" in text]
            own = [piece for text in texts if _DEFINES.search(text) for piece in pieces(text) if piece.action.define == name]
            self._defines[name] = own
        return self._defines[name]


def values_keys(paths: Iterable[Path]) -> set[Path]:
    """Those of the paths that lead into the values, from there on."""
    return {path[1:] for path in paths if len(path) > 1 and path[0] == "Values"}


def covers(mentioned: Iterable[Path], key: Sequence[str | int]) -> bool:
    """Whether a key of the values is one of those mentioned, or lies below one."""
    return any(len(path) <= len(key) and all(step in (ANY, found) for step, found in zip(path, key, strict=False)) for path in mentioned)


def guarded_text(text: str) -> Iterator[tuple[int, int, Inside]]:
    """The stretches of text behind the actions of a template: start, end, and the blocks around, as in `Piece.inside`."""
    read = pieces(text)
    for number, piece in enumerate(read):
        yield piece.action.end, read[number + 1].action.start if number + 1 < len(read) else len(text), piece.inside
