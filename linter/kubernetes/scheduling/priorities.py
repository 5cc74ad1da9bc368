"""Priority classes that every cluster has. Source: kubernetes/pkg/apis/scheduling (`SystemPriorityClasses`)."""

from __future__ import annotations

BUILT_IN_PRIORITY_CLASSES = frozenset({"system-cluster-critical", "system-node-critical"})
