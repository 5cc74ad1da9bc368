from collections.abc import Iterator
from typing import Any

from linter.externaldns.keys import keys_named
from linter.externaldns.names import list_problem
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, key in keys_named(state, "hostname", "internal-hostname"):
        if key.text is None or state.is_opaque(key.text):
            continue
        problem = list_problem(key.text)
        if problem is None:
            continue
        name, words = problem
        if not key.text.strip():
            yield Violation(key.route, f"the {key.suffix} annotation of {resource} is empty", severity="warning", resource=resource)
        else:
            yield Violation(key.route, f"the name `{shown(name)}` for {resource} {words}", resource=resource)
