"""Rules × resources -> violations. A check that raises becomes a named failure, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from linter.kubernetes.pods import POD_TYPES, VIEWS, pod_template
from linter.model import ChartFacts, DesiredState, Document, Failure, Node, Repository, Resource, Source, Violation
from linter.packs.binding import BoundRule


@dataclass(frozen=True, slots=True)
class Hit:
    """A violation with the rule that found it and the place it belongs to: an object, a document, or a chart file."""

    bound: BoundRule
    violation: Violation
    resource: Resource | None = None
    document: Document | None = None
    chart: tuple[Source, str] | None = None


class Runner:
    """The rules of a run, sorted by what they match, so that an object meets only the rules for it."""

    def __init__(self, rules: Sequence[BoundRule]) -> None:
        self.failures: dict[tuple[str, str], Failure] = {}
        self._views: dict[str, list[BoundRule]] = {}
        self._any_kind: list[BoundRule] = []
        self._kinds: dict[str, list[BoundRule]] = {}
        self._subjects: dict[str, list[BoundRule]] = {}
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

    def run_state(self, state: DesiredState) -> list[Hit]:
        """Every violation in one state, by the rules about objects and about the state itself."""
        hits: list[Hit] = []
        for resource in state.resources:
            for bound in self._any_kind:
                hits += self._apply(bound, Node(resource.body, (), resource), state, resource)
            for bound in self._kinds.get(resource.type, ()):
                hits += self._apply(bound, Node(resource.body, (), resource), state, resource)
            if self._views and resource.type in POD_TYPES and (pod := pod_template(resource)) is not None:
                for view, rules in self._views.items():
                    for node in VIEWS[view](pod):
                        for bound in rules:
                            hits += self._apply(bound, node, state, resource)
        for bound in self.rules_on("state"):
            hits += self._apply(bound, Node(state), state, None)
        return hits

    def run_documents(self, documents: Iterable[Document], state: DesiredState) -> list[Hit]:
        """Violations by the rules about whole documents."""
        rules = self.rules_on("document")
        return [
            hit
            for document in documents
            for bound in rules
            for hit in self._apply(bound, Node(document.value, document=document), state, None, document=document)
        ]

    def run_duplicates(self, document: Document, keys: Iterable[tuple[tuple[str | int, ...], int]], state: DesiredState) -> list[Hit]:
        """Violations by the rules about repeated keys; `keys` are (route of the key, line of its first occurrence)."""
        hits: list[Hit] = []
        for route, first_line in keys:
            node = Node({"key": route[-1], "first_line": first_line}, route, document=document)
            for bound in self.rules_on("duplicate"):
                hits += self._apply(bound, node, state, None, document=document)
        return hits

    def run_chart(self, source: Source, facts: ChartFacts, state: DesiredState) -> list[Hit]:
        """Violations by the rules about a chart; their routes lead into its Chart.yaml."""
        hits: list[Hit] = []
        for bound in self.rules_on("chart"):
            hits += self._apply(bound, Node(facts), state, None, chart=(source, f"{facts.path}/Chart.yaml".removeprefix("./")))
        return hits

    def run_repository(self, repository: Repository) -> list[Hit]:
        """Violations by the rules that compare states."""
        return [hit for bound in self.rules_on("repository") for hit in self._apply(bound, Node(repository), repository, None)]

    def run_suppression(self, facts: dict[str, Any]) -> list[tuple[BoundRule, Violation]]:
        """Violations by the rules about one suppression."""
        return [
            (bound, violation)
            for bound in self.rules_on("suppression")
            for violation in self._checked(bound, lambda bound=bound: bound.check(Node(facts), None, bound.params), facts["path"], "a suppression")
        ]

    def _apply(
        self,
        bound: BoundRule,
        node: Node,
        state: DesiredState | Repository,
        resource: Resource | None,
        document: Document | None = None,
        chart: tuple[Source, str] | None = None,
    ) -> Sequence[Hit]:
        try:
            result = bound.check(node, state, bound.params)
            if result is None:
                return ()
            violations = (result,) if isinstance(result, Violation) else result
            return [_hit(bound, violation, resource, document, chart) for violation in violations]
        except Exception as error:
            self._crashed(bound, error, resource, document, chart)
            return ()

    def _checked(self, bound: BoundRule, call: Callable[[], Any], path: str, subject: str) -> Sequence[Violation]:
        try:
            result = call()
            return () if result is None else (result,) if isinstance(result, Violation) else list(result)
        except Exception as error:
            self._record(bound, error, path, subject)
            return ()

    def _crashed(
        self, bound: BoundRule, error: Exception, resource: Resource | None, document: Document | None, chart: tuple[Source, str] | None
    ) -> None:
        document = resource.document if resource is not None else document
        path = document.file.path if document is not None else chart[1] if chart is not None else ""
        self._record(bound, error, path, str(resource) if resource is not None else "the repository" if not path else path)

    def _record(self, bound: BoundRule, error: Exception, path: str, subject: str) -> None:
        """One failure per rule and object: a crash in a loop over containers is one thing to mend."""
        key = (bound.rule.id, f"{path} {subject}")
        if key in self.failures:
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


def _hit(bound: BoundRule, violation: Violation, resource: Resource | None, document: Document | None, chart: tuple[Source, str] | None) -> Hit:
    """The violation with its place. Raises TypeError or LookupError for one that a finding cannot be made of."""
    if not isinstance(violation, Violation):
        raise TypeError(f"check() must yield Violations, not {type(violation).__name__}")
    if not isinstance(violation.route, tuple) or not all(isinstance(step, str | int) for step in violation.route):
        raise TypeError(f"a route is a tuple of keys and indexes, not {violation.route!r}")
    resource = violation.resource or resource
    if resource is None and document is None and chart is None:
        raise LookupError("a violation in a state names its object with `resource=`")
    return Hit(bound, violation, resource, document, chart)
