"""Code frames without the content of Secrets."""

from __future__ import annotations

import re

from linter.model import Finding

HIDDEN = "•••"

# `key: value` at the start of a line, with or without list dashes and quotes.
_ENTRY = re.compile(r"""(?P<key>\s*(?:-\s+)*(?:"[^"]*"|'[^']*'|[^\s"'{}\[\],#&*!|>%@`-][^:{}\[\]]*):)(?:\s+|$)(?P<value>.*)""", re.DOTALL)
# `data:` with something behind it on the same line, as in flow style, JSON, and JSON inside an annotation.
_INLINE_DATA = re.compile(r"""(?<![\w.-])(?:stringData|data)\\?["']?\s*:\s*(?=\S)""")


def redacted(finding: Finding, line: str, start: int, end: int | None) -> tuple[str, int, int | None]:
    """The line of a finding and the range on it (code points from 0), with what must not be shown replaced."""
    if finding.sensitive or _is_secret_data(finding):
        return _without_value(line, start, end)
    inline = _INLINE_DATA.search(line) if _may_hold_secret(finding, line) else None
    return (line, start, end) if inline is None else _cut(line, inline.end(), start, end)


def _is_secret_data(finding: Finding) -> bool:
    return finding.resource is not None and finding.resource.type == "Secret" and finding.route[:1] in (("data",), ("stringData",))


def _may_hold_secret(finding: Finding, line: str) -> bool:
    """Whether the line can hold a Secret's data beside what the finding is about: a whole object on one line."""
    return (finding.resource is not None and finding.resource.type == "Secret") or "Secret" in line


def _without_value(line: str, start: int, end: int | None) -> tuple[str, int, int | None]:
    entry = _ENTRY.fullmatch(line.rstrip())
    if entry is None:
        return _cut(line, len(line) - len(line.lstrip()), start, end)
    return _cut(line, entry.start("value"), start, end) if entry["value"] else (line, start, end)


def _cut(line: str, visible: int, start: int, end: int | None) -> tuple[str, int, int | None]:
    """The line with everything from `visible` on replaced; a range in what is hidden becomes all of it."""
    shown = line[:visible] + HIDDEN
    if start >= visible:
        return shown, visible, len(shown)
    return shown, start, len(shown) if end is None or end > visible else end
