"""Istio's annotations and labels on the objects of a state: which object, which place, which key.

Built once per state, because only few objects carry any and many checks ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from linter.istio.annotations import ANNOTATIONS, is_istio_key
from linter.istio.labels import LABELS
from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Resource, Route, dig
from linter.spelling import nearest

Field = Literal["annotations", "labels"]
# The prefixes under which Istio reads anything; others that end in istio.io belong to somebody's own tools.
DOMAINS = frozenset(key.partition("/")[0] for key in (*ANNOTATIONS, *LABELS))
_FIELDS: tuple[tuple[Field, Mapping[str, object]], ...] = (("annotations", ANNOTATIONS), ("labels", LABELS))


class Key(NamedTuple):
    """One annotation or label: the key, its value, its route, and what it stands on.

    `on` is the type of the object, or "Pod" for the pod template inside it.
    """

    field: Field
    name: str
    value: Any
    route: Route
    on: str

    @property
    def text(self) -> str | None:
        """The value if it is a string, as the API server demands, else None."""
        return self.value if isinstance(self.value, str) else None


def carriers(state: DesiredState) -> list[tuple[Resource, list[Key]]]:
    """The objects of a state that carry keys of Istio, on themselves or on their pod template, with these keys.

    kubernetes.io/ingress.class and istio-injection count.
    """
    return state.derive(_carriers)


def _carriers(state: DesiredState) -> list[tuple[Resource, list[Key]]]:
    found = []
    for resource in state.resources:
        keys = _in_metadata(resource.body.get("metadata"), ("metadata",), resource.type)
        pod = pod_template(resource)
        if pod is not None and pod.route:
            keys += _in_metadata(pod.body.get("metadata"), (*pod.route, "metadata"), "Pod")
        if resource.type == "CronJob":
            keys += _in_metadata(dig(resource.body, "spec", "jobTemplate", "metadata"), ("spec", "jobTemplate", "metadata"), "Job")
        if keys:
            found.append((resource, keys))
    return found


def _in_metadata(metadata: object, route: Route, on: str) -> list[Key]:
    keys: list[Key] = []
    if not isinstance(metadata, dict):
        return keys
    for field, table in _FIELDS:
        entries = metadata.get(field)
        if not isinstance(entries, dict):
            continue
        for name, value in entries.items():
            # Most keys are nobody's business here; the cheap tests come first.
            if isinstance(name, str) and (name in table or ("istio.io" in name and is_istio_key(name))):
                keys.append(Key(field, name, value, (*route, field, name), on))
    return keys


def closest(name: str, known: Mapping[str, object]) -> str | None:
    """The key of a table that an author who wrote `name` probably meant, or None if none is near.

    The part after the slash decides, in any case of letters; the domain may differ if the rest is equal.
    """
    domain, _, suffix = name.rpartition("/")
    by_suffix = {key.rpartition("/")[2].lower(): key for key in known if key.rpartition("/")[0] != domain}
    of_domain = {key.rpartition("/")[2].lower(): key for key in known if key.rpartition("/")[0] == domain}
    lowered = suffix.lower()
    if lowered in of_domain:
        return of_domain[lowered]
    if lowered in by_suffix:
        return by_suffix[lowered]
    near = nearest(lowered, of_domain)
    return of_domain[near] if near is not None else None
