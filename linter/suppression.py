"""Comments, annotations and configuration entries that say a finding is accepted, and for how long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from linter.model import Location, Suppressed

ANNOTATION = "gitops-lint/ignore"

# The directive, wherever it stands in a comment: `# gitops-lint: ignore[probes/liveness-missing] until=2027-03-31 why`.
_DIRECTIVE = re.compile(r"gitops-lint:[ \t]*(?P<verb>[A-Za-z-]+)(?:[ \t]*\[(?P<rules>[^\]\n]*)\])?(?P<rest>[^\n]*)")
_COMMENT = re.compile(r"(?:^|(?<=\s))#[ \t]*(?=gitops-lint:)")
_TEMPLATE_COMMENT = re.compile(r"\{\{-?[ \t]*/\*[ \t]*(?=gitops-lint:)")
_UNTIL = re.compile(r"(?:^|\s)until=(\S+)")


@dataclass(slots=True)
class Suppression:
    """One statement that findings are accepted.

    A comment covers its own line, or the next line of content if it stands alone (`first_line`..`last_line`);
    `ignore-file` covers the whole file, an annotation its object. `used` grows while findings are matched.
    """

    by: Literal["comment", "annotation"]
    path: str
    location: Location
    rules: tuple[str, ...]
    until: str | None
    reason: str | None
    first_line: int
    last_line: int
    problem: str | None = None
    used: set[str] = field(default_factory=set)

    def expired(self, today: date) -> bool:
        """Whether its last day has passed. A date that nobody can read counts as no date; `problem` tells."""
        day = parse_day(self.until)
        return day is not None and day < today

    def as_suppressed(self) -> Suppressed:
        return Suppressed(self.by, self.reason, self.until)

    def facts(self, unknown: Sequence[str], unused: Sequence[str], today: date) -> dict[str, Any]:
        """What the rules of the pack `suppression` judge."""
        return {
            "by": self.by,
            "path": self.path,
            "rules": list(self.rules),
            "unknown": list(unknown),
            "unused": list(unused),
            "until": self.until,
            "expired": self.expired(today),
            "reason": self.reason,
            "problem": self.problem,
        }


def parse_day(text: str | None) -> date | None:
    """A day written as 2027-03-31, or None."""
    try:
        return date.fromisoformat(text) if text is not None and len(text) == 10 else None
    except ValueError:
        return None


def comments(path: str, text: str) -> list[Suppression]:
    """The suppressions written as comments in a file, `# …` and, in templates, `{{/* … */}}`."""
    if "gitops-lint:" not in text:
        return []
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines, 1):
        opening = _COMMENT.search(line) or _TEMPLATE_COMMENT.search(line)
        directive = _DIRECTIVE.match(line, opening.end()) if opening else None
        if opening is None or directive is None:
            continue
        rest = re.sub(r"\*/\s*-?\}\}.*$", "", directive["rest"])
        location = Location(path, number, opening.start() + 1, number, len(line.rstrip()) + 1)
        alone = not line[: opening.start()].strip()
        first, last = (number, number) if not alone else (number, _next_content(lines, number))
        if directive["verb"] == "ignore-file":
            first, last = 1, len(lines) + 1
        found.append(_statement("comment", path, location, directive["verb"], directive["rules"], rest, first, last))
    return found


def annotation(path: str, location: Location, value: str) -> Suppression:
    """The suppression in an object's annotation: `pack/rule, pack/rule2; until=2027-03-31; reason`."""
    names, _, rest = value.partition(";")
    rest = " ".join(part.strip() for part in rest.split(";"))
    return _statement("annotation", path, location, "ignore", names, rest, 0, 0)


def _statement(
    by: Literal["comment", "annotation"], path: str, location: Location, verb: str, names: str | None, rest: str, first: int, last: int
) -> Suppression:
    until = _UNTIL.search(rest)
    reason = _UNTIL.sub("", rest).strip() or None
    rules = tuple(name.strip() for name in (names or "").split(",") if name.strip())
    problem = None
    if verb not in ("ignore", "ignore-file"):
        problem = f"`{verb}` is not known: write ignore[pack/rule] or ignore-file[pack/rule]"
    elif not rules:
        problem = "it names no rule: write ignore[pack/rule] until=2027-03-31 reason"
    elif until is not None and parse_day(until[1]) is None:
        problem = f"`until={until[1]}` is no day: write it as until=2027-03-31"
    return Suppression(by, path, location, rules if problem is None or rules else (), until[1] if until else None, reason, first, last, problem)


def _next_content(lines: Sequence[str], number: int) -> int:
    """The line that a comment standing alone speaks about: the next one that is neither empty nor a comment."""
    for index in range(number, len(lines)):
        line = lines[index].strip()
        if line and not line.startswith(("#", "{{/*", "{{- /*")):
            return index + 1
    return number


def covering(
    suppressions: Iterable[Suppression], rule: str, line: int, ids_of: Callable[[str], Sequence[str]], today: date
) -> Suppression | None:
    """The first suppression among those of a file or object that covers a rule at a line (line 0: any line)."""
    for suppression in suppressions:
        if line and not suppression.first_line <= line <= suppression.last_line:
            continue
        if suppression.problem is not None and not suppression.rules:
            continue
        for word in suppression.rules:
            if rule in ids_of(word):
                suppression.used.add(word)
                if not suppression.expired(today) and suppression.problem is None:
                    return suppression
    return None
