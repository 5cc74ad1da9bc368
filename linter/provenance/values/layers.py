"""Where a definition stands in the text of its layer."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from linter.errors import InputError
from linter.manifest.positions import Positions, Range, index_positions
from linter.model.routes import Route
from linter.rendering.helm.values import ValueLayer


def definition(layer: ValueLayer, route: Route, on: Literal["key", "value"] = "value") -> Range | None:
    """The range in `layer.text` of the value at `route`, or of its key; of a mapping or list its key, or what stands for a
    list item.

    Where several documents of a file define it, the last one counts. Of a value written as `*alias` it is the alias, as
    altering that alters this value alone; what is inside of an aliased or merged (`<<`) mapping is where it is written.
    None if the layer has no text, or does not define the route.
    """
    positions = _positions(layer.text) if layer.text else None
    if positions is None:
        return None
    for document in range(len(positions) - 1, -1, -1):
        if positions.has(document, route):
            return positions.locate(document, route, on)
    return None


@lru_cache(maxsize=32)
def _positions(text: str) -> Positions | None:
    try:
        return index_positions(text)
    except InputError:
        return None
