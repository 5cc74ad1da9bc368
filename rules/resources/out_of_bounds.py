from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.quantities import parse_quantity
from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resources = mapping(node.value.get("resources"))
    for name, bounds in params.items():
        least, most = parse_quantity(bounds.get("least")), parse_quantity(bounds.get("most"))
        if least is None and most is None:
            continue
        for kind in ("requests", "limits"):
            written = mapping(resources.get(kind)).get(name)
            amount = parse_quantity(written)
            if amount is None:
                continue
            if most is not None and amount > most:
                bound = f"at most {bounds['most']}"
            elif least is not None and amount < least:
                bound = f"at least {bounds['least']}"
            else:
                continue
            words = f"container {node.value.get('name')} has the {name} {kind[:-1]} {written}, and {bound} is allowed"
            yield Violation((*node.route, "resources", kind, name), words)
