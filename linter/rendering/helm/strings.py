"""Many Go templates evaluated through Helm's engine, as Argo CD evaluates those of an ApplicationSet.

Each text is a file of a throw-away chart that lives in memory only, and each result is printed in base64, so that no
text reaches into another and none is trimmed. A chart whose rendering fails says which text is to blame; that one is tried
alone for each of its parameters, and the others together again.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from linter.argocd.applicationsets.contracts import MissingKey, TemplateError
from linter.model import Failure
from linter.rendering.helm.charts import Chart
from linter.rendering.helm.errors import shortened
from linter.rendering.helm.metadata import read_metadata
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer, RenderedChart
from linter.rendering.helm.template_rewriting import FUNCTIONS, missing_parameter, restored, rewritten
from linter.rendering.helm.values import ValueLayer

_BATCH = 1_000
_MAX_SLOW = 4
_MAX_ROUNDS = 16
_NAME = "strings"
_CHART_YAML = f"apiVersion: v2\nname: {_NAME}\nversion: 0.0.1\n".encode()
_RESULT = re.compile(r'^  s(\d+): "([A-Za-z0-9+/=]*)"$', re.MULTILINE)
_CULPRIT = re.compile(rf"{_NAME}/templates/_(\d+)\.tpl")
_CHANGES_ITS_INPUT = re.compile(r"\b(?:set|unset|merge|mustMerge|mergeOverwrite|mustMergeOverwrite)\b")
_DEFINES = re.compile(r"\{\{-?\s*(?:define|block)\b")

_NO_MAPPING = re.compile(
    r"wrong type for value; expected map\[string\]interface|is read from something that is no mapping|interface conversion: .* not map\["
)

_Job = tuple[str, Mapping[str, Any]]


def evaluate(texts: Sequence[_Job], missing_key: MissingKey, renderer: HelmRenderer) -> list[str | TemplateError]:
    """The result of each template with its parameters, in order.

    `missing_key` says what reading a parameter that does not exist does, as the option of Go templates. A text that
    fails, or takes longer than the renderer allows, is an error of its own and leaves the others alone.
    """
    evaluation = _Evaluation(texts, missing_key, renderer)
    evaluation.run()
    return evaluation.results


class _Evaluation:
    def __init__(self, texts: Sequence[_Job], missing_key: MissingKey, renderer: HelmRenderer) -> None:
        self._texts = texts
        self._renderer = renderer
        self.results: list[str | TemplateError] = [TemplateError("it was not evaluated")] * len(texts)
        self._slow = 0
        self._rounds = 0
        self._rewritten: dict[str, str | TemplateError] = {}
        for text, _ in texts:
            if text not in self._rewritten:
                try:
                    self._rewritten[text] = rewritten(text, missing_key)
                except ValueError as error:
                    self._rewritten[text] = TemplateError(str(error))

    def run(self) -> None:
        together: list[int] = []
        alone: list[list[int]] = []
        for number, (text, _) in enumerate(self._texts):
            written = self._rewritten[text]
            if isinstance(written, TemplateError):
                self.results[number] = written
            elif _DEFINES.search(text) is not None:
                # What it defines is visible in all of its chart.
                alone.append([number])
            else:
                together.append(number)
        groups = [together[at : at + _BATCH] for at in range(0, len(together), _BATCH)] + alone
        while groups:
            self._rounds += 1
            # One failing text after the other is taken out, in all groups at once.
            requests = [self._request(group) for group in groups]
            groups = [rest for group, done in zip(groups, self._renderer.render(requests), strict=True) for rest in self._next(group, done)]

    def _next(self, group: list[int], done: RenderedChart) -> Iterator[list[int]]:
        """Take the results of a chart, or say which groups are to be tried instead."""
        if not done.failures:
            printed = {int(at): text for file in done.files for at, text in _RESULT.findall(file.text)}
            for at, number in enumerate(group):
                found = base64.b64decode(printed[at]).decode("utf-8", "replace") if at in printed else None
                self.results[number] = TemplateError("the engine printed nothing") if found is None else found
            return
        failure = done.failures[0]
        slow = failure.id != "helm-render"
        self._slow += slow
        if len(group) == 1 or failure.id == "helm-backend-missing" or (slow and self._slow > _MAX_SLOW):
            for number in group:
                self.results[number] = _error(failure)
            return
        culprit = _CULPRIT.fullmatch(failure.path)
        names = self._names(group)
        blamed = [number for number in group if culprit is not None and names[self._texts[number][0]] == int(culprit[1])]
        if slow:
            middle = len(group) // 2
            yield group[:middle]
            yield group[middle:]
        elif len(blamed) in (0, len(group)) or self._rounds > _MAX_ROUNDS:
            yield from ([number] for number in group)
        else:
            yield blamed
            taken = set(blamed)
            yield [number for number in group if number not in taken]

    def _names(self, group: Iterable[int]) -> dict[str, int]:
        """The numbers of the texts' files."""
        names: dict[str, int] = {}
        for number in group:
            names.setdefault(self._texts[number][0], len(names))
        return names

    def _request(self, group: Sequence[int]) -> ChartRequest:
        names = self._names(group)
        rows: dict[int, int] = {}
        values: list[Mapping[str, Any]] = []
        lines = ["apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: strings\ndata:\n"]
        for at, number in enumerate(group):
            text, row = self._texts[number]
            if id(row) not in rows:
                rows[id(row)] = len(values)
                values.append(row)
            data = f"(index .Values.rows {rows[id(row)]})"
            if _CHANGES_ITS_INPUT.search(text) is not None:
                data = f"(deepCopy {data})"
            lines.append(f'  s{at}: "{{{{ include "{_NAME}/templates/_{names[text]}.tpl" {data} | b64enc }}}}"\n')
        files = {
            "Chart.yaml": _CHART_YAML,
            "templates/_functions.tpl": FUNCTIONS.encode(),
            "templates/strings.yaml": "".join(lines).encode(),
        }
        for text, name in names.items():
            written = self._rewritten[text]
            files[f"templates/_{name}.tpl"] = written.encode("utf-8", "replace") if isinstance(written, str) else b""
        chart = Chart(_NAME, read_metadata(_CHART_YAML, "Chart.yaml", None, ""), files, {})
        return ChartRequest(chart, values=[ValueLayer({"rows": [_plain(row) for row in values]})], include_crds=False, skip_schema=True)


def _plain(value: Any) -> Any:
    """The value as the engine can take it: lists for tuples, text without lone surrogates."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _error(failure: Failure) -> TemplateError:
    """Why a text has no result."""
    missing = missing_parameter(failure.message)
    if missing is not None:
        return TemplateError(f"there is no parameter `{missing}`", missing_key=True)
    if _NO_MAPPING.search(failure.message) is not None:
        return TemplateError("it reads a part of something that is no mapping", missing_key=True)
    if failure.id == "helm-render":
        return TemplateError(shortened(restored(failure.message.removeprefix("the chart refuses to be rendered: "))))
    if failure.id == "helm-backend-missing":
        return TemplateError("Helm's engine, which evaluates templates, is not installed")
    if failure.id == "helm-timeout":
        return TemplateError("it takes too long")
    if failure.id == "helm-memory":
        return TemplateError("it takes too much memory")
    return TemplateError(shortened(failure.message))
