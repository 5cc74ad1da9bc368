"""Sources, the files and documents they yield, and the Kubernetes objects in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from linter.model.derived import Derivable
from linter.model.routes import Route, mapping, strings

SourceType = Literal["directory", "helm", "kustomize"]
SourceStatus = Literal["ok", "broken", "unavailable", "unsupported"]


@dataclass(frozen=True, slots=True)
class Source:
    """One way to obtain manifests: a plain directory, a Helm chart with one set of values, a Kustomize root.

    `path` is relative to the repository root ("." for the root itself). `namespace` is where objects that name none
    will land, when the configuration or an Application says so. `values` are value files relative to the repository
    root. `index` tells the sources of one Application apart.
    """

    path: str
    type: SourceType
    state: str
    environment: str | None = None
    application: str | None = None
    cluster: str | None = None
    namespace: str | None = None
    release: str | None = None
    values: tuple[str, ...] = ()
    set_values: tuple[str, ...] = ()
    index: int = 0


class ManifestFile:
    """Text in which documents stand: a file as its author wrote it, or what one template rendered to.

    `path` is always the author's file, relative to the repository root (`archive.tgz!member` inside archives).
    `rendered` says that `text` is output whose lines are not the lines of that file.
    """

    __slots__ = ("path", "rendered", "source", "text")

    def __init__(self, path: str, text: str, source: Source, rendered: bool = False) -> None:
        self.path = path
        self.text = text
        self.source = source
        self.rendered = rendered


class Document:
    """One YAML or JSON document: its decoded value and where it stands in its file.

    `index` counts the documents of the file from 0, empty ones included, as the positions of the file do.
    `duplicate_keys` says that some mapping in it repeats a key, `rewritten_scalars` that some number or key in it may
    be printed otherwise than its author wrote it.
    """

    __slots__ = ("duplicate_keys", "file", "index", "rewritten_scalars", "value")

    def __init__(self, file: ManifestFile, index: int, value: Any, duplicate_keys: bool = False, rewritten_scalars: bool = False) -> None:
        self.file = file
        self.index = index
        self.value = value
        self.duplicate_keys = duplicate_keys
        self.rewritten_scalars = rewritten_scalars


class Resource(Derivable):
    """One Kubernetes object. Its body is never changed.

    `type` is the bare kind for kinds built into Kubernetes ("Deployment") and `group/kind` for all others
    ("networking.istio.io/Gateway"). `prefix` is the route of the object in its document: empty, or ("items", n)
    inside a `kind: List`. `namespace` is the effective one: "" for cluster-scoped kinds, else the declared one, else
    the source's, else "default". `declared_namespace` is what the manifest or its source says, or None. `metadata` and
    `spec` are those of the body, empty if they are no mappings.
    """

    __slots__ = (
        "_annotations", "_labels", "api_version", "body", "declared_namespace", "document", "group", "kind", "metadata", "name",
        "namespace", "prefix", "spec", "type",
    )  # fmt: skip

    def __init__(
        self,
        document: Document,
        body: dict[str, Any],
        *,
        type: str,
        api_version: str,
        group: str,
        kind: str,
        name: str,
        namespace: str,
        declared_namespace: str | None,
        prefix: Route = (),
    ) -> None:
        super().__init__()
        self.document = document
        self.body = body
        self.metadata: dict[str, Any] = mapping(body.get("metadata"))
        self.spec: dict[str, Any] = mapping(body.get("spec"))
        self._labels: dict[str, str] | None = None
        self._annotations: dict[str, str] | None = None
        self.type = type
        self.api_version = api_version
        self.group = group
        self.kind = kind
        self.name = name
        self.namespace = namespace
        self.declared_namespace = declared_namespace
        self.prefix = prefix

    @property
    def source(self) -> Source:
        return self.document.file.source

    @property
    def labels(self) -> dict[str, str]:
        """The labels whose values are strings."""
        if self._labels is None:
            self._labels = strings(self.metadata.get("labels"))
        return self._labels

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations whose values are strings."""
        if self._annotations is None:
            self._annotations = strings(self.metadata.get("annotations"))
        return self._annotations

    def __str__(self) -> str:
        """The object as messages name it: `Deployment shop/web`, `ClusterRole reader`."""
        name = self.name or "without a name"
        return f"{self.kind} {self.declared_namespace}/{name}" if self.declared_namespace and self.name else f"{self.kind} {name}"

    def __repr__(self) -> str:
        return f"<{self} in {self.document.file.path}>"
