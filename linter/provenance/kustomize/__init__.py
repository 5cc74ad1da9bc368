"""From a place in what a Kustomize root is built to, back to the line of the base, patch or kustomization that decided it."""

from linter.provenance.kustomize.options import trace_options
from linter.provenance.kustomize.placing import AuthoredNode
from linter.provenance.kustomize.proving import Build
from linter.provenance.kustomize.tracing import TracedRoot, authored_names, declared_at, trace, trace_roots
from linter.provenance.kustomize.wants import WantedNode

__all__ = ["AuthoredNode", "Build", "TracedRoot", "WantedNode", "authored_names", "declared_at", "trace", "trace_options", "trace_roots"]
