"""Kustomize roots as objects: resolved here, built by the program, and split with the author's files behind each object."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType

from linter.errors import InputError
from linter.model import Failure
from linter.rendering.kustomize.copies import Copies
from linter.rendering.kustomize.lookup import Lookup, NotFoundError, OutsideError
from linter.rendering.kustomize.messages import explain
from linter.rendering.kustomize.options import edited
from linter.rendering.kustomize.origins import ORIGIN_OPTION, Origin, split_objects, take_origin
from linter.rendering.kustomize.process import MAX_OUTPUT, MIN_MEMORY, Build, Builds
from linter.rendering.kustomize.program import Program, command_of, environment, find_on_path, find_program, helm_script
from linter.rendering.kustomize.references import value_of
from linter.rendering.kustomize.requests import BuiltObject, BuiltRoot, KustomizeRequest
from linter.rendering.kustomize.resolution import resolve
from linter.rendering.kustomize.resolved import Kustomization, Resolved
from linter.repository import Tree

DEFAULT_DEADLINE = 60.0
DEFAULT_MEMORY = 4 << 30


class KustomizeRenderer:
    """Builds the Kustomize roots of a tree with the program on PATH, up to `jobs` at a time.

    `program` is a path or name to use instead of `kustomize` or `kubectl` on PATH, `helm` one to use instead of `helm`.
    `local` gives the folder of the repository that a remote reference stands for, or None. A root may take
    `deadline_seconds`, and on Linux its process `memory_bytes` of address space (at least 1 GiB). Copies of files and
    everything else that a build writes are in a private directory, which is removed when the renderer is closed.
    """

    def __init__(
        self,
        tree: Tree,
        jobs: int,
        deadline_seconds: float = DEFAULT_DEADLINE,
        memory_bytes: int = DEFAULT_MEMORY,
        *,
        program: str | None = None,
        helm: str | None = None,
        local: Callable[[str], str | None] | None = None,
    ) -> None:
        self._tree = tree
        self._jobs = jobs
        self._deadline = deadline_seconds
        self._memory = max(memory_bytes, MIN_MEMORY)
        self._local = local
        self._program_name = program
        self._helm_name = helm or "helm"
        self._program: Program | None = None
        self._searched = False
        self._version: str | None = None
        self._lookup: Lookup | None = None
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._copies: Copies | None = None
        self._helm: str | None = None

    def __enter__(self) -> KustomizeRenderer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Remove the private directory."""
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = self._copies = self._helm = None

    @property
    def program(self) -> Program | None:
        """The program that builds, or None if there is none."""
        if not self._searched:
            self._program = find_program(self._program_name)
            self._searched = True
        return self._program

    def version(self) -> str | None:
        """The version of kustomize that builds, such as "v5.5.0", or None. Asks the program the first time."""
        if self._version is None and self.program is not None:
            self._version = self.program.version()
        return self._version

    def render(self, requests: Sequence[KustomizeRequest]) -> Iterator[BuiltRoot]:
        """The roots built, in the order of the requests, each as soon as it and those before it are done."""
        if not requests:
            return
        roots = [_Root(self, request) for request in requests]
        # Each root is built once with origins and, where noting them may change something, once more without.
        commands = [command for root in roots for command in (root.command, root.plain_command)]
        outcomes: dict[int, Build | None] = {}
        builds = Builds(self._jobs, self._deadline, self._memory, self._environment(), self._base())
        running = builds.run(commands)
        try:
            for number, root in enumerate(roots):
                while not (2 * number in outcomes and 2 * number + 1 in outcomes):
                    task, outcome = next(running)
                    outcomes[task] = outcome
                yield root.result(outcomes.pop(2 * number), outcomes.pop(2 * number + 1))
        finally:
            running.close()

    def lookup(self, request: KustomizeRequest) -> Lookup:
        """The files that a request sees; those without overrides share what is known of them."""
        if request.overrides:
            return Lookup(self._tree, request.overrides, self._local)
        if self._lookup is None:
            self._lookup = Lookup(self._tree, None, self._local)
        return self._lookup

    def copies(self) -> Copies:
        """The copies in the private directory."""
        if self._copies is None:
            self._copies = Copies(self._base())
        return self._copies

    def helm(self) -> str | None:
        """The script that stands for Helm, or None if there is no Helm."""
        if self._helm is None and (helm := find_on_path(self._helm_name)) is not None:
            script = os.path.join(self._base(), "bin", "helm")
            with open(script, "w", encoding="utf-8") as file:
                file.write(helm_script(helm, self._home()))
            os.chmod(script, 0o700)
            self._helm = script
        return self._helm

    def explain_stop(self, build: Build) -> tuple[str, str, str]:
        """The id, the message and the remedy for a build that did not come to an end of its own."""
        name = self.program.name if self.program is not None else "kustomize"
        gibibytes = self._memory / (1 << 30)
        return {
            "timeout": (
                "kustomize-timeout", f"building this took longer than {self._deadline:g} seconds", "split it, or raise the limit",
            ),
            "memory": ("kustomize-memory", f"building this took more than {gibibytes:.3g} GiB of memory", "split it, or raise the limit"),
            "too-large": (
                "kustomize-output-too-large", f"this builds to more than {MAX_OUTPUT >> 20} MiB", "split it into several roots",
            ),
        }.get(build.outcome, ("kustomize-crashed", f"`{name}` ended while it built this", "build it by hand to see why"))  # fmt: skip

    def _base(self) -> str:
        if self._directory is None:
            self._directory = tempfile.TemporaryDirectory(prefix="gitops-lint-", ignore_cleanup_errors=True)
            for name in ("bin", "home"):
                os.mkdir(os.path.join(self._directory.name, name))
        # Messages name real paths, and on some systems the temporary directory is behind a link.
        return os.path.realpath(self._directory.name)

    def _home(self) -> str:
        return os.path.join(self._base(), "home")

    def _environment(self) -> dict[str, str]:
        return environment(self._home(), os.path.join(self._base(), "bin"))


