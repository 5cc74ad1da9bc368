"""What Argo CD deploys: the sources of an Application, resolved to files of the repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from linter.model.findings import FailureKind
from linter.model.resources import Resource, Source
from linter.model.routes import Route


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a source of an Application cannot be rendered, or not as it is written. `route` is the part of the object to blame.

    `unsupported` says that this version cannot render such a source, which is no failure. If an override file is to blame,
    `file` is its path, relative to the repository root, and `line`, counted from 1, where in it.
    """

    id: str
    kind: FailureKind | Literal["unsupported"]
    message: str
    fix: str
    route: Route
    file: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `--set` of an Application: an expression `key=value` as Helm reads it, for `file` the key and the file's content.

    `route` leads to its value in the object that declares it, or, if an override file sets it, in that `file`.
    """

    kind: Literal["set", "string", "file"]
    expression: str
    route: Route
    content: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class InlineValues:
    """Values that stand in an Application itself, below `route`; `as_text` if they stand there as YAML in a string.

    If an override file sets them, `route` leads to them in that `file`.
    """

    values: Mapping[str, Any]
    route: Route
    as_text: bool = False
    text: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class HelmOptions:
    """What an Application tells Helm, beside the files of values in `Source.values`, which come first.

    `api_versions` replaces what the cluster offers if it is not None.
    """

    inline: InlineValues | None = None
    parameters: tuple[Parameter, ...] = ()
    kube_version: str | None = None
    api_versions: tuple[str, ...] | None = None
    skip_crds: bool = False
    skip_tests: bool = False
    skip_schema: bool = False
    release: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ApplicationSource:
    """One source of an Application.

    `declared` is the Application, or the ApplicationSet that generates it, and `route` leads to the source in it. Of
    `helm`, `kustomize` (the options of the source as Argo CD has them after its override files) and `files` (of a plain
    directory, in order), the one for `source.type` is set. `problems` whose kind is "broken" or "unavailable" keep it
    from being rendered if `blocked`.
    """

    source: Source
    declared: Resource
    route: Route
    helm: HelmOptions | None = None
    kustomize: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    blocked: bool = False
    # Files that decide about this source without being rendered: override files, files of values.
    uses: tuple[str, ...] = ()
