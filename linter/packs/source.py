"""One file of a pack, decoded, with the places of what it says."""

from __future__ import annotations

import json
from typing import Any

from linter import shipped
from linter.errors import ConfigurationError, InputError
from linter.manifest.decoder import decode_bytes
from linter.model.routes import Route

_validators: dict[str, Any] = {}


class SourceFile:
    """A rule file or pack.yaml that satisfies its schema."""

    def __init__(self, path: str, data: bytes, schema: str) -> None:
        """`schema` is "rule" or "pack".

        Raises ConfigurationError for a file that does not satisfy it.
        """
        self.path = path
        try:
            self._text, documents = decode_bytes(data)
        except InputError as error:
            raise ConfigurationError(path, error.failure.line, f"{error.failure.message}; {error.failure.fix}") from None
        if len(documents) != 1 or not isinstance(documents[0].value, dict):
            raise ConfigurationError(path, 1, f"a {schema} file holds exactly one mapping")
        self._index = documents[0].index
        self.value = _with_on(documents[0].value)
        if documents[0].duplicate_keys:
            duplicate = self._positions().duplicates(self._index)[0]
            raise self.mistake((*duplicate.route, duplicate.key), f"the key `{duplicate.key}` appears twice: keep one of them")
        if not _validator(schema).is_valid(self.value):
            from linter.explaining import explain_mistakes

            rules = json.loads(shipped.read("schemas", f"{schema}.schema.json"))
            mistakes = dict.fromkeys((self._line(route), message) for route, message in explain_mistakes(rules, self.value, self.written))
            (line, message), *others = sorted(mistakes)
            raise ConfigurationError(path, line, message, [f"{path}:{line}: {message}" for line, message in others])

    def mistake(self, route: Route | None, message: str, *, below: int = 0) -> ConfigurationError:
        """An error about what stands at a route, or about the file; `below` counts lines from there."""
        return ConfigurationError(self.path, None if route is None else self._line(route) + below, message)

    def written(self, route: Route) -> str | None:
        """A scalar as its author wrote it, with quotes; None if the route does not lead to a scalar."""
        text: str | None = self._positions().written(self._index, _as_decoded(route))
        return text

    def _line(self, route: Route) -> int:
        line: int = self._positions().locate(self._index, _as_decoded(route), "key")[0]
        return line

    def _positions(self) -> Any:
        from linter.manifest.positions import index_positions

        return index_positions(self._text)


def _as_decoded(route: Route) -> Route:
    return tuple("true" if step == "on" else step for step in route)


def _with_on(value: dict[str, Any]) -> dict[str, Any]:
    """The mapping with its key `on` restored: YAML, as Kubernetes reads it, takes the bare word for the boolean true."""
    renamed = {"on" if key == "true" else key: entry for key, entry in value.items()}
    match = renamed.get("match")
    if isinstance(match, dict) and "true" in match:
        renamed["match"] = {"on" if key == "true" else key: entry for key, entry in match.items()}
    return renamed


def _validator(name: str) -> Any:
    if name not in _validators:
        import jsonschema_rs

        _validators[name] = jsonschema_rs.validator_for(json.loads(shipped.read("schemas", f"{name}.schema.json")))
    return _validators[name]
