"""How messages quote texts of a repository, and how they list words."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

# As many characters of a text as a message shows.
MOST_SHOWN = 80

_USER = re.compile(r"(?<=://)[^/@]*@")


def shown(text: str, most: int = MOST_SHOWN) -> str:
    """A text as a message quotes it between backticks: on one line, and cut after `most` characters.

    What cannot be printed stands there as JSON escapes it, and a backtick, which would end the quotation, as an apostrophe.
    """
    line = text if len(text) <= most else f"{text[:most]}…"
    if not line.isprintable():
        line = "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in line)
    return line.replace("`", "'")


def joined(words: Sequence[str], conjunction: str = "and") -> str:
    """Words as a list in a sentence: "a, b and c"."""
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}" if len(words) > 1 else "".join(words)


def without_credentials(address: str) -> str:
    """The address of a repository or registry as messages name it: a user name or password in it is left out."""
    return _USER.sub("", address)
