"""Errors that carry what a user needs: where, what, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from linter.model.findings import Failure, FailureKind, Stage


class GitopsLintError(Exception):
    """Base of every error this program raises on purpose. Each message is one line of text: what a message quotes may come
    from a repository, and a CI system obeys some lines that begin in a certain way."""

    def __init__(self, *messages: str) -> None:
        super().__init__("\n".join(message.replace("\r", "\\r").replace("\n", "\\n") for message in messages))


class UsageError(GitopsLintError):
    """The command line or the configuration asks for something that cannot be done. Exit code 2."""


class NothingToCheckError(UsageError):
    """The tree that is read has nothing of what the command line asks for; another tree may have it."""


class ConfigurationError(UsageError):
    """A configuration or rule file is wrong. The text names file, line, key and the accepted values."""

    def __init__(self, path: str, line: int | None, message: str, others: Sequence[str] = ()) -> None:
        """`others` are the texts of further mistakes, each with its place."""
        super().__init__(f"{path}:{line}: {message}" if line is not None else f"{path}: {message}", *others)
        self.path = path
        self.line = line
        self.message = message


class InputError(GitopsLintError):
    """Input that could not be judged; becomes a Failure in the report.

    `line` counts from 1 and is None where only the file is known.
    """

    def __init__(
        self,
        id: str,
        message: str,
        *,
        fix: str,
        path: str = "",
        line: int | None = None,
        kind: FailureKind = "broken",
        stage: Stage = "parse",
    ) -> None:
        super().__init__(message)
        self.failure = Failure(id, kind, stage, path, line, message, fix)

    def at(self, path: str) -> Failure:
        """The failure, with the path its reader knows and its raiser did not."""
        was = self.failure
        return Failure(was.id, was.kind, was.stage, was.path or path, was.line, was.message, was.fix)
