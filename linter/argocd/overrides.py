"""Override files: `.argocd-source.yaml` beside the manifests changes how a source is rendered.

Source: the documentation of Argo CD, "Parameter Overrides".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from linter.model import Route

_KEPT: Final = ("chart", "path", "repoURL", "targetRevision")


def override_names(application: str, namespace: str = "") -> tuple[tuple[str, ...], ...]:
    """The names of the files that are applied, in order; of names in one group the first that is there.

    An Application outside the namespace of Argo CD, which no manifest tells, has its own namespace in the name. What is no
    name of an object has no file of its own.
    """
    if not application or "/" in application + namespace:
        return ((".argocd-source.yaml",),)
    own: tuple[str, ...] = (f".argocd-source-{application}.yaml",)
    if namespace:
        own = (f".argocd-source-{namespace}_{application}.yaml", *own)
    return ((".argocd-source.yaml",), own)


def merge_patch(value: Any, patch: Any) -> Any:
    """`value` changed by a JSON merge patch (RFC 7386): null removes, mappings are merged, all else is replaced."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for key, change in patch.items():
        if change is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), change)
    return result


def overridden(source: Mapping[str, Any], patches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A source with the content of override files applied. Where it is read from cannot be overridden."""
    result: dict[str, Any] = dict(source)
    for patch in patches:
        result = merge_patch(result, patch)
    kept = {key: source[key] for key in _KEPT if key in source}
    return {key: value for key, value in result.items() if key not in _KEPT} | kept


def sets(patch: Mapping[str, Any], route: Route) -> bool:
    """Whether the value at `route` of a source is the one that this patch gives it."""
    value: Any = patch
    for step in route:
        if not isinstance(value, dict):
            return True  # a list or scalar above it, which a patch replaces whole
        if step not in value:
            return False
        value = value[step]
    return True
