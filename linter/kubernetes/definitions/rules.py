"""The validation rules of one part of a definition: evaluated once for equal values, and only if CEL is installed.

Source: API reference of apiextensions.k8s.io/v1 (`ValidationRule`). A rule that compares with the earlier object
(`oldSelf`) is not evaluated: there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import Route, items, mapping, text

if TYPE_CHECKING:
    from linter.cel.engine import Kind
    from linter.cel.rules import Binding, Message, Rule

# Strings that the API server reads as values of these types before a rule sees them.
_KINDS: dict[str, Kind] = {
    "datetime": "timestamp", "date": "timestamp", "duration": "duration", "byte": "bytes", "binary": "bytes",
}  # fmt: skip
_WHOLE_SELF = re.compile(r"\bself\s*(?:[!=]=|\+)|(?:[!=]=|\+)\s*self\b(?!\s*[.\[])")
_HAS = re.compile(r"\bhas\([^()]*\)")
_MOST_RULES = 300
_REMEMBERED = 20_000
_LONGEST = 500


class ValidationRule(NamedTuple):
    """A rule as the definition says it. `path` is where, relative to the value, a violation belongs."""

    rule: str
    message: str
    message_expression: str
    path: Route
    reason: str


class Failed(NamedTuple):
    """A rule that a value breaks: what the definition's author says about it, or the error that its evaluation ends with."""

    rule: ValidationRule
    message: str
    names: frozenset[str]
    error: str | None = None


class Rules:
    """The rules at one part of a schema."""

    __slots__ = ("_compiled", "_is_number", "_is_unordered", "_known", "_node", "_timed", "kind", "rules")

    def __init__(self, rules: tuple[ValidationRule, ...], node: Mapping[str, Any]) -> None:
        """`node` is the part of the openAPIV3Schema at which the rules stand."""
        self.rules = rules
        self.kind: Kind = _kind(node) or "dyn"
        self._is_number = node.get("type") == "number"
        self._is_unordered = node.get("x-kubernetes-list-type") in ("set", "map")
        self._node = node
        self._timed: frozenset[str] | None = None
        self._compiled: list[tuple[ValidationRule, Rule, Message | None]] | None = None
        self._known: dict[bytes, tuple[Failed, ...]] = {}

    def failed(self, value: Any, content: bytes) -> tuple[Failed, ...]:
        """The rules that a value breaks; `content` is the value as `marshal` writes it. None without the library for CEL."""
        known = self._known.get(content)
        if known is None:
            known = tuple(self._evaluated(value, len(content)))
            if len(self._known) < _REMEMBERED and len(content) < 4096:
                self._known[content] = known
        return known

    def unusable(self) -> Iterator[tuple[ValidationRule, str]]:
        """The rules that are not evaluated, each with the reason.

        Raises CelMissingError without the library for CEL.
        """
        from linter.cel.rules import compiled_rule

        for rule in self.rules[:_MOST_RULES]:
            if (reason := self._reason(rule, compiled_rule(rule.rule, self.kind))) is not None:
                yield rule, reason
        for rule in self.rules[_MOST_RULES:]:
            yield rule, f"no more than {_MOST_RULES} rules are evaluated at one place"

    def _reason(self, rule: ValidationRule, compiled: Rule | str) -> str | None:
        """Why a rule is not evaluated, or None."""
        if isinstance(compiled, str):
            return compiled
        if compiled.uses_old_self:
            return "it compares with the earlier object, which is in the cluster"
        if found := self._read_as_time(rule):
            return f"it looks at `{min(found)}`, which is a time, a duration or bytes inside of an object"
        if self._is_unordered and _WHOLE_SELF.search(rule.rule) is not None:
            return "it compares lists whose order does not count"
        return None

    def _read_as_time(self, rule: ValidationRule) -> frozenset[str]:
        """The names in a rule of fields that hold times or the like; whether they are there at all can be asked."""
        from linter.cel.rules import plain_names

        return plain_names(_HAS.sub("true", rule.rule)).names & self.timed if self.timed else frozenset()

    @property
    def timed(self) -> frozenset[str]:
        """The names of fields below that hold times, durations or bytes, which no rule above them can be given as such."""
        if self._timed is None:
            self._timed = frozenset(_timed(self._node)) if self.kind == "dyn" else frozenset()
        return self._timed

    def _evaluated(self, value: Any, size: int) -> Iterator[Failed]:
        from linter.cel.rules import Binding, FailedRuleError, UndecidedRuleError

        usable = self._usable()
        if not usable:
            return
        try:
            # To a rule every number is a floating one where the schema says `number`.
            binding = Binding(float(value) if self._is_number and type(value) is int else value, self.kind, size)
        except UndecidedRuleError:
            return
        for rule, compiled, message in usable:
            try:
                if not compiled.holds(binding):
                    yield Failed(rule, _words(rule, message, binding), compiled.names)
            except FailedRuleError as error:
                yield Failed(rule, _words(rule, None, binding), compiled.names, str(error))
            except UndecidedRuleError:
                continue

    def _usable(self) -> list[tuple[ValidationRule, Rule, Message | None]]:
        if self._compiled is None:
            from linter.cel.engine import CelMissingError
            from linter.cel.rules import compiled_message, compiled_rule

            self._compiled = []
            try:
                for rule in self.rules[:_MOST_RULES]:
                    compiled = compiled_rule(rule.rule, self.kind)
                    if not isinstance(compiled, str) and self._reason(rule, compiled) is None:
                        message = compiled_message(rule.message_expression, self.kind) if rule.message_expression else None
                        self._compiled.append((rule, compiled, message))
            except CelMissingError:
                self._compiled = []
        return self._compiled


