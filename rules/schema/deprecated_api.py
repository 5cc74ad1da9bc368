from typing import Any

from linter.kubernetes.api_versions.changes import deprecation_message, remedy
from linter.kubernetes.api_versions.defined import change_of, defined_version
from linter.kubernetes.api_versions.known import KNOWN_APIS
from linter.model import DesiredState, Node, Related, Violation
from linter.model.findings import Severity


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    known = change_of(KNOWN_APIS, resource, state)
    if known is not None:
        change, found = known
        if found.state == "removed":
            return None
        severity: Severity | None = None if found.state == "deprecated" and change.removed is not None else "info"
        return Violation(("apiVersion",), deprecation_message(change, found), fix=remedy(change, found), severity=severity)
    version = defined_version(resource, state)
    if version is None or not version.served or not version.deprecated:
        return None
    related = Related("it is deprecated here", version.definition, ("spec", "versions", version.position, "deprecated"))
    words = f": {version.warning}" if version.warning else ""
    message = f"{version.definition} marks `{resource.api_version}` {resource.kind} as deprecated{words}"
    return Violation(("apiVersion",), message, related=(related,), fix="Use a version that is not deprecated.")
