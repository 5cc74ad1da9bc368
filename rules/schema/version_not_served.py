from typing import Any

from linter.kubernetes.api_versions.defined import change_of, defined_version
from linter.kubernetes.api_versions.known import ADDON_APIS
from linter.kubernetes.schemas.judging import violations
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> list[Violation] | None:
    found = violations("version-not-served", node.resource, state)
    if not found:
        return None
    # What was served once and is no more has a rule of its own, schema/removed-api.
    known = change_of(ADDON_APIS, node.resource, state)
    if (known is not None and known[1].state == "removed") or defined_version(node.resource, state) is not None:
        return None
    return found
