"""What the values of ExternalDNS's annotations may be, apart from names, targets and TTLs.

Sources: source/annotations and source/*.go of kubernetes-sigs/external-dns for what each word does, provider/aws,
provider/scaleway and provider/cloudflare for their properties, and the Route 53 API reference
(ChangeResourceRecordSets) for the ranges of its routing policies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from linter.model.findings import Severity

# Words, and how bad it is.
Problem = tuple[str, Severity]

GO_BOOLEANS = frozenset({"1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"})

_CONTINENTS = frozenset({"AF", "AN", "AS", "EU", "NA", "OC", "SA"})
_COORDINATES = re.compile(r"([+-]?\d+(?:\.\d+)?),([+-]?\d+(?:\.\d+)?)")


def value_problem(suffix: str, value: str) -> Problem | None:
    """Why ExternalDNS or its provider does not take a value, in words that follow it, or None."""
    check = _CHECKS.get(suffix)
    return check(value) if check is not None else None


def _word(
    words: tuple[str, ...], effect: str, severity: Severity = "warning", *, any_case: bool = False
) -> Callable[[str], Problem | None]:
    known = {word.lower(): word for word in words}

    def check(value: str) -> Problem | None:
        if value in words or (any_case and value.lower() in known):
            return None
        if not any_case and value.lower() in known:
            return f"is not `{known[value.lower()]}`, which is read case-sensitively; {effect}", severity
        return f"is not {' or '.join(f'`{word}`' for word in words)}; {effect}", severity

    return check


def _number(least: int, most: int, effect: str, severity: Severity = "error") -> Callable[[str], Problem | None]:
    def check(value: str) -> Problem | None:
        if re.fullmatch(r"[+-]?[0-9]{1,18}", value) and least <= int(value) <= most:
            return None
        return f"is not a whole number from {least} to {most}; {effect}", severity

    return check


def _ingress(value: str) -> Problem | None:
    parts = value.split("/")
    if len(parts) <= 2 and all(parts):
        return None
    return "is not `name` or `namespace/name`, and ExternalDNS stops syncing every record while it is there", "error"


def _alias(value: str) -> Problem | None:
    if value in ("true", "false"):
        return None
    if value in ("A", "AAAA"):
        return "is ignored as an annotation; `A` and `AAAA` work only in a DNSEndpoint", "warning"
    return "is not `true`, which is read case-sensitively, and is ignored", "warning"


def _record_type(value: str) -> Problem | None:
    return None if value.lower() in ("ptr", "") else ("is not `ptr`, and is ignored", "warning")


def _multi_value(value: str) -> Problem | None:
    if value.lower() in ("false", "0", "no", "off"):
        return "does not switch it off: the annotation alone switches it on", "error"
    return None


def _coordinates(value: str) -> Problem | None:
    found = _COORDINATES.fullmatch(value)
    if found is not None and abs(float(found[1])) <= 90 and abs(float(found[2])) <= 180:
        return None
    return "is not `<latitude>,<longitude>` without spaces, and is dropped", "error"


def _continent(value: str) -> Problem | None:
    return None if value in _CONTINENTS else (f"is no continent code of Route 53 ({', '.join(sorted(_CONTINENTS))})", "error")


def _country(value: str) -> Problem | None:
    return (
        None if value == "*" or re.fullmatch(r"[A-Z]{2}", value) else ("is neither a country code of two capital letters nor `*`", "error")
    )


_CHECKS: Mapping[str, Callable[[str], Problem | None]] = {
    "access": _word(("public", "private"), "ExternalDNS chooses by itself which addresses to publish"),
    "endpoints-type": _word(("NodeExternalIP", "HostIP"), "the addresses of the pods are published instead"),
    "ingress-hostname-source": _word(
        ("annotation-only", "defined-hosts-only"), "the Ingress gets no record at all, and nothing is logged", "error", any_case=True
    ),
    "gateway-hostname-source": _word(("annotation-only", "defined-hosts-only"), "it is ignored", any_case=True),
    "ingress": _ingress,
    "alias": _alias,
    "record-type": _record_type,
    "aws-weight": _number(0, 255, "anything but a number counts as 0, which sends no traffic"),
    "aws-failover": _word(("PRIMARY", "SECONDARY"), "Route 53 refuses the record", "error"),
    "aws-evaluate-target-health": _word(("true", "false"), "it counts as `false`"),
    "aws-multi-value-answer": _multi_value,
    "aws-geolocation-continent-code": _continent,
    "aws-geolocation-country-code": _country,
    "aws-geoproximity-bias": _number(-99, 99, "Route 53 refuses the record"),
    "aws-geoproximity-coordinates": _coordinates,
    "scw-priority": _number(0, 2**32 - 1, "the default priority is used", "warning"),
}
