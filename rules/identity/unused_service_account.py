from collections.abc import Iterator
from typing import Any

from linter.kubernetes.identity.service_accounts import account_of_token_secret, is_account_missing, workloads_of
from linter.kubernetes.rbac import rbac_graph
from linter.kubernetes.workloads.lifecycle import is_hook
from linter.kubernetes.workloads.pod_index import templates_in
from linter.kubernetes.workloads.pod_makers import unseen_pod_maker
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    account = node.resource
    if account.name == "default" or state.incomplete or is_hook(account) or workloads_of(account, state):
        return
    if unseen_pod_maker(state, account.namespace) is not None or state.is_repeated(account):
        return
    # Where nothing runs at all, as with a chart of accounts and roles, the pods are somewhere else.
    if not templates_in(state, account.namespace):
        return
    # Whoever binds rights to it or asks for its token uses it from outside.
    if rbac_graph(state).of_service_account(account.namespace, account.name).grants:
        return
    if any(account_of_token_secret(secret) == account.name for secret in state.of_kind("Secret")):
        return
    # Which account a pod means that names none that exists, nobody knows; identity/service-account-missing reports it.
    if is_account_missing(account.namespace, state):
        return
    yield Violation(("metadata", "name"), f"no pod runs as ServiceAccount {account.name}, and nothing is granted to it")
