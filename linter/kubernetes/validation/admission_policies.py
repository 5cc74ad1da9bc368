"""ValidatingAdmissionPolicies and MutatingAdmissionPolicies with their bindings, beside their CEL expressions.

Source: apis/admissionregistration/validation (`validateValidatingAdmissionPolicySpec`, `validateMutatingAdmissionPolicySpec`,
`validateValidatingAdmissionPolicyBindingSpec`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.syntax import key_problem
from linter.kubernetes.scalars.names import dns_subdomain_problem
from linter.kubernetes.validation.webhooks import condition_problems, rule_problems
from linter.model import DesiredState, Resource, Route, Violation, items, mapping
from linter.wording import shown

_IDENTIFIER = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*\Z")
_RESERVED = frozenset({
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
    "package", "namespace", "return", "var", "void", "while",
})  # fmt: skip


def policy_problems(policy: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a ValidatingAdmissionPolicy or MutatingAdmissionPolicy."""
    spec = policy.body.get("spec")
    if not isinstance(spec, dict):
        return
    constraints = spec.get("matchConstraints")
    if constraints is None:
        yield Violation(
            ("spec",),
            "the policy has no matchConstraints: it must say which requests it sees",
            on="key",
            fix="Add `matchConstraints.resourceRules`.",
        )
    elif isinstance(constraints, dict):
        yield from _match_resources(constraints, ("spec", "matchConstraints"))
        if not constraints.get("resourceRules") and not isinstance(constraints.get("resourceRules"), (str, dict)):
            yield Violation(("spec", "matchConstraints"), "matchConstraints has no resourceRules, so the policy sees nothing", on="key")
    kind = spec.get("paramKind")
    if isinstance(kind, dict) and isinstance(kind.get("apiVersion"), str):
        version = kind["apiVersion"]
        if version.count("/") > 1 or version.startswith("/") or version.endswith("/"):
            yield Violation(("spec", "paramKind", "apiVersion"), f"`{shown(version)}` is not an apiVersion")
    yield from condition_problems(spec.get("matchConditions"), ("spec", "matchConditions"))
    yield from _variables(items(spec.get("variables")))
    if policy.type == "ValidatingAdmissionPolicy":
        validations, annotations = spec.get("validations"), spec.get("auditAnnotations")
        if not validations and not annotations and not isinstance(validations, (str, dict)):
            yield Violation(("spec",), "the policy has neither validations nor auditAnnotations", on="key")
        for index, validation in enumerate(items(validations)):
            if isinstance(validation, dict):
                yield from _validation(validation, ("spec", "validations", index))
        yield from _audit(items(annotations))
    else:
        yield from _mutations(spec.get("mutations"))


def _match_resources(constraints: dict[str, Any], route: Route) -> Iterator[Violation]:
    for field in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(items(constraints.get(field))):
            if not isinstance(rule, dict):
                continue
            yield from rule_problems(rule, (*route, field, index))
            names = items(rule.get("resourceNames"))
            twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
            if twice is not None:
                yield Violation((*route, field, index, "resourceNames"), f"`{shown(str(twice))}` is listed twice")


def _variables(variables: list[Any]) -> Iterator[Violation]:
    for index, variable in enumerate(variables):
        name, expression = mapping(variable).get("name"), mapping(variable).get("expression")
        if isinstance(expression, str) and not expression.strip():
            yield Violation(("spec", "variables", index, "expression"), "the expression is empty")
        if not isinstance(name, str):
            continue
        route: Route = ("spec", "variables", index, "name")
        if not _IDENTIFIER.match(name) or name in _RESERVED:
            yield Violation(
                route, f"`{shown(name)}` cannot be the name of a variable", fix="Use letters, digits and `_`, beginning with a letter."
            )


