"""Durations as Go writes them: `1h30m`, `-1.5s`, `0`.

Source: `time.ParseDuration` of Go. Kubernetes, Istio, ExternalDNS and the CEL library of the API server all read them with it.
"""

from __future__ import annotations

import re

_PART = re.compile(r"([0-9]*)(\.[0-9]*)?(ns|us|µs|μs|ms|s|m|h)")
_NANOSECONDS = {
    "ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9,
}  # fmt: skip
_LONGEST = 2**63 - 1
# More digits than any number within that limit has.
_MOST_DIGITS = 19


def nanoseconds(text: str) -> int | None:
    """The length of a duration in nanoseconds; None for what is none, and for one of more than 292 years."""
    negative = text.startswith("-")
    body = text[1:] if text.startswith(("+", "-")) else text
    if body == "0":
        return 0
    total = position = 0
    while position < len(body):
        part = _PART.match(body, position)
        if part is None or (not part[1] and (part[2] or ".") == "."):
            return None
        whole, unit = part[1].lstrip("0"), _NANOSECONDS[part[3]]
        if len(whole) > _MOST_DIGITS:
            return None
        total += int(whole or "0") * unit
        if part[2] and len(part[2]) > 1:
            digits = part[2][1:_MOST_DIGITS]
            total += int(digits) * unit // 10 ** len(digits)
        position = part.end()
    if position == 0 or total > _LONGEST + negative:
        return None
    return -total if negative else total
