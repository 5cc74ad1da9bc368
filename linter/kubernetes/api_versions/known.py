"""All versions of APIs of which it is known that they are gone, will go or have a successor."""

from __future__ import annotations

from typing import Final

from linter.kubernetes.api_versions.addons import CERT_MANAGER_APIS, GATEWAY_APIS
from linter.kubernetes.api_versions.built_in import KUBERNETES_APIS
from linter.kubernetes.api_versions.changes import ApiTable
from linter.kubernetes.api_versions.istio import ISTIO_APIS

ADDON_APIS: Final[ApiTable] = {**GATEWAY_APIS, **CERT_MANAGER_APIS, **ISTIO_APIS}
"""Those of what is installed into a cluster."""

KNOWN_APIS: Final[ApiTable] = {**KUBERNETES_APIS, **ADDON_APIS}
"""Those of Kubernetes itself as well."""
