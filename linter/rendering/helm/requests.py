"""What is asked of the renderer of charts, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from linter.model import Failure
from linter.rendering.helm.charts import Chart
from linter.rendering.helm.values import ValueLayer


@dataclass(frozen=True, slots=True)
class ChartRequest:
    """A chart to be rendered, and what `helm template` would be told.

    `values` are layered over the chart's own in order, then come `set_values` (`--set`), `set_strings` (`--set-string`)
    and `set_files` (`--set-file`, as key and content). `release` is the chart's name if None. `kube_version` ("1.31") and
    `api_versions` (added to those Helm knows) are what the chart sees of the cluster; None leaves the version to Helm and
    the chart's `kubeVersion` unchecked. A cluster also serves the kinds built into its version; with `api_versions_replace`
    it offers them only if `api_versions` has them, as Argo CD has it for `helm.apiVersions`. `overrides` replaces the text
    of templates, by their path in the repository.
    """

    chart: Chart
    values: Sequence[ValueLayer] = ()
    set_values: Sequence[str] = ()
    set_strings: Sequence[str] = ()
    set_files: Sequence[tuple[str, str]] = ()
    release: str | None = None
    namespace: str = "default"
    include_crds: bool = True
    skip_tests: bool = False
    skip_schema: bool = False
    kube_version: str | None = None
    api_versions: Sequence[str] = ()
    api_versions_replace: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """What one template rendered to, or a file of crds/ as it is (`rendered` is False).

    `path` is the author's file; `key` the engine's name for it, which tells two instances of one subchart apart.
    """

    path: str
    text: str
    key: str
    rendered: bool = True


@dataclass(frozen=True, slots=True)
class RenderedChart:
    """The files of a chart in the order of their keys, CRDs first, and what went wrong.

    Both can be present: with a remote dependency missing, what the chart itself renders is still here. `unread_schemas`
    are the files values.schema.json that refer to other schemas: those are not read, and the values not checked against them.
    """

    request: ChartRequest
    files: tuple[RenderedFile, ...]
    failures: tuple[Failure, ...]
    unread_schemas: tuple[str, ...] = ()
