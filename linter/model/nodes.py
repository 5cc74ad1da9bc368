"""What a check receives: the matched part of an object with its route and context."""

from __future__ import annotations

from typing import Any, Literal

from linter.model.derived import Derivable
from linter.model.resources import Document, Resource
from linter.model.routes import Route, mapping, strings

ContainerRole = Literal["container", "init", "sidecar", "ephemeral"]


class PodTemplate(Derivable):
    """The pod that an object will create, or is: its spec, labels and annotations, and their routes.

    `route` leads to the mapping that holds `metadata` and `spec` (the empty route for a Pod), `spec_route` to `spec`.
    """

    __slots__ = ("_annotations", "_labels", "body", "resource", "route", "spec", "spec_route")

    def __init__(self, resource: Resource, route: Route, body: dict[str, Any]) -> None:
        super().__init__()
        self.resource = resource
        self.route = route
        self.spec_route: Route = (*route, "spec")
        self.body = body
        self.spec: dict[str, Any] = mapping(body.get("spec"))
        self._labels: dict[str, str] | None = None
        self._annotations: dict[str, str] | None = None

    @property
    def namespace(self) -> str:
        return self.resource.namespace

    @property
    def labels(self) -> dict[str, str]:
        """The labels whose values are strings."""
        if self._labels is None:
            self._labels = strings(mapping(self.body.get("metadata")).get("labels"))
        return self._labels

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations whose values are strings."""
        if self._annotations is None:
            self._annotations = strings(mapping(self.body.get("metadata")).get("annotations"))
        return self._annotations


class Node:
    """One match of a rule.

    `value` is the matched value and `route` its route from the object's root. `resource` is the object, `pod` the pod
    template around it and `role` the kind of container, where the view has them. For `on: document` the value is the
    document's and `document` is set; for `on: chart` the value is a ChartFacts; for `on: state` the DesiredState; for
    `on: repository` the Repository; for `on: change` the object's body, and `earlier` is the object as it was.
    """

    __slots__ = ("document", "earlier", "pod", "resource", "role", "route", "value")

    def __init__(
        self,
        value: Any,
        route: Route = (),
        resource: Resource | None = None,
        pod: PodTemplate | None = None,
        role: ContainerRole | None = None,
        document: Document | None = None,
        earlier: Resource | None = None,
    ) -> None:
        self.value = value
        self.route = route
        self.resource = resource  # type: ignore[assignment]
        self.pod = pod  # type: ignore[assignment]
        self.earlier = earlier  # type: ignore[assignment]
        self.role = role
        self.document = document if document is not None else (resource.document if resource is not None else None)

    # Declared without None: every view and `kinds` match sets `resource`, every pod view `pod`, and `on: change` also `earlier`.
    # A rule that reads one its match does not offer fails as a crashed rule, naming the rule.
    resource: Resource
    pod: PodTemplate
    earlier: Resource


class ChartFacts:
    """A Helm chart as a rule sees it: its own files, decoded. `lock` is None without Chart.lock.

    `vendored` maps the name of each dependency found in charts/ to its version ("" if its Chart.yaml names none).
    """

    __slots__ = ("lock", "metadata", "path", "values", "vendored")

    def __init__(
        self, path: str, metadata: dict[str, Any], values: dict[str, Any], lock: dict[str, Any] | None, vendored: dict[str, str]
    ) -> None:
        self.path = path
        self.metadata = metadata
        self.values = values
        self.lock = lock
        self.vendored = vendored
