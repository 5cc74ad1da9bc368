"""Tolerations: what the API server accepts, and which taints they cover.

Source: `ValidateTolerations` of kubernetes/pkg/apis/core/validation. The operators Gt and Lt stand behind the feature gate
TaintTolerationComparisonOperators.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.syntax import key_problem, value_problem
from linter.model import PodTemplate, Route, items

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
OPERATORS = ("Equal", "Exists", "Gt", "Lt")


def toleration_problems(toleration: dict[str, Any]) -> Iterator[tuple[Route, str]]:
    """Why the API server refuses a toleration: routes relative to it, and what is wrong; nothing for one of wrong types."""
    key, operator, value, effect = (toleration.get(field) or "" for field in ("key", "operator", "value", "effect"))
    if not all(isinstance(part, str) for part in (key, operator, value, effect)):
        return
    if key and (problem := key_problem(key)) is not None:
        yield ("key",), f"`{key}` is not a valid taint key: {problem}"
    if operator and operator not in OPERATORS:
        yield ("operator",), f"`{operator}` is not a toleration operator; known are Equal and Exists"
    elif not key and operator != "Exists":
        yield (), "a toleration without key needs the operator Exists"
    elif operator == "Exists" and value:
        yield ("value",), f"the operator Exists takes no value, and `{value}` is given"
    elif operator in ("", "Equal") and (problem := value_problem(value)) is not None:
        yield ("value",), f"`{value}` is not a valid taint value: {problem}"
    if effect and effect not in EFFECTS:
        yield ("effect",), f"`{effect}` is not a taint effect; known are {', '.join(EFFECTS)}"
    elif toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        has = f"the effect is {effect}" if effect else "no effect is given"
        yield ("tolerationSeconds",), f"`tolerationSeconds` needs the effect NoExecute, and {has}"


def tolerations(pod: PodTemplate) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The tolerations of a pod that are mappings, with their routes in the object."""
    for index, toleration in enumerate(items(pod.spec.get("tolerations"))):
        if isinstance(toleration, dict):
            yield (*pod.spec_route, "tolerations", index), toleration


def tolerates_every_key(toleration: dict[str, Any]) -> bool:
    """Whether a toleration names no key and so covers every taint (of its effect, if it names one)."""
    return toleration.get("operator") == "Exists" and not toleration.get("key")


def outlasts_dead_nodes(toleration: dict[str, Any]) -> bool:
    """Whether a toleration keeps a pod for ever on a node that does not answer any more.

    Such nodes get the taint node.kubernetes.io/unreachable with the effect NoExecute; without a toleration of their own,
    pods stay for 300 seconds. Source: the DefaultTolerationSeconds admission plugin.
    """
    if toleration.get("tolerationSeconds") is not None or toleration.get("effect") not in (None, "", "NoExecute"):
        return False
    return tolerates_every_key(toleration) or (
        toleration.get("key") == "node.kubernetes.io/unreachable"
        and (toleration.get("operator") == "Exists" or not toleration.get("value"))
    )
