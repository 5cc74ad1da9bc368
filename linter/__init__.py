"""gitops-lint: checks Kubernetes desired state in Git as the cluster will receive it.

The public API: `lint()` runs the linter as `LintOptions` say and returns a report; the other classes are what a report and a rule
are made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.version import __version__

if TYPE_CHECKING:
    from linter.engine.options import LintOptions
    from linter.engine.run import lint
    from linter.model import DesiredState, Finding, Resource, Violation

__all__ = ["DesiredState", "Finding", "LintOptions", "Resource", "Violation", "__version__", "lint"]


def __getattr__(name: str) -> Any:
    """Import the API on first use: the command line must not pay for what one command does not need."""
    if name == "lint":
        from linter.engine.run import lint

        return lint
    if name == "LintOptions":
        from linter.engine.options import LintOptions

        return LintOptions
    if name in ("DesiredState", "Finding", "Resource", "Violation"):
        import linter.model

        return getattr(linter.model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
