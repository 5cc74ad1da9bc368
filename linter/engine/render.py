"""Manifests as the cluster will receive them, as text."""

from __future__ import annotations

from dataclasses import dataclass

from linter.engine.options import LintOptions
from linter.engine.reading.charts import render_charts
from linter.engine.reading.files import Reading, read_plain
from linter.engine.reading.world import configure, open_tree, survey, targets_of
from linter.engine.secrets import without_secrets
from linter.engine.session import Session
from linter.errors import UsageError
from linter.model import Document, Failure, ManifestFile, Source, mapping
from linter.report.terminal import safe


@dataclass(frozen=True, slots=True)
class Rendering:
    """Every manifest in scope, each below a comment that names its source file, and what could not be rendered."""

    text: str
    failures: tuple[Failure, ...]


def render(options: LintOptions, *, show_secrets: bool = False) -> Rendering:
    """The manifests of the given paths.

    Raises UsageError if the paths hold none.
    """
    tree = open_tree(options)
    config, scope = configure(tree, options)
    with Session(options.jobs or 1, options=options) as session:
        discovery, sources = survey(tree, options, config, scope)
        reading = Reading(failures=[*discovery.failures])
        wanted = scope.whole(sources, discovery)
        read_plain(
            tree,
            {path: owners for path, owners in discovery.manifest_files.items() if scope.covers_plain(path)},
            scope.named_files,
            reading,
        )
        charts = [source for source in sources if source in wanted]
        render_charts(tree, discovery, charts, session, reading, options, targets_of(config, options), lambda text: None)
    failures = tuple(failure for failure in reading.failures if scope.covers_failure(failure, wanted, discovery))
    files: dict[ManifestFile, list[Document]] = {}
    for document in reading.documents:
        files.setdefault(document.file, []).append(document)
    if not files and not failures:
        raise UsageError(f"{scope.words()} holds no Kubernetes manifest and no chart, so there is nothing to render")
    return Rendering("".join(_section(file, documents, show_secrets) for file, documents in files.items()), failures)


def _section(file: ManifestFile, documents: list[Document], show_secrets: bool) -> str:
    text = file.text
    if not show_secrets and any(_may_hold_secret(document.value) for document in documents):
        text = without_secrets(text, is_json=file.path.endswith(".json") and not file.rendered)
    return f"---\n# Source: {safe(file.path)}{_environment(file.source)}\n{text.strip()}\n"


def _may_hold_secret(value: object) -> bool:
    kind = mapping(value).get("kind")
    return isinstance(kind, str) and (kind == "Secret" or kind.endswith("List"))


def _environment(source: Source) -> str:
    return f" ({safe(source.environment)})" if source.environment else ""
