"""The rules of a .helmignore file: which files under a chart's directory are not part of the chart.

They look like those of .gitignore and differ from them: the first rule that decides wins, a rule that begins with `!`
leaves out everything it does not match, and `**` is an error. Source: Helm's package ignore.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


class Rule:
    """One line of a .helmignore file."""

    __slots__ = ("directory_only", "negated", "pattern", "whole_path")

    def __init__(self, line: str) -> None:
        """Raises ValueError for a pattern that Helm refuses."""
        if "**" in line:
            raise ValueError("`**` is not supported in .helmignore")
        self.negated = line.startswith("!")
        line = line[1:] if self.negated else line
        self.directory_only = line.endswith("/")
        line = line.removesuffix("/")
        self.whole_path = "/" in line
        self.pattern = _compile(line.removeprefix("/"))

    def matches(self, path: str) -> bool:
        return self.pattern.fullmatch(path if self.whole_path else path.rpartition("/")[2]) is not None


class IgnoreRules:
    """All rules of a chart; hidden files in templates/ are always left out."""

    def __init__(self, text: str = "") -> None:
        """Raises ValueError, whose text begins with the line number, for a pattern that Helm refuses."""
        self._rules: list[Rule] = []
        for number, line in enumerate([*text.removeprefix("\ufeff").split("\n"), "templates/.?*"], 1):
            line = line.strip()
            if line and not line.startswith("#"):
                try:
                    self._rules.append(Rule(line))
                except ValueError as error:
                    raise ValueError(f"{number}: {error}") from None
        self._directories: dict[str, bool] = {"": False}

    def keep(self, paths: Iterable[str]) -> list[str]:
        """Those of `paths` (relative to the chart) that belong to the chart."""
        return [path for path in paths if not self._directory_ignored(path.rpartition("/")[0]) and not self._ignored(path, False)]

    def _directory_ignored(self, path: str) -> bool:
        known = self._directories.get(path)
        if known is None:
            known = self._directory_ignored(path.rpartition("/")[0]) or self._ignored(path, True)
            self._directories[path] = known
        return known

    def _ignored(self, path: str, directory: bool) -> bool:
        for rule in self._rules:
            if rule.negated:
                if (rule.directory_only and not directory) or not rule.matches(path):
                    return True
            elif (directory or not rule.directory_only) and rule.matches(path):
                return True
        return False


def _compile(glob: str) -> re.Pattern[str]:
    """A pattern of Go's filepath.Match as a regular expression. Raises ValueError if Go would refuse it."""
    pieces: list[str] = []
    position = 0
    while position < len(glob):
        char = glob[position]
        position += 1
        if char == "*":
            pieces.append("[^/]*")
        elif char == "?":
            pieces.append("[^/]")
        elif char == "[":
            piece, position = _character_class(glob, position)
            pieces.append(piece)
        elif char == "\\":
            if position == len(glob):
                raise ValueError(f"`{glob}` is not a valid pattern")
            pieces.append(re.escape(glob[position]))
            position += 1
        else:
            pieces.append(re.escape(char))
    return re.compile("".join(pieces), re.DOTALL)


def _character_class(glob: str, position: int) -> tuple[str, int]:
    """A `[a-z]` class whose bracket stands before `position`, as a regular expression, and the offset after it."""
    negated = glob[position : position + 1] == "^"
    position += negated
    ranges: list[str] = []
    while True:
        if position < len(glob) and glob[position] == "]" and ranges:
            members = "".join(ranges)
            if not members:
                return ("." if negated else "(?!)"), position + 1
            return f"[{'^' if negated else ''}{members}]", position + 1
        low, position = _class_character(glob, position)
        high = low
        if glob[position : position + 1] == "-":
            high, position = _class_character(glob, position + 1)
        ranges.append(f"{re.escape(low)}-{re.escape(high)}" if low <= high else "")


def _class_character(glob: str, position: int) -> tuple[str, int]:
    if glob[position : position + 1] == "\\":
        position += 1
    elif glob[position : position + 1] in ("-", "]"):
        position = len(glob)
    if position >= len(glob):
        raise ValueError(f"`{glob}` is not a valid pattern")
    return glob[position], position + 1
