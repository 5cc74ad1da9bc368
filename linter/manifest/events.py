"""The C parser: text in, parser events out, as calls.

The extension module `_ruamel_yaml` (package ruamel.yaml.clib) looks its event classes up as module globals and calls
them with positional arguments. While a function of ours stands under such a name, `get_event()` calls it and no event
object is made, which is a third faster. That is done only while a text is parsed, only while no other Python thread
runs that could use the module too, and only if a first trial shows that it works; otherwise the stock events are
passed on to the same functions.
"""

from __future__ import annotations

import _thread
import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from linter.errors import GitopsLintError


class Mark(Protocol):
    """A place in the text; `index` counts code points from 0."""

    index: int
    line: int
    column: int


# Arguments as the extension passes them.
OnScalar = Callable[[str | None, str | None, tuple[bool, bool], str, Mark, Mark, str], None]
"""(anchor, tag, (plain implicit, quoted implicit), value, start, end, style); style is "" for a plain scalar."""
OnStart = Callable[[str | None, str | None, bool, Mark, Mark, bool], None]
"""(anchor, tag, implicit, start, end, flow style)."""
OnEnd = Callable[[Mark, Mark], None]
OnAlias = Callable[[str, Mark, Mark], None]
OnDocument = Callable[[Mark, Mark, bool, tuple[int, int] | None, Any], None]
"""(start, end, explicit, version of a %YAML directive, tags)."""


class Handlers:
    """What is called for each event, in the order of the text."""

    __slots__ = ("alias", "document_end", "document_start", "mapping_end", "mapping_start", "scalar", "sequence_end", "sequence_start")

    def __init__(
        self,
        *,
        scalar: OnScalar,
        alias: OnAlias,
        mapping_start: OnStart,
        mapping_end: OnEnd,
        sequence_start: OnStart,
        sequence_end: OnEnd,
        document_start: OnDocument,
        document_end: Callable[[Mark, Mark, bool], None],
    ) -> None:
        self.scalar = scalar
        self.alias = alias
        self.mapping_start = mapping_start
        self.mapping_end = mapping_end
        self.sequence_start = sequence_start
        self.sequence_end = sequence_end
        self.document_start = document_start
        self.document_end = document_end


