"""Permissions of the files in volumes: where a pod has them, and which are an octal number without its zero.

Source: `defaultMode` and `mode` of SecretVolumeSource, ConfigMapVolumeSource, DownwardAPIVolumeSource, ProjectedVolumeSource
and KeyToPath in the API reference: octal in YAML with a leading zero, decimal without.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Route, items, mapping

_VOLUMES = ("configMap", "secret", "downwardAPI", "projected")
_PROJECTED = ("configMap", "secret", "downwardAPI")
# What one class of users may do, as anybody would choose it: nothing, or at least read.
_USUAL = (0, 4, 5, 6, 7)
_MOST = 0o777


def file_modes(pod_spec: dict[str, Any], route: Route) -> Iterator[tuple[Route, int]]:
    """Route and value of every file mode in a pod's volumes; `route` is that of the pod's spec."""
    for number, volume in enumerate(items(pod_spec.get("volumes"))):
        for kind in _VOLUMES:
            source = mapping(volume).get(kind)
            if not isinstance(source, dict):
                continue
            at = (*route, "volumes", number, kind)
            if type(source.get("defaultMode")) is int:
                yield (*at, "defaultMode"), source["defaultMode"]
            yield from _of_items(source, at)
            for index, part in enumerate(items(source.get("sources"))):
                for name in _PROJECTED:
                    yield from _of_items(mapping(mapping(part).get(name)), (*at, "sources", index, name))


def _of_items(source: dict[str, Any], route: Route) -> Iterator[tuple[Route, int]]:
    for index, item in enumerate(items(source.get("items"))):
        mode = mapping(item).get("mode")
        if type(mode) is int:
            yield (*route, "items", index, "mode"), mode


def octal_meant(mode: int) -> int | None:
    """The permissions that the digits of a decimal number are in octal, if those are usual and the number's own are not.

    400 is 0620, which nobody wants, while 0400 is what one gives a key. Above 0777 the API server refuses the number.
    """
    digits = str(mode)
    if not 0 < mode <= _MOST or len(digits) != 3 or not set(digits) <= set("01234567") or _is_usual(mode):
        return None
    meant = int(digits, 8)
    return meant if _is_usual(meant) else None


def _is_usual(mode: int) -> bool:
    """Whether every class of users may read or nothing, the owner reads, and nobody may do what the class before may not."""
    owner, group, others = mode >> 6, mode >> 3 & 7, mode & 7
    return (
        owner >= 4
        and owner in _USUAL and group in _USUAL and others in _USUAL
        and group & ~owner == 0 and others & ~group == 0
    )  # fmt: skip
