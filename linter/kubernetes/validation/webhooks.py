"""Admission webhooks, and how a webhook is reached, which conversion webhooks share.

Source: apis/admissionregistration/validation (`validateValidatingWebhook`, `validateMutatingWebhook`) and
`ValidateWebhookURL`, `ValidateWebhookService` of k8s.io/apiserver pkg/util/webhook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.syntax import key_problem
from linter.kubernetes.scalars.names import dns_1035_label_problem, dns_subdomain_problem
from linter.kubernetes.validation.values import MAX_PORT, not_port, whole
from linter.model import DesiredState, Related, Resource, Route, Violation, items
from linter.wording import shown

_RESOURCE = re.compile(r"[-A-Za-z0-9*./]*\Z")
_REVIEW_VERSIONS = ("v1", "v1beta1")
_MAX_TIMEOUT = 30
_MAX_CONDITIONS = 64


def webhook_configuration_problems(configuration: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a ValidatingWebhookConfiguration or MutatingWebhookConfiguration."""
    names: dict[str, int] = {}
    for index, webhook in enumerate(items(configuration.body.get("webhooks"))):
        if not isinstance(webhook, dict):
            continue
        route: Route = ("webhooks", index)
        name = webhook.get("name")
        if isinstance(name, str) and not state.is_opaque(name):
            if (problem := _qualified_problem(name)) is not None:
                yield Violation((*route, "name"), f"`{shown(name)}` cannot be the name of a webhook: {problem}", fix=_NAME_FIX)
            elif name in names:
                related = (Related("the first webhook of this name", None, ("webhooks", names[name], "name")),)
                yield Violation(
                    (*route, "name"), f"two webhooks have the name `{shown(name)}`", related=related, fix="Give each a name of its own."
                )
            names.setdefault(name, index)
        yield from _webhook(webhook, route)


_NAME_FIX = "Write a name of three or more parts, such as `pods.webhook.example.com`."


def _qualified_problem(name: str) -> str | None:
    problem = dns_subdomain_problem(name)
    if problem is None and name.count(".") < 2:
        return "it must have three parts or more with dots between them"
    return problem


def _webhook(webhook: dict[str, Any], route: Route) -> Iterator[Violation]:
    for index, rule in enumerate(items(webhook.get("rules"))):
        if isinstance(rule, dict):
            yield from rule_problems(rule, (*route, "rules", index))
    effects = webhook.get("sideEffects")
    if effects in ("Some", "Unknown"):
        message = f"sideEffects is {effects}, and only None and NoneOnDryRun are allowed"
        yield Violation((*route, "sideEffects"), message, fix="Write `None`, or `NoneOnDryRun` if it has effects except in a dry run.")
    timeout = whole(webhook.get("timeoutSeconds"))
    if timeout is not None and not 0 < timeout <= _MAX_TIMEOUT:
        yield Violation(
            (*route, "timeoutSeconds"),
            f"timeoutSeconds is {timeout}, and must be between 1 and {_MAX_TIMEOUT}",
            fix="Write 10, or another number of seconds up to 30.",
        )
    config = webhook.get("clientConfig")
    if isinstance(config, dict):
        yield from client_config_problems(config, (*route, "clientConfig"))
    versions = webhook.get("admissionReviewVersions")
    if isinstance(versions, list):
        yield from review_version_problems(versions, (*route, "admissionReviewVersions"))
    yield from condition_problems(webhook.get("matchConditions"), (*route, "matchConditions"))


def rule_problems(rule: dict[str, Any], route: Route, *, subresources: bool = True) -> Iterator[Violation]:
    """What is wrong with a rule that says which requests a webhook or policy sees: what is missing, and wildcards beside others."""
    for field in ("operations", "apiGroups", "apiVersions", "resources"):
        values = rule.get(field)
        if not values and not isinstance(values, (str, dict)):
            fix = 'Write `apiGroups: [""]` for the core group.' if field == "apiGroups" else "Write `*` for all."
            yield Violation((*route, field) if field in rule else route, f"the rule names no {field}", fix=fix, on="key")
        elif isinstance(values, list) and len(values) > 1 and "*" in values and field != "resources":
            yield Violation(
                (*route, field, values.index("*")), f"`*` means all {field}, and cannot stand beside others", fix="Keep only `*`."
            )
        if field in ("apiVersions", "resources") and isinstance(values, list) and "" in values:
            yield Violation((*route, field, values.index("")), f"an entry of {field} is empty")
    resources = [entry for entry in items(rule.get("resources")) if isinstance(entry, str)]
    if len(resources) > 1 and any("*" in entry for entry in resources):
        yield from _wildcards(resources, (*route, "resources"))
    if not subresources and (found := next((entry for entry in resources if "/" in entry), None)) is not None:
        yield Violation((*route, "resources", resources.index(found)), f"`{shown(found)}` is a subresource, which is not allowed here")


