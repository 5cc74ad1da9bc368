"""Where the files stand that travel with the program: rule packs and schemas.

A wheel carries them under `linter/_data/`; an editable install and a source checkout have them beside `linter/`.
"""

from __future__ import annotations

import os.path

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_PACKED = os.path.join(_PACKAGE, "_data")


def is_packed() -> bool:
    """Whether this is an installed wheel, whose packs were compiled when it was built."""
    return os.path.isdir(_PACKED)


def path(*parts: str) -> str:
    """The path of a shipped file or folder, such as `path("schemas", "config.schema.json")`."""
    return os.path.join(_PACKED if is_packed() else os.path.dirname(_PACKAGE), *parts)


def read(*parts: str) -> bytes:
    """The content of a shipped file.

    Raises FileNotFoundError if the installation is damaged.
    """
    with open(path(*parts), "rb") as file:
        return file.read()
