"""What is wrong with one source, and the text to blame: that of the Application, or of a file that overrides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from linter.argocd.overrides import sets
from linter.model import Route
from linter.model.applications import Problem
from linter.model.findings import FailureKind


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something of a source stands: at `route` in the object that declares it, or of the override file `file`."""

    route: Route
    file: str = ""


@dataclass(slots=True)
class Problems:
    """The problems of a source whose route is `route`. `patches` are the override files that apply to it, in their order."""

    route: Route
    patches: Sequence[tuple[str, Mapping[str, Any]]] = ()
    found: list[Problem] = field(default_factory=list)
    blocked: bool = False

    def origin(self, *steps: str | int) -> Origin:
        """Where the value at a route of the source stands."""
        for file, patch in reversed(self.patches):
            if steps and sets(patch, steps):
                return Origin(steps, file)
        return Origin((*self.route, *steps))

    def block(self, id: str, kind: FailureKind, message: str, fix: str, *steps: str | int) -> None:
        """Add a problem that keeps the source from being rendered; `steps` lead from the source to what is to blame."""
        self.note(id, kind, message, fix, *steps)
        self.blocked = True

    def note(self, id: str, kind: FailureKind | Literal["unsupported"], message: str, fix: str, *steps: str | int) -> None:
        """Add a problem in spite of which the source is rendered."""
        origin = self.origin(*steps)
        self.found.append(Problem(id, kind, message, fix, origin.route, origin.file))
