"""openAPIV3Schema of a CustomResourceDefinition -> JSON Schema that accepts what the API server accepts.

Source: "Extend the Kubernetes API with CustomResourceDefinitions" in the Kubernetes documentation (structural schemas, pruning,
nullable), k8s.io/apiextensions-apiserver (pkg/apiserver/schema: pruning, defaulting, objectmeta) and k8s.io/kube-openapi
(pkg/validation/validate). The result is for objects whose defaults are filled in and whose nulls are dropped as
`linter.kubernetes.definitions.defaulting` does it, and knows nothing of validation rules and of lists that are sets or maps.

In one point this is stricter than the API server, which lets a list through where a string has a format.

Only known keywords are taken over, so nothing in a definition can refer to another document, or to itself.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Mapping
from typing import Any

from linter.kubernetes.definitions.formats import checked_format
from linter.model import items, mapping

Schema = dict[str, Any]

# As many parts of a schema are read; the largest definition in use (ApplicationSet of Argo CD) has some 20,000.
MAX_PARTS = 150_000

_LIMITS = ("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties")
_INT32, _INT64 = (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)
_PLAIN = frozenset({"type", "description"})
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_ANY_TYPE = ("object", "array", "string", "number", "boolean")
_TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean"})

# Source: `ObjectMeta` in k8s.io/apimachinery, pkg/apis/meta/v1. Null stands for absence in all of it. What the values of
# labels and annotations may be is judged for objects of every kind, and `managedFields` is written by the API server.
OBJECT_META: Schema = {
    "type": ["object", "null"],
    "properties": {
        **{name: {"type": ["string", "null"]} for name in ("generateName", "name", "namespace", "resourceVersion", "selfLink", "uid")},
        **{name: {"type": ["string", "null"]} for name in ("creationTimestamp", "deletionTimestamp")},
        **{name: {"type": ["integer", "null"]} for name in ("deletionGracePeriodSeconds", "generation")},
        "annotations": {"type": ["object", "null"]},
        "labels": {"type": ["object", "null"]},
        "finalizers": {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
        "managedFields": {},
        "ownerReferences": {
            "type": ["array", "null"],
            "items": {
                "type": ["object", "null"],
                "properties": {
                    **{name: {"type": ["string", "null"]} for name in ("apiVersion", "kind", "name", "uid")},
                    **{name: {"type": ["boolean", "null"]} for name in ("blockOwnerDeletion", "controller")},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


class TooLargeError(Exception):
    """A schema with more parts than are read."""


def convert(schema: Mapping[str, Any], api_version: str, kind: str, *, prunes: bool = True) -> Schema:
    """The JSON Schema (draft 2020-12) of whole objects with an openAPIV3Schema. Equal parts stand once, under `$defs`.

    `prunes` says whether the API server removes fields that the schema does not know; they are mistakes then. The status
    is not described: the API server takes none from manifests.

    Raises TooLargeError.
    """
    converter = _Converter(prunes)
    root = converter.structural(schema, root=True)
    meta = _metadata(mapping(mapping(schema.get("properties")).get("metadata")))
    root["properties"] = {
        "apiVersion": {"enum": [api_version]},
        "kind": {"enum": [kind]},
        "metadata": meta,
        **{name: part for name, part in root.get("properties", {}).items() if name not in ("apiVersion", "kind", "metadata", "status")},
        "status": {},
    }
    root["type"] = "object"
    root["required"] = [name for name in root.get("required", ()) if name not in ("apiVersion", "kind", "metadata", "status")]
    return converter.with_definitions(root)


class _Converter:
    def __init__(self, prunes: bool) -> None:
        self._prunes = prunes
        self._parts = 0
        # Converted parts by the identity of what they were made of: shipped schemas share theirs.
        self._known: dict[tuple[int, bool, bool], Schema] = {}
        self._numbers: dict[bytes, int] = {}
        self._shared: list[Schema] = []
        self._uses: list[int] = []

    def structural(self, node: Mapping[str, Any], *, root: bool = False, preserved: bool = False, field: bool = False) -> Schema:
        """A part that describes values: their types, and which fields exist. `preserved` if unknown fields stay, `field` for what
        stands in a mapping, where a null that is not nullable is as good as nothing."""
        self._count()
        preserves = preserved or node.get("x-kubernetes-preserve-unknown-fields") is True
        embedded = node.get("x-kubernetes-embedded-resource") is True
        found: Schema = {}
        types = _types(node)
        nullable = node.get("nullable") is True
        if types:
            found["type"] = [*types, "null"] if nullable else types[0] if len(types) == 1 else types
        elif field and not nullable:
            found["type"] = list(_ANY_TYPE)
        properties = mapping(node.get("properties"))
        additional = node.get("additionalProperties")
        if properties or embedded:
            found["properties"] = {
                name: self._inner(mapping(part), field=True) for name, part in properties.items() if name != "status" or not root
            }
            if embedded:
                found["properties"] |= {
                    "apiVersion": {"type": "string", "minLength": 1}, "kind": {"type": "string", "minLength": 1},
                    "metadata": _metadata(mapping(properties.get("metadata"))),
                }  # fmt: skip
        if isinstance(additional, dict):
            found["additionalProperties"] = self._inner(additional, field=True)
        elif additional is None and not preserves and self._prunes and ("object" in types or (properties and not types)):
            found["additionalProperties"] = False
        if isinstance(node.get("items"), dict):
            found["items"] = self._inner(node["items"], preserved=preserves)
        required = _required(node, properties) + [name for name in ("apiVersion", "kind") if embedded]
        if required:
            found["required"] = list(dict.fromkeys(required))
        self._values(node, types, found)
        logic = self._logic_of(node)
        if logic and nullable:
            found |= {"if": {"type": "null"}, "else": logic}
        else:
            found |= logic
        return found

    def logic(self, node: Mapping[str, Any]) -> Schema:
        """A part below allOf, anyOf, oneOf or not: it says which values are right, and nothing about which fields exist."""
        self._count()
        found: Schema = {}
        types = _types(node)
        if types:
            found["type"] = types[0] if len(types) == 1 else types
        for key in ("properties", "patternProperties"):
            if isinstance(node.get(key), dict):
                found[key] = {name: self.logic(mapping(part)) for name, part in node[key].items()}
        for key in ("items", "additionalProperties"):
            if isinstance(node.get(key), dict):
                found[key] = self.logic(node[key])
        required = _required(node, {})
        if required:
            found["required"] = required
        self._values(node, types or ["string"], found)
        return found | self._logic_of(node)

    def with_definitions(self, root: Schema) -> Schema:
        """The whole schema, with what it uses several times under `$defs`, and the rest where it is used."""
        several = {number for number, uses in enumerate(self._uses) if uses > 1}
        names: dict[int, str] = {number: str(index) for index, number in enumerate(sorted(several))}
        done: dict[int, Schema] = {}

        def settled(part: Any) -> Any:
            if isinstance(part, dict):
                number = part.get("$part")
                if isinstance(number, int):
                    if number in several:
                        return {"$ref": f"#/$defs/{names[number]}"}
                    return settled(self._shared[number])
                return {key: settled(value) for key, value in part.items()}
            return [settled(entry) for entry in part] if isinstance(part, list) else part

        for number in several:
            done[number] = settled(self._shared[number])
        whole: Schema = settled(root)
        if names:
            whole["$defs"] = {name: done[number] for number, name in names.items()}
        return whole

    def _inner(self, node: Mapping[str, Any], *, preserved: bool = False, field: bool = False) -> Schema:
        """A structural part, as a mark of where to find it if it is worth being shared."""
        if node.keys() <= _PLAIN and node.get("type") in _SCALARS:
            self._count()
            return {"type": "integer", "minimum": _INT64[0], "maximum": _INT64[1]} if node["type"] == "integer" else {"type": node["type"]}
        key = (id(node), preserved, field)
        known = self._known.get(key)
        if known is None:
            found = self.structural(node, preserved=preserved, field=field)
            known = self._mark(found) if len(found) > 2 or "properties" in found else found
            self._known[key] = known
        if "$part" in known:
            self._uses[known["$part"]] += 1
        return known

    def _mark(self, part: Schema) -> Schema:
        content = marshal.dumps(part, 2)
        number = self._numbers.setdefault(content, len(self._shared))
        if number == len(self._shared):
            self._shared.append(part)
            self._uses.append(0)
        return {"$part": number}

    def _count(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise TooLargeError

    def _logic_of(self, node: Mapping[str, Any]) -> Schema:
        found: Schema = {}
        for key in ("allOf", "anyOf", "oneOf"):
            branches = [self.logic(mapping(branch)) for branch in items(node.get(key))]
            if branches and not (key == "anyOf" and node.get("x-kubernetes-int-or-string") is True and _says_int_or_string(node[key])):
                found[key] = branches
        if isinstance(node.get("not"), dict):
            found["not"] = self.logic(node["not"])
        return found

    @staticmethod
    def _values(node: Mapping[str, Any], types: list[str], found: Schema) -> None:
        """What a part says about single values, put into `found`."""
        for key in _LIMITS:
            limit = node.get(key)
            if isinstance(limit, int | float) and not isinstance(limit, bool) and limit >= 0:
                found[key] = int(limit)
        for key, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            bound = node.get(key)
            if isinstance(bound, int | float) and not isinstance(bound, bool):
                found[exclusive if node.get(exclusive) is True else key] = bound
        multiple = node.get("multipleOf")
        if isinstance(multiple, int | float) and not isinstance(multiple, bool) and multiple > 0:
            found["multipleOf"] = multiple
        if isinstance(node.get("pattern"), str) and node["pattern"]:
            found["pattern"] = node["pattern"]
        if isinstance(node.get("enum"), list) and node["enum"]:
            # A null has to be among them, be the value nullable or not.
            found["enum"] = list(node["enum"])
        _add_format(node.get("format"), types, found)


def _add_format(name: object, types: list[str], found: Schema) -> None:
    if "integer" in types:
        # Whatever the format: the API server reads whole numbers into 64 bits.
        least, most = _INT32 if name == "int32" and types == ["integer"] else _INT64
        if not any(key in found and found[key] >= least for key in ("minimum", "exclusiveMinimum")):
            found["minimum"] = least
        if not any(key in found and found[key] <= most for key in ("maximum", "exclusiveMaximum")):
            found["maximum"] = most
    elif "string" in types and isinstance(name, str):
        checked = checked_format(name)
        if checked is not None:
            found["format"] = checked


def _types(node: Mapping[str, Any]) -> list[str]:
    if node.get("x-kubernetes-int-or-string") is True:
        return ["integer", "string"]
    written = node.get("type")
    return [written] if isinstance(written, str) and written in _TYPES else []


def _required(node: Mapping[str, Any], properties: Mapping[str, Any]) -> list[str]:
    """The fields an author has to write: what has a default is there by the time it is asked for."""
    return [name for name in items(node.get("required")) if isinstance(name, str) and mapping(properties.get(name)).get("default") is None]


def _says_int_or_string(branches: object) -> bool:
    return [mapping(branch) for branch in items(branches)] in (
        [{"type": "integer"}, {"type": "string"}],
        [{"type": "string"}, {"type": "integer"}],
    )


def _metadata(written: Mapping[str, Any]) -> Schema:
    """ObjectMeta, with what the definition says about `name` and `generateName`, which is all it may say."""
    own = mapping(written.get("properties"))
    limits: dict[str, Schema] = {}
    for name in ("name", "generateName"):
        part = mapping(own.get(name))
        found: Schema = {key: part[key] for key in ("maxLength", "minLength", "pattern", "enum") if key in part}
        if found:
            limits[name] = {"type": ["string", "null"], **found}
    return {**OBJECT_META, "properties": {**OBJECT_META["properties"], **limits}} if limits else OBJECT_META


def patterns_of(schema: object) -> Iterable[Schema]:
    """The parts of a converted schema that have a `pattern`."""
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            if isinstance(part.get("pattern"), str):
                yield part
            pending += part.values()
        elif isinstance(part, list):
            pending += part
