"""Names for findings that survive moved lines, reformatting, and a change of environment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from linter.model import Failure, Route

# The keys by which Kubernetes merges lists of objects, in the order they identify an item.
_MERGE_KEYS = ("name", "containerPort", "mountPath", "devicePath", "topologyKey", "key", "ip", "port", "host", "path", "uid")


def route_identity(body: object, route: Route) -> str:
    """A route as text, with list items named by their merge key instead of their place."""
    parts: list[str] = []
    for step in route:
        if isinstance(step, int):
            item = body[step] if isinstance(body, list) and 0 <= step < len(body) else None
            parts.append(_item_identity(item, step))
            body = item
        else:
            parts.append(step.replace("\\", "\\\\").replace("/", "\\/"))
            body = body.get(step) if isinstance(body, dict) else None
    return "/".join(parts)


def _item_identity(item: object, index: int) -> str:
    if isinstance(item, dict):
        for key in _MERGE_KEYS:
            value = item.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                return f"[{key}={value}]"
    elif isinstance(item, str):
        return f"[={item}]"
    return f"[{index}]"


def fingerprint(parts: Iterable[str]) -> str:
    """32 hexadecimal digits over the parts."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def failure_fingerprint(failure: Failure) -> str:
    """A failure's identity: what went wrong in which file, whatever its line."""
    return fingerprint(("failure", failure.id, failure.path, failure.message))
