from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pods import containers_of, pod_template
from linter.kubernetes.scalars.credentials import credential_in
from linter.model import DesiredState, Node, Route, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource = node.resource
    if resource.type == "ConfigMap":
        for key, value in mapping(resource.body.get("data")).items():
            yield from _found(value, ("data", key))
        return
    pod = pod_template(resource)
    for container in containers_of(pod) if pod is not None else ():
        for field in ("command", "args"):
            for index, value in enumerate(items(container.value.get(field))):
                yield from _found(value, (*container.route, field, index))
        for index, variable in enumerate(items(container.value.get("env"))):
            yield from _found(mapping(variable).get("value"), (*container.route, "env", index, "value"))


def _found(value: object, route: Route) -> Iterator[Violation]:
    kind = credential_in(value) if isinstance(value, str) else None
    if kind is not None:
        yield Violation(route, f"this text holds {kind}")
