"""The `values` of a generator: parameters of the author's own, rendered with each row and added to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linter.argocd.applicationsets.contracts import Row, invalid
from linter.argocd.applicationsets.templating import Templating
from linter.model.routes import Route


def add_values(templating: Templating, values: Any, rows: Sequence[Row], route: Route) -> None:
    """Add `values`, which stand at `route`, to every row. Raises GeneratorError."""
    if not values:
        return
    if not isinstance(values, dict):
        raise invalid("`values` of the generator is no mapping", "write it as `key: value`", route)
    for key, value in values.items():
        if not isinstance(value, str):
            raise invalid(f"`{key}` of `values` is no text", "quote it", (*route, key))
    answers = iter(templating.texts([(text, row) for row in rows for text in values.values()]))
    for row in rows:
        rendered: dict[str, str] = {}
        for key in values:
            answer = next(answers)
            if not isinstance(answer, str):
                raise invalid(f"the template cannot be evaluated: {answer.message}", "correct the template", (*route, key))
            rendered[key] = answer
        row.update({"values": rendered} if templating.go else {f"values.{key}": text for key, text in rendered.items()})
