from collections.abc import Iterator
from typing import Any

from linter.kubernetes.identity.service_accounts import account_of
from linter.model import DesiredState, Node, Related, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    own = [mapping(entry).get("name") for entry in items(node.value.get("imagePullSecrets"))]
    account = account_of(node.pod, state) if own else None
    if account is None:
        return
    hidden = [name for entry in items(account.body.get("imagePullSecrets")) if isinstance(name := mapping(entry).get("name"), str)]
    hidden = [name for name in hidden if name not in own]
    if hidden:
        words = f"the pod has pull secrets of its own, so that it does not get {', '.join(hidden)} of ServiceAccount {account.name}"
        related = Related("the pull secrets of the ServiceAccount", account, ("imagePullSecrets",))
        yield Violation((*node.route, "imagePullSecrets"), words, related=(related,))
