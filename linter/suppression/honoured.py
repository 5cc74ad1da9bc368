"""The annotations with which other linters suppress their checks.

They count for rules that name the check under `equivalents`, and only where the configuration says `honour:`. They are
written for another program, so what is wrong with them is that program's business: one that cannot be read is as if it
were not there.

Sources: kube-linter, pkg/ignore; kube-score, scorecard (isEnabled, isSkipped); Polaris, pkg/validator/schema.go
(hasExemptionAnnotation); checkov, kubernetes_utils.get_skipped_checks; kubescape, opaprocessor
(inlineExceptionFromResource); Istio, the resource annotation galley.istio.io/analyze-suppress and the snapshot filter of
`istioctl analyze`. Trivy has no such annotations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

EVERY_CHECK = "*"

# What kube-score ignores together with a check.
_KUBE_SCORE_IMPLIED = {"container-resources": ("container-ephemeral-storage-request-and-limit",)}
_CHECKOV_KEYS = ("checkov.io/skip", "bridgecrew.io/skip")
_POLARIS = "polaris.fairwinds.com/"
_KUBE_LINTER = "ignore-check.kube-linter.io/"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Honoured:
    """What one annotation suppresses: checks of a linter by their ids, or EVERY_CHECK.

    `key` is the annotation's key; `until` the last day it counts (YYYY-MM-DD).
    """

    linter: str
    key: str
    checks: tuple[str, ...]
    reason: str | None = None
    until: str | None = None

    def covers(self, equivalents: Mapping[str, Collection[str]]) -> bool:
        """Whether it speaks about a rule with these equivalents (linter -> ids of its checks)."""
        ids = equivalents.get(self.linter, ())
        return bool(ids) if EVERY_CHECK in self.checks else any(check in ids for check in self.checks)


def honoured(linters: Collection[str], annotations: Mapping[str, Any], *, of_pod: bool = False) -> list[Honoured]:
    """What the annotations of an object say to these linters, in the order of the keys.

    `of_pod` says that they are the annotations of a workload's pod template, which only kube-score reads.
    """
    return [
        found
        for linter, read in _READERS.items()
        if linter in linters and (not of_pod or linter == "kube-score")
        for found in read(annotations)
        if found.checks
    ]


def _kube_linter(annotations: Mapping[str, Any]) -> Iterator[Honoured]:
    for key, value in annotations.items():
        if key == "kube-linter.io/ignore-all":
            yield Honoured("kube-linter", key, (EVERY_CHECK,), _text(value))
        elif key.startswith(_KUBE_LINTER):
            yield Honoured("kube-linter", key, _ids(key.removeprefix(_KUBE_LINTER)), _text(value))


def _kube_score(annotations: Mapping[str, Any]) -> Iterator[Honoured]:
    if (names := _text(annotations.get("kube-score/ignore"))) is not None:
        ids = _ids(names, wildcard=True)
        implied = (more for name in ids for more in _KUBE_SCORE_IMPLIED.get(name, ()))
        yield Honoured("kube-score", "kube-score/ignore", tuple(dict.fromkeys((*ids, *implied))))
    if _is_true(annotations.get("kube-score/skip")):
        yield Honoured("kube-score", "kube-score/skip", (EVERY_CHECK,))


def _polaris(annotations: Mapping[str, Any]) -> Iterator[Honoured]:
    for key, value in annotations.items():
        if not key.startswith(_POLARIS) or not _is_true(value):
            continue
        name = key.removeprefix(_POLARIS)
        if name == "exempt":
            yield Honoured("polaris", key, (EVERY_CHECK,))
        elif name.endswith("-exempt"):
            yield Honoured("polaris", key, (name.removesuffix("-exempt"),))


def _checkov(annotations: Mapping[str, Any]) -> Iterator[Honoured]:
    for key, value in annotations.items():
        if key.startswith(_CHECKOV_KEYS) and (text := _text(value)) is not None:
            check, _, reason = text.partition("=")
            yield Honoured("checkov", key, _ids(check), reason.strip() or None)


def _kubescape(annotations: Mapping[str, Any]) -> Iterator[Honoured]:
    controls = _text(annotations.get("kubescape.io/skip-controls"))
    if controls is None:
        return
    until = None
    if expiry := annotations.get("kubescape.io/skip-expiry"):
        until = _last_day(expiry)
        if until is None:
            return
    yield Honoured("kubescape", "kubescape.io/skip-controls", _ids(controls), _text(annotations.get("kubescape.io/skip-reason")), until)


def _istioctl(annotations: Mapping[str, Any]) -> Iterator[Honoured]:
    key = "galley.istio.io/analyze-suppress"
    if (codes := _text(annotations.get(key))) is not None:
        yield Honoured("istioctl", key, _ids(codes, wildcard=True))


_READERS: dict[str, Callable[[Mapping[str, Any]], Iterator[Honoured]]] = {
    "kube-linter": _kube_linter,
    "kube-score": _kube_score,
    "polaris": _polaris,
    "checkov": _checkov,
    "kubescape": _kubescape,
    "istioctl": _istioctl,
}
LINTERS = tuple(_READERS)
"""The linters whose annotations are understood."""


def _ids(text: str, *, wildcard: bool = False) -> tuple[str, ...]:
    """The checks in a list; `*` is one only for linters that read it so (`wildcard`)."""
    names = (name.strip() for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name and (wildcard or name != EVERY_CHECK)))


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _is_true(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() == "true"


def _last_day(expiry: object) -> str | None:
    """The day (UTC) in which the last second before a moment lies, or None if it is no moment as RFC 3339 writes it."""
    if not isinstance(expiry, str) or not _RFC3339.fullmatch(expiry):
        return None
    try:
        return (datetime.fromisoformat(expiry) - timedelta(seconds=1)).astimezone(UTC).date().isoformat()
    except (ValueError, OverflowError):
        return None
