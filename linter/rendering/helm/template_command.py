"""One run of `helm template`: the chart as the program is given it, and what each template printed, to the letter.

`helm template` prints documents sorted by kind, trimmed, and without what stands before their `---`. Templates are
wanted as they were rendered, so the chart is given text that is no YAML: a program told to `--debug` then prints what every
template rendered to, untouched, before it complains. That text also ends each template, so that nothing a template
prints can be taken for the end of it. Source: Helm's pkg/action (renderResources) and its command `template`, which are
alike in Helm 3 and Helm 4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from linter.rendering.helm.template_language import parse_actions
from linter.rendering.helm.values import quoted
from linter.rendering.helm.worker import archive, bounded

_SOURCE = b"---\n# Source: "
_TEMPLATE = re.compile(r"(?:charts/[^/]+/)*(templates/(?:.*/)?(?!_)[^/]+)")
_NOTES = "NOTES.txt"

# Helm 3 puts the error between its own log lines, Helm 4 behind them.
_ERROR = re.compile(r"^Error: (.*?)(?=^\w+\.go:\d+: \S+ \S+ .*?\[debug\]|^level=DEBUG |\Z)", re.MULTILINE | re.DOTALL)
_VALUES_ERROR = re.compile(r"values don't meet the specifications|type mismatch on |cannot overwrite table|error unmarshaling JSON: ")
_RENDER_ERROR = re.compile(
    r"(?:execution|parse) error (?:at|in) \(|template: |\S[^\n]*?:\d+:\d+\n|rendering template |cannot retrieve Template"
)
_KUBE_VERSION_ERROR = "chart requires kubeVersion: "
# What YAML does not take as it is in quotes, or folds.
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"(?P<key>: )?')
# YAML takes longer keys only behind a question mark.
_LONG_KEY = 250


class Command:
    """A request (see `worker.Engine.answer`) as a run of `helm template`.

    `chart` is the packaged chart, `values` a file of values in YAML. Raises ValueError for values that YAML cannot hold.
    """

    __slots__ = ("_end", "_request", "chart", "values")

    def __init__(self, request: Mapping[str, Any], nonce: str) -> None:
        self._request = request
        self._end = f"\n\t: [{nonce}"
        files = {name: self._ended(name, data) for name, data in request["files"].items()}
        for name in ("Chart.yaml", "requirements.yaml"):
            if name in files:
                files[name] = _accepted(files[name], request["vendored"], request["kube_version"] is None)
        files[f"templates/{nonce}.yaml"] = self._end.encode()
        self.chart = archive(files)
        self.values = _yaml(request["values"])

    def arguments(self, chart: str, values: str) -> list[str]:
        """What follows the name of the program, `chart` and `values` being the paths of the two files."""
        request = self._request
        arguments = ["template", request["release"], chart, f"--namespace={request['namespace']}", f"--values={values}"]
        if request["kube_version"] is not None:
            arguments.append(f"--kube-version={request['kube_version']}")
        arguments += [f"--api-versions={api}" for api in request["api_versions"]]
        # Hooks stand among the templates; here they would be printed again.
        return [*arguments, "--no-hooks", "--debug"]

    def _ended(self, name: str, data: bytes) -> bytes:
        """A template that prints the end mark when it is rendered, though not when another one includes it."""
        template = _TEMPLATE.fullmatch(name)
        if template is None or name.endswith(_NOTES):
            return data
        try:
            parse_actions(data.decode("utf-8", "surrogateescape"))
        except ValueError:
            # The engine will not parse it either, and is to blame its own lines.
            return data
        own = f"if hasSuffix {quoted('/' + template[1])} (toString .Name)"
        tests = ('if kindIs "map" .', 'with index . "Template"', 'if kindIs "map" .', own)
        opened = "".join(f"{{{{ {test} }}}}" for test in tests)
        return data + f"{opened}{self._end}{'{{ end }}' * len(tests)}".encode("utf-8", "replace")

    def answer(self, output: bytes, complaint: str) -> dict[str, Any]:
        """What `worker.Engine.answer` would say, from what the program wrote to its standard output and error."""
        end = self._end.encode()
        *pieces, rest = output.split(end)
        if pieces:
            if rest.strip():
                return {"kind": "other", "error": "the output of helm is not complete"}
            return {"rendered": _texts(pieces, self._end)}
        match = _ERROR.search(complaint)
        text = match[1].strip() if match is not None else complaint.strip()
        return {"kind": _kind(text), "error": bounded(text)}


def _texts(pieces: Sequence[bytes], end: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    name = None
    for piece in pieces:
        piece = piece.removeprefix(b"\n") if name is not None else piece
        if piece.startswith(_SOURCE):
            heading, _, text = piece.removeprefix(_SOURCE).partition(b"\n")
            name = heading.decode("utf-8", "replace")
            texts[name] = text.decode("utf-8", "replace")
        elif name is not None:
            # A template of the same name in another chart was included.
            texts[name] += piece.decode("utf-8", "replace")
    return {name: text for name, text in texts.items() if text.strip()}


def _kind(text: str) -> str:
    if text.startswith(_KUBE_VERSION_ERROR):
        return "kube-version"
    if _VALUES_ERROR.match(text):
        return "values"
    return "render" if _RENDER_ERROR.match(text) else "load"


def _accepted(data: bytes, vendored: Sequence[str], any_version: bool) -> bytes:
    """A Chart.yaml that `helm template` does not refuse: without dependencies that are not there, of which the user has been
    told, and, where no version of Kubernetes was asked for, without the versions that the chart accepts."""
    from linter.errors import InputError
    from linter.manifest.decoder import decode_bytes

    try:
        _, documents = decode_bytes(data)
    except InputError:
        return data
    raw = documents[0].value if documents else None
    if not isinstance(raw, dict):
        return data
    kept = dict(raw)
    if any_version:
        kept.pop("kubeVersion", None)
    dependencies = raw.get("dependencies")
    if isinstance(dependencies, list):
        kept["dependencies"] = [entry for entry in dependencies if isinstance(entry, dict) and str(entry.get("name")) in vendored]
    return data if kept == raw else _yaml(kept)


def _yaml(values: Any) -> bytes:
    """JSON that is YAML as well, in UTF-8. Raises ValueError for a number that is infinite or none."""
    text = json.dumps(values, ensure_ascii=False, allow_nan=False)
    if len(text) > _LONG_KEY:
        text = _STRING.sub(lambda match: f"? {match[0]}" if match["key"] and len(match[0]) > _LONG_KEY else match[0], text)
    return _NOT_IN_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()
