"""Comments, annotations and configuration entries that say a finding is accepted, and for how long."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import Any, Literal

from linter.model import Location, Suppressed

ANNOTATION = "gitops-lint/ignore"

By = Literal["comment", "annotation", "config", "baseline"]
Breach = Literal["not-allowed", "reason-missing", "lasts-too-long"]

# The directive at the beginning of a comment: `# gitops-lint: ignore[probes/liveness-missing] until=2027-03-31 why`.
# Without the colon it counts only where it cannot be prose, so that the slip is reported.
_DIRECTIVE = re.compile(
    r"gitops-lint(?:(?P<colon>:)[ \t]*(?P<verb>[A-Za-z-]*)|[ \t]+(?P<slip>ignore(?:-file)?)(?=[ \t]*\[))"
    r"(?:[ \t]*\[(?P<rules>[^\]\r\n]*)\])?(?P<rest>[^\r\n]*)"
)
_COMMENT = re.compile(r"(?:^|(?<=\s))#[ \t]*(?=gitops-lint)")
# Where a template's comment opens, and how it closes behind its `*/`.
_OPENING = re.compile(r"\{\{(?:-\s)?\s*/\*")
_CLOSING = re.compile(r"\*/\s*-?\}\}")
# Template lines that only steer: what a comment above them speaks about is the content inside.
_CONTROL = re.compile(r"\{\{-?\s*(?:(?:if|else|end|range|with|define|break|continue)\b|\$\w*\s*:?=)[^{}]*\}\}")
_UNTIL = re.compile(r"(?:^|\s)until=(\S+)")
# What was meant for a last day, and must not pass for a part of the reason: it would count for ever.
_UNTIL_SLIP = re.compile(r"(?:^|\s)until(?:\s*=|:?\s*\d{4}-)\S*(?:\s*\d\S*)?", re.IGNORECASE)
_LINE_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(slots=True)
class Suppression:
    """One statement that findings are accepted.

    A comment covers its own line, or the next line of content if it stands alone (`first_line`..`last_line`);
    `ignore-file` covers the whole file, an annotation its object. `content` is the first of these lines that holds more
    than the comment. `failures` are ids of accepted failures. `problem` says why it cannot be read, `breaches` what of the
    repository's policy it breaks. `used` grows while findings are matched.
    """

    by: By
    path: str
    location: Location
    rules: tuple[str, ...]
    until: str | None
    reason: str | None
    first_line: int
    last_line: int
    problem: str | None = None
    content: int = 0
    whole_file: bool = False
    failures: tuple[str, ...] = ()
    breaches: tuple[Breach, ...] = ()
    used: set[str] = field(default_factory=set)

    def counts(self, today: date) -> bool:
        """Whether it accepts anything today."""
        return self.problem is None and not self.breaches and not self.expired(today)

    def expired(self, today: date) -> bool:
        """Whether its last day has passed. A date that nobody can read counts as no date; `problem` tells."""
        day = parse_day(self.until)
        return day is not None and day < today

    def as_suppressed(self) -> Suppressed:
        return Suppressed(self.by, self.reason, self.until)

    def facts(self, unknown: Sequence[str], unused: Sequence[str], today: date) -> dict[str, Any]:
        """What the rules of the pack `suppression` judge. `by` is the word for it: comment, annotation, entry or baseline."""
        return {
            "by": "entry" if self.by == "config" else self.by,
            "path": self.path,
            "rules": [*self.rules, *self.failures],
            "unknown": list(unknown),
            "unused": list(unused),
            "until": self.until,
            "expired": self.expired(today),
            "reason": self.reason,
            "problem": self.problem,
            "breaches": list(self.breaches),
        }


def parse_day(text: str | None) -> date | None:
    """A day written as 2027-03-31, or None."""
    try:
        return date.fromisoformat(text) if text is not None and len(text) == 10 else None
    except ValueError:
        return None


def comments(path: str, text: str, in_scalar: Callable[[int], bool] = lambda offset: False) -> list[Suppression]:
    """The suppressions written as comments in a file, `# …` and, in templates, `{{/* … */}}`, in the order of the text.

    `in_scalar` tells whether the character at an offset (in code points from 0) is part of a scalar, where `#` begins no
    comment.
    """
    if "gitops-lint" not in text:
        return []
    # Without the comments of templates, so that what is left is what the lines hold.
    remaining, rest, found = "", 0, []
    starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]
    for start, inner, end in _template_comments(text):
        if not in_scalar(start):
            remaining += text[rest:start] + re.sub(r"[^\r\n]", " ", text[start:end])
            rest = end
            found += [(start, end, directive) for directive in _in_template_comment(text, inner, text.index("*/", inner))]
    lines = _LINE_BREAK.split(remaining + text[rest:])
    for number, line in enumerate(lines):
        for opening in _COMMENT.finditer(line) if "gitops-lint" in line else ():
            directive = _DIRECTIVE.match(text, starts[number] + opening.end())
            if directive is not None and not in_scalar(starts[number] + opening.start()):
                lines[number] = line[: opening.start()]
                found.append((starts[number] + opening.start(), starts[number] + len(line.rstrip()), directive))
                break
    suppressions = []
    following, filled = _next_contents(lines), [0, *accumulate(bool(line.strip()) for line in lines)]
    for start, end, directive in sorted(found, key=lambda entry: (entry[0], entry[2].start())):
        first, last = bisect_right(starts, start), bisect_right(starts, max(start, end - 1))
        location = Location(path, first, start - starts[first - 1] + 1, last, end - starts[last - 1] + 1)
        alone = filled[last] == filled[first - 1]
        line_meant = (following[last] or last) if alone else first
        whole_file = directive["verb"] == "ignore-file"
        found_here = _comment(path, location, directive, (1, len(lines)) if whole_file else (first, max(line_meant, last)))
        found_here.content = 1 if whole_file else line_meant
        found_here.whole_file = whole_file
        suppressions.append(found_here)
    return suppressions


def _template_comments(text: str) -> Iterator[tuple[int, int, int]]:
    """The comments of a template: where each begins, where its text begins, and where it ends."""
    place = 0
    while (opening := _OPENING.search(text, place)) is not None:
        end = text.find("*/", opening.end())
        if end < 0:
            return
        closing = _CLOSING.match(text, end)
        place = closing.end() if closing is not None else end
        if closing is not None:
            yield opening.start(), opening.end(), closing.end()


def _in_template_comment(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The directives at the beginning of a comment's lines, each ending with its line or the comment."""
    for line in re.finditer(r"(?:^|(?<=[\r\n]))[ \t*#]*(?=gitops-lint)", text[start:end]):
        directive = _DIRECTIVE.match(text, start + line.end(), end)
        if directive is not None:
            yield directive