class ParseError(Exception):
    """The parser refuses the text. `index` is the place in code points, None where the parser does not say.

    `problem` and `context` are libyaml's words, `context_index` where the construct it was reading begins.
    """

    def __init__(self, problem: str, index: int | None, context: str = "", context_index: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.index = index
        self.context = context
        self.context_index = context_index


_EVENT_NAMES: Final = (
    "ScalarEvent", "AliasEvent", "MappingStartEvent", "MappingEndEvent", "SequenceStartEvent", "SequenceEndEvent",
    "DocumentStartEvent", "DocumentEndEvent", "StreamStartEvent", "StreamEndEvent",
)  # fmt: skip
_MAX_TAG_DIRECTIVES: Final = 100
_STREAM_END: Final = object()
_replacing = _thread.allocate_lock()
_replaceable: bool | None = None


def parse(text: str, handlers: Handlers) -> None:
    """Calls the handlers for every event of `text`. Raises ParseError, and whatever a handler raises."""
    module = _extension()
    if "%" in text and "%TAG" in text:
        _refuse_many_tags(text)
    try:
        if _may_replace(module) and _alone() and _replacing.acquire(blocking=False):
            try:
                _parse_by_calls(module, text, handlers)
            finally:
                _replacing.release()
        else:
            _parse_by_events(module, text, handlers)
    except (module.YAMLError, UnicodeEncodeError) as error:
        raise _problem(error) from None


def _alone() -> bool:
    """Whether no other Python thread could be using the extension while its event classes are replaced."""
    return _thread._count() == 0


def _refuse_many_tags(text: str) -> None:
    """Raises ParseError: the C parser compares each directive with all others, so a file full of them would take hours."""
    for number, match in enumerate(re.finditer(r"(?m)^%TAG", text)):
        if number == _MAX_TAG_DIRECTIVES:
            raise ParseError(f"more than {_MAX_TAG_DIRECTIVES} %TAG directives", match.start())


def _extension() -> Any:
    try:
        import _ruamel_yaml
    except ImportError as error:
        raise GitopsLintError(
            "the YAML parser is not installed: the module _ruamel_yaml is missing. Install it with `pip install 'ruamel.yaml[oldlibyaml]'`"
        ) from error
    return _ruamel_yaml


def _parse_by_calls(module: Any, text: str, handlers: Handlers) -> None:
    parser = module.CParser(text)
    namespace: dict[str, Any] = module.__dict__
    stock = [namespace[name] for name in _EVENT_NAMES]
    try:
        namespace.update(
            ScalarEvent=handlers.scalar,
            AliasEvent=handlers.alias,
            MappingStartEvent=handlers.mapping_start,
            MappingEndEvent=handlers.mapping_end,
            SequenceStartEvent=handlers.sequence_start,
            SequenceEndEvent=handlers.sequence_end,
            DocumentStartEvent=handlers.document_start,
            DocumentEndEvent=handlers.document_end,
            StreamStartEvent=_nothing,
            StreamEndEvent=_at_stream_end,
        )
        for _ in iter(parser.get_event, _STREAM_END):
            pass
    finally:
        namespace.update(zip(_EVENT_NAMES, stock, strict=True))


def _parse_by_events(module: Any, text: str, handlers: Handlers) -> None:
    get_event = module.CParser(text).get_event
    while (event := get_event()) is not None:
        name = type(event).__name__
        if name == "ScalarEvent":
            style = event.style or ""
            handlers.scalar(event.anchor, event.tag, event.implicit, event.value, event.start_mark, event.end_mark, style)
        elif name == "MappingStartEvent":
            handlers.mapping_start(event.anchor, event.tag, event.implicit, event.start_mark, event.end_mark, event.flow_style)
        elif name == "MappingEndEvent":
            handlers.mapping_end(event.start_mark, event.end_mark)
        elif name == "SequenceStartEvent":
            handlers.sequence_start(event.anchor, event.tag, event.implicit, event.start_mark, event.end_mark, event.flow_style)
        elif name == "SequenceEndEvent":
            handlers.sequence_end(event.start_mark, event.end_mark)
        elif name == "AliasEvent":
            handlers.alias(event.anchor, event.start_mark, event.end_mark)
        elif name == "DocumentStartEvent":
            handlers.document_start(event.start_mark, event.end_mark, event.explicit, event.version, event.tags)
        elif name == "DocumentEndEvent":
            handlers.document_end(event.start_mark, event.end_mark, event.explicit)
        elif name == "StreamEndEvent":
            return


def _nothing(*_arguments: object) -> None:
    return None


def _at_stream_end(*_arguments: object) -> object:
    return _STREAM_END


def _may_replace(module: Any) -> bool:
    """Whether replaced event classes are called as expected: found out once, by a trial."""
    global _replaceable
    if _replaceable is None:
        _replaceable = _trial(module)
    return _replaceable


_TRIAL_TEXT: Final = "---\na: &x [1, 'two']\nb: !t {c: *x}\n...\n"


def _trial(module: Any) -> bool:
    if not all(hasattr(module, name) for name in _EVENT_NAMES):
        return False
    by_calls: list[object] = []
    by_events: list[object] = []
    try:
        _parse_by_calls(module, _TRIAL_TEXT, _recording(by_calls))
        _parse_by_events(module, _TRIAL_TEXT, _recording(by_events))
    except Exception:  # whatever a changed extension does, the stock events remain
        return False
    return by_calls == by_events and len(by_calls) == 14


def _recording(seen: list[object]) -> Handlers:
    def mark(argument: object) -> object:
        return argument.index if hasattr(argument, "index") and hasattr(argument, "line") else argument

    def record(name: str) -> Callable[..., None]:
        return lambda *arguments: seen.append((name, *map(mark, arguments)))

    return Handlers(
        scalar=record("scalar"),
        alias=record("alias"),
        mapping_start=record("mapping start"),
        mapping_end=record("mapping end"),
        sequence_start=record("sequence start"),
        sequence_end=record("sequence end"),
        document_start=record("document start"),
        document_end=record("document end"),
    )


def _problem(error: Any) -> ParseError:
    if isinstance(error, UnicodeEncodeError):
        return ParseError("a lone surrogate is not a character", error.start)
    mark = getattr(error, "problem_mark", None)
    context_mark = getattr(error, "context_mark", None)
    if mark is None and getattr(error, "position", None) is not None:
        return ParseError(re.sub(r"\s+", " ", str(getattr(error, "reason", error))), None)
    return ParseError(
        str(getattr(error, "problem", None) or error),
        mark.index if mark is not None else context_mark.index if context_mark is not None else None,
        str(getattr(error, "context", None) or ""),
        context_mark.index if context_mark is not None else None,
    )
