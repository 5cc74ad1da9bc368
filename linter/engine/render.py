"""Manifests as the cluster will receive them, as text."""

from __future__ import annotations

from dataclasses import dataclass

from linter.engine.charts import render_charts
from linter.engine.options import LintOptions
from linter.engine.reading import Reading, read_plain
from linter.engine.run import Session, configure, open_tree
from linter.errors import UsageError
from linter.discovery import discover
from linter.manifest.positions import index_positions
from linter.model import Document, Failure, ManifestFile, Source, mapping
from linter.version import NEWEST_TARGETS

HIDDEN = "•••"


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
        discovery = discover(tree, config)
        sources = [source for source in discovery.sources if options.environment in (None, source.environment) or source.type != "helm"]
        sources = scope.single_chart(sources, options)
        reading = Reading(failures=[*discovery.failures])
        wanted = scope.whole(sources, discovery)
        read_plain(
            tree, {path: owners for path, owners in discovery.manifest_files.items() if scope.covers(path)}, scope.named_files, reading
        )
        targets = {**NEWEST_TARGETS, **config.targets, **options.targets}
        render_charts(tree, discovery, [source for source in sources if source in wanted], session, reading, options, targets, lambda text: None)
    failures = tuple(failure for failure in reading.failures if scope.covers_failure(failure, wanted, discovery))
    files: dict[ManifestFile, list[Document]] = {}
    for document in reading.documents:
        files.setdefault(document.file, []).append(document)
    if not files and not failures:
        raise UsageError(f"{scope.words()} holds no Kubernetes manifest and no chart, so there is nothing to render")
    return Rendering("".join(_section(file, documents, show_secrets) for file, documents in files.items()), failures)


def _section(file: ManifestFile, documents: list[Document], show_secrets: bool) -> str:
    text = file.text
    if not show_secrets and any(mapping(document.value).get("kind") in ("Secret", "List", "SecretList") for document in documents):
        text = _without_secrets(text, documents, file.path.endswith(".json") and not file.rendered)
    return f"---\n# Source: {file.path}{_environment(file.source)}\n{text.strip()}\n"


def _environment(source: Source) -> str:
    return f" ({source.environment})" if source.environment else ""


def _without_secrets(text: str, documents: list[Document], json: bool) -> str:
    """The text with each value of a Secret's data replaced; everything else stays as its author wrote it."""
    positions = index_positions(text, json=json)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    ranges = set()
    for document in documents:
        for prefix, body in _secrets(document.value, ()):
            for field in ("data", "stringData"):
                for key in mapping(body.get(field)):
                    line, column, end_line, end_column = positions.locate(document.index, (*prefix, field, key))
                    ranges.add((starts[line - 1] + column - 1, starts[end_line - 1] + end_column - 1))
    for start, end in sorted(ranges, reverse=True):
        tail = "\n" if text[start:end].endswith("\n") else ""
        text = f'{text[:start]}"{HIDDEN}"{tail}{text[end:]}'
    return text


def _secrets(value: object, prefix: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], dict[str, object]]]:
    body = mapping(value)
    if body.get("kind") == "Secret":
        return [(prefix, body)]
    found = []
    entries = body.get("items")
    for index, item in enumerate(entries if isinstance(entries, list) else ()):
        if body.get("kind") == "SecretList" and isinstance(item, dict):
            found.append(((*prefix, "items", index), item))
        else:
            found += _secrets(item, (*prefix, "items", index))
    return found
