"""The program `helm` as the engine: the same outcome as from the SDK, and its bounds."""

from __future__ import annotations

import os
import stat
import sys
import time
from dataclasses import replace

import pytest
from charts_in_memory import chart_yaml, load, package

from linter.provenance.helm_lines import line_map, mark
from linter.rendering.helm import process
from linter.rendering.helm.program import find_helm
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer
from linter.rendering.helm.template_command import Command
from linter.rendering.helm.values import ValueLayer

with_helm = pytest.mark.skipif(find_helm() is None, reason="there is no program `helm` on the PATH")

WEB = """\
# a comment before the document
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-web
  annotations: {checksum: "{{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}"}
---
# nothing but a comment
---

---
apiVersion: v1
kind: Namespace
metadata: {name: {{ .Release.Namespace }}}
{{- if .Values.more }}
---
kind: {{ .Values.more }}
{{- end -}}
"""
HOOK = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: {"helm.sh/hook": pre-install}
---
apiVersion: v1
kind: Pod
metadata:
  name: probe
  annotations: {"helm.sh/hook": test}
"""
HELPERS = '{{- define "shop.name" -}}\n{{ .Chart.Name }}-{{ .Values.size | int }}\n{{- end }}\n'
CONFIG = """\
kind: ConfigMap
data:
  text: |+
    {{ .Values.text }}

  look-alike: |
    ---
    # Source: shop/templates/web.yaml
    kind: Secret



