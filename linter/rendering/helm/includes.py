"""How the templates of a chart include each other, as far as their text tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from linter.rendering.helm.template_language import Action, code_spans, literals, parse_actions

_BARE_USE = re.compile(r'\s*(?:include|template)\s+(?:"([^"\\]*)"|`([^`]*)`)(\s[^|{}]*)?((?:\s*\|\s*n?indent\s+\d+)*)\s*')
_DYNAMIC_USE = re.compile(r"(?<![\w.$])(?:include|template)\s+(?![\"`\s])(?!\(\s*printf?\s+[^)]*\.BasePath)")


class Uses:
    """How one template uses named templates: those it defines, the (name, inside which) it prints as they are, the
    names it mentions in any other way, and whether it includes some by a name that is computed."""

    __slots__ = ("computed", "defined", "mentioned", "printed")

    def __init__(self) -> None:
        self.defined: set[str] = set()
        self.printed: set[tuple[str, str | None]] = set()
        self.mentioned: set[str] = set()
        self.computed = False


@lru_cache(maxsize=1024)
def parse_uses(text: str) -> tuple[list[Action], Uses] | None:
    """The actions of a template and its uses of others, or None if it cannot be parsed. Charts of one repository often
    carry the same library chart."""
    try:
        actions = parse_actions(text)
    except ValueError:
        return None
    uses = Uses()
    for action in actions:
        names = literals(text, action)
        if action.keyword in ("define", "block") and names:
            uses.defined.add(names[0])
            if action.keyword == "block":
                uses.printed.add((names[0], action.define))
            uses.mentioned.update(names[1:])
            continue
        code = text[action.code_start : action.code_end]
        bare = _BARE_USE.fullmatch(code) if action.prints else None
        if bare is not None:
            uses.printed.add((bare[1] if bare[1] is not None else bare[2], action.define))
            names = names[1:]
        elif "include" in code or action.keyword == "template":
            unquoted = '""'.join(text[start:end] for start, end in code_spans(text, action))
            uses.computed = uses.computed or _DYNAMIC_USE.search(unquoted) is not None
        uses.mentioned.update(names)
    return actions, uses


def printed_as_is(uses: Sequence[Uses]) -> frozenset[str]:
    """The named templates whose every use in the chart puts their output into the rendered text unchanged."""
    if any(entry.computed for entry in uses):
        return frozenset()
    fit = {name for entry in uses for name in entry.defined}
    fit -= {name for entry in uses for name in entry.mentioned}
    printed = {use for entry in uses for use in entry.printed}
    while lost := {name for name, inside in printed if name in fit and inside is not None and inside not in fit}:
        fit -= lost
    return frozenset(fit)
