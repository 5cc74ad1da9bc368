from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.externaldns.annotations import is_known_suffix
from linter.externaldns.prefixes import filter_texts, recognized_prefixes, resembles_prefix
from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource = node.resource
    places = [(resource.metadata, ("metadata",))]
    pod = pod_template(resource)
    if pod is not None and pod.route:
        places.append((mapping(pod.body.get("metadata")), (*pod.route, "metadata")))  # type: ignore[arg-type]
    for metadata, route in places:
        for name in mapping(metadata.get("annotations")):
            domain, slash, suffix = name.partition("/") if isinstance(name, str) else ("", "", "")
            if not slash or "dns" not in domain or name.startswith(recognized_prefixes(state)):
                continue
            if is_known_suffix(suffix) and resembles_prefix(domain) and name not in filter_texts(state):
                yield Violation(
                    (*route, "annotations", name),
                    f"{resource} has the annotation `{name}`, whose prefix resembles that of ExternalDNS and is another",
                )
        for name in mapping(metadata.get("labels")):
            if not isinstance(name, str) or not name.startswith(recognized_prefixes(state)):
                continue
            if is_known_suffix(name.partition("/")[2]) and name not in filter_texts(state):
                yield Violation(
                    (*route, "labels", name),
                    f"{resource} has `{name}` as a label, and ExternalDNS reads annotations only",
                    fix="Move it to the annotations.",
                )
