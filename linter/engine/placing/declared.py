"""Where Applications say what decides about the objects they deploy."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable
from dataclasses import replace

from linter.model import Location, Route, dig, items, mapping
from linter.model.applications import ApplicationSource
from linter.provenance.locating import Locator, On, Place
from linter.provenance.values import definition
from linter.rendering.helm.values import ValueLayer

# A route in the object that declares an Application.
Said = tuple[ApplicationSource, Route]
_OVERRIDES = ".argocd-source"
_TEMPLATE_PATCH: Route = ("spec", "templatePatch")


class DeclaredPlaces:
    """Finds what Applications say in the files of their authors: their manifests, the templates and values or the overlays
    that these were rendered from, or files that override them."""

    def __init__(self, locator: Locator, author_text: Callable[[str], str | None], trace: Callable[[Iterable[Place]], None]) -> None:
        """`trace` gives the locator what it needs for places in rendered files."""
        self._locator = locator
        self._author_text = author_text
        self._trace = trace

    def prepare(self, said: Iterable[Said]) -> None:
        """Learn where what Applications say comes from that were rendered themselves."""
        places = [Place(details.declared.document, (*details.declared.prefix, *route), "value") for details, route in said]
        rendered = [place for place in dict.fromkeys(places) if place.document.file.rendered]
        if rendered:
            self._trace(rendered)

    def locate(self, details: ApplicationSource, route: Route, file: str = "", on: On = "value") -> Location | None:
        """The place of a route of the Application, or of the `file` that overrides it; None if there is none."""
        if file:
            return self._in_file(file, route, on)
        document, whole = details.declared.document, (*details.declared.prefix, *route)
        found = self._locator.locate(document, whole, on)
        if document.file.rendered or self._locator.positions(document.file).has(document.index, whole):
            return found
        # It comes from somewhere else in a set: from `templatePatch`, or the template of a generator.
        patch = (*details.declared.prefix, *_TEMPLATE_PATCH)
        if self._locator.positions(document.file).has(document.index, patch):
            found = self._locator.locate(document, patch)
        return replace(found, precision="object")

    # Options of Helm

    def option(self, details: ApplicationSource, number: int) -> tuple[Route, str] | None:
        """The route of a parameter and the file that overrides it, counted as Helm gets them; None if there are fewer."""
        parameters = details.helm.parameters if details.helm is not None else ()
        ordered = [entry for kind in ("set", "string", "file") for entry in parameters if entry.kind == kind]
        return (ordered[number].route, ordered[number].file) if number < len(ordered) else None

    def inline_route(self, details: ApplicationSource, route: Route) -> Route:
        """The route in the Application of a route in its inline values; that of the whole text if they are text."""
        inline = details.helm.inline if details.helm is not None else None
        if inline is None:
            return ()
        return inline.route if inline.as_text else (*inline.route, *route)

    def inline(self, details: ApplicationSource, layer: ValueLayer, route: Route, on: On) -> Location | None:
        """The place of a route in values that stand in the Application."""
        inline = details.helm.inline if details.helm is not None else None
        if inline is None:
            return None
        whole = self.locate(details, self.inline_route(details, route), inline.file, "value" if inline.as_text else on)
        if whole is None or not inline.as_text or inline.file:
            return whole
        found = definition(layer, route, on)
        if details.declared.document.file.rendered:
            # The line of the sign alone proves nothing about what stands below it.
            line = self._in_rendered_text(details, inline.route, layer.text, found[0]) if found is not None else None
            return line or replace(whole, precision="call-site" if whole.precision == "exact" else whole.precision)
        return (self._in_text(details.declared.document.file.text, layer.text, whole, found) if found is not None else None) or whole

    def _in_rendered_text(self, details: ApplicationSource, text_route: Route, inner: str, line: int) -> Location | None:
        """The template line behind a line of values that stand as a block of text in an Application a chart has rendered."""
        document = details.declared.document
        positions = self._locator.positions(document.file)
        start = positions.locate(document.index, (*details.declared.prefix, *text_route))[0]
        rendered, lines = document.file.text.split("\n"), inner.split("\n")
        number = start + line
        if number > len(rendered) or line > len(lines) or rendered[number - 1].strip() != lines[line - 1].strip():
            return None
        return self._locator.line(document.file, number)

    def _in_text(self, text: str, inner: str, whole: Location, found: tuple[int, int, int, int]) -> Location | None:
        """The place in a manifest of what was found in values that stand there as a block of text."""
        line, column, end_line, end_column = found
        written, lines = text.split("\n"), inner.split("\n")
        # The text stands line by line below the line of its sign, further to the right.
        number = whole.line + line
        if number > len(written) or line > len(lines):
            return None
        author, value = written[number - 1], lines[line - 1]
        if author.strip() == value.strip():
            shift = author.index(value.strip()) - (len(value) - len(value.lstrip()))
            return Location(whole.path, number, column + shift, whole.line + end_line, end_column + shift)
        before, braces, _ = author.strip().partition("{{")
        if braces and before and value.strip().startswith(before):
            # The template of a set, which fills in the rest of the line.
            return Location(whole.path, number, author.index(before) + 1, number, len(author.rstrip()) + 1)
        return None

    # Options of Kustomize

    def kustomize(self, details: ApplicationSource, route: Route, field: Route) -> Location | None:
        """The place of a route in the `kustomize` block; in the text of a patch, that of the `field` of an object that it sets."""
        file = self._overriding(details, ("kustomize", *route))
        whole = self.locate(details, ("kustomize", *route) if file else (*details.route, "kustomize", *route), file)
        text = dig(details.kustomize, *route)
        document = details.declared.document
        if whole is None or file or document.file.rendered or not isinstance(text, str) or "\n" not in text:
            return whole
        target = _route_in_patch(text, field)
        if target == field and any(isinstance(step, int) for step in field):
            # A merge patch names items of lists by their keys, and not by where they stand.
            return whole
        found = definition(ValueLayer({}, "", text), target, "value")
        return (self._in_text(document.file.text, text, whole, found) if found is not None else None) or whole

    def _overriding(self, details: ApplicationSource, route: Route) -> str:
        """The last of the override files that sets a route of the source; "" if none does."""
        from linter.argocd.overrides import sets
        from linter.errors import InputError
        from linter.manifest.decoder import decode_text

        for path in reversed(details.uses):
            if not os.path.basename(path).startswith(_OVERRIDES):
                continue
            try:
                documents = decode_text(self._author_text(path) or "")
            except InputError:
                continue
            if documents and sets(mapping(documents[0].value), route):
                return path
        return ""

    def _in_file(self, path: str, route: Route, on: On) -> Location | None:
        text = self._author_text(path)
        found = definition(ValueLayer({}, path, text), route, on) if text is not None else None
        return Location(path, *found) if found is not None else None


def _route_in_patch(text: str, field: Route) -> Route:
    """Where a patch sets a field of an object: at the same route, or with the operation that names it as its path."""
    from linter.errors import InputError
    from linter.manifest.decoder import decode_text

    try:
        documents = decode_text(text)
    except InputError:
        return field
    pointer = "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in field)
    operations = items(documents[0].value) if documents else []
    found = [index for index, entry in enumerate(operations) if mapping(entry).get("path") == pointer]
    return (found[-1], "value") if found else field
