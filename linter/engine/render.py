"""Manifests as the cluster will receive them, as text."""

from __future__ import annotations

from dataclasses import dataclass

from linter.engine.options import LintOptions
from linter.engine.secrets import masked, without_secrets
from linter.engine.session import Session
from linter.engine.world import configure, open_tree, read_world
from linter.errors import UsageError
from linter.model import Document, Failure, ManifestFile, Source, mapping
from linter.report.terminal import safe


@dataclass(frozen=True, slots=True)
class Rendering:
    """Every manifest in scope, each below a comment that names its source file, and what could not be rendered."""

    text: str
    failures: tuple[Failure, ...]


def render(options: LintOptions, *, show_secrets: bool = False, provenance: bool = False) -> Rendering:
    """The manifests of the given paths; with `provenance` each line behind the place that decided it.

    Raises UsageError if the paths hold none.
    """
    tree = open_tree(options)
    config, scope = configure(tree, options)
    with Session(options.jobs or 1, options=options) as session:
        world = read_world(tree, options, config, scope, session, lambda text: None, narrow=True)
        wanted = scope.whole(world.sources, world.members)
        failures = tuple(failure for failure in world.reading.failures if scope.covers_failure(failure, wanted, world.members))
        files: dict[ManifestFile, list[Document]] = {}
        for document in world.reading.documents:
            file = document.file
            if file.source in wanted or (file.source.type == "directory" and scope.covers_plain(file.path)):
                files.setdefault(file, []).append(document)
        if not files and not failures:
            raise UsageError(f"{scope.words()} holds no Kubernetes manifest and no chart, so there is nothing to render")
        texts = {file: _shown(file, documents, show_secrets, provenance) for file, documents in files.items()}
        if provenance:
            from linter.engine.origins import with_origins

            texts = with_origins(world, files, texts)
    sections = (f"---\n# Source: {safe(file.path)}{_deployed(file.source)}\n{text}\n" for file, text in texts.items())
    return Rendering("".join(sections), failures)


def _shown(file: ManifestFile, documents: list[Document], show_secrets: bool, same_lines: bool) -> str:
    """The text of a file, the data of Secrets hidden; with `same_lines` none of its lines is left out."""
    text = file.text
    if not show_secrets and any(_may_hold_secret(document.value) for document in documents):
        hide = masked if same_lines else without_secrets
        text = hide(text, is_json=file.path.endswith(".json") and not file.rendered)
    return text.strip()


def _may_hold_secret(value: object) -> bool:
    kind = mapping(value).get("kind")
    return isinstance(kind, str) and (kind == "Secret" or kind.endswith("List"))


def _deployed(source: Source) -> str:
    """The Application and the environment that a rendering is for, in brackets."""
    words = [f"application {source.application}"] if source.application else []
    words += [source.environment] if source.environment else []
    return f" ({safe(', '.join(words))})" if words else ""
