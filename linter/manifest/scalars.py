"""Which value a YAML scalar stands for when kubectl, the API machinery or Argo CD read it.

All of them decode YAML with sigs.k8s.io/yaml, which resolves scalars by the rules of go-yaml v2 (YAML 1.1 with
changes), turns the result into JSON, and decodes that. What comes out is what comes out here: None, bool, int (within
64 bits, signed), float, str. Numbers that JSON prints without fraction or exponent are integers, so 1.0 and 1e3 are
the integers 1 and 1000; integers beyond 64 bits signed become floats.
Source: resolve.go and decode.go of go.yaml.in/yaml/v2 2.4, yaml.go of sigs.k8s.io/yaml 1.6.
"""

from __future__ import annotations

import re
import struct
from typing import Any, Final

TAG_PREFIX: Final = "tag:yaml.org,2002:"
_TRUE: Final = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE: Final = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULL: Final = ("", "~", "null", "Null", "NULL")
_INFINITY: Final = (".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF")
_NOT_A_NUMBER: Final = (".nan", ".NaN", ".NAN")

# What a plain scalar can begin with if it is not simply text; the empty string stands for the empty scalar.
FIRST_OF_WORDS: Final = frozenset(["", *"~yYnNtTfFoO"])
FIRST_OF_OTHERS: Final = frozenset("0123456789+-.<")

_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
# Seldom needed, so compiled then.
_DOT_FLOAT: Final = r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z"
_INTEGER: Final = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))\Z")
_TIMESTAMP: Final = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt][0-9:.]+(?:Z|[-+][0-9]{2}:[0-9]{2}))| [0-9:.]+)?\Z"
_TAG_TYPES: Final[dict[str, type]] = {"bool": bool, "int": int, "float": float, "null": type(None), "timestamp": type(NotImplemented)}
_SIGNED_BINARY: Final = r"0b([-+][01]+)\Z"


class Merge:
    """The plain key `<<`, before the mapping it stands in has been put together."""

    __slots__ = ()


class UnusableError(ValueError):
    """A scalar that kubectl refuses. The text says what is wrong with it; `fix` says what to do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


MERGE: Final = Merge()
# The words that begin with one of FIRST_OF_WORDS.
WORDS: Final[dict[str, bool | None]] = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False), **dict.fromkeys(_NULL)}
_ALL_WORDS: Final[dict[str, Any]] = {
    **WORDS,
    **dict.fromkeys(_INFINITY, float("inf")),
    "-.inf": float("-inf"),
    "-.Inf": float("-inf"),
    "-.INF": float("-inf"),
    **dict.fromkeys(_NOT_A_NUMBER, float("nan")),
    "<<": MERGE,
}


def resolve_plain(text: str) -> Any:
    """The value of an unquoted, untagged scalar: None, bool, int, float or str; MERGE for `<<`.

    Integers may lie outside 64 bits and floats may be whole, infinite or not a number: `json_number` and `key_text` bring them
    into the form JSON gives them, which differs between values and keys.
    """
    if text.isdecimal() and text[0] != "0" and len(text) < 19 and text.isascii():
        return int(text)
    if text in _ALL_WORDS:
        return _ALL_WORDS[text]
    first = text[0]
    if first == ".":
        return _finite(text) if re.match(_DOT_FLOAT, text) else text
    if first not in "0123456789+-":
        return text
    plain = text.replace("_", "")
    integer = _integer(plain)
    if integer is not None:
        return integer
    if _FLOAT.match(plain):
        number = _finite(plain)
        return text if isinstance(number, str) else number
    return text


def resolve_tagged(text: str, tag: str) -> Any:
    """The value of a scalar with a tag, in the forms `resolve_plain` gives. Raises UnusableError as go-yaml refuses."""
    name = tag[len(TAG_PREFIX) :] if tag.startswith(TAG_PREFIX) else ""
    if name == "binary":
        return _binary(text)
    if name == "merge":
        return MERGE if text == "<<" else text
    if name == "timestamp" and re.match(_TIMESTAMP, text):
        return text
    wanted = _TAG_TYPES.get(name)
    if wanted is None:
        return text  # !!str, and every tag go-yaml does not know
    value = resolve_plain(text)
    if name == "float" and type(value) is int and value < 1 << 63:
        return float(value)
    if type(value) is not wanted:
        raise UnusableError(f"`{text}` is not what its tag !!{name} says", f"remove the tag !!{name} or write a value of that type")
    return value


def json_number(value: float) -> int | float:
    """An int or float as it arrives after YAML, JSON and the API machinery's decoder. Raises UnusableError for .inf and .nan."""
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else float(value)
    if value - value != 0:
        raise UnusableError("infinity and not-a-number cannot be written in JSON", "quote it if it is text, or write a finite number")
    if value.is_integer() and -1e19 < value < 1e19:
        whole = _printed(value)
        return whole if -(1 << 63) <= whole < 1 << 63 else value
    return value


