from collections.abc import Iterator
from typing import Any

from linter.externaldns.annotations import POLICIES, readers
from linter.externaldns.instances import instances
from linter.externaldns.keys import carriers
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, carried in carriers(state):
        keys = [key for key in carried if key.on in readers(key.suffix)]
        for prefix in dict.fromkeys(key.prefix for key in keys):
            policies = [key for key in keys if key.prefix == prefix and key.suffix in POLICIES]
            identifiers = [key for key in keys if key.prefix == prefix and key.suffix == "set-identifier"]
            # An empty identifier counts as none; a value nobody can read may be one.
            named = any(key.text is None or key.text.strip() for key in identifiers)
            if policies and not named:
                first = policies[0]
                yield Violation(
                    first.route,
                    f"{resource} asks for {POLICIES[first.suffix]} routing and has no `{prefix}set-identifier`",
                    resource=resource,
                )
            elif named and not policies and _only_aws(state):
                yield Violation(
                    identifiers[0].route,
                    f"{resource} has a set identifier and no routing policy, which Route 53 refuses",
                    fix="Add a policy such as `aws-weight`, or remove the identifier.",
                    resource=resource,
                )


def _only_aws(state: DesiredState) -> bool:
    known = instances(state)
    return bool(known) and all(instance.readable and instance.flag("provider") == "aws" for instance in known)
