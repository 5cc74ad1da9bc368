"""What the generated applications have in common: who they are, their metadata, and the mistakes that can be planted."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

# What each planted mistake needs to be seen: the rule that reports it, and the manifest it stands in.
MISTAKES = {
    "labels/selector-mismatch": "deployment",
    "labels/value-not-a-string": "deployment",
    "labels/service-selects-nothing": "service",
    "probes/readiness-missing": "deployment",
    "probes/undeclared-port-name": "deployment",
    "probes/timeout-exceeds-period": "deployment",
    "identity/service-account-missing": "deployment",
    "identity/role-arn-malformed": "service-account",
    "rbac/wildcard": "role",
    "rbac/inert-rule": "role",
    "rbac/role-missing": "role-binding",
    "scheduling/contradicting-node-rules": "deployment",
    "scheduling/spread-selector-mismatch": "deployment",
    "scheduling/deprecated-node-label": "deployment",
    "istio/destination-port-missing": "virtual-service",
    "istio/subset-missing": "virtual-service",
    "istio/misplaced-annotation": "deployment",
    "dns/unknown-annotation": "ingress",
    "dns/invalid-ttl": "ingress",
    "dns/invalid-hostname": "ingress",
    "schema/duplicate-key": "deployment",
}

WORDS = (
    "address", "batch", "bucket", "cache", "callback", "channel", "client", "cluster", "connection", "consumer", "database",
    "default", "deadline", "delay", "endpoint", "event", "export", "feature", "fetch", "filter", "gateway", "handler", "header",
    "host", "import", "index", "interval", "invoice", "job", "key", "language", "limit", "listener", "locale", "lookup", "message",
    "metric", "mode", "name", "notification", "offset", "order", "page", "parser", "partition", "path", "payment", "period", "pool",
    "port", "prefix", "price", "product", "profile", "queue", "quota", "rate", "region", "refresh", "report", "request", "retry",
    "route", "schedule", "schema", "search", "sector", "service", "session", "shard", "shipment", "size", "source", "status",
    "storage", "stream", "tenant", "threshold", "timeout", "ticket", "topic", "upload", "user", "version", "window", "worker"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Application:
    """One application on one cluster. `port` is the container's; the Service always offers 80."""

    name: str
    team: str
    cluster: str
    namespace: str
    version: str
    port: int
    replicas: int
    domain: str
    containers: int = 1
    mistake: str | None = None
    random: random.Random = field(default_factory=random.Random, repr=False, compare=False)

    def has(self, mistake: str) -> bool:
        return self.mistake == mistake


def metadata(app: Application, suffix: str = "", labels: str = "", annotations: str = "") -> str:
    """The `metadata` of an object: name plus suffix, namespace, the labels every object has, and lines to add."""
    text = f"""\
metadata:
  name: {app.name}{suffix}
  namespace: {app.namespace}
  labels:
    app.kubernetes.io/name: {app.name}
    app.kubernetes.io/part-of: {app.team}
{labels}"""
    return f"{text}  annotations:\n{annotations}" if annotations else text


def scalar(app: Application) -> str:
    """A plausible configuration value, quoted where YAML needs it."""
    kind = app.random.randrange(5)
    if kind == 0:
        return f'"{app.random.randrange(1, 60000)}"'
    if kind == 1:
        return app.random.choice(('"true"', '"false"'))
    if kind == 2:
        return f"http://{app.random.choice(WORDS)}.{app.namespace}.svc.cluster.local:{app.random.choice((80, 8080))}"
    if kind == 3:
        return f"{app.random.randrange(1, 90)}s"
    return "-".join(app.random.sample(WORDS, app.random.randrange(1, 4)))
