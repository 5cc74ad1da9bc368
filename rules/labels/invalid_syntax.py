from collections.abc import Iterator
from typing import Any

from linter.kubernetes.label_fields import label_maps, label_selectors
from linter.kubernetes.labels import MAX_ANNOTATION_BYTES, annotation_bytes, key_problem, value_problem
from linter.model import DesiredState, Node, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for field in label_maps(node.resource):
        annotation = field.use == "annotation"
        word = "annotation" if annotation else "label"
        for key, value in field.pairs.items():
            route = (*field.route, key)
            if not state.is_opaque(key) and (problem := key_problem(key, annotation=annotation)) is not None:
                yield Violation(route, f"`{key}` is not a valid {word} key: {problem}", on="key")
            if not annotation and isinstance(value, str) and not state.is_opaque(value) and (problem := value_problem(value)) is not None:
                yield Violation(route, f"`{value}` is not a valid value for the label `{key}`: {problem}")
        if annotation and (size := annotation_bytes(field.pairs)) > MAX_ANNOTATION_BYTES:
            yield Violation(
                field.route,
                f"the annotations hold {size} bytes, and {MAX_ANNOTATION_BYTES} are allowed",
                fix="Move the large values into a ConfigMap.",
            )
    for selector in label_selectors(node.resource):
        for index, expression in enumerate(items(selector.selector.get("matchExpressions"))):
            entry, route = mapping(expression), (*selector.route, "matchExpressions", index)
            name = entry.get("key")
            if isinstance(name, str) and not state.is_opaque(name) and (problem := key_problem(name)) is not None:
                yield Violation((*route, "key"), f"`{name}` is not a valid label key: {problem}")
            for position, value in enumerate(items(entry.get("values"))):
                if isinstance(value, str) and not state.is_opaque(value) and (wrong := value_problem(value)) is not None:
                    yield Violation((*route, "values", position), f"`{value}` is not a valid value for the label `{name}`: {wrong}")
