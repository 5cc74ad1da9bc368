"""CustomResourceDefinitions: names, versions, conversion and printer columns.

Source: `ValidateCustomResourceDefinition` in k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import dns_1035_label_problem, dns_subdomain_problem
from linter.kubernetes.validation.structural_schemas import schema_problems
from linter.kubernetes.validation.webhooks import client_config_problems, review_version_problems
from linter.model import DesiredState, Related, Resource, Route, Violation, items, mapping
from linter.wording import shown

_COLUMN_TYPES = ("integer", "number", "string", "boolean", "date")
_COLUMN_FORMATS = ("int32", "int64", "float", "double", "byte", "binary", "date", "date-time", "password")
_PROTECTED = ("k8s.io", "kubernetes.io")
_APPROVAL = "api-approved.kubernetes.io"


def definition_problems(definition: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a CustomResourceDefinition of apiextensions.k8s.io/v1."""
    spec = definition.spec
    if definition.api_version != "apiextensions.k8s.io/v1" or not spec:
        return
    group, names = spec.get("group"), mapping(spec.get("names"))
    if isinstance(group, str):
        yield from _group(definition, group)
        plural = names.get("plural")
        if isinstance(plural, str) and definition.name and not any(map(state.is_opaque, (definition.name, group, plural))):
            expected = f"{plural}.{group}"
            if definition.name != expected:
                related = (Related("the plural name", None, ("spec", "names", "plural")), Related("the group", None, ("spec", "group")))
                yield Violation(
                    ("metadata", "name"), f"the name of this definition must be its plural and group, `{expected}`", related=related
                )
    yield from _names(names)
    versions = items(spec.get("versions"))
    if versions or spec.get("versions") == []:
        yield from _versions(versions)
    if spec.get("preserveUnknownFields") is True:
        message = "preserveUnknownFields is true, which apiextensions.k8s.io/v1 does not allow"
        fix = "Remove it, and write `x-kubernetes-preserve-unknown-fields: true` in the schema where it is meant."
        yield Violation(("spec", "preserveUnknownFields"), message, fix=fix)
    conversion = spec.get("conversion")
    if isinstance(conversion, dict):
        yield from _conversion(conversion)


def _group(definition: Resource, group: str) -> Iterator[Violation]:
    problem = dns_subdomain_problem(group)
    if problem is None and "." not in group:
        problem = "it must have a dot in it"
    if problem is not None:
        yield Violation(("spec", "group"), f"group `{shown(group)}` is not valid: {problem}")
    elif group.endswith(tuple(f".{suffix}" for suffix in _PROTECTED)) or group in _PROTECTED:
        approval = mapping(definition.metadata.get("annotations")).get(_APPROVAL)
        if not approval:
            message = f"the group `{group}` belongs to the Kubernetes project, and the definition has no annotation {_APPROVAL}"
            yield Violation(("spec", "group"), message, fix="Use a group of your own domain, or name the approval in the annotation.")


def _names(names: dict[str, Any]) -> Iterator[Violation]:
    route: Route = ("spec", "names")
    for field in ("plural", "singular", "kind", "listKind"):
        value = names.get(field)
        if not isinstance(value, str) or not value:
            continue
        problem = dns_1035_label_problem(value.lower() if field in ("kind", "listKind") else value)
        if problem is not None:
            yield Violation((*route, field), f"{field} `{shown(value)}` is not valid: {problem}")
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield Violation((*route, "listKind"), "listKind is the kind itself", fix=f"Write `{names['kind']}List`, or remove it.")
    for field, what in (("shortNames", "short name"), ("categories", "category")):
        for index, value in enumerate(items(names.get(field))):
            if isinstance(value, str) and (problem := dns_1035_label_problem(value)) is not None:
                yield Violation((*route, field, index), f"{what} `{shown(value)}` is not valid: {problem}")


