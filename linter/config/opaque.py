"""Scalars that something outside the repository replaces, so that nobody can judge their value yet."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from linter.model.state import Placeholders

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


_NOTATION = re.compile(r"\\[pPxu]\{[^{}]*\}|\\.|\{,\d+\}|\{\d+(?:,\d*)?\}|\{", re.DOTALL)


class _Own:
    """Patterns of a configuration, and perhaps the built-in ones. A repository brings them, so they run in an engine whose time
    grows no faster than the text, whatever they are."""

    def __init__(self, patterns: Sequence[str], built_in: re.Pattern[str] | None) -> None:
        self._built_in = built_in
        self._matches = [_compiled(pattern).is_valid for pattern in patterns]

    def search(self, text: str, /) -> object | None:
        """Something if the text holds a placeholder, else None."""
        if self._built_in is not None and (found := self._built_in.search(text)) is not None:
            return found
        return True if any(matches(text) for matches in self._matches) else None


@lru_cache(maxsize=1)
def default_opaque() -> re.Pattern[str]:
    """The built-in patterns as one, to be used with search()."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in DEFAULT_OPAQUE))


def own_opaque(patterns: Sequence[str], *, extend: bool) -> Placeholders:
    """Checked patterns of a configuration, to be used with search(); with `extend` beside the built-in ones."""
    return _Own(patterns, default_opaque() if extend else None)


def problem(pattern: str) -> str | None:
    """Why a pattern cannot be used, or None."""
    try:
        _compiled(pattern)
    except ValueError:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            return str(error)
        return "look-around, back-references and large repetitions are not supported here"
    return None


def _compiled(pattern: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for({"pattern": _NOTATION.sub(_translated, pattern)}, pattern_options=jsonschema_rs.RegexOptions())


def _translated(found: re.Match[str]) -> str:
    """What Python writes in another way than this engine: the end of the text, a brace that stands for itself, and `{,3}`."""
    text = found[0]
    return r"\z" if text == r"\Z" else rf"\{text}" if text == "{" else f"{{0{text[1:]}" if text.startswith("{,") else text
