from collections.abc import Iterator
from typing import Any

from linter.externaldns.keys import keys_named, values_of
from linter.externaldns.names import host_names, is_placeholder, normalized, record_type, target_problem, targets
from linter.externaldns.records import spec_names
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, key in keys_named(state, "target"):
        if key.text is None or state.is_opaque(key.text):
            continue
        given = targets(key.text)
        if any(is_placeholder(target) for target in given):
            continue
        bad = next(((target, problem) for target in given if (problem := target_problem(target)) is not None), None)
        if bad is not None:
            yield Violation(key.route, f"the target `{shown(bad[0])}` of {resource} {bad[1]}", resource=resource)
            continue
        names = [target for target in given if record_type(target) == "CNAME"]
        if names and len(given) > len(names):
            yield Violation(
                key.route,
                f"{resource} has addresses and the name `{names[0]}` as targets, and a CNAME excludes other records",
                resource=resource,
            )
        elif len({normalized(name) for name in names}) > 1:
            yield Violation(
                key.route, f"{resource} has {len(names)} names as targets, and a DNS name can have one CNAME record", resource=resource
            )
        elif names:
            own = values_of(resource, state).get((key.on, key.prefix), {}).get("hostname", "")
            hosts = {*host_names(own), *(name for name, _ in spec_names(resource))}
            if normalized(names[0]) in hosts:
                yield Violation(
                    key.route,
                    f"{resource} has its own host `{normalized(names[0])}` as target, so that the CNAME leads to itself",
                    resource=resource,
                )