def _comment(path: str, location: Location, directive: re.Match[str], covered: tuple[int, int]) -> Suppression:
    verb = directive["verb"] if directive["colon"] else directive["slip"]
    found = _statement("comment", path, location, directive["rules"], directive["rest"], covered)
    if not directive["colon"]:
        found.problem = f"the colon is missing: write `gitops-lint: {verb}[pack/rule]`"
    elif verb not in ("ignore", "ignore-file"):
        found.problem = f"`{verb}` is not known: write ignore[pack/rule] or ignore-file[pack/rule]" if verb else f"write {_COMMENT_FORM}"
    return found


def annotation(path: str, location: Location, value: str) -> Suppression:
    """The suppression in an object's annotation: `pack/rule, pack/rule2; until=2027-03-31; reason`."""
    names, _, rest = value.partition(";")
    return _statement("annotation", path, location, names, " ".join(part.strip() for part in rest.split(";")), (0, 0))


def entry(location: Location, rules: tuple[str, ...], until: str | None, reason: str | None, failures: tuple[str, ...] = ()) -> Suppression:
    """The suppression in an entry of `ignores:` in the configuration."""
    return Suppression("config", location.path, location, rules, until, reason, 0, 0, failures=failures)


_COMMENT_FORM = "ignore[pack/rule] until=2027-03-31 reason"
_ANNOTATION_FORM = "`pack/rule; until=2027-03-31; reason`"


def _statement(by: By, path: str, location: Location, names: str | None, rest: str, covered: tuple[int, int]) -> Suppression:
    until = _UNTIL.search(rest)
    said = _UNTIL.sub("", rest, count=1)
    slip = _UNTIL_SLIP.search(said)
    reason = said.strip() or None
    rules = tuple(dict.fromkeys(name.strip() for name in (names or "").split(",") if name.strip()))
    problem = None
    if not rules:
        problem = f"it names no rule: write {_COMMENT_FORM if by == 'comment' else _ANNOTATION_FORM}"
    elif until is not None and parse_day(until[1]) is None:
        problem = f"`until={until[1]}` is no day: write it as until=2027-03-31"
    elif slip is not None:
        words = "it has two last days" if until is not None else f"`{slip[0].strip()}` is no last day"
        problem = f"{words}: write one, as until=2027-03-31"
    return Suppression(by, path, location, rules, until[1] if until else None, reason, *covered, problem)


def _next_contents(lines: Sequence[str]) -> list[int]:
    """For each number of lines, the first line behind so many that is neither empty nor a comment, which is what a comment
    standing alone in front of it speaks about; 0 if there is none."""
    following = [0] * (len(lines) + 1)
    for index in range(len(lines) - 1, -1, -1):
        line = _CONTROL.sub("", lines[index]).strip()
        following[index] = index + 1 if line and not line.startswith("#") else following[index + 1]
    return following
