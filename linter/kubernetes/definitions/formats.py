"""The formats of strings that the API server checks in custom resources.

Source: k8s.io/apiextensions-apiserver, pkg/apiserver/validation/formats.go (which formats count) and k8s.io/kube-openapi,
pkg/validation/strfmt (what each accepts). Where those accept more than the format's own standard, so does this. Left out
are formats of which the API server accepts every text (`password`), and those without use in manifests (`isbn`,
`creditcard`, `ssn`, `rgbcolor`, `bsonobjectid`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from linter.durations import nanoseconds
from linter.kubernetes.scalars.names import dns_label_problem, dns_subdomain_problem

# Compiled when they are first used: most runs need none of them.
_OCTET = "(?:0*(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[0-9]?[0-9]))"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_UUID = r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?%s[0-9a-fA-F]{3}-?%s[0-9a-fA-F]{3}-?[0-9a-fA-F]{12}"
_ANY, _VARIANT = "[0-9a-fA-F]", "[89abAB]"
_TWO = "([0-9]{2})"
_DATE = f"([0-9]{{4}})-{_TWO}-{_TWO}"
_TIME = f"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[Tt]{_TWO}:{_TWO}:{_TWO}(?:.[0-9]+)?(?:[Zz]|[+-][0-9]{{2}}:[0-9]{{2}})"
_LONG_DURATION = r"[0-9]+\s*([A-Za-zµ]+)"
_LONGEST_DURATION = 500
_UNITS = (
    ("ns", "nano"), ("us", "µs", "micro"), ("ms", "milli"), ("s", "sec"), ("m", "min"), ("h", "hr", "hour"), ("d", "day"),
    ("w", "wk", "week"),
)  # fmt: skip
_MAC = (
    r"[0-9a-fA-F]{2}(?:(?::[0-9a-fA-F]{2}){5}|(?::[0-9a-fA-F]{2}){7}|(?::[0-9a-fA-F]{2}){19}"
    r"|(?:-[0-9a-fA-F]{2}){5}|(?:-[0-9a-fA-F]{2}){7}|(?:-[0-9a-fA-F]{2}){19})"
    r"|[0-9a-fA-F]{4}(?:(?:\.[0-9a-fA-F]{4}){2}|(?:\.[0-9a-fA-F]{4}){3}|(?:\.[0-9a-fA-F]{4}){9})"
)
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"


def _is_ipv4(text: str) -> bool:
    return re.fullmatch(_IPV4, text) is not None or (":" in text and "." in text and _is_ipv6(text))


def _is_ipv6(text: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_cidr(text: str) -> bool:
    address, slash, length = text.rpartition("/")
    if not slash or not (length.isascii() and length.isdigit()):
        return False
    if re.fullmatch(_IPV4, address) is not None:
        return len(length) < 4 and int(length) <= 32
    return len(length) < 4 and int(length) <= 128 and _is_ipv6(address)


def _is_uri(text: str) -> bool:
    """An absolute URI or an absolute path: what Go's `url.ParseRequestURI` reads, of which its checks are the plain ones."""
    if not text or any(character <= " " or character == "\x7f" for character in text):
        return False
    scheme, colon, rest = text.partition(":")
    authority = rest[2:].partition("/")[0].rpartition("@")[2] if rest.startswith("//") else ""
    if ":" in authority and re.fullmatch(r".*:[0-9]*|\[.*\]", authority) is None:
        return False
    if text.startswith("/"):
        return re.search(r"%(?![0-9a-fA-F]{2})", text.partition("?")[0]) is None
    if not colon or re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) is None or not rest:
        return False
    return not rest.startswith("/") or re.search(r"%(?![0-9a-fA-F]{2})", rest.partition("?")[0]) is None


