"""What makes an entry of a DNSEndpoint usable.

The CustomResourceDefinition has no required field and no enumeration, so the API server accepts almost anything; the
controller then drops what it cannot use, mostly without an event.

Sources: source/crd.go and endpoint/endpoint.go (CheckEndpoint and the record validators) of
kubernetes-sigs/external-dns; RFC 2782 for SRV and RFC 3403 for NAPTR targets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.externaldns.names import is_placeholder, name_problem, record_type
from linter.model import Route, items, mapping, text

RECORD_TYPES = ("A", "AAAA", "CNAME", "TXT", "SRV", "NS", "PTR", "MX", "NAPTR", "DNAME")

# Types for which the controller can fill in targets (`--default-targets`).
_MAY_LACK_TARGETS = ("A", "AAAA", "CNAME")
_ONE_TARGET = ("CNAME", "DNAME")
_DOT_IS_FREE = ("CNAME", "DNAME", "TXT", "MX", "SRV")


def endpoint_problems(endpoint: dict[str, Any], opaque: Callable[[object], bool]) -> Iterator[tuple[Route, str]]:
    """What is wrong with one entry of `spec.endpoints`, as routes relative to it and words that follow its name.

    `opaque` says which scalars are placeholders that cannot be judged.
    """

    def readable(value: object) -> bool:
        return isinstance(value, str) and not opaque(value) and not is_placeholder(value)

    name, kind = endpoint.get("dnsName"), endpoint.get("recordType")
    if name is None or name == "":
        yield ("dnsName",), "has no dnsName, and is ignored"
    elif readable(name) and (problem := name_problem(text(name))) is not None:
        yield ("dnsName",), f"is named `{name}`, which {problem}"
    if kind is None or kind == "":
        yield ("recordType",), "has no recordType, and is ignored"
        return
    if not readable(kind):
        return
    if kind not in RECORD_TYPES:
        hint = f"; write `{text(kind).upper()}`" if text(kind).upper() in RECORD_TYPES else f"; known are {', '.join(RECORD_TYPES)}"
        yield ("recordType",), f"has the recordType `{kind}`, which ExternalDNS does not know{hint}"
        return
    yield from _targets(text(kind), text(name), endpoint, readable)


def _targets(kind: str, name: str, endpoint: dict[str, Any], readable: Callable[[object], bool]) -> Iterator[tuple[Route, str]]:
    targets = items(endpoint.get("targets"))
    alias = _property(endpoint, "alias")
    if alias is not None and kind not in ("A", "AAAA", "CNAME"):
        yield ("providerSpecific", alias[0]), f"asks for an alias, which a {kind} record cannot be; it is dropped"
    if not targets and kind not in _MAY_LACK_TARGETS:
        yield ("targets",), f"has no targets, and a {kind} record needs one"
    if kind in _ONE_TARGET and len(targets) > 1:
        yield ("targets",), f"has {len(targets)} targets, and a {kind} record has one"
    if kind == "PTR" and readable(name) and not _is_reverse(name):
        yield ("dnsName",), f"is named `{name}`, and a PTR record stands below `in-addr.arpa` or `ip6.arpa`"
    for index, target in enumerate(targets):
        if not readable(target):
            continue
        problem = _target_problem(kind, target, alias is not None and alias[1] == "true")
        if problem is not None:
            yield ("targets", index), f"has the target `{target}`, which {problem}"


def _target_problem(kind: str, target: str, alias: bool) -> str | None:
    if not target.strip():
        return "is empty"
    if kind not in _DOT_IS_FREE and kind != "NAPTR" and target.endswith("."):
        return f"ends with a dot, and a {kind} record of ExternalDNS must not"
    match kind:
        case "A" | "AAAA":
            if not alias and record_type(target) != kind:
                return f"is no IPv{4 if kind == 'A' else 6} address"
        case "CNAME" | "DNAME":
            if record_type(target) != "CNAME":
                return "is an IP address and not a name"
            return name_problem(target)
        case "MX":
            parts = target.split()
            if len(parts) != 2 or not _is_uint16(parts[0]):
                return "is not `<preference> <host>`, as in `10 mail.example.com`"
        case "SRV":
            parts = target.split()
            if len(parts) != 4 or not all(map(_is_uint16, parts[:3])):
                return "is not `<priority> <weight> <port> <host>`, as in `10 5 5060 sip.example.com.`"
            if not parts[3].endswith("."):
                return "must end with a dot"
        case "NAPTR":
            if not target.endswith("."):
                return "must end with a dot"
        case "PTR" | "NS":
            if record_type(target) != "CNAME":
                return "is an IP address and not a name"
    return None


def _property(endpoint: dict[str, Any], name: str) -> tuple[int, str] | None:
    """Position and value of a provider-specific property."""
    for index, entry in enumerate(items(endpoint.get("providerSpecific"))):
        if mapping(entry).get("name") == name:
            return index, text(mapping(entry).get("value"))
    return None


def _is_reverse(name: str) -> bool:
    lowered = name.lower().removesuffix(".")
    for suffix in (".in-addr.arpa", ".ip6.arpa"):
        if lowered.endswith(suffix):
            return not lowered.removesuffix(suffix).startswith(".") and lowered != suffix
    return False


def _is_uint16(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) <= 5 and int(number) <= 65535
