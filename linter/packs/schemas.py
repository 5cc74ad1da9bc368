"""JSON Schemas of rules, compiled."""

from __future__ import annotations

from typing import Any

# As many subschemas as one value may have to satisfy, with every `$ref` replaced by what it stands for.
MOST_SUBSCHEMAS = 50_000
_DEEPEST = 300
# Keywords that lead somewhere without saying where, or change what a `$ref` is relative to.
_UNFOLLOWED = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef")


def compile_schema(schema: Any) -> Any:
    """A validator for a schema that stands in a rule file.

    A pack may come with the repository that is being linted. So a `$ref` is followed only inside the schema, never to an
    address nor to a file, and neither in a circle nor to more than a run can wait for.

    Raises ValueError for what is no JSON Schema, or has such a `$ref`.
    """
    import jsonschema_rs

    _Weighing(schema).weigh(schema, 0)
    return jsonschema_rs.validator_for(schema, retriever=_refuse)


def _refuse(address: str) -> Any:
    raise ValueError(f"`$ref: {address}` leads out of the schema")


class _Weighing:
    """How many subschemas a schema has once every `$ref` is replaced. Two in each of sixty definitions make 2^60."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._known: dict[str, int | None] = {}

    def weigh(self, part: Any, depth: int) -> int:
        """The number for a part of the schema. Raises ValueError for one that cannot be used."""
        if depth > _DEEPEST:
            raise ValueError("its parts and what their `$ref`s lead to are nested too deep")
        weight = 1
        if isinstance(part, list):
            weight += sum(self.weigh(item, depth + 1) for item in part)
        elif isinstance(part, dict):
            for key, entry in part.items():
                if key in _UNFOLLOWED and isinstance(entry, str):
                    raise ValueError(f"`{key}` cannot be used in a rule: write `$ref: '#/definitions/…'`")
                weight += self._follow(entry, depth + 1) if key == "$ref" and isinstance(entry, str) else self.weigh(entry, depth + 1)
        if weight > MOST_SUBSCHEMAS:
            raise ValueError(f"with every `$ref` written out it has more than {MOST_SUBSCHEMAS:,} parts")
        return weight

    def _follow(self, reference: str, depth: int) -> int:
        if not reference.startswith("#"):
            _refuse(reference)
        if reference not in self._known:
            self._known[reference] = None
            self._known[reference] = self.weigh(self._target(reference), depth)
        weight = self._known[reference]
        if weight is None:
            raise ValueError(f"`$ref: {reference}` leads in a circle: write the levels out")
        return weight

    def _target(self, reference: str) -> Any:
        from urllib.parse import unquote

        part = self._root
        for step in unquote(reference[1:]).split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            try:
                part = part[int(key)] if isinstance(part, list) else part[key]
            except (KeyError, IndexError, TypeError, ValueError):
                raise ValueError(f"`$ref: {reference}` leads nowhere in the schema") from None
        if reference != "#" and not reference.startswith("#/"):
            raise ValueError(f"`$ref: {reference}` names no place: write `$ref: '#/definitions/…'`")
        return part
