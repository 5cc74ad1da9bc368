"""What several runs can share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from linter.engine.options import LintOptions
from linter.engine.reading.decoding import Known
from linter.packs.catalog import Catalog, load_catalog
from linter.repository import Tree

if TYPE_CHECKING:
    from linter.rendering.helm.renderer import HelmRenderer
    from linter.rendering.kustomize.renderer import KustomizeRenderer


class Session:
    """What several runs can share: the catalog of rules, the processes that render charts and, for a run that compares two
    trees, what their files were decoded to."""

    def __init__(self, jobs: int = 1, catalog: Catalog | None = None, options: LintOptions | None = None) -> None:
        self.jobs = jobs
        self._options = options or LintOptions()
        self.catalog = catalog or load_catalog()
        self.decoded: Known | None = {} if self._options.since is not None else None
        self._renderer: HelmRenderer | None = None
        self._kustomize: dict[Tree, KustomizeRenderer] = {}

    def kustomize(self, tree: Tree, local: Callable[[str], str | None]) -> KustomizeRenderer:
        """What builds the Kustomize roots of a tree. `local` gives the folder with the content of a repository, by its address."""
        if tree not in self._kustomize:
            from linter.rendering.kustomize.renderer import KustomizeRenderer

            self._kustomize[tree] = KustomizeRenderer(tree, jobs=self.jobs, deadline_seconds=self._options.chart_timeout, local=local)
        return self._kustomize[tree]

    @property
    def renderer(self) -> HelmRenderer:
        """The renderer; its processes start when the first chart is rendered."""
        if self._renderer is None:
            from linter.rendering.helm.renderer import HelmRenderer

            self._renderer = HelmRenderer(
                self.jobs,
                self._options.chart_timeout,
                self._options.chart_memory,
                remember=self.decoded is not None,
                backend=self._options.helm,
            )
            self._renderer.__enter__()
        return self._renderer

    def close(self) -> None:
        """End the processes."""
        if self._renderer is not None:
            self._renderer.__exit__(None, None, None)
            self._renderer = None
        for renderer in self._kustomize.values():
            renderer.close()
        self._kustomize.clear()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
