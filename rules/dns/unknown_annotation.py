from collections.abc import Iterator
from typing import Any

from linter.externaldns.annotations import ALPHA_PREFIX, PREFIX, closest, is_known_suffix
from linter.externaldns.instances import instances
from linter.externaldns.keys import carriers
from linter.externaldns.prefixes import filter_texts
from linter.model import DesiredState, Node, Violation

_PROPERTIES = ("aws-", "scw-", "coredns-")


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if is_known_suffix(key.suffix) or key.name in filter_texts(state):
                continue
            where = f"{resource} has the annotation `{key.name}`, which ExternalDNS does not know"
            near = closest(key.suffix)
            if near is not None:
                yield Violation(
                    key.route, f"{where}; did you mean `{key.prefix}{near}`?", fix=f"Write `{key.prefix}{near}`.", resource=resource
                )
            elif key.prefix not in (PREFIX, ALPHA_PREFIX):
                continue  # a prefix that an organization chose serves its other annotations, too
            elif key.suffix.startswith(_PROPERTIES):
                yield Violation(key.route, f"{where}, and passes on as a property that the provider never returns", resource=resource)
            else:
                # A filter that is set outside the repository may name any key.
                yield Violation(key.route, where, severity="warning" if instances(state) else "info", resource=resource)
