"""The files of a repository: as they stand in the work tree, or as given in memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence

from linter.errors import InputError
from linter.repository.paths import inside, is_git_root, parents, printable, relative_path

# The largest bundles of CustomResourceDefinitions in public use have about 8 MB; anything near this limit is no manifest.
MAX_FILE_BYTES = 32_000_000

_VCS_DIRECTORIES = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "_darcs"})

# What a hook runs with. They would point our question at another repository than the one at the root.
GIT_LOCAL = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_WORK_TREE",
)  # fmt: skip


# The repository is untrusted: its configuration must not make Git run or fetch anything. With that ruled out, reading a
# checkout that another user owns, as in most CI containers, is harmless.
GIT_OPTIONS = ("-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
GIT_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "LC_ALL": "C"}

# Source: the specification of Git LFS, "Pointer".
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_READ_AS_TEXT = (".yaml", ".yml", ".json", ".tpl", ".tgz")


class Tree:
    """The files of a repository at one moment.

    `root` is the absolute directory they stand in, or None if they stand in none; `place` names the tree in messages. The
    rest is known once `files` was called: `links` maps each symbolic link to a file of this tree to the real path of that
    file, `directory_links` the same for directories (whose content is listed under its real path only); `notices` are
    sentences about what the listing leaves out or could not tell.
    """

    root: str | None = None
    place: str = "the repository"

    def __init__(self) -> None:
        self.links: Mapping[str, str] = {}
        self.directory_links: Mapping[str, str] = {}
        self.notices: list[str] = []
        self._listed: frozenset[str] | None = None

    def files(self) -> Sequence[str]:
        """Every file, sorted; Git-ignored ones and the version control's own are left out."""
        raise NotImplementedError

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises InputError: `unreadable`, `symlink-escape`, `file-too-large`, `lfs-pointer` for a manifest, values file,
        template or packed chart whose content Git LFS keeps elsewhere; in trees of Git also `merge-conflict` and
        `git-object-missing`.
        """
        content = self._content(path)
        if content.startswith(_LFS_POINTER) and (path.endswith(_READ_AS_TEXT) or "/templates/" in f"/{path}"):
            raise InputError(
                "lfs-pointer",
                "Git LFS keeps the content of this file elsewhere, and only the pointer to it is here",
                fix=self._lfs_remedy,
                path=path,
                kind="unavailable",
                stage="read",
            )
        return content

    _lfs_remedy = "fetch it with `git lfs pull`, or list it under `exclude:` in .gitops-lint.yaml"

    def _content(self, path: str) -> bytes:
        """What `read` gives, of whatever kind the file is."""
        raise NotImplementedError

    def named(self, path: str) -> str:
        """A user's path (absolute, or from the current directory) as this tree names it; "." is the whole tree.

        Raises UsageError if it is outside.
        """
        return "." if self.root is None else relative_path(self.root, path)

    def exists(self, path: str) -> bool:
        """Whether `files` lists this path, or something below it; a path through a linked directory counts as well."""
        return path in self._listed_paths()

    def is_file(self, path: str) -> bool:
        """Whether there is a file at `path`, listed by `files` or not (a Git-ignored one is not listed).

        It may still be one that `read` refuses.
        """
        raise NotImplementedError

    def _listed_paths(self) -> frozenset[str]:
        if self._listed is None:
            directories = {os.path.dirname(path) or "." for path in self.files()}
            self._listed = frozenset(self.files()) | directories | {parent for directory in directories for parent in parents(directory)}
        return self._listed


class MemoryTree(Tree):
    """Files given as path -> content: examples of rules, and standard input."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        super().__init__()
        self._contents = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
        self._files = tuple(sorted(self._contents))

    def files(self) -> Sequence[str]:
        return self._files

    def _content(self, path: str) -> bytes:
        content = self._contents.get(path)
        if content is None:
            raise unreadable(path, "there is no such file")
        if len(content) > MAX_FILE_BYTES:
            raise too_large(path, len(content))
        return content

    def is_file(self, path: str) -> bool:
        return path in self._contents


