"""Rules × resources -> violations. A check that raises becomes a named failure, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from linter.kubernetes.pods import POD_TYPES, VIEWS, pod_template
from linter.model import ChartFacts, DesiredState, Document, Failure, Node, PodTemplate, Repository, Resource, Route, Source, Violation
from linter.packs.binding import BoundRule
from linter.packs.checks import Check, UndecidedError

_Step = tuple[BoundRule, Check, dict[str, Any]]


class Hit(NamedTuple):
    """A violation with the rule that found it and the place it belongs to: an object, a document, or a chart file."""

    bound: BoundRule
    violation: Violation
    resource: Resource | None = None
    document: Document | None = None
    chart: tuple[Source, str] | None = None


class Runner:
    """The rules of a run, sorted by what they match, so that an object meets only the rules for it.

    A check is imported when the first object of its kind comes along; ConfigurationError for one that cannot be may come then.
    """

    def __init__(self, rules: Sequence[BoundRule]) -> None:
        self.rules = tuple(rules)
        self.failures: dict[tuple[str, str], Failure] = {}
        self._views: dict[str, list[BoundRule]] = {}
        self._any_kind: list[BoundRule] = []
        self._kinds: dict[str, list[BoundRule]] = {}
        self._subjects: dict[str, list[BoundRule]] = {}
        self._checks: dict[str, list[_Step]] = {}
        self._view_checks: list[tuple[Callable[[PodTemplate], Iterator[Node]], list[_Step]]] | None = None
        for bound in rules:
            kind, values = bound.rule.match
            if kind == "each":
                self._views.setdefault(values[0], []).append(bound)
            elif kind == "on":
                self._subjects.setdefault(values[0], []).append(bound)
            elif "*" in values:
                self._any_kind.append(bound)
            else:
                for value in values:
                    self._kinds.setdefault(value, []).append(bound)

    def rules_on(self, subject: str) -> list[BoundRule]:
        """The rules with `match: {on: subject}`."""
        return self._subjects.get(subject, [])

    def load(self, types: Iterable[str]) -> None:
        """Import the checks for objects of these types now, so that processes which are forked later have them."""
        for kind in types:
            if kind not in self._checks:
                self._load(kind)
            if self._views and kind in POD_TYPES:
                self._loaded_views()

    def _load(self, type: str) -> list[_Step]:
        steps = self._checks[type] = _steps((*self._any_kind, *self._kinds.get(type, ())))
        return steps

    def _loaded_views(self) -> list[tuple[Callable[[PodTemplate], Iterator[Node]], list[_Step]]]:
        if self._view_checks is None:
            self._view_checks = [(VIEWS[view], _steps(rules)) for view, rules in self._views.items()]
        return self._view_checks

    def run_objects(self, state: DesiredState, resources: Iterable[Resource]) -> list[Hit]:
        """Every violation in these objects of a state, by the rules about objects."""
        hits: list[Hit] = []
        for resource in resources:
            before = len(hits)
            steps = self._checks.get(resource.type)
            if steps is None:
                steps = self._load(resource.type)
            self._apply(steps, Node(resource.body, (), resource), state, hits, resource)
            if self._views and resource.type in POD_TYPES and (pod := pod_template(resource)) is not None:
                for nodes, steps in self._loaded_views():
                    for node in nodes(pod):
                        self._apply(steps, node, state, hits, resource)
            if len(hits) > before + 1:
                hits[before:] = _causes(hits[before:])
        return hits

    def run_state(self, state: DesiredState) -> list[Hit]:
        """Every violation by the rules about a state itself."""
        hits: list[Hit] = []
        self._apply(_steps(self.rules_on("state")), Node(state), state, hits)
        return hits

    def run_changes(self, state: DesiredState, changes: Iterable[tuple[Resource, Resource]]) -> list[Hit]:
        """Violations by the rules about changes; `changes` are objects of the state, each with what it was."""
        hits: list[Hit] = []
        steps = _steps(self.rules_on("change"))
        for resource, earlier in changes:
            self._apply(steps, Node(resource.body, (), resource, earlier=earlier), state, hits, resource)
        return hits

    def run_documents(self, documents: Iterable[Document], state: DesiredState) -> list[Hit]:
        """Violations by the rules about whole documents."""
        steps, hits = _steps(self.rules_on("document")), []  # type: ignore[var-annotated]
        for document in documents:
            self._apply(steps, Node(document.value, document=document), state, hits, document=document)
        return hits

    def run_duplicates(self, document: Document, keys: Iterable[tuple[tuple[str | int, ...], int]], state: DesiredState) -> list[Hit]:
        """Violations by the rules about repeated keys; `keys` are (route of the key, line of its first occurrence)."""
        hits: list[Hit] = []
        steps = _steps(self.rules_on("duplicate"))
        for route, first_line in keys:
            node = Node({"key": route[-1], "first_line": first_line}, route, document=document)
            self._apply(steps, node, state, hits, document=document)
        return hits

    def run_scalars(
        self, resource: Resource, scalars: Iterable[tuple[tuple[str | int, ...], str, object]], state: DesiredState
    ) -> list[Hit]:
        """Violations by the rules about numbers and keys; of each the route in the object, what its author wrote, and its value, None
        for a key."""
        hits: list[Hit] = []
        steps = _steps(self.rules_on("scalar"))
        for route, written, value in scalars:
            self._apply(steps, Node({"written": written, "value": value}, route, resource), state, hits, resource)
        return hits

    def run_chart(self, source: Source, facts: ChartFacts, state: DesiredState) -> list[Hit]:
        """Violations by the rules about a chart; their routes lead into its Chart.yaml."""
        hits: list[Hit] = []
        chart = (source, f"{facts.path}/Chart.yaml".removeprefix("./"))
        self._apply(_steps(self.rules_on("chart")), Node(facts), state, hits, chart=chart)
        return hits

    def run_repository(self, repository: Repository) -> list[Hit]:
        """Violations by the rules that compare states."""
        hits: list[Hit] = []
        self._apply(_steps(self.rules_on("repository")), Node(repository), repository, hits)
        return hits

    def run_suppression(self, facts: dict[str, Any]) -> list[tuple[BoundRule, Violation]]:
        """Violations by the rules about one suppression."""
        found: list[tuple[BoundRule, Violation]] = []
        for bound, check, params in _steps(self.rules_on("suppression")):
            try:
                result = check(Node(facts), None, params)
                violations = () if result is None else (result,) if isinstance(result, Violation) else list(result)
            except (Exception, SystemExit) as error:
                self._record(bound, error, facts["path"], "a suppression")
            else:
                found += [(bound, violation) for violation in violations]
        return found

    def _apply(
        self,
        steps: Iterable[_Step],
        node: Node,
        state: DesiredState | Repository,
        hits: list[Hit],
        resource: Resource | None = None,
        document: Document | None = None,
        chart: tuple[Source, str] | None = None,
    ) -> None:
        """Run checks on one node and add what they find. This loop is where a run spends its time."""
        for bound, check, params in steps:
            try:
                result = check(node, state, params)
                if result is None:
                    continue
                violations = (result,) if isinstance(result, Violation) else [*result]
                if violations:
                    hits += [_hit(bound, violation, resource, document, chart) for violation in violations]
            except UndecidedError as error:
                hits += [_hit(bound, violation, resource, document, chart) for violation in error.found]
                self._crashed(bound, error, resource, document, chart)
            except (Exception, SystemExit) as error:
                self._crashed(bound, error, resource, document, chart)

    def _crashed(
        self, bound: BoundRule, error: BaseException, resource: Resource | None, document: Document | None, chart: tuple[Source, str] | None
    ) -> None:
        document = resource.document if resource is not None else document
        path = document.file.path if document is not None else chart[1] if chart is not None else ""
        self._record(bound, error, path, str(resource) if resource is not None else path or "the repository")

    def _record(self, bound: BoundRule, error: BaseException, path: str, subject: str) -> None:
        """One failure per rule and object: a crash in a loop over containers is one thing to mend."""
        key = (bound.rule.id, f"{path} {subject}")
        if key in self.failures:
            return
        if isinstance(error, UndecidedError):
            words = f"rule {bound.rule.id} cannot judge {subject}: {error}"
            where = f" (in {bound.rule.path})" if bound.rule.path else ""
            self.failures[key] = Failure("rule-undecided", "broken", "rule", path, None, words, error.fix + where)
            return
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f" (line {frame.tb_lineno})" if frame is not None else ""
        self.failures[key] = Failure(
            "rule-crashed",
            "broken",
            "rule",
            path,
            None,
            f"rule {bound.rule.id} raised {type(error).__name__} on {subject}{where}: {error}",
            f"please report this; meanwhile `--ignore {bound.rule.id}` leaves the rule out",
        )


def _causes(hits: list[Hit]) -> list[Hit]:
    """The violations in one object without those that another one of them explains. One that explains something is never
    explained itself."""
    explained = [(hit, place) for hit in hits for place in hit.violation.explains]
    if not explained:
        return hits
    return [hit for hit in hits if hit.violation.explains or not any(_lies_in(hit, cause, place) for cause, place in explained)]


def _lies_in(hit: Hit, cause: Hit, place: Route) -> bool:
    """Whether a violation, or what it is compared with, is at or below a place of the object that another violation is in."""
    if hit.resource is not cause.resource:
        return False
    related = [other.route for other in hit.violation.related if other.resource is None or other.resource is hit.resource]
    return any(
        len(route) >= len(place)
        and all(step == wanted or (wanted == "[]" and isinstance(step, int)) for step, wanted in zip(route, place, strict=False))
        for route in (hit.violation.route, *related)
    )


def _steps(rules: Iterable[BoundRule]) -> list[_Step]:
    return [(bound, bound.check, bound.params) for bound in rules]


def _hit(
    bound: BoundRule, violation: Violation, resource: Resource | None, document: Document | None, chart: tuple[Source, str] | None
) -> Hit:
    """The violation with its place. Raises TypeError or LookupError for one that a finding cannot be made of."""
    if not isinstance(violation, Violation):
        raise TypeError(f"check() must yield Violations, not {type(violation).__name__}")
    if not isinstance(violation.route, tuple) or not all(isinstance(step, str | int) for step in violation.route):
        raise TypeError(f"a route is a tuple of keys and indexes, not {violation.route!r}")
    resource = violation.resource or resource
    if resource is None and document is None and chart is None:
        raise LookupError("a violation in a state names its object with `resource=`")
    return Hit(bound, violation, resource, document, chart)
