"""The IAM role of a ServiceAccount at AWS."""

from typing import Any

from linter.kubernetes.identity.cloud_identities import ROLE_ARN, is_example_account, role_arn_problem
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    value = node.resource.annotations.get(ROLE_ARN)
    if not value or state.is_opaque(value):
        return None
    route = ("metadata", "annotations", ROLE_ARN)
    if is_example_account(value):
        message = f"the role ARN names the account {value.split(':')[4]}, which stands in documentation only: pods get no AWS credentials"
        return Violation(route, message, fix="Write the number of your own account.", severity="warning")
    problem = role_arn_problem(value)
    return Violation(route, f"the role ARN `{value}` {problem}: pods get no AWS credentials") if problem else None
