"""Every schema that objects can be judged by: what comes with the program, and the definitions of a repository."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from linter.engine.options import LintOptions
from linter.engine.session import Session
from linter.engine.world import Step, configure, open_tree, read_world
from linter.kubernetes.definitions.compiling import CompiledVersion, compiled_version
from linter.kubernetes.definitions.reading import CustomKind, read_definition
from linter.kubernetes.definitions.shipped_definitions import shipped_kinds, systems
from linter.model import Failure, Resource
from linter.repository import printable

Origin = Literal["shipped", "repository", "crds"]


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something of a schema that is not checked, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class ListedSchema:
    """The schema of one version of a kind.

    `origin` says whether it comes with the program, stands in the repository, or in a file that `crds:` names; `place` is the
    project it was taken from, or the file. `release` and `licence` are those of the project, `channel` is the name of a channel
    of it that not every cluster has. `rules` counts its validation rules, and `not_checked` lists what of it is not checked;
    `problem` says why it cannot be used at all.
    """

    api_version: str
    kind: str
    origin: Origin
    place: str
    release: str = ""
    licence: str = ""
    channel: str = ""
    rules: int = 0
    not_checked: tuple[NotChecked, ...] = ()
    problem: str | None = None


def list_schemas(options: LintOptions, step: Step = lambda text: None) -> tuple[list[ListedSchema], list[Failure]]:
    """The schemas of custom resources, those of the repository around the paths first, and what could not be read of it.

    Raises UsageError as `lint` does.
    """
    with Session(options.jobs, options=options) as session:
        tree = open_tree(options)
        config, scope = configure(tree, options)
        world = read_world(tree, options, config, scope, session, step)
    own = [
        *_of_repository(world.state_options.definitions, "crds"),
        *_of_repository(world.state_options.definitions_elsewhere, "repository"),
    ]
    return [*dict.fromkeys(own), *_shipped()], world.reading.failures


def shipped_schemas() -> list[ListedSchema]:
    """The schemas of custom resources that come with the program."""
    return list(_shipped())


def _of_repository(definitions: tuple[Resource, ...], origin: Origin) -> Iterator[ListedSchema]:
    for resource in definitions:
        entry = read_definition(resource.body)
        for version in entry.versions if entry is not None else ():
            if entry is not None and version.served:
                compiled = compiled_version(version, f"{entry.group}/{version.name}", entry.kind)
                yield _listed(compiled, origin, printable(resource.document.file.path))


def _shipped() -> Iterator[ListedSchema]:
    for system in systems():
        for name in system.kinds:
            group, _, kind = name.rpartition("/")
            for entry in shipped_kinds(group, kind):
                if entry.system is system:
                    yield from _of_shipped(entry.kind, system.origin, system.version, system.licence, system.channel)


def _of_shipped(kind: CustomKind, origin: str, release: str, licence: str, channel: str) -> Iterator[ListedSchema]:
    for version in kind.versions:
        if version.served:
            yield _listed(CompiledVersion(version, f"{kind.group}/{version.name}", kind.kind), "shipped", origin, release, licence, channel)


def _listed(version: CompiledVersion, origin: Origin, place: str, release: str = "", licence: str = "", channel: str = "") -> ListedSchema:
    from linter.cel.engine import CelMissingError

    problem = version.problem if version.has_schema else "the definition has no schema"
    not_checked = [NotChecked(pattern, "no pattern that can be used") for pattern in version.unusable_patterns]
    for rules in version.rules():
        try:
            not_checked += [NotChecked(" ".join(rule.rule.split()), why) for rule, why in rules.unusable()]
        except CelMissingError:
            not_checked += [NotChecked(" ".join(rule.rule.split()), "CEL is not installed") for rule in rules.rules]
    return ListedSchema(
        version.api_version,
        version.kind,
        origin,
        place,
        release,
        licence,
        channel,
        version.rule_count,
        tuple(dict.fromkeys(not_checked)),
        problem,
    )
