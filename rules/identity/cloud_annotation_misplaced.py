"""Annotations of cloud identities on objects where their webhooks do not look."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.identity.cloud_identities import ACCOUNT_ANNOTATIONS, POD_ANNOTATIONS, present
from linter.kubernetes.identity.service_accounts import account_name, account_of
from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    resource = node.resource
    if resource.type == "ServiceAccount":
        for key in present(POD_ANNOTATIONS, resource.annotations):
            yield Violation(
                ("metadata", "annotations", key),
                f"`{key}` on a ServiceAccount has no effect: it is read on pods",
                fix="Move the annotation to the metadata of the pod template.",
            )
        return
    pod = pod_template(resource)
    if pod is None:
        return
    account = account_of(pod, state)
    carried = account.annotations if account is not None else {}
    related = (Related("the ServiceAccount of this pod", account, ("metadata",)),) if account is not None else ()
    places = [((*pod.route, "metadata", "annotations"), pod.annotations)]
    if pod.route:
        places.insert(0, (("metadata", "annotations"), resource.annotations))
    for route, entries in places:
        for key in present(ACCOUNT_ANNOTATIONS, entries):
            if key not in carried:  # a copy beside the right one does no harm
                message = f"`{key}` on a {resource.kind} has no effect: it is read on ServiceAccount {account_name(pod)}"
                yield Violation((*route, key), message, related=related)
    if pod.route:
        for key in present(POD_ANNOTATIONS, resource.annotations):
            if key not in pod.annotations:
                message = f"`{key}` on a {resource.kind} has no effect: it is read on pods"
                yield Violation(("metadata", "annotations", key), message, fix="Move the annotation to the metadata of the pod template.")
