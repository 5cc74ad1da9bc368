"""The override files that stand beside the manifests of a source."""

from __future__ import annotations

from typing import Any

from linter.argocd.overrides import override_names
from linter.discovery.applications.context import ApplicationContext, shown
from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.model.applications import Problem


def read_overrides(
    context: ApplicationContext, directory: str, application: str, namespace: str
) -> tuple[list[tuple[str, dict[str, Any]]], list[Problem]]:
    """The override files of a directory with their content, in the order in which they apply, and those that cannot be read."""
    found: list[tuple[str, dict[str, Any]]] = []
    problems: list[Problem] = []
    prefix = "" if directory == "." else f"{directory}/"
    for group in override_names(application, namespace):
        path = next((prefix + name for name in group if context.is_file(prefix + name)), None)
        if path is None:
            continue
        path = context.real(path)
        try:
            _, documents = decode_bytes(context.tree.read(path))
        except InputError as error:
            failure = error.failure
            message = f"this override file of the Application {shown(application)} cannot be read: {failure.message}"
            problems.append(Problem("application-override-invalid", "broken", message, failure.fix, (), path, failure.line))
            continue
        # Argo CD reads the first document; one without content changes nothing.
        value = documents[0].value if documents else None
        if isinstance(value, dict):
            found.append((path, value))
        elif value is not None:
            message = f"this override file of the Application {shown(application)} holds no mapping"
            fix = "write the keys of a source, such as `helm:` or `kustomize:`"
            problems.append(Problem("application-override-invalid", "broken", message, fix, (), path, 1))
    return found, problems
