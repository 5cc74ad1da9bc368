"""What variables and files can tell a container about its own pod. Source: `validateObjectFieldSelector`,
`validateContainerResourceFieldSelector`, `validateContainerResourceDivisor` and `ConvertDownwardAPIFieldLabel`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from linter.kubernetes.labels.syntax import annotation_key_problem, key_problem
from linter.kubernetes.scalars.quantities import NANOS, parse_quantity
from linter.model import Route, Violation
from linter.spelling import nearest
from linter.wording import shown

_VARIABLE_FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
_FILE_FIELDS = ("metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid")
_RESOURCES = tuple(f"{kind}.{name}" for kind in ("limits", "requests") for name in ("cpu", "memory", "ephemeral-storage"))
_PAGES = ("limits.hugepages-", "requests.hugepages-")
_SUBSCRIPT = re.compile(r"(?P<path>[^\[\]]+)\['(?P<key>.*)'\]\Z", re.DOTALL)
# Since when a variable can hold status.hostIPs (PodHostIPs on by default).
_HOST_IPS_SINCE = 29
_EXPONENT = re.compile(r"[eE][+-]?[0-9]")
_CPU_DIVISORS = frozenset({NANOS // 1000, NANOS})
_DECIMAL_DIVISORS = frozenset(NANOS * 1000**power for power in range(7))
_BINARY_DIVISORS = frozenset(NANOS * 1024**power for power in range(7))


def field_violation(body: dict[str, Any], at: Route, minor: int, *, volume: bool) -> Violation | None:
    """What is wrong with a fieldRef: of a file in a volume, or else of an environment variable."""
    path, version = body.get("fieldPath"), body.get("apiVersion")
    if isinstance(version, str) and version not in ("", "v1"):
        return Violation((*at, "apiVersion"), f"apiVersion `{shown(version)}` is not v1, the only version of pods")
    if not isinstance(path, str):
        return None
    if not path:
        return Violation((*at, "fieldPath"), "fieldPath is empty")
    accepted = _FILE_FIELDS if volume else _VARIABLE_FIELDS
    if path in accepted:
        if path == "status.hostIPs" and minor < _HOST_IPS_SINCE:
            return Violation((*at, "fieldPath"), f"fieldPath `{path}` needs Kubernetes 1.{_HOST_IPS_SINCE}")
        return None
    match = _SUBSCRIPT.match(path)
    if match is not None:
        if match["path"] == "metadata.labels":
            problem = key_problem(match["key"])
        elif match["path"] == "metadata.annotations":
            problem = annotation_key_problem(match["key"])
        else:
            return Violation((*at, "fieldPath"), f"`{shown(match['path'])}` takes no key in brackets; only labels and annotations do")
        if problem is not None:
            return Violation((*at, "fieldPath"), f"the key `{shown(match['key'])}` in fieldPath is not valid: {problem}")
        return None
    if path in ("metadata.labels", "metadata.annotations"):
        return Violation(
            (*at, "fieldPath"),
            f"a variable cannot hold all of {path}",
            fix=f"Name one, as in `{path}['example']`, or use a downwardAPI volume.",
        )
    if path == "spec.host" and not volume:
        return None
    what = "a file" if volume else "a variable"
    return Violation((*at, "fieldPath"), f"fieldPath `{shown(path)}` is not among what {what} can hold{_meant(path, accepted)}")


def resource_field_violations(body: dict[str, Any], at: Route, *, volume: bool) -> Iterator[Violation]:
    """What is wrong with a resourceFieldRef: of a file in a volume, or else of an environment variable."""
    resource, divisor = body.get("resource"), body.get("divisor")
    if volume and not body.get("containerName"):
        yield Violation((*at, "containerName"), "a file about resources must name the container: containerName is missing")
    if not isinstance(resource, str):
        return
    if resource not in _RESOURCES and not resource.startswith(_PAGES):
        yield Violation((*at, "resource"), f"resource `{shown(resource)}` is not among what can be told{_meant(resource, _RESOURCES)}")
        return
    amount = parse_quantity(divisor)
    if not amount:
        return
    if resource.endswith(".cpu"):
        fits, listed = amount in _CPU_DIVISORS, "`1` or `1m`"
    else:
        fits = amount in _DECIMAL_DIVISORS or (amount in _BINARY_DIVISORS and "i" in str(divisor))
        listed = "`1` or one of a suffix, such as `1M` or `1Mi`"
    # A divisor is compared as it is written back, and an exponent stays one.
    if not fits or (_EXPONENT.search(str(divisor)) and amount != NANOS):
        yield Violation((*at, "divisor"), f"divisor `{shown(str(divisor))}` is not accepted for {resource}: it must be {listed}")


def _meant(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known)
    return f" (did you mean `{near}`?)" if near is not None else f"; accepted are {', '.join(f'`{name}`' for name in known)}"
