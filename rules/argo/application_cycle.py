from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Related, Resource, Violation

_APPLICATION = "argoproj.io/Application"


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    applications = state.of_kind(_APPLICATION)
    by_name: dict[tuple[str, str], list[Resource]] = {}
    parents: dict[str, set[str]] = {}
    for application in applications:
        by_name.setdefault((application.namespace, application.name), []).append(application)
        if application.source.application is not None:
            parents.setdefault(application.name, set()).add(application.source.application)
    for same in by_name.values():
        for application in same:
            deployer = application.source.application
            if deployer is None or application.name not in _above(deployer, parents):
                continue
            other = next((one for one in same if one is not application and one.body.get("spec") != application.body.get("spec")), None)
            # Of the two it is the one that comes later, by way of itself, that nobody expects.
            if other is not None and other.source.application not in _above(deployer, parents):
                by = "itself" if deployer == application.name else f"the Application {deployer}, which it deploys,"
                yield Violation(
                    ("kind",),
                    f"{application} is deployed by {by} with another specification",
                    resource=application,
                    related=(Related("declared here", other, ("kind",)),),
                )


def _above(name: str, parents: dict[str, set[str]]) -> set[str]:
    """An Application and all that deploy it, directly or not, by name."""
    found = {name}
    pending = [name]
    while pending:
        for parent in parents.get(pending.pop(), ()):
            if parent not in found:
                found.add(parent)
                pending.append(parent)
    return found
