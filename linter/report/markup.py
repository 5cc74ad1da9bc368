"""Text of a repository in Markdown as GitHub and GitLab read it: shown as it is, never obeyed.

Both turn `@name`, `#12`, `!3`, commit ids, addresses and the like in what they have rendered into links and notifications, so
escaping such a character is of no use; they leave code alone.
Sources: the GitHub Flavored Markdown specification; GitHub documentation, "Autolinked references and URLs"; GitLab
documentation, "GitLab Flavored Markdown", section "GitLab-specific references".
"""

from __future__ import annotations

import re

from linter.report.terminal import safe

_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
# Punctuation that means nothing inside a line of text, so that the source of a report stays readable.
_HARMLESS = frozenset("\"'(),./:;?=%+-")
_CODE = re.compile(r"`([^`]+)`")
_WORD = re.compile(r"(\s+)")
# What would become a link, a notification or a picture.
_REFERENCE = re.compile(
    r"""@ | [#!$%~^]\S | &[\w"'] | \*iteration: | \[\w+: | :[\w+-]+:
    | :// | (?i:\bwww\.) | (?i:\bmailto:) | (?i:\bxmpp:)
    | (?i:\b[0-9a-f]{7,64}\b) | \b[A-Z][A-Z0-9]+-\d""",
    re.VERBOSE,
)
_LIST = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")


def prose(text: str) -> str:
    """A line of text; what stands between backticks in it, and what would notify somebody, becomes code."""
    parts = []
    rest = 0
    text = " ".join(text.split())
    for match in _CODE.finditer(text):
        parts += [_words(text[rest : match.start()]), code(match[1])]
        rest = match.end()
    parts.append(_words(text[rest:]))
    line = "".join(parts)
    # What would begin a block if it stood at the start of a line.
    return _LIST.sub(r"\1\\\2", "\\" + line if line.startswith(("-", "+", "=")) else line)


def code(text: str) -> str:
    """Text as code, on one line, also in the cell of a table."""
    shown = safe(text)
    if not shown.strip():
        return "` `" if shown else ""
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    # A cell of a table ends at a bar, even in code; outside of tables the backslash would show.
    return f"{fence}{pad}{shown}{pad}{fence}"


def cell(markdown: str) -> str:
    """Markdown in the cell of a table."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", markdown)


def html_code(text: str) -> str:
    """Text as code where Markdown is not read, such as in the summary of a folded part."""
    from html import escape

    return f"<code>{escape(safe(text))}</code>"


def block(lines: list[str]) -> str:
    """Lines as a block of code."""
    shown = [safe(line) for line in lines]
    fence = "`" * max(3, *(_longest_run(line) + 1 for line in shown))
    return "\n".join([f"{fence}text", *shown, fence])


def link(markdown: str, address: str) -> str:
    """Markdown that leads to an address, if that is one of the web; else the Markdown alone."""
    if not re.fullmatch(r"https?://[!#-;=?-~]+", address):
        return markdown
    return f"[{markdown}](<{address.replace(chr(92), '%5C')}>)"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _words(text: str) -> str:
    return "".join(code(word) if _REFERENCE.search(word) else _escaped(word) for word in _WORD.split(text) if word)


def _escaped(word: str) -> str:
    return _PUNCTUATION.sub(lambda match: match[1] if match[1] in _HARMLESS else f"\\{match[1]}", safe(word) if word.strip() else word)
