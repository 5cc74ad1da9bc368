"""Judging the objects of a large repository in several processes.

Every process knows all states, so that each judges its part as one alone would; what comes back is what was found. The
result is the same as in one process: what a child cannot deliver, for whatever reason, is judged here.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from linter.engine.judging.running import Hit, Runner
from linter.engine.processes import Child, shares, usable
from linter.model import DesiredState, Failure, Resource

# Below this number of objects one process is as fast.
_MIN_OBJECTS = 1_500


class _Part(NamedTuple):
    """Some objects of one state that stand in a row."""

    state: int
    start: int
    end: int


_Found = list[tuple[int, list[Hit]]]


def judge_objects(runner: Runner, states: Sequence[DesiredState], jobs: int = 1) -> list[list[Hit]]:
    """The violations by the rules about objects, for each state, in the order of its objects. At most `jobs` processes take
    part."""
    hits: list[list[Hit]] = [[] for _ in states]
    objects = [(number, index) for number, state in enumerate(states) for index in range(len(state.resources))]
    own, *rest = shares(objects, usable(jobs) if len(objects) >= _MIN_OBJECTS else 1)
    children: list[Child] = []
    if rest:
        runner.load(dict.fromkeys(resource.type for state in states for resource in state.resources))
    try:
        for share in rest:
            children.append(Child(partial(_work, runner, states, share)))  # noqa: PERF401 - those that started have to end, whatever happens
        found = _judge(runner, states, own)
        for child, share in zip(children, rest, strict=True):
            found += _received(child.result(), runner, states) or _judge(runner, states, share)
    finally:
        for child in children:
            child.end()
    for number, part in found:
        hits[number] += part
    return hits


def _judge(runner: Runner, states: Sequence[DesiredState], objects: Sequence[tuple[int, int]]) -> _Found:
    return [
        (part.state, runner.run_objects(states[part.state], states[part.state].resources[part.start : part.end]))
        for part in _parts(objects)
    ]


def _parts(objects: Sequence[tuple[int, int]]) -> Iterator[_Part]:
    first = 0
    for position, (number, index) in enumerate(objects):
        if position + 1 == len(objects) or objects[position + 1][0] != number:
            yield _Part(number, objects[first][1], index + 1)
            first = position + 1


def _work(runner: Runner, states: Sequence[DesiredState], objects: Sequence[tuple[int, int]]) -> bytes:
    """What a child sends for its objects: what was found, and the rules that failed."""
    runner.failures.clear()
    found = _judge(runner, states, objects)
    buffer = io.BytesIO()
    _Pickler(buffer, runner, states).dump((found, runner.failures))
    return buffer.getvalue()


def _received(data: bytes, runner: Runner, states: Sequence[DesiredState]) -> _Found | None:
    """What a child found, or None if it could not deliver it."""
    try:
        found, failures = _Unpickler(io.BytesIO(data), runner, states).load()
    except Exception:  # a result cut short can fail in any way
        return None
    _add(runner.failures, failures)
    return found  # type: ignore[no-any-return]


def _add(failures: dict[tuple[str, str], Failure], more: dict[tuple[str, str], Failure]) -> None:
    for key, failure in more.items():
        failures.setdefault(key, failure)


class _Pickler(pickle.Pickler):
    """Writes an object, document, state or rule as its number, because the parent has it."""

    def __init__(self, buffer: io.BytesIO, runner: Runner, states: Sequence[DesiredState]) -> None:
        super().__init__(buffer, pickle.HIGHEST_PROTOCOL)
        self._numbers = {id(known): number for number, known in enumerate(_known(runner, states))}

    def persistent_id(self, value: Any) -> int | None:
        return self._numbers.get(id(value))


class _Unpickler(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, runner: Runner, states: Sequence[DesiredState]) -> None:
        super().__init__(buffer)
        self._known = list(_known(runner, states))

    def persistent_load(self, number: int) -> Any:
        return self._known[number]


def _known(runner: Runner, states: Sequence[DesiredState]) -> Iterator[object]:
    """What both processes have, in an order that is the same in both."""
    yield from runner.rules
    resources: list[Resource] = [resource for state in states for resource in state.resources]
    for options in {id(state.options): state.options for state in states}.values():
        # What definitions say of an object may be named beside it, and they may stand in no state.
        resources += (*options.definitions, *options.definitions_elsewhere)
    for resource in resources:
        yield resource
        yield resource.document
