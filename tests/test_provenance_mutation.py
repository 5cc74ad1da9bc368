"""`exact` is a promise: altering that line changes the finding. Here every such line is altered."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from charts_in_memory import package

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.mutating import mutations
from benchmarks.mutation_trees import members_of, repacked
from linter.engine.examples import TODAY
from linter.model import Finding
from linter.packs.catalog import load_catalog

CATALOG = load_catalog()


def identity(finding: Finding) -> tuple[str, str, str, int]:
    return finding.rule, finding.message, finding.location.path, finding.location.line


def text_of(files: Mapping[str, str | bytes], path: str) -> str:
    archive, _, member = path.partition("!")
    content = files[archive]
    if isinstance(content, bytes):
        content = dict(members_of(content))[member].decode()
    return content


def with_text(files: Mapping[str, str | bytes], path: str, text: str) -> dict[str, str | bytes]:
    archive, _, member = path.partition("!")
    content = files[archive]
    return {**files, archive: repacked(content, member, text.encode()) if isinstance(content, bytes) else text}


def unaltered(lint, files: Mapping[str, str | bytes], finding: Finding, **options: Any) -> bool:
    """Whether the finding stays, however its line is altered. A repository that breaks by it, or loses the object with the
    line, says nothing."""
    path = finding.location.path
    objects = lint(files, **options).summary.resources
    for mutation in mutations(text_of(files, path), finding.location):
        report = lint(with_text(files, path, mutation.text), **options)
        lost = mutation.operator in ("node", "line", "key") and report.summary.resources < objects
        if not report.failures and not lost and identity(finding) not in map(identity, report.findings):
            return False
    return True


CHART = "apiVersion: v2\nname: {}\nversion: 1.0.0\n"
CHARTS: dict[str, dict[str, str | bytes]] = {
    "helpers, blocks and choices": {
        "web/values.yaml": """\
replicas: 1
podLabels: {team: Web_Team!, tier: front}
probe: {port: nope, timeout: 30}
readiness: {httpGet: {path: /ready, port: missing}, timeoutSeconds: 60, periodSeconds: 5}
tolerations: [{key: dedicated, operator: Equals, value: web}]
zone: failure-domain.beta.kubernetes.io/zone
nodeSelector: {beta.kubernetes.io/os: linux}
jobs: [alpha, beta]
debug: true
""",
        "web/templates/_helpers.tpl": """\
{{- define "web.name" -}}
{{ .Values.name | default .Release.Name | trunc 20 }}
{{- end }}
{{- define "web.labels" -}}
app: {{ include "web.name" . }}
enabled: true
{{- with .Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- define "web.selector" -}}
app: {{ include "web.name" . }}
version: {{ .Chart.Version }}
{{- end -}}
{{ define "web.probe" -}}
httpGet:
  port: {{ .port }}