"""
CAPABILITIES = """\
version: {{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion.Minor }}
monitoring: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
ingress: {{ .Capabilities.APIVersions.Has "networking.k8s.io/v1/Ingress" }}
gone: {{ .Capabilities.APIVersions.Has "policy/v1beta1/PodSecurityPolicy" }}
"""
CACHE = chart_yaml("cache")
CHARTS = {
    "documents": {"templates/web.yaml": WEB, "templates/config.yaml": CONFIG, "values.yaml": "text: ä → 日本\nmore: A\n"},
    "hooks and notes": {"templates/hook.yaml": HOOK, "templates/NOTES.txt": "Thanks, {{ .Release.Name }}", "templates/_h.tpl": HELPERS},
    "crds and other files": {
        "crds/a.yaml": "kind: CustomResourceDefinition\n",
        "files/templates/a.txt": "{{ left as it is }}",
        "templates/a.yaml": '{{ .Files.Get "files/templates/a.txt" | quote }}: {{ include "shop.name" . }}',
        "templates/empty.yaml": "{{ if false }}kind: A{{ end }}\n\n",
        "templates/_helpers.tpl": HELPERS,
        "templates/deep/down/a.yaml": "first: {{ .Template.Name }}\n{{- /* the end */ -}}\n\n",
        "values.yaml": "size: 3\n",
    },
    "subcharts, an alias, a library": {
        "Chart.yaml": chart_yaml(
            more="dependencies:\n- {name: cache, version: 1.0.0}\n- {name: cache, version: 1.0.0, alias: second}\n"
            "- {name: off, version: 1.0.0, condition: off.enabled}\n- {name: lib, version: 1.0.0}\n"
            "- {name: absent, version: 1.0.0, repository: https://charts.test, condition: off.enabled}\n"
        ),
        "values.yaml": "off: {enabled: false}\nsecond: {size: 2}\n",
        "templates/a.yaml": 'a: {{ include "lib.x" . }}\nb: {{ .Values.cache | toJson }}\nc: {{ .Subcharts.second.Values.size }}\n',
        "charts/cache/Chart.yaml": CACHE,
        "charts/cache/values.yaml": "size: 1\n",
        "charts/cache/templates/a.yaml": "cache: {{ .Values.size }}\nname: {{ .Template.Name }}\n",
        "charts/off/Chart.yaml": chart_yaml("off"),
        "charts/off/templates/a.yaml": "off: true",
        "charts/lib/Chart.yaml": chart_yaml("lib", more="type: library\n"),
        "charts/lib/templates/_x.tpl": '{{ define "lib.x" }}of the library{{ end }}',
    },
    "a packaged subchart": {
        "templates/a.yaml": "a: 1\r\nb: 2",
        "charts/redis.tgz": package({"Chart.yaml": chart_yaml("redis"), "templates/r.yaml": "r: {{ .Release.Name }}\n"}),
    },
    "capabilities": {"templates/a.yaml": CAPABILITIES},
    "output that is no YAML": {"templates/a.yaml": "a: [\n", "templates/b.yaml": "{{ range until 3 }}b: {{ . }}\n{{ end }}"},
    "fail": {"templates/a.yaml": 'a: 1\n{{ fail "not\nlike this" }}'},
    "required": {"templates/a.yaml": "a: 1", "templates/b.yaml": '\n\nb: {{ required "size is needed" .Values.size }}'},
    "nil pointer in a helper": {
        "templates/_h.tpl": '{{ define "h" }}\n{{ .Values.a.b.c }}{{ end }}',
        "templates/a.yaml": 'a: 1\nb: {{ include "h" . }}',
    },
    "unknown function": {"templates/a.yaml": "a: 1\nb: {{ nosuch 1 }}"},
    "an action without end": {"templates/a.yaml": "a: 1\nb: {{ .Values.a"},
    "a missing end": {"templates/a.yaml": "a: 1\n{{ if .Values.a }}\nb: 1\n"},
    "values schema": {
        "values.yaml": "size: big\n",
        "values.schema.json": '{"properties": {"size": {"type": "integer"}}, "required": ["x"]}',
    },
    "subchart values of another type": {
        "values.yaml": "cache: 1\n",
        "charts/cache/Chart.yaml": CACHE,
        "charts/cache/values.yaml": "a: {b: 1}\n",
    },
}


def chart(files):
    return load({f"shop/{name}": text for name, text in {"Chart.yaml": chart_yaml(), **files}.items()})


def rendered(backend, requests, **options):
    with HelmRenderer(2, 30, backend=backend, **options) as renderer:
        return list(renderer.render(requests))


def request(files, **options):
    return ChartRequest(chart(files), kube_version="1.31", api_versions=["monitoring.coreos.com/v1"], namespace="prod", **options)


@with_helm
def test_the_program_renders_what_the_sdk_renders():
    requests = [request(files) for files in CHARTS.values()]
    for name, sdk, program in zip(CHARTS, rendered("sdk", requests), rendered("helm", requests), strict=True):
        assert program.files == sdk.files, name
        assert program.failures == sdk.failures, name
        assert sdk.files or sdk.failures, name


@with_helm
def test_values_of_every_kind_arrive():
    values = {
        "text": 'quotes " and \\ and \u2028 \x85 \x7f \t 🎉', "<<": {"a": 1}, "large": 2**60, "float": 1e21, "k" * 2000: None, "yes": "yes",
        "date": "2024-01-01", "nested": {"list": [1, True, None, {}, [], "1"]},
    }  # fmt: skip
    asked = request(
        {"templates/a.yaml": "{{ .Values | toJson }}", "values.yaml": "nested: {a: 1, list: [0]}\n"},
        values=[ValueLayer(values, origin=object())],
        set_values=["a.b=5,large2=123456789"],
        set_strings=["c=5"],
        set_files=[("d", "line\nline\n")],
        release="other",
    )
    [sdk], [program] = rendered("sdk", [asked]), rendered("helm", [asked])
    assert program.files == sdk.files
    assert '"large2":123456789' in sdk.files[0].text
    [refused] = rendered("helm", [replace(asked, values=[ValueLayer({"infinite": float("inf")})])])
    assert refused.failures == rendered("sdk", [refused.request])[0].failures
    assert refused.failures[0].id == "helm-values-invalid"


@with_helm
def test_marks_survive():
    asked = request(CHARTS["documents"])
    marked = mark(asked.chart.templates())
    [plain], [other] = rendered("helm", [asked]), rendered("helm", [replace(asked, overrides=marked.templates)])
    for file, with_marks in zip(plain.files, other.files, strict=True):
        lines = line_map(file.text, with_marks.text, marked.table)
        assert lines is not None
        assert lines[0].path == file.path


@with_helm
def test_a_chart_for_other_versions_of_kubernetes():
    old = {"Chart.yaml": chart_yaml(more="kubeVersion: <1.20\n"), "templates/a.yaml": "a: 1"}
    # Without a version to compare with, what the chart accepts is nothing to refuse it for.
    [free] = rendered("helm", [ChartRequest(chart(old))])
    assert [file.text for file in free.files] == ["a: 1"]
    [refused] = rendered("helm", [request(old)])
    assert [failure.id for failure in refused.failures] == ["helm-kube-version"]


@with_helm
def test_the_program_stands_in_for_a_missing_sdk(monkeypatch):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    monkeypatch.setattr(process, "_import_path", lambda: [root, *(entry for entry in sys.path if entry and "site-packages" not in entry)])
    requests = [request({"templates/a.yaml": f"a: {number}"}) for number in range(4)]
    with HelmRenderer(2) as renderer:
        assert [entry.files[0].text for entry in renderer.render(requests)] == ["a: 0", "a: 1", "a: 2", "a: 3"]
        assert renderer.engine.startswith(f"{find_helm()} v")
        # The SDK is not looked for again.
        assert [entry.files[0].text for entry in renderer.render(requests[:1])] == ["a: 0"]


@with_helm
def test_endless_and_greedy_templates_are_stopped():
    endless = {"templates/a.yaml": "{{ range until 30000 }}{{ range until 30000 }}{{ end }}{{ end }}"}
    with HelmRenderer(2, 1, backend="helm") as renderer:
        ids = [
            entry.failures[0].id if entry.failures else entry.files[0].text
            for entry in renderer.render([request(endless), request({"templates/a.yaml": "b: 2"})])
        ]
    assert ids == ["helm-timeout", "b: 2"]
    if sys.platform == "linux":
        greedy = {"templates/a.yaml": "{{ range until 300000000 }}{{ end }}"}
        with HelmRenderer(1, 30, 1, backend="helm") as renderer:
            [entry] = renderer.render([request(greedy)])
        assert [failure.id for failure in entry.failures] == ["helm-memory"]
    recursion = {"templates/a.yaml": '{{ define "f" }}{{ include "f" . }}{{ end }}{{ include "f" . }}'}
    [entry] = rendered("helm", [request(recursion)])
    assert [(failure.id, "without end" in failure.message) for failure in entry.failures] == [("helm-render", True)]


def fake(tmp_path, monkeypatch, script):
    """A program called `helm`, alone on the PATH."""
    program = tmp_path / "bin" / "helm"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


def failure_of(asked=None):
    [entry] = rendered("helm", [asked or request({"templates/a.yaml": "a: 1"})])
    [failure] = entry.failures
    return failure


def test_a_program_that_is_not_there_or_too_old(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "bin")
    assert find_helm() is None
    assert failure_of().id == "helm-backend-missing"
    assert failure_of().message == "the chart cannot be rendered: there is no program `helm` on the PATH"
    program = fake(tmp_path, monkeypatch, "echo v2.17.0")
    assert failure_of().message == f"the chart cannot be rendered: {program} is v2.17.0, and Helm 3 or newer is needed"
    program.write_text("#!/bin/sh\nexit 7\n")
    assert failure_of().message == f"the chart cannot be rendered: {program} does not tell its version"


def test_a_program_that_ends_in_another_way(tmp_path, monkeypatch):
    program = fake(tmp_path, monkeypatch, '[ "$1" = version ] && echo v3.9.0 && exit\nexit 9')
    assert (failure_of().id, "exit code 9" in failure_of().message) == ("helm-crashed", True)
    program.write_text('#!/bin/sh\n[ "$1" = version ] && echo v3.9.0 && exit\necho "fatal error: out of memory" >&2\nexit 2\n')
    assert failure_of().id == "helm-memory"


def test_the_program_sees_nothing_of_the_user(tmp_path, monkeypatch):
    seen = tmp_path / "seen"
    fake(
        tmp_path,
        monkeypatch,
        f'[ "$1" = version ] && echo v3.9.0 && exit\n/usr/bin/env > {seen}; pwd >> {seen}; echo "$@" >> {seen}; exit 1',
    )
    monkeypatch.setenv("HELM_PLUGINS", "/plugins-of-the-user")
    monkeypatch.setenv("KUBECONFIG", "/clusters-of-the-user")
    failure_of()
    text = seen.read_text()
    assert "of-the-user" not in text
    [home] = [line.partition("=")[2] for line in text.splitlines() if line.startswith("HELM_DATA_HOME=")]
    assert "gitops-lint-helm-" in home
    assert not os.path.exists(os.path.dirname(home))
    assert "--namespace=prod" in text
    assert "--kube-version=v1.31.0 --api-versions=monitoring.coreos.com/v1" in text


def test_leaving_early_ends_the_processes(tmp_path, monkeypatch):
    pids = tmp_path / "pids"
    fake(tmp_path, monkeypatch, f'[ "$1" = version ] && echo v3.9.0 && exit\n[ "$2" = shop ] && exit 1\necho $$ >> {pids}\n/bin/sleep 60')
    with HelmRenderer(2, 30, backend="helm") as renderer:
        replies = renderer.render([request({}), request({}, release="slow")])
        next(replies)
        waited = time.monotonic() + 5
        while not pids.exists() and time.monotonic() < waited:
            time.sleep(0.01)
        replies.close()
        with pytest.raises(ProcessLookupError):
            os.kill(int(pids.read_text()), 0)


def test_what_the_program_prints_is_taken_to_the_letter():
    command = Command(
        {"files": {"Chart.yaml": b"name: a", "templates/a.yaml": b"a"}, "values": {}, "vendored": [], "kube_version": None}, "0f"
    )
    end = b"\n\t: [0f"
    output = (
        b"---\n# Source: a/templates/b.yaml\nx: |+\n\n\n" + end + b"\n---\n# Source: a/templates/a.yaml\ny\n---\n# Source: z" + end + b"\n"
    )
    assert command.answer(output, "") == {"rendered": {"a/templates/b.yaml": "x: |+\n\n\n", "a/templates/a.yaml": "y\n---\n# Source: z"}}
    # Helm 3 repeats the error in its log.
    log = "install.go:1: 2026-01-01 00:00:00.1 +0000 UTC [debug] x\n"
    error = "Error: execution error at (a/templates/a.yaml:2:3): no\nway\n"
    expected = {"kind": "render", "error": "execution error at (a/templates/a.yaml:2:3): no\nway"}
    assert command.answer(b"\n", f"{log}\n{error}helm.go:92: 2026-01-01 00:00:00.1 +0000 UTC [debug] no\nway\n") == expected
    assert command.answer(b"", f'level=DEBUG msg="x" a=b\n{error}') == expected
