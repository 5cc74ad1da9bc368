"""Clusters that Argo CD knows, as the Secrets that declare them describe them.

Source: the documentation of Argo CD, "Declarative Setup", clusters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from linter.argocd.applicationsets.contracts import ClusterFacts
from linter.model import dig, strings, text

SECRET_TYPE: Final = "argocd.argoproj.io/secret-type"
"""The label of Secrets that Argo CD reads its settings from."""


def cluster_of(secret: Mapping[str, Any]) -> ClusterFacts | None:
    """The cluster that a Secret describes; None if it describes none, or if its data cannot be read here."""
    labels = strings(dig(secret, "metadata", "labels"))
    if labels.get(SECRET_TYPE) != "cluster":
        return None
    data = strings(secret.get("stringData"))
    if not data.get("name"):
        import base64
        import binascii

        try:
            data = {key: base64.b64decode(value).decode() for key, value in strings(secret.get("data")).items()}
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
    if not data.get("name"):
        return None
    annotations = strings(dig(secret, "metadata", "annotations"))
    return ClusterFacts(data["name"], text(data.get("server")), labels, annotations, text(data.get("project")))
