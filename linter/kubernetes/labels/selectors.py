"""Label selectors: what they match, whether anything can satisfy them, and whether two of them can meet.

Sources: the LabelSelector type of k8s.io/apimachinery (meta/v1, `LabelSelectorAsSelector`) and its labels package
(`Requirement.Matches`); node selector operators Gt and Lt from k8s.io/component-helpers (scheduling/corev1/nodeaffinity).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from linter.model import Route
from linter.spelling import nearest

_WITH_VALUES = frozenset({"In", "NotIn"})
_WITHOUT_VALUES = frozenset({"Exists", "DoesNotExist"})
_COMPARISONS = frozenset({"Gt", "Lt"})
# Shorter values, and those that differ in a number, are names of other things rather than misspelt.
_SHORTEST_SLIP = 5


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label.

    `operator` is In, NotIn, Exists, DoesNotExist, and for nodes also Gt and Lt (strictly greater, strictly less; the one
    value is an integer). `route` is where the author wrote it, relative to what was read.
    """

    key: str
    operator: str
    values: tuple[str, ...] = ()
    route: Route = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether a label set meets the condition; NotIn and DoesNotExist are met by an absent label."""
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value is not None and value in self.values
            case "NotIn":
                return value is None or value not in self.values
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None
            case _:
                number, bound = integer(value), integer(self.values[0] if self.values else None)
                if number is None or bound is None:
                    return False
                return number > bound if self.operator == "Gt" else number < bound

    def __str__(self) -> str:
        """The condition as messages show it: `zone In (a, b)`, `disk Exists`."""
        if self.operator in _WITHOUT_VALUES:
            return f"{self.key} {self.operator}"
        if self.operator in _COMPARISONS:
            return f"{self.key} {self.operator} {self.values[0] if self.values else ''}"
        return f"{self.key} {self.operator} ({', '.join(self.values)})"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Conditions on one label that no value, and no absence of the label, can meet at once."""

    key: str
    requirements: tuple[Requirement, ...]

    def __str__(self) -> str:
        return " and ".join(f"`{requirement}`" for requirement in self.requirements)


def integer(value: object) -> int | None:
    """The number a label value spells as Go's ParseInt (base 10, 64 bits) reads it, or None."""
    if not isinstance(value, str) or not value.lstrip("+-").isascii() or not value.lstrip("+-").isdigit():
        return None
    if len(value) - len(value.lstrip("+-")) > 1 or len(value) > 20:
        return None
    number = int(value)
    return number if -(2**63) <= number < 2**63 else None


def read_expressions(expressions: object, *, nodes: bool = False, route: Route = ()) -> list[Requirement] | None:
    """The conditions of a `matchExpressions` list, or None if any of them is one the API server refuses.

    With `nodes` the operators of node selectors (Gt, Lt) are accepted too.
    """
    if expressions is None:
        return []
    if not isinstance(expressions, list):
        return None
    found = []
    for index, expression in enumerate(expressions):
        if not isinstance(expression, dict):
            return None
        key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values")
        if not isinstance(key, str) or not key or not isinstance(operator, str):
            return None
        values = [] if values is None else values
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            return None
        if operator in _WITH_VALUES:
            valid = bool(values)
        elif operator in _WITHOUT_VALUES:
            valid = not values
        else:
            valid = nodes and operator in _COMPARISONS and len(values) == 1 and integer(values[0]) is not None
        if not valid:
            return None
        found.append(Requirement(key, operator, tuple(values), (*route, index)))
    return found


def read_map(pairs: object, *, route: Route = ()) -> list[Requirement] | None:
    """The conditions of a plain map such as `matchLabels` or `nodeSelector`, or None if a value is not a string."""
    if pairs is None:
        return []
    if not isinstance(pairs, dict) or not all(isinstance(key, str) and isinstance(value, str) for key, value in pairs.items()):
        return None
    return [Requirement(key, "In", (value,), (*route, key)) for key, value in pairs.items()]


