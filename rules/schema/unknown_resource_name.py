from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.resources import container_resources, unknown_names
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    resources = container_resources(node)
    return () if resources is None else unknown_names(resources, (*node.route, "resources"))
