"""Finding the pod templates of a state that a selector chooses, without comparing every selector with every template."""

from __future__ import annotations

from collections.abc import Sequence

from linter.kubernetes.labels.selectors import matches, matches_map
from linter.kubernetes.pods import pod_templates
from linter.model import DesiredState, PodTemplate, mapping

_Entry = tuple[PodTemplate, dict[str, str]]


def templates_in(state: DesiredState, namespace: str) -> tuple[PodTemplate, ...]:
    """Every pod template of the state in one namespace, in document order."""
    return tuple(pod for pod, _ in state.derive(_index).namespaces.get(namespace, ()))


def templates_selected(state: DesiredState, namespace: str, selector: object) -> tuple[PodTemplate, ...]:
    """The pod templates of one namespace whose labels a LabelSelector matches, in document order."""
    candidates = state.derive(_index).candidates(namespace, mapping(mapping(selector).get("matchLabels")))
    return tuple(pod for pod, labels in candidates if matches(selector, labels))


def templates_selected_by_map(state: DesiredState, namespace: str, selector: object) -> tuple[PodTemplate, ...]:
    """The pod templates of one namespace that a plain map such as a Service's selector matches, in document order."""
    candidates = state.derive(_index).candidates(namespace, mapping(selector))
    return tuple(pod for pod, labels in candidates if matches_map(selector, labels))


class _PodIndex:
    """The pod templates of a state by namespace and by each of their labels."""

    def __init__(self, state: DesiredState) -> None:
        self.namespaces: dict[str, list[_Entry]] = {}
        self._pairs: dict[tuple[str, str, str], list[_Entry]] = {}
        for pod in pod_templates(state):
            entry = (pod, pod.labels)
            self.namespaces.setdefault(pod.namespace, []).append(entry)
            for key, value in entry[1].items():
                self._pairs.setdefault((pod.namespace, key, value), []).append(entry)

    def candidates(self, namespace: str, pairs: dict[str, object]) -> Sequence[_Entry]:
        """Templates that carry the rarest of the pairs; all of the namespace where no pair narrows them down."""
        best: Sequence[_Entry] | None = None
        for key, value in pairs.items():
            if not isinstance(key, str) or not isinstance(value, str):
                return ()
            found = self._pairs.get((namespace, key, value), ())
            if best is None or len(found) < len(best):
                best = found
        return self.namespaces.get(namespace, ()) if best is None else best


def _index(state: DesiredState) -> _PodIndex:
    return _PodIndex(state)
