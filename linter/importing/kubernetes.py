"""Makes the table of the schemas of built-in kinds from the PyPI package kubernetes-validate.

The package holds, for each version of Kubernetes, the definitions of its OpenAPI document as JSON Schemas. They agree
over versions for the most part, so the table writes each field of each definition once, with the versions that have it.
`linter.kubernetes.schemas.table` reads the table and says how it is written.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from linter.errors import UsageError
from linter.importing.enumerations import named_fields, words_of

TABLE = "definitions.txt.z"
README = "README.md"

_FOLDER = re.compile(r"v1\.(\d+)\.0-local-strict")
_OBJECT_META = "meta.v1.ObjectMeta"
# Definitions that are a single value. A letter each; `linter.kubernetes.schemas.table` lists what the letters mean.
_VALUES = {"meta.v1.Time": "t", "meta.v1.MicroTime": "t", "api.resource.Quantity": "q", "util.intstr.IntOrString": "p"}
# Definitions that the documents leave open. A schema of properties or items is no list in apiextensions/v1.
_MEANT = {
    "apiextensions.v1.JSONSchemaPropsOrArray": "apiextensions.v1.JSONSchemaProps",
    "apiextensions.v1.JSONSchemaPropsOrBool": "apiextensions.v1.JSONSchemaPropsOrBool",
}
_LETTERS = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "object": "o"}

# Required by the documents, and not by the API server: it takes the zero value, or an empty object. Source:
# pkg/apis/*/validation and the defaults of Kubernetes.
_NOT_ENFORCED = {
    "apiextensions.v1.CustomResourceDefinitionVersion": {"served", "storage"},
    "batch.v1.PodFailurePolicy": {"rules"},
    "core.v1.Event": {"involvedObject"},
    "core.v1.HTTPHeader": {"value"},
    "core.v1.ISCSIPersistentVolumeSource": {"lun"},
    "core.v1.ISCSIVolumeSource": {"lun"},
    "core.v1.LimitRangeSpec": {"limits"},
    "core.v1.PreferredSchedulingTerm": {"preference"},
    "core.v1.ScaleIOPersistentVolumeSource": {"secretRef"},
    "core.v1.ScaleIOVolumeSource": {"secretRef"},
    "core.v1.SleepAction": {"seconds"},
    "core.v1.Sysctl": {"value"},
    "discovery.v1.ForZone": {"name"},
    "resource.v1.DeviceCapacity": {"value"},
    "resource.v1.ResourcePool": {"generation"},
    "resource.v1beta1.ResourcePool": {"generation"},
    "resource.v1beta2.DeviceCapacity": {"value"},
    "resource.v1beta2.ResourcePool": {"generation"},
    "storage.v1.CSIDriver": {"spec"},
    "storage.v1.CSINode": {"spec"},
    "storage.v1.CSINodeSpec": {"drivers"},
    "storage.v1.TokenRequest": {"audience"},
}
# Refused without, though the documents do not say so.
_ENFORCED = {
    "admissionregistration.v1.MutatingAdmissionPolicy": {"spec"},
    "admissionregistration.v1.MutatingAdmissionPolicyBinding": {"spec"},
    "admissionregistration.v1.ValidatingAdmissionPolicy": {"spec"},
    "apiregistration.v1.APIService": {"spec"},
    "batch.v1.Job": {"spec"},
    "batch.v1.JobTemplateSpec": {"spec"},
    "core.v1.PersistentVolume": {"spec"},
    "core.v1.PersistentVolumeClaim": {"spec"},
    "core.v1.Pod": {"spec"},
    "core.v1.PodTemplateSpec": {"spec"},
    "core.v1.ReplicationController": {"spec"},
    "core.v1.Service": {"spec"},
    "networking.v1.Ingress": {"spec"},
    "networking.v1.IngressClass": {"spec"},
}
# An object that is required must not be left empty either. Only under these names: elsewhere the API server makes an empty
# object of it, and accepts that.
_NEVER_EMPTY = {"spec", "selector", "template", "jobTemplate", "roleRef", "scaleTargetRef", "backend"}


class _Range(NamedTuple):
    first: int
    last: int


def import_kubernetes(package_dir: str) -> dict[str, bytes]:
    """The files of schemas/kubernetes/, by name, made from an unpacked kubernetes-validate wheel.

    `package_dir` is the folder that holds `kubernetes_validate/`, or that folder itself. Equal input makes equal files.
    Raises UsageError if the folder holds no such package, or one with definitions that are not as expected.
    """
    versions = _read(package_dir)
    text = _table_text(versions)
    release = _release(package_dir)
    return {TABLE: zlib.compress(text.encode(), 9), README: _readme(release, min(versions), max(versions)).encode()}


def _read(package_dir: str) -> dict[int, dict[str, Any]]:
    """The definitions of each minor version, by short name."""
    inner = os.path.join(package_dir, "kubernetes_validate")
    folder = os.path.join(inner if os.path.isdir(inner) else package_dir, "kubernetes-json-schema")
    found: dict[int, dict[str, Any]] = {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        match = _FOLDER.fullmatch(name)
        if match is not None:
            path = os.path.join(folder, name, "_definitions.json")
            try:
                with open(path, encoding="utf-8") as file:
                    definitions = json.load(file)["$defs"]
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise UsageError(f"{path} cannot be read: {error}") from None
            found[int(match[1])] = {_short(long): schema for long, schema in definitions.items()}
            if len(found[int(match[1])]) != len(definitions):
                raise UsageError(f"{name}: two definitions have one short name")
    if not found:
        raise UsageError(f"{package_dir} holds no kubernetes-validate package (expected kubernetes-json-schema/v1.NN.0-local-strict/)")
    return dict(sorted(found.items()))


def _short(name: str) -> str:
    """`io.k8s.api.core.v1.Container` -> `core.v1.Container`."""
    return ".".join(name.split(".")[-3:])


def _table_text(versions: Mapping[int, dict[str, Any]]) -> str:
    first, last = min(versions), max(versions)
    reached = {minor: _reached(definitions) for minor, definitions in versions.items()}
    values = {minor: _values(definitions) for minor, definitions in versions.items()}
    lines: dict[str, dict[int, dict[str, str]]] = {}
    for minor, names in reached.items():
        for name in names:
            definition = versions[minor][name]
            required = _required(name, versions)
            lines.setdefault(name, {})[minor] = {
                field: "*"
                if field == "status" and _is_object(definition)
                else _token(name, field, node, field in required, minor, values[minor])
                for field, node in definition["properties"].items()
            }
    _check_enumerations(lines)
    blocks = [f"{first}-{last}", _index(versions)]
    for name in sorted(lines):
        by_version = lines[name]
        known = _Range(min(by_version), max(by_version))
        block = [f"{name}{_range_text(known, _Range(first, last))}"]
        for field in sorted({field for fields in by_version.values() for field in fields}):
            for token, span in _runs({minor: fields[field] for minor, fields in by_version.items() if field in fields}):
                block.append(f"{field}\t{token}{_range_text(span, known)}")
        blocks.append("\n".join(block))
    return "\n\n".join(blocks) + "\n"


def _runs(tokens: Mapping[int, str]) -> Iterator[tuple[str, _Range]]:
    """Equal tokens of versions that follow each other, with the versions they hold for."""
    start = previous = min(tokens)
    for minor in sorted(tokens):
        if minor > previous + 1 or tokens[minor] != tokens[start]:
            yield tokens[start], _Range(start, previous)
            start = minor
        previous = minor
    yield tokens[start], _Range(start, previous)


def _range_text(span: _Range, whole: _Range) -> str:
    """Nothing for the whole range, else `\\t28-` (since), `\\t-30` (until) or `\\t27-30`."""
    if span == whole:
        return ""
    return f"\t{'' if span.first == whole.first else span.first}-{'' if span.last == whole.last else span.last}"


def _index(versions: Mapping[int, dict[str, Any]]) -> str:
    """The kinds of each API version, with the versions of Kubernetes that have them: `apps/v1 apps.v1 Deployment …`."""
    spans: dict[tuple[str, str, str], list[int]] = {}
    for minor, definitions in versions.items():
        for name, definition in definitions.items():
            if _is_object(definition):
                group, version, kind = (definition["x-kubernetes-group-version-kind"][0][key] for key in ("group", "version", "kind"))
                package, _, last = name.rpartition(".")
                if last != kind:
                    raise UsageError(f"the definition {name} is of the kind {kind}")
                spans.setdefault((f"{group}/{version}" if group else version, package, kind), []).append(minor)
    whole = _Range(min(versions), max(versions))
    rows: dict[str, list[str]] = {}
    for (api_version, package, kind), minors in sorted(spans.items()):
        span = _Range(min(minors), max(minors))
        if len(minors) != span.last - span.first + 1:
            raise UsageError(f"{api_version} {kind} was gone for some versions of Kubernetes, which the table cannot say")
        rows.setdefault(f"{api_version} {package}", []).append(kind + _range_text(span, whole).replace("\t", "@"))
    return "\n".join(f"{head} {' '.join(kinds)}" for head, kinds in rows.items())


def _is_object(definition: Mapping[str, Any]) -> bool:
    """Whether a definition is that of one kind whose objects can stand in a manifest; lists of a kind are taken apart."""
    kinds = definition.get("x-kubernetes-group-version-kind", ())
    metadata = definition.get("properties", {}).get("metadata", {}).get("$ref", "")
    return len(kinds) == 1 and _short(metadata) == _OBJECT_META


def _reached(definitions: Mapping[str, Any]) -> set[str]:
    """The definitions that objects consist of. What is below `status` is not judged, and left out."""
    found: set[str] = set()
    waiting = [name for name, definition in definitions.items() if _is_object(definition)]
    while waiting:
        name = waiting.pop()
        definition = definitions[name]
        if name in found or "properties" not in definition:
            continue
        found.add(name)
        for field, node in definition["properties"].items():
            if not (field == "status" and _is_object(definition)):
                waiting += _references(node)
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield _short(node["$ref"])
        yield from _references(node.get("items"))
        yield from _references(node.get("additionalProperties"))


def _required(name: str, versions: Mapping[int, dict[str, Any]]) -> set[str]:
    """The fields without which the API server refuses an object, in every version.

    What a document once required and later did not was never enforced; and what the newest one requires was refused in
    earlier versions as well, though their documents did not say so: a version of an API never becomes stricter.
    """
    newest = max(minor for minor, definitions in versions.items() if name in definitions)
    return set(versions[newest][name].get("required", ())) - _NOT_ENFORCED.get(name, set()) | _ENFORCED.get(name, set())


def _values(definitions: Mapping[str, Any]) -> dict[str, str]:
    """The letters of definitions that have no fields: single values, any mapping ("o"), any value ("*")."""
    return {
        name: _VALUES.get(name, "o" if "type" in definition else "*")
        for name, definition in definitions.items()
        if "properties" not in definition
    }


def _token(name: str, field: str, node: Mapping[str, Any], required: bool, minor: int, values: Mapping[str, str]) -> str:
    kind = _kind(f"{name}.{field}", node, values)
    words = words_of(name, field, minor)
    token = f"{kind}={'|'.join(words)}" if words else kind
    if not required:
        return token
    return f"!!{token}" if field in _NEVER_EMPTY and "$ref" in node else f"!{token}"


def _kind(place: str, node: Mapping[str, Any], values: Mapping[str, str]) -> str:
    """What a field holds, in the letters of the table. `place` is the definition and the field."""
    if "$ref" in node:
        target = _short(node["$ref"])
        target, values = (_MEANT[target], {}) if target in _MEANT else (target, values)
        package, _, own = target.rpartition(".")
        return values.get(target) or (own if place.startswith(f"{package}.") and place.count(".") == target.count(".") + 1 else target)
    types = node.get("type")
    type_ = next((word for word in types if word != "null"), None) if isinstance(types, list) else types
    if type_ == "array":
        return f"[{_kind(place, node['items'], values)}"
    if type_ == "object" and isinstance(node.get("additionalProperties"), dict):
        return f"{{{_kind(place, node['additionalProperties'], values)}"
    if type_ is None and not set(node) - {"description"}:
        return "*"
    if type_ not in _LETTERS:
        raise UsageError(f"{place} has a schema of an unknown shape")
    formats = {("integer", "int64"): "l", ("string", "byte"): "y"}
    return formats.get((type_, str(node.get("format"))), _LETTERS[type_])


def _check_enumerations(lines: Mapping[str, Mapping[int, Mapping[str, str]]]) -> None:
    """Every field that takes words must exist; a name that was mistyped would otherwise go unnoticed."""
    known = {
        f"{name.rpartition('.')[2]}.{field}" for name, by_version in lines.items() for fields in by_version.values() for field in fields
    }
    missing = sorted(entry for entry in named_fields() if entry.split(" ")[1] not in known)
    if missing:
        raise UsageError(f"no definition has the fields {', '.join(missing)}")


def _release(package_dir: str) -> str:
    """The version of the package, or "unknown version"."""
    for folder in (package_dir, os.path.dirname(os.path.abspath(package_dir))):
        for name in sorted(os.listdir(folder)):
            match = re.fullmatch(r"kubernetes_validate-(.+)\.dist-info", name)
            if match is not None:
                return match[1]
    return "unknown version"


def _readme(release: str, first: int, last: int) -> str:
    return f"""# Schemas of the kinds built into Kubernetes

