from typing import Any

from linter.kubernetes.objects.metadata import SERVER_FIELDS, server_fields
from linter.model import DesiredState, Node, Violation
from linter.wording import joined


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    metadata = node.value.get("metadata")
    if not isinstance(metadata, dict) or SERVER_FIELDS.keys().isdisjoint(metadata):
        return None
    found = server_fields(metadata)
    if not found:
        return None
    words = joined([f"`{field}`" for field in found])
    harm = SERVER_FIELDS[found[0]]
    message = f"{words} {'is' if len(found) == 1 else 'are'} for the API server to write"
    if harm:
        message += f": with `{found[0]}` {harm}"
    return Violation(("metadata", found[0]), message, severity=None if harm else "info", on="key")