def read_selector(selector: object, *, route: Route = ()) -> list[Requirement] | None:
    """The conditions of a LabelSelector; empty for `{}`, None for an absent or malformed one.

    `route` is where the selector stands; each requirement's route continues it.
    """
    if not isinstance(selector, dict) or not selector.keys() <= {"matchLabels", "matchExpressions"}:
        return None
    pairs = read_map(selector.get("matchLabels"), route=(*route, "matchLabels"))
    expressions = read_expressions(selector.get("matchExpressions"), route=(*route, "matchExpressions"))
    return None if pairs is None or expressions is None else [*pairs, *expressions]


def matches(selector: object, labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector (`{matchLabels, matchExpressions}`) selects an object with these labels.

    An absent selector (None) selects nothing, an empty one everything, a malformed one nothing.
    """
    if not isinstance(selector, dict):
        return False
    if len(selector) == 1 and isinstance(pairs := selector.get("matchLabels"), dict):
        # The usual shape, without building requirements: this runs for every pair of selector and workload.
        return all(isinstance(value, str) and labels.get(key) == value for key, value in pairs.items())
    requirements = read_selector(selector)
    return requirements is not None and all(requirement.matches(labels) for requirement in requirements)


def matches_map(selector: object, labels: Mapping[str, str]) -> bool:
    """Whether a plain map selector (Service.spec.selector) selects an object with these labels.

    An absent or empty map selects nothing: a Service without selector gets its endpoints from elsewhere.
    """
    if not isinstance(selector, dict) or not selector:
        return False
    return all(isinstance(value, str) and labels.get(key) == value for key, value in selector.items())


def contradiction(requirements: Iterable[Requirement]) -> Contradiction | None:
    """The first label on which the conditions cannot all be met, or None if some label set meets them."""
    by_key: dict[str, list[Requirement]] = {}
    for requirement in requirements:
        by_key.setdefault(requirement.key, []).append(requirement)
    for key, together in by_key.items():
        if not _key_satisfiable(together):
            return Contradiction(key, _smallest_conflict(together))
    return None


def satisfiable(requirements: Iterable[Requirement]) -> bool:
    """Whether some label set meets all the conditions."""
    return contradiction(requirements) is None


def _smallest_conflict(requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """One or two conditions that already exclude each other if there are such, else all of them."""
    for requirement in requirements:
        if not _key_satisfiable([requirement]):
            return (requirement,)
    for index, one in enumerate(requirements):
        for other in requirements[index + 1 :]:
            if not _key_satisfiable([one, other]):
                return (one, other)
    return tuple(requirements)


def _key_satisfiable(requirements: Sequence[Requirement]) -> bool:
    """Whether one label can be absent, or have a value, such that all conditions on it hold."""
    if all(requirement.operator in ("NotIn", "DoesNotExist") for requirement in requirements):
        return True
    if any(requirement.operator == "DoesNotExist" for requirement in requirements):
        return False
    key = requirements[0].key
    allowed = [set(requirement.values) for requirement in requirements if requirement.operator == "In"]
    if allowed:
        candidates = set.intersection(*allowed)
        return any(all(requirement.matches({key: value}) for requirement in requirements) for value in candidates)
    lower = max((n for r in requirements if r.operator == "Gt" and (n := integer(r.values[0])) is not None), default=None)
    upper = min((n for r in requirements if r.operator == "Lt" and (n := integer(r.values[0])) is not None), default=None)
    # NotIn cannot empty an interval: a number has more than one spelling (`5`, `05`).
    return lower is None or upper is None or upper - lower > 1


def misspelt_key(selector: Mapping[str, str], labels: Mapping[str, str]) -> str | None:
    """The first key for which a plain map of labels asks for nearly the value that the labels have."""
    for key, value in selector.items():
        own = labels.get(key, "")
        if len(value) >= _SHORTEST_SLIP and own != value and _digits(own) == _digits(value) and nearest(value, (own,)) is not None:
            return key
    return None


def _digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))
