"""The entry of a file that a failure is about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from linter.errors import InputError
from linter.model import Failure, Route
from linter.model.findings import Stage


@dataclass(frozen=True, slots=True)
class Place:
    """A route in a document of a file. `text` is the file's, empty where only the file is to be named, or its line `number`."""

    path: str
    text: str = ""
    route: Route = ()
    document: int = 0
    number: int | None = None

    def within(self, route: Route) -> Place:
        """The place at a route below this one."""
        return replace(self, route=(*self.route, *route))

    def line(self) -> int | None:
        """The line of the entry or of its nearest ancestor, from 1."""
        if not self.text or self.number is not None:
            return self.number
        from linter.manifest.positions import index_positions

        try:
            return index_positions(self.text).line_of(self.document, self.route)
        except (InputError, IndexError):
            return None

    def failure(self, id: str, message: str, fix: str, *, stage: Stage = "render", unavailable: bool = False) -> Failure:
        """A failure at this place."""
        return Failure(id, "unavailable" if unavailable else "broken", stage, self.path, self.line(), message, fix)


Explained = tuple[Place, str, str]
"""Where, what, and what to do about it."""
