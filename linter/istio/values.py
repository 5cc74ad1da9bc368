"""What values Istio's annotations and labels take, one checker per syntax.

A checker takes the text and returns None if Istio accepts it, else what it expects in words ("`true` or `false`").

Sources: pkg/kube/inject/validate.go in istio/istio for the annotations the injection webhook validates, strconv and
time of Go for booleans and durations, k8s.io/apimachinery for quantities.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from linter.durations import nanoseconds
from linter.kubernetes.scalars.quantities import parse_quantity
from linter.wording import joined

ValueCheck = Callable[[str], str | None]

_GO_BOOLEANS = frozenset({"1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"})
_INTERFACE = re.compile(r"[^\s/,]{1,15}")
_ENVOY_LEVELS = ("trace", "debug", "info", "warning", "warn", "error", "critical", "off")
_AGENT_LEVELS = ("debug", "info", "warn", "error", "fatal", "none")


def one_of(*words: str) -> ValueCheck:
    """A checker for a closed list of words, case sensitive."""
    quoted = [f"`{word}`" for word in words]
    expected = joined(quoted, "or")

    def check(value: str) -> str | None:
        return None if value in words else expected

    return check


def go_boolean(value: str) -> str | None:
    """The spellings that Go's strconv.ParseBool takes."""
    return None if value in _GO_BOOLEANS else "`true` or `false`"


def integer_between(least: int, most: int) -> ValueCheck:
    """A checker for a decimal number in a range, both ends included."""

    def check(value: str) -> str | None:
        return None if _number(value, least, most) else f"a number from {least} to {most}"

    return check


def ports(value: str) -> str | None:
    """Port numbers separated by commas; spaces around them are allowed, an empty text means none."""
    fine = not value.strip() or all(_number(part.strip(), 0, 65535) for part in value.split(","))
    return None if fine else "port numbers separated by commas"


def ports_or_all(value: str) -> str | None:
    """Like `ports`, or `*` for all of them."""
    return None if value.strip() == "*" or ports(value) is None else "`*`, or port numbers separated by commas"


def address_ranges(value: str) -> str | None:
    """CIDR blocks separated by commas without spaces, or nothing."""
    return None if not value or all(_is_range(part) for part in value.split(",")) else "CIDR blocks separated by commas, without spaces"


def address_ranges_or_all(value: str) -> str | None:
    """Like `address_ranges`, or `*` for all addresses."""
    return None if value == "*" or address_ranges(value) is None else "`*`, or CIDR blocks separated by commas, without spaces"


def interfaces(value: str) -> str | None:
    """Names of network interfaces separated by commas."""
    fine = not value or all(_INTERFACE.fullmatch(part.strip()) for part in value.split(","))
    return None if fine else "names of network interfaces of at most 15 characters, separated by commas"


def quantity(value: str) -> str | None:
    """A Kubernetes quantity such as `100m` or `256Mi`."""
    return None if parse_quantity(value) is not None else "a quantity such as `100m` or `256Mi`"


def duration(value: str) -> str | None:
    """A duration as Go writes it."""
    return None if nanoseconds(value) is not None else "a duration such as `5s` or `1m30s`"


def json_object(value: str) -> str | None:
    """A JSON object."""
    return None if isinstance(_json(value), dict) else "a JSON object"


def json_object_or_list(value: str) -> str | None:
    """A JSON object or list."""
    return None if isinstance(_json(value), dict | list) else "a JSON object or list"


def envoy_component_levels(value: str) -> str | None:
    """Levels of Envoy's components: `upstream:debug,http:warning`."""
    return _levels(value, _ENVOY_LEVELS)


def agent_levels(value: str) -> str | None:
    """Levels of the agent's scopes, or one level for all: `dns:debug,default:info`."""
    return None if value in _AGENT_LEVELS else _levels(value, _AGENT_LEVELS)


def _levels(value: str, levels: tuple[str, ...]) -> str | None:
    fine = all(scope.strip() and level in levels for scope, _, level in (part.partition(":") for part in value.split(",")))
    return None if fine else f"`name:level` pairs separated by commas, with a level of {', '.join(levels)}"


def _number(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= most


def _is_range(text: str) -> bool:
    if "/" not in text:
        return False
    import ipaddress

    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


TRUE_OR_FALSE = one_of("true", "false")
ENVOY_LEVEL = one_of(*_ENVOY_LEVELS)
