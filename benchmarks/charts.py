"""The text of small Helm charts, as `helm create` and a few months of work leave them."""

from __future__ import annotations

import random

_HELPERS = """\
{{- define "NAME.fullname" -}}
{{- if contains "NAME" .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-NAME" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "NAME.selectorLabels" -}}
app.kubernetes.io/name: NAME
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "NAME.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | trunc 63 | trimSuffix "-" }}
{{ include "NAME.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
"""

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels:
      {{- include "NAME.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      annotations:
        checksum/config: {{ include (print $.Template.BasePath "/configmap.yaml") . | sha256sum }}
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      labels:
        {{- include "NAME.labels" . | nindent 8 }}
    spec:
      serviceAccountName: {{ include "NAME.fullname" . }}
      automountServiceAccountToken: false
      securityContext:
        {{- toYaml .Values.podSecurityContext | nindent 8 }}
      containers:
        - name: NAME
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          ports:
            - name: http
              containerPort: {{ .Values.service.targetPort }}
          envFrom:
            - configMapRef:
                name: {{ include "NAME.fullname" . }}
          {{- with .Values.livenessProbe }}
          livenessProbe:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .Values.readinessProbe }}
          readinessProbe:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          securityContext:
            {{- toYaml .Values.securityContext | nindent 12 }}
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
"""

_SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  ports:
    - name: http
      port: {{ .Values.service.port }}
      targetPort: http
  selector:
    {{- include "NAME.selectorLabels" . | nindent 4 }}
"""

_CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
data:
  {{- range $key, $value := .Values.config }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
"""

_SERVICE_ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
"""

_INGRESS = """\
{{- if .Values.ingress.enabled -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
  annotations:
    external-dns.alpha.kubernetes.io/ttl: {{ .Values.ingress.ttl | quote }}
spec:
  ingressClassName: {{ .Values.ingress.className }}
  rules:
    {{- range .Values.ingress.hosts }}
    - host: {{ . | quote }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ include "NAME.fullname" $ }}
                port:
                  name: http
    {{- end }}
{{- end }}
"""

_AUTOSCALER = """\
{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "NAME.fullname" . }}
  minReplicas: {{ .Values.autoscaling.minReplicas }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
{{- end }}
"""

_DISRUPTION_BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "NAME.selectorLabels" . | nindent 6 }}
"""

_VALUES = """\
replicaCount: 2
image:
  repository: registry.example.com/charts/NAME
  tag: ""
podAnnotations: {}
podSecurityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
serviceAccount:
  annotations: {}
service:
  type: ClusterIP
  port: 80
  targetPort: 8080
ingress:
  enabled: false
  className: nginx
  ttl: "300"
  hosts: []
livenessProbe:
  httpGet:
    path: /healthz
    port: http
  periodSeconds: 10
readinessProbe:
  httpGet:
    path: /readyz
    port: http
  periodSeconds: 5
resources:
  requests:
    cpu: 100m
    memory: 128Mi
  limits:
    memory: 128Mi
autoscaling:
  enabled: false
  minReplicas: 2
  maxReplicas: 8
nodeSelector: {}
tolerations: []
config:
"""

ENVIRONMENTS = ("staging", "prod")


def chart(name: str, stream: random.Random) -> dict[str, str]:
    """The files of one chart by their path inside it: eight templates, defaults, and values of two environments."""
    words = ("CACHE", "CATALOG", "DATABASE", "EVENTS", "GATEWAY", "LIMITS", "QUEUE", "SEARCH", "SESSION", "STORAGE", "TRACING", "UPLOADS")
    config = "".join(
        f"  {word}_URL: http://{word.lower()}.svc.cluster.local\n" for word in stream.sample(words, stream.randrange(2, len(words)))
    )
    version = f"{stream.randrange(3)}.{stream.randrange(20)}.{stream.randrange(10)}"
    prod = (
        f"replicaCount: {stream.randrange(3, 9)}\ningress:\n  enabled: true\n  hosts: [{name}.example.com]\n"
        f"resources:\n  requests:\n    cpu: 500m\n    memory: 512Mi\n  limits:\n    memory: 512Mi\n"
    )
    if stream.random() < 0.3:
        prod += "autoscaling:\n  enabled: true\n  minReplicas: 4\n  maxReplicas: 24\n"
    files = {
        "Chart.yaml": f"""\
apiVersion: v2
name: NAME
description: The NAME service
type: application
version: {version}
appVersion: "{version}"
""",
        "values.yaml": _VALUES + config,
        "values-staging.yaml": f"replicaCount: 1\ningress:\n  enabled: true\n  hosts: [{name}.staging.example.com]\n",
        "values-prod.yaml": prod,
        "templates/_helpers.tpl": _HELPERS,
        "templates/autoscaler.yaml": _AUTOSCALER,
        "templates/configmap.yaml": _CONFIG_MAP,
        "templates/deployment.yaml": _DEPLOYMENT,
        "templates/disruption-budget.yaml": _DISRUPTION_BUDGET,
        "templates/ingress.yaml": _INGRESS,
        "templates/service.yaml": _SERVICE,
        "templates/service-account.yaml": _SERVICE_ACCOUNT,
    }
    return {path: text.replace("NAME", name) for path, text in files.items()}


def configuration() -> str:
    """The `.gitops-lint.yaml` that installs every chart in both environments."""
    lines = ["root: true", "environments:"]
    for environment in ENVIRONMENTS:
        lines += [
            f"  {environment}:",
            "    charts/*:",
            f"      values: [values-{environment}.yaml]",
            f"      namespace: {environment}",
            "      release: main",
            f"      cluster: {environment}",
        ]
    return "\n".join(lines) + "\n"