def _validation(validation: dict[str, Any], route: Route) -> Iterator[Violation]:
    expression, message, reason = (validation.get(field) for field in ("expression", "message", "reason"))
    if isinstance(expression, str) and not expression.strip():
        yield Violation((*route, "expression"), "the expression is empty")
    if isinstance(message, str):
        if message and not message.strip():
            yield Violation((*route, "message"), "the message is blank")
        elif "\n" in message.strip():
            yield Violation((*route, "message"), "the message has several lines, and one is allowed", fix="Write it on one line.")
    elif message is None and isinstance(expression, str) and "\n" in expression.strip() and not validation.get("messageExpression"):
        yield Violation(route, "an expression of several lines needs a message", fix="Write `message`.")
    if isinstance(reason, str) and reason not in ("Forbidden", "Invalid", "RequestEntityTooLarge"):
        yield Violation((*route, "reason"), f"`{shown(reason)}` is not one of Forbidden, Invalid and RequestEntityTooLarge")


def _audit(annotations: list[Any]) -> Iterator[Violation]:
    keys: set[str] = set()
    for index, annotation in enumerate(annotations):
        key = mapping(annotation).get("key")
        if not isinstance(key, str):
            continue
        route: Route = ("spec", "auditAnnotations", index, "key")
        if key in keys:
            yield Violation(route, f"two audit annotations have the key `{shown(key)}`")
        elif "/" in key or (problem := key_problem(key)) is not None:
            detail = "it holds a `/`" if "/" in key else problem
            yield Violation(route, f"`{shown(key)}` is not a valid key: {detail}")
        keys.add(key)


def _mutations(mutations: object) -> Iterator[Violation]:
    if not mutations and not isinstance(mutations, (str, dict)):
        yield Violation(("spec",), "the policy has no mutations", on="key")
    for index, mutation in enumerate(items(mutations)):
        if not isinstance(mutation, dict):
            continue
        expected = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}.get(str(mutation.get("patchType")))
        for field in ("applyConfiguration", "jsonPatch"):
            route: Route = ("spec", "mutations", index)
            if expected is not None and field == expected and mutation.get(field) is None:
                yield Violation(route, f"a mutation of type {mutation['patchType']} needs the field `{field}`")
            elif expected is not None and field != expected and mutation.get(field) is not None:
                yield Violation((*route, field), f"a mutation of type {mutation['patchType']} has no field `{field}`", on="key")


def policy_binding_problems(binding: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in the binding of an admission policy."""
    spec = binding.body.get("spec")
    if not isinstance(spec, dict):
        return
    name = spec.get("policyName")
    if isinstance(name, str) and (problem := dns_subdomain_problem(name)) is not None:
        yield Violation(("spec", "policyName"), f"policyName `{shown(name)}` is not valid: {problem}")
    reference = spec.get("paramRef")
    if isinstance(reference, dict):
        named, selected = bool(reference.get("name")), reference.get("selector") is not None
        if named == selected:
            message = "paramRef has neither a name nor a selector" if not named else "paramRef has both a name and a selector"
            yield Violation(("spec", "paramRef"), message, on="key", fix="Write one of them; `selector: {}` selects all.")
        if not reference.get("parameterNotFoundAction"):
            yield Violation(("spec", "paramRef"), "paramRef has no parameterNotFoundAction", on="key", fix="Write `Deny` or `Allow`.")
    if isinstance(spec.get("matchResources"), dict):
        yield from _match_resources(spec["matchResources"], ("spec", "matchResources"))
    if binding.type == "ValidatingAdmissionPolicyBinding":
        actions = spec.get("validationActions")
        if actions == []:
            yield Violation(
                ("spec",), "the binding names no validationActions", on="key", fix="Write `validationActions: [Deny]`, or Warn or Audit."
            )
        elif isinstance(actions, list):
            if "Deny" in actions and "Warn" in actions:
                yield Violation(
                    ("spec", "validationActions"), "the actions Deny and Warn exclude each other", on="key", fix="Keep one of them."
                )
            twice = next((action for place, action in enumerate(actions) if action in actions[:place]), None)
            if twice is not None:
                yield Violation(("spec", "validationActions"), f"the action {twice} is listed twice", on="key")
