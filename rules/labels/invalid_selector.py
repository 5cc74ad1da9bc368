from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.fields import label_fields
from linter.kubernetes.labels.selectors import contradiction, read_selector
from linter.model import DesiredState, Node, Route, Violation, items


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for field in label_fields(node.resource).selectors:
        expressions = items(field.selector.get("matchExpressions"))
        if not expressions:
            continue
        problems = [
            Violation((*field.route, "matchExpressions", index, *problem[0]), problem[1])
            for index, expression in enumerate(expressions)
            if (problem := _problem(expression)) is not None
        ]
        yield from problems
        if problems or (requirements := read_selector(field.selector, route=field.route)) is None:
            continue
        conflict = contradiction(requirements)
        if conflict is not None and not any(state.is_opaque(value) for part in conflict.requirements for value in part.values):
            yield Violation(conflict.requirements[-1].route, f"no object can meet {conflict}", severity="warning")


def _problem(expression: object) -> tuple[Route, str] | None:
    if not isinstance(expression, dict):
        return (), "a condition is a mapping with `key`, `operator` and `values`"
    operator, values = expression.get("operator"), expression.get("values")
    if operator in ("In", "NotIn"):
        return None if values else (("values",), f"operator {operator} needs at least one value")
    if operator in ("Exists", "DoesNotExist"):
        return (("values",), f"operator {operator} takes no values") if values else None
    if operator in ("Gt", "Lt"):
        return ("operator",), f"operator {operator} exists only for node affinity"
    return ("operator",), f"`{operator}` is not one of In, NotIn, Exists and DoesNotExist"
