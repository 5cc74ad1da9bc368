"""JSON Schemas of rules, compiled."""

from __future__ import annotations

from typing import Any


def compile_schema(schema: Any) -> Any:
    """A validator for a schema that stands in a rule file.

    A pack may come with the repository that is being linted, so a `$ref` is followed only inside the schema: never to an
    address, nor to a file.

    Raises ValueError for what is no JSON Schema, or refers to something outside of it.
    """
    import jsonschema_rs

    return jsonschema_rs.validator_for(schema, retriever=_refuse)


def _refuse(address: str) -> Any:
    raise ValueError(f"`$ref: {address}` leads out of the schema")