def _is_hostname(text: str) -> bool:
    """A single word with at most one dash, behind its first letter, or labels before a last one of letters."""
    labels = text.split(".")
    if len(text.encode("utf-8", "replace")) > 255 or any(not 0 < len(label.encode("utf-8", "replace")) <= 63 for label in labels):
        return False
    if len(labels) == 1:
        return all(map(_is_of_name, text[0] + text[1:].removeprefix("-")))
    last = labels.pop()
    if len(last) < 2 or not all(map(_is_letter, last)):
        return False
    return all(_is_of_name(label[0]) and _is_of_name(label[-1]) and all(map(_is_of_name, label.replace("-", "a"))) for label in labels)


def _is_letter(character: str) -> bool:
    return character.isalpha()


def _is_of_name(character: str) -> bool:
    """A letter, a digit of ASCII, or a symbol."""
    from unicodedata import category

    return character in "0123456789" or category(character)[0] in "LS"


def _is_email(text: str) -> bool:
    """An address as `a@example.com`, or with a name before it, as `A <a@example.com>`."""
    bracketed = re.fullmatch(r"[^<>]*<([^<>\s]+)>", text)
    local, at, host = (bracketed[1] if bracketed is not None else text.strip()).rpartition("@")
    quoted = local.startswith('"') and local.endswith('"')
    return bool(at and local and host) and (quoted or re.search(r"[\s@:,;<>()\[\]\\]", local) is None) and re.search(r"\s", host) is None


def _is_date(text: str) -> bool:
    from datetime import date

    found = re.fullmatch(_DATE, text)
    if found is None:
        return False
    try:
        date(max(int(found[1]), 1), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return True


def _is_date_time(text: str) -> bool:
    found = re.fullmatch(_TIME, text)
    return found is not None and _is_date(found[1]) and int(found[2]) < 24 and int(found[3]) < 60 and int(found[4]) < 60


def _is_duration(text: str) -> bool:
    """What Go's `time.ParseDuration` reads, or a whole number with a unit up to weeks somewhere in the text, as in `2 days`."""
    if len(text) > _LONGEST_DURATION:
        return True  # nobody can say in a reasonable time
    if nanoseconds(text) is not None:
        return True
    return any(_is_unit(unit.lower()) for unit in re.findall(_LONG_DURATION, text))


def _is_unit(word: str) -> bool:
    # Of each row the last begins the words that count, as "week" does for "weeks".
    return any(word in row or word.startswith(row[-1]) for row in _UNITS)


def _is_short_name(text: str) -> bool:
    return dns_label_problem(text) is None


def _is_long_name(text: str) -> bool:
    return dns_subdomain_problem(text) is None


def _of(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    "uri": _is_uri,
    "email": _is_email,
    "hostname": _is_hostname,
    "ipv4": _is_ipv4,
    "ipv6": _is_ipv6,
    "cidr": _is_cidr,
    "mac": _of(_MAC),
    "uuid": _of(_UUID % (_ANY, _ANY)),
    "uuid3": _of(_UUID % ("3", _ANY)),
    "uuid4": _of(_UUID % ("4", _VARIANT)),
    "uuid5": _of(_UUID % ("5", _VARIANT)),
    "hexcolor": _of(r"#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "byte": _of(_BASE64),
    "date": _is_date,
    "duration": _is_duration,
    "datetime": _is_date_time,
    "k8sshortname": _is_short_name,
    "k8slongname": _is_long_name,
}

# A name with dashes is the same as one without them; these are the usual ones.
_NAMES = {"datetime": "date-time", "k8sshortname": "k8s-short-name", "k8slongname": "k8s-long-name"}

FORMATS: dict[str, Callable[[str], bool]] = {_NAMES.get(name, name): check for name, check in _CHECKS.items()}
"""Each format as converted schemas name it, and whether a text is of it."""


def checked_format(name: str) -> str | None:
    """The name that a converted schema gives to a format, or None if it is not checked."""
    plain = name.replace("-", "")
    return _NAMES.get(plain, plain) if plain in _CHECKS else None
