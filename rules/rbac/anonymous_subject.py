"""Roles handed to callers nobody knows, or to every caller that proved any identity at all."""

from collections.abc import Iterable, Sequence
from typing import Any

from linter.kubernetes.rbac import Binding, PolicyRule, is_bootstrap_object, rbac_graph
from linter.kubernetes.rbac.policy import ALL, READ_VERBS, allows
from linter.kubernetes.rbac.powers import DOORS
from linter.model import DesiredState, Node, Violation

# Roles made for these groups: API discovery, self reviews, the issuer keys, and the ConfigMap `kubeadm join` reads.
_MEANT_FOR_ALL = frozenset({
    "system:discovery", "system:basic-user", "system:public-info-viewer", "system:service-account-issuer-discovery",
    "system:openshift:discovery", "system:scope-impersonation", "kubeadm:bootstrap-signer-clusterinfo", "self-access-reviewer",
    "basic-user",
})  # fmt: skip
_MOST_LISTED = 3
_PUBLIC_PATHS = ("/healthz", "/livez", "/readyz", "/version", "/api", "/openapi", "/.well-known/openid-configuration", "/openid/v1/jwks")


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    if is_bootstrap_object(node.resource):
        return
    binding = rbac_graph(state).binding(node.resource)
    if binding.role_name in _MEANT_FOR_ALL:
        return
    for subject in binding.subjects:
        anonymous = (subject.kind, subject.name) in (("User", "system:anonymous"), ("Group", "system:unauthenticated"))
        if not anonymous and (subject.kind, subject.name) != ("Group", "system:authenticated"):
            continue
        rules = [entry.rule for entry in binding.role.rules] if binding.role is not None else None
        if rules and all(_is_public(rule) for rule in rules):
            continue
        grants = _grants(binding, rules)
        if anonymous:
            message = f"anybody who reaches the API server, without credentials, holds {binding.role_kind} {binding.role_name}{grants}"
            yield Violation(("subjects", subject.index, "name"), message)
            continue
        message = f"every user and every ServiceAccount holds {binding.role_kind} {binding.role_name}{grants}"
        harmless = rules is None or not any(_is_powerful(rule) for rule in rules)
        yield Violation(("subjects", subject.index, "name"), message, severity="info" if harmless else "warning")


def _grants(binding: Binding, rules: list[PolicyRule] | None) -> str:
    place = "" if binding.namespace is None else f" in namespace {binding.namespace}"
    if rules and any(_reads_secrets(rule) for rule in rules):
        return f"{place}, and with it reads Secrets"
    powerful = next((rule for rule in rules or () if _is_powerful(rule)), None)
    if powerful is None:
        return place
    verbs = [verb for verb in powerful.verbs if verb not in READ_VERBS] or powerful.verbs
    return f"{place}, and with it {_listed(verbs)} on {_listed(powerful.resources)}"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:_MOST_LISTED]) + (" …" if len(words) > _MOST_LISTED else "")


def _is_public(rule: PolicyRule) -> bool:
    """Whether a rule shows only what the API server shows everybody: health, version, discovery, issuer keys, self reviews."""
    if rule.urls:
        return set(rule.verbs) <= {"get", "head"} and all(url.rstrip("*/") and url.startswith(_PUBLIC_PATHS) for url in rule.urls)
    return set(rule.verbs) <= {"create", "get"} and all(resource.startswith("selfsubject") for resource in rule.resources)


def _is_powerful(rule: PolicyRule) -> bool:
    if rule.urls:
        return False
    reads_only = all(verb in READ_VERBS for verb in rule.verbs) and not any(door in rule.resources for door in DOORS)
    reviews = all(resource.startswith("selfsubject") for resource in rule.resources)
    return not reviews and (not reads_only or _reads_secrets(rule))


def _reads_secrets(rule: PolicyRule) -> bool:
    return any(allows(rule, verb, "", "secrets", name) for verb in (*READ_VERBS, ALL) for name in (rule.names or ("",)))
