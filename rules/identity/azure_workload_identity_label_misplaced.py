"""azure.workload.identity/use anywhere but among the labels of the pod."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.identity.cloud_identities import AZURE_USE
from linter.kubernetes.identity.service_accounts import workloads_of
from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Node, Related, Violation

_WHERE = "the webhook reads it on the labels of the pod"


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    resource = node.resource
    if resource.type == "ServiceAccount":
        if AZURE_USE not in resource.labels and AZURE_USE not in resource.annotations:
            return
        # Releases before 1.0 wanted the label here too, so it is a mistake only where a pod misses its own.
        bare = [pod for pod in workloads_of(resource, state) if AZURE_USE not in pod.labels]
        if bare:
            field = "labels" if AZURE_USE in resource.labels else "annotations"
            yield Violation(
                ("metadata", field, AZURE_USE),
                f"`{AZURE_USE}` on a ServiceAccount has no effect: {_WHERE}, and {bare[0].resource} has none",
                related=tuple(
                    Related("this pod runs as it, without the label", pod.resource, (*pod.route, "metadata")) for pod in bare[:3]
                ),
            )
        return
    pod = pod_template(resource)
    if pod is None or AZURE_USE in pod.labels:
        return
    if AZURE_USE in pod.annotations:
        yield Violation((*pod.route, "metadata", "annotations", AZURE_USE), f"`{AZURE_USE}` as an annotation has no effect: {_WHERE}")
    if pod.route and (AZURE_USE in resource.labels or AZURE_USE in resource.annotations):
        field = "labels" if AZURE_USE in resource.labels else "annotations"
        yield Violation(("metadata", field, AZURE_USE), f"`{AZURE_USE}` on a {resource.kind} has no effect: {_WHERE}")
