"""Which authored scalar decides a built one: built again with marks, and with booleans turned over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from linter.manifest import shadow
from linter.model import Route, dig, text
from linter.provenance.kustomize.leaves import Leaf, leaves_of
from linter.provenance.kustomize.marks import Marks, at_same_place, decoded, unused_word
from linter.provenance.kustomize.matching import body_of, origins, without_hash
from linter.provenance.kustomize.standing import stands
from linter.provenance.kustomize.structure import Walk, patches_of, walk
from linter.provenance.kustomize.texts import Edits, Texts, span
from linter.provenance.kustomize.tree import Part, Tree, read_tree
from linter.provenance.kustomize.wants import Want, WantedNode, existing_part, scalars_below
from linter.rendering.kustomize.requests import BuiltObject, BuiltRoot, KustomizeRequest

Build = Callable[[Sequence[KustomizeRequest]], Iterable[BuiltRoot]]

_MAX_FLIPS: Final = 3
_MIN_PART: Final = 3


class RootTrace:
    """One root: its files read, its wanted places, and the builds that decide them."""

    def __init__(self, root: BuiltRoot, wanted: Sequence[WantedNode], texts: Texts) -> None:
        self.root = root
        self._texts = texts
        self.tree: Tree = read_tree(root.request.path, root.files, texts, root.request.options)
        asked = {node.object for node in wanted}
        self.bodies = [body_of(built, brief=number not in asked) for number, built in enumerate(root.objects)]
        self.origins = origins(root, self.bodies, texts, self.tree)
        self.wants = [self._want(node) for node in wanted]
        self.flips = 0
        self._word = ""
        self._leaves: list[Leaf] = []
        self._by_place: dict[tuple[int, int], Leaf] = {}

    def _want(self, node: WantedNode) -> Want:
        body, origin = self.bodies[node.object], self.origins[node.object]
        at, value = existing_part(body, node.route)
        tails: list[Route] = [()] if not isinstance(value, dict | list) else [] if len(at) < 2 else list(scalars_below(value))
        want = Want(node, body, origin, at, value, tails)
        if origin is not None and origin.text.positions is not None and not origin.generated:
            want.manifest = walk(body, at, origin.text.positions.roots[origin.document], origin.prefix)
        if origin is not None:
            want.touches = list(patches_of(self.tree, origin, body, at))
            if want.missing:
                route = node.route[: len(at) + 1]
                want.removals = [touch for touch in patches_of(self.tree, origin, body, route) if touch.removes]
        return want

    def plan(self) -> list[tuple[KustomizeRequest, Round]]:
        """The first builds: with marks, with marks on what objects and list items are told apart by, with booleans turned."""
        options = bool(self.root.request.options)
        open_wants = [want for want in self.wants if not want.is_named and not stands(want, self.tree, options)]
        if not open_wants:
            return []
        self._leaves = leaves_of(self.tree)
        self._by_place = {(id(leaf.text), leaf.start): leaf for leaf in self._leaves}
        self._word = unused_word(built.text for built in self.root.objects)
        needles = {key for want in open_wants for tail in want.tails for key in _keys(dig(want.value, *tail))}
        strings = [value for want in open_wants for tail in want.tails if isinstance(value := dig(want.value, *tail), str)]
        equal = [leaf for leaf in self._leaves if not leaf.identity and (_key(leaf.value) in needles or _in_image(leaf, strings))]
        spaces = [leaf for leaf in self._leaves if leaf.part.role == "kustomization" and leaf.route == ("namespace",)]
        rounds = [
            self._marked(equal),
            self._marked([leaf for want in open_wants for leaf in self._told_apart(want)]),
            self._marked([leaf for leaf in spaces if _key(leaf.value) in needles]),
            *self._turned(open_wants),
        ]
        return [planned for planned in rounds if planned is not None]

    def retry(self, failed: Sequence[Round]) -> list[tuple[KustomizeRequest, Round]]:
        """More builds for what is still open: fewer marks where a build failed, and leaves that are a part of a scalar."""
        open_wants = [want for want in self.wants if not want.is_named and want.is_scalar and () not in want.proof]
        rounds = []
        for planned in failed:
            leaves = planned.leaves
            if len(leaves) > 1:
                ours = [leaf for leaf in leaves if leaf.part.role == "manifest"]
                others = [leaf for leaf in leaves if leaf.part.role != "manifest"]
                if not ours or not others:
                    ours, others = leaves[: len(leaves) // 2], leaves[len(leaves) // 2 :]
                rounds += [self._marked(ours), self._marked(others)]
        strings = [want.value for want in open_wants if isinstance(want.value, str) and not failed]
        if strings:
            rounds.append(self._marked([leaf for leaf in self._leaves if not leaf.identity and _is_part(leaf, strings)]))
        return [planned for planned in rounds if planned is not None]

    def _request(self, files: dict[str, bytes]) -> KustomizeRequest:
        return replace(self.root.request, overrides={**self._texts.shortened, **self.root.request.overrides, **files})

    def _marked(self, leaves: Iterable[Leaf]) -> tuple[KustomizeRequest, Round] | None:
        chosen = [leaf for leaf in dict.fromkeys(leaves) if not isinstance(leaf.value, bool)]
        if not chosen:
            return None
        marks = Marks(self._word)
        for leaf in chosen:
            marks.add(leaf)
        return self._request(marks.files()), Round(self, chosen, marks)

    def candidates(self, want: Want) -> Iterator[Leaf]:
        """The scalars at the wanted place in the manifest and in patches, if their value is the built one."""
        walks = [(want.origin.text, want.manifest)] if want.origin is not None and want.manifest is not None else []
        for source, found in [*walks, *((touch.part.text, touch.walk) for touch in want.touches)]:
            if found is not None and found.complete:
                node = shadow.target(found.node)
                leaf = self._by_place.get((id(source), span(source, node)[0])) if isinstance(node, shadow.Scalar) else None
                if leaf is not None and (leaf.value == want.value and isinstance(leaf.value, bool) == isinstance(want.value, bool)):
                    yield leaf

    def _told_apart(self, want: Want) -> Iterator[Leaf]:
        if want.is_scalar and want.at != ("metadata", "namespace"):
            yield from (leaf for leaf in self.candidates(want) if leaf.identity)
        for touch in want.removals:
            if touch.walk is not None and (leaf := self._removal(touch.part, touch.document, touch.walk)) is not None:
                want.codes[-1] = leaf
                yield leaf

    def _removal(self, part: Part, document: int, found: Walk) -> Leaf | None:
        node = shadow.target(found.node)
        if not isinstance(node, shadow.Scalar):
            return None
        start, end = span(part.text, node)
        is_path = found.route[-1:] == ("path",) and len(found.route) == 2
        return Leaf(part, document, found.route, start, end, None, "removal" if is_path else "null")

    def _turned(self, wants: Sequence[Want]) -> Iterator[tuple[KustomizeRequest, Round]]:
        """Builds in which booleans are turned over: which of them turn a place tells which leaf decides it."""
        numbers: dict[Leaf, int] = {}
        for want in wants:
            if want.is_scalar and isinstance(want.value, bool):
                candidates = list(self.candidates(want))
                if not candidates or (want.origin is not None and want.origin.generated):
                    candidates = [
                        leaf
                        for leaf in self._leaves
                        if leaf.value is want.value and leaf.route[-1:] == want.at[-1:] and leaf.part.role in ("values", "kustomization")
                    ]
                # Each of the leaves that may decide one place has a number of its own; others may have it as well.
                for leaf in candidates:
                    taken = {numbers[other] for other in candidates if other in numbers}
                    number = numbers.setdefault(leaf, min(set(range(1, len(candidates) + 2)) - taken))
                    want.codes[number] = leaf
        self.flips = min(max(numbers.values(), default=0).bit_length(), _MAX_FLIPS)
        for bit in range(self.flips):
            edits = Edits()
            leaves = [leaf for leaf, number in numbers.items() if number >> bit & 1 and number < 1 << _MAX_FLIPS]
            for leaf in leaves:
                leaf.set(edits, not leaf.value)
            yield self._request(edits.files()), Round(self, leaves, None, bit)


@dataclass(slots=True, eq=False)
class Round:
    """One build of a root: the leaves that were changed in it, with marks, or booleans turned over for one bit of their numbers."""

    trace: RootTrace
    leaves: list[Leaf]
    marks: Marks | None
    bit: int = 0

    def learn(self, built: BuiltRoot) -> bool:
        """Takes over what a build shows; False if it shows nothing, because it failed."""
        trace = self.trace
        if built.failures or len(built.objects) != len(trace.root.objects):
            return False
        bodies: dict[int, Any] = {}
        for want in trace.wants:
            number = want.node.object
            if built.objects[number].text == trace.root.objects[number].text:
                want.seen |= 0 if self.marks is not None else 1 << self.bit
                continue
            if number not in bodies:
                bodies[number] = self._again(built, number)
            if bodies[number] is not None:
                self._learn(want, bodies[number])
        return True

    def _again(self, built: BuiltRoot, number: int) -> Any:
        """An object of the plain build in another one: at the same place, or where its name was put by another order."""
        plain, body = self.trace.root.objects[number], self.trace.bodies[number]
        wanted = self._identity(plain, body)
        same = body_of(built.objects[number])
        if self._identity(built.objects[number], same) == wanted:
            return same
        others = [body_of(other) for other in built.objects if other.path == plain.path]
        found = [other for other in others if self._identity(plain, other) == wanted]
        return found[0] if len(found) == 1 else None

    def _identity(self, built: BuiltObject, body: Any) -> tuple[str, str, str]:
        name = text(dig(body, "metadata", "name"))
        return built.path, text(dig(body, "kind")), without_hash(self.marks.strip(name) if self.marks is not None else name)

    def _learn(self, want: Want, body: Any) -> None:
        if self.marks is None:
            same, value = at_same_place(want.body, body, want.at)
            if want.is_scalar and same and isinstance(value, bool):
                want.seen |= 1 << self.bit
                want.code |= (value is not want.value) << self.bit
            return
        for tail in want.tails:
            same, value = at_same_place(want.body, body, (*want.at, *tail))
            found = self.marks.found(value, dig(want.value, *tail)) if same else []
            if found and tail not in want.proof:
                want.proof[tail] = found
        if want.missing and -1 in want.codes:
            same, value = at_same_place(want.body, body, want.node.route[: len(want.at) + 1])
            leaf = want.codes[-1]
            # Without its null a patch leaves the field as it was; an operation that adds instead of removing leaves a mark.
            if same and ((leaf.form == "null" and leaf in self.leaves) or self.marks.found(value, None) == [leaf]):
                want.removed = leaf


def prove(traces: Sequence[RootTrace], build: Build) -> None:
    """Builds the roots again, all of them in one call per round, and notes in their wants what that shows."""
    planned = [entry for trace in traces for entry in trace.plan()]
    failed = _run(planned, build)
    again = [entry for trace in traces for entry in trace.retry([r for r in failed if r.trace is trace and r.marks is not None])]
    _run(again, build)
    for trace in traces:
        for want in trace.wants:
            if want.code in want.codes and want.seen == (1 << trace.flips) - 1:
                want.proof[()] = [want.codes[want.code]]


def _run(planned: Sequence[tuple[KustomizeRequest, Round]], build: Build) -> list[Round]:
    if not planned:
        return []
    waiting = list(planned)
    failed = []
    for built in build([request for request, _ in planned]):
        # A renderer may answer in another order.
        index = next((n for n, (request, _) in enumerate(waiting) if request is built.request), None)
        if index is None:
            index = next((n for n, (request, _) in enumerate(waiting) if request == built.request), None)
        if index is not None:
            _, entry = waiting.pop(index)
            if not entry.learn(built):
                failed.append(entry)
    return failed


def _key(value: Any) -> str | None:
    """What two scalars have in common that are built from each other: numbers may become strings."""
    return None if value is None or isinstance(value, bool | dict | list) else str(value)


def _keys(value: Any) -> Iterator[str]:
    key = _key(value)
    if key is not None:
        yield key
        if isinstance(value, str) and (inner := decoded(value)):
            yield inner


def _in_image(leaf: Leaf, strings: Sequence[str]) -> bool:
    return leaf.route[:1] == ("images",) and leaf.part.role == "kustomization" and any(str(leaf.value) in string for string in strings)


def _is_part(leaf: Leaf, strings: Sequence[str]) -> bool:
    value = _key(leaf.value)
    return (
        value is not None
        and len(value) >= _MIN_PART
        and isinstance(leaf.value, str)
        and any(value in string and value != string for string in strings)
    )
