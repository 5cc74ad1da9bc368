"""Names for findings that survive moved lines, reformatting, and a change of environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

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

# What else tells items with the same key apart, unless it has this value. Sources: the list map keys of `ports`, and
# `Subject`, in the Kubernetes API.
_BESIDE_THE_KEY: dict[str, dict[str, str | None]] = {"ports": {"protocol": "TCP"}, "subjects": {"kind": None, "namespace": None}}

# What items without a merge key are about. What they say about it (verbs, routes, targets) may change, and is no part of
# their identity.
_SUBJECT_OF_FIELD = {
    "rules": ("apiGroups", "resources", "resourceNames", "nonResourceURLs", "matches"),
    "endpoints": ("dnsName", "recordType", "setIdentifier"),
    "servers": ("port",),
    "http": ("match",),
    "tls": ("match",),
    "tcp": ("match",),
}
# A subject of more scalars, or deeper, names nothing.
_MOST_SCALARS, _DEEPEST = 100, 8

# A place in a message: `line 12`, `column 3`, `template.yaml:12:3`.
_RENDERINGS = re.compile(r" \(in (?:Application|environment) [^()]*\)\Z")
_PLACE = re.compile(r"\b(line|column) \d+|(?<=\w)(?::\d+)+")

# The version in the name of a packed chart, as `helm package` and `helm dependency update` write it.
_PACKED_VERSION = re.compile(r"-v?\d[^/!]*(?=\.tgz(?:!|$))")

Authored = Callable[[Route], "str | None"]
Printed = Callable[[Route], bool]


def route_identity(body: object, route: Route, authored: Authored | None = None, printed: Printed | None = None) -> str:
    """A route as text, with list items named by their merge key, or by what they are about, instead of their place.

    An item that has neither is `[]`: the ordinal of the finding tells it from others, so that one more before it makes
    nothing new. `authored` gives the text from which a template made the scalar at a route, or None where the value is
    what the author wrote, and `printed` whether an action printed it as part of a block; so that an item keeps its name in
    all environments.
    """
    parts: list[str] = []
    for depth, step in enumerate(route):
        if isinstance(step, int):
            item = body[step] if isinstance(body, list) and 0 <= step < len(body) else None
            inner = route[depth + 1] if depth + 1 < len(route) else None
            parts.append(f"[{_item_identity(item, route[: depth + 1], inner, authored or _nothing, printed or _nowhere)}]")
            body = item
        else:
            parts.append(step.replace("\\", "\\\\").replace("/", "\\/"))
            body = body.get(step) if isinstance(body, dict) else None
    return "/".join(parts)


def _item_identity(item: object, route: Route, inner: str | int | None, authored: Authored, printed: Printed) -> str:
    """What names the item at a route; `inner` is the next step of the finding's route."""
    field = route[-2] if len(route) > 1 else None
    if isinstance(item, dict):
        own = _MERGE_KEY_OF_FIELD.get(field, ()) if isinstance(field, str) else ()
        for key in (*own, *_MERGE_KEYS):
            value = item.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                text = authored((*route, key))
                return f"{key}={value if text is None else text}{_beside(item, field, own, key, route, authored)}"
        # The part that the finding itself is in says what is wrong, and is no name for where.
        keys = [key for key in _SUBJECT_OF_FIELD.get(str(field), ()) if key in item and (key != inner or isinstance(item[key], str | int))]
        found = [(key, _scalars(item[key], (*route, key), authored, printed)) for key in keys]
        if any(scalars is None for _, scalars in found):
            return ""
        return ";".join(f"{key}={','.join(scalars or ())}" for key, scalars in found)
    if isinstance(item, str | int | float):
        text = authored(route)
        return f"={item if text is None else text}"
    return ""


def _beside(item: dict[str, object], field: object, own: tuple[str, ...], key: str, route: Route, authored: Authored) -> str:
    more = _BESIDE_THE_KEY.get(str(field), {}) if key in own or not own else {}
    found = ((name, item.get(name), authored((*route, name))) for name, usual in more.items() if item.get(name) != usual)
    return "".join(f",{name}={value if text is None else text}" for name, value, text in found if isinstance(value, str))


def _scalars(value: object, route: Route, authored: Authored, printed: Printed) -> list[str] | None:
    """The scalars in a value as they are written, each with its keys and once, whatever their order; None if they are too
    many. What an action printed is not known, because other values print something else."""
    found: set[str] = set()
    rest: list[tuple[Any, Route, str]] = [(value, route, "")]
    while rest:
        inner, at, keys = rest.pop()
        if len(at) - len(route) > _DEEPEST or len(found) + len(rest) >= _MOST_SCALARS:
            return None
        if isinstance(inner, dict):
            rest += [(entry, (*at, step), f"{keys}{step}.") for step, entry in inner.items()]
        elif isinstance(inner, list):
            rest += [(entry, (*at, index), keys) for index, entry in enumerate(inner)]
        else:
            text = authored(at)
            found.add(keys + ("" if text is None and printed(at) else str(inner) if text is None else text))
    return sorted(found)


def _nothing(route: Route) -> None:
    return None


def _nowhere(route: Route) -> bool:
    return False


def file_identity(path: str) -> str:
    """A file's path for a fingerprint: without the versions of packed charts, so that an upgrade makes nothing new."""
    return _PACKED_VERSION.sub("", path) if ".tgz" in path else path


def fingerprint(parts: Iterable[str]) -> str:
    """32 hexadecimal digits over the parts."""
    from hashlib import sha256  # loads OpenSSL, and many a run finds nothing

    return sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def failure_fingerprint(failure: Failure) -> str:
    """A failure's identity: what went wrong in which file, whatever its line and the renderings it happens in."""
    message = _RENDERINGS.sub("", failure.message)
    return fingerprint(("failure", failure.id, file_identity(failure.path), _PLACE.sub("", message)))
