"""What goes into the expansion of an ApplicationSet, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from linter.model.applications import Problem
from linter.model.routes import Route

Row = dict[str, Any]
"""The parameters one element of a generator makes. A tuple in it is a list that Argo CD does not flatten."""

MissingKey = Literal["default", "error", "zero"]
"""The option `missingkey` of Go templates."""

MAX_APPLICATIONS = 5_000


@dataclass(frozen=True, slots=True)
class TemplateError:
    """Why a template could not be evaluated; `missing_key` if all there is to it is a parameter that does not exist."""

    message: str
    missing_key: bool = False


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """A cluster that Argo CD knows: what its Secret holds, or what the configuration says of it."""

    name: str
    server: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    project: str = ""


@dataclass(frozen=True, slots=True)
class GeneratedApplication:
    """An Application after templating, and the parameters that made it."""

    body: dict[str, Any]
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expansion:
    """The Applications of a set, in the order of its generators, and what is wrong; routes lead into the ApplicationSet."""

    applications: tuple[GeneratedApplication, ...]
    problems: tuple[Problem, ...]


class SetContext(Protocol):
    """What the generators and templates of an ApplicationSet may look at."""

    def files(self) -> Sequence[str]:
        """All files of the repository, relative to its root, sorted."""

    def read(self, path: str) -> bytes:
        """The content of a file. Raises InputError."""

    def decode(self, data: bytes) -> Sequence[Any]:
        """The values of the documents of a YAML or JSON text, as sigs.k8s.io/yaml decodes them. Raises InputError."""

    def is_local(self, repo_url: str) -> str | None:
        """The folder of this repository that holds what is at `repo_url` ("." for its root), or None."""

    def clusters(self) -> Sequence[ClusterFacts] | None:
        """The clusters that are declared, or None if nobody declared any."""

    def evaluate(self, texts: Sequence[tuple[str, Mapping[str, Any]]], missing_key: MissingKey) -> Sequence[str | TemplateError]:
        """Go templates, each evaluated on its parameters with the functions an ApplicationSet has."""


class GeneratorError(Exception):
    """A generator yields nothing, and this is why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def invalid(message: str, fix: str, route: Route) -> GeneratorError:
    """The error of a generator that Argo CD refuses."""
    return GeneratorError(Problem("applicationset-generator-invalid", "broken", message, fix, route))


def too_many(route: Route) -> GeneratorError:
    """The error of a generator with more rows than are expanded."""
    message = f"the generator makes more than {MAX_APPLICATIONS:,} sets of parameters"
    return GeneratorError(Problem("applicationset-too-large", "broken", message, "split the ApplicationSet", route))
