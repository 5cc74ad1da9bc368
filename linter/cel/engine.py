"""The Common Expression Language, as rules use it. The only module that knows which library evaluates it.

An expression sees `self`, the matched value; `object`, the whole object; and `params`. Beside the standard functions there
are those of the extensions for strings, lists, sets, math, encoders, regular expressions, optional values and
`cel.bind`, and those of `linter.cel.functions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from linter.cel.functions import FUNCTIONS
from linter.cel.limits import Bounds

VARIABLES = ("self", "object", "params")

# Names of types that a variable may be declared with: "dyn" takes every value of JSON.
Kind = Literal["dyn", "timestamp", "duration", "bytes"]
_EXTENSIONS = ("strings", "optional", "bindings", "math", "encoders", "lists", "sets", "regex", "two-var-comprehensions")
_POSITION = re.compile(r"<input>:(-?\d+):-?\d+: (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_NO_KEY = re.compile(r'Key not found in map : "?(.*?)"?$')
_NO_OVERLOAD = re.compile(r"No matching overloads found : (.*)$")
_GROUP = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?P?<[^=!>][^>]*>", re.DOTALL)


class CelMissingError(Exception):
    """The library that evaluates CEL is not installed."""


class CelSyntaxError(Exception):
    """An expression that cannot be compiled. `line` counts from 1 within it."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class CelEvaluationError(Exception):
    """An expression that has no value for an object. `fix` says what to do about it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


class Expression:
    """A compiled expression that is true or false."""

    def __init__(self, text: str, program: Any, bounds: Bounds, types: Any) -> None:
        self._text = text
        self._program = program
        self._bounds = bounds
        self._types = types

    def holds(self, value: Any, body: Any, params: Mapping[str, Any]) -> bool:
        """Whether it is true of a matched value in an object.

        Raises CelEvaluationError where it has no value, is neither true nor false, or the object is too large for it.
        """
        problem = self._bounds.problem(body)
        if problem is not None:
            raise CelEvaluationError(problem, "write a simpler expression, or a check in Python")
        try:
            result = self._program.eval(data={"self": value, "object": body, "params": dict(params)})
            kind = result.type()
            # Of nothing else: each null that the library hands out (0.1.3) takes a reference to None with it, until the
            # interpreter, before Python 3.12, aborts.
            answer = result.plain_value() if kind in (self._types.BOOL, self._types.ERROR) else None
        except (RuntimeError, TypeError, ValueError) as error:
            if "Iteration budget exceeded" in str(error):
                raise CelEvaluationError(
                    "the expression goes through its lists in more than 10,000 steps", "write a simpler expression, or a check in Python"
                ) from None
            # Such as half of a surrogate pair.
            raise CelEvaluationError("it holds a value that CEL has no type for", "write a check in Python instead") from None
        if isinstance(answer, bool):
            return answer
        if answer is not None:
            raise _explained(str(answer), self._text)
        raise CelEvaluationError(
            f"the expression gives {_noun(kind.name())} instead of true or false", "compare it with something, as in `self.replicas >= 2`"
        )


@cache
def compile_expression(text: str) -> Expression:
    """An expression, ready to be evaluated.

    Raises CelMissingError without the library, CelSyntaxError for a text that is no expression, names something that does
    not exist, or can never be true or false.
    """
    environment, types = environment_of(VARIABLES)
    bounds = Bounds(text)
    if bounds.refused is not None:
        raise CelSyntaxError(1, bounds.refused)
    return Expression(text, compile_program(environment, types, text, VARIABLES, types.BOOL), bounds, types)


def compile_program(environment: Any, types: Any, text: str, variables: Sequence[str], wanted: Any) -> Any:
    """The library's program for an expression whose value is of the type `wanted`.

    Raises CelSyntaxError.
    """
    try:
        program = environment.compile(text)
    except RuntimeError as error:
        raise _syntax_error(str(error), variables) from None
    except TypeError:
        raise CelSyntaxError(1, "this is no valid CEL: it holds half of a surrogate pair") from None
    if program.return_type() not in (wanted, types.DYN):
        expected = "must be true or false" if wanted == types.BOOL else f"must be {_noun(wanted.name())}"
        raise CelSyntaxError(1, f"the expression gives {program.return_type().name()}, and {expected}")
    return program


@cache
def environment_of(variables: tuple[str, ...], kind: Kind = "dyn") -> tuple[Any, Any]:
    """What compiles and binds expressions over these variables, and the library's types. The first variable is of `kind`, all
    others are of any type.

    Raises CelMissingError.
    """
    cel, functions = _library()
    types = cel.Type
    names = "".join(f"\n- name: {name}" for name in _EXTENSIONS)
    environment = cel.NewEnv(
        config=cel.NewEnvConfigFromYaml(f"name: rules\nextensions:{names}"),
        variables={name: types.DYN if index else getattr(types, kind.upper()) for index, name in enumerate(variables)},
        functions=functions,
    )
    return environment, types


@cache
def _library() -> tuple[Any, list[Any]]:
    """The library, and our functions as it takes them."""
    try:
        from cel_expr_python import cel
    except ImportError:
        raise CelMissingError from None
    types = cel.Type
    kinds = {name: getattr(types, name.upper()) for name in ("bool", "double", "dyn", "int", "list", "map", "string")}
    overloads: dict[str, list[Any]] = {}

    def declare(name: str, member: bool, arguments: tuple[str, ...], result: Any, call: Callable[..., Any]) -> None:
        overload = f"gitops_lint_{name}_{'_'.join(arguments)}"
        overloads.setdefault(name, []).append(
            cel.Overload(overload, result, [kinds[kind] for kind in arguments], is_member=member, impl=_guarded(call))
        )

    for name, member, arguments, result, call in FUNCTIONS:
        declare(name, member, arguments, kinds[result], call)
    searches = cel.NewEnv(
        config=cel.NewEnvConfigFromYaml("name: searches\nextensions: [{name: optional}, {name: regex}]"),
        variables={"text": types.STRING, "pattern": types.STRING},
    )
    first = searches.compile("regex.extract(text, pattern).orValue('')")
    every = searches.compile("regex.extractAll(text, pattern)")

    def search(program: Any, text: str, pattern: str) -> Any:
        found = program.eval(data={"text": text, "pattern": _without_groups(pattern)})
        if found.type() == types.ERROR:
            raise ValueError(str(found.plain_value()))
        return found.plain_value()

    declare("find", True, ("string", "string"), types.STRING, lambda text, pattern: search(first, text, pattern))
    declare("findAll", True, ("string", "string"), types.List(types.STRING), lambda text, pattern: search(every, text, pattern))
    declare("findAll", True, ("string", "string", "int"), types.List(types.STRING), lambda text, pattern, limit: (
        search(every, text, pattern)[: limit if limit >= 0 else None]
    ))  # fmt: skip
    return cel, [cel.FunctionDecl(name, entries) for name, entries in overloads.items()]


def _guarded(call: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with every failure as the one kind of exception that becomes a CEL error with our words."""

    def guarded(*arguments: Any) -> Any:
        try:
            return call(*arguments)
        except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
            raise ValueError(str(error)) from None

    return guarded


