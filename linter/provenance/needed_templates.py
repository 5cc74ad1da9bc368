"""Which templates of a chart take part in what some of them print.

Most of a chart's output can be left alone where only a few files of it are asked about. A template is left out if it
defines nothing, no template that stays includes it by its file name, and it changes no values: `set`, `merge` and their like
work on the mappings they are given, so that one template can decide what another prints.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Set

from linter.rendering.helm.includes import parse_uses
from linter.rendering.helm.template_language import Action, code_spans, literals

_DEFINES: re.Pattern[str] = re.compile(r"\{\{-?\s*(?:define|block)(?!\w)")
# The functions that change their first argument, and that argument as far as it tells what it is.
_CHANGE = re.compile(
    r"(?<![\w.$])(?:(?:un)?set|(?:mustM|m)erge(?:Overwrite)?)\s+(?:\(\s*(?P<made>\w+)|\$(?P<variable>\w+)(?![\w.])|(?P<other>\S))"
)
# What these return is new: nobody else sees what is done to it. The first argument of `merge` is looked at where it stands.
_MAKING = frozenset(
    {"dict", "list", "tuple", "include", "tpl", "deepCopy", "mustDeepCopy", "fromYaml", "fromJson", "mustFromJson", "merge", "mustMerge"}
    | {"mergeOverwrite", "mustMergeOverwrite", "set", "unset", "omit", "pick", "lookup"}
)
_FIRST_WORD = re.compile(r"[\s(]*(\w+)")
_COMPUTED = re.compile(r"(?<![\w.$])(?:include|template)\s+(?![\"`\s])")
_BASE_PATH = "BasePath"
# In a string, the last part of a path.
_FILE_NAME = re.compile(r"""[\"`/]([^\s/\"`]+\.\w+)[\"`]""")


class NeededTemplates:
    """The templates of one chart and its subcharts, by path, and how they depend on each other."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = templates
        self._defining = frozenset(path for path, text in templates.items() if _DEFINES.search(text))
        self._changing = self._templates_that_change()
        uses = (use for path in self._defining for use in _file_uses(templates[path]))
        self._given_names = any(inside is not None and not names for inside, names in uses)
        self._by_name: dict[str, list[str]] = {}
        for path in templates:
            self._by_name.setdefault(path.rpartition("/")[2], []).append(path)

    def of(self, wanted: Collection[str]) -> frozenset[str]:
        """The paths of the templates that are needed so that those at the paths `wanted` print what they do."""
        needed: set[str] = set()
        pending = [*self._defining, *self._changing, *(path for path in wanted if path in self._templates)]
        while pending:
            path = pending.pop()
            if path in needed:
                continue
            needed.add(path)
            included = self._included(self._templates[path])
            if included is None:
                return frozenset(self._templates)
            pending += included
        return frozenset(needed)

    def without_others(self, wanted: Collection[str]) -> dict[str, str]:
        """Nothing in the place of each template that is not needed for those at the paths `wanted`."""
        needed = self.of(wanted)
        return {path: "" for path in self._templates if path not in needed}

    def _included(self, text: str) -> list[str] | None:
        """The templates that a text names by their files; None if it includes some that cannot be told."""
        # A named template may be told which file to include.
        names = _FILE_NAME.findall(text) if self._given_names else []
        for inside, own in _file_uses(text):
            if not any(name in self._by_name for name in own) and (own or inside is None):
                return None
            names += own
        return [path for name in names for path in self._by_name.get(name, ())]

    def _templates_that_change(self) -> frozenset[str]:
        """The templates outside of any `define` in which something may change what others see."""
        found: set[str] = set()
        defines: set[str] = set()
        for path, text in self._templates.items():
            for inside in _changes(text):
                if inside is None:
                    found.add(path)
                else:
                    defines.add(inside)
        if not defines:
            return frozenset(found)
        while more := {name for path in self._defining for name in _using(self._templates[path], defines)} - defines:
            defines |= more
        marks = tuple(mark for name in defines for mark in (f'"{name}"', f"`{name}`"))
        found.update(path for path, text in self._templates.items() if _COMPUTED.search(text) or any(mark in text for mark in marks))
        return frozenset(found)


def _changes(text: str) -> Iterator[str | None]:
    """For each action that changes something which others may see, the `define` it stands in; all of them if it cannot be
    told."""
    suspects = [found.start() for found in _CHANGE.finditer(text)]
    parsed = parse_uses(text) if suspects else ([], None)
    if parsed is None:
        yield None
        return
    for action in parsed[0]:
        while suspects and suspects[0] < action.code_start:
            del suspects[0]
        if not suspects or suspects[0] >= action.code_end:
            continue
        for change in _CHANGE.finditer(_code(text, action)):
            if change["made"] in _MAKING:
                continue
            if change["variable"] is None or not _is_made(text, parsed[0], action.define, change["variable"]):
                yield action.define


def _code(text: str, action: Action) -> str:
    """What an action says, with nothing in its strings."""
    return '""'.join(text[start:end] for start, end in code_spans(text, action))


def _is_made(text: str, actions: list[Action], define: str | None, variable: str) -> bool:
    """Whether all that is ever assigned to a variable is new."""
    pattern = re.compile(rf"\s*(?:(?:if|with|else\s+if|else\s+with)\s+)?\${variable}\s*:?=(?!=)")
    ranged = re.compile(rf"\s*range\s[^:]*\${variable}(?!\w)[^:]*:=")
    seen = False
    for action in actions:
        if action.define != define or variable not in text[action.code_start : action.code_end]:
            continue
        code = _code(text, action)
        if ranged.match(code):
            return False
        assigned = pattern.match(code)
        if assigned is not None:
            seen = True
            # Of a pipeline the last command makes the result.
            word = _FIRST_WORD.match(code[assigned.end() :].rpartition("|")[2])
            if word is None or word[1] not in _MAKING:
                return False
    return seen


def _file_uses(text: str) -> Iterator[tuple[str | None, list[str]]]:
    """For each action that speaks of the templates' directory, the `define` it stands in, and the file names in it."""
    parsed = parse_uses(text) if _BASE_PATH in text else None
    for action in parsed[0] if parsed is not None else ():
        if _BASE_PATH in text[action.code_start : action.code_end]:
            yield action.define, _FILE_NAME.findall(text, action.code_start, action.code_end)


def _using(text: str, names: Set[str]) -> Iterator[str]:
    """The named templates in a text that mention one of `names`."""
    parsed = parse_uses(text) if any(name in text for name in names) else None
    for action in parsed[0] if parsed is not None else ():
        if action.define is not None and not names.isdisjoint(literals(text, action)):
            yield action.define
