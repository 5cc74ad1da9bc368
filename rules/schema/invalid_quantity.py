from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.quantities import quantity_problem, quantity_suggestion
from linter.kubernetes.writing.quantity_fields import doubtful_quantities
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for route, name, value in doubtful_quantities(state).get(id(node.resource), ()):
        problem = quantity_problem(value)
        if problem is not None:
            meant = quantity_suggestion(value)
            said = f"`{shown(str(value))}`, which is no quantity: {problem}" if value != "" else "empty, and must be a quantity"
            message = f"{name or route[-1]} is {said}"
            yield Violation(route, message, fix=f"Write {meant}." if meant else None)
