"""How messages name places, types and values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from linter.model import Route
from linter.wording import joined, shown

# As many characters of a value, and as many accepted words, as messages show.
MOST_SHOWN = 60
MOST_WORDS = 12

_NOUNS = {
    "object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false",
}  # fmt: skip
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*")
# Fields whose values are nobody's business, by their last word.
_CONFIDENTIAL = re.compile(r"(?i)(password|passwd|passphrase|token|secret|credentials?|apikey|privatekey|accesskey)\Z")


def place_name(route: Iterable[str | int]) -> str:
    """A place as messages name it: `spec.containers[0].ports`, `metadata.annotations["example.com/a"]`."""
    name = ""
    for step in route:
        if isinstance(step, int):
            name += f"[{step}]"
        elif step == "[]":
            name += step
        elif _PLAIN_KEY.fullmatch(step):
            name += f".{step}" if name else step
        else:
            name += f"[{json.dumps(step[:MOST_SHOWN], ensure_ascii=False)}]"
    return f"`{name}`"


def accepted(types: Iterable[str]) -> str:
    """Types of JSON Schema in words: "a whole number", "text or a number"."""
    names = [name for name in types if name != "null"]
    if "integer" in names and "number" in names:
        names.remove("integer")
    return joined([_NOUNS[name] for name in names if name in _NOUNS], "or") or "something else"


def described(value: Any, private: bool = False) -> str:
    """A value as messages show it: "text (`3`)", "the number 1.1", "a mapping"; only its type if it is private."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, bool):
        return "a boolean" if private else f"the boolean {json.dumps(value)}"
    if isinstance(value, int | float):
        return "a number" if private else f"the number {shown(str(value), MOST_SHOWN)}"
    return "text" if private else "empty text" if value == "" else f"text ({quoted(value)})"


def quoted(value: object) -> str:
    """A scalar in backticks, cut and on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{shown(text, MOST_SHOWN)}`" if text else "an empty text"


def choices(words: Iterable[object]) -> str:
    """Accepted words in a sentence: "`Always`, `Never` or `IfNotPresent`"."""
    names = [quoted(word) for word in words if word not in (None, "")]
    if len(names) > MOST_WORDS:
        return f"{', '.join(names[:MOST_WORDS])} or one of {len(names) - MOST_WORDS} more"
    return joined(names, "or")


def is_private(route: Route, kind: str) -> bool:
    """Whether the value at a place of an object must not be shown: data of Secrets, values of environment variables and of HTTP
    headers, and what is called a password or the like."""
    if kind == "Secret" and route[:1] in (("data",), ("stringData",)):
        return True
    names = [step for step in route if isinstance(step, str)]
    return "env" in names or "httpHeaders" in names or (bool(names) and _CONFIDENTIAL.search(names[-1]) is not None)
