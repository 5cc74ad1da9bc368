"""Scalars that something outside the repository replaces, so that nobody can judge their value yet."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import lru_cache

# Sources: the documentation of argocd-vault-plugin ("How it works"), Flux ("Post build variable substitution"), SOPS
# ("Encryption format"). An embedded `<name>` counts only in text without spaces, and not where it looks like HTML or a
# type parameter: `a < b > c`, `<b>bold</b>` and `List<String>` are ordinary text.
_NO_HTML = r"(?!(?:[abipsu]|br|hr|em|li|ol|ul|td|th|tr|h[1-6]|div|img|pre|body|html|span|table|strong)>)"
DEFAULT_OPAQUE: tuple[str, ...] = (
    # <path:secret/data/shop#password>, with version and modifiers
    r"<path:[^<>\n#]{1,500}#[^<>\n]{1,500}>",
    # <password>, <password | base64encode>
    rf"\A\s*<{_NO_HTML}[A-Za-z][\w.-]{{0,200}}(?:\s*\|[^<>\n]{{1,200}})?>\s*\Z",
    # postgres://<user>:<password>@db, app.<domain>
    rf"\A(?=[^\s]{{1,1000}}\Z)(?![^\s]*</)[^\s]*?(?<![\w<])<{_NO_HTML}[A-Za-z][\w.-]{{0,200}}>",
    # ${VAR}, ${VAR:-default}
    r"\$\{[A-Za-z_][^{}\n]{0,200}\}",
    # ${{ VAR }}, ${{ values.name }}
    r"\$\{\{[^{}\n]{1,200}\}\}",
    # ENC[AES256_GCM,data:…]
    r"\A\s*ENC\[[A-Z0-9_]{1,40},",
)

_LEADING_FLAGS = re.compile(r"\(\?([aimsux]+)\)")
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[1-9]|\(\?P=|\(\?\()")


@lru_cache(maxsize=1)
def default_opaque() -> re.Pattern[str]:
    """The built-in patterns as one, to be used with search()."""
    return join(DEFAULT_OPAQUE)


def join(patterns: Sequence[str]) -> re.Pattern[str]:
    """Several checked patterns as one; none match nothing."""
    return _compiled("|".join(_scoped(pattern) for pattern in patterns) or r"(?!)")


def problem(pattern: str) -> str | None:
    """Why a pattern cannot be used, or None. Patterns are joined into one, which back-references would not survive."""
    if _BACK_REFERENCE.search(pattern):
        return "back-references are not supported here"
    try:
        _compiled(pattern)
        _compiled(_scoped(pattern))
    except re.error as error:
        return f"{error.msg} at position {error.pos}" if error.pos is not None else error.msg
    return None


def _compiled(pattern: str) -> re.Pattern[str]:
    """The compiled pattern, without Python's warnings about notations that may mean something else one day."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(pattern)


def _scoped(pattern: str) -> str:
    """The pattern as one alternative of several: flags at its start hold for it alone, its groups have no names."""
    pattern = re.sub(r"\(\?P<[A-Za-z_]\w*>", "(?:", pattern)
    flags = _LEADING_FLAGS.match(pattern)
    return f"(?{flags[1]}:{pattern[flags.end() :]})" if flags else f"(?:{pattern})"
