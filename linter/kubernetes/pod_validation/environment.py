"""Environment variables and where they come from. Source: `ValidateEnv`, `ValidateEnvFrom` and the selectors they check;
apimachinery util/validation (`IsEnvVarName`, `IsRelaxedEnvVarName`); the env warnings of `GetWarningsForPod`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from linter.kubernetes.pod_validation.downward import field_violation, resource_field_violations
from linter.kubernetes.pod_validation.texts import bad_path, empty_texts, invalid
from linter.kubernetes.scalars.names import config_key_problem, dns_label_problem, dns_subdomain_problem
from linter.model import Node, Related, Route, Violation, items, mapping
from linter.wording import shown

# Since when nearly any printable character may stand in a name (RelaxedEnvironmentVariableValidation on by default).
RELAXED_SINCE = 32

_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*\Z")
_RELAXED = re.compile(r"[ -<>-~]+\Z")
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_FROM_SOURCES = ("configMapRef", "secretRef")


@lru_cache(maxsize=4096)
def variable_name_problem(name: str, minor: int) -> str | None:
    """What is wrong with the name of an environment variable for Kubernetes 1.`minor`, or None."""
    if minor >= RELAXED_SINCE:
        if _RELAXED.match(name):
            return None
        return "it holds a `=`" if "=" in name else "it is empty" if not name else "it holds characters other than printable ASCII"
    if not _NAME.match(name):
        allowed = "letters, digits, `_`, `-` and `.` are allowed, and it may not begin with a digit"
        return f"{allowed} (before Kubernetes 1.{RELAXED_SINCE})"
    return "it may not begin with `..`" if name == "." or name.startswith("..") else None


def environment_violations(container: Node, minor: int) -> Iterator[Violation]:
    """What is wrong in `env` and `envFrom` of a container."""
    for index, entry in enumerate(items(container.value.get("env"))):
        if not isinstance(entry, dict):
            continue
        name = entry.get("name")
        if isinstance(name, str) and (problem := variable_name_problem(name, minor)) is not None:
            route = (*container.route, "env", index, "name")
            yield Violation(route, invalid("the name of the variable", name, problem))
        source = entry.get("valueFrom")
        if isinstance(source, dict):
            yield from _source(entry, source, (*container.route, "env", index), minor)
    for index, entry in enumerate(items(container.value.get("envFrom"))):
        if entry is None:
            yield Violation((*container.route, "envFrom", index), "an entry of envFrom is empty")
        elif isinstance(entry, dict):
            yield from _from(entry, (*container.route, "envFrom", index), minor)


def repeated_variables(container: Node) -> Iterator[Violation]:
    """Variables that a later entry of the same name hides. One whose value refers to the earlier one only adds to it."""
    entries = items(container.value.get("env"))
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or first.setdefault(name, index) == index:
            continue
        value, reference = entry.get("value"), f"$({name})"
        if entry.get("valueFrom") is None and isinstance(value, str) and reference in value and value != reference:
            continue
        yield Violation(
            (*container.route, "env", index, "name"),
            f"the variable {shown(name)} is set twice in this container, and the last one wins",
            related=(Related("the first of them", container.resource, (*container.route, "env", first[name], "name")),),
        )


def _source(entry: dict[str, Any], source: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    given = [field for field in _SOURCES if source.get(field) is not None]
    name = shown(str(entry.get("name")))
    if not given:
        # A field that valueFrom does not have is reported as unknown.
        if all(field in _SOURCES for field in source):
            listed = ", ".join(f"`{field}`" for field in _SOURCES[:4])
            yield Violation((*route, "valueFrom"), f"valueFrom of the variable {name} has no source; it needs one of {listed}")
        return
    if entry.get("value") not in (None, ""):
        yield Violation((*route, "valueFrom"), f"the variable {name} has both a value and valueFrom", on="key", fix="Keep one of the two.")
    elif len(given) > 1:
        yield Violation(
            (*route, "valueFrom"), f"valueFrom of the variable {name} has {len(given)} sources ({', '.join(given)}) and may have one"
        )
    for field in given:
        body = mapping(source[field])
        at = (*route, "valueFrom", field)
        if field == "fieldRef":
            violation = field_violation(body, at, minor, volume=False)
            if violation is not None:
                yield violation
        elif field == "resourceFieldRef":
            yield from resource_field_violations(body, at, volume=False)
        elif field == "fileKeyRef":
            yield from _file_key(body, at)
        else:
            yield from _object_name(body, at, "ConfigMap" if field == "configMapKeyRef" else "Secret")
            key = body.get("key")
            if isinstance(key, str) and (problem := config_key_problem(key)) is not None:
                yield Violation((*at, "key"), invalid("the key", key, problem))


def _file_key(body: dict[str, Any], at: Route) -> Iterator[Violation]:
    yield from empty_texts(body, ("path", "volumeName"), at, "a fileKeyRef")
    key, volume = body.get("key"), body.get("volumeName")
    if isinstance(key, str) and (problem := variable_name_problem(key, RELAXED_SINCE)) is not None:
        yield Violation((*at, "key"), invalid("the key", key, problem))
    if isinstance(volume, str) and volume and (problem := dns_label_problem(volume)) is not None:
        yield Violation((*at, "volumeName"), f"the volume name `{shown(volume)}` is not valid: {problem}")
    if (violation := bad_path(body, "path", lambda path: "it may not hold `..`" if ".." in path.split("/") else None, at)) is not None:
        yield violation


def _from(entry: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    prefix = entry.get("prefix")
    if isinstance(prefix, str) and prefix and (problem := variable_name_problem(prefix, minor)) is not None:
        yield Violation((*route, "prefix"), f"the prefix `{shown(prefix)}` is not valid: {problem}")
    given = [field for field in _FROM_SOURCES if entry.get(field) is not None]
    if len(given) > 1:
        yield Violation(route, "an entry of envFrom has both a configMapRef and a secretRef, and may have one", fix="Write two entries.")
    elif not given and all(field in ("prefix", *_FROM_SOURCES) for field in entry):
        yield Violation(route, "an entry of envFrom names neither a ConfigMap nor a Secret")
    for field in given:
        yield from _object_name(mapping(entry[field]), (*route, field), "ConfigMap" if field == "configMapRef" else "Secret")


def _object_name(body: dict[str, Any], at: Route, kind: str) -> Iterator[Violation]:
    name = body.get("name")
    if name is None:
        yield Violation((*at, "name"), f"no {kind} is named here")
    elif isinstance(name, str) and (problem := dns_subdomain_problem(name)) is not None:
        yield Violation((*at, "name"), invalid(f"the name of the {kind}", name, problem))
