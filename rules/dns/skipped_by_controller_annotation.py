from collections.abc import Iterator
from typing import Any

from linter.externaldns.keys import carriers
from linter.externaldns.names import is_placeholder
from linter.externaldns.records import CONTROLLER
from linter.model import DesiredState, Node, Violation
from linter.wording import shown

# What people write who want the object skipped; the host names beside it are left-overs.
_OPT_OUT = frozenset({"none", "no", "false", "disabled", "disable", "ignore", "ignored", "skip", "off", "manual", "external"})


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if key.suffix != "controller" or key.text is None or key.text == CONTROLLER:
                continue
            if state.is_opaque(key.text) or is_placeholder(key.text):
                continue
            wanted = [
                other
                for other in keys
                if other.prefix == key.prefix and other.on == key.on and other.suffix in ("hostname", "internal-hostname", "target")
            ]
            if wanted:
                yield Violation(
                    key.route,
                    f"ExternalDNS skips {resource}, whose `{key.name}` is `{shown(key.text, 40)}`, "
                    f"so that its {wanted[0].suffix} annotation has no effect",
                    severity="info" if key.text.lower() in _OPT_OUT else "error",
                    resource=resource,
                )
