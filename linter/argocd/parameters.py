"""How Argo CD passes the options of a Helm source to Helm.

Source: the repo-server of Argo CD, which calls `helm template`.
"""

from __future__ import annotations

import re
from typing import Final

# Argo CD keeps "v3" for old Applications; what it runs is one version of Helm.
HELM_VERSIONS: Final = frozenset(("", "v3", "v4"))

_NUMBERS = re.compile(r"\s*v?([0-9]+(?:\.[0-9]+)*)")
_UNESCAPED_COMMA = re.compile(r"(?<!\\),")


def set_expression(name: str, value: str) -> str:
    """The `--set` expression for a parameter. A comma in a value is text, unless the value is a list such as `{a,b}`."""
    if not (value.startswith("{") and value.endswith("}")):
        value = _UNESCAPED_COMMA.sub(r"\\,", value)
    return f"{name}={value}"


def kube_version_of(written: str) -> str | None:
    """The numbers of a version of Kubernetes, which are all that Helm is told: "1.30.2" of "v1.30.2+k3s1".

    None if there are not at least two, where Argo CD fails.
    Source: the package k8s.io/apimachinery/pkg/util/version, ParseGeneric.
    """
    match = _NUMBERS.match(written)
    return match[1] if match is not None and "." in match[1] else None
