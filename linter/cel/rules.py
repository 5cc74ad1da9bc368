"""Validation rules of CustomResourceDefinitions (`x-kubernetes-validations`): expressions over `self`, the value they stand at.

Source: "Validation rules" in the Kubernetes documentation of CustomResourceDefinitions (names of fields and their escapes,
transition rules), and k8s.io/apiextensions-apiserver, pkg/apiserver/schema/cel (what an error means).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from linter.cel.engine import CelMissingError, CelSyntaxError, Kind, compile_program, environment_of
from linter.cel.limits import MAX_OBJECT, Bounds
from linter.durations import nanoseconds

# The API server bounds what a rule costs, which a longer one cannot stay within in practice.
MAX_LENGTH = 16_384

_TOKEN = re.compile(
    r"""(?P<other>[rRbB]{0,2}(?:'{3}.*?'{3}|"{3}.*?"{3})|[bB]?[rR][bB]?(?:'[^'\n]*'|"[^"\n]*")|[bB]?(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"""|`[^`\n]*`|//[^\n]*)|(?P<name>[A-Za-z_]\w*)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"__(underscores|dot|dash|slash)__")
_ESCAPED = {"underscores": "__", "dot": ".", "dash": "-", "slash": "/"}
_KEYWORDS = frozenset({
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
    "loop", "package", "namespace", "return", "var", "void", "while",
})  # fmt: skip
_OVERLOAD = "No matching overloads found"
_NO_KEY = re.compile(r'Key not found in map : "?(.*?)"?$')


class UndecidedRuleError(Exception):
    """A rule that has no answer here, though it may have one in the API server."""


class FailedRuleError(Exception):
    """A rule whose evaluation ends with an error, which the API server takes for a violation. The text says which."""


class Rule:
    """A compiled validation rule. `names` are the names that it mentions."""

    def __init__(self, text: str, kind: Kind) -> None:
        """`kind` is the type of `self`: "dyn" but for strings of a format that the API server reads as a time or as bytes.

        Raises CelMissingError without the library, CelSyntaxError for what cannot be compiled.
        """
        self.kind = kind
        if len(text) > MAX_LENGTH:
            raise CelSyntaxError(1, f"it has {len(text):,} characters, and no more than {MAX_LENGTH:,} are read")
        plain = plain_names(text)
        self.uses_old_self = "oldSelf" in plain.roots
        self.names = plain.names
        self._bounds = Bounds(plain.text)
        if self._bounds.refused is not None:
            raise CelSyntaxError(1, self._bounds.refused)
        self._types: Any = None
        self._program: Any = None
        if not self.uses_old_self:
            environment, self._types = environment_of(("self",), kind)
            self._program = compile_program(environment, self._types, plain.text, ("self",), self._types.BOOL)

    def holds(self, binding: Binding) -> bool:
        """Whether the value that is bound satisfies the rule.

        Raises FailedRuleError, UndecidedRuleError.
        """
        answer = _evaluated(self._program, self._types, self._bounds, binding, self._types.BOOL)
        if isinstance(answer, bool):
            return answer
        raise UndecidedRuleError("it is neither true nor false")


class Message:
    """A compiled `messageExpression`."""

    def __init__(self, text: str, kind: Kind) -> None:
        """Raises CelMissingError, CelSyntaxError."""
        plain = plain_names(text) if len(text) <= MAX_LENGTH else None
        if plain is None or "oldSelf" in plain.roots:
            raise CelSyntaxError(1, "it is too long, or needs an earlier object")
        self._bounds = Bounds(plain.text)
        if self._bounds.refused is not None:
            raise CelSyntaxError(1, self._bounds.refused)
        environment, self._types = environment_of(("self",), kind)
        self._program = compile_program(environment, self._types, plain.text, ("self",), self._types.STRING)

    def text(self, binding: Binding) -> str | None:
        """What it says about the value that is bound; None where it says nothing that can be shown, as the API server has it."""
        try:
            answer = _evaluated(self._program, self._types, self._bounds, binding, self._types.STRING)
        except (FailedRuleError, UndecidedRuleError):
            return None
        return answer if isinstance(answer, str) and answer.strip() and "\n" not in answer else None


class Binding:
    """A value, bound to `self` once for several rules of one kind."""

    __slots__ = ("activation", "size", "value")

    def __init__(self, value: Any, kind: Kind, size: int) -> None:
        """`size` is about the number of bytes of the value. Raises UndecidedRuleError for one that CEL has no type for."""
        self.value = value
        self.size = size
        environment, _ = environment_of(("self",), kind)
        try:
            self.activation = environment.Activation({"self": _typed(value, kind)})
        except (RuntimeError, TypeError, ValueError, OverflowError):
            raise UndecidedRuleError("it holds a value that CEL has no type for") from None


def _evaluated(program: Any, types: Any, bounds: Bounds, binding: Binding, wanted: Any) -> Any:
    """The value of a program if it is of the type `wanted`, else None."""
    if binding.size > MAX_OBJECT or not bounds.is_plain:
        problem = bounds.problem(binding.value)
        if problem is not None:
            raise UndecidedRuleError(problem)
    try:
        result = program.eval(binding.activation)
        kind = result.type()
        # Of nothing else, as in `linter.cel.engine`: a null that is handed out may not be released.
        answer = result.plain_value() if kind in (wanted, types.ERROR) else None
    except (RuntimeError, TypeError, ValueError) as error:
        over = "Iteration budget exceeded" in str(error)
        raise UndecidedRuleError("it takes too many steps" if over else "it holds a value that CEL has no type for") from None
    if kind != types.ERROR:
        return answer
    text = str(answer)
    if _OVERLOAD in text or "Non-CEL value" in text or "Iteration budget" in text:
        # The API server has checked types when it took the definition in; what is left are differences between libraries.
        raise UndecidedRuleError(text)
    missing = _NO_KEY.search(text)
    raise FailedRuleError(f"there is no key `{missing[1]}`" if missing is not None else text.partition(": ")[2] or text)


def _typed(value: Any, kind: Kind) -> Any:
    """A string as the API server reads it where it has a format."""
    if kind == "dyn" or not isinstance(value, str):
        return value
    if kind == "bytes":
        from base64 import b64decode

        return b64decode(value, validate=True)
    if kind == "duration":
        return _duration(value)
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta:
    """A duration as Go writes it, such as `1h30m`."""
    length = nanoseconds(text)
    if length is None:
        raise ValueError(f"`{text}` is no duration")
    return timedelta(microseconds=length / 1000)


class PlainText:
    """An expression with its escaped names undone: `text` for the library, `names` that it mentions, and of these `roots` that
    are no fields of something else."""

    __slots__ = ("names", "roots", "text")

    def __init__(self, text: str, names: frozenset[str], roots: frozenset[str]) -> None:
        self.text = text
        self.names = names
        self.roots = roots


@cache
def plain_names(text: str) -> PlainText:
    """An expression as the library reads it: a field such as `a__dash__b` or `__namespace__` becomes the field it stands for,
    in backticks. What is no field, and what stands in strings and comments, stays as it is."""
    names: set[str] = set()
    roots: set[str] = set()

    def plain(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return found[0]
        start, end = found.span()
        before = text[max(start - 100, 0) : start].rstrip()
        is_field = before.endswith((".", ".?"))
        called = text[end:].lstrip().startswith("(")
        if not is_field:
            if not called:
                roots.add(name)
                names.add(name)
            return name
        if called:
            return name
        meant = unescaped(name)
        names.add(meant)
        return f"`{meant}`" if meant != name or name in _KEYWORDS else name

    return PlainText(_TOKEN.sub(plain, text), frozenset(names), frozenset(roots))


def unescaped(name: str) -> str:
    """The field that an identifier of a rule stands for."""
    if name.startswith("__") and name.endswith("__") and name[2:-2] in _KEYWORDS:
        return name[2:-2]
    return _ESCAPE.sub(lambda found: _ESCAPED[found[1]], name)


@cache
def compiled_rule(text: str, kind: Kind = "dyn") -> Rule | str:
    """The rule, or why it cannot be evaluated.

    Raises CelMissingError.
    """
    try:
        return Rule(text, kind)
    except CelSyntaxError as error:
        return str(error)


@cache
def compiled_message(text: str, kind: Kind = "dyn") -> Message | None:
    """The `messageExpression`, or None for one that cannot be evaluated."""
    try:
        return Message(text, kind)
    except (CelSyntaxError, CelMissingError):
        return None


@cache
def is_available() -> bool:
    """Whether the library that evaluates rules is installed."""
    try:
        environment_of(("self",))
    except CelMissingError:
        return False
    return True
