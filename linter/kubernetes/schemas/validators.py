"""JSON Schemas, compiled when they are first used, and those of the built-in kinds, made from the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from linter.kubernetes.schemas.table import Table, load

if TYPE_CHECKING:
    from linter.kubernetes.schemas.places import Places

# Source: the RFC 3339 times that `Time` and `MicroTime` of k8s.io/apimachinery read.
TIME_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"
# Source: base64.StdEncoding of Go, which skips line breaks.
BASE64_PATTERN = r"^(?:(?:[A-Za-z0-9+/][\r\n]*){4})*(?:(?:[A-Za-z0-9+/][\r\n]*){2}=[\r\n]*=|(?:[A-Za-z0-9+/][\r\n]*){3}=)?[\r\n]*$"

_INT32 = {"minimum": -(2**31), "maximum": 2**31 - 1}
_INT64 = {"minimum": -(2**63), "maximum": 2**63 - 1}
_VALUES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "s": (["string"], {}),
    "y": (["string"], {"pattern": BASE64_PATTERN}),
    "i": (["integer"], _INT32),
    "l": (["integer"], _INT64),
    "n": (["number"], {}),
    "b": (["boolean"], {}),
    "t": (["string"], {"pattern": TIME_PATTERN}),
    "q": (["string", "number"], {}),
    "p": (["string", "integer"], _INT32),
    "o": (["object"], {}),
}
_ANYTHING: dict[str, Any] = {}
# Definitions that stand for another one, or for true or false.
_OR_BOOLEAN = {"apiextensions.v1.JSONSchemaPropsOrBool": "apiextensions.v1.JSONSchemaProps"}


class Schema:
    """A JSON Schema (draft 2020-12) that an object must satisfy.

    Every `$ref` in it is `#/$defs/NAME`. It is compiled at the first question.
    """

    __slots__ = ("_places", "_validator", "document")

    def __init__(self, document: Mapping[str, Any], validator: Any = None) -> None:
        """`validator` is the document compiled by jsonschema_rs, if it already is."""
        self.document = document
        self._validator = validator
        self._places: Places | None = None

    @property
    def validator(self) -> Any:
        """The compiled schema, as jsonschema_rs offers it."""
        if self._validator is None:
            import jsonschema_rs

            self._validator = jsonschema_rs.Draft202012Validator(dict(self.document))
        return self._validator

    @property
    def is_valid(self) -> Callable[[Any], bool]:
        """A function that says whether a value satisfies the schema."""
        return self.validator.is_valid  # type: ignore[no-any-return]

    @property
    def places(self) -> Places:
        """The fields of the schema, for whoever explains errors."""
        if self._places is None:
            from linter.kubernetes.schemas.places import Places

            self._places = Places(self.document)
        return self._places

    def errors(self, value: Any) -> Iterator[Any]:
        """What is wrong with a value, as errors of jsonschema_rs."""
        return self.validator.iter_errors(value)  # type: ignore[no-any-return]


@lru_cache(maxsize=512)
def built_in_schema(api_version: str, kind: str, minor: int) -> Schema | None:
    """The schema of a built-in kind in Kubernetes 1.`minor`, or in the nearest version that has the kind under this
    apiVersion. None for a kind that is not built in."""
    table = load()
    known = table.kind(api_version, kind)
    if known is None:
        return None
    near = known.span.nearest(minor)
    return Schema({"$ref": f"#/$defs/{known.definition}", "$defs": definitions(table, known.definition, near)})


def definitions(table: Table, start: str, minor: int) -> dict[str, dict[str, Any]]:
    """The JSON Schemas of a definition and of all that it consists of in Kubernetes 1.`minor`, by name."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _definition(table, name, minor, waiting)
    return found


def _definition(table: Table, name: str, minor: int, reached: list[str]) -> dict[str, Any]:
    package = name.rpartition(".")[0]
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in table.fields(_OR_BOOLEAN.get(name, name)):
        first, last = field.span
        if first <= minor <= last:
            token = field.token
            if token[0] == "!":
                required.append(field.name)
            properties[field.name] = _node(token, package, table, reached)
    types = ["object", "boolean", "null"] if name in _OR_BOOLEAN else ["object", "null"]
    schema: dict[str, Any] = {"type": types, "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    return schema


def _node(token: str, package: str, table: Table, reached: list[str]) -> dict[str, Any]:
    """The schema of a field. What is not required may be null, which the API server reads as absent."""
    content = token.lstrip("!")
    marks = len(token) - len(content)
    content, _, words = content.partition("=")
    node = _content(content, package, table, reached, words.split("|") if words else None)
    if not marks or "type" not in node:
        return {**node, "type": "object"} if marks == 2 else node
    return {**node, "type": [name for name in node["type"] if name != "null"]}


def _content(content: str, package: str, table: Table, reached: list[str], words: list[str] | None) -> dict[str, Any]:
    head = content[0]
    if head == "[":
        return {"type": ["array", "null"], "items": _item(content[1:], package, table, reached, words)}
    if head == "{":
        # Whether the data of a Secret or a ConfigMap is base64 is judged with the rest of it.
        inner = "s" if content == "{y" else content[1:]
        return {"type": ["object", "null"], "additionalProperties": _content(inner, package, table, reached, words)}
    if head == "*":
        return _ANYTHING
    value = _VALUES.get(content)
    if value is None:
        name = content if "." in content else f"{package}.{content}"
        reached.append(name)
        return {"$ref": f"#/$defs/{name}"}
    types, limits = value
    node: dict[str, Any] = {"type": [*types, "null"], **limits}
    if words is not None:
        node["enum"] = [*words, None]
    return node


def _item(content: str, package: str, table: Table, reached: list[str], words: list[str] | None) -> dict[str, Any]:
    """The schema of the items of a list. An empty item is an object without fields, which lacks those that are required."""
    node = _content(content, package, table, reached, words)
    if words is not None and "" not in words:
        # An empty item is an empty text.
        return {**node, "type": [name for name in node["type"] if name != "null"]}
    name = node.get("$ref", "").removeprefix("#/$defs/")
    if name and any(field.token[0] == "!" for field in table.fields(name)):
        return {**node, "type": "object"}
    return node
