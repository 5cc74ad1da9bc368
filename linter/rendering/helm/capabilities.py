"""`.Capabilities` of a chosen cluster, for an engine that only knows its own.

The engine offers no option for the Kubernetes version or the API versions of the cluster. Both are therefore written into
the templates: inside actions, a reference to them is replaced by what it would yield. Strings, comments and text outside
of actions stay untouched, and no line moves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from linter.rendering.helm.template_language import Action, code_spans, parse_actions

if TYPE_CHECKING:
    from linter.rendering.helm.charts import Chart

# API versions are asked for, or all capabilities are handed on and may be asked elsewhere.
_ASKS = re.compile(rb"\.Capabilities(?:\s*\)*)?\.APIVersions|\.Capabilities(?!\s*\)*\.|\w|\s*\|\s*toString)")

_CONTEXT = r"(?<![\w).$])(?:\$\w*)?(?:\.\w+)*?"
_CAPABILITIES = rf"(?:{_CONTEXT}\.Capabilities|\(\s*{_CONTEXT}\.Capabilities\s*\))"
_VERSION = rf"(?:{_CAPABILITIES}\.KubeVersion|\(\s*{_CAPABILITIES}\.KubeVersion\s*\))"
_APIS = rf"(?:{_CAPABILITIES}\.APIVersions|\(\s*{_CAPABILITIES}\.APIVersions\s*\))"
_REFERENCE = re.compile(
    rf"{_VERSION}\.(?P<part>Version|GitVersion|String|Major|Minor)\b|(?P<has>{_APIS}\.Has\b)|(?P<apis>{_APIS}(?![\w.]))|(?P<whole>{_VERSION}(?![\w.]))"
)
# Where the whole version is kept or handed on, its parts will be asked for; elsewhere it is printed.
_HANDED_ON = re.compile(r"\b(?:dict|list|tuple|include|set|merge)\b")
_NUMBERS = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)", re.DOTALL)
_API_VERSION = re.compile(r"[\w./-]+")


def normalized_version(version: str) -> str:
    """A Kubernetes version as a cluster reports it: "1.31" -> "v1.31.0". Raises ValueError if it is none."""
    match = _NUMBERS.fullmatch(version)
    if match is None:
        raise ValueError(f"`{version}` is not a Kubernetes version such as 1.31")
    return f"v{match[1]}.{match[2] or 0}.{match[3] or 0}{match[4]}"


def asks_for_api_versions(chart: Chart) -> bool:
    """Whether what a chart or a subchart renders to may depend on `.Capabilities.APIVersions`."""
    return any(
        b".Capabilities" in data and _ASKS.search(data) is not None
        for part in chart.tree()
        for file, data in part.files.items()
        if file.startswith("templates/")
    )


class Capabilities:
    """What `.Capabilities` is to yield: a version such as "v1.31.0", and every API version, with or without a kind."""

    def __init__(self, version: str, api_versions: Sequence[str]) -> None:
        match = _NUMBERS.fullmatch(version)
        major, minor = (match[1], match[2] or "0") if match else ("", "")
        self._parts = {"Version": version, "GitVersion": version, "String": version, "Major": major, "Minor": minor}
        known = [api for api in dict.fromkeys(api_versions) if _API_VERSION.fullmatch(api)]
        self._apis = "(list " + " ".join(f'"{api}"' for api in known) + ")"
        self._has = "regexMatch `^(?:" + "|".join(map(re.escape, known)) + ")$`"

    def write_into(self, text: str) -> str:
        """A template that sees these capabilities. One that the engine could not parse is returned as it is."""
        if ".Capabilities" not in text:
            return text
        try:
            actions = parse_actions(text)
        except ValueError:
            return text
        pieces: list[str] = []
        position = 0
        for action in actions:
            for start, end in code_spans(text, action):
                pieces.append(text[position:start])
                pieces.append(_REFERENCE.sub(lambda match: self._replacement(match, text, action), text[start:end]))  # noqa: B023
                position = end
        pieces.append(text[position:])
        return "".join(pieces)

    def _replacement(self, match: re.Match[str], text: str, action: Action) -> str:
        if match["part"]:
            return f'"{self._parts[match["part"]]}"'
        if match["has"]:
            return self._has
        if match["apis"]:
            return self._apis
        code = text[action.code_start : action.code_end]
        printed = match.string[match.end() :].lstrip().startswith("|")
        kept = action.keyword in ("assignment", "with", "template") or _HANDED_ON.search(code)
        if kept and not printed:
            return "(dict " + " ".join(f'"{part}" "{value}"' for part, value in self._parts.items()) + ")"
        return f'"{self._parts["Version"]}"'