def _without_groups(pattern: str) -> str:
    """A regular expression whose groups capture nothing, so that a search gives the whole match, as Kubernetes does."""
    return _GROUP.sub(lambda found: "(?:" if found[0].startswith("(") else found[0], pattern)


def _syntax_error(text: str, variables: Sequence[str]) -> CelSyntaxError:
    found = _POSITION.search(text)
    if found is None:
        return CelSyntaxError(1, f"this is no CEL expression: {text.splitlines()[0]}")
    message = found[2].removesuffix(" (in container '')")
    undeclared = _UNDECLARED.search(message)
    if undeclared is not None:
        name = undeclared[1].split(".")[0]
        known = ", ".join(f"`{variable}`" for variable in variables)
        message = f"there is no variable or function `{name}`; an expression sees {known} and the functions of CEL and Kubernetes"
    else:
        message = f"this is no valid CEL: {message[:1].lower()}{message[1:]}"
    return CelSyntaxError(max(int(found[1]), 1), message)


def _explained(text: str, expression: str) -> CelEvaluationError:
    missing = _NO_KEY.search(text)
    if missing is not None:
        key = missing[1]
        field = re.search(rf"([A-Za-z_]\w*(?:\.\w+)*)\.{re.escape(key)}\b", expression)
        if field is None:
            above = re.search(rf"([A-Za-z_]\w*(?:\.\w+)*)\[[\"']{re.escape(key)}[\"']\]", expression)
            there = f"'{key}' in {above[1] if above is not None else 'self'}"
            return CelEvaluationError(
                f"there is no key `{key}`",
                f"say what a missing key means: `{there} && …` if it must be there, `!({there}) || …` if it may be left out",
            )
        return CelEvaluationError(
            f"there is no key `{key}`",
            f"say what a missing key means: `has({field[0]}) && …` if it must be there, `!has({field[0]}) || …` if it may be left "
            f"out, or give the default with `{field[1]}.?{key}.orValue(…)`",
        )
    overload = _NO_OVERLOAD.search(text)
    if overload is not None:
        return CelEvaluationError(
            f"a value has a type that the expression cannot work with: {overload[1]}", "test the type first, as in `type(self.port) == int`"
        )
    words = text.partition(": ")[2] or text
    return CelEvaluationError(words, "make the expression hold for such objects too")


def _noun(kind: str) -> str:
    nouns = {"STRING": "text", "INT": "a number", "DOUBLE": "a number", "LIST": "a list", "MAP": "a map", "NULL": "null"}
    return nouns.get(kind.partition("<")[0], "something else")
