"""Which rule packs have something to look at in a repository."""

from __future__ import annotations

from collections.abc import Iterable

from linter.inference.findings import PackFacts, Pin
from linter.inference.survey import Survey

# Packs about one system that also look at ordinary objects: what matters is whether the system is there.
_SYSTEMS = {"dns": "dns", "istio": "istio"}


def pins(packs: Iterable[PackFacts], found: Survey, charts: int) -> tuple[Pin, ...]:
    """A pin for each pack, to its version without the patch number, by name."""
    return tuple(Pin(pack.name, _minor(pack.version), _matters(pack, found, charts)) for pack in sorted(packs, key=lambda pack: pack.name))


def _matters(pack: PackFacts, found: Survey, charts: int) -> bool:
    if pack.name in _SYSTEMS:
        return _SYSTEMS[pack.name] in found.mentions or any(
            each.partition("/")[0].endswith(("istio.io", "externaldns.k8s.io")) for each in found.types & pack.kinds
        )
    if not pack.kinds and not pack.pods and not pack.charts:
        return True  # it looks at files, states or suppressions, which every repository has
    return (
        charts > 0  # nobody knows what a chart with dependencies renders to
        or (pack.pods and found.has_pods)
        or ("*" in pack.kinds and bool(found.types))
        or not pack.kinds.isdisjoint(found.types)
    )


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
