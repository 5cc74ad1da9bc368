"""The functions that Kubernetes adds to CEL, as far as rules need them.

Names, arguments and results are those of "Common Expression Language in Kubernetes" in the Kubernetes documentation: the
libraries for lists, URLs, IP addresses, CIDR blocks and quantities. What Kubernetes calls an object of such a type travels
as a small map with the text under one key.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, Literal, NamedTuple

Kind = Literal["bool", "double", "dyn", "int", "list", "map", "string"]


class CelFunction(NamedTuple):
    """One overload: `arguments` begin with the receiver if it is called as `receiver.name(…)`."""

    name: str
    member: bool
    arguments: tuple[Kind, ...]
    result: Kind
    call: Callable[..., Any]


_QUANTITY, _URL, _IP, _CIDR = "quantity", "url", "ip", "cidr"

_SUFFIXES = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1), "k": Decimal("1e3"), "M": Decimal("1e6"),
    "G": Decimal("1e9"), "T": Decimal("1e12"), "P": Decimal("1e15"), "E": Decimal("1e18"),
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
}  # fmt: skip
_QUANTITY_TEXT = r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)"


def _number(text: str) -> Decimal:
    """The value of a quantity such as `500m` or `1Gi` (Kubernetes API conventions, resource.Quantity)."""
    import re

    found = re.fullmatch(_QUANTITY_TEXT, text, re.ASCII)
    if found is None or len(text) > 64:
        raise ValueError(f"`{text[:64]}` is no quantity")
    try:
        return Decimal(found[1] + (found[2] or "")) * _SUFFIXES[found[3] or ""]
    except InvalidOperation:
        raise ValueError(f"`{text}` is no quantity") from None


def _opaque(key: str, value: dict[str, Any]) -> Any:
    if key not in value:
        raise ValueError(f"this is no {key}: write {key}(…) around it")
    return value[key]


def _quantity(value: str | int | float) -> dict[str, str]:
    return {_QUANTITY: str(_number(value) if isinstance(value, str) else Decimal(str(value)))}


def _amount(value: dict[str, str] | int) -> Decimal:
    return Decimal(value) if isinstance(value, int) else Decimal(_opaque(_QUANTITY, value))


def _compare(one: dict[str, str], other: dict[str, str]) -> int:
    first, second = _amount(one), _amount(other)
    return (first > second) - (first < second)


def _succeeds(call: Callable[[str], object]) -> Callable[[str], bool]:
    def succeeds(text: str) -> bool:
        try:
            call(text)
        except ValueError:
            return False
        return True

    return succeeds


def _as_integer(value: dict[str, str]) -> int:
    amount = _amount(value)
    if amount != int(amount):
        raise ValueError("the quantity is no whole number")
    return int(amount)


def _parsed_url(text: str) -> Any:
    """The parts of an absolute URL or path, as Go's `url.ParseRequestURI` reads it, of whose checks these are the plain ones."""
    import re
    from urllib.parse import urlsplit

    if re.search(r"[\x00-\x1f\x7f]", text) is not None:
        raise ValueError("the URL holds a control character")
    parts = urlsplit(text)
    escaped = parts.netloc + parts.path if parts.netloc or parts.path.startswith("/") else ""
    if re.search(r"[ {}\\^|`]", parts.netloc) is not None or re.search(r"%(?![0-9a-fA-F]{2})", escaped) is not None:
        raise ValueError(f"`{text}` holds a character that no URL has there")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) is None and not text.startswith("/"):
        raise ValueError(f"`{text}` is neither an absolute URL nor an absolute path")
    _ = parts.port
    return parts


def _url(text: str) -> dict[str, str]:
    _parsed_url(text)
    return {_URL: text}


def _of_url(part: Callable[[Any], Any]) -> Callable[[dict[str, str]], Any]:
    return lambda value: part(_parsed_url(_opaque(_URL, value)))


def _hostname(parts: Any) -> str:
    host = str(parts.netloc.rpartition("@")[2])
    return host[1 : host.index("]")] if host.startswith("[") else host.partition(":")[0]


def _query(parts: Any) -> dict[str, list[str]]:
    from urllib.parse import parse_qs

    return parse_qs(parts.query, keep_blank_values=True)


def _address(text: str) -> Any:
    from ipaddress import ip_address

    if "%" in text:
        raise ValueError(f"`{text}` is no IP address: zones are not allowed")
    if ":" in text and "." in text:
        raise ValueError(f"`{text}` is no IP address: IPv4 inside of IPv6 is not allowed")
    return ip_address(text)


def _block(text: str) -> Any:
    from ipaddress import ip_interface

    if "/" not in text or not text.rpartition("/")[2].isdigit():
        raise ValueError(f"`{text}` is no CIDR block")
    return ip_interface(text)


def _of_ip(part: Callable[[Any], Any]) -> Callable[[dict[str, str]], Any]:
    return lambda value: part(_address(_opaque(_IP, value)))


def _of_cidr(part: Callable[[Any], Any]) -> Callable[[dict[str, str]], Any]:
    return lambda value: part(_block(_opaque(_CIDR, value)))


