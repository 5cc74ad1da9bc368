from collections.abc import Iterator
from typing import Any

from linter.externaldns.annotations import is_known_suffix
from linter.externaldns.keys import suspects
from linter.externaldns.prefixes import filter_texts, resembles_prefix
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for suspect in suspects(state):
        domain, slash, suffix = suspect.name.partition("/")
        if not slash or not is_known_suffix(suffix) or suspect.name in filter_texts(state):
            continue
        where = f"{suspect.resource} has `{suspect.name}`"
        if suspect.field == "labels":
            yield Violation(
                suspect.route,
                f"{where} as a label, and ExternalDNS reads annotations only",
                resource=suspect.resource,
                fix="Move it to the annotations.",
            )
        elif resembles_prefix(domain):
            yield Violation(suspect.route, f"{where}, whose prefix resembles that of ExternalDNS and is another", resource=suspect.resource)
