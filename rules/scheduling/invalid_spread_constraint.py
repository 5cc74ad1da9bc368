from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scheduling.node_labels import topology_key_problem
from linter.kubernetes.scheduling.pod_affinity import spread_constraints
from linter.model import DesiredState, Node, Violation, items, mapping, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for constraint in spread_constraints(node.pod):
        body, route = constraint.body, constraint.route
        for field in ("maxSkew", "minDomains"):
            number = body.get(field)
            if isinstance(number, int) and not isinstance(number, bool) and number < 1:
                yield Violation((*route, field), f"`{field}` is {number} and must be at least 1")
        when = body.get("whenUnsatisfiable")
        if isinstance(when, str) and when not in ("DoNotSchedule", "ScheduleAnyway") and not state.is_opaque(when):
            yield Violation((*route, "whenUnsatisfiable"), f"`{when}` is neither DoNotSchedule nor ScheduleAnyway")
        elif when == "ScheduleAnyway" and body.get("minDomains") is not None:
            yield Violation((*route, "minDomains"), "`minDomains` is allowed only with `whenUnsatisfiable: DoNotSchedule`")
        if body.get("topologyKey") == "":
            yield Violation((*route, "topologyKey"), "the topology key is empty")
        elif (problem := topology_key_problem(body.get("topologyKey"))) is not None:
            yield Violation((*route, "topologyKey"), problem)
        for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            policy = body.get(field)
            if isinstance(policy, str) and policy not in ("Honor", "Ignore") and not state.is_opaque(policy):
                yield Violation((*route, field), f"`{policy}` is neither Honor nor Ignore")
        keys = items(body.get("matchLabelKeys"))
        if keys and body.get("labelSelector") is None:
            yield Violation((*route, "matchLabelKeys"), "`matchLabelKeys` needs a `labelSelector` beside it")
        selector = mapping(body.get("labelSelector"))
        selected = {
            *mapping(selector.get("matchLabels")),
            *(text(mapping(entry).get("key")) for entry in items(selector.get("matchExpressions"))),
        }
        for index, key in enumerate(keys):
            if isinstance(key, str) and key in selected:
                yield Violation(
                    (*route, "matchLabelKeys", index), f"the label selector names `{key}` too, and it may stand in one of them only"
                )
