"""One version of a custom resource, made ready to judge objects: once for equal schemas, and when the first object asks."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from linter.kubernetes.definitions.checks import Checks, checks_of
from linter.kubernetes.definitions.conversion import TooLargeError, convert, patterns_of
from linter.kubernetes.definitions.defaulting import Defaults, defaults_of, with_defaults, without_nulls
from linter.kubernetes.definitions.formats import FORMATS
from linter.kubernetes.definitions.reading import Version
from linter.kubernetes.definitions.rules import Rules
from linter.kubernetes.schemas.validators import Schema

# The memory in bytes that the patterns of one schema may take when they are compiled, and that a single one may take.
_ALL_PATTERNS = 256 << 20
_ONE_PATTERN = 10 << 20


class CompiledVersion:
    """What objects of one version of a kind must satisfy. Nothing is made before it is needed."""

    def __init__(self, version: Version, api_version: str, kind: str) -> None:
        self.api_version = api_version
        self.kind = kind
        self._source: Mapping[str, Any] = version.schema or {}
        self._prunes = version.prunes
        self.has_schema = version.schema is not None
        # Patterns that the engine for regular expressions refuses; they are not checked.
        self.unusable_patterns: tuple[str, ...] = ()

    @cached_property
    def schema(self) -> Schema | None:
        """The structure, which a value of `prepared` must satisfy; None without one, or where it cannot be used (`problem`)."""
        return self._compiled[0]

    @property
    def problem(self) -> str | None:
        """Why the schema is not used, or None."""
        return self._compiled[1]

    @cached_property
    def defaults(self) -> Defaults | None:
        """What the API server fills in."""
        return defaults_of(self._source)

    @cached_property
    def checks(self) -> Checks | None:
        """Lists that are sets or maps, and validation rules."""
        return checks_of(self._source) if self.problem is None else None

    def completed(self, body: dict[str, Any]) -> Any:
        """The object with its defaults, as far as nulls do not matter."""
        return body if self.defaults is None else with_defaults(body, self.defaults)

    def prepared(self, body: dict[str, Any]) -> Any:
        """The object as the API server validates it: without the nulls that it drops, and with its defaults."""
        return self.completed(without_nulls(body, self._source))

    def rules(self) -> Iterator[Rules]:
        """Every set of validation rules, those of parts that stand in several places once."""
        pending, seen = [self.checks], set[int]()
        while pending:
            checks = pending.pop()
            if checks is None or id(checks) in seen:
                continue
            seen.add(id(checks))
            if checks.rules is not None:
                yield checks.rules
            pending += [*checks.properties.values(), checks.additional, checks.items]

    @cached_property
    def rule_count(self) -> int:
        """The number of validation rules; those of a part that stands in several places count there each."""
        counts: dict[int, int] = {}

        def count(checks: Checks | None) -> int:
            if checks is None:
                return 0
            if id(checks) not in counts:
                own = len(checks.rules.rules) if checks.rules is not None else 0
                counts[id(checks)] = own + sum(map(count, (*checks.properties.values(), checks.additional, checks.items)))
            return counts[id(checks)]

        return count(self.checks)

    @cached_property
    def _compiled(self) -> tuple[Schema | None, str | None]:
        if not self.has_schema:
            return None, None
        import jsonschema_rs

        try:
            document = convert(self._source, self.api_version, self.kind, prunes=self._prunes)
            try:
                validator = _validator(document)
            except jsonschema_rs.ValidationError:
                self.unusable_patterns = tuple(_without_bad_patterns(document))
                validator = _validator(document)
        except TooLargeError:
            return None, "the schema has more parts than are read"
        except (jsonschema_rs.ValidationError, RecursionError, ValueError, OverflowError, TypeError) as error:
            return None, f"the schema cannot be used: {str(error).splitlines()[0][:200]}"
        return Schema(document, validator), None


def compiled_version(version: Version, api_version: str, kind: str) -> CompiledVersion:
    """A version of a kind ("gateway.networking.k8s.io/v1", "Gateway"), the same object for an equal schema."""
    return _compiled_version(_Content(version, api_version, kind))


class _Content:
    """What decides about a compiled version, compared by content."""

    __slots__ = ("api_version", "digest", "kind", "version")

    def __init__(self, version: Version, api_version: str, kind: str) -> None:
        from hashlib import blake2b

        content: Any = (api_version, kind, version.prunes, version.schema)
        self.digest = blake2b(marshal.dumps(content, 2), digest_size=20).digest()
        self.version = version
        self.api_version = api_version
        self.kind = kind

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@lru_cache(maxsize=1024)
def _compiled_version(content: _Content) -> CompiledVersion:
    return CompiledVersion(content.version, content.api_version, content.kind)


def _validator(document: dict[str, Any]) -> Any:
    """The schema, compiled with formats as the API server knows them and with patterns that match in linear time."""
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        document, formats=FORMATS, validate_formats=True, offline=True, pattern_options=_pattern_options(document)
    )


def _pattern_options(document: Mapping[str, Any]) -> Any:
    import jsonschema_rs

    different = len({part["pattern"] for part in patterns_of(document)})
    limit = min(_ONE_PATTERN, _ALL_PATTERNS // max(different, 1))
    return jsonschema_rs.RegexOptions(size_limit=limit, dfa_size_limit=limit)


def _without_bad_patterns(document: dict[str, Any]) -> Iterator[str]:
    """The patterns that cannot be compiled, which are taken out."""
    import jsonschema_rs

    options = _pattern_options(document)
    judged: dict[str, bool] = {}
    for part in list(patterns_of(document)):
        pattern = part["pattern"]
        if pattern not in judged:
            try:
                jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options)
            except jsonschema_rs.ValidationError:
                judged[pattern] = False
                yield pattern
            else:
                judged[pattern] = True
        if not judged[pattern]:
            del part["pattern"]
