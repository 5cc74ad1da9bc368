"""Schedules of CronJobs, read exactly as Kubernetes reads them.

Source: `ParseStandard` of robfig/cron v3, the parser behind the API server and the CronJob controller, with its own
readings: `?` is `*`, `5/15` means from 5 on, names are case-insensitive, the week has no day 7, and a list may be empty.
Durations of `@every` follow Go's `time.ParseDuration`. `TZ=` and `CRON_TZ=` before a schedule are refused since the field
`timeZone` exists (`validateScheduleFormat` of apis/batch/validation).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from linter.durations import nanoseconds

_MONTHS = {
    name: number for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# What Go's strings.Fields takes for white space.
_SPACE = re.compile("[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_NUMBER = re.compile(r"[+-]?[0-9]+\Z")
_DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")


class Field(NamedTuple):
    """One of the five fields of a schedule: its name, its bounds, and the names its numbers have."""

    name: str
    least: int
    most: int
    names: dict[str, int]


FIELDS = (
    Field("minute", 0, 59, {}),
    Field("hour", 0, 23, {}),
    Field("day of the month", 1, 31, {}),
    Field("month", 1, 12, _MONTHS),
    Field("day of the week", 0, 6, _DAYS),
)


class ScheduleProblem(NamedTuple):
    """What is wrong with a schedule, as a sentence, what its author may have meant, and whether it is refused or only useless."""

    message: str
    fix: str | None = None
    refused: bool = True


class _RefusedError(Exception):
    """A field that the parser refuses."""

    def __init__(self, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


@lru_cache(maxsize=1024)
def schedule_problem(schedule: str) -> ScheduleProblem | None:
    """Why Kubernetes refuses a schedule, or why it never fires; None for one that is good."""
    if not schedule:
        return ScheduleProblem("the schedule is empty")
    if "TZ" in schedule:
        fix = "Remove it from the schedule, and write the time zone in `timeZone`."
        return ScheduleProblem("the schedule names a time zone", fix)
    try:
        if schedule.startswith("@"):
            _descriptor(schedule)
            return None
        fields = [part for part in _SPACE.split(schedule) if part]
        if len(fields) != len(FIELDS):
            raise _RefusedError(*_wrong_count(fields))
        minutes, hours, days, months, weekdays = (_values(text, field) for text, field in zip(fields, FIELDS, strict=True))
    except _RefusedError as refused:
        return ScheduleProblem(refused.message, refused.fix)
    possible = any(day <= _LONGEST_MONTHS[month - 1] for month in months[0] for day in days[0])
    # With a star in one of the two fields for days both have to match, otherwise one of them is enough.
    either = not days[1] and not weekdays[1]
    if minutes[0] and hours[0] and months[0] and (possible or weekdays[0] if either else possible and weekdays[0]):
        return None
    for (values, _), field, text in zip((minutes, hours, days, months, weekdays), FIELDS, fields, strict=True):
        if not values:
            return ScheduleProblem(f"the {field.name} `{text}` names nothing, so the schedule never fires", refused=False)
    message = f"the schedule never fires: no month of `{fields[3]}` has a day `{fields[2]}`"
    return ScheduleProblem(message, "Name a day that exists.", refused=False)


def _wrong_count(fields: list[str]) -> tuple[str, str | None]:
    names = "minute, hour, day of the month, month and day of the week"
    message = f"the schedule has {len(fields)} field{'' if len(fields) == 1 else 's'}, and five are needed: {names}"
    if len(fields) in (6, 7):
        return message, "Kubernetes knows no field for seconds or years: remove it."
    return message, None


def _values(text: str, field: Field) -> tuple[frozenset[int], bool]:
    """The numbers that a field of a schedule names, and whether a star stands in it that holds for every value."""
    values: set[int] = set()
    star = False
    for part in text.split(","):
        if part:
            found, starred = _range(part, field)
            values.update(found)
            star = star or starred
    return frozenset(values), star


def _range(text: str, field: Field) -> tuple[range, bool]:
    base, *steps = text.split("/")
    first, *last = base.split("-")
    star = first in ("*", "?")
    if star:
        start, end = field.least, field.most
    else:
        start = _number(first, text, field)
        if len(last) > 1:
            raise _RefusedError(f"the {field.name} `{text}` has more than one `-`")
        end = _number(last[0], text, field) if last else start
    step = 1
    if steps:
        if len(steps) > 1:
            raise _RefusedError(f"the {field.name} `{text}` has more than one `/`")
        step = _step(steps[0], text, field)
        if not last:
            end = field.most
        star = star and step <= 1
    if start < field.least:
        raise _RefusedError(f"the {field.name} `{text}` begins below {field.least}", _bounds(field))
    if end > field.most:
        raise _RefusedError(f"the {field.name} `{text}` is above {field.most}", _sunday(field, end) or _bounds(field))
    if start > end:
        fix = f"Write two ranges: `{first}-{field.most},{field.least}-{last[0]}`." if last else None
        raise _RefusedError(f"the {field.name} `{text}` begins after its end", fix)
    if step == 0:
        raise _RefusedError(f"the {field.name} `{text}` has the step 0", "Write a step of 1 or more.")
    return range(start, end + 1, step), star


def _number(text: str, whole: str, field: Field) -> int:
    named = field.names.get(text.lower())
    if named is not None:
        return named
    if not _NUMBER.match(text) or len(text) > 18:
        raise _RefusedError(f"the {field.name} `{whole}` holds `{text}`, which is no number" + _or_name(field), _meant(text, field))
    return int(text)


def _step(text: str, whole: str, field: Field) -> int:
    if not _NUMBER.match(text) or len(text) > 18:
        raise _RefusedError(f"the {field.name} `{whole}` has the step `{text}`, which is no number")
    if int(text) < 0:
        raise _RefusedError(f"the {field.name} `{whole}` has a negative step")
    return int(text)


def _or_name(field: Field) -> str:
    return f" and no name such as `{next(iter(field.names))}`" if field.names else ""


def _meant(text: str, field: Field) -> str | None:
    """A hint for names written out, and for the letters of other schedulers."""
    short = text.lower()[:3]
    if short in field.names and text.isalpha():
        return f"Write the name with three letters: `{short}`."
    if text.upper() in ("L", "W", "LW") or text[-1:].upper() in ("L", "W") or "#" in text:
        return "`L`, `W` and `#` belong to other schedulers; Kubernetes does not know them."
    return None


def _bounds(field: Field) -> str:
    return f"Write numbers between {field.least} and {field.most}."


def _sunday(field: Field, end: int) -> str | None:
    return "Sunday is 0: Kubernetes knows no day 7." if field.names is _DAYS and end == 7 else None


def _descriptor(text: str) -> None:
    if text in _DESCRIPTORS:
        return
    if text.startswith("@every "):
        written = text.removeprefix("@every ")
        if nanoseconds(written) is None:
            fix = "Write numbers with units, such as `1h30m`." if written.strip() else "Write a duration after it, such as `1h30m`."
            raise _RefusedError(f"`{written}` after @every is not a duration", fix)
        return
    message = f"`{text}` is not a schedule that Kubernetes knows"
    if text == "@reboot":
        raise _RefusedError(message, "A Job runs once; a CronJob cannot wait for a node to start.")
    raise _RefusedError(message, f"Write five fields, `@every` with a duration, or one of {', '.join(_DESCRIPTORS)}.")
