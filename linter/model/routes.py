"""Routes into a decoded body, and reading untrusted bodies without type errors.

A manifest is whatever its author wrote: a list where Kubernetes wants a mapping, a number where it wants a string.
Checks read bodies through these functions, so that malformed input makes them silent instead of making them raise.
"""

from __future__ import annotations

from typing import Any

Route = tuple[str | int, ...]


def mapping(value: object) -> dict[str, Any]:
    """`value` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """`value` if it is a string, else the empty string."""
    return value if isinstance(value, str) else ""


def strings(value: object) -> dict[str, str]:
    """The entries of a mapping whose values are strings, such as labels the API server would accept."""
    return {key: entry for key, entry in value.items() if isinstance(entry, str)} if isinstance(value, dict) else {}


def dig(value: object, *route: str | int) -> Any:
    """The value at `route` below `value`, or None where the route ends early or meets another type."""
    for step in route:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value
