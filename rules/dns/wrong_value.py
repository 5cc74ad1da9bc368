from collections.abc import Iterator
from typing import Any

from linter.externaldns.keys import carriers
from linter.externaldns.names import is_placeholder
from linter.externaldns.values import value_problem
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if key.text is None or state.is_opaque(key.text) or is_placeholder(key.text):
                continue
            problem = value_problem(key.suffix, key.text)
            if problem is not None:
                words, severity = problem
                yield Violation(
                    key.route, f"`{key.name}` of {resource}: `{shown(key.text, 60)}` {words}", severity=severity, resource=resource
                )
