"""From a repository to everything that its configuration could say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from linter.discovery.charts import find_charts
from linter.inference.apart import Apart, exclusions
from linter.inference.elsewhere import namespaces_elsewhere, owned_namespace
from linter.inference.environments import infer_environments
from linter.inference.findings import Inferred, PackFacts
from linter.inference.packs import pins
from linter.inference.survey import survey
from linter.inference.targets import choose_targets
from linter.repository import Tree


def infer(tree: Tree, packs: Iterable[PackFacts], remotes: Sequence[str] = ()) -> Inferred:
    """What the files of a tree say. Every file that may tell is read once; no chart is rendered.

    `remotes` are the addresses of the repository, as Applications may name it. The result depends on nothing but the files,
    the packs and these.
    """
    files = tree.files()
    charts = find_charts(tree, files)
    apart = Apart(files)
    found = survey(tree, files, charts, apart)
    own = [chart for chart in charts if not apart.holds(f"{chart}/Chart.yaml")]
    environments, applications = infer_environments(tree, charts, found, remotes)
    return Inferred(
        files=len(found.yaml),
        manifests=len(found.manifests),
        charts=len(own),
        environments=environments,
        applications=applications,
        targets=choose_targets(tree, charts, found),
        pins=pins(packs, found, len(own)),
        exclusions=exclusions(found, apart, own),
        elsewhere=namespaces_elsewhere(found),
        owned=owned_namespace(found),
    )
