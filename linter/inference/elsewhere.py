"""Namespaces that this repository refers to, and in which none of its objects live."""

from __future__ import annotations

from linter.inference.findings import Elsewhere
from linter.inference.survey import Survey

_MOST = 10
_MAKERS = frozenset({
    "bitnami.com/SealedSecret", "external-secrets.io/ExternalSecret", "external-secrets.io/ClusterExternalSecret",
    "secrets.hashicorp.com/VaultStaticSecret", "cert-manager.io/Certificate", "onepassword.com/OnePasswordItem",
    "ricoberger.de/VaultSecret",
})  # fmt: skip


def namespaces_elsewhere(found: Survey) -> tuple[Elsewhere, ...]:
    """The namespaces that only references name, those with most references first."""
    known = found.namespaces | found.declared.keys()
    missing = [Elsewhere(namespace, len(places), *min(places)) for namespace, places in found.referred.items() if namespace not in known]
    return tuple(sorted(missing, key=lambda each: (-each.count, each.namespace))[:_MOST])


def owned_namespace(found: Survey) -> str | None:
    """A namespace that the repository declares and fills, the fullest one, as an example of what `owned:` may name; None
    where Secrets are not declared, or made by a controller."""
    if "Secret" not in found.types or not found.types.isdisjoint(_MAKERS):
        return None
    both = [(-count, namespace) for namespace, count in found.declared.items() if namespace in found.namespaces]
    return min(both)[1] if both else None
