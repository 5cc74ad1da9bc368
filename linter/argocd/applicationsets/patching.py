"""`templatePatch`: a strategic merge patch on a generated Application.

Source: applicationset/controllers/template/patch.go of Argo CD, and strategicpatch of k8s.io/apimachinery. Of the lists in an
Application only finalizers and ownerReferences are merged; its fields name no keys for the others, which are replaced.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from linter.argocd.applicationsets.contracts import SetContext
from linter.errors import InputError
from linter.model.routes import mapping

_DIRECTIVES = ("$patch", "$retainKeys")
_ORDER, _DELETIONS = "$setElementOrder/", "$deleteFromPrimitiveList/"
_FREE_FORM = "valuesObject"


def patched(application: Mapping[str, Any], text: str, context: SetContext) -> dict[str, Any]:
    """The Application with the rendered `templatePatch` applied. Raises ValueError with what Argo CD would refuse."""
    try:
        documents = context.decode(text.encode("utf-8", "replace"))
    except InputError as error:
        raise ValueError(f"it renders to text that is no YAML: {error.failure.message}") from None
    patch = documents[0] if documents else None
    if patch is None:
        return dict(application)
    if not isinstance(patch, dict):
        raise ValueError("it renders to something that is no mapping")
    for key in ("metadata", "spec"):
        if patch.get(key) is not None and not isinstance(patch[key], dict):
            raise ValueError(f"its `{key}` is no mapping")
    result = _merged(dict(application), patch, ())
    spec = mapping(result.get("spec"))
    # Argo CD keeps the project as the template has it.
    project = mapping(application.get("spec")).get("project")
    result["spec"] = {
        **{key: value for key, value in spec.items() if key != "project"},
        **({"project": project} if project is not None else {}),
    }
    return result


def _merged(original: Mapping[str, Any], patch: Mapping[str, Any], route: tuple[str, ...]) -> dict[str, Any]:
    directive = patch.get("$patch")
    if directive is not None:
        if directive == "delete":
            return {}
        if directive == "replace":
            return {key: value for key, value in patch.items() if key != "$patch"}
        if directive != "merge":
            raise ValueError(f"`$patch: {directive}` is no directive")
    result = dict(original)
    if isinstance(kept := patch.get("$retainKeys"), list):
        result = {key: value for key, value in result.items() if key in kept}
    for key, value in patch.items():
        if key in _DIRECTIVES or key.startswith(_ORDER):
            continue
        if key.startswith(_DELETIONS):
            name = key.removeprefix(_DELETIONS)
            if isinstance(result.get(name), list) and isinstance(value, list):
                result[name] = [entry for entry in result[name] if entry not in value]
            continue
        below = result.get(key)
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            if isinstance(below, dict) and _FREE_FORM in route:
                raise ValueError(f"`{key}` cannot be merged into the mapping that `{_FREE_FORM}` of the template has there")
            result[key] = _merged(below if isinstance(below, dict) else {}, value, (*route, key))
        elif isinstance(value, list) and isinstance(below, list):
            result[key] = _merged_list(below, value, (*route, key))
        else:
            result[key] = copy.deepcopy(value)
    return result


def _merged_list(original: Sequence[Any], patch: Sequence[Any], route: tuple[str, ...]) -> list[Any]:
    if _FREE_FORM in route:
        raise ValueError(f"the list `{route[-1]}` cannot replace the one that `{_FREE_FORM}` of the template has there")
    if route == ("metadata", "finalizers"):
        return [*patch, *(entry for entry in original if entry not in patch)]
    return list(patch)
