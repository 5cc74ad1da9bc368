"""Whether a pod takes only connections with mutual TLS, as far as PeerAuthentications in the manifests tell.

Source: the PeerAuthentication reference of Istio: a policy with a selector wins over that of the namespace, that over the one of the
mesh, which stands in the root namespace; of several at one level the oldest wins, which no manifest tells.
"""

from __future__ import annotations

from linter.istio.injection import has_proxy, is_injected
from linter.kubernetes.labels.selectors import matches_map
from linter.model import DesiredState, PodTemplate, Resource, dig, mapping

ROOT_NAMESPACE = "istio-system"
_TYPE = "security.istio.io/PeerAuthentication"


def wants_mutual_tls(pod: PodTemplate, state: DesiredState) -> Resource | None:
    """The PeerAuthentication that makes the sidecar of a pod refuse plain connections; None if there is none, if it cannot
    be told, or if the pod has no sidecar."""
    if not (is_injected(pod, state) or has_proxy(pod)):
        return None
    policies = state.of_kind(_TYPE)
    own = [policy for policy in policies if policy.namespace == pod.namespace]
    for level in (
        [policy for policy in own if _selects(policy, pod)],
        [policy for policy in own if not mapping(policy.spec.get("selector"))],
        [policy for policy in policies if policy.namespace == ROOT_NAMESPACE and not mapping(policy.spec.get("selector"))],
    ):
        modes = {_mode(policy) for policy in level} - {None}
        if modes:
            return level[0] if modes == {"STRICT"} and not any(dig(policy.body, "spec", "portLevelMtls") for policy in level) else None
    return None


def _selects(policy: Resource, pod: PodTemplate) -> bool:
    labels = mapping(mapping(policy.spec.get("selector")).get("matchLabels"))
    return bool(labels) and matches_map(labels, pod.labels)


def _mode(policy: Resource) -> str | None:
    mode = mapping(policy.spec.get("mtls")).get("mode")
    return mode if isinstance(mode, str) and mode != "UNSET" else None
