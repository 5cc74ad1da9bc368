"""Git as a program that only reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from linter.errors import UsageError
from linter.repository.git.location import GitLocation
from linter.repository.paths import printable
from linter.repository.trees import GIT_ENVIRONMENT, GIT_OPTIONS, MAX_FILE_BYTES

if TYPE_CHECKING:
    from typing import IO

    from git import Git

# The most bytes of blobs that are read ahead. What is beyond is read when it is asked for.
_MAX_KEPT_BYTES = 100_000_000


class Answer(NamedTuple):
    """What a command printed. `complaint` is the first line of its error output."""

    status: int
    output: bytes
    complaint: str

    def reason(self) -> str:
        """Why the command failed, to follow a colon."""
        return self.complaint.removeprefix("fatal: ").removeprefix("error: ") or f"exit code {self.status}"

    def words(self) -> list[str]:
        """The entries of output that ends each with NUL."""
        return os.fsdecode(self.output).split("\0")[:-1]


class GitCommands:
    """The commands of one repository, and the contents of its blobs.

    The names of objects are hexadecimal, 40 digits or, in a SHA-256 repository, 64.
    """

    def __init__(self, location: GitLocation) -> None:
        try:
            from git import Git
        except ModuleNotFoundError:
            raise
        except ImportError:
            import shutil

            problem = "does not run" if shutil.which("git") else "is not on PATH"
            raise UsageError(f"git {problem}, and --rev, --staged and --since need it") from None
        self._git: Git = Git(location.top or location.directory)
        self._git.update_environment(**GIT_ENVIRONMENT, **location.environment(), GIT_TERMINAL_PROMPT="0")
        # `cat-file` by GitPython takes these, all others take them from `_command`.
        self._git.set_persistent_git_options(c=list(GIT_OPTIONS[1::2]))
        self._kept: dict[str, bytes | int | None] = {}
        self._partial: bool | None = None

    def run(self, *arguments: str) -> Answer:
        """Run a command to its end."""
        status, output, errors = self._git.execute(
            self._command(arguments),
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
        )
        complaint = printable(errors if isinstance(errors, str) else os.fsdecode(errors)).partition("\n")[0]
        return Answer(status, output if isinstance(output, bytes) else os.fsencode(output), complaint)

    def demand(self, *arguments: str) -> Answer:
        """Run a command that has to succeed. Raises UsageError with what Git says."""
        answer = self.run(*arguments)
        if answer.status != 0:
            raise UsageError(f"git {arguments[0]}: {answer.reason()}")
        return answer

    def blob(self, name: str) -> bytes | int | None:
        """The content of a blob, its size if that is above MAX_FILE_BYTES, None if Git cannot read it."""
        if name in self._kept:
            return self._kept[name]
        try:
            _, _, size, stream = self._git.stream_object_data(name)
        except (ValueError, BrokenPipeError):
            self._git.clear_cache()  # a process that has ended is not asked again
            return None
        if size > MAX_FILE_BYTES:
            self._git.clear_cache()  # else the rest of it would have to be read
            return size
        data = stream.read(size)
        if len(data) != size:
            self._git.clear_cache()
            return None
        return bytes(data)

    def may_lack_blobs(self) -> bool:
        """Whether this is a partial clone, which fetches contents when they are needed. Source: partial-clone in Git's documentation."""
        if self._partial is None:
            self._partial = self.run("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$").status == 0
        return self._partial

    def read_ahead(self, names: Iterable[str]) -> None:
        """Read many blobs at once, through one process, so that `blob` has them. Names that are no blobs do no harm."""
        wanted = [name for name in dict.fromkeys(names) if name not in self._kept]
        left = _MAX_KEPT_BYTES
        while wanted:
            read = 0
            for name, content in self._batch(wanted):
                read += 1
                self._kept[name] = content
                left -= len(content) if isinstance(content, bytes) else 0
                if left < 0:
                    return
            if read == 0:
                return  # the process died on the first one; `blob` asks again, and tells
            wanted = wanted[read:]

    def _batch(self, names: list[str]) -> Iterator[tuple[str, bytes | int | None]]:
        """The blobs in the order given. Ends early after one that is too large, of which nothing more is read."""
        import tempfile

        # From a file, because nobody can write to a pipe and read from another at once without a second thread, and this
        # process may have to fork.
        with tempfile.TemporaryFile() as names_file:
            names_file.write("".join(f"{name}\n" for name in names).encode("ascii"))
            names_file.seek(0)
            process = self._git.execute(self._command(("cat-file", "--batch")), istream=names_file, as_process=True)
            output: IO[bytes] = process.stdout
            try:
                for name in names:
                    header = output.readline().split()
                    if header[1:] == [b"missing"]:
                        yield name, None
                        continue
                    if len(header) != 3 or not header[2].isdigit():
                        return
                    size = int(header[2])
                    if size > MAX_FILE_BYTES:
                        yield name, size
                        return
                    content = output.read(size + 1)
                    if len(content) != size + 1:
                        return
                    yield name, content[:-1]
            finally:
                del output, process  # which ends it

    def _command(self, arguments: Iterable[str]) -> list[str]:
        return [self._git.GIT_PYTHON_GIT_EXECUTABLE or "git", *GIT_OPTIONS, *arguments]

    def close(self) -> None:
        """End the processes that wait for questions."""
        self._git.clear_cache()
