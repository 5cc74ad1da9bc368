"""What ApplicationSets generate, as far as the files of a repository tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from linter.argocd.applicationsets import ClusterFacts, TemplateError, expand
from linter.argocd.clusters import SECRET_TYPE
from linter.manifest.decoder import decode_bytes
from linter.model import dig, items, mapping, text
from linter.repository import Tree

if TYPE_CHECKING:
    from linter.rendering.helm.renderer import HelmRenderer

# Seconds for the templates of one set; a lint takes more time, and says what takes too long.
_DEADLINE = 5.0
_NEEDS_CLUSTERS = "applicationset-clusters"


class Generating:
    """Expands ApplicationSets, every Git repository they name taken for this one. Used as a context manager: what evaluates
    Go templates runs in a process of its own, which starts when it is needed."""

    def __init__(self, tree: Tree, clusters: Sequence[ClusterFacts]) -> None:
        """`clusters` are those that Secrets of the repository declare."""
        self._tree = tree
        self._clusters = clusters
        self._renderer: HelmRenderer | None = None

    def __enter__(self) -> Generating:
        return self

    def __exit__(self, *error: object) -> None:
        if self._renderer is not None:
            self._renderer.__exit__(None, None, None)
            self._renderer = None

    def specs(self, body: Mapping[str, Any]) -> tuple[list[dict[str, Any]], bool]:
        """The `spec` of each Application that a set generates, and whether some are missing because it asks for clusters
        and none are declared."""
        expansion = expand(body, self)
        missing = any(problem.id == _NEEDS_CLUSTERS for problem in expansion.problems)
        return [mapping(generated.body.get("spec")) for generated in expansion.applications], missing

    # What the expansion asks of its surroundings

    def files(self) -> Sequence[str]:
        return self._tree.files()

    def read(self, path: str) -> bytes:
        return self._tree.read(path)

    def decode(self, data: bytes) -> Sequence[Any]:
        return [document.value for document in decode_bytes(data)[1]]

    def is_local(self, repo_url: str) -> str | None:
        return "." if repo_url else None

    def clusters(self) -> Sequence[ClusterFacts] | None:
        return self._clusters or None

    def evaluate(
        self, texts: Sequence[tuple[str, Mapping[str, Any]]], missing_key: Literal["default", "error", "zero"]
    ) -> Sequence[str | TemplateError]:
        from linter.rendering.helm.strings import evaluate

        if self._renderer is None:
            from linter.rendering.helm.renderer import HelmRenderer

            self._renderer = HelmRenderer(1, _DEADLINE).__enter__()
        return evaluate(texts, missing_key, self._renderer)


def generator_addresses(body: Mapping[str, Any]) -> Iterator[str]:
    """The repositories that the Git generators of a set read."""
    for generator in _generators(dig(body, "spec", "generators")):
        address = text(mapping(generator.get("git")).get("repoURL"))
        if address:
            yield address


def cluster_labels(body: Mapping[str, Any]) -> dict[str, str]:
    """Labels that a cluster needs so that a set generates an Application for it, as far as they are written out."""
    labels: dict[str, str] = {}
    for generator in _generators(dig(body, "spec", "generators")):
        selector = mapping(mapping(generator.get("clusters")).get("selector"))
        wanted: list[tuple[object, object]] = [*mapping(selector.get("matchLabels")).items()]
        wanted += [
            (mapping(each).get("key"), next(iter(items(mapping(each).get("values"))), None))
            for each in items(selector.get("matchExpressions"))
            if mapping(each).get("operator") == "In"
        ]
        for key, value in wanted:
            if isinstance(key, str) and isinstance(value, str) and key != SECRET_TYPE and "{{" not in key + value:
                labels.setdefault(key, value)
    return labels


def _generators(value: object) -> Iterator[dict[str, Any]]:
    """Generators, with those in matrix and merge generators, which nest one level deep."""
    for generator in map(mapping, items(value)):
        yield generator
        for kind in ("matrix", "merge"):
            children = mapping(generator.get(kind)).get("generators")
            yield from map(mapping, items(children))
            for child in map(mapping, items(children)):
                for inner in ("matrix", "merge"):
                    yield from map(mapping, items(mapping(child.get(inner)).get("generators")))
