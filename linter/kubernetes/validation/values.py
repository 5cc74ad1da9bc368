"""Numbers, percentages and names as the fields of Kubernetes objects hold them.

Every function takes an untrusted value. A value of a type that the field cannot have is no problem here: the structure
check names it. Source: apis/core/validation (`ValidateNonnegativeField`), apis/apps/validation
(`ValidatePositiveIntOrPercent`, `IsNotMoreThan100Percent`) and apimachinery util/validation (`IsValidPercent`,
`IsValidPortNum`, `IsDomainPrefixedPath`) of Kubernetes 1.36.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from linter.kubernetes.labels.syntax import key_problem
from linter.kubernetes.scalars.names import dns_subdomain_problem
from linter.model import Route, Violation
from linter.wording import shown

MAX_PORT = 65535

_PERCENT = re.compile(r"[0-9]+%\Z")
_PATH = re.compile(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+\Z")


def whole(value: object) -> int | None:
    """The value as an integer, which 3.0 is as well; None for everything else."""
    if type(value) is int:
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def negatives(spec: Mapping[str, Any], fields: Iterable[str], route: Route) -> Iterator[Violation]:
    """A violation for each of `fields` of the mapping at `route` that holds a negative number."""
    for field in fields:
        if field in spec and (number := whole(spec[field])) is not None and number < 0:
            yield Violation((*route, field), f"{field} is {number}, and cannot be negative", fix="Write 0 or a larger number.")


def not_port(value: object) -> bool:
    """Whether the value is a number that no port has."""
    number = whole(value)
    return number is not None and not 1 <= number <= MAX_PORT


def percent(value: object) -> int | None:
    """25 for "25%"; None for anything that is not a percentage."""
    return int(value[:-1]) if isinstance(value, str) and len(value) < 12 and _PERCENT.match(value) else None


def amount(value: object) -> int | None:
    """The number in an integer or percentage, whichever it is; None for anything else."""
    number = whole(value)
    return number if number is not None else percent(value)


def share_problem(value: object, *, at_most_all: bool = True) -> str | None:
    """What is wrong with a number of pods or a percentage of them, as the end of a sentence.

    `at_most_all` refuses more than 100 %.
    """
    number = whole(value)
    if number is not None:
        return f"is {number}, and cannot be negative" if number < 0 else None
    if not isinstance(value, str):
        return None
    share = percent(value)
    if share is None:
        if value.isdigit():
            return f'is the text "{value}": a number stands without quotes, and a percentage has a `%`'
        return f"is `{value}`, which is neither a number nor a percentage such as `25%`"
    return f"is {share} %, and cannot be more than 100 %" if at_most_all and share > 100 else None


def qualified_path_problem(path: str) -> str | None:
    """What is wrong with a name such as `example.com/controller`: a domain, a slash and a path."""
    domain, slash, rest = path.partition("/")
    if not slash or not domain or not rest:
        return "it must be a domain, a slash and a path, such as `example.com/name`"
    problem = dns_subdomain_problem(domain)
    if problem is not None:
        return f"its domain is not valid: {problem}"
    return None if _PATH.match(rest) else "its path holds a character that no URL path has"


def qualified_name_problem(name: str) -> str | None:
    """What is wrong with a qualified name (an optional domain and slash, then up to 63 letters, digits, `-`, `_`, `.`)."""
    return key_problem(name)


def named(
    owner: Mapping[str, Any],
    field: str,
    route: Route,
    problem_of: Callable[[str], str | None],
    *,
    what: str | None = None,
    empty: bool = True,
) -> Iterator[Violation]:
    """A violation if the text in a field is no valid name; an absent one is none, nor an empty one unless `empty` is False.

    `what` is said instead of the field.
    """
    value = owner.get(field)
    if isinstance(value, str) and (value or not empty) and (problem := problem_of(value)) is not None:
        yield Violation((*route, field), f"{what or field} `{shown(value)}` is not valid: {problem}", fix=f"Write a valid {what or field}.")
