"""The text of everything around a workload: Services, permissions, configuration, entrances. See `workloads`."""

from __future__ import annotations

from benchmarks.applications import WORDS, Application, metadata, scalar

PREFIX = "external-dns.alpha.kubernetes.io"


def service(app: Application) -> str:
    """A ClusterIP Service with port 80."""
    return f"""\
apiVersion: v1
kind: Service
{metadata(app)}spec:
  selector:
    app.kubernetes.io/name: {app.name}{"-pods" if app.has("labels/service-selects-nothing") else ""}
  ports:
    - name: http
      port: 80
      targetPort: http
"""


def service_account(app: Application) -> str:
    """A ServiceAccount, one in three with an AWS role."""
    account = "30487192055" if app.has("identity/role-arn-malformed") else "304871920556"
    has_role = app.random.random() < 0.3 or app.has("identity/role-arn-malformed")
    annotation = f"    eks.amazonaws.com/role-arn: arn:aws:iam::{account}:role/{app.name}\n" if has_role else ""
    return f"""\
apiVersion: v1
kind: ServiceAccount
{metadata(app, "", "", annotation)}automountServiceAccountToken: false
"""


def config_map(app: Application, suffix: str = "") -> str:
    """A ConfigMap whose data is as long as real ones: mostly a few hundred bytes, now and then many kilobytes."""
    size = min(40_000, int(app.random.lognormvariate(5.5, 1.3)))
    data = ""
    if size < 400:
        for word in app.random.sample(WORDS, 2 + size // 60):
            data += f"  {word.upper()}_{app.random.choice(WORDS).upper()}: {scalar(app)}\n"
    else:
        data = f"  {app.random.choice(('application.properties', 'config.yaml', 'settings.conf'))}: |\n"
        while len(data) < size:
            words = app.random.sample(WORDS, app.random.randrange(2, 5))
            data += f"    {'.'.join(words)} = {scalar(app)}\n" if app.random.random() < 0.9 else f"    # {' '.join(words)}\n"
    return f"""\
apiVersion: v1
kind: ConfigMap
{metadata(app, suffix)}data:
{data}"""


def role(app: Application) -> str:
    """A Role that reads the application's own objects."""
    wildcard = '  - apiGroups: [batch]\n    resources: ["*"]\n    verbs: ["*"]\n' if app.has("rbac/wildcard") else ""
    nodes = '  - apiGroups: [""]\n    resources: [nodes]\n    verbs: [list]\n' if app.has("rbac/inert-rule") else ""
    return f"""\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
{metadata(app)}rules:
  - apiGroups: [""]
    resources: [configmaps, endpoints]
    verbs: [get, list, watch]
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [get, create, update]
{wildcard}{nodes}"""


def role_binding(app: Application) -> str:
    """The binding of the Role to the ServiceAccount."""
    return f"""\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
{metadata(app)}roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {app.name}{"-reader" if app.has("rbac/role-missing") else ""}
subjects:
  - kind: ServiceAccount
    name: {app.name}
    namespace: {app.namespace}
"""


def ingress(app: Application) -> str:
    """An Ingress with TLS and ExternalDNS annotations."""
    host = f"{app.name}.{app.domain}"
    key = "hostnames" if app.has("dns/unknown-annotation") else "hostname"
    ttl = "1d" if app.has("dns/invalid-ttl") else f'"{app.random.choice((60, 300, 3600))}"'
    annotations = f"""\
    cert-manager.io/cluster-issuer: letsencrypt
    {PREFIX}/{key}: {"https://" if app.has("dns/invalid-hostname") else ""}{host}
    {PREFIX}/ttl: {ttl}
"""
    if app.random.random() < 0.3:
        annotations += '    nginx.ingress.kubernetes.io/proxy-read-timeout: "60"\n    nginx.ingress.kubernetes.io/proxy-body-size: 8m\n'
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
{metadata(app, "", "", annotations)}spec:
  ingressClassName: nginx
  tls:
    - hosts:
        - {host}
      secretName: {app.name}-tls
  rules:
    - host: {host}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {app.name}
                port:
                  name: http
"""


def autoscaler(app: Application) -> str:
    """A HorizontalPodAutoscaler on CPU."""
    return f"""\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
{metadata(app)}spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {app.name}
  minReplicas: {app.replicas}
  maxReplicas: {app.replicas * 4}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {app.random.choice((60, 70, 80))}
"""


def disruption_budget(app: Application) -> str:
    """A PodDisruptionBudget that lets one pod go."""
    return f"""\
apiVersion: policy/v1
kind: PodDisruptionBudget
{metadata(app)}spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {app.name}
"""


def network_policy(app: Application) -> str:
    """A NetworkPolicy that admits the gateway and the monitoring."""
    return f"""\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
{metadata(app)}spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {app.name}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: istio-system
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
      ports:
        - port: {app.port}
          protocol: TCP
"""


def service_monitor(app: Application) -> str:
    """A ServiceMonitor of the Prometheus operator: a custom resource the linter has no rules for."""
    return f"""\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
{metadata(app)}spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: {app.name}
  endpoints:
    - port: http
      path: /metrics
      interval: 30s
"""


def virtual_service(app: Application) -> str:
    """An Istio VirtualService with a named route and retries."""
    return f"""\
apiVersion: networking.istio.io/v1
kind: VirtualService
{metadata(app)}spec:
  hosts:
    - {app.name}-api.{app.domain}
  gateways:
    - istio-system/public
  http:
    - name: api
      match:
        - uri:
            prefix: /{app.random.choice(WORDS)}
      timeout: {app.random.choice((5, 10, 30))}s
      retries:
        attempts: 2
        perTryTimeout: 2s
      route:
        - destination:
            host: {app.name}.{app.namespace}.svc.cluster.local
            subset: {"v2" if app.has("istio/subset-missing") else "v1"}
            port:
              number: {app.port if app.has("istio/destination-port-missing") else 80}
"""


def destination_rule(app: Application) -> str:
    """The DestinationRule with the subset that the VirtualService names."""
    return f"""\
apiVersion: networking.istio.io/v1
kind: DestinationRule
{metadata(app)}spec:
  host: {app.name}.{app.namespace}.svc.cluster.local
  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 5
      interval: 10s
      baseEjectionTime: 30s
  subsets:
    - name: v1
      labels:
        version: v1
"""


def namespace(name: str, team: str) -> str:
    """A Namespace with sidecar injection and the baseline Pod Security level."""
    return f"""\
apiVersion: v1
kind: Namespace
metadata:
  name: {name}
  labels:
    app.kubernetes.io/part-of: {team}
    istio-injection: enabled
    pod-security.kubernetes.io/enforce: baseline
"""
