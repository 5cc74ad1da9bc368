"""Rules with their options -> callables the engine can run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from linter.errors import UsageError
from linter.model import Route
from linter.model.findings import Severity
from linter.packs.checks import Check, python_check, schema_check
from linter.packs.rule import Rule


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
        return python_check(rule)
    if rule.require:
        from linter.packs.requirements import require_check

        return require_check(rule)
    return schema_check(rule)
