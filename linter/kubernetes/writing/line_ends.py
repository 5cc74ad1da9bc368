"""Values of one line that end in a line break nobody wants: passwords, tokens and addresses written as a block scalar."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pods import containers_of, pod_template
from linter.model import Resource, Route, items, mapping

# Names of values that are used as they are, and not read as a file whose lines end. Names of files have a dot.
_USED_AS_IT_IS = re.compile(
    r"(?i)(password|(?<!ht)passwd|passphrase|token|secret|secret[-_]?key|access[-_]?key|api[-_]?key|url|uri|dsn|username|connection[-_]?string)\Z"
)
_LONGEST = 4096


def ends_in_line_break(name: object, value: str) -> bool:
    """Whether a value is one word with a line break at its end, and by its name is no file."""
    if not value.endswith("\n") or not isinstance(name, str) or "." in name or _USED_AS_IT_IS.search(name) is None:
        return False
    word = value.removesuffix("\n").removesuffix("\r")
    return bool(word) and len(word) <= _LONGEST and not any(character.isspace() for character in word) and word[0] not in "{["


def secret_values(body: dict[str, Any]) -> Iterator[tuple[Route, str, bool]]:
    """Route and text of each value of a Secret, and whether it is written as base64."""
    for name, value in mapping(body.get("stringData")).items():
        if isinstance(value, str):
            yield ("stringData", name), value, False
    for name, value in mapping(body.get("data")).items():
        # Only base64 of a text that ends in a line break ends in one of these.
        if isinstance(value, str) and value.rstrip("=\n")[-1:] in ("o", "K", "g") and len(value) <= 2 * _LONGEST:
            try:
                yield ("data", name), base64.b64decode(value, validate=False).decode(), True
            except (binascii.Error, ValueError):
                continue


def environment_values(resource: Resource) -> Iterator[tuple[Route, str, str]]:
    """Route, name and text of each variable in the containers of an object."""
    pod = pod_template(resource)
    if pod is None:
        return
    for node in containers_of(pod):
        for index, variable in enumerate(items(node.value.get("env"))):
            value = mapping(variable).get("value")
            if isinstance(value, str) and value[-1:] == "\n" and isinstance(variable.get("name"), str):
                yield (*node.route, "env", index, "value"), variable["name"], value
