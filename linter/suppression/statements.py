"""Comments, annotations and configuration entries that say a finding is accepted, and for how long."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
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
_TEMPLATE_COMMENT = re.compile(r"\{\{(?:-\s)?\s*/\*(?P<body>.*?)\*/\s*-?\}\}", re.DOTALL)
# Template lines that only steer: what a comment above them speaks about is the content inside.
_CONTROL = re.compile(r"\{\{-?\s*(?:(?:if|else|end|range|with|define|break|continue)\b|\$\w*\s*:?=)[^{}]*\}\}")
_UNTIL = re.compile(r"(?:^|\s)until=(\S+)")
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
    remaining, found = text, []
    starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]
    for match in _TEMPLATE_COMMENT.finditer(text) if "{{" in text else ():
        if not in_scalar(match.start()):
            remaining = remaining[: match.start()] + re.sub(r"[^\r\n]", " ", match[0]) + remaining[match.end() :]
            found += [(match.start(), match.end(), directive) for directive in _in_template_comment(text, match)]
    lines = _LINE_BREAK.split(remaining)
    for number, line in enumerate(lines):
        for opening in _COMMENT.finditer(line) if "gitops-lint" in line else ():
            directive = _DIRECTIVE.match(text, starts[number] + opening.end())
            if directive is not None and not in_scalar(starts[number] + opening.start()):
                lines[number] = line[: opening.start()]
                found.append((starts[number] + opening.start(), starts[number] + len(line.rstrip()), directive))
                break
    suppressions = []
    for start, end, directive in sorted(found, key=lambda entry: (entry[0], entry[2].start())):
        first, last = bisect_right(starts, start), bisect_right(starts, max(start, end - 1))
        location = Location(path, first, start - starts[first - 1] + 1, last, end - starts[last - 1] + 1)
        alone = not any(line.strip() for line in lines[first - 1 : last])
        line_meant = _next_content(lines, last) if alone else first
        whole_file = directive["verb"] == "ignore-file"
        found_here = _comment(path, location, directive, (1, len(lines)) if whole_file else (first, max(line_meant, last)))
        found_here.content = 1 if whole_file else line_meant
        suppressions.append(found_here)
    return suppressions


def _in_template_comment(text: str, comment: re.Match[str]) -> Iterator[re.Match[str]]:
    """The directives at the beginning of a comment's lines, each ending with its line or the comment."""
    for line in re.finditer(r"(?:^|(?<=[\r\n]))[ \t*#]*(?=gitops-lint)", comment["body"]):
        directive = _DIRECTIVE.match(text, comment.start("body") + line.end(), comment.end("body"))
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
    reason = _UNTIL.sub("", rest).strip() or None
    rules = tuple(dict.fromkeys(name.strip() for name in (names or "").split(",") if name.strip()))
    problem = None
    if not rules:
        problem = f"it names no rule: write {_COMMENT_FORM if by == 'comment' else _ANNOTATION_FORM}"
    elif until is not None and parse_day(until[1]) is None:
        problem = f"`until={until[1]}` is no day: write it as until=2027-03-31"
    return Suppression(by, path, location, rules, until[1] if until else None, reason, *covered, problem)


def _next_content(lines: Sequence[str], number: int) -> int:
    """The line that a comment standing alone speaks about: the next one that is neither empty nor a comment."""
    for index in range(number, len(lines)):
        line = _CONTROL.sub("", lines[index]).strip()
        if line and not line.startswith("#"):
            return index + 1
    return number


def covering(
    suppressions: Iterable[Suppression], rule: str, line: int, ids_of: Callable[[str], Collection[str]], today: date
) -> Suppression | None:
    """The first suppression among those of a file or object that covers a rule at a line (line 0: any line).

    Every one that speaks about this finding is marked as used, also when it has expired or another one covers it.
    """
    found = None
    for suppression in suppressions:
        if line and not suppression.first_line <= line <= suppression.last_line:
            continue
        words = [word for word in suppression.rules if rule in ids_of(word)]
        suppression.used.update(words)
        if words and found is None and suppression.counts(today):
            found = suppression
    return found