class WorkTree(Tree):
    """The files under a directory, which is a Git work tree or, without one, any directory."""

    root: str
    place = "the work tree"

    def __init__(self, root: str) -> None:
        super().__init__()
        self.root = os.path.abspath(root)
        self._real_root = os.path.realpath(root)
        self._files: tuple[str, ...] | None = None
        self._regular: frozenset[str] = frozenset()

    def files(self) -> Sequence[str]:
        if self._files is None:
            listed = self._git_listing() if is_git_root(self.root) else None
            self._classify(self._walk() if listed is None else listed)
        return self._files or ()

    def _content(self, path: str) -> bytes:
        absolute = os.path.join(self.root, path)
        if path not in self._regular:
            absolute = self._resolve(path)
        try:
            # Without O_NONBLOCK, opening a named pipe waits for somebody to write to it.
            descriptor = os.open(absolute, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise unreadable(path, _reason(error)) from None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise unreadable(path, "it is a directory" if stat.S_ISDIR(status.st_mode) else "it is not a regular file")
            if status.st_size > MAX_FILE_BYTES:
                raise too_large(path, status.st_size)
            return _read_all(descriptor, path, status.st_size)
        except OSError as error:
            raise unreadable(path, _reason(error)) from None
        finally:
            os.close(descriptor)

    def exists(self, path: str) -> bool:
        if super().exists(path):
            return True
        real = os.path.realpath(os.path.join(self.root, path))
        return inside(real, self._real_root) and os.path.relpath(real, self._real_root) in self._listed_paths()

    def is_file(self, path: str) -> bool:
        absolute = os.path.normpath(os.path.join(self.root, path))
        return path in self._regular or (inside(absolute, self.root) and os.path.isfile(absolute))

    def _resolve(self, path: str) -> str:
        """The real place of a path that may lead through symbolic links, if it stays inside the root."""
        real = os.path.realpath(os.path.join(self.root, path))
        if not inside(real, self._real_root):
            raise escapes(path)
        if os.path.islink(real) or (not os.path.lexists(real) and os.path.islink(os.path.join(self.root, path))):
            raise unreadable(path, "it is a symbolic link to nothing")
        return real

    def _git_listing(self) -> list[str] | None:
        """Tracked files and untracked ones that are not ignored; None, with a notice, if Git cannot tell."""
        import subprocess

        environment = {name: value for name, value in os.environ.items() if name not in GIT_LOCAL} | GIT_ENVIRONMENT
        command = ["git", *GIT_OPTIONS, "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        try:
            done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        except OSError as error:
            problem = "git is not on PATH" if isinstance(error, FileNotFoundError) else f"git could not be run ({error.strerror})"
            self.notices.append(f"{problem}, so files that Git ignores are read as well")
            return None
        complaints = printable(os.fsdecode(done.stderr)).splitlines()
        if done.returncode != 0:
            reason = complaints[0] if complaints else f"exit code {done.returncode}"
            self.notices.append(f"git could not list the files ({reason}), so files that Git ignores are read as well")
            return None
        self.notices += [f"git: {complaint}" for complaint in complaints]
        return os.fsdecode(done.stdout).split("\0")[:-1]

    def _walk(self) -> list[str]:
        """Every file and symbolic link below the root; links to directories are not followed."""
        found: list[str] = []
        pending = [""]
        while pending:
            prefix = pending.pop()
            try:
                with os.scandir(f"{self.root}/{prefix}") as entries:
                    for entry in entries:
                        if not entry.is_dir(follow_symlinks=False):
                            found.append(prefix + entry.name)
                        elif entry.name not in _VCS_DIRECTORIES:
                            pending.append(f"{prefix}{entry.name}/")
            except OSError as error:
                self.notices.append(f"the directory {printable(prefix.rstrip('/')) or '.'} cannot be listed: {_reason(error)}")
        return found

    def _classify(self, listed: Sequence[str]) -> None:
        """Tell regular files, links and directories apart, and drop what is no longer there."""
        regular: set[str] = set()
        symlinks: list[str] = []
        linked: dict[str, bool] = {"": False}
        gone = 0
        for path in listed:
            if self._is_behind_link(os.path.dirname(path), linked):
                continue  # in the index, but a link has taken the place of its directory
            try:
                mode = os.lstat(f"{self.root}/{path}").st_mode
            except OSError:
                gone += 1  # deleted, but not yet in the index
                continue
            if stat.S_ISREG(mode):
                regular.add(path)
            elif stat.S_ISLNK(mode):
                symlinks.append(path)
            elif stat.S_ISDIR(mode) and not any(other.startswith(f"{path}/") for other in listed):  # else it replaces a file
                self.notices.append(f"{printable(path.rstrip('/'))} is a Git repository of its own; its files are not read")
        if gone and self._is_sparse():
            self.notices.append(f"this is a sparse checkout, without {gone} of the files; --staged and --rev read all of them")
        links: dict[str, str] = {}
        directory_links: dict[str, str] = {}
        files = set(regular)
        for path in symlinks:
            real = os.path.realpath(f"{self.root}/{path}")
            if not inside(real, self._real_root):
                files.add(path)  # reading it says why it is refused
                continue
            target = os.path.relpath(real, self._real_root)
            if os.path.isdir(real):
                directory_links[path] = target
                continue
            files.add(path)
            if target in regular:
                links[path] = target
        self.links = dict(sorted(links.items()))
        self.directory_links = dict(sorted(directory_links.items()))
        self._regular = frozenset(regular)
        self._files = tuple(sorted(files))

    def _is_sparse(self) -> bool:
        """Source: git-sparse-checkout(1), "Internals"."""
        from linter.repository.git.location import locate

        return os.path.isfile(os.path.join(locate([self.root], "git").directory, "info", "sparse-checkout"))

    def _is_behind_link(self, directory: str, known: dict[str, bool]) -> bool:
        """Whether a directory, or one above it, is a symbolic link. `known` are answers so far."""
        unknown = []
        while directory not in known:
            unknown.append(directory)
            directory = os.path.dirname(directory)
        behind = known[directory]
        for directory in reversed(unknown):
            behind = known[directory] = behind or os.path.islink(f"{self.root}/{directory}")
        return behind


def _read_all(descriptor: int, path: str, size: int) -> bytes:
    """The whole content, also if the file is growing meanwhile."""
    content = os.read(descriptor, size + 1)
    if len(content) == size:
        return content
    chunks = [content]
    total = len(content)
    while chunk := os.read(descriptor, 1_000_000):
        chunks.append(chunk)
        total += len(chunk)
        if total > MAX_FILE_BYTES:
            raise too_large(path, total)
    return b"".join(chunks)


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "the permission to read it is missing"
    return (error.strerror or str(error)).lower()


def escapes(path: str) -> InputError:
    """The error for a path that leads out of the repository."""
    return InputError(
        "symlink-escape",
        "this path leads out of the repository, and nothing outside it is read",
        fix="replace the symbolic link by the file itself, or list it under `exclude:` in .gitops-lint.yaml",
        path=path,
        stage="read",
    )


def unreadable(path: str, reason: str) -> InputError:
    """The error for a file that cannot be read; `reason` ends the sentence."""
    return InputError(
        "unreadable",
        f"this file cannot be read: {reason}",
        fix="make it readable, or list it under `exclude:` in .gitops-lint.yaml",
        path=path,
        stage="read",
    )


def too_large(path: str, size: int) -> InputError:
    """The error for a file of `size` bytes, above MAX_FILE_BYTES."""
    return InputError(
        "file-too-large",
        f"this file has {size / 1_000_000:.0f} MB; files above {MAX_FILE_BYTES // 1_000_000} MB are not read",
        fix="split it, or list it under `exclude:` in .gitops-lint.yaml",
        path=path,
        stage="read",
    )
