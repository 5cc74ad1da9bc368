from collections.abc import Iterator
from typing import Any

from linter.externaldns.keys import keys_named
from linter.externaldns.names import is_placeholder
from linter.externaldns.values import GO_BOOLEANS
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, key in keys_named(state, "cloudflare-proxied"):
        if key.text is not None and key.text not in GO_BOOLEANS and not state.is_opaque(key.text) and not is_placeholder(key.text):
            yield Violation(
                key.route,
                f"`{key.name}` of {resource} is `{shown(key.text, 40)}`, which is no boolean, so that the controller's default applies",
                resource=resource,
            )
