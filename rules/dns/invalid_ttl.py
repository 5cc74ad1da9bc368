from collections.abc import Iterator
from typing import Any

from linter.externaldns.keys import keys_named
from linter.externaldns.names import is_placeholder, ttl_problem
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, key in keys_named(state, "ttl"):
        if key.text is None or state.is_opaque(key.text) or is_placeholder(key.text):
            continue
        problem = ttl_problem(key.text)
        if problem is not None:
            yield Violation(key.route, f"the TTL `{shown(key.text, 40)}` of {resource} {problem}, and is ignored", resource=resource)
