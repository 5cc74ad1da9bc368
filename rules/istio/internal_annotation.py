from collections.abc import Iterator
from typing import Any

from linter.istio.annotations import ANNOTATIONS
from linter.istio.keys import carriers
from linter.kubernetes.pods import containers_of, pod_template
from linter.model import DesiredState, Node, Resource, Violation

_PROXY = "istio-proxy"


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if key.field != "annotations" or key.name not in ANNOTATIONS or not ANNOTATIONS[key.name].internal:
                continue
            # `istioctl kube-inject` writes the sidecar and the annotation that says so.
            if key.name == "sidecar.istio.io/status" and _is_injected(resource):
                continue
            yield Violation(key.route, f"{resource} sets the annotation `{key.name}`, which Istio writes itself", resource=resource)


def _is_injected(resource: Resource) -> bool:
    pod = pod_template(resource)
    return pod is not None and any(container.value.get("name") == _PROXY for container in containers_of(pod))
