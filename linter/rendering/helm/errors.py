"""What the Helm engine says when it fails, as failures that name the author's file and line."""

from __future__ import annotations

import re
from collections.abc import Callable

from linter.model import Failure
from linter.rendering.helm.charts import Chart

Locate = Callable[[str], str | None]
"""The path in the repository of a template as the engine names it (`shop/templates/a.yaml`), or None if it is none."""

_MAX_MESSAGE = 300

_PLACED = re.compile(r"(execution|parse) error (?:at|in) \((.+?)\): (.*)", re.DOTALL)
_PLACE = re.compile(r"(.+?):(\d+)(?::\d+)?")
_CHAINED_FRAME = re.compile(r'template: ([^\n]+?):(\d+):\d+: executing "[^"\n]*" at <(.*?)>: ', re.DOTALL)
_LISTED_FRAME = re.compile(r'^(\S[^\n]*?):(\d+):\d+\n\s+executing "[^"\n]*" at <(.*?)>:\n', re.MULTILINE | re.DOTALL)
_INNER_PLACE = re.compile(r"^.*template: gotpl:\d+(?::\d+)?: ", re.DOTALL)
_WRAPPING = re.compile(r"^(?:template: |error calling \w+: |error during tpl function execution for \".*?\": )+", re.DOTALL)

_NIL = re.compile(r"nil pointer evaluating .*?\.(\w+)$")
_NO_FIELD = re.compile(r"can't evaluate field (\w+) in type interface \{\}")
_WRONG_TYPE = re.compile(r"Go struct field Metadata\.(\w+)[\w.]* of type")
_NO_FUNCTION = re.compile(r'function "(.*?)" not defined')
_NO_TEMPLATE = re.compile(r'(?:no template|template) "(.*?)" (?:associated with template|not defined)')
_NESTED = re.compile(r"nested reference name: ([^:]+)")

_REFUSED_VERSION = re.compile(r"chart requires kubeVersion: (.*?) which is incompatible with Kubernetes (\S+)", re.DOTALL)

_FIX_BACKEND = 'run `pip install "gitops-lint[helm]"`, or put the program `helm` (3 or 4) on the PATH'
_FIX_TEMPLATE = "correct the template"
_FIX_VALUES = "set what the chart asks for in its values"
_FIX_NIL = "give it a value, or guard it with `with`, `dig` or `default`"
_FIX_ENDLESS = "give the recursion an end"


def render_failure(text: str, chart: Chart, locate: Locate) -> Failure:
    """The failure behind an error of the engine: the innermost place in a file of the chart, and the cause alone."""
    text = text.strip()
    placed = _PLACED.fullmatch(text)
    if placed is not None:
        path, line = _author_place(placed[2], locate)
        if placed[1] == "execution":
            return _failure(chart, path, line, f"the chart refuses to be rendered: {placed[3]}", _FIX_VALUES)
        return _failure(chart, path, line, *_explained(placed[3], None))
    path, line, code = "", None, None
    rest = text
    frame_pattern = _CHAINED_FRAME if text.startswith("template: ") else _LISTED_FRAME
    for frame in frame_pattern.finditer(text):
        author = locate(frame[1])
        if author is not None:
            path, line = author, int(frame[2])
        code = frame[3]
        rest = text[frame.end() :]
    return _failure(chart, path, line, *_explained(rest, code))


def _author_place(place: str, locate: Locate) -> tuple[str, int | None]:
    match = _PLACE.fullmatch(place)
    author = locate(match[1] if match else place)
    return (author or "", int(match[2]) if match and author else None)