def is_rewritten(text: str, value: Any) -> bool:
    """Whether a plain scalar is a number that JSON prints otherwise than its author wrote it: 0644, 1.10, 12e5, +1.

    Groups of digits, as in 1_000, are not what is meant.
    """
    if type(value) is int:
        return (text[0] < "1" and text != str(value)) or not -(1 << 63) <= value < 1 << 63
    return type(value) is float and (text != repr(value) or value.is_integer())


def key_text(value: Any) -> str:
    """The string a mapping key becomes. Raises UnusableError for keys that have none: null, mappings, lists, huge integers."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if -(1 << 63) <= value < 1 << 63:
            return str(value)
        raise UnusableError(f"the number {value} is too large to be a key", "quote the key")
    if isinstance(value, float):
        return _float_key(value)
    if value is None:
        raise UnusableError("a key is empty or null", "write the key, or quote it if it is the text `null` or `~`")
    raise UnusableError("a mapping or list cannot be a key", "write a string as the key, or quote it")


def _printed(value: float) -> int:
    """A whole float as JSON prints it: the shortest digits that read back as it, then zeros."""
    mantissa, exponent, power = repr(value).partition("e")
    if not exponent:
        return int(value)
    digits, _, fraction = mantissa.partition(".")
    return int(digits + fraction) * int(10 ** (int(power) - len(fraction)))


def _integer(plain: str) -> int | None:
    """`plain` as Go's ParseInt and ParseUint with base 0 read it; None if they refuse, or it exceeds 64 bits."""
    match = _INTEGER.match(plain)
    if match is None:
        match = re.match(_SIGNED_BINARY, plain)
        return int(match[1], 2) if match is not None and len(match[1]) <= 64 else None
    sign, hexadecimal, binary, octal, decimal = match.groups()
    digits, base = (hexadecimal, 16) if hexadecimal else (binary, 2) if binary else (octal, 8) if octal else (decimal, 10)
    digits = digits.lstrip("0") or "0"
    if len(digits) > 64:
        return None
    value = int(digits, base)
    if sign:
        value = -value if sign == "-" else value
        return value if -(1 << 63) <= value < 1 << 63 else None
    return value if value < 1 << 64 else None


def _finite(text: str) -> float | str:
    """The float, or the text itself where the float would overflow."""
    number = float(text)
    return text if number - number != 0 else number


def _binary(text: str) -> str:
    import base64
    import binascii

    compact = text.replace("\n", "").replace("\r", "")
    try:
        data = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableError("the value of a !!binary tag is not base64", "correct the base64 text, or remove the tag") from error
    try:
        return data.decode()
    except UnicodeDecodeError:
        # Go puts one U+FFFD for each byte that belongs to no character.
        return re.sub("[\udc80-\udcff]", "\ufffd", data.decode("utf-8", "surrogateescape"))


def _float_key(value: float) -> str:
    """A float key as Go's FormatFloat(value, 'g', -1, 32) prints it: the shortest text that reads back as the same 32-bit float."""
    if value != value:
        return ".nan"
    try:
        single = _single(value)
    except OverflowError:
        single = float("inf") if value > 0 else float("-inf")
    if single - single != 0:
        return ".inf" if single > 0 else "-.inf"
    shortest = next(text for text in (f"{single:.{precision}e}" for precision in range(9)) if _single(float(text)) == single)
    mantissa, _, exponent_text = shortest.partition("e")
    exponent = int(exponent_text)
    if exponent < -4 or exponent >= 6:
        return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return f"{single:.{max(len(mantissa.lstrip('-').replace('.', '')) - 1 - exponent, 0)}f}"


def _single(value: float) -> float:
    """The nearest 32-bit float. Raises OverflowError beyond its range."""
    nearest: float = struct.unpack("f", struct.pack("f", value))[0]
    return nearest