def _wildcards(resources: list[str], route: Route) -> Iterator[Violation]:
    if "*/*" in resources:
        yield Violation(
            (*route, resources.index("*/*")), "`*/*` means everything, and cannot stand beside others", fix="Leave `*/*` alone."
        )
        return
    # The API server lets the last entry without a slash decide whether another one stands beside `*`.
    plain = [entry for entry in resources if "/" not in entry and entry]
    if "*" in plain and plain[-1] != "*" and all(map(_RESOURCE.match, resources)):
        yield Violation((*route, resources.index("*")), "`*` means all resources, and cannot stand beside others", fix="Keep only `*`.")
    for index, entry in enumerate(resources):
        resource, slash, sub = entry.partition("/")
        if slash and (earlier := next((one for one in resources[:index] if one in (f"{resource}/*", f"*/{sub}")), None)):
            yield Violation((*route, index), f"`{entry}` is part of `{earlier}`, and cannot stand beside it", fix="Remove it.")


def client_config_problems(config: dict[str, Any], route: Route) -> Iterator[Violation]:
    """What is wrong with how a webhook is reached: by a URL, or by a Service."""
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        message = "clientConfig has neither a url nor a service" if url is None else "clientConfig has both a url and a service"
        yield Violation(route, message, on="key", fix="Write one of them." if url is None else "Keep one of them.")
    elif isinstance(url, str):
        if (problem := _url_problem(url)) is not None:
            yield Violation((*route, "url"), problem, fix="Write it as `https://host/path`.")
    elif isinstance(service, dict):
        for field in ("name", "namespace"):
            if service.get(field) == "":
                yield Violation((*route, "service", field), f"the {field} of the service is empty")
        if not_port(service.get("port")):
            yield Violation((*route, "service", "port"), f"{service['port']} is not a port number")
        path = service.get("path")
        if isinstance(path, str) and path not in ("", "/") and (problem := _path_problem(path)) is not None:
            yield Violation((*route, "service", "path"), f"path `{shown(path)}` {problem}", fix="Write a path such as `/validate`.")


def _url_problem(url: str) -> str | None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return f"`{shown(url)}` is not a URL"
    if parts.scheme.lower() != "https":
        return f"`{shown(url)}` does not begin with https://"
    if not parts.netloc:
        return f"`{shown(url)}` names no host"
    if "@" in parts.netloc:
        return "the URL holds a user, which is not allowed"
    if port is not None and port > MAX_PORT:
        return f"`{shown(url)}` has no valid port"
    if parts.query or parts.fragment:
        return f"the URL has a {'query' if parts.query else 'fragment'}, which is not allowed"
    return None


def _path_problem(path: str) -> str | None:
    if not path.startswith("/"):
        return "does not begin with `/`"
    for step in path[1:].removesuffix("/").split("/"):
        if not step:
            return "has an empty part"
        if (problem := dns_subdomain_problem(step)) is not None:
            return f"has the part `{shown(step)}`, which is no DNS name: {problem}"
    return None


def review_version_problems(versions: list[Any], route: Route) -> Iterator[Violation]:
    """What is wrong with the versions of the review objects that a webhook takes."""
    readable = all(isinstance(version, str) and dns_1035_label_problem(version) is None for version in versions)
    if readable and not any(version in _REVIEW_VERSIONS for version in versions):
        yield Violation(route, "none of the review versions is one that Kubernetes sends", on="key", fix="Add `v1`.")
    for index, version in enumerate(versions):
        if isinstance(version, str):
            if version in versions[:index]:
                yield Violation((*route, index), f"the version `{shown(version)}` is listed twice")
            elif (problem := dns_1035_label_problem(version)) is not None:
                yield Violation((*route, index), f"`{shown(version)}` is not a version: {problem}")


def condition_problems(conditions: object, route: Route) -> Iterator[Violation]:
    """What is wrong with matchConditions beside their expressions: their names, and how many there are."""
    names: set[str] = set()
    entries = items(conditions)
    if len(entries) > _MAX_CONDITIONS:
        yield Violation(route, f"{len(entries)} conditions are listed, and {_MAX_CONDITIONS} are allowed", on="key")
    for index, condition in enumerate(entries):
        if not isinstance(condition, dict):
            continue
        name, expression = condition.get("name"), condition.get("expression")
        if isinstance(name, str):
            if name == "":
                yield Violation((*route, index, "name"), "the condition has no name")
            elif (problem := key_problem(name)) is not None:
                yield Violation(
                    (*route, index, "name"),
                    f"`{shown(name)}` cannot be the name of a condition: {problem}",
                    fix="Write letters, digits, `-`, `_` and `.`.",
                )
            elif name in names:
                yield Violation((*route, index, "name"), f"two conditions have the name `{shown(name)}`")
            names.add(name)
        if isinstance(expression, str) and not expression.strip():
            yield Violation((*route, index, "expression"), "the expression is empty")