class _Root:
    """One request on its way."""

    def __init__(self, renderer: KustomizeRenderer, request: KustomizeRequest) -> None:
        self._renderer = renderer
        self._request = request
        self._lookup = renderer.lookup(request)
        self._resolved = Resolved()
        self._place = ""
        self._plain_place = ""
        self._ready = False

    def command(self) -> Sequence[str] | None:
        """What builds the root noting origins, its files in place; None if it cannot be built."""
        request = self._request
        path = os.path.normpath(request.path)
        edit = self._edit if request.options else None
        self._resolved = resolved = resolve(self._lookup, path, edit, request.unrestricted)
        top = self._top()
        if self._renderer.program is None:
            self._fail(
                "kustomize-missing", "there is neither `kustomize` nor `kubectl` on PATH to build this with",
                "install kustomize (kubectl.docs.kubernetes.io/installation/kustomize), or kubectl",
            )  # fmt: skip
        if resolved.charts and not resolved.failures and self._renderer.helm() is None:
            self._fail("kustomize-helm-missing", "this inflates Helm charts, and there is no `helm` on PATH", "install Helm")
        if resolved.failures or top is None:
            return None
        copies = self._renderer.copies()
        try:
            if request.overrides or request.options:
                self._place = copies.own(resolved, top, self._lookup, request.overrides, origins=True)
            else:
                self._place = copies.share(resolved, top, self._lookup)
        except InputError as error:
            resolved.failures[error.at(top.path)] = None
            return None
        self._ready = True
        return self._command(self._place)

    def plain_command(self) -> Sequence[str] | None:
        """What builds the root as it is; None if origins make no difference to it."""
        top = self._top()
        if not self._ready or top is None or not self._resolved.careful:
            return None
        try:
            self._plain_place = self._renderer.copies().own(self._resolved, top, self._lookup, self._request.overrides, origins=False)
        except InputError as error:
            self._resolved.failures[error.at(top.path)] = None
            return None
        return self._command(self._plain_place)

    def result(self, build: Build | None, plain: Build | None) -> BuiltRoot:
        """What the root was built to."""
        for place in (self._place, self._plain_place):
            if place:
                self._renderer.copies().drop(place)
        counting = plain if plain is not None else build
        objects: tuple[BuiltObject, ...] = ()
        top = self._top()
        if counting is not None and top is not None:
            if counting.outcome == "built":
                objects = tuple(self._objects(build if build is not None else counting, plain, top))
            elif counting.outcome == "failed":
                words = self._renderer.copies().author_paths(counting.complaint.decode("utf-8", "replace"))
                self._resolved.failures[explain(words, self._resolved, top, self._lookup)] = None
            else:
                self._fail(*self._renderer.explain_stop(counting))
        linked = (link for link, target in self._resolved.links.items() if target in self._resolved.files)
        return BuiltRoot(self._request, objects, tuple(self._resolved.failures), frozenset((*self._resolved.files, *linked)))

    def _objects(self, build: Build, plain: Build | None, top: Kustomization) -> Iterator[BuiltObject]:
        options = value_of(top.body, "buildMetadata")
        kept = isinstance(options, list) and ORIGIN_OPTION in options
        noted = [(written, *take_origin(written)) for written in split_objects(_decoded(build.output))] if build.outcome == "built" else []
        if plain is None:
            for written, without, origin in noted:
                yield self._object(written if kept else without, origin, top)
            return
        texts = list(split_objects(_decoded(plain.output)))
        same_order = len(texts) == len(noted)
        by_text = {without: origin for _, without, origin in noted}
        for number, written in enumerate(texts):
            origin = noted[number][2] if same_order else by_text.get(written)
            yield self._object(written, origin if origin is not None or not kept else take_origin(written)[1], top)

    def _object(self, written: str, origin: Origin | None, top: Kustomization) -> BuiltObject:
        if origin is None:
            return BuiltObject(top.path, written)
        reported = os.path.normpath(origin.path)
        path = self._resolved.origins.get(reported)
        if path is None:
            try:
                path, _ = self._lookup.locate(os.path.join(top.directory, reported), {})
            except (NotFoundError, OutsideError):
                path = top.path
        return BuiltObject(path, written, origin.generator)

    def _edit(self, body: dict[str, object], kustomization: Kustomization) -> dict[str, object]:
        def matches(pattern: str) -> Sequence[str]:
            return self._lookup.matching(kustomization.directory, pattern)

        return edited(body, self._request.options, matches)

    def _command(self, place: str) -> list[str]:
        program = self._renderer.program
        assert program is not None
        request = self._request
        helm = self._renderer.helm() if self._resolved.charts else None
        return command_of(program, place, helm, request.kube_version, request.api_versions, request.unrestricted)

    def _top(self) -> Kustomization | None:
        return next(iter(self._resolved.kustomizations.values()), None)

    def _fail(self, id: str, message: str, fix: str) -> None:
        top = self._top()
        path = top.path if top is not None else os.path.normpath(self._request.path)
        self._resolved.failures[Failure(id, "broken", "render", path, None, message, fix)] = None


def _decoded(output: bytes) -> str:
    return output.decode("utf-8", "replace")
