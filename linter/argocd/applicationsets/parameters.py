"""Rows of parameters: how Argo CD prints, flattens, joins and compares them.

Numbers of list elements and of files reach Argo CD through JSON and are floats there, which shows when they are printed:
1000000 is `1e+06`. Source: applicationset/utils and applicationset/generators of Argo CD, and its library mergo.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from linter.argocd.applicationsets.contracts import Row

_NOT_IN_NAMES = re.compile(r"[^-a-z0-9.]")
_MAX_NAME = 253
_MAX_SHOWN = 60
# From this power of ten on, Go's `%v` prints a float with an exponent.
_FIRST_EXPONENT = 6


def printed(value: Any) -> str:
    """A value as Go's `%v` prints it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "<nil>"
    if isinstance(value, int | float):
        return _printed_number(value)
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{key}:{printed(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list | tuple):
        return f"[{' '.join(map(printed, value))}]"
    return str(value)


def _printed_number(value: float) -> str:
    try:
        number = float(value)
    except OverflowError:
        return "+Inf" if value > 0 else "-Inf"
    if number != number or number in (float("inf"), float("-inf")):
        return {"inf": "+Inf", "-inf": "-Inf"}.get(str(number), "NaN")
    shortest = next(text for text in (f"{number:.{precision}e}" for precision in range(17)) if float(text) == number)
    digits, _, power = shortest.partition("e")
    exponent = int(power)
    significant = len(digits.replace("-", "").replace(".", ""))
    if exponent < -4 or exponent >= _FIRST_EXPONENT:
        return f"{digits}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return f"{number:.{max(significant - 1 - exponent, 0)}f}"


def normalised(name: str) -> str:
    """A name made fit for Kubernetes, as the function `normalize` and the parameters `…Normalized` have it."""
    return _NOT_IN_NAMES.sub("-", name.lower()).encode()[:_MAX_NAME].decode("ascii", "replace").strip("-.")


def flattened(row: Mapping[str, Any]) -> dict[str, str]:
    """The row with one text per leaf: `a.b`, `list.0`."""
    leaves: dict[str, Any] = {}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, entry in value.items():
                walk(f"{prefix}.{key}", entry)
        elif isinstance(value, list):
            for number, entry in enumerate(value):
                walk(f"{prefix}.{number}", entry)
        else:
            leaves[prefix] = value

    for key, value in row.items():
        walk(key, value)
    return {key: printed(value) for key, value in leaves.items()}


def overridden(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> Row:
    """`upper` laid over `lower`: mappings are merged, everything else, null and lists included, is replaced."""
    result = dict(lower)
    for key, value in upper.items():
        below = result.get(key)
        result[key] = overridden(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return result


def filled(template: Any, base: Any) -> dict[str, Any]:
    """A generator's own template over the set's: what is empty in it is taken from `base`.

    Empty is what Go calls a zero value, `false` and `0` among them. Lists and `valuesObject` are taken whole.
    """
    result = dict(template) if isinstance(template, dict) else {}
    for key, value in base.items() if isinstance(base, dict) else ():
        own = result.get(key)
        if isinstance(own, dict) and isinstance(value, dict) and own and key != "valuesObject":
            result[key] = filled(own, value)
        elif not own:
            result[key] = value
    return result


def joined(first: Mapping[str, Any], second: Mapping[str, Any]) -> Row:
    """Both rows as texts. Raises KeyError with the key for which they have different ones."""
    result = {key: printed(value) for key, value in first.items()}
    for key, value in second.items():
        text = printed(value)
        if result.setdefault(key, text) != text:
            raise KeyError(key)
    return dict(result)


def identity(row: Mapping[str, Any], keys: list[str]) -> str:
    """What tells rows apart for a merge generator: the values of its keys, where 1 and "1" differ."""
    return json.dumps({key: row.get(key) for key in keys}, sort_keys=True, default=str)


def described(row: Mapping[str, Any]) -> str:
    """A row for messages: its first plain parameters."""
    shown = [f"{key}={text}" for key, text in flattened(row).items() if text]
    text = ", ".join(shown[:3]) + (", …" if len(shown) > 3 else "")
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"