def _versions(versions: list[Any]) -> Iterator[Violation]:
    stored = [index for index, version in enumerate(versions) if mapping(version).get("storage") is True]
    if not stored and all(
        version and isinstance(version, dict) and isinstance(version.get("storage"), bool | None) for version in versions
    ):
        yield Violation(
            ("spec", "versions"), "no version is the one that is stored", on="key", fix="Write `storage: true` for one of them."
        )
    for index in stored[1:]:
        related = (Related("the first version that is stored", None, ("spec", "versions", stored[0], "storage")),)
        yield Violation(("spec", "versions", index, "storage"), "a second version is marked as the one that is stored", related=related)
    seen: set[str] = set()
    for index, version in enumerate(versions):
        if not isinstance(version, dict):
            continue
        route: Route = ("spec", "versions", index)
        name = version.get("name")
        if isinstance(name, str):
            if name in seen:
                yield Violation((*route, "name"), f"two versions have the name `{shown(name)}`")
            elif (problem := dns_1035_label_problem(name)) is not None:
                yield Violation((*route, "name"), f"`{shown(name)}` cannot be the name of a version: {problem}")
            seen.add(name)
        if version.get("deprecationWarning") is not None and version.get("deprecated") in (None, False):
            message = "deprecationWarning is allowed only with `deprecated: true`"
            yield Violation((*route, "deprecationWarning"), message, on="key")
        elif version.get("deprecationWarning") == "":
            yield Violation((*route, "deprecationWarning"), "deprecationWarning is empty", fix="Remove it.")
        for place, column in enumerate(items(version.get("additionalPrinterColumns"))):
            if isinstance(column, dict):
                yield from _column(column, (*route, "additionalPrinterColumns", place))
        schema = mapping(version.get("schema")).get("openAPIV3Schema")
        if schema is None and version and isinstance(version.get("schema"), dict | None):
            yield Violation(route, f"version {name} has no schema", fix="Write `schema.openAPIV3Schema`; `type: object` is the least.")
        elif isinstance(schema, dict):
            yield from schema_problems(schema, (*route, "schema", "openAPIV3Schema"))


def _column(column: dict[str, Any], route: Route) -> Iterator[Violation]:
    if column.get("name") == "":
        yield Violation((*route, "name"), "the column has no name")
    kind, style, path = column.get("type"), column.get("format"), column.get("jsonPath")
    if isinstance(kind, str) and kind not in _COLUMN_TYPES:
        yield Violation((*route, "type"), f"`{shown(kind)}` is not one of {', '.join(_COLUMN_TYPES)}", fix="Write one of them.")
    if isinstance(style, str) and style and style not in _COLUMN_FORMATS:
        yield Violation((*route, "format"), f"`{shown(style)}` is not one of {', '.join(_COLUMN_FORMATS)}")
    if path == "":
        yield Violation((*route, "jsonPath"), "jsonPath is empty")
    elif isinstance(path, str) and not path.startswith("."):
        yield Violation(
            (*route, "jsonPath"), f"jsonPath `{shown(path)}` does not begin with a dot", fix=f"Write `.{path.lstrip('{$.').rstrip('}')}`."
        )


def _conversion(conversion: dict[str, Any]) -> Iterator[Violation]:
    webhook = conversion.get("webhook")
    route: Route = ("spec", "conversion", "webhook")
    if conversion.get("strategy") != "Webhook":
        if conversion.get("strategy") == "None" and mapping(webhook):
            yield Violation(route, "a webhook is allowed only with `strategy: Webhook`", on="key", fix="Remove it, or change the strategy.")
        return
    if webhook is None:
        yield Violation(
            ("spec", "conversion"), "the strategy Webhook needs the field `webhook`", on="key", fix="Add `webhook` with its clientConfig."
        )
        return
    if not isinstance(webhook, dict):
        return
    config = webhook.get("clientConfig")
    if config is None:
        yield Violation(route, "the webhook has no clientConfig", on="key")
    elif isinstance(config, dict):
        yield from client_config_problems(config, (*route, "clientConfig"))
    versions = webhook.get("conversionReviewVersions")
    if isinstance(versions, list):
        yield from review_version_problems(versions, (*route, "conversionReviewVersions"))
