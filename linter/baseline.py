"""The file of accepted findings: its bytes in and out.

The file is JSON with one entry per line, sorted, and with an empty entry at the end, so that every line of an entry ends
alike: adding or removing one changes one line, and two branches that do so merge cleanly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from linter.errors import ConfigurationError

VERSION = 1

_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_START_OVER = "run `gitops-lint baseline` again after removing the file, or take it back from Git"
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class BaselineEntry:
    """One accepted finding or failure.

    `id` is that of the rule or, with `type` "failure", that of the failure. `path` and `message` are for people, as they
    were when it was accepted; `fingerprint` is what counts. `accepted` is the day (YYYY-MM-DD).
    """

    path: str
    id: str
    message: str
    fingerprint: str
    accepted: str
    type: Literal["rule", "failure"] = "rule"


class Baseline:
    """The entries of a file, by fingerprint, and where they stand.

    `path` is the file's name in reports. An entry that is there twice, as after a merge, counts once, with the older day.
    """

    def __init__(self, path: str, entries: Iterable[BaselineEntry], text: str = "") -> None:
        self.path = path
        self.text = text
        self.entries: dict[str, BaselineEntry] = {}
        for entry in entries:
            known = self.entries.get(entry.fingerprint)
            if known is None or entry.accepted < known.accepted:
                self.entries[entry.fingerprint] = entry
        self._lines: dict[str, tuple[int, int]] | None = None

    def place(self, entry: BaselineEntry) -> tuple[int, int]:
        """The line of an entry and the column behind it; (1, 1) if the entry was not read from the file."""
        if self._lines is None:
            self._lines = {}
            for number, line in enumerate(self.text.split("\n"), 1):
                for found in _FINGERPRINT.finditer(line):
                    self._lines.setdefault(found[0], (number, len(line.rstrip().rstrip(",")) + 1))
        return self._lines.get(entry.fingerprint, (1, 1))


def read_baseline(data: bytes, path: str) -> Baseline:
    """The baseline in a file's bytes; `path` names it in messages.

    Raises ConfigurationError with file, line and remedy for anything that `write_baseline` would not write, a baseline of
    a newer version among it. The layout of the JSON does not matter.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(path, data.count(b"\n", 0, error.start) + 1, f"the baseline is not UTF-8; {_START_OVER}") from None
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        message = "a merge conflict in the baseline is not resolved; keep the lines of both sides, then run `gitops-lint baseline --prune`"
        raise ConfigurationError(path, text.count("\n", 0, conflict.start()) + 1, message)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(path, error.lineno, f"the baseline is no valid JSON ({error.msg}); {_START_OVER}") from None
    except (RecursionError, ValueError):
        raise ConfigurationError(path, 1, f"the baseline is no JSON that can be read; {_START_OVER}") from None
    if not isinstance(value, dict) or not isinstance(value.get("entries"), list) or "version" not in value:
        raise ConfigurationError(path, 1, f"this is no baseline: it has no `version` and `entries`; {_START_OVER}")
    version = value["version"]
    if version != VERSION or isinstance(version, bool):
        newer = isinstance(version, int) and version > VERSION
        remedy = "update gitops-lint" if newer else _START_OVER
        raise ConfigurationError(path, 1, f"the baseline has version {json.dumps(version)[:20]}, this program reads {VERSION}; {remedy}")
    entries = []
    for index, item in enumerate(value["entries"]):
        if item == {}:
            continue
        problem = _problem(item)
        if problem is not None:
            raise ConfigurationError(path, _line(text, index), f"entry {index + 1} of the baseline {problem}; {_START_OVER}")
        entries.append(_entry(item))
    return Baseline(path, entries, text)


def write_baseline(entries: Iterable[BaselineEntry]) -> str:
    """The text of a baseline with these entries, the same for the same entries in any order."""
    lines = [json.dumps(_item(entry), ensure_ascii=False) + "," for entry in sorted(entries)]
    return "\n".join((f'{{"version": {VERSION}, "entries": [', *lines, "{}", "]}", ""))


def _item(entry: BaselineEntry) -> dict[str, str]:
    return {
        "path": entry.path,
        entry.type: entry.id,
        "message": entry.message,
        "accepted": entry.accepted,
        "fingerprint": entry.fingerprint,
    }


def _entry(item: dict[str, Any]) -> BaselineEntry:
    what: Literal["rule", "failure"] = "rule" if "rule" in item else "failure"
    return BaselineEntry(item["path"], item[what], item["message"], item["fingerprint"], item["accepted"], what)


def _problem(item: object) -> str | None:
    """Why something is no entry."""
    if not isinstance(item, dict):
        return "is no mapping"
    for key in ("path", "message", "accepted", "fingerprint"):
        if not isinstance(item.get(key), str):
            return f"has no `{key}`, or one that is no text"
    if ("rule" in item) == ("failure" in item) or not isinstance(item.get("rule", item.get("failure")), str):
        return "names neither a `rule` nor a `failure`, or both"
    if not _FINGERPRINT.fullmatch(item["fingerprint"]):
        return "has a `fingerprint` that is not 32 hexadecimal digits"
    if not _DAY.fullmatch(item["accepted"]):
        return "has an `accepted` that is no day such as 2027-03-31"
    return None


def _line(text: str, index: int) -> int:
    from linter.errors import InputError
    from linter.manifest.positions import index_positions

    try:
        return index_positions(text, json=True).locate(0, ("entries", index))[0]
    except InputError:
        return 1
