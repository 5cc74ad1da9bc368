"""Writing files whole or not at all, and standard output as far as somebody reads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from linter.errors import UsageError


def refusal(path: str) -> str | None:
    """Why a file cannot be written, as far as that can be said without writing; None if nothing speaks against it."""
    if os.path.isdir(path) or path.endswith("/"):
        return f"{path} is a folder; name a file in it"
    if is_standard_output(path):
        return "standard output has a report already, that of --format"
    target = os.path.realpath(path)
    try:
        os.stat(target)
    except FileNotFoundError:
        folder = os.path.dirname(target)
        if not os.path.isdir(folder):
            return f"there is no folder {os.path.dirname(path) or folder}"
    except NotADirectoryError:
        return f"{_file_above(target)} is a file, not a folder"
    except OSError as error:
        return str(error.strerror)
    else:
        if not os.access(target, os.W_OK):
            return "this file is read-only"
    if not _is_written_in_place(path) and not os.access(os.path.dirname(target), os.W_OK | os.X_OK):
        return f"the folder {os.path.dirname(path) or '.'} is read-only"
    return None


def identity(path: str) -> object | None:
    """What two paths to one file have in common; None for the null device, which takes anything."""
    try:
        status = os.stat(path)
    except OSError:
        return os.path.realpath(path)
    if os.path.exists(os.devnull) and os.path.samestat(status, os.stat(os.devnull)):
        return None
    return status.st_dev, status.st_ino


def is_standard_output(path: str) -> bool:
    """Whether a path leads to where standard output goes: /dev/stdout, or the file that a shell has put there."""
    try:
        return identity(path) is not None and os.path.samestat(os.stat(path), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError, AttributeError):  # no such file; standard output is closed or no file
        return False


def write_file(path: str, text: str) -> None:
    """Write a file whole or not at all. A device or pipe is written to; a symbolic link stays one.

    Raises UsageError if it cannot be written.
    """
    write_files([(path, text)])


def write_files(contents: Sequence[tuple[str, str]]) -> None:
    """Write several files, as `write_file` does. None is replaced unless there was room for all of them.

    Raises UsageError if one cannot be written.
    """
    ready: list[tuple[str, str, str]] = []
    names = {path: _beside(os.path.realpath(path)) for path, _ in contents if not _is_written_in_place(path)}
    try:
        for path, text in contents:
            if path in names:
                with _naming(path):
                    _create(names[path], text, like=os.path.realpath(path))
                ready.append((path, names[path], os.path.realpath(path)))
        for path, temporary, target in ready:
            with _naming(path):
                os.replace(temporary, target)
    finally:
        for temporary in names.values():
            with suppress(OSError):
                os.unlink(temporary)
    for path, text in contents:
        # A reader of a pipe that has read enough is no error.
        with _naming(path), suppress(BrokenPipeError):
            if path not in names:
                with open(path, "wb") as stream:
                    stream.write(encoded(text))


def write_standard_output(text: str) -> None:
    """Print text as UTF-8, whatever the terminal's encoding says; what it cannot show is escaped.

    A reader who has gone away is no error: what is left is thrown away. Raises UsageError if nothing can be written.
    """
    if text and not text.endswith("\n"):
        text += "\n"
    if sys.stdout is None:  # closed by whoever started us
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(encoded(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        drop_standard_output()
    except OSError as error:
        drop_standard_output()
        raise UsageError(f"cannot write to standard output: {error.strerror}") from None


def drop_standard_output() -> None:
    """Let whatever is printed from now on, and what waits to be, go nowhere."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


def encoded(text: str) -> bytes:
    """Text as UTF-8; a lone surrogate, which UTF-8 cannot hold, is spelled out."""
    return text.encode("utf-8", "backslashreplace")


def _is_written_in_place(path: str) -> bool:
    """Whether a path is a device, a pipe, or what a shell has opened for us, as in `>(…)`, and cannot be replaced."""
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):
        return True
    return os.path.exists(path) and not os.path.isfile(path)


def _beside(target: str) -> str:
    """A name for the file until it is whole, in the folder where it will be."""
    return os.path.join(os.path.dirname(target), f".gitops-lint-{os.getpid()}-{os.urandom(6).hex()}")


def _create(path: str, text: str, like: str) -> None:
    """Write a new file, with the permissions of another if that exists."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
        file.write(encoded(text))
    with suppress(FileNotFoundError):
        os.chmod(path, os.stat(like).st_mode & 0o777)


@contextmanager
def _naming(path: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _file_above(path: str) -> str:
    """The part of a path that is a file, where a folder would have to be."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return os.path.relpath(path)
