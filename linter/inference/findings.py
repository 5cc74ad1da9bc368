"""What is inferred about a repository: values that `linter.inference.writing` turns into text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """A version of a system, and the place that says so.

    `version` is "1.34"; `said` is what stands there; `rank` is 1 for what defines a cluster or an installation, 2 for
    test clusters and CI, 3 for what only hints at it. `path` is relative to the repository root, `line` counts from 1.
    """

    system: str
    version: str
    path: str
    line: int
    said: str
    rank: int = 1


@dataclass(frozen=True, slots=True)
class Target:
    """The version to write for a system, or None for none; `suggestion` is then one to write as a comment.

    `reasons` are sentences for the comment above it.
    """

    system: str
    version: str | None
    suggestion: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChartEntry:
    """How a chart is rendered in one environment. `values` are as the configuration writes them: relative to the chart,
    or with a leading `/` to the repository root. `settings` are single values as `--set` takes them."""

    values: tuple[str, ...]
    settings: tuple[str, ...] = ()
    namespace: str | None = None
    release: str | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """A name that may be an environment: the files that bear it, and why it is not taken for one."""

    name: str
    files: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Environments:
    """`entries` maps environment -> chart -> entry; `grouped` the same with globs in place of charts, in the order to
    write. `notes` are sentences by environment. `unset` are parameters that installations set to something that is not
    written out. `plain` are the charts that have no environment. Charts that Applications deploy are in none of them."""

    entries: Mapping[str, Mapping[str, ChartEntry]]
    grouped: Mapping[str, Mapping[str, ChartEntry]]
    notes: Mapping[str, tuple[str, ...]]
    unsure: tuple[Unsure, ...]
    plain: tuple[str, ...]
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repository:
    """An address that may be that of this repository, and how many sources of Applications name it. A `certain` one is
    written as a setting, the others as comments."""

    address: str
    sources: int
    certain: bool


@dataclass(frozen=True, slots=True)
class ClustersWanted:
    """ApplicationSets that generate Applications for clusters nobody declares: where the first one stands, and how many
    there are. `names` are clusters that Applications name, `labels` those by which clusters are chosen."""

    path: str
    line: int
    count: int
    names: tuple[str, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Applications:
    """The charts that Applications of Argo CD deploy, and what else they need from the configuration."""

    charts: frozenset[str] = frozenset()
    repositories: tuple[Repository, ...] = ()
    clusters: ClustersWanted | None = None


@dataclass(frozen=True, slots=True)
class PackFacts:
    """A rule pack, as far as it matters whether a repository has anything for it: the kinds its rules look at ("*" for
    all of them), and whether it looks at pods or at charts."""

    name: str
    version: str
    kinds: frozenset[str]
    pods: bool
    charts: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """A pack and the version to pin it to ("1.2"). `wanted` says whether the repository has anything for it."""

    name: str
    version: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A glob whose files should perhaps not be judged, how many of them could be manifests, and why. `certain` ones are
    written as settings, the others as comments."""

    glob: str
    files: int
    reason: str
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A namespace in which nothing of this repository lives, although `count` places refer to it."""

    namespace: str
    count: int
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Inferred:
    """Everything that is inferred about a repository. `owned` is a namespace that it declares with its objects, if any."""

    files: int
    manifests: int
    charts: int
    environments: Environments
    applications: Applications
    targets: tuple[Target, ...]
    pins: tuple[Pin, ...]
    exclusions: tuple[Exclusion, ...]
    elsewhere: tuple[Elsewhere, ...]
    owned: str | None