def _contains_ip(block: dict[str, str], address: str | dict[str, str]) -> bool:
    text = address if isinstance(address, str) else _opaque(_IP, address)
    return _address(text) in _block(_opaque(_CIDR, block)).network


def _contains_cidr(block: dict[str, str], other: str | dict[str, str]) -> bool:
    outer = _block(_opaque(_CIDR, block)).network
    inner = _block(other if isinstance(other, str) else _opaque(_CIDR, other)).network
    return bool(outer.version == inner.version and inner.subnet_of(outer))


def _sum(values: list[Any]) -> Any:
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise ValueError("only numbers can be added up")
    return sum(values)


def _is_sorted(values: list[Any]) -> bool:
    try:
        return all(one <= other for one, other in pairwise(values))
    except TypeError:
        raise ValueError("these values cannot be compared with each other") from None


def _extreme(choose: Callable[[list[Any]], Any], name: str) -> Callable[[list[Any]], Any]:
    def extreme(values: list[Any]) -> Any:
        if not values:
            raise ValueError(f"{name} of an empty list")
        try:
            return choose(values)
        except TypeError:
            raise ValueError("these values cannot be compared with each other") from None

    return extreme


def _functions() -> list[CelFunction]:
    member, free = True, False
    functions = [
        CelFunction("isQuantity", free, ("string",), "bool", _succeeds(_number)),
        *(CelFunction("quantity", free, (kind,), "map", _quantity) for kind in ("string", "int", "double")),
        CelFunction("sign", member, ("map",), "int", lambda value: (_amount(value) > 0) - (_amount(value) < 0)),
        CelFunction("isInteger", member, ("map",), "bool", lambda value: _amount(value) == int(_amount(value))),
        CelFunction("asInteger", member, ("map",), "int", _as_integer),
        CelFunction("asApproximateFloat", member, ("map",), "double", lambda value: float(_amount(value))),
        CelFunction("compareTo", member, ("map", "map"), "int", _compare),
        CelFunction("isGreaterThan", member, ("map", "map"), "bool", lambda one, other: _compare(one, other) > 0),
        CelFunction("isLessThan", member, ("map", "map"), "bool", lambda one, other: _compare(one, other) < 0),
        CelFunction("isURL", free, ("string",), "bool", _succeeds(_parsed_url)),
        CelFunction("url", free, ("string",), "map", _url),
        CelFunction("getScheme", member, ("map",), "string", _of_url(lambda parts: parts.scheme)),
        CelFunction("getHost", member, ("map",), "string", _of_url(lambda parts: parts.netloc.rpartition("@")[2])),
        CelFunction("getHostname", member, ("map",), "string", _of_url(_hostname)),
        CelFunction("getPort", member, ("map",), "string", _of_url(lambda parts: "" if parts.port is None else str(parts.port))),
        CelFunction("getEscapedPath", member, ("map",), "string", _of_url(lambda parts: parts.path)),
        CelFunction("getQuery", member, ("map",), "map", _of_url(_query)),
        CelFunction("isIP", free, ("string",), "bool", _succeeds(_address)),
        CelFunction("ip", free, ("string",), "map", lambda text: {_IP: str(_address(text))}),
        CelFunction("family", member, ("map",), "int", _of_ip(lambda address: address.version)),
        CelFunction("isLoopback", member, ("map",), "bool", _of_ip(lambda address: address.is_loopback)),
        CelFunction("isUnspecified", member, ("map",), "bool", _of_ip(lambda address: address.is_unspecified)),
        CelFunction("isLinkLocalUnicast", member, ("map",), "bool", _of_ip(lambda address: address.is_link_local)),
        CelFunction("isCIDR", free, ("string",), "bool", _succeeds(_block)),
        CelFunction("cidr", free, ("string",), "map", lambda text: {_CIDR: str(_block(text))}),
        CelFunction("prefixLength", member, ("map",), "int", _of_cidr(lambda block: block.network.prefixlen)),
        CelFunction("masked", member, ("map",), "map", _of_cidr(lambda block: {_CIDR: str(block.network)})),
        CelFunction("sum", member, ("list",), "dyn", _sum),
        CelFunction("min", member, ("list",), "dyn", _extreme(min, "min()")),
        CelFunction("max", member, ("list",), "dyn", _extreme(max, "max()")),
        CelFunction("isSorted", member, ("list",), "bool", _is_sorted),
    ]
    kinds: tuple[Kind, ...] = ("string", "map")
    for kind in kinds:
        functions.append(CelFunction("containsIP", member, ("map", kind), "bool", _contains_ip))
        functions.append(CelFunction("containsCIDR", member, ("map", kind), "bool", _contains_cidr))
    numbers: tuple[Kind, ...] = ("map", "int")
    for kind in numbers:
        functions.append(
            CelFunction("add", member, ("map", kind), "map", lambda one, other: {_QUANTITY: str(_amount(one) + _amount(other))})
        )
        functions.append(
            CelFunction("sub", member, ("map", kind), "map", lambda one, other: {_QUANTITY: str(_amount(one) - _amount(other))})
        )
    return functions


FUNCTIONS = _functions()
