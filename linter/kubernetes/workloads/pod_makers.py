"""Custom resources from which a controller may create pods that no manifest of the repository describes.

A custom resource of an unknown kind is taken to be one of them: operators exist to create workloads. The groups and
kinds listed as harmless configure things, and their controllers create no pods that a Service would select.
Source: the documentation of the respective projects.
"""

from __future__ import annotations

from linter.kubernetes.pods import POD_TYPES
from linter.model import DesiredState, Resource, dig, mapping

_HARMLESS_GROUPS = frozenset({
    "networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io",
    "cert-manager.io", "acme.cert-manager.io", "trust.cert-manager.io", "external-secrets.io", "generators.external-secrets.io",
    "bitnami.com", "isindir.github.com", "secrets.hashicorp.com", "secrets-store.csi.x-k8s.io", "kyverno.io", "externaldns.k8s.io",
    "traefik.io", "traefik.containo.us", "cilium.io", "crd.projectcalico.org", "projectcalico.org", "policy.linkerd.io", "linkerd.io",
    "elbv2.k8s.aws", "networking.gke.io", "cloud.google.com", "karpenter.sh", "karpenter.k8s.aws", "snapshot.storage.k8s.io",
    "autoscaling.k8s.io", "metrics.k8s.io", "source.toolkit.fluxcd.io", "notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io",
    "templates.gatekeeper.sh", "constraints.gatekeeper.sh", "config.gatekeeper.sh", "configuration.konghq.com", "iam.cnrm.cloud.google.com",
    "metacontroller.k8s.io", "velero.io", "goldilocks.fairwinds.com", "policies.kyverno.io", "policy.networking.k8s.io",
})  # fmt: skip

_HARMLESS_KINDS = frozenset({
    "monitoring.coreos.com/ServiceMonitor", "monitoring.coreos.com/PodMonitor", "monitoring.coreos.com/PrometheusRule",
    "monitoring.coreos.com/Probe", "monitoring.coreos.com/ScrapeConfig", "monitoring.coreos.com/AlertmanagerConfig",
    "gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/GRPCRoute", "gateway.networking.k8s.io/TLSRoute",
    "gateway.networking.k8s.io/TCPRoute", "gateway.networking.k8s.io/UDPRoute", "gateway.networking.k8s.io/ReferenceGrant",
    "gateway.networking.k8s.io/BackendTLSPolicy", "gateway.networking.k8s.io/GatewayClass",
    "argoproj.io/AppProject", "argoproj.io/AnalysisTemplate", "argoproj.io/ClusterAnalysisTemplate",
    "keda.sh/ScaledObject", "keda.sh/TriggerAuthentication", "keda.sh/ClusterTriggerAuthentication",
    "route.openshift.io/Route", "security.openshift.io/SecurityContextConstraints", "grafana.integreatly.org/GrafanaDashboard",
    "grafana.integreatly.org/GrafanaDatasource", "kafka.strimzi.io/KafkaTopic", "kafka.strimzi.io/KafkaUser",
})  # fmt: skip

# Kinds that install whole packages, into any namespace.
_INSTALLERS = frozenset({
    "helm.toolkit.fluxcd.io/HelmRelease", "kustomize.toolkit.fluxcd.io/Kustomization", "helm.cattle.io/HelmChart",
    "fleet.cattle.io/Bundle", "fleet.cattle.io/GitRepo", "operators.coreos.com/Subscription", "kappctrl.k14s.io/App",
})  # fmt: skip


def unseen_pod_maker(state: DesiredState, namespace: str) -> Resource | None:
    """A custom resource of the state that may put pods into a namespace, or None.

    Of Argo CD Applications and ApplicationSets only those count whose destination is that namespace or a template:
    what the others deploy is elsewhere, and what the linter could render is part of the state.
    """
    makers = state.derive(_makers)
    for maker in makers:
        if maker.type in _INSTALLERS:
            return maker
        if maker.type in ("argoproj.io/Application", "argoproj.io/ApplicationSet"):
            route = ("spec", "destination") if maker.type.endswith("/Application") else ("spec", "template", "spec", "destination")
            destination = mapping(dig(maker.body, *route)).get("namespace")
            if destination == namespace or (isinstance(destination, str) and "{{" in destination):
                return maker
        elif maker.namespace in (namespace, "") or maker.declared_namespace is None:
            return maker
    return None


def _makers(state: DesiredState) -> list[Resource]:
    return [
        resource
        for resource in state.resources
        if "/" in resource.type
        and resource.type not in POD_TYPES
        and resource.type not in _HARMLESS_KINDS
        and resource.group not in _HARMLESS_GROUPS
    ]
