"""Why an object does not satisfy the schema of its kind: one sentence for one mistake of its author.

Holds for the schemas of built-in kinds and of custom resources alike. What only the former have, a history over the
versions of Kubernetes, comes in as `Knowledge`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from linter.kubernetes.schemas.errors import Problem, problems_of
from linter.kubernetes.schemas.mistakes import Mistake, MistakeKind
from linter.kubernetes.schemas.places import Pattern
from linter.kubernetes.schemas.validators import Schema
from linter.kubernetes.schemas.values import type_mistake, value_mistake
from linter.kubernetes.schemas.wording import place_name, quoted
from linter.model import Route, dig
from linter.spelling import nearest
from linter.wording import joined

# As many mistakes of one object are shown.
MOST_MISTAKES = 60


class Advice(NamedTuple):
    """What is known about a field or a word that a schema does not have: the rest of the sentence, and what to do.

    `target` is the place that the advice names, if it names one; that something is missing there then goes without saying.
    """

    words: str
    fix: str
    kind: MistakeKind = "unknown-field"
    target: Route = ()


class Knowledge(Protocol):
    """What a schema itself does not say about its fields. `definition` is a name under `$defs`, "" for the root."""

    def of_field(self, definition: str, field: str, value: Any, route: Route) -> Advice | None:
        """What became of a field that a definition does not have; `route` leads to the mapping it stands in."""
        ...

    def of_word(self, definition: str, field: str, word: str) -> Advice | None:
        """Why a field does not take a word that it takes elsewhere."""
        ...

    def is_judged_elsewhere(self, problem: Problem) -> bool:
        """Whether a rule of its own says what is wrong here."""
        ...


def explain(schema: Schema, body: Any, *, kind: str = "", knowledge: Knowledge | None = None) -> list[Mistake]:
    """Every mistake that a schema finds in a body, sorted by route; empty if there is none.

    `kind` names the object in sentences about its outermost mapping. Values of Secrets and of environment variables are
    never shown.
    """
    problems = problems_of(schema, body)
    if knowledge is not None:
        problems = [problem for problem in problems if not knowledge.is_judged_elsewhere(problem)]
    found = _Explainer(schema, body, kind, knowledge).mistakes(problems) if problems else []
    found.sort(key=lambda mistake: _order(mistake.route))
    if len(found) > MOST_MISTAKES:
        last = found[MOST_MISTAKES - 1]
        more = len(found) - MOST_MISTAKES
        found[MOST_MISTAKES - 1 :] = [last._replace(message=f"{last.message} (and {more} more mistakes in this object)")]
    return found


def _order(route: Route) -> tuple[tuple[bool, str | int], ...]:
    return tuple((isinstance(step, str), step) for step in route)


class _Explainer:
    """Turns the problems of one object into mistakes."""

    def __init__(self, schema: Schema, body: Any, kind: str, knowledge: Knowledge | None) -> None:
        self._places = schema.places
        self._body = body
        self._kind = kind
        self._knowledge = knowledge
        # Places that explanations of unknown fields name: what is missing there is what was misplaced or misspelt.
        self._named: list[Route] = []
        self._unknown: set[str] = set()

    def mistakes(self, problems: Iterable[Problem]) -> list[Mistake]:
        """The mistakes that the problems come from."""
        missing: dict[Route, list[str]] = {}
        others: list[Problem] = []
        found: list[Mistake] = []
        for problem in problems:
            if problem.keyword == "additionalProperties":
                found += self._unknown_fields(problem)
            elif problem.keyword == "required":
                missing.setdefault(problem.route, []).append(problem.detail)
            else:
                others.append(problem)
        for route, names in missing.items():
            left = [name for name in names if name not in self._unknown and not self._is_named((*route, name))]
            if left:
                found.append(self._missing(route, left))
        found += [self._wrong(problem) for problem in others if problem.value is not None or not self._is_named(problem.route)]
        return found

    def _is_named(self, route: Route) -> bool:
        """Whether an explanation names this place or one in it."""
        return any(
            len(named) >= len(route) and all(a == b or (a == "[]" and isinstance(b, int)) for a, b in zip(named, route, strict=False))
            for named in self._named
        )

    def _unknown_fields(self, problem: Problem) -> Iterator[Mistake]:
        route = problem.route
        mapping = dig(self._body, *route)
        known = self._places.fields_at(route)
        misplaced: dict[Pattern, list[str]] = {}
        # The first of several names the place, which stays when the keys are written in another order.
        for key in sorted(problem.detail):
            self._unknown.add(key)
            value = mapping[key]
            advice = self._knowledge.of_field(problem.definition, key, value, route) if self._knowledge is not None else None
            if advice is not None:
                self._named.append(advice.target)
                explains = (advice.target,) if advice.target else ()
                words = self._unknown_words(route, [key], advice)
                yield Mistake(advice.kind, (*route, key), words, advice.fix, "key", explains=explains)
                continue
            near = nearest(key, [name for name in known if mapping.get(name) is None])
            home = None if near is not None and _is_close(near, key) else self._places.home(route, key, value, self._body)
            if home is not None:
                misplaced.setdefault(home, []).append(key)
            else:
                yield self._misspelt(route, key, near)
        for home, keys in misplaced.items():
            yield self._misplaced(route, keys, self._places.actual(home, route))

    def _misspelt(self, route: Route, key: str, near: str | None) -> Mistake:
        if near is None:
            return Mistake("unknown-field", (*route, key), self._unknown_words(route, [key]), None, "key")
        self._named.append((*route, near))
        message = f"{self._unknown_words(route, [key])}; did you mean `{near}`?"
        return Mistake("unknown-field", (*route, key), message, f"Write `{near}`.", "key", explains=((*route, near),))

    def _misplaced(self, route: Route, keys: list[str], target: Route) -> Mistake:
        self._named += [(*target, key) for key in keys]
        it, belongs = ("it", "belongs") if len(keys) == 1 else ("they", "belong")
        where = f"to {place_name(target)}" if target else "at the top of the object"
        indent = " Mind the indentation." if dig(self._body, *target) is None else ""
        return Mistake(
            "unknown-field",
            (*route, keys[0]),
            f"{self._unknown_words(route, keys)}; {it} {belongs} {where}",
            f"Move {'it' if len(keys) == 1 else 'them'} {where}.{indent}",
            "key",
            explains=tuple((*target, key) for key in keys),
        )

    def _unknown_words(self, route: Route, keys: list[str], advice: Advice | None = None) -> str:
        names = joined([quoted(key) for key in keys], "and")
        holder = place_name(route) if route else _with_article(self._kind) if self._kind else "the object"
        if advice is not None and advice.kind == "field-not-in-version":
            return f"{names} of {holder} {advice.words}"
        what = "is not a field" if len(keys) == 1 else "are not fields"
        return f"{names} {what} of {holder}{f'; {advice.words}' if advice is not None else ''}"

    def _missing(self, route: Route, names: list[str]) -> Mistake:
        holder = place_name(route) if route else f"the {self._kind}" if self._kind else "the object"
        fields = joined([place_name((name,)) for name in names], "and")
        field = "the required field" if len(names) == 1 else "the required fields"
        message = f"{holder} lacks {field} {fields}"
        places = tuple((*route, name) for name in names)
        return Mistake("missing-field", route, message, f"Add {fields}.", "key" if route else "value", explains=places)

    def _wrong(self, problem: Problem) -> Mistake:
        if problem.keyword == "type":
            return type_mistake(problem, self._kind)._replace(explains=(problem.route,))
        if problem.keyword == "enum" and isinstance(problem.value, str) and self._knowledge is not None:
            advice = self._knowledge.of_word(problem.definition, problem.field, problem.value)
            if advice is not None:
                words = f"`{problem.value}` for {place_name(problem.route)} {advice.words}"
                return Mistake(advice.kind, problem.route, words, advice.fix, explains=(problem.route,))
        mistake = value_mistake(problem, self._kind)
        return mistake if isinstance(problem.value, dict | list) else mistake._replace(explains=(problem.route,))


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIO' else 'a'} {kind}"


def _is_close(near: str, key: str) -> bool:
    """Whether a word is so near that nothing else can be meant: other letter case, or one slip."""
    return nearest(key[:9] if len(key) < 4 else key, [near]) == near and (near.lower() == key.lower() or abs(len(near) - len(key)) <= 1)
