"""What is asked of Kustomize, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from linter.model import Failure


@dataclass(frozen=True, slots=True)
class KustomizeRequest:
    """A Kustomize root to be built, and how.

    `path` is its directory relative to the repository root. `options` is the `kustomize` block of an Application, which
    edits the kustomization as Argo CD does; empty for a plain build. `overrides` replaces the content of files, by their
    path in the repository. `kube_version` ("1.31") and `api_versions` are what charts inside the root see of the cluster.
    With `unrestricted`, a kustomization may read files outside of its folder, as Flux lets it.
    """

    path: str
    options: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, bytes] = field(default_factory=dict)
    kube_version: str | None = None
    api_versions: Sequence[str] = ()
    unrestricted: bool = False


@dataclass(frozen=True, slots=True)
class BuiltObject:
    """One object of the output, in its order.

    `path` is the author's file that declares it: the manifest of a base, the kustomization of a generator, or the
    kustomization that inflates a chart. `text` is its YAML without what was added to learn the origin. `generator` names
    what made it if no manifest declares it ("ConfigMapGenerator", "HelmChartInflationGenerator" …).
    """

    path: str
    text: str
    generator: str | None = None


@dataclass(frozen=True, slots=True)
class BuiltRoot:
    """What a root was built to, or why it was not. `files` are all files that took part, relative to the repository root."""

    request: KustomizeRequest
    objects: tuple[BuiltObject, ...]
    failures: tuple[Failure, ...]
    files: frozenset[str] = frozenset()
