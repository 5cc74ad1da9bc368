"""What the tests of ApplicationSets share: a repository in memory, and the parts of a set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from linter.argocd.applicationsets import ClusterFacts, Expansion, MissingKey, TemplateError, expand
from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.rendering.helm.renderer import HelmRenderer
from linter.rendering.helm.strings import evaluate

HERE = "https://git.example.com/team/deploy.git"


class Repository:
    """The context of an expansion: files by path, at the URL `HERE`, and at `https://other` those below vendor/."""

    def __init__(
        self, files: Mapping[str, str] | None = None, clusters: Sequence[ClusterFacts] | None = None, renderer: HelmRenderer | None = None
    ) -> None:
        self._files = files or {}
        self._clusters = clusters
        self._renderer = renderer

    def files(self) -> Sequence[str]:
        return sorted(self._files)

    def read(self, path: str) -> bytes:
        if self._files[path] == "unreadable":
            raise InputError("unreadable", "the file must not be read", fix="allow it")
        return self._files[path].encode()

    def decode(self, data: bytes) -> Sequence[Any]:
        return [document.value for document in decode_bytes(data)[1]]

    def is_local(self, repo_url: str) -> str | None:
        return {HERE: ".", "https://other": "vendor"}.get(repo_url)

    def clusters(self) -> Sequence[ClusterFacts] | None:
        return self._clusters

    def evaluate(self, texts: Sequence[tuple[str, Mapping[str, Any]]], missing_key: MissingKey) -> Sequence[str | TemplateError]:
        assert self._renderer is not None, "no Go template was expected"
        return evaluate(texts, missing_key, self._renderer)


def application_set(*generators: Any, name: str = "app", path: str = "x", go: bool = False, **spec: Any) -> dict[str, Any]:
    """An ApplicationSet in the namespace argocd whose template has this name and path."""
    template = {"metadata": {"name": name}, "spec": {"project": "shop", "source": {"repoURL": HERE, "path": path}}}
    body = {"generators": list(generators), "template": template, **({"goTemplate": True} if go else {}), **spec}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "set", "namespace": "argocd"},
        "spec": body,
    }


def elements(*rows: Any) -> dict[str, Any]:
    """A list generator."""
    return {"list": {"elements": list(rows)}}


def rows(expansion: Expansion) -> list[dict[str, Any]]:
    """The parameters of the Applications. There must be no problems."""
    assert expansion.problems == ()
    return [dict(made.row) for made in expansion.applications]


def names(expansion: Expansion) -> list[str]:
    """The names of the Applications. There must be no problems."""
    assert expansion.problems == ()
    return [made.body["metadata"]["name"] for made in expansion.applications]


def problem(expansion: Expansion) -> tuple[str, tuple[str | int, ...], str]:
    """The only problem: id, route, message."""
    (only,) = expansion.problems
    return only.id, only.route, only.message


def unnamed(*generators: Any, context: Repository | None = None, **spec: Any) -> Expansion:
    """The expansion of a set whose names tell every row apart."""
    return expand(application_set(*generators, **spec), context or Repository())
