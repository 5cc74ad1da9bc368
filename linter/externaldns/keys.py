"""The annotations of ExternalDNS on the objects of a state, split into prefix and suffix.

Built once per state, because only few objects carry any and many checks ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from linter.externaldns.prefixes import recognized_prefixes
from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Resource, Route, mapping


@dataclass(frozen=True, slots=True)
class Key:
    """One annotation: its parts, its value and route, and the type it stands on ("Pod" for a pod template)."""

    prefix: str
    suffix: str
    value: Any
    route: Route
    on: str

    @property
    def name(self) -> str:
        return self.prefix + self.suffix

    @property
    def text(self) -> str | None:
        """The value if it is a string, as the API server demands, else None."""
        return self.value if isinstance(self.value, str) else None


def dns_keys(resource: Resource, state: DesiredState, *suffixes: str) -> list[Key]:
    """The keys of ExternalDNS on an object and on its pod template; only those with the given suffixes, if any are."""
    keys = state.derive(_keys).get(id(resource), [])
    return [key for key in keys if key.suffix in suffixes] if suffixes else keys


def values_of(resource: Resource, state: DesiredState) -> dict[tuple[str, str], dict[str, str]]:
    """The string annotations by (type, prefix): what one instance sees on the object, or on its pods."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key in dns_keys(resource, state):
        if key.text is not None:
            found.setdefault((key.on, key.prefix), {})[key.suffix] = key.text
    return found


def _keys(state: DesiredState) -> dict[int, list[Key]]:
    prefixes = recognized_prefixes(state)
    found = {}
    for resource in state.resources:
        keys = list(_keys_of(resource, prefixes))
        if keys:
            found[id(resource)] = keys
    return found


def _keys_of(resource: Resource, prefixes: tuple[str, ...]) -> Iterator[Key]:
    yield from _in_metadata(resource.body.get("metadata"), ("metadata",), resource.type, prefixes)
    pod = pod_template(resource)
    if pod is not None and pod.route:
        yield from _in_metadata(pod.body.get("metadata"), (*pod.route, "metadata"), "Pod", prefixes)


def _in_metadata(metadata: object, route: Route, on: str, prefixes: tuple[str, ...]) -> Iterator[Key]:
    for name, value in mapping(mapping(metadata).get("annotations")).items():
        if isinstance(name, str) and name.startswith(prefixes):
            prefix = next(prefix for prefix in prefixes if name.startswith(prefix))
            yield Key(prefix, name[len(prefix) :], value, (*route, "annotations", name), on)
