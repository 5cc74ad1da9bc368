from typing import Any

from linter.kubernetes.api_versions.changes import remedy, removal_message
from linter.kubernetes.api_versions.defined import change_of, defined_version
from linter.kubernetes.api_versions.known import KNOWN_APIS
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    known = change_of(KNOWN_APIS, resource, state)
    if known is not None:
        change, found = known
        if found.state != "removed":
            return None
        fix = remedy(change, found)
        # Of an add-on whose release nobody named, some cluster may run an older one than any that is supported.
        certain = state.targets.get(change.system.target) is not None
        return Violation(("apiVersion",), removal_message(change, found), fix=fix, severity=None if certain else "warning")
    version = defined_version(resource, state)
    if version is None or version.served:
        return None
    related = Related("the version is not served", version.definition, ("spec", "versions", version.position, "served"))
    message = f"{version.definition} does not serve `{resource.api_version}` {resource.kind}"
    return Violation(("apiVersion",), message, related=(related,), fix="Use a version that the CustomResourceDefinition serves.")
