from collections.abc import Iterator
from typing import Any

from linter.istio.registry import find_host, is_generated
from linter.istio.subsets import given_by_platform, subsets
from linter.kubernetes.labels.selectors import matches_map
from linter.kubernetes.workloads.pod_makers import unseen_pod_maker
from linter.kubernetes.workloads.services import selected_templates
from linter.model import DesiredState, Node, Related, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    rule = node.resource
    service = find_host(state, rule.spec.get("host"), rule).resource
    if service is None or service.type != "Service" or is_generated(state, service):
        return
    if not state.options.closed_world and (state.incomplete or unseen_pod_maker(state, service.namespace)):
        return
    pods = selected_templates(state, service)
    if not pods:
        return
    known = [pod.labels for pod in pods]
    if any(state.is_opaque(value) for labels in known for value in labels.values()):
        return
    for route, subset in subsets(rule):
        labels = mapping(subset.get("labels"))
        if not labels or not all(isinstance(key, str) and isinstance(value, str) for key, value in labels.items()):
            continue
        if given_by_platform(labels) or any(state.is_opaque(value) for value in labels.values()):
            continue
        if not any(matches_map(labels, pod) for pod in known):
            pair = ", ".join(f"{key}={value}" for key, value in labels.items())
            yield Violation(
                (*route, "labels"),
                f"subset `{subset.get('name')}` of {rule} selects none of the pods behind {service}: none carries {pair}",
                related=(Related("a pod template it could select", pods[0].resource, (*pods[0].route, "metadata", "labels")),),
            )
