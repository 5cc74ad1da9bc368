"""Routes in documents -> places in the files their authors wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from linter.manifest.positions import Positions, index_positions
from linter.model import Document, Location, ManifestFile, Resource, Route
from linter.model.findings import Precision, RelatedLocation

if TYPE_CHECKING:
    from linter.provenance.helm_lines import TemplateLine

LineMap = Sequence["TemplateLine | None"]
On = Literal["key", "value"]


@dataclass(frozen=True, slots=True)
class Place:
    """A route in a document, and whether its value is meant or the key at its end."""

    document: Document
    route: Route
    on: On


@dataclass(frozen=True, slots=True)
class Traced:
    """Where rendering again has shown a place to come from: the author's place, if it is another than the line of the
    template, other places that take part, and what could be set to change it, as the end of a sentence."""

    location: Location | None
    related: tuple[RelatedLocation, ...] = ()
    advice: str | None = None


# What related places are to a finding.
INCLUDED = "included here"
PRINTED = "printed here"

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
# Of how many files the positions are kept, the last ones used; they take many times the room of the text.
_KEPT = 128


class Overlays(Protocol):
    """What is known of the objects that Kustomize built."""

    def declared(self, document: Document) -> Location | None:
        """Where an author declared the object that a document holds; None if Kustomize did not build it."""
        ...

    def authored_name(self, document: Document) -> str | None:
        """The name that the author gave it, before prefixes and hashes; None if nobody knows."""
        ...


class Locator:
    """Finds places, parsing each file once if it is asked about one file after the other.

    `line_maps` holds, for rendered files, the template line behind each rendered line. `author_text` gives the text of
    an author's file, or None if there is none. `traced` are the places that rendering again has told more about, `overlays`
    what is known of objects that Kustomize built; both may fill while this is in use.
    """

    def __init__(
        self,
        line_maps: Mapping[ManifestFile, LineMap],
        author_text: Callable[[str], str | None],
        traced: Mapping[Place, Traced] | None = None,
        overlays: Overlays | None = None,
    ) -> None:
        self._line_maps = line_maps
        self._author_text = author_text
        self._traced = traced if traced is not None else {}
        self._overlays = overlays
        self._positions: dict[ManifestFile, Positions] = {}
        self._author_lines: dict[str, list[str]] = {}
        self._rendered_lines: dict[ManifestFile, list[str]] = {}

    def positions(self, file: ManifestFile) -> Positions:
        """The positions of a file's own text."""
        found = self._positions.pop(file, None)
        if found is None:
            found = index_positions(file.text, json=not file.rendered and file.path.endswith(".json"))
            if len(self._positions) >= _KEPT:
                oldest = next(iter(self._positions))
                del self._positions[oldest]
                self._rendered_lines.pop(oldest, None)
        self._positions[file] = found
        return found

    def locate(self, document: Document, route: Route, on: On = "value") -> Location:
        """The place of a route in its document, in the author's file."""
        traced = self._traced.get(Place(document, route, on))
        if traced is not None and traced.location is not None:
            return traced.location
        return self.template_line(document, route, on)

    def related(self, document: Document, route: Route, on: On = "value") -> tuple[RelatedLocation, ...]:
        """The other places that take part in making what stands at a route: of values, helpers, patches and bases."""
        traced = self._traced.get(Place(document, route, on))
        found = list(traced.related) if traced is not None else []
        if traced is not None and traced.location is not None and document.file in self._line_maps:
            found.append(RelatedLocation(PRINTED, self.template_line(document, route, on), True))
        call_site = self.call_site(document, route, on)
        if call_site is not None:
            found.append(RelatedLocation(INCLUDED, call_site, True))
        return tuple(found)

    def advice(self, document: Document, route: Route, on: On = "value") -> str | None:
        """What could be set elsewhere to change what stands, or is missing, at a route, as the end of a sentence."""
        traced = self._traced.get(Place(document, route, on))
        return traced.advice if traced is not None else None

    def template_line(self, document: Document, route: Route, on: On = "value") -> Location:
        """The place of a route in the file that declares its document, whatever its value comes from."""
        file = document.file
        line, column, end_line, end_column = self.positions(file).locate(document.index, route, on)
        if not file.rendered:
            return Location(file.path, line, column, end_line, end_column)
        return self._authored(document, line, column, end_line, end_column)

    def line(self, file: ManifestFile, number: int) -> Location | None:
        """The template line behind a line (from 1) of what a chart was rendered to; None if nobody knows."""
        origin = self._origin(file, number)
        if origin is None:
            return None
        return self._whole_line(origin.path, origin.line, "call-site" if origin.level == "call-site" else "exact")

    def comes_from_action(self, document: Document, route: Route, on: On = "value") -> bool:
        """Whether what stands at a route was printed by a template's action, so that values may have decided it."""
        file = document.file
        if not file.rendered:
            return False
        origin = self._origin(file, self.positions(file).locate(document.index, route, on)[0])
        return origin is None or not origin.literal

    def call_site(self, document: Document, route: Route, on: On = "value") -> Location | None:
        """Where a template includes the helper in which `locate` finds the route; None if that is no helper."""
        if not document.file.rendered:
            return None
        origin = self._origin(document.file, self.positions(document.file).locate(document.index, route, on)[0])
        return self._whole_line(*origin.via, "call-site") if origin is not None and origin.via is not None else None

    def resource(self, resource: Resource) -> Location:
        """The place of an object: the value of its `kind`."""
        return self.locate(resource.document, (*resource.prefix, "kind"))

    def authored_name(self, resource: Resource) -> str:
        """The text of an object's name as its author wrote it: the expression in a template, else the name."""
        if self._overlays is not None and (authored := self._overlays.authored_name(resource.document)) is not None:
            return authored
        name = "name" if isinstance(resource.metadata.get("name"), str) else "generateName"
        return self.authored_text(resource.document, (*resource.prefix, "metadata", name)) or resource.name

    def authored_text(self, document: Document, route: Route) -> str | None:
        """The text from which a template made the scalar at `route`, such as `{{ .Values.zone }}`.

        That is what stands behind the key on its template line, or for a list item behind its dash. None if the scalar
        is what the author wrote, as in a plain manifest, and if its line was printed by an action as part of a block.
        """
        origin = self._origin_of_scalar(document, route)
        if origin is None or origin.level == "call-site" or origin.literal:
            return None
        from linter.provenance.helm_lines import authored_item, authored_value

        text = self._line(origin.path, origin.line)
        step = route[-1]
        return authored_value(text, step) if isinstance(step, str) else authored_item(text, step)

    def is_printed(self, document: Document, route: Route) -> bool:
        """Whether an action printed the line of the scalar at `route`, as `toYaml` prints a block."""
        origin = self._origin_of_scalar(document, route)
        return origin is not None and origin.level == "call-site"

    def _origin_of_scalar(self, document: Document, route: Route) -> TemplateLine | None:
        file = document.file
        if not file.rendered or not route:
            return None
        positions = self.positions(file)
        if not positions.has(document.index, route):
            return None
        return self._origin(file, positions.locate(document.index, route, "value")[0])

    def _origin(self, file: ManifestFile, line: int) -> TemplateLine | None:
        lines = self._line_maps.get(file)
        return lines[line - 1] if lines is not None and 0 < line <= len(lines) else None

    def _authored(self, document: Document, line: int, column: int, end_line: int, end_column: int) -> Location:
        file = document.file
        origin = self._origin(file, line)
        if origin is None:
            return self._object(document)
        whole = self._whole_line(origin.path, origin.line, "call-site" if origin.level == "call-site" else "exact")
        authored = self._line(origin.path, origin.line)
        rendered = self._rendered_line(file, line)
        if origin.literal and rendered.strip() == authored.strip():
            shift = whole.column - (len(rendered) - len(rendered.lstrip()) + 1)
            end = end_column + shift if end_line == line else whole.end_column
            return Location(origin.path, origin.line, column + shift, origin.line, end, "exact")
        return whole

    def _object(self, document: Document) -> Location:
        """Without a line map: the `kind:` line in the template, if only one can be meant, else the file."""
        if self._overlays is not None and (declared := self._overlays.declared(document)) is not None:
            return declared
        path = document.file.path
        text = self._author_text(path)
        kind = document.value.get("kind") if isinstance(document.value, dict) else None
        if text is not None and isinstance(kind, str):
            pattern = re.compile(rf"\s*kind:\s*[\"']?{re.escape(kind)}[\"']?\s*(#.*)?$")
            found = [number for number, line in enumerate(text.split("\n"), 1) if pattern.match(line)]
            if len(found) == 1:
                return self._whole_line(path, found[0], "object")
        return Location(path, 1, 1, 1, 1, "file")

    def _whole_line(self, path: str, number: int, precision: Precision) -> Location:
        line = self._line(path, number)
        end = max(len(line.rstrip()), 1) + 1
        return Location(path, number, min(len(line) - len(line.lstrip()) + 1, end), number, end, precision)

    def _line(self, path: str, number: int) -> str:
        """A line of a template. Templates have the lines that the engine counts, those between line feeds."""
        if path not in self._author_lines:
            self._author_lines[path] = (self._author_text(path) or "").split("\n")
        lines = self._author_lines[path]
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def _rendered_line(self, file: ManifestFile, number: int) -> str:
        if file not in self._rendered_lines:
            self._rendered_lines[file] = _LINE_BREAK.split(file.text)
        lines = self._rendered_lines[file]
        return lines[number - 1] if 0 < number <= len(lines) else ""