def _words(rule: ValidationRule, message: Message | None, binding: Binding) -> str:
    said = message.text(binding) if message is not None else None
    words = " ".join((said or rule.message or f"failed rule: {rule.rule}").split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def rules_of(node: Mapping[str, Any]) -> Rules | None:
    """The rules at a part of an openAPIV3Schema, those below its `allOf` included; None if it has none."""
    found = list(_written(node, 0))
    if not found:
        return None
    return Rules(tuple(found), node)


def _written(node: Mapping[str, Any], depth: int) -> Iterator[ValidationRule]:
    for entry in map(mapping, items(node.get("x-kubernetes-validations"))):
        if text(entry.get("rule")).strip():
            yield ValidationRule(
                entry["rule"],
                text(entry.get("message")).strip(),
                text(entry.get("messageExpression")).strip(),
                _path(text(entry.get("fieldPath"))),
                text(entry.get("reason")),
            )
    if depth < 8:
        for branch in items(node.get("allOf")):
            yield from _written(mapping(branch), depth + 1)


def _kind(node: Mapping[str, Any]) -> Kind | None:
    return _KINDS.get(text(node.get("format")).replace("-", "")) if node.get("type") == "string" else None


def _timed(node: Mapping[str, Any]) -> Iterator[str]:
    """The names of fields below a part whose strings the API server hands to rules as something else."""
    pending: list[tuple[str, Mapping[str, Any]]] = [("", node)]
    seen: set[tuple[str, int]] = set()
    while pending:
        name, part = pending.pop()
        if (name, id(part)) in seen:
            continue
        seen.add((name, id(part)))
        if name and _kind(part) is not None:
            yield name
        pending += [(key, inner) for key, inner in mapping(part.get("properties")).items() if isinstance(inner, dict) and key != "status"]
        for key in ("items", "additionalProperties"):
            if isinstance(part.get(key), dict):
                pending.append((name, part[key]))


_STEP = re.compile(r"\.([^.\[\]]+)|\['((?:\\.|[^'\\])*)'\]")


def _path(written: str) -> Route:
    """A `fieldPath` such as `.spec.hosts['a.b']` as a route; no route for one that cannot be read."""
    route: list[str] = []
    position = 0
    while position < len(written):
        found = _STEP.match(written, position)
        if found is None:
            return ()
        route.append(found[1] if found[1] is not None else re.sub(r"\\(.)", r"\1", found[2]))
        position = found.end()
    return tuple(route)
