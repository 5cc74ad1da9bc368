"""Quantities: amounts of CPU, memory, storage and countable resources, read as the API server reads them.

Source: `ParseQuantity` and `Quantity.UnmarshalJSON` of k8s.io/apimachinery pkg/api/resource, and the suffix tables beside
them. Space around the text is dropped, digits may be missing ("m" is 0), and what is finer than a billionth is rounded up,
away from zero. An amount is therefore a whole number of billionths, which is what `parse_quantity` returns: exact, and
cheap to compare.
"""

from __future__ import annotations

import re
from functools import lru_cache

NANOS = 10**9
"""Billionths in one: `parse_quantity("1") == NANOS`."""

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_QUANTITY = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([numkMGTPE]?|[KMGTPE]i|[eE][+-]?[0-9]{1,18})\Z")
_PLAIN = re.compile(r"([+-]?[0-9]*\.?[0-9]*)\s*([A-Za-zµ]*)\Z")
# Beyond these powers of ten nothing changes in a comparison, and the numbers would only grow.
_LARGEST_EXPONENT = 400
# The value at which the API server caps binary suffixes.
_LARGEST_BINARY = (2**63 - 1) * NANOS
# What authors write after a number, and the suffix that means it. Bytes with a decimal suffix are what disks are sold by.
_MEANT = {
    "b": "", "byte": "", "bytes": "", "core": "", "cores": "", "cpu": "", "cpus": "",
    "kb": "k", "mb": "M", "gb": "G", "tb": "T", "pb": "P", "kib": "Ki", "mib": "Mi", "gib": "Gi", "tib": "Ti", "pib": "Pi",
    "g": "G", "t": "T", "p": "P", "ki": "Ki", "mi": "Mi", "gi": "Gi", "ti": "Ti", "pi": "Pi", "ei": "Ei",
    "millicore": "m", "millicores": "m", "milli": "m", "mcpu": "m", "meg": "M", "gig": "G",
}  # fmt: skip

# Longer texts are not read: no amount that anybody means takes as many digits.
_LONGEST = 1000


def parse_quantity(value: object) -> int | None:
    """The amount a value stands for, in billionths (`NANOS`); None for what the API server cannot read as a quantity.

    Numbers are quantities too, as YAML may hold them: 2 and 0.5 are what "2" and "0.5" are.
    """
    if isinstance(value, str):
        return _parse(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value * NANOS
    return _parse(repr(value)) if isinstance(value, float) else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> int | None:
    text = text.strip()
    match = _QUANTITY.match(text) if len(text) < _LONGEST else None
    if match is None or not text:
        return None
    sign, digits, fraction, suffix = match[1], match[2], match[3] or "", match[4]
    if not digits and not fraction and suffix in ("Pi", "Ei"):
        # The one case in which an absent number is not read as 0.
        return None
    amount: int = int((digits + fraction) or "0") * NANOS
    scale: int = 10 ** len(fraction)
    if suffix in _BINARY:
        amount = min(-(-(amount << _BINARY[suffix]) // scale), _LARGEST_BINARY)
    else:
        exponent = _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])
        exponent = max(-_LARGEST_EXPONENT, min(exponent, _LARGEST_EXPONENT))
        if exponent >= 0:
            amount *= 10**exponent
        else:
            scale *= 10**-exponent
        amount = -(-amount // scale)
    return -amount if sign == "-" else amount


def quantity_problem(value: object) -> str | None:
    """Why a value is no quantity, as the end of a sentence, or None if it is one.

    None as well for values that are neither text nor number: their type is what is wrong with them.
    """
    if not isinstance(value, str | int | float) or isinstance(value, bool) or parse_quantity(value) is not None:
        return None
    text = str(value).strip()
    if not text:
        return "it is empty"
    if len(text) >= _LONGEST:
        return f"it has {len(text)} characters"
    if "," in text:
        return "it holds a comma; the decimal separator is a point"
    match = _PLAIN.match(text)
    if match is None or not any(character.isdigit() for character in match[1]):
        return "it is not a number with a suffix such as `m`, `Mi` or `Gi`"
    if match[2] in _DECIMAL or match[2] in _BINARY:
        return "no space may stand before the suffix"
    return f"`{match[2]}` is not a suffix" if match[2] else "it is not a number"


def quantity_suggestion(value: object) -> str | None:
    """What the author of something that is no quantity probably meant: `1Gi` for `1gi`, `500M` or `500Mi` for `500MB`."""
    match = _PLAIN.match(str(value).strip().replace(",", "."))
    if match is None or not any(character.isdigit() for character in match[1]):
        return None
    number, suffix = match[1], match[2]
    if suffix == "K":
        return f"`{number}Ki` (1024) or `{number}k` (1000)"
    if suffix in _DECIMAL or suffix in _BINARY:
        return f"`{number}{suffix}`"
    meant = _MEANT.get(suffix.lower())
    if meant is None:
        return None
    both = len(suffix) == 2 and suffix[1] in "bB"
    return f"`{number}{meant.upper()}i` or `{number}{meant}`" if both else f"`{number}{meant}`"


def has_number(value: object) -> bool:
    """Whether a quantity has a digit at all; the API server reads `m` and `Gi` as 0."""
    return not isinstance(value, str) or any(character.isdigit() for character in value)


def in_bytes(amount: int) -> str:
    """An amount in billionths as bytes, in words: `128 bytes`, `0.512 bytes`, `1.5 GiB`."""
    if abs(amount) >= NANOS * 2**20:
        for power, unit in ((60, "EiB"), (50, "PiB"), (40, "TiB"), (30, "GiB"), (20, "MiB")):
            if abs(amount) >= NANOS << power:
                return f"{amount / (NANOS << power):.4g} {unit}"
    return f"{amount / NANOS:.12g} byte{'' if amount == NANOS else 's'}"
