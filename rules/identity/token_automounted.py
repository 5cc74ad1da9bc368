from collections.abc import Iterator
from typing import Any

from linter.kubernetes.identity.service_accounts import account_name, account_of, automounts
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if automounts(node.pod, account_of(node.pod, state)):
        words = f"the pod gets a token of ServiceAccount {account_name(node.pod)} for the API server"
        yield Violation((*node.route, "automountServiceAccountToken"), words)
