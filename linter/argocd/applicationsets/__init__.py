"""ApplicationSets: the Applications they generate, as Argo CD's ApplicationSet controller would make them."""

from linter.argocd.applicationsets.contracts import (
    ClusterFacts,
    Expansion,
    GeneratedApplication,
    MissingKey,
    SetContext,
    TemplateError,
)
from linter.argocd.applicationsets.expansion import expand

__all__ = ["ClusterFacts", "Expansion", "GeneratedApplication", "MissingKey", "SetContext", "TemplateError", "expand"]
