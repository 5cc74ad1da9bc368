"""The checks of rules: a function in Python, or a JSON Schema; and what a violation by a rule says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from linter.errors import ConfigurationError, GitopsLintError
from linter.model import Node, Resource, Route, Violation
from linter.packs.rule import Rule

_PLACEHOLDER = r"\{([^{}]*)\}"

Check = Callable[[Node, Any, dict[str, Any]], "Iterable[Violation] | Violation | None"]


class UndecidedError(GitopsLintError):
    """A check that cannot tell whether an object is right. `fix` says what the author of the rule can do about it; `found`
    are the violations that are certain all the same."""

    def __init__(self, message: str, fix: str, found: Sequence[Violation] = ()) -> None:
        super().__init__(message)
        self.fix = fix
        self.found = found


def python_check(rule: Rule) -> Check:
    """The function `check` in the rule's file.

    Raises ConfigurationError for a file that cannot be imported or defines no check.
    """
    import importlib.util

    path = rule.check_path or ""
    spec = importlib.util.spec_from_file_location(f"gitops_lint_rules.{rule.id.replace('/', '.').replace('-', '_')}", path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(path, None, "this file cannot be imported as Python")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        words = f"the check cannot be imported: {type(error).__name__}: {error}"
        raise ConfigurationError(path, getattr(error, "lineno", None), words) from None
    check = getattr(module, "check", None)
    if not callable(check):
        raise ConfigurationError(path, None, "the file defines no function `check(node, state, params)`")
    return check  # type: ignore[no-any-return]


def schema_check(rule: Rule) -> Check:
    """A check that what is matched satisfies the rule's `schema`."""
    from linter.packs.schemas import compile_schema

    validator = compile_schema(rule.schema)
    is_valid = validator.is_valid
    at = rule.at

    def check(node: Node, state: Any, params: dict[str, Any]) -> Iterable[Violation] | None:
        if is_valid(node.value):
            return None
        if at is not None:
            return (violation_of(rule, node, (*node.route, *at), params),)
        routes = dict.fromkeys((*node.route, *error.instance_path) for error in validator.iter_errors(node.value))
        return [violation_of(rule, node, route, params) for route in routes]

    return check


def violation_of(rule: Rule, node: Node, route: Route, params: Mapping[str, Any], message: str | None = None) -> Violation:
    """A violation at a route of the object, with the rule's message or another, its placeholders filled in."""
    import json

    from linter.model import dig, mapping

    # A match of `on: document` has no object.
    resource: Resource | None = node.resource
    body = node.value if resource is None else resource.body
    value = dig(body, *route)
    words: dict[str, object] = {
        "name": mapping(node.value).get("name") or (dig(body, "metadata", "name") if resource is None else resource.name),
        "value": json.dumps(value, ensure_ascii=False) if value is not None and not isinstance(value, str) else value,
        "kind": dig(body, "kind") if resource is None else resource.kind,
        "resource": "this document" if resource is None else str(resource),
        **{f"params.{name}": _in_words(param) for name, param in params.items()},
    }
    return Violation(route, re.sub(_PLACEHOLDER, lambda found: str(words[found[1]]), rule.message if message is None else message))


def _in_words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
