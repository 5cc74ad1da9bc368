"""Go templates for Argo CD's ApplicationSets, rewritten so that Helm's engine says what Argo CD would.

- Helm evaluates a missing parameter as if `missingkey=zero` were set. Reading one is rewritten into a function that fails
  (`missingkey=error`) or yields nothing even for a part of it (the default); with `missingkey=zero` it is left alone.
- `normalize` and `slugify` exist in Argo CD only; they become templates of the chart that holds the strings.
- Functions that Helm adds, and those Argo CD removes, are refused.
Source: text/template of Go, applicationset/utils/utils.go of Argo CD, pkg/engine/funcs.go of Helm.
"""

from __future__ import annotations

import re
from typing import Final

from linter.argocd.applicationsets.contracts import MissingKey
from linter.rendering.helm.template_language import parse_actions

NORMALIZE: Final = "argo.normalize"
SLUGIFY: Final = "argo.slugify"

FUNCTIONS: Final = (
    '{{- define "argo.normalize" }}{{ regexReplaceAll "[^-a-z0-9.]" (lower .) "-" | trunc 253 | trimAll "-." }}{{ end }}'
    # A list: the name comes last, before it may stand the greatest length and whether to cut between words.
    '{{- define "argo.slugify" }}'
    "{{- $size := 50 }}{{ $smart := true }}"
    "{{- if gt (len .) 1 }}{{ $size = index . 0 }}{{ end }}{{ if gt (len .) 2 }}{{ $smart = index . 1 }}{{ end }}"
    '{{- $slug := include "argo.normalize" (last .) }}'
    "{{- if and (not $smart) (ge (len $slug) $size) }}{{ $slug = substr 0 $size $slug }}{{ end }}"
    '{{- $slug = regexReplaceAll "-+" (regexReplaceAll "[^a-z0-9_-]" $slug "-") "-" | trimAll "-_" }}'
    "{{- if and $smart (gt $size 0) (gt (len $slug) $size) }}"
    "{{- $cut := substr 0 (add1 $size | int) $slug }}"
    '{{- $slug = ternary (regexReplaceAll "-[^-]*$" $cut "") (substr 0 $size $slug) (contains "-" $cut) }}'
    "{{- end }}{{ $slug }}{{ end }}"
)
"""The templates that stand in for Argo CD's own functions."""

_REFUSED: Final = frozenset(
    {
        *("env", "expandenv", "getHostByName", "include", "tpl", "required", "lookup", "fromJsonArray"),
        *("toToml", "mustToToml", "fromToml", "mustToYaml", "toYamlPretty", "mustToDuration", "durationSeconds"),
        *("durationMilliseconds", "durationMicroseconds", "durationNanoseconds", "durationMinutes", "durationHours"),
        *("durationDays", "durationWeeks", "durationRoundTo", "durationTruncateTo"),
    }
)
_TOKEN = re.compile(
    r"""(?P<literal>"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|[-+]?\.?[0-9][\w.]*)"""
    r"""|(?P<chain>(?P<root>\$\w*)?(?P<fields>(?:\.[^\W\d]\w*)+))(?![\w.])"""
    r"""|(?P<name>[^\W\d]\w*)(?P<after>\.?)|(?P<other>\$\w*|.)""",
    re.DOTALL,
)
_PLUCK = re.compile(r'\(index \(pluck "(\w+)" ([$.][\w.]*)\) 0\)|index \(pluck "(\w+)" ([$.][\w.]*)\) 0')
_PARENTHESES = re.compile(r"\(([$.][\w.]*)\)")
_DIG = re.compile(r'\(?dig ((?:"\w+" )+)nil (\$\w*|\.)\)?')


def rewritten(text: str, missing_key: MissingKey) -> str:
    """The template for Helm's engine.

    Raises ValueError where Argo CD would not parse it, as far as that is seen here.
    """
    result: list[str] = []
    position = 0
    for action in parse_actions(text):
        if action.keyword == "comment":
            continue
        result += text[position : action.code_start], _code(text[action.code_start : action.code_end], missing_key)
        position = action.code_end
    return "".join((*result, text[position:]))


def restored(message: str) -> str:
    """A message of the engine with the author's way to read parameters in it."""
    previous = ""
    while previous != message:
        previous = message
        message = _PARENTHESES.sub(r"\1", message)
        message = _PLUCK.sub(lambda match: _chain(match[2] or match[4], [match[1] or match[3]]), message)
    return _DIG.sub(lambda match: _chain(match[2], re.findall(r"\w+", match[1])), message).replace("mustFromJson", "fromJson")


def missing_parameter(message: str) -> str | None:
    """The parameter whose absence made a strict template fail, or None if something else did."""
    if "slice index out of range" not in message and "index out of range: 0" not in message:
        return None
    found = re.search(r'`index \(pluck "\w+" .*\) 0`', message)
    return restored(found[0].strip("`")) if found else None


def _chain(root: str, fields: list[str]) -> str:
    return f"{'' if root == '.' else root}.{'.'.join(fields)}"


def _code(code: str, missing_key: MissingKey) -> str:
    result: list[str] = []
    # Per open parenthesis, whether the command that is being read is one of slugify.
    slugs = [False]
    previous = ""
    for token in _TOKEN.finditer(code):
        written = token[0]
        kind = token.lastgroup
        if kind == "chain" or token["fields"]:
            result.append(written if previous == ")" else _read(token["root"] or ".", token["fields"][1:].split("."), missing_key))
        elif token["name"]:
            result.append(_function(token["name"], slugs) + token["after"])
        elif written in "()|":
            if written == "(":
                slugs.append(False)
            else:
                result += [_slugified()] if slugs[-1] else []
                slugs[-1] = False
                if written == ")" and len(slugs) > 1:
                    slugs.pop()
            result.append(written)
        else:
            result.append(written)
        previous = written
    if slugs[-1]:
        end = len(result)
        while end and not result[end - 1].strip():
            end -= 1
        result.insert(end, _slugified())
    return "".join(result)


def _function(name: str, slugs: list[bool]) -> str:
    if name in _REFUSED:
        raise ValueError(f"there is no template function `{name}`")
    if name == "normalize":
        return f'include "{NORMALIZE}"'
    if name == "slugify":
        slugs[-1] = True
        return "list"
    # Helm's own fromJson reads mappings only.
    return "mustFromJson" if name == "fromJson" else name


def _slugified() -> str:
    return f' | include "{SLUGIFY}" '


def _read(root: str, fields: list[str], missing_key: MissingKey) -> str:
    if missing_key == "error":
        expression = root
        for field in fields:
            expression = f'(index (pluck "{field}" {expression}) 0)'
        return expression
    if missing_key == "zero":
        return _chain(root, fields)
    if len(fields) == 1:
        # In parentheses a missing value is none at all, which functions that take mappings or lists accept.
        return f"({_chain(root, fields)})"
    return f"(dig {' '.join(f'{chr(34)}{field}{chr(34)}' for field in fields)} nil {root})"
