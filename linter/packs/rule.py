"""What a rule file says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from linter.model.findings import Severity
from linter.model.routes import Route

DOCS = "https://gitops-lint.readthedocs.io/rules/{id}/"

Match = Literal["each", "kinds", "on"]


@dataclass(frozen=True, slots=True)
class Rule:
    """The part of a rule that every run needs; its prose and examples are RuleTexts, read on demand.

    `match` is ("each", (view,)), ("kinds", (kind, …)) or ("on", (subject,)). `check_path` is the Python file with
    `check`, or None for a rule that is its `schema` or its `require`: mappings with `expression` and, where they differ
    from the rule's, `message` and `at`. `changes` are entries with `version` and what the rule had before it. `sensitive`
    says that no output may show the value. `path` is the file of a rule that is not shipped, as messages name it.
    """

    id: str
    pack: str
    title: str
    severity: Severity
    default: bool
    since: str
    fix: str
    match: tuple[Match, tuple[str, ...]]
    schema: Any = None
    at: Route | None = None
    on: Literal["key", "value"] = "value"
    message: str = ""
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    equivalents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    changes: tuple[Mapping[str, Any], ...] = ()
    check_path: str | None = None
    require: tuple[Mapping[str, Any], ...] = ()
    sensitive: bool = False
    path: str = ""

    @property
    def docs(self) -> str:
        """Address of the rule's page; "" for a rule that is not shipped, which has none."""
        return "" if self.path else DOCS.format(id=self.id)

    @property
    def identity(self) -> str:
        """The oldest id of the rule. Fingerprints are made of it, so that a baseline outlives a new name."""
        return self.aliases[0] if self.aliases else self.id


@dataclass(frozen=True, slots=True)
class Example:
    """One executed example: a small repository and the lines that must be reported, as (path, line)."""

    name: str
    fails: bool
    files: Mapping[str, str]
    expected: tuple[tuple[str, int], ...]
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """The part of a rule that people read and tests run."""

    why: str
    references: tuple[str, ...]
    examples: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A versioned set of rules.

    `pin` is the version a user asked for, if it is not simply the newest. `rules` are those that version has, `later`
    those that came after it and are never chosen with their pack. `folder` is where a pack stands that is not shipped.
    """

    name: str
    version: str
    title: str
    description: str
    rules: tuple[Rule, ...]
    later: tuple[Rule, ...] = ()
    pin: str | None = None
    folder: str | None = None
