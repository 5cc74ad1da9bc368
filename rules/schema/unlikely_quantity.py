from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.quantities import NANOS, has_number, in_bytes, parse_quantity
from linter.kubernetes.writing.quantity_fields import LEAST_BYTES, SIZES, doubtful_quantities
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for route, name, value in doubtful_quantities(state).get(id(node.resource), ()):
        amount = parse_quantity(value)
        if amount is None or amount < 0 or (name != "cpu" and name not in SIZES):
            continue
        said = shown(str(value).strip())
        if not has_number(value):
            yield Violation(route, f"{name} is `{said}`, a suffix without a number, which is read as 0")
        elif name == "cpu":
            if amount >= params["most_cores"] * NANOS:
                meant = f"Write `{amount // NANOS}m` if thousandths of a core are meant." if amount < 10**6 * NANOS else None
                yield Violation(route, f"cpu is {said}, which is {amount // NANOS} cores", fix=meant)
        elif amount % NANOS:
            meant = f"Write `{said[:-1]}Mi` if mebibytes are meant." if said.endswith("m") else None
            yield Violation(route, f"{name} is {said}, which is {in_bytes(amount)}: bytes cannot be divided", fix=meant)
        elif 0 < amount < LEAST_BYTES * NANOS and route[-1] != "sizeLimit":
            meant = f"Write `{said}Mi` if mebibytes are meant." if said.isdigit() else None
            yield Violation(route, f"{name} is {said}, which is only {in_bytes(amount)}", fix=meant)
