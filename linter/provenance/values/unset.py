"""Which values key would make a template print a field that it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from linter.model.routes import Route
from linter.provenance.values.definitions import Definitions, definitions_of
from linter.provenance.values.mentions import ANY, Path, guarded_text, values_keys
from linter.rendering.helm.renderer import ChartRequest
from linter.rendering.helm.values import ValueLayer


@dataclass(frozen=True, slots=True)
class UnsetKey:
    """A key of the root chart's values that is unset, false or empty, and the definition that says so, if there is one."""

    key: Route
    layer: ValueLayer | None = None
    route: Route = ()
    option: int | None = None


def unset_keys(
    request: ChartRequest, key: str, path: str, lines: tuple[int, int], field: str, reach: tuple[int, int] | None = None
) -> list[UnsetKey]:
    """The keys to set so that an object gets a field it lacks.

    `key` is the engine's name of the rendered file (`RenderedFile.key`), `path` the template that holds the object, in
    which it takes `lines` (first and last, from 1), and `field` the name of the missing field. Found are keys on which a
    block depends that holds `field:` in these lines, and which nothing sets to more than an empty or false value; the
    innermost first. Empty if the template does not say. The block may also stand in the lines of `reach` around these, if
    nothing there belongs to another object or list item.
    """
    text = request.chart.templates().get(path)
    if text is None:
        return []
    try:
        definitions = definitions_of(request)
    except ValueError:
        return []
    instance = definitions.instance_of(key).route
    found: dict[Path, UnsetKey] = {}
    for paths in _guards(text, lines, field, reach or lines):
        for route in sorted(values_keys(paths), key=lambda entry: (-len(entry), entry)):
            if ANY not in route and route not in found and (unset := _unset(definitions, (*instance, *route))) is not None:
                found[route] = unset
    return [unset for route, unset in found.items() if not any(route != other and route == other[: len(route)] for other in found)]


def _guards(text: str, lines: tuple[int, int], field: str, reach: tuple[int, int]) -> Iterable[frozenset[Path]]:
    """What the blocks around each `field:` in these lines depend on, the innermost first."""
    pattern = re.compile(rf"""^[ \t]*(?:-[ \t]+)?(["']?){re.escape(field)}\1[ \t]*:""", re.MULTILINE)
    for start, end, guards in guarded_text(text):
        for match in pattern.finditer(text, start, end):
            line = text.count("\n", 0, match.end()) + 1
            if lines[0] <= line <= lines[1]:
                yield from (paths for opened, paths in reversed(guards) if opened >= lines[0])
            elif reach[0] <= line <= reach[1] and _is_beside(text.split("\n"), lines, line):
                yield from (paths for opened, paths in reversed(guards) if opened >= reach[0])


def _is_beside(text: Sequence[str], lines: tuple[int, int], line: int) -> bool:
    """Whether a line in front of or behind some lines belongs to the same mapping: nothing between them stands further to
    the left, and it begins as far to the right as one of them."""
    own = {_column(text[number - 1]) for number in range(lines[0], lines[1] + 1)}
    column = _column(text[line - 1])
    between = text[lines[1] : line - 1] if line > lines[1] else text[line : lines[0] - 1]
    # A dash begins the next item; behind the line, it is that of the item the lines are about.
    after = [entry for entry in between if entry.strip() and not entry.lstrip().startswith(("{{", "#"))]
    return column in own and not text[line - 1].lstrip().startswith("- ") and all(len(e) - len(e.lstrip()) >= column for e in after)


def _column(line: str) -> int:
    """How far to the right the content of a line begins, behind the dash of a list item."""
    return len(line) - len(line.lstrip(" -")) if line.lstrip().startswith("- ") else len(line) - len(line.lstrip())


def _unset(definitions: Definitions, key: Route) -> UnsetKey | None:
    found = definitions.winning(key)
    # Mappings are merged: an empty one hides nothing of what stands below the key elsewhere.
    if (found is None or found[2] == {}) and definitions.defines_below(key):
        return None
    if found is None:
        return UnsetKey(key)
    holder, route, value = found
    return None if value else UnsetKey(key, holder.layer, route, holder.number if holder.kind == "option" else None)
