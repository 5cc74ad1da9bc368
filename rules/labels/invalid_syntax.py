from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.fields import LabelMap, SelectorField, label_fields
from linter.kubernetes.labels.syntax import MAX_ANNOTATION_BYTES, annotation_bytes, annotation_key_problem, key_problem, value_problem
from linter.model import DesiredState, Node, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> list[Violation]:
    found: list[Violation] = []
    fields = label_fields(node.resource)
    template = not node.resource.document.file.rendered
    for field in fields.maps:
        if field.use == "annotation":
            found += _in_annotations(field, state)
        else:
            # Nearly all are valid, and whether a wrong one is a placeholder need only be asked then.
            for key, value in field.pairs.items():
                if (problem := key_problem(key)) is not None and not state.is_opaque(key):
                    found.append(Violation((*field.route, key), f"`{key}` is not a valid label key: {problem}", on="key"))
                if isinstance(value, str) and (problem := value_problem(value)) is not None and not state.is_opaque(value):
                    # In a template of some other program there is no value yet.
                    if template and "{{" in value:
                        continue
                    found.append(Violation((*field.route, key), f"`{value}` is not a valid value for the label `{key}`: {problem}"))
    for selector in fields.selectors:
        if "matchExpressions" in selector.selector:
            found += _in_conditions(selector, state)
    return found


def _in_annotations(field: LabelMap, state: DesiredState) -> Iterator[Violation]:
    for key in field.pairs:
        if (problem := annotation_key_problem(key)) is not None and not state.is_opaque(key):
            yield Violation((*field.route, key), f"`{key}` is not a valid annotation key: {problem}", on="key")
    size = annotation_bytes(field.pairs)
    if size > MAX_ANNOTATION_BYTES:
        yield Violation(
            field.route,
            f"the annotations hold {size} bytes, and {MAX_ANNOTATION_BYTES} are allowed",
            fix="Move the large values into a ConfigMap.",
        )


def _in_conditions(selector: SelectorField, state: DesiredState) -> Iterator[Violation]:
    for index, expression in enumerate(items(selector.selector.get("matchExpressions"))):
        entry, route = mapping(expression), (*selector.route, "matchExpressions", index)
        name = entry.get("key")
        if isinstance(name, str) and not state.is_opaque(name) and (problem := key_problem(name)) is not None:
            yield Violation((*route, "key"), f"`{name}` is not a valid label key: {problem}")
        for position, value in enumerate(items(entry.get("values"))):
            if isinstance(value, str) and not state.is_opaque(value) and (wrong := value_problem(value)) is not None:
                yield Violation((*route, "values", position), f"`{value}` is not a valid value for the label `{name}`: {wrong}")
