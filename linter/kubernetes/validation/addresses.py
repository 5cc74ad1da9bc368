"""IP addresses and address ranges as the API server reads them.

Until 1.35 it took leading zeros, IPv4 addresses in IPv6 form and ranges with host bits set; since 1.36 it refuses them in
new objects (feature StrictIPCIDRValidation). Source: apimachinery util/validation/ip.go (`IsValidIPForLegacyField`,
`IsValidCIDRForLegacyField`) and `ValidateEndpointIP` of apis/core/validation.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from linter.wording import shown

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

STRICT_SINCE = 36
RANGE_FIX = "Write a range such as `10.0.0.0/8`, or one address as `192.0.2.7/32`."

_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]+){3}\Z")
_LENGTH = re.compile(r"[0-9]{1,4}\Z")


@lru_cache(maxsize=1024)
def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that a text denotes, leading zeros allowed, or None."""
    import ipaddress

    if "%" in text or len(text) > 64:
        return None
    if _DOTTED.match(text):
        text = ".".join(str(int(part)) for part in text.split("."))
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def parse_range(text: str) -> IPv4Network | IPv6Network | None:
    """The network that a text such as `10.0.0.0/8` denotes, its host bits cleared, or None."""
    import ipaddress

    head, slash, length = text.partition("/")
    address = parse_address(head)
    if address is None or not slash or not _LENGTH.match(length) or int(length) > address.max_prefixlen:
        return None
    return ipaddress.ip_network(f"{address}/{int(length)}", strict=False)


@lru_cache(maxsize=1024)
def address_problem(text: str, strict: bool = True) -> str | None:
    """What is wrong with an IP address, as the end of a sentence, or None. `strict` as 1.36 and later read it."""
    address = parse_address(text)
    if address is None:
        if parse_range(text) is not None:
            return f"`{text}` is a range of addresses, and one address is expected"
        return f"`{shown(text)}` is not an IP address"
    if strict and _DOTTED.match(text) and str(address) != text:
        return f"`{text}` has leading zeros: write `{address}`"
    if strict and address.version == 6 and address.ipv4_mapped is not None:
        return f"`{text}` is an IPv4 address in the form of IPv6: write `{address.ipv4_mapped}`"
    return None


@lru_cache(maxsize=1024)
def range_problem(text: str, strict: bool = True) -> str | None:
    """What is wrong with a range in CIDR notation, as the end of a sentence, or None. `strict` as 1.36 and later read it."""
    network = parse_range(text)
    head, slash, length = text.partition("/")
    address = parse_address(head)
    if network is None or address is None:
        if address is not None and not slash:
            return f"`{text}` has no prefix length: one address is `{text}/{address.max_prefixlen}`"
        if address is not None:
            return f"`{shown(text)}` has no prefix length between 0 and {address.max_prefixlen}"
        return f"`{shown(text)}` is not a range of addresses such as `10.0.0.0/8`"
    if not strict:
        return None
    if (_DOTTED.match(head) and str(address) != head) or str(int(length)) != length:
        return f"`{text}` has leading zeros: write `{address}/{int(length)}`"
    if address.version == 6 and address.ipv4_mapped is not None:
        return f"`{text}` is an IPv4 range in the form of IPv6"
    if network.network_address != address:
        return f"`{text}` is an address inside a range: the range is `{network}`, the address alone `{address}/{address.max_prefixlen}`"
    return None


def endpoint_problem(text: str) -> str | None:
    """Why an address cannot be that of an endpoint or an external IP, as the end of a sentence, or None."""
    address = parse_address(text)
    if address is None:
        return None
    if address.is_unspecified:
        return f"`{text}` means no address at all"
    if address.is_loopback:
        return f"`{text}` is a loopback address"
    if address.is_link_local:
        return f"`{text}` is a link-local address"
    multicast = ("224.0.0.", "ff02:") if address.version == 4 else ("ff02:",)
    return f"`{text}` is a link-local multicast address" if str(address).startswith(multicast) else None
