"""The history of a repository: its revisions as trees, what they have in common, and which files were renamed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from linter.errors import UsageError
from linter.repository.git.commands import Answer, GitCommands
from linter.repository.git.location import GitLocation, locate
from linter.repository.git.trees import GitTree, commit_entries, index_entries
from linter.repository.paths import printable
from linter.repository.trees import Tree

# Above this many files on each side Git compares names and whole contents only.
_RENAME_LIMIT = 2_000

_DEEPEN = (
    "fetch more of it with `git fetch --unshallow` or `git fetch --deepen=100`; in CI, fetch the whole history "
    "(`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` of GitLab)"
)


class GitRepository:
    """A repository that is asked about commits. Commits are given by their full hexadecimal name."""

    def __init__(self, location: GitLocation, commands: GitCommands, asked: str) -> None:
        """`asked` is the option that needs Git, for messages."""
        self.location = location
        self._commands = commands
        self._asked = asked

    @classmethod
    def around(cls, paths: Sequence[str], asked: str) -> GitRepository:
        """The repository that holds the given paths, whether these exist or not.

        Raises UsageError if there is none, or no program `git`.
        """
        location = locate(paths, asked)
        return cls(location, GitCommands(location), asked)

    @classmethod
    def behind(cls, tree: Tree, asked: str) -> GitRepository:
        """The repository that a tree belongs to. Raises UsageError if it belongs to none, or there is no program `git`."""
        if isinstance(tree, GitTree):
            return cls(tree.location, tree.commands, asked)
        return cls.around([tree.root or "."], asked)

    def commit(self, revision: str) -> str:
        """The commit that a revision names, as gitrevisions(7) describes; tags are followed.

        Raises UsageError if it names none.
        """
        if revision and not revision.startswith("-") and "\0" not in revision and "\n" not in revision:
            # What searches messages (`:/words`) takes everything behind it as part of the words.
            peeled = revision if revision.startswith(":/") else f"{revision}^{{commit}}"
            answer = self._commands.run("rev-parse", "--verify", "--quiet", peeled)
            if answer.status == 0 and not answer.output.startswith(b"^"):
                return answer.output.decode().strip()
            raise UsageError(f"{self._asked} {printable(revision)}: {self._why_no_commit(revision, answer)}")
        raise UsageError(f"{self._asked} {printable(revision)!r} is no revision: name a branch, a tag or a commit")

    def head(self) -> str | None:
        """The commit that is checked out, None on a branch without commits.

        Raises UsageError if Git cannot tell, or the commit is missing.
        """
        answer = self._commands.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if answer.status == 0:
            return answer.output.decode().strip()
        named = self._commands.run("rev-parse", "--verify", "--quiet", "HEAD")
        if named.status == 0:
            commit = named.output.decode().strip()
            raise UsageError(f"HEAD is the commit {commit}, which is not in this clone: `git fsck` tells what is damaged")
        if named.status != 1:
            raise UsageError(f"git cannot tell which commit is checked out: {named.reason()}")
        return None

    def being_merged(self) -> tuple[str, ...]:
        """The commits that the next commit will have as parents beside HEAD: those of a merge in progress.

        Source: gitrevisions(7) on MERGE_HEAD. `git merge` writes that only after its hooks; until then it names the commits
        in variables GITHEAD_<commit> (builtin/merge.c).
        """
        try:
            with open(os.path.join(self.location.directory, "MERGE_HEAD"), encoding="ascii") as file:
                commits = file.read().split()
        except (OSError, UnicodeDecodeError):
            commits = [name.removeprefix("GITHEAD_") for name in sorted(os.environ) if name.startswith("GITHEAD_")]
        answers = [self._commands.run("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}") for commit in commits if _HEX(commit)]
        return tuple(answer.output.decode().strip() for answer in answers if answer.status == 0)

    def merge_base(self, revision: str, commit: str, *others: str) -> str:
        """The best common ancestor of the commit that `revision` named, and of another one or a merge of others.

        Raises UsageError if the histories are not known to have one.
        """
        answer = self._commands.run("merge-base", commit, *others)
        if answer.status == 0:
            return answer.output.decode().split("\n")[0]
        words = f"{self._asked} {printable(revision)}: "
        if answer.status != 1:
            raise UsageError(words + answer.reason())
        if self._is_shallow():
            raise UsageError(f"{words}the history of this shallow clone does not reach back to where the two parted: {_DEEPEN}")
        raise UsageError(f"{words}it has no common history with what is read, so there is nothing to compare with: name another revision")

    def revision_tree(self, commit: str, name: str) -> GitTree:
        """The files of a commit; `name` is what the user calls it."""
        place = f"the revision {printable(name)}"
        return GitTree(self._commands, self.location, place, lambda: commit_entries(self._commands, commit), commit)

    def index_tree(self) -> GitTree:
        """The files of the index. Raises UsageError if the repository is bare."""
        if self.location.top is None:
            raise UsageError(f"{printable(self.location.directory)} is a bare repository, where nothing is staged: use --rev")
        return GitTree(self._commands, self.location, "the index", lambda: index_entries(self._commands))

    def renames(self, old: str, new: str | None) -> dict[str, str]:
        """The files of a commit that another one, or with None the index, has under another name: old path -> new path."""
        pair = ["diff-tree", "-r", old, new] if new is not None else ["diff-index", "--cached", old]
        for similarity in ("-M", "-M100%"):  # without the contents, as in a partial clone, equal ones can still be told
            options = ["-z", similarity, f"-l{_RENAME_LIMIT}", "--name-status", "--diff-filter=R"]
            answer = self._commands.run(pair[0], *options, *pair[1:], "--")
            if answer.status == 0:
                words = answer.words()
                return {words[at + 1]: words[at + 2] for at in range(0, len(words) - 2, 3)}
        return {}

    def stages_nothing(self) -> bool:
        """Whether the index holds what is committed already."""
        return self._commands.run("diff-index", "--cached", "--quiet", "--no-ext-diff", "HEAD", "--").status == 0

    def short(self, commit: str) -> str:
        """An abbreviated name of a commit, as people write it."""
        answer = self._commands.run("rev-parse", "--short", commit)
        return answer.output.decode().strip() if answer.status == 0 else commit[:10]

    def close(self) -> None:
        """End the processes that wait for questions."""
        self._commands.close()

    def _why_no_commit(self, revision: str, answer: Answer) -> str:
        kind = self._commands.run("cat-file", "-t", revision)
        if kind.status == 0:
            return f"this is a {_KINDS.get(kind.output.decode().strip(), 'Git object')}, and a commit is needed"
        if "ambiguous" in answer.complaint or answer.complaint.startswith(("fatal:", "error:")):
            return answer.reason()
        if self.head() is None and revision.partition("~")[0].partition("^")[0] in ("HEAD", "@"):
            return "there is no commit yet; `--staged` reads what the first one would hold"
        remote = self._commands.run("for-each-ref", "--format=%(refname:short)", f"refs/remotes/*/{revision}")
        names = os.fsdecode(remote.output).split() if remote.status == 0 else []
        if names:
            return f"there is no such revision here; did you mean {printable(names[0])}?"
        if self._is_shallow():
            return f"there is no such revision in this shallow clone: {_DEEPEN}"
        return "there is no such revision in this repository: check its name, or fetch it with `git fetch`"

    def _is_shallow(self) -> bool:
        return self._commands.run("rev-parse", "--is-shallow-repository").output.strip() == b"true"


_HEX = re.compile(r"[0-9a-f]{40,64}").fullmatch
_KINDS: Mapping[str, str] = {"blob": "file", "tree": "directory", "tag": "tag of something else"}
