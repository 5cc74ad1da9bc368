"""The IAM service account of a ServiceAccount at Google Cloud."""

from typing import Any

from linter.kubernetes.identity.cloud_identities import GOOGLE_ACCOUNT, google_account_problem, is_example_project
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    value = node.resource.annotations.get(GOOGLE_ACCOUNT)
    if not value or state.is_opaque(value):
        return None
    route = ("metadata", "annotations", GOOGLE_ACCOUNT)
    problem = google_account_problem(value)
    if problem is None and is_example_project(value):
        message = f"`{value}` names an example project: pods get no Google Cloud credentials"
        return Violation(route, message, fix="Write the id of your own project.", severity="warning")
    return Violation(route, f"`{value}` {problem}: pods get no Google Cloud credentials") if problem else None
