"""Files -> documents -> resources. What cannot be read becomes a failure; nothing is skipped without a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from linter.engine.reading.decoding import Content, Known, Text, decode_all
from linter.engine.secrets import without_excerpts
from linter.errors import InputError
from linter.manifest.decoder import decode_text, may_hold_manifest
from linter.manifest.resources import resources_of
from linter.model import Document, Failure, ManifestFile, Resource, Source
from linter.repository import Tree


@dataclass(slots=True)
class Reading:
    """What the files of the repository hold, grown file by file.

    `not_manifests` are those of `files` that hold no object, `unreadable` those of them that are no YAML either.
    """

    documents: list[Document] = field(default_factory=list)
    resources: dict[Source, list[Resource]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    not_manifests: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def add_document(self, document: Document) -> bool:
        """Record a document and its objects; whether it held any."""
        resources = list(resources_of(document))
        if not resources:
            return False
        self.documents.append(document)
        self.resources.setdefault(document.file.source, []).extend(resources)
        return True

    def leave_out(self, unwanted: Callable[[ManifestFile], bool]) -> None:
        """Forget the documents of some files, and the objects in them."""
        sources = {document.file.source for document in self.documents if unwanted(document.file)}
        if not sources:
            return
        self.documents = [document for document in self.documents if not unwanted(document.file)]
        for source in sources:
            kept = [resource for resource in self.resources.get(source, ()) if not unwanted(resource.document.file)]
            if kept:
                self.resources[source] = kept
            else:
                self.resources.pop(source, None)


def read_plain(
    tree: Tree, files: Mapping[str, Sequence[Source]], named: frozenset[str], reading: Reading, jobs: int = 1, known: Known | None = None
) -> None:
    """Read the manifests that stand in the repository as they will be applied.

    `files` maps each path to the directories it belongs to. `named` are files the user asked for by name: these must be
    readable, whatever they hold. Many files are decoded in up to `jobs` processes, and none that is `known`.
    """
    refused: dict[str, InputError] = {}
    contents: dict[str, Content] = {}
    for path in files:
        try:
            data = tree.read(path)
        except InputError as error:
            refused[path] = error
            continue
        if path in named or may_hold_manifest(data):
            contents[path] = Content(data, path.endswith(".json"))
    with closing(decode_all(tuple(contents.values()), jobs, known)) as results:
        for path, sources in files.items():
            reading.files.append(path)
            if path in refused:
                reading.failures.append(refused[path].at(path))
            elif path not in contents:
                reading.not_manifests.append(path)
            else:
                _add_file(path, contents.pop(path).data, next(results), sources, path in named, reading)


def _add_file(path: str, data: bytes, result: Text | InputError, sources: Sequence[Source], named: bool, reading: Reading) -> None:
    """Record the documents of a file, or why it has none."""
    if isinstance(result, InputError):
        if named or _claims_to_be_manifest(data):
            reading.failures.append(_unparseable(result, path, data))
        else:
            reading.not_manifests.append(path)
            reading.unreadable.append(path)
        return
    text, decoded = result
    held = False
    for source in sources:
        file = ManifestFile(path, text, source)
        for entry in decoded:
            held |= reading.add_document(Document(file, entry.index, entry.value, entry.duplicate_keys, entry.rewritten_scalars))
    if not held:
        reading.not_manifests.append(path)


def read_rendered(path: str, text: str, source: Source, reading: Reading, rendered: bool = True) -> tuple[ManifestFile, bool]:
    """Read what a template rendered to (or, with `rendered` False, a file of the chart as it is), and whether it held objects.

    Raises InputError, its line counted in this text, if that is no YAML.
    """
    file = ManifestFile(path, text, source, rendered)
    held = False
    for entry in decode_text(text):
        held |= reading.add_document(Document(file, entry.index, entry.value, entry.duplicate_keys, entry.rewritten_scalars))
    return file, held


def _claims_to_be_manifest(data: bytes) -> bool:
    """Whether a line starts with `apiVersion:`, or it is JSON that names one."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"apiVersion"' in data and b'"kind"' in data:
        return True
    return data.startswith((b"apiVersion:", b"\xef\xbb\xbfapiVersion:")) or b"\napiVersion:" in data


def _unparseable(error: InputError, path: str, data: bytes) -> Failure:
    was = without_excerpts(error.at(path), data.decode("utf-8", "replace"))
    if was.id == "yaml-syntax" and (b"{{" in data or b"{%" in data):
        return Failure(
            "template-outside-chart",
            was.kind,
            was.stage,
            path,
            was.line,
            f"this looks like a template, but stands in no chart that would render it ({was.message})",
            "move it below the templates/ of a chart, or list it under `exclude:` in .gitops-lint.yaml",
        )
    return was
