from collections.abc import Iterator
from typing import Any

from linter.istio.annotations import ANNOTATIONS, ANY, POD
from linter.istio.keys import Key, carriers
from linter.istio.labels import LABELS
from linter.kubernetes.pods import POD_TYPES, pod_template
from linter.model import DesiredState, Node, Resource, Violation

# Kinds whose annotations no controller copies to pods or Services, so that the wrong place has no effect for certain.
_JUDGED = POD_TYPES | {"Namespace", "Service", "Ingress"}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if key.on not in _JUDGED or _is_read(key):
                continue
            kinds = _kinds(key)
            if POD not in kinds or key.on not in POD_TYPES:
                readers = " and ".join(kind.rpartition("/")[2] if kind != POD else "pods" for kind in kinds)
                yield Violation(
                    key.route,
                    f"the {key.field[:-1]} `{key.name}` of {_place(key, resource)} has no effect: it is read on {readers}",
                    resource=resource,
                )
            elif not _on_template(key, resource):
                yield Violation(
                    key.route,
                    f"the {key.field[:-1]} `{key.name}` of {_place(key, resource)} has no effect: it is read on the pod template",
                    fix=f"Move it to the {key.field} of the pod template.",
                    resource=resource,
                )


def _kinds(key: Key) -> tuple[str, ...]:
    entry = ANNOTATIONS[key.name] if key.field == "annotations" else LABELS[key.name]
    return entry.kinds


def _is_read(key: Key) -> bool:
    """Whether the key is read where it stands, or nobody can say."""
    if key.field == "annotations":
        annotation = ANNOTATIONS.get(key.name)
        return annotation is None or annotation.internal or ANY in annotation.kinds or key.on in annotation.kinds
    label = LABELS.get(key.name)
    return label is None or not label.steers_pod or ANY in label.kinds or key.on in label.kinds or key.on not in POD_TYPES


def _on_template(key: Key, resource: Resource) -> bool:
    """Whether the pod template says the same, so that the copy on the object is only decoration."""
    pod = pod_template(resource)
    return pod is None or key.name in (pod.annotations if key.field == "annotations" else pod.labels)


def _place(key: Key, resource: Resource) -> str:
    if key.on == resource.type:
        return str(resource)
    return f"the {'pod' if key.on == POD else 'job'} template of {resource}"
