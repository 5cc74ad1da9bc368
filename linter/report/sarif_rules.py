"""What a SARIF report says about a rule: enough to understand and mend a result without leaving the page.

Limits and the words of `problem.severity` and `precision`: GitHub documentation, "SARIF support for code scanning",
section "reportingDescriptor object".
"""

from __future__ import annotations

import re
from typing import Any

from linter.model import Finding
from linter.model.failures import FAILURE_IDS
from linter.report.model import RuleInfo
from linter.report.terminal import safe
from linter.report.wording import one_line, shortened

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_PROBLEMS = {"error": "error", "warning": "warning", "info": "recommendation"}
_NOTIFICATIONS = {
    "results-left-out": "there are more findings than code scanning takes",
    "source-not-checked": "this version cannot render a source, so nothing of it is checked",
}
_NAME = 255
_DESCRIPTION = 1024
_ADDRESS = re.compile(r"https?://[!#$%&*+,./0-9:;=?@A-Z_a-z~-]+")


def descriptor(id: str, info: RuleInfo | None, finding: Finding) -> dict[str, Any]:
    """The reporting descriptor of a rule; what its catalog does not know (`info` is None) comes from one of its findings."""
    info = info or RuleInfo(id, id, finding.severity, True, finding.message, finding.fix, finding.docs)
    title = one_line(info.title) or id
    why = one_line(info.why) or title
    return {
        "id": id,
        "name": shortened(pascal_case(id), _NAME),
        "shortDescription": {"text": shortened(title, _DESCRIPTION)},
        "fullDescription": {"text": shortened(why, _DESCRIPTION)},
        "help": {"text": _help(info) or title, "markdown": _markdown(info) or title},
        **({"helpUri": info.docs} if _ADDRESS.fullmatch(info.docs) else {}),
        "defaultConfiguration": {"level": LEVELS[info.severity]},
        "properties": {
            "tags": ["kubernetes", safe(id.partition("/")[0])],
            "problem.severity": _PROBLEMS[info.severity],
            # The recommended set is near-silent on good manifests; other rules follow a policy that a team chose.
            "precision": "very-high" if info.default else "high",
            **(
                {"equivalents": {one_line(name): [*map(one_line, ids)] for name, ids in sorted(info.equivalents.items())}}
                if info.equivalents
                else {}
            ),
        },
    }


def notification(id: str) -> dict[str, Any]:
    """The reporting descriptor of what a run could not check."""
    said = FAILURE_IDS.get(id) or _NOTIFICATIONS.get(id) or "some input could not be checked"
    text = {"text": f"{said[0].upper()}{said[1:]}."}
    return {"id": id, "name": pascal_case(id), "shortDescription": text, "fullDescription": text, "help": text}


def pascal_case(id: str) -> str:
    """An id as an identifier: `probes/liveness-missing` as `ProbesLivenessMissing`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^0-9A-Za-z]+", id)) or "Rule"


def _help(info: RuleInfo) -> str:
    parts = [_paragraphs(info.why), f"Fix: {one_line(info.fix)}" if info.fix else ""]
    parts.append("\n".join(["References:", *map(one_line, info.references)]) if info.references else "")
    same = "; ".join(f"{one_line(name)} {', '.join(map(one_line, ids))}" for name, ids in sorted(info.equivalents.items()))
    parts.append(f"The same check in other linters: {same}" if same else "")
    parts.append(f"Documentation: {info.docs}" if _ADDRESS.fullmatch(info.docs) else "")
    return "\n\n".join(part for part in parts if part)


def _markdown(info: RuleInfo) -> str:
    parts = [_paragraphs(info.why), f"**Fix:** {one_line(info.fix)}" if info.fix else ""]
    links = "\n".join(f"- <{address}>" if _ADDRESS.fullmatch(address) else f"- {one_line(address)}" for address in info.references)
    parts.append(f"**References**\n\n{links}" if links else "")
    same = "\n".join(f"- {one_line(name)}: `{one_line('`, `'.join(ids))}`" for name, ids in sorted(info.equivalents.items()))
    parts.append(f"**The same check in other linters**\n\n{same}" if same else "")
    parts.append(f"[Documentation of {info.id}]({info.docs})" if _ADDRESS.fullmatch(info.docs) else "")
    return "\n\n".join(part for part in parts if part)


def _paragraphs(text: str) -> str:
    """Paragraphs on one line each: where a rule file breaks its lines means nothing."""
    return "\n\n".join(one_line(part) for part in re.split(r"\n[ \t]*\n", text.strip()) if part.strip())
