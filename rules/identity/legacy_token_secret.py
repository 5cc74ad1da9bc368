"""Secrets that the token controller fills with a token that never expires."""

from typing import Any

from linter.kubernetes.identity.service_accounts import ACCOUNT_OF_TOKEN_SECRET, TOKEN_SECRET_TYPE, account_of_token_secret
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    secret = node.resource
    if secret.body.get("type") != TOKEN_SECRET_TYPE:
        return None
    owner = account_of_token_secret(secret)
    whose = (
        f"ServiceAccount {owner}"
        if owner
        else f"no ServiceAccount, as the annotation {ACCOUNT_OF_TOKEN_SECRET} is missing and the API server refuses it"
    )
    return Violation(("type",), f"{secret} asks for a token of {whose}" + (" that never expires" if owner else ""))
