"""What a Kustomize root was found to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from linter.model import Failure, Route


@dataclass(slots=True)
class Kustomization:
    """One kustomization file. `rewrites` are the routes of remote references and the local paths that take their place."""

    path: str
    directory: str
    text: str
    body: dict[str, Any]
    rewrites: dict[Route, str] = field(default_factory=dict)


@dataclass(slots=True)
class Resolved:
    """What a root reads, by real path, and why it cannot be built, if so.

    `links` are the symbolic links on the way, and what each leads to. `origins` maps each path as kustomize reports it,
    relative to the root, to the real one. `charts` says that Helm is needed; `careful` that noting origins might change
    what is built.
    """

    kustomizations: dict[str, Kustomization] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    failures: dict[Failure, None] = field(default_factory=dict)
    charts: bool = False
    careful: bool = False
