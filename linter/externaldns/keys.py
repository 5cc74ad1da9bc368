"""The annotations of ExternalDNS on the objects of a state, split into prefix and suffix.

Built once per state, because only few objects carry any and many checks ask.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from linter.externaldns.prefixes import recognized_prefixes
from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Resource, Route


class Key(NamedTuple):
    """One annotation: its parts, its value and route, and the type on which ExternalDNS meets it.

    That is "Pod" for a pod template and "Service" for the infrastructure of a Gateway.
    """

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


class Suspect(NamedTuple):
    """A label under a prefix of ExternalDNS, or an annotation under another prefix that speaks of DNS."""

    resource: Resource
    field: Literal["annotations", "labels"]
    name: str
    route: Route


def carriers(state: DesiredState) -> list[tuple[Resource, list[Key]]]:
    """The objects of a state that carry keys of ExternalDNS, on themselves or on their pods, with these keys sorted by name."""
    return state.derive(_index).carriers


def keys_named(state: DesiredState, *suffixes: str) -> list[tuple[Resource, Key]]:
    """Every key of a state with one of the suffixes, and the object it stands on."""
    return [(resource, key) for resource, keys in carriers(state) for key in keys if key.suffix in suffixes]


def dns_keys(resource: Resource, state: DesiredState) -> list[Key]:
    """The keys of ExternalDNS on an object and on its pod template."""
    return state.derive(_index).keys.get(id(resource), [])


def suspects(state: DesiredState) -> list[Suspect]:
    """Keys that may have been meant for ExternalDNS and are none of its annotations."""
    return state.derive(_index).suspects


def values_of(resource: Resource, state: DesiredState) -> dict[tuple[str, str], dict[str, str]]:
    """The string annotations by (type, prefix): what one instance sees on the object, or on its pods."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key in dns_keys(resource, state):
        if key.text is not None:
            found.setdefault((key.on, key.prefix), {})[key.suffix] = key.text
    return found


class _Index:
    """One pass over a state: most objects carry no such key, and many checks ask."""

    def __init__(self, state: DesiredState) -> None:
        self.carriers: list[tuple[Resource, list[Key]]] = []
        self.keys: dict[int, list[Key]] = {}
        self.suspects: list[Suspect] = []
        self._prefixes = recognized_prefixes(state)
        for resource in state.resources:
            keys = self._read(resource)
            if keys:
                self.carriers.append((resource, keys))
                self.keys[id(resource)] = keys

    def _read(self, resource: Resource) -> list[Key]:
        keys = self._in_metadata(resource, resource.body.get("metadata"), ("metadata",), resource.type)
        if resource.type == "gateway.networking.k8s.io/Gateway":
            # Controllers put these on the Service they make for the Gateway.
            keys += self._in_metadata(resource, resource.spec.get("infrastructure"), ("spec", "infrastructure"), "Service")
        pod = pod_template(resource)
        if pod is not None and pod.route:
            keys += self._in_metadata(resource, pod.body.get("metadata"), (*pod.route, "metadata"), "Pod")
        return keys

    def _in_metadata(self, resource: Resource, metadata: object, route: Route, on: str) -> list[Key]:
        keys: list[Key] = []
        if not isinstance(metadata, dict):
            return keys
        annotations, labels = metadata.get("annotations"), metadata.get("labels")
        if isinstance(annotations, dict):
            for name, value in annotations.items():
                if not isinstance(name, str) or ("dns" not in name and not name.startswith(self._prefixes)):
                    continue
                prefix = next((prefix for prefix in self._prefixes if name.startswith(prefix)), None)
                if prefix is not None:
                    keys.append(Key(prefix, name[len(prefix) :], value, (*route, "annotations", name), on))
                else:
                    self.suspects.append(Suspect(resource, "annotations", name, (*route, "annotations", name)))
            # What a check says about the first of several must not depend on the order in which they are written.
            keys.sort(key=lambda key: key.name)
        if isinstance(labels, dict):
            for name in labels:
                if isinstance(name, str) and name.startswith(self._prefixes):
                    self.suspects.append(Suspect(resource, "labels", name, (*route, "labels", name)))
        return keys


def _index(state: DesiredState) -> _Index:
    return _Index(state)
