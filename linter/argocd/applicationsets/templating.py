"""Parameters into templates: `{{name}}` as fasttemplate replaces it, or Go templates, string by string.

Argo CD looks at every string of a template and at every key of a mapping, each as a template of its own.
Source: applicationset/utils/utils.go of Argo CD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linter.argocd.applicationsets.contracts import GeneratorError, MissingKey, SetContext, TemplateError
from linter.model.applications import Problem
from linter.model.routes import Route

_MAX_TEXT = 4 << 20
_MAX_TEXTS = 128 << 20
_TEMPLATED = re.compile(r"\{\{.*\}\}")


@dataclass(frozen=True, slots=True)
class Fault:
    """The string at `route` of a template that could not be rendered."""

    route: Route
    message: str
    missing_key: bool


class Templating:
    """The templating of one ApplicationSet: whether in Go's language, and what a missing key does there."""

    def __init__(self, context: SetContext, go: bool, missing_key: MissingKey) -> None:
        self._context = context
        self.go = go
        self.missing_key = missing_key
        self._characters = 0

    def render(self, jobs: Sequence[tuple[Any, Mapping[str, Any]]], missing_key: MissingKey | None = None) -> list[Any | Fault]:
        """Each template with its parameters: a copy in which strings and keys are rendered and null entries are left out."""
        # One template usually goes with many rows.
        strings: dict[int, list[tuple[Route, str]]] = {}
        for template, _ in jobs:
            if id(template) not in strings:
                strings[id(template)] = list(_strings(template, ()))
        texts = [(text, row) for template, row in jobs for _, text in strings[id(template)]]
        rendered = iter(self.texts(texts, missing_key))
        results: list[Any | Fault] = []
        for template, _ in jobs:
            found = [next(rendered) for _ in strings[id(template)]]
            routes = [route for route, _ in strings[id(template)]]
            fault = next(
                (Fault(routes[at], text.message, text.missing_key) for at, text in enumerate(found) if not isinstance(text, str)), None
            )
            results.append(fault or _rebuilt(template, iter([text for text in found if isinstance(text, str)])))
        return results

    def texts(self, texts: Sequence[tuple[str, Mapping[str, Any]]], missing_key: MissingKey | None = None) -> Sequence[str | TemplateError]:
        """Each text with its parameters. Raises GeneratorError where all results together become too long."""
        if not self.go:
            return [self._counted(fast(text, row)) for text, row in texts]
        needed = [at for at, (text, _) in enumerate(texts) if "{{" in text]
        results: list[str | TemplateError] = [text for text, _ in texts]
        if needed:
            answers = self._context.evaluate([texts[at] for at in needed], missing_key or self.missing_key)
            for at, answer in zip(needed, answers, strict=True):
                results[at] = self._counted(answer)
        return results

    def _counted(self, result: str | TemplateError) -> str | TemplateError:
        if isinstance(result, str):
            self._characters += len(result)
        if self._characters > _MAX_TEXTS:
            message = f"the templates of the ApplicationSet render to more than {_MAX_TEXTS >> 20} MiB of text"
            raise GeneratorError(Problem("applicationset-too-large", "broken", message, "split the ApplicationSet", ("spec",)))
        return result


def fast(text: str, row: Mapping[str, Any]) -> str | TemplateError:
    """The text with `{{ key }}` replaced where the row has a string of that name, and left alone elsewhere."""
    if _TEMPLATED.search(text) is None:
        return text
    result: list[str] = []
    position = length = 0
    while (start := text.find("{{", position)) >= 0:
        end = text.find("}}", start + 2)
        if end < 0:
            return TemplateError("a `{{` has no `}}`")
        value = row.get(text[start + 2 : end].strip())
        result += text[position:start], value if isinstance(value, str) else text[start : end + 2]
        length += len(result[-1])
        if length > _MAX_TEXT:
            return TemplateError(f"it renders to more than {_MAX_TEXT >> 20} MiB")
        position = end + 2
    return "".join((*result, text[position:]))


def _strings(value: Any, route: Route) -> Iterator[tuple[Route, str]]:
    """The strings that may need rendering, in the order in which `_rebuilt` wants them back."""
    if isinstance(value, str):
        if "{{" in value:
            yield route, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            if entry is not None:
                yield from _strings(key, (*route, key))
                yield from _strings(entry, (*route, key))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _strings(entry, (*route, number))


def _rebuilt(value: Any, rendered: Iterator[str]) -> Any:
    if isinstance(value, str):
        return next(rendered) if "{{" in value else value
    if isinstance(value, dict):
        return {_rebuilt(key, rendered): _rebuilt(entry, rendered) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [_rebuilt(entry, rendered) for entry in value]
    return value