`{TABLE}` says which fields the objects of Kubernetes 1.{first} to 1.{last} have, and what each may hold. It is made and
not edited:

```console
$ pip install kubernetes-validate=={release if release[0].isdigit() else "…"}
$ gitops-lint schema import-kubernetes
```

- **Origin**: the OpenAPI documents of Kubernetes 1.{first}.0 to 1.{last}.0, as JSON Schemas in the PyPI package
  [kubernetes-validate](https://pypi.org/project/kubernetes-validate/) {release}. Both are published under the Apache License 2.0.
- **Taken over**: names, types and required fields. No descriptions, and nothing below `status`.
- **Changed**: a quantity, a port or a percentage is text or a number, or nothing; a field is required in every version if the newest
  one requires it and the API server refuses objects without; `spec`, `selector`, `template`, `jobTemplate`, `roleRef`, `scaleTargetRef`
  and `backend` must not be empty where they are required; whole numbers have the range of their type.
- **Added**: a few fields that only the API server requires; the words that a field accepts, from the constants of the Go modules
  k8s.io/api and k8s.io/apiextensions-apiserver.

The file is text, compressed with zlib: the range of versions, the kinds of each API version, and a block for each definition with a
line for each field: its name, what it holds, and the versions that have it (`28-` since 1.28, `-30` until 1.30). The module
`linter.kubernetes.schemas.table` explains the letters.
"""
