"""What labels and annotations may be called and say, beyond their syntax.

Sources: the pages "Well-Known Labels, Annotations and Taints" and "Recommended Labels" of the Kubernetes documentation.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from linter.spelling import nearest

_RECOMMENDED = ("name", "instance", "version", "component", "part-of", "managed-by", "created-by")

# Keys directly under kubernetes.io/ and k8s.io/; what stands under their subdomains belongs to many projects.
_KNOWN = frozenset({
    "arch", "os", "hostname", "metadata.name", "change-cause", "description", "service-account.name", "service-account.uid",
    "ingress.class", "tls-acme", "psp", "role", "enforce-mountable-secrets", "legacy-token-last-used",
    "legacy-token-invalid-since", "cluster-service", "bootstrapping", "minikube-addons", "config.source", "config.hash",
    "config.mirror", "config.seen", "egress-bandwidth", "ingress-bandwidth", "initial-events-end", "created-by",
    "limit-ranger", "service-name", "os-version", "cluster-monitoring", "name",
})  # fmt: skip


@lru_cache(maxsize=4096)
def matches_whole(pattern: str, value: str) -> bool:
    """Whether a value matches a regular expression as a whole.

    The expression may come from the repository that is linted, so it runs in an engine whose time grows no faster than the text.
    """
    return bool(_compiled(pattern).is_valid(value))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for({"pattern": rf"^(?:{pattern})$"}, pattern_options=jsonschema_rs.RegexOptions())


@lru_cache(maxsize=4096)
def reserved_key_problem(key: str) -> str | None:
    """Why a key is not one that Kubernetes knows, though its prefix is Kubernetes' own; None for all others."""
    prefix, _, name = key.rpartition("/")
    if prefix == "app.kubernetes.io":
        if name in _RECOMMENDED:
            return None
        meant = nearest(name, _RECOMMENDED)
        told = f"did you mean `{prefix}/{meant}`?" if meant is not None else f"it has {', '.join(_RECOMMENDED[:-1])}"
        return f"`{key}` is none of the labels under {prefix}/: {told}"
    if prefix not in ("kubernetes.io", "k8s.io") or name in _KNOWN or name.startswith("ingress."):
        return None
    meant = nearest(name, sorted(_KNOWN))
    return f"`{key}` is no key of Kubernetes, to which the prefix {prefix}/ belongs" + (
        f": did you mean `{prefix}/{meant}`?" if meant else ""
    )
