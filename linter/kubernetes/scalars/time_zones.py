"""Which names of time zones the API server knows.

Source: `validateTimeZone` of apis/batch/validation and Go's `time.LoadLocation`, which takes a name of the time zone
database exactly as it is spelled there.
"""

from __future__ import annotations

import re
from functools import lru_cache

from linter.spelling import nearest
from linter.wording import shown

_ABBREVIATIONS = {
    "BST": "Europe/London", "CEST": "Europe/Berlin", "CDT": "America/Chicago", "CST": "America/Chicago", "EDT": "America/New_York",
    "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "MDT": "America/Denver", "PDT": "America/Los_Angeles", "PST": "America/Los_Angeles",
}  # fmt: skip
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?00)?\Z", re.IGNORECASE)


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """The names of all time zones, such as `Europe/Berlin` and `UTC`."""
    from linter.kubernetes.scalars.time_zone_names import AREAS

    return frozenset(f"{area}/{name}" if area else name for area, names in AREAS.items() for name in names.split())


@lru_cache(maxsize=256)
def time_zone_problem(name: str) -> tuple[str, str] | None:
    """Why a name is no time zone, and what to write; None for one that is known."""
    if not name:
        return "the time zone is empty", "Name a time zone, such as `Etc/UTC`, or remove the field."
    if name in time_zones():
        return None
    if name.lower() == "local":
        return f"`{name}` is not a time zone: the API server wants an explicit one", "Name a time zone, such as `Etc/UTC`."
    return f"the API server knows no time zone `{shown(name)}`", _suggestion(name)


def _suggestion(name: str) -> str:
    folded = name.strip().replace(" ", "_").lower()
    for zone in time_zones():
        if zone.lower() == folded:
            return f"Write `{zone}`: the API server wants exactly this spelling."
    if name.upper() in _ABBREVIATIONS:
        return f"Abbreviations are ambiguous: name a place, such as `{_ABBREVIATIONS[name.upper()]}`."
    offset = _OFFSET.match(name)
    if offset is not None and int(offset[2]) <= 14:
        sign = "-" if offset[1] == "+" else "+"
        return f"Name a place, or write `Etc/GMT{sign}{int(offset[2])}`, whose sign is the opposite of what is usual."
    by_place = {zone.rpartition("/")[2].lower(): zone for zone in sorted(time_zones())}
    if folded in by_place:
        return f"Write `{by_place[folded]}`."
    near = nearest(name, sorted(time_zones()))
    if near is not None:
        return f"Write `{near}`."
    near = nearest(folded.rpartition("/")[2], by_place)
    return f"Write `{by_place[near]}`." if near is not None else "Write a name of the IANA time zone database, such as `Europe/Berlin`."
