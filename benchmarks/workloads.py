"""The text of Deployments and CronJobs, as people write them.

Like all manifests here: a function takes an `Application` and returns the text of one document, without a leading `---`.
The text depends only on the application and its random stream, so equal seeds give equal bytes, and it is valid except
for the one mistake the application may carry.
"""

from __future__ import annotations

from benchmarks.applications import WORDS, Application, metadata, scalar


def deployment(app: Application) -> str:
    """A Deployment with one to three containers."""
    labels = "    canary: yes\n" if app.has("labels/value-not-a-string") else ""
    annotations = '    traffic.sidecar.istio.io/excludeOutboundPorts: "5432"\n' if app.has("istio/misplaced-annotation") else ""
    selector = f"{app.name}-server" if app.has("labels/selector-mismatch") else app.name
    account = f"{app.name}-runtime" if app.has("identity/service-account-missing") else app.name
    return f"""\
apiVersion: apps/v1
kind: Deployment
{metadata(app, "", labels, annotations)}spec:
  replicas: {app.replicas}
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: {selector}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {app.name}
        app.kubernetes.io/part-of: {app.team}
        version: v1
    spec:
      serviceAccountName: {account}
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
{_scheduling(app)}      containers:
{"".join(_container(app, index) for index in range(app.containers))}      volumes:
        - name: config
          configMap:
            name: {app.name}
"""


def cron_job(app: Application) -> str:
    """A nightly CronJob of the same application."""
    return f"""\
apiVersion: batch/v1
kind: CronJob
{metadata(app, "-cleanup")}spec:
  schedule: "{app.random.randrange(60)} {app.random.randrange(6)} * * *"
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 600
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 3600
      template:
        metadata:
          labels:
            app.kubernetes.io/name: {app.name}-cleanup
            app.kubernetes.io/part-of: {app.team}
        spec:
          serviceAccountName: {app.name}
          automountServiceAccountToken: false
          restartPolicy: Never
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: cleanup
              image: registry.example.com/{app.team}/{app.name}:{app.version}
              args: [cleanup, --older-than={app.random.choice((7, 14, 30))}d]
              resources:
                requests:
                  cpu: 50m
                  memory: 128Mi
                limits:
                  memory: 128Mi
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
"""


def _container(app: Application, index: int) -> str:
    """One container; the first is the application, and only it carries mistakes."""
    name = (app.name, "metrics-exporter", "log-shipper")[index]
    port_name = "http" if index == 0 else f"http-{index}"
    mistake = app.mistake if index == 0 else None
    memory = app.random.choice((64, 128, 256, 256, 512, 1024, 2048))
    timeout = 45 if mistake == "probes/timeout-exceeds-period" else app.random.choice((1, 2, 3, 5))
    environment = _environment(app) if index == 0 else ""
    arguments = f"          args: [--config, /etc/{app.name}/config.yaml]\n" if index == 0 and app.random.random() < 0.4 else ""
    config = (
        f"          envFrom:\n            - configMapRef:\n                name: {app.name}\n"
        if index == 0 and app.random.random() < 0.5
        else ""
    )
    liveness = _probe("livenessProbe", "/healthz", "health" if mistake == "probes/undeclared-port-name" else port_name, timeout)
    readiness = "" if mistake == "probes/readiness-missing" else _probe("readinessProbe", "/readyz", port_name, 2)
    resources = f"""\
          resources:
            requests:
              cpu: {app.random.choice((20, 50, 100, 250, 500))}m
              memory: {memory}Mi
            limits:
              memory: {memory}Mi
"""
    mount = f"""\
          volumeMounts:
            - name: config
              mountPath: /etc/{app.name}
              readOnly: true
"""
    return f"""\
        - name: {name}
          image: registry.example.com/{app.team}/{name}:{app.version}
{arguments}          ports:
            - name: {port_name}
              containerPort: {app.port + index * 10}
{environment}{config}{liveness}{readiness}{resources}          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
{resources if mistake == "schema/duplicate-key" else ""}{mount if index == 0 else ""}"""


def _probe(kind: str, path: str, port: str, timeout: int) -> str:
    return f"""\
          {kind}:
            httpGet:
              path: {path}
              port: {port}
            periodSeconds: 10
            timeoutSeconds: {timeout}
"""


def _environment(app: Application) -> str:
    text = ""
    for word in app.random.sample(WORDS, app.random.choice((0, 0, 1, 1, 2, 3, 4, 7))):
        text += f"            - name: {word.upper()}_{app.random.choice(WORDS).upper()}\n"
        style = app.random.random()
        if style < 0.6:
            text += f"              value: {scalar(app)}\n"
        elif style < 0.85:
            text += f"""\
              valueFrom:
                secretKeyRef:
                  name: {app.name}-credentials
                  key: {word}
"""
        else:
            text += """\
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
"""
    return f"          env:\n{text}" if text else ""


def _scheduling(app: Application) -> str:
    """Which nodes the pods may run on, for some applications."""
    contradiction = app.has("scheduling/contradicting-node-rules")
    selector = "        kubernetes.io/arch: amd64\n" if app.random.random() < 0.25 or contradiction else ""
    if app.has("scheduling/deprecated-node-label"):
        selector += "        beta.kubernetes.io/os: linux\n"
    text = f"      nodeSelector:\n{selector}" if selector else ""
    if app.random.random() < 0.15 or contradiction:
        text += f"""\
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
              - matchExpressions:
                  - key: kubernetes.io/arch
                    operator: In
                    values: [{"arm64" if contradiction else "amd64"}]
"""
    if app.random.random() < 0.5 or app.has("scheduling/spread-selector-mismatch"):
        text += f"""\
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app.kubernetes.io/name: {app.name}{"-web" if app.has("scheduling/spread-selector-mismatch") else ""}
"""
    return text
