"""Whether one match of a VirtualService takes all the traffic of another.

The test is one-sided: it says yes only if every request that the later match means is certainly one that the earlier
match means. A condition it does not know, or two patterns it cannot compare, count as no.

Sources: the HTTPMatchRequest, StringMatch, L4MatchAttributes and TLSMatchAttributes reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from linter.istio.gateways import MESH, gateway_entry
from linter.istio.hosts import covers as host_covers
from linter.model import Resource, items, mapping

_ANY_TEXT = frozenset({".*", "(.*)", "^.*$", ".*?"})
_ANY_PATH = _ANY_TEXT | {"/.*", "^/.*", "^/.*$", "/(.*)", ".+"}

# What a match says about itself and not about traffic.
_SILENT = frozenset({"name", "statPrefix", "ignoreUriCase"})

Match = Mapping[str, Any]


class Matching:
    """Compares matches of one VirtualService; the gateways it is bound to are what a match without gateways means."""

    def __init__(self, virtual_service: Resource) -> None:
        self._namespace = virtual_service.namespace
        self._gateways = self._names(virtual_service.spec.get("gateways")) or frozenset({MESH})
        self._compare: dict[str, Callable[[Any, Any, Match, Match], bool]] = {
            "uri": _uri_covers,
            "scheme": _text_covers,
            "method": _text_covers,
            "authority": _text_covers,
            "headers": _each_covered,
            "queryParams": _each_covered,
            "withoutHeaders": _each_excluded,
            "port": _equal,
            "sourceNamespace": _equal,
            "sourceLabels": _labels_covered,
            "sniHosts": _names_covered,
            "destinationSubnets": _ranges_covered,
        }

    def covers(self, earlier: object, later: object) -> bool:
        """Whether every request that meets the match `later` also meets the match `earlier`."""
        if not isinstance(earlier, dict) or not isinstance(later, dict):
            return False
        for key, condition in earlier.items():
            if key in _SILENT or _says_nothing(key, condition):
                continue
            if key == "gateways":
                if not self._names(condition) >= (self._names(later.get("gateways")) or self._gateways):
                    return False
                continue
            compare = self._compare.get(key)
            if compare is None or not compare(condition, later.get(key), earlier, later):
                return False
        return True

    def _names(self, gateways: object) -> frozenset[str]:
        entries = (gateway_entry(written, self._namespace) for written in items(gateways) if isinstance(written, str))
        return frozenset(entry.written if not entry.name else f"{entry.namespace}/{entry.name}" for entry in entries)


def is_catch_all(match: object) -> bool:
    """Whether a match means every request: it is an empty mapping, or every condition in it holds always."""
    return isinstance(match, dict) and all(key in _SILENT or _says_nothing(key, condition) for key, condition in match.items())


def _says_nothing(key: str, condition: object) -> bool:
    """Whether a condition holds for all traffic."""
    if condition is None or condition in ({}, []):
        return key != "uri" or condition != {}
    if key == "uri":
        return _is_any_path(condition)
    return key in ("authority", "method", "scheme") and _is_any(condition)


def _kind_and_text(match: object) -> tuple[str, str]:
    """A StringMatch as its kind and text; ("present", "") for one that only asks for presence, ("", "") for others."""
    match = mapping(match)
    if not match:
        return "present", ""
    if len(match) == 1:
        [(kind, text)] = match.items()
        if kind in ("exact", "prefix", "regex") and isinstance(text, str):
            return kind, text
    return "", ""


def _is_any(match: object) -> bool:
    kind, text = _kind_and_text(match)
    return (kind == "prefix" and not text) or (kind == "regex" and text in _ANY_TEXT)


def _is_any_path(match: object) -> bool:
    kind, text = _kind_and_text(match)
    return (kind == "prefix" and text in ("", "/")) or (kind == "regex" and text in _ANY_PATH)


def _string_covers(earlier: object, later: object) -> bool:
    kind, text = _kind_and_text(earlier)
    other_kind, other = _kind_and_text(later)
    if not kind or not other_kind:
        return False
    if kind == "present":
        return True
    if other_kind == "present":
        return kind == "regex" and text in _ANY_TEXT
    if _is_any(earlier):
        return True
    if kind == "exact":
        return other_kind == "exact" and text == other
    if kind == "prefix":
        return other_kind in ("exact", "prefix") and other.startswith(text)
    return other_kind == "regex" and text == other


def _text_covers(earlier: Any, later: Any, _earlier: Match, _later: Match) -> bool:
    return bool(mapping(later)) and bool(mapping(earlier)) and _string_covers(earlier, later)


def _uri_covers(earlier: Any, later: Any, earlier_match: Match, later_match: Match) -> bool:
    if not mapping(earlier) or not mapping(later):
        return False
    if earlier_match.get("ignoreUriCase") is True:
        return _string_covers(_lowered(earlier), _lowered(later))
    if later_match.get("ignoreUriCase") is True:
        return False
    return _string_covers(earlier, later)


def _lowered(match: object) -> object:
    kind, text = _kind_and_text(match)
    return {kind: text.lower()} if kind in ("exact", "prefix") else match


def _each_covered(earlier: Any, later: Any, _earlier: Match, _later: Match) -> bool:
    """Headers or query parameters: whatever the earlier match asks for, the later one asks for at least as narrowly."""
    if not isinstance(earlier, dict) or not isinstance(later, dict):
        return False
    others = {str(name).lower(): condition for name, condition in later.items()}
    return all(str(name).lower() in others and _string_covers(condition, others[str(name).lower()]) for name, condition in earlier.items())


def _each_excluded(earlier: Any, later: Any, _earlier: Match, _later: Match) -> bool:
    """Excluded headers: whatever the earlier match keeps out, the later one keeps out too."""
    if not isinstance(earlier, dict) or not isinstance(later, dict):
        return False
    others = {str(name).lower(): condition for name, condition in later.items()}
    return all(str(name).lower() in others and _string_covers(others[str(name).lower()], condition) for name, condition in earlier.items())


def _labels_covered(earlier: Any, later: Any, _earlier: Match, _later: Match) -> bool:
    return isinstance(earlier, dict) and isinstance(later, dict) and all(later.get(key) == value for key, value in earlier.items())


def _names_covered(earlier: Any, later: Any, _earlier: Match, _later: Match) -> bool:
    names = [name for name in items(earlier) if isinstance(name, str)]
    others = items(later)
    return bool(others) and all(isinstance(other, str) and any(host_covers(name, other) for name in names) for other in others)


def _ranges_covered(earlier: Any, later: Any, _earlier: Match, _later: Match) -> bool:
    from ipaddress import ip_network

    try:
        ranges = [ip_network(text, strict=False) for text in items(earlier)]
        others = [ip_network(text, strict=False) for text in items(later)]
    except (ValueError, TypeError):
        return False
    return bool(others) and all(
        any(other.version == wider.version and other.subnet_of(wider) for wider in ranges)  # type: ignore[arg-type]
        for other in others
    )


def _equal(earlier: Any, later: Any, _earlier: Match, _later: Match) -> bool:
    return bool(earlier == later)
