"""What kustomize writes when it fails, cut down to what happened and in which folder.

kustomize wraps each message in those of the folders on the way; kubectl adds the form of its log.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_LOGGED = re.compile(r'^[EFWI][0-9]{4} .*?\] "command failed" err=(?:"(?P<line>.*)"|<\n(?P<block>.*?)\n >)$', re.MULTILINE | re.DOTALL)
_QUOTE = r"[\\]*['\"]"
_IN_FOLDER = re.compile(rf"(?:recursed accumulation of|couldn't make target for) path {_QUOTE}(?P<path>.*?){_QUOTE}: ", re.DOTALL)
_MERGED = re.compile(rf"recursed merging from path {_QUOTE}(?P<path>.*?){_QUOTE}: ", re.DOTALL)
_FROM_FILE = re.compile(r"(?:accumulating|merging) resources from '(?P<path>[^']*)': (?P<words>.*)", re.DOTALL)
_MUST_BE = re.compile(r"': (?:must build at directory|evalsymlink failure|new root|unable to).*", re.DOTALL)
_SETUP = re.compile(r"trouble configuring builtin (?P<kind>\w+) with config: `.*?\n`: ", re.DOTALL)
# A message may quote whole objects, which may hold secrets.
_QUOTED_OBJECT = re.compile(r"[\[{]+\"apiVersion\".*", re.DOTALL)
_NODE = re.compile(r":?\s*node contents:.*", re.DOTALL)
_BROKEN_PATCH = re.compile(r"\[patch: .*", re.DOTALL)
_MAX_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Complaint:
    """What happened. `folder` is the folder of the kustomization that failed, `merged` the one whose objects did not fit
    in, `file` the file that could not be read, as the kustomization names it; all "" if unknown. Folders are relative to
    the repository root, "." for the root."""

    words: str
    folder: str = ""
    merged: str = ""
    file: str = ""


def read_complaint(written: str) -> Complaint:
    """What a failed build wrote on standard error, paths of copies already replaced by those of the repository."""
    logged = _LOGGED.search(written)
    if logged is not None and logged["block"] is not None:
        words = "\n".join(line.removeprefix("\t") for line in logged["block"].split("\n"))
    elif logged is not None:
        words = _unquoted(logged["line"])
    else:
        words = "\n".join(line for line in written.split("\n") if not line.startswith("# Warning"))
    words = words.strip()
    while words.lower().startswith("error: "):
        words = words[7:]
    folder = merged = file = ""
    for match in _IN_FOLDER.finditer(words):
        folder = match["path"] or "."
    words = _IN_FOLDER.split(words)[-1]
    merge, load = _MERGED.search(words), _FROM_FILE.search(words)
    if merge is not None:
        merged, words = merge["path"] or ".", words[merge.end() :]
    elif load is not None:
        file, words = load["path"], _MUST_BE.sub("", load["words"])
    words = _SETUP.sub("", words)
    if "\\" in words:
        words = re.sub(r"\\+(?=[\"'\\])", "", words)
    words = words.partition(": unable to run: ")[0]
    for pattern, short in ((_NODE, ""), (_BROKEN_PATCH, "[patch]"), (_QUOTED_OBJECT, "…")):
        words = pattern.sub(short, words)
    words = words.strip().rstrip('"').removesuffix("Use --debug flag to render out invalid YAML").strip()
    if words.count('"') % 2:
        words += '"'
    words = " ".join(words.split())
    return Complaint(words if len(words) <= _MAX_LENGTH else words[: _MAX_LENGTH - 1] + "…", folder, merged, file)


def _unquoted(line: str) -> str:
    try:
        words = json.loads(f'"{line}"')
    except ValueError:
        return line
    return words if isinstance(words, str) else line