def _explained(cause: str, code: str | None) -> tuple[str, str]:
    """The message and the remedy for what the template engine reports, `code` being what it was evaluating."""
    cause = _WRAPPING.sub("", _INNER_PLACE.sub("", cause.strip())).strip()
    code = " ".join(code.split()) if code else None
    if (match := _NO_FUNCTION.search(cause)) is not None:
        return f"there is no template function `{match[1]}`", _FIX_TEMPLATE
    if (match := _NO_TEMPLATE.search(cause)) is not None:
        return f"no template named `{match[1]}` is defined", "define it, or vendor the library chart that does"
    if (match := _NESTED.search(cause)) is not None:
        return f"the template `{match[1]}` includes itself without end", _FIX_ENDLESS
    if "exceeded maximum template depth" in cause:
        return "a template calls itself without end", _FIX_ENDLESS
    if (match := _NIL.search(cause)) is not None:
        what = f"`{code}` cannot be evaluated: " if code else ""
        return f"{what}there is no value to read `.{match[1]}` from", _FIX_NIL
    if (match := _NO_FIELD.search(cause)) is not None:
        what = f"`{code}` cannot be evaluated: " if code else ""
        return f"{what}`.{match[1]}` is read from something that is no mapping", "make it a mapping in the values, or correct the template"
    return (f"`{code}` cannot be evaluated: {cause}" if code else f"the template cannot be parsed: {cause}"), _FIX_TEMPLATE


def load_failure(text: str, chart: Chart) -> Failure:
    """The failure for a chart that the engine would not load."""
    wrong = _WRONG_TYPE.search(text)
    if wrong is not None:
        message, line = f"`{wrong[1]}` has the wrong type", chart.metadata.line_of(wrong[1])
    else:
        message, line = f"Helm cannot load the chart: {shortened(text)}", None
    return Failure("helm-chart-invalid", "broken", "render", chart.metadata.path, line, message, "correct the chart")


def kube_version_failure(text: str, chart: Chart) -> Failure:
    """The failure for a chart that `helm template` refuses for the version of Kubernetes."""
    match = _REFUSED_VERSION.match(text)
    message = f"the chart accepts Kubernetes {match[1]} only, and the target is {match[2]}" if match else shortened(text)
    fix = "widen `kubeVersion:`, or set the target to the version of the cluster with --kube-version"
    return Failure("helm-kube-version", "broken", "render", chart.metadata.path, chart.metadata.line_of("kubeVersion"), message, fix)


def process_failure(kind: str, detail: str, chart: Chart) -> Failure:
    """The failure for a chart whose rendering ended with its process, or could not begin."""
    path = chart.metadata.path
    if kind == "timeout":
        message = f"the chart was not rendered after {detail} seconds"
        fix = "look for a loop over very many items, or a template that calls itself"
        return Failure("helm-timeout", "broken", "render", path, None, message, fix)
    if kind == "memory":
        message = "rendering the chart takes more memory than it may have"
        if "larger than" in detail:
            message = detail
        return Failure("helm-memory", "broken", "render", path, None, message, "look for a loop over very many items")
    if kind == "recursion":
        return Failure("helm-crashed", "broken", "render", path, None, "a template of the chart calls itself without end", _FIX_ENDLESS)
    if kind == "missing":
        message = "the chart cannot be rendered: the Helm SDK is not installed"
        if "No module named" not in detail:
            message = f"the chart cannot be rendered: the Helm SDK cannot be loaded ({shortened(detail)})"
        return Failure("helm-backend-missing", "broken", "render", path, None, message, _FIX_BACKEND)
    if kind == "unusable":
        message = f"the chart cannot be rendered: {shortened(detail)}"
        return Failure("helm-backend-missing", "broken", "render", path, None, message, _FIX_BACKEND)
    message = f"the process that renders charts ended unexpectedly ({shortened(detail)})"
    return Failure("helm-crashed", "broken", "render", path, None, message, "render the chart with `helm template` to see whether Helm can")


def _failure(chart: Chart, path: str, line: int | None, message: str, fix: str) -> Failure:
    return Failure("helm-render", "broken", "render", path or chart.metadata.path, line, shortened(message), fix)


def shortened(text: str) -> str:
    """A message on one line and not too long."""
    text = " ".join(text.split())
    return text if len(text) <= _MAX_MESSAGE else f"{text[: _MAX_MESSAGE - 1]}…"
