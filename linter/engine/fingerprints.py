"""Names for findings that survive moved lines, reformatting, and a change of environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from linter.model import Failure, Route

# The keys by which Kubernetes merges lists of objects where an item has other keys that look like an identity.
# Source: `patchMergeKey` in the API reference of Kubernetes.
_MERGE_KEY_OF_FIELD = {
    "ports": ("containerPort", "port"),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "ownerReferences": ("uid",),
}
# Elsewhere the first of these that an item has.
_MERGE_KEYS = ("name", "containerPort", "mountPath", "devicePath", "topologyKey", "key", "ip", "port", "host", "path", "uid")

# A place in a message: `line 12`, `column 3`, `template.yaml:12:3`.
_PLACE = re.compile(r"\b(line|column) \d+|(?<=\w)(?::\d+)+")

Authored = Callable[[Route], "str | None"]


def route_identity(body: object, route: Route, authored: Authored | None = None) -> str:
    """A route as text, with list items named by their merge key instead of their place.

    `authored` gives the text from which a template made the scalar at a route, or None where the value is what the
    author wrote; so that an item keeps its name in all environments.
    """
    parts: list[str] = []
    for depth, step in enumerate(route):
        if isinstance(step, int):
            item = body[step] if isinstance(body, list) and 0 <= step < len(body) else None
            parts.append(_item_identity(item, route[: depth + 1], authored))
            body = item
        else:
            parts.append(step.replace("\\", "\\\\").replace("/", "\\/"))
            body = body.get(step) if isinstance(body, dict) else None
    return "/".join(parts)


def _item_identity(item: object, route: Route, authored: Authored | None) -> str:
    if isinstance(item, dict):
        field = route[-2] if len(route) > 1 else None
        own = _MERGE_KEY_OF_FIELD.get(field, ()) if isinstance(field, str) else ()
        for key in (*own, *_MERGE_KEYS):
            value = item.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                text = authored((*route, key)) if authored is not None else None
                return f"[{key}={value if text is None else text}{_protocol(item) if key in own and field == 'ports' else ''}]"
    elif isinstance(item, str):
        text = authored(route) if authored is not None else None
        return f"[={item if text is None else text}]"
    return f"[{route[-1]}]"


def _protocol(port: dict[str, object]) -> str:
    """What tells a port from one with the same number. Source: the list map keys of `ports` in the Kubernetes API."""
    protocol = port.get("protocol")
    return f",protocol={protocol}" if isinstance(protocol, str) and protocol != "TCP" else ""


def fingerprint(parts: Iterable[str]) -> str:
    """32 hexadecimal digits over the parts."""
    from hashlib import sha256  # loads OpenSSL, and many a run finds nothing

    return sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def failure_fingerprint(failure: Failure) -> str:
    """A failure's identity: what went wrong in which file, whatever its line."""
    return fingerprint(("failure", failure.id, failure.path, _PLACE.sub("", failure.message)))
