"""Host names, targets and TTLs as ExternalDNS parses them.

Each `*_problem` function takes what ExternalDNS would use and returns None, or in words what is wrong with it.

Sources: source/annotations/processors.go and endpoint/endpoint.go of kubernetes-sigs/external-dns; RFC 1035 for the
syntax and length of names.
"""

from __future__ import annotations

import re
from typing import Literal

from linter.durations import nanoseconds

TTL_MIN = 1
TTL_MAX = 2**31 - 1

_SECOND = 10**9
_MAX_NAME = 253
_MAX_LABEL = 63
# Letters, digits, underscores and everything beyond ASCII, written as what is left out: that compiles forty times faster.
_LABEL = re.compile(r"[^\x00-/:-@\[-^`{-\x7f](?:[^\x00-,./:-@\[-^`{-\x7f]*[^\x00-/:-@\[-^`{-\x7f])?")
_IP_LIKE = re.compile(r"\d+\.\d+\.\d+\.\d+")
# Characters of the placeholders that generators and people leave in manifests; nobody can judge what replaces them.
_PLACEHOLDER = re.compile(r"[{}<>$]|%\(")

RecordType = Literal["A", "AAAA", "CNAME"]


def split_list(value: str) -> list[str]:
    """The items of a comma-separated annotation; spaces disappear everywhere, tabs and line breaks inside stay."""
    return value.replace(" ", "").strip().split(",")


def host_names(value: str) -> list[str]:
    """The names of a hostname annotation, lower case and without the final dot; empty items are left out."""
    return [name for item in split_list(value) if (name := normalized(item))]


def targets(value: str) -> list[str]:
    """The targets of a target annotation, without final dots; none for an empty value, which counts as absent."""
    return [item.removesuffix(".") for item in split_list(value)] if value else []


def normalized(name: str) -> str:
    """A name as ExternalDNS compares it: lower case, without surrounding space and without the final dot."""
    return name.strip().removesuffix(".").lower()


def is_placeholder(text: str) -> bool:
    """Whether a text holds characters of a placeholder that something else will replace."""
    return _PLACEHOLDER.search(text) is not None


def name_problem(name: str) -> str | None:
    """Why a name can be no DNS record, or None. A leading `*` label and underscores are fine."""
    name = name.removesuffix(".")
    if not name:
        return "is empty"
    for found, words in _UNWANTED:
        if found in name:
            return words
    if _ip_version(name) is not None:
        return "is an IP address and not a name"
    if len(name) > _MAX_NAME:
        return f"has {len(name)} characters, and a name has at most {_MAX_NAME}"
    labels = name.split(".")
    for position, label in enumerate(labels):
        if not label:
            return "has an empty label (two dots in a row, or one at the start)"
        if len(label) > _MAX_LABEL:
            return f"has the label `{label[:20]}…` of {len(label)} characters, and a label has at most {_MAX_LABEL}"
        if "*" in label:
            if label != "*" or position:
                return "has a `*` that is not the whole first label"
        elif not _LABEL.fullmatch(label):
            return f"has the label `{label}`, which holds more than letters, digits and inner hyphens"
    return None


_UNWANTED = (
    ("://", "is a URL; write the name alone"),
    ("\n", "holds a line break; separate names by commas"),
    ("\t", "holds a tab; separate names by commas"),
    (";", "holds a semicolon; separate names by commas"),
    ('"', "holds a quotation mark"),
    ("'", "holds a quotation mark"),
    ("/", "holds a slash; write the name alone"),
    ("@", "holds an at sign"),
    (":", "holds a colon; write the name without a port"),
)


def list_problem(value: str) -> tuple[str, str] | None:
    """The first wrong item of a hostname annotation and what is wrong with it, or None."""
    for raw in value.strip().split(","):
        if " " in raw.strip() and not is_placeholder(raw):
            return raw.strip(), "holds a space, which ExternalDNS removes, so that the names run together; separate them by commas"
    items = split_list(value)
    for item in items:
        if is_placeholder(item):
            continue
        problem = name_problem(item)
        if problem is not None:
            return item, problem
    return None


def target_problem(target: str) -> str | None:
    """Why a target makes no working record, or None. What is no IP address becomes the target of a CNAME."""
    if not target:
        return "is empty"
    if _ip_version(target) is not None:
        return None
    if "/" in target and "://" not in target and _ip_version(target.partition("/")[0]) is not None:
        return "is a range of addresses, and becomes the target of a CNAME record"
    if _IP_LIKE.fullmatch(target):
        return "is no valid IP address, and becomes the target of a CNAME record"
    if target.lower() == "localhost":
        return "is the host of whoever looks it up"
    if "*" in target:
        return "holds a `*`, and a record cannot lead to a wildcard"
    return name_problem(target)


def record_type(target: str) -> RecordType:
    """The record that ExternalDNS makes for a target."""
    version = _ip_version(target)
    return "CNAME" if version is None else "A" if version == 4 else "AAAA"


def parse_ttl(value: str) -> int | None:
    """The TTL in whole seconds, or None if ExternalDNS cannot read it. It may lie outside TTL_MIN and TTL_MAX."""
    length = nanoseconds(value)
    if length is not None:
        return length // _SECOND if length >= 0 else -(-length // _SECOND)
    if re.fullmatch(r"[+-]?[0-9]{1,19}", value):
        return int(value)
    return None


def ttl_problem(value: str) -> str | None:
    """Why ExternalDNS ignores a TTL, or None."""
    ttl = parse_ttl(value)
    if ttl is None:
        return "is neither a number of seconds nor a duration such as `1m30s`"
    if not TTL_MIN <= ttl <= TTL_MAX:
        return f"is {ttl} seconds, outside {TTL_MIN} to {TTL_MAX}"
    return None


def _ip_version(text: str) -> int | None:
    if not text or text[-1] not in "0123456789abcdefABCDEF:" or (":" not in text and not _IP_LIKE.fullmatch(text)):
        return None
    from ipaddress import ip_address

    try:
        return ip_address(text).version
    except ValueError:
        return None
