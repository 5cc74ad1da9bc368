"""Paths and required texts, as several parts of a pod hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from linter.kubernetes.validation.values import whole
from linter.model import Route, Violation
from linter.wording import shown

MAX_MODE = 0o777


def is_int32(number: int) -> bool:
    """Whether a number fits in 32 bits. One that does not is for the structure check."""
    return -(2**31) <= number < 2**31


def invalid(what: str, text: str, problem: str) -> str:
    """The sentence about a text that is not valid: `the port name `HTTP` is not valid: …`, or that it is empty."""
    return f"{what} `{shown(text)}` is not valid: {problem}" if text else f"{what} is empty"


def backstep_problem(path: str) -> str | None:
    """What is wrong with a path that may not lead upward. Source: `validatePathNoBacksteps`."""
    return "it may not hold `..`" if ".." in path and ".." in path.split("/") else None


def descending_path_problem(path: str) -> str | None:
    """What is wrong with a path below another, which is relative and never leads upward. Source: `validateLocalDescendingPath`."""
    return "it must be a relative path" if path.startswith("/") else backstep_problem(path)


def local_path_problem(path: str) -> str | None:
    """What is wrong with a path that a volume makes for its items. Source: `ValidateLocalNonReservedPath`."""
    problem = descending_path_problem(path)
    if problem is None and path.startswith(".."):
        return "it may not begin with `..`, which is where the kubelet keeps its own files"
    return problem


def empty_texts(body: Mapping[str, Any], fields: Iterable[str], route: Route, owner: str) -> Iterator[Violation]:
    """A violation for each required field that is there and is empty. One that is missing is for the structure check."""
    for field in fields:
        if body.get(field) == "":
            yield Violation((*route, field), f"{field} of {owner} is empty")


def missing_text(body: Mapping[str, Any], field: str, known: frozenset[str], route: Route, owner: str) -> Violation | None:
    """A violation if a field that the schema leaves optional, and validation requires, is missing or empty.

    None if the mapping holds a field that is not among `known`: then that one is misspelt, and is reported as such.
    """
    value = body.get(field)
    if value == "":
        return Violation((*route, field), f"{field} of {owner} is empty")
    if value is None and known.issuperset(body):
        return Violation((*route, field), f"{owner} has no {field}")
    return None


def bad_path(body: Mapping[str, Any], field: str, problem_of: Callable[[str], str | None], route: Route) -> Violation | None:
    """A violation if the text in a field is a path that `problem_of` objects to."""
    value = body.get(field)
    if isinstance(value, str) and value and (problem := problem_of(value)) is not None:
        return Violation((*route, field), f"{field} `{shown(value)}` is not valid: {problem}")
    return None


def bad_mode(body: Mapping[str, Any], field: str, route: Route) -> Violation | None:
    """A violation if the permissions in a field are outside 0 to 0777."""
    mode = whole(body.get(field))
    if mode is None or 0 <= mode <= MAX_MODE or not is_int32(mode):
        return None
    fix = None
    if mode > 0 and set(str(mode)) <= set("01234567") and len(str(mode)) <= 4 and int(str(mode), 8) <= MAX_MODE:
        fix = f"Write `0{int(str(mode), 8):o}` if the octal number is meant."
    octal = f", 0{mode:o} in octal" if mode > 0 else ""
    return Violation((*route, field), f"{field} is {mode}{octal}: file permissions are between 0 and 0777", fix=fix)
