"""Rules with their options -> callables the engine can run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from linter.errors import ConfigurationError, GitopsLintError, UsageError
from linter.model import Node, Resource, Route, Violation
from linter.model.findings import Severity
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


class BoundRule:
    """A rule, the severity and parameters it runs with, and its check."""

    __slots__ = ("_check", "params", "rule", "severity", "severity_overridden")

    def __init__(self, rule: Rule, params: dict[str, Any], severity: Severity, severity_overridden: bool) -> None:
        self.rule = rule
        self.params = params
        self.severity = severity
        self.severity_overridden = severity_overridden
        self._check: Check | None = None

    @property
    def check(self) -> Check:
        """The check, imported when it is first asked for: most runs hold nothing that most rules are about.

        Raises ConfigurationError for a file that cannot be imported or defines no check.
        """
        if self._check is None:
            self._check = _check_of(self.rule)
        return self._check


def bind(
    rules: Sequence[Rule],
    options: Mapping[str, Mapping[str, Any]],
    targets: Mapping[str, str | None],
    where: Callable[[Route], str],
) -> list[BoundRule]:
    """The rules that apply to these targets, ready to run.

    `options` is the configuration's `rules:` by rule id; `where` names the place of a route in the configuration.

    Raises UsageError for an unknown parameter or a value its schema refuses.
    """
    bound = []
    for rule in rules:
        if not applies(rule, targets):
            continue
        chosen = options.get(rule.id, {})
        params = parameters(rule, chosen.get("params", {}), where)
        bound.append(BoundRule(rule, params, chosen.get("severity", rule.severity), "severity" in chosen))
    return bound


def applies(rule: Rule, targets: Mapping[str, str | None]) -> bool:
    """Whether the rule holds for these target versions; a rule about an unknown version does not."""
    if not rule.targets:
        return True
    from linter.versions import satisfies

    return all(
        (version := targets.get(system)) is not None and satisfies(version, constraint) for system, constraint in rule.targets.items()
    )


def parameters(rule: Rule, given: Mapping[str, Any], where: Callable[[Route], str]) -> dict[str, Any]:
    """The parameters a rule runs with: its defaults, and what the configuration gives.

    Raises UsageError for an unknown parameter or a value its schema refuses.
    """
    params = {name: schema["default"] for name, schema in rule.params.items()}
    for name, value in given.items():
        place = where(("rules", rule.id, "params", name))
        if name not in rule.params:
            known = f"it has {', '.join(f'`{known}`' for known in rule.params)}" if rule.params else "it has none"
            raise UsageError(f"{place}: rule {rule.id} has no parameter `{name}`; {known}")
        import json

        from linter.packs.schemas import compile_schema

        schema = {key: part for key, part in rule.params[name].items() if key != "default"}
        if not compile_schema(schema).is_valid(value):
            raise UsageError(f"{place}: parameter `{name}` of {rule.id} must satisfy {json.dumps(schema)}, not {json.dumps(value)}")
        params[name] = value
    return params


def _check_of(rule: Rule) -> Check:
    if rule.check_path is not None:
        return _python_check(rule)
    if rule.require:
        from linter.packs.requirements import require_check

        return require_check(rule)
    return _schema_check(rule)


def _python_check(rule: Rule) -> Check:
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


def _schema_check(rule: Rule) -> Check:
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
