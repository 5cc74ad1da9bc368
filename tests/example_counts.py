"""How many examples a property is tried with."""

from __future__ import annotations

from hypothesis import settings


def examples(count: int) -> int:
    """`count`, or ten times as many where a thorough search is asked for (`pytest --hypothesis-profile=thorough`)."""
    return count * 10 if settings.get_current_profile_name() == "thorough" else count