timeoutSeconds: {{ .timeout }}
{{- end }}
{{- define "web.container" -}}
- name: sidecar
  image: registry.example.com/x:1.0.0
  livenessProbe:
    httpGet: {port: nowhere}
{{- end -}}
""",
        "web/templates/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.name" . }}
  labels:
    {{- include "web.labels" . | nindent 4 }}
    num: {{ .Values.replicas }}
spec:
  progressDeadlineSeconds: {{ if .Values.debug }}30{{ else }}600{{ end }}
  selector:
    matchLabels:
      {{- include "web.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "web.labels" . | nindent 8 }}
        flag: {{ ternary "yes" "no" .Values.debug }}
    spec:
      nodeSelector: {{ toYaml .Values.nodeSelector | nindent 8 }}
      tolerations:
        {{- range .Values.tolerations }}
        - key: {{ .key | quote }}
          operator: {{ .operator }}
          value: {{ .value }}
        {{- end }}
      topologySpreadConstraints:
        - topologyKey: {{ .Values.zone }}
          maxSkew: 0
          whenUnsatisfiable: DoNotSchedule
          labelSelector: {matchLabels: {app: other}}
      serviceAccountName: {{ .Values.account | default "default" }}
      serviceAccount: {{ .Values.account | default "other" }}
      containers:
        - name: web
          image: registry.example.com/x:1.0.0
          livenessProbe:
            {{- include "web.probe" .Values.probe | nindent 12 }}
          readinessProbe:
            {{- toYaml .Values.readiness | nindent 12 }}
          startupProbe: { httpGet: { port: {{ .Values.probe.port }} }, failureThreshold: 100 , periodSeconds: 60 }
        {{- include "web.container" . | nindent 8 }}
        {{ range .Values.jobs -}}
        - name: {{ . }}
          image: registry.example.com/x:1.0.0
        {{ end }}
""",
    },
    "several documents, loops and trimmed lines": {
        "web/values.yaml": """\
jobs: [alpha, beta]
hosts: [ok.example.com, bad_host.example.com]
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
debug: true
""",
        "web/templates/all.yaml": """\
{{- range $n := .Values.jobs }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $n }}
  annotations:
    external-dns.alpha.kubernetes.io/hostname: {{ index $.Values.hosts 1 }}
    external-dns.alpha.kubernetes.io/ttl: forever
spec:
  type: LoadBalancer
  selector: {app: {{ $n }}}
  ports:
    - {name: Http_{{ $n }}, port: 80, targetPort: nothere}
{{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: {{ .Release.Name }}-r}
rules:
  {{- toYaml .Values.rules | nindent 2 }}
  - apiGroups: [""]
    resources: [secrets, {{ "pods/exec" | quote }}]
    verbs: ["*"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .Release.Name }}-b
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .Values.role | default "cluster-admin" }}}
subjects:
  - kind: ServiceAccount
    name: default
{{ if .Values.debug }}  - {kind: Group, name: "system:unauthenticated", apiGroup: rbac.authorization.k8s.io}{{ end }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: trimmed
  labels:
    one: {{ .Values.debug -}}
    # joined
    {{- if .Values.debug }}
    two: true
    {{- else -}}
    two: false
    {{- end }}
    three:
      {{- " yes" }}
    "four": {{/* a comment */}} 4
{{ tpl (.Files.Get "files/extra.yaml") . }}
""",
        "web/files/extra.yaml": "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra, labels: {x: yes, y: {{ .Values.debug }}}}\n",
    },
    "a mesh": {
        "web/values.yaml": "hosts: ['*.*.example.com', ok.example.com]\ndebug: true\n",
        "web/templates/mesh.yaml": """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: {{ printf "%s-vs" .Release.Name }}
  annotations:
    sidecar.istio.io/injekt: "true"
    sidecar.istio.io/inject: {{ .Values.debug }}
spec:
  hosts:
    {{- range .Values.hosts }}
    - {{ . | quote }}
    {{- end }}
  http:
    - route:
        - destination: {host: alpha, port: {number: {{ .Values.port | default 81 }}}}
          weight: 0
        - destination:
            host: beta
            subset:
              {{- " v9" }}
          weight: 0
    - match:
      - uri: {prefix: /}
      route: [{destination: {host: nope}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: beta}
spec:
  host: beta
  subsets:
  - name: v1
    labels: {{ dict "version" "v1" | toJson }}
""",
    },
    "a subchart and line ends of Windows": {
        "web/values.yaml": "lib: {ttl: 0}\n",
        "web/charts/lib/Chart.yaml": CHART.format("lib"),
        "web/charts/lib/templates/_lib.tpl": '{{ define "lib.labels" }}\r\nbad: yes\r\nname: {{ .Release.Name | quote }}\r\n{{ end }}',
        "web/charts/lib/templates/job.yaml": """\
{{- if true -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ .Release.Name }}-cron
  labels: {{- include "lib.labels" . | nindent 4 }}
    bad key: x
    "v": {{ .Values.ttl }}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          nodeName: {{ "node1" }}
          containers:
          {{- range until 2 }}
          - name: c{{ . }}
            image: registry.example.com/x:1.0.0
            readinessProbe: {tcpSocket: {port: 0}, httpGet: {port: 80}}
          {{- end }}
          affinity:
            nodeAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
                nodeSelectorTerms:
                - matchExpressions:
                  - {key: kubernetes.io/arch, operator: In, values: [x86]}
{{- end -}}
""".replace("\n", "\r\n"),
        "web/templates/own.yaml": (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n  labels:\n    {{- include `lib.labels` . | nindent 4 }}\n"
        ),
    },
    "an aliased, a packed and a library subchart": {
        "web/Chart.yaml": CHART.format("web")
        + """\
dependencies:
  - {name: job, version: 1.0.0, alias: nightly}
  - {name: job, version: 1.0.0, alias: weekly}
  - {name: store, version: 1.0.0}
  - {name: base, version: 1.0.0}
""",
        "web/values.yaml": "nightly: {label: on}\nweekly:\n  label: off\nstore:\n  zone: failure-domain.beta.kubernetes.io/zone\n",
        "web/charts/job/Chart.yaml": CHART.format("job"),
        "web/charts/job/values.yaml": "label: none\nport: 0\n",
        "web/charts/job/templates/job.yaml": """\
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Chart.Name }}
  labels:
    on: {{ .Values.label }}
    {{- include "base.labels" . | nindent 4 }}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: job
          image: registry.example.com/x:1.0.0
          readinessProbe: {tcpSocket: {port: {{ .Values.port }}}}
""",
        "web/charts/base/Chart.yaml": CHART.format("base") + "type: library\n",
        "web/charts/base/templates/_base.tpl": '{{- define "base.labels" -}}\nshared: yes\nchart: "{{ .Chart.Name }}!"\n{{- end -}}\n',
        "web/charts/store-1.0.0.tgz": package(
            {
                "=store/Chart.yaml": CHART.format("store"),
                "=store/values.yaml": "zone: none\ntier: [front, Back_!]\n",
                "=store/templates/pvc.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: store
  labels:
    packed: true
    zone: {{ .Values.zone }}
    {{- range $number, $tier := .Values.tier }}
    tier-{{ $number }}: {{ $tier | quote }}
    {{- end }}
""",
            }
        ),
        "web/templates/own.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: own
  labels:
    {{- include "base.labels" . | nindent 4 }}
    own: no
""",
    },
    "text from values and files, random and checked": {
        "web/values.yaml": """\
extra: |
  apiVersion: v1
  kind: ConfigMap
  metadata:
    name: extra
    labels: {rendered: yes, release: "{{ .Release.Name }}!"}
labels: {first: "{{ .Release.Name }}", second: Not_Valid!}
annotations:
  external-dns.alpha.kubernetes.io/ttl: forever
""",
        "web/files/settings.yaml": "a: 1\nb: 2\n",
        "web/files/roles/one.yaml": "one: true\n",
        "web/templates/all.yaml": """\
{{ tpl .Values.extra . }}
---
apiVersion: v1
kind: Secret
metadata:
  name: random
  labels:
    plain: yes
    flag: {{ true }}
    bad key: {{ randAlphaNum 3 | quote }}
    {{- range $key, $value := .Values.labels }}
    {{ $key }}: {{ tpl $value $ | quote }}
    {{- end }}
    {{- range $path, $_ := .Files.Glob "files/roles/*" }}
    {{- $.Files.Get $path | nindent 4 }}
    {{- end }}
  annotations:
    checksum/all: {{ include (print $.Template.BasePath "/other.yaml") . | sha256sum }}
    random: {{ randAlphaNum 8 | quote }}
    number: 7
stringData:
  password: {{ randAlphaNum 20 | quote }}
  {{- (.Files.Glob "files/*.yaml").AsConfig | nindent 2 }}
""",
        "web/templates/other.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations: {{- toYaml .Values.annotations | nindent 4 }}
    external-dns.alpha.kubernetes.io/hostname: bad_host.example.com
spec:
  type: LoadBalancer
  selector: {app: web}
  ports:
    {{- range list 80 81 }}
    - name: Http_{{ . }}
      port: {{ . }}
    {{- end }}
""",
    },
}


@pytest.mark.parametrize("name", CHARTS)
def test_charts(lint, name):
    files: dict[str, str | bytes] = {"web/Chart.yaml": CHART.format("web"), **CHARTS[name]}
    report = lint(files, select=("ALL",))
    exact = [finding for finding in report.findings if finding.location.precision == "exact"]
    assert report.failures == ()
    assert {finding.location.precision for finding in report.findings} <= {"exact", "call-site"}
    assert len(exact) >= 5
    kept = [(finding.rule, finding.location) for finding in exact if unaltered(lint, files, finding, select=(finding.rule,))]
    assert kept == []


@pytest.mark.parametrize("pack", [name for name in CATALOG.packs if name != "suppression"])
def test_examples_of_rules(lint, pack):
    """Plain manifests with the mistakes of every pack, and the few charts among its examples."""
    kept = []
    for rule in CATALOG.packs[pack].rules:
        for number, example in enumerate(CATALOG.texts(rule.id).examples, 1):
            if "fail" not in example:
                continue
            given = example["fail"]
            config = dict(example.get("config", {}))
            if "params" in example:
                config["rules"] = {rule.id: {"params": example["params"]}}
            files = {**({"a.yaml": given} if isinstance(given, str) else given["files"]), ".gitops-lint.yaml": json.dumps(config)}
            options = {"select": (rule.id,), "targets": dict(example.get("targets", {})), "today": TODAY}
            for finding in lint(files, **options).findings:
                assert finding.location.precision == "exact", (rule.id, number, finding.location)
                if unaltered(lint, files, finding, **options):
                    kept.append((rule.id, number, finding.location.line, finding.message))
    assert kept == []
