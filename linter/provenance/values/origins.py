"""What is asked about a rendered chart, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from linter.model.routes import Route
from linter.rendering.helm.renderer import ChartRequest, RenderedChart
from linter.rendering.helm.values import ValueLayer

if TYPE_CHECKING:
    from linter.provenance.helm_lines import TemplateLine
    from linter.provenance.needed_templates import NeededTemplates


@dataclass(frozen=True, slots=True)
class WantedPlace:
    """A place in a chart's output: `RenderedFile.key`, the number of the document in that file, the route in it.

    A route that leads nowhere stands for its nearest existing ancestor, as in `Positions.locate`.
    """

    key: str
    document: int
    route: Route


@dataclass(frozen=True, slots=True)
class ValueOrigin:
    """The definition of a value that decides what stands at a wanted place.

    `key` is the place in the root chart's values (`("redis", "image", "tag")`). `whole` says that what stands at the
    wanted place is that value and nothing else, which a rendering with another value has shown. `route` leads to the
    definition in `layer`, whose values lack the names of the charts above if they are a subchart's own; or `layer` is
    None, and `option` counts through `set_values`, `set_strings` and `set_files` of the request.
    """

    key: Route
    whole: bool
    layer: ValueLayer | None
    route: Route
    option: int | None = None


@dataclass(frozen=True, slots=True)
class ChartToTrace:
    """A chart, its plain rendering and the places asked about.

    `line_maps` are the template lines behind each line of its files, by key, as `helm_lines.line_map` makes them. They
    make more places traceable: values under other names, those that are part of a text, those that are false or empty.
    `needed` tells which templates of the chart are rendered again; it is worked out if it is None.
    """

    request: ChartRequest
    rendered: RenderedChart
    wanted: Sequence[WantedPlace]
    line_maps: Mapping[str, Sequence[TemplateLine | None]] = field(default_factory=dict)
    needed: NeededTemplates | None = None
