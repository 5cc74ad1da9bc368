from collections.abc import Iterator
from typing import Any

from linter.externaldns.endpoints import endpoint_problems
from linter.externaldns.prefixes import recognized_prefixes
from linter.model import DesiredState, Node, Violation, items, mapping, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for index, endpoint in enumerate(items(node.resource.spec.get("endpoints"))):
        if not isinstance(endpoint, dict):
            continue
        name = endpoint.get("dnsName")
        called = f"endpoint `{name}`" if isinstance(name, str) and name else f"endpoint {index + 1}"
        for route, words in endpoint_problems(endpoint, state.is_opaque):
            yield Violation(("spec", "endpoints", index, *route), f"{called} of {node.resource} {words}")
        for position, entry in enumerate(items(endpoint.get("providerSpecific"))):
            key = text(mapping(entry).get("name"))
            prefix = next((prefix for prefix in recognized_prefixes(state) if key.startswith(prefix)), None)
            provider, dash, rest = key.removeprefix(prefix or "").partition("-")
            if prefix is not None and dash and provider in ("aws", "scw", "coredns", "azure", "webhook"):
                yield Violation(
                    ("spec", "endpoints", index, "providerSpecific", position, "name"),
                    f"{called} of {node.resource} has the property `{key}`, which is the spelling of an annotation",
                    fix=f"Write `{provider}/{rest}`.",
                    severity="warning",
                )
