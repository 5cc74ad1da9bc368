from collections.abc import Iterator
from typing import Any

from linter.externaldns.annotations import POLICIES, readers
from linter.externaldns.keys import carriers
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, carried in carriers(state):
        keys = [key for key in carried if key.suffix in POLICIES and key.on in readers(key.suffix)]
        for prefix in dict.fromkeys(key.prefix for key in keys):
            mine = [key for key in keys if key.prefix == prefix]
            other = next((key for key in mine if POLICIES[key.suffix] != POLICIES[mine[0].suffix]), None)
            if other is not None:
                one, another = POLICIES[mine[0].suffix], POLICIES[other.suffix]
                yield Violation(
                    other.route,
                    f"{resource} asks for {one} and for {another} routing, and a record has one policy",
                    related=(Related("the other policy", resource, mine[0].route),),
                    resource=resource,
                )
