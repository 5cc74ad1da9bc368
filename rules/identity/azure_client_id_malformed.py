"""Client and tenant ids of a ServiceAccount at Azure."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.identity.cloud_identities import AZURE_CLIENT, AZURE_TENANT, is_uuid
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    for key, what in ((AZURE_CLIENT, "client id"), (AZURE_TENANT, "tenant id")):
        value = node.resource.annotations.get(key)
        if value and not is_uuid(value) and not state.is_opaque(value):
            yield Violation(
                ("metadata", "annotations", key),
                f"the {what} `{value}` is no UUID: pods get no Azure token",
                fix=f"Write the {what}, a UUID.",
            )
