"""The key `require:` of a rule: CEL expressions that must be true of what the rule matches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from linter.cel.engine import CelEvaluationError, CelMissingError, CelSyntaxError, Expression, compile_expression
from linter.cel.reads import Reads, scalars
from linter.errors import ConfigurationError
from linter.model import Node, Route, Violation
from linter.packs.checks import Check, UndecidedError, violation_of
from linter.packs.rule import Rule
from linter.packs.source import SourceFile

_PARAMETER = re.compile(r"\bparams\s*\.\s*([A-Za-z_]\w*)(?!\w|\s*\()|\bparams\s*\[\s*[\"'](\w+)[\"']\s*\]")


def read_requirements(file: SourceFile) -> tuple[Mapping[str, Any], ...]:
    """What a rule file requires, each with `expression`, `message` and `at` (a route relative to the match, or None).

    Raises ConfigurationError, with the line, for an expression that cannot be compiled or names something that does not
    exist, for one without message, and where CEL is not installed.
    """
    written = file.value["require"]
    entries = [{"expression": written}] if isinstance(written, str) else written
    found = []
    for index, entry in enumerate(entries):
        route: Route = ("require",) if isinstance(written, str) else ("require", index, "expression")
        message = entry.get("message", file.value.get("message"))
        if message is None:
            raise file.mistake(route, "a rule with `require:` needs a `message:`, of its own or for each expression")
        _compile(file, route, entry["expression"])
        at = entry.get("at", file.value.get("at"))
        found.append({"expression": entry["expression"], "message": message.strip(), "at": at})
    return tuple(found)


def _compile(file: SourceFile, route: Route, text: str) -> None:
    known = file.value.get("params", {})
    for parameter in _PARAMETER.finditer(text):
        name = parameter[1] or parameter[2]
        if name not in known:
            there = f"it has {', '.join(f'`{param}`' for param in known)}" if known else "it has none"
            raise file.mistake(route, f"the rule has no parameter `{name}`; {there}", below=_below(file, route, text, parameter.start()))
    try:
        compile_expression(text)
    except CelSyntaxError as error:
        start = sum(len(line) + 1 for line in text.split("\n")[: error.line - 1])
        raise file.mistake(route, str(error), below=_below(file, route, text, start)) from None
    except CelMissingError:
        raise file.mistake(route, "`require:` is written in CEL, which is not installed: pip install 'gitops-lint[cel]'") from None


def _below(file: SourceFile, route: Route, text: str, offset: int) -> int:
    """How many lines below its key a place of an expression stands: known for text behind `|`, else the key must do."""
    as_written = file.written(route) or ""
    return text.count("\n", 0, offset) + 1 if as_written.startswith("|") else 0


def require_check(rule: Rule) -> Check:
    """The check that a rule's expressions make.

    It raises UndecidedError, with the violations of the others, on an object for which one of them has no value.

    Raises ConfigurationError where CEL is not installed.
    """
    try:
        entries = [(compile_expression(entry["expression"]), Reads(entry["expression"]), entry) for entry in rule.require]
    except CelMissingError:
        raise ConfigurationError(rule.path, None, "CEL is not installed: pip install 'gitops-lint[cel]'") from None

    def check(node: Node, state: Any, params: dict[str, Any]) -> Iterable[Violation] | None:
        found: list[Violation] = []
        resource: Any = node.resource
        body = node.value if resource is None else resource.body
        undecided: CelEvaluationError | None = None
        for expression, reads, entry in entries:
            try:
                if _holds(expression, reads, node.value, body, params, state):
                    continue
            except CelEvaluationError as error:
                undecided = undecided or error
            else:
                found.append(violation_of(rule, node, (*node.route, *(entry["at"] or ())), params, entry["message"]))
        if undecided is not None:
            hidden = rule.sensitive or (resource is not None and resource.type == "Secret")
            raise UndecidedError("the expression has no value for it" if hidden else str(undecided), undecided.fix, found)
        return found or None

    return check


def _holds(expression: Expression, reads: Reads, value: Any, body: Any, params: Mapping[str, Any], state: Any) -> bool:
    """Whether an expression is true, or nobody can tell because it looks at a placeholder."""
    try:
        if expression.holds(value, body, params):
            return True
    except CelEvaluationError:
        if _depends_on_placeholder(reads, value, body, state):
            return True
        raise
    return _depends_on_placeholder(reads, value, body, state)


def _depends_on_placeholder(reads: Reads, value: Any, body: Any, state: Any) -> bool:
    parts = [("self", value), *([("object", body)] if reads.object else [])]
    return any(reads.covers(root, route) for root, part in parts for route in scalars(part, state.is_opaque))
