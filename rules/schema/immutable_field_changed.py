import json
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.objects.immutable_fields import FieldChange, has_immutable_fields, immutable_changes
from linter.kubernetes.workloads.lifecycle import is_hook
from linter.model import DesiredState, Node, Resource, Violation, text

_SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
_LONGEST = 60


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource, earlier = node.resource, node.earlier
    # A hook is deleted before it is made again.
    if not has_immutable_fields(resource.type) or (is_hook(resource) and is_hook(earlier)):
        return
    for change in immutable_changes(resource.type, earlier.body, resource.body):
        if _is_unknown(change.before, state) or _is_unknown(change.after, state):
            continue
        message = f"`{_path(change)}` of {resource} cannot change{_values(resource, change)}"
        if _is_replaced(resource):
            yield Violation(change.route, f"{message}; Argo CD deletes the object and makes it anew", severity="info")
        elif resource.type == "Job" and resource.spec.get("ttlSecondsAfterFinished") is not None:
            yield Violation(change.route, f"{message}: as long as the {resource.kind} is there, no sync succeeds", severity="warning")
        else:
            yield Violation(change.route, f"{message}: no sync succeeds until somebody deletes the {resource.kind}")


def _is_unknown(value: Any, state: DesiredState) -> bool:
    """Whether a value holds a placeholder, so that nobody can say whether it is another one."""
    if isinstance(value, dict):
        return any(_is_unknown(entry, state) for entry in value.values())
    return any(_is_unknown(entry, state) for entry in value) if isinstance(value, list) else state.is_opaque(value)


def _is_replaced(resource: Resource) -> bool:
    """Whether Argo CD deletes the object and creates it again where it cannot be updated."""
    options = {option.strip().lower() for option in text(resource.annotations.get(_SYNC_OPTIONS)).split(",")}
    return {"replace=true", "force=true"} <= options


def _path(change: FieldChange) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in change.route).removeprefix(".")


def _values(resource: Resource, change: FieldChange) -> str:
    old, new = _shown(change.before), _shown(change.after)
    if resource.type == "Secret" and change.route[0] in ("data", "stringData"):
        return ""
    if old is None or new is None:
        return ""
    return f" (it was {old} and is now {new})"


def _shown(value: Any) -> str | None:
    """A value in few words, or None if it takes many."""
    if value is None:
        return "not set"
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{written}`" if len(written) <= _LONGEST and "\n" not in written else None
