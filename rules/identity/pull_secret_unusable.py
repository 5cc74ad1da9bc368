from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Related, Violation, items, mapping

_TYPES = ("kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg")


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for index, entry in enumerate(items(node.value.get("imagePullSecrets"))):
        name = mapping(entry).get("name")
        if not isinstance(name, str) or not name:
            continue
        route = (*node.route, "imagePullSecrets", index, "name")
        found = state.find("Secret", node.pod.namespace, name, referrer=node.resource)
        if found.missing:
            yield Violation(route, f"there is no Secret {node.pod.namespace}/{name}: {found.reason}")
        elif found.resource is not None and (kind := found.resource.body.get("type", "Opaque")) not in _TYPES and not state.is_opaque(kind):
            related = Related("the type of the Secret", found.resource, ("type",))
            yield Violation(route, f"the Secret {name} is of the type {kind}, which holds no registry credentials", related=(related,))
