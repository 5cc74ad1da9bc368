from collections.abc import Iterator
from typing import Any

from linter.externaldns.instances import instances
from linter.model import DesiredState, Node, Violation

_REGISTRIES_WITH_OWNER = ("txt", "dynamodb", "crd")


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for instance in instances(state):
        if instance.flag("registry") not in (None, *_REGISTRIES_WITH_OWNER):
            continue
        owner = instance.flags.get("txt-owner-id")
        where = (*instance.route, "txtOwnerId" if instance.deployed_by_chart else "args")
        if owner is None and instance.readable:
            yield Violation(
                where,
                f"ExternalDNS in {instance.resource} sets no owner id and uses `default`",
                resource=instance.resource,
            )
        elif owner is not None and owner[-1][0] == "default":
            yield Violation(owner[-1][1], f"ExternalDNS in {instance.resource} uses the owner id `default`", resource=instance.resource)
