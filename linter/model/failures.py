"""The ids of everything that can keep input from being judged. A closed list: configurations and baselines name them."""

from __future__ import annotations

from typing import Final

FAILURE_IDS: Final[dict[str, str]] = {
    "binary-file": "a manifest holds NUL bytes, so it is no text",
    "encoding": "a file is not UTF-8, or has another encoding than its first bytes say",
    "file-too-large": "a file is larger than what is read",
    "git-object-missing": "the content of a file is not in the Git repository, as in a partial clone",
    "helm-archive-invalid": "a packed chart cannot be unpacked, or its content is not what a chart holds",
    "helm-backend-missing": "Helm's engine is not installed",
    "helm-chart-invalid": "a chart, or its Chart.yaml, is one that Helm refuses",
    "helm-chart-too-large": "a chart has more or larger files than Helm accepts",
    "helm-crashed": "Helm's engine ended while it rendered a chart",
    "helm-dependency-cycle": "a chart depends on itself",
    "helm-dependency-missing": "a dependency that should be in the repository is not there",
    "helm-dependency-unavailable": "a dependency is in a remote chart repository, and not vendored in charts/",
    "helm-dependency-version": "the vendored version of a dependency is not the one that Chart.yaml asks for",
    "helm-kube-version": "a chart does not accept the Kubernetes version, or what it accepts cannot be read",
    "helm-memory": "the rendering of a chart took more memory than it may",
    "helm-output-invalid": "a template renders to text that is no YAML",
    "helm-release-invalid": "the release name is one that Helm refuses",
    "helm-render": "a template of a chart fails",
    "helm-schema-invalid": "values.schema.json is no valid JSON Schema",
    "helm-set-invalid": "an expression of --set cannot be read",
    "helm-timeout": "the rendering of a chart took longer than it may",
    "helm-values-invalid": "a values file cannot be read, or is no mapping",
    "helm-values-schema": "the values do not satisfy values.schema.json",
    "json-syntax": "a file is no valid JSON",
    "kustomization-ambiguous": "a folder holds several files that each could be its kustomization",
    "kustomization-invalid": "a kustomization cannot be read, or is no mapping",
    "lfs-pointer": "a file is a Git LFS pointer whose content was not fetched",
    "merge-conflict": "a file is in conflict in the Git index",
    "rule-crashed": "a rule raised an error",
    "rule-undecided": "the expression of a rule gave no answer for an object",
    "symlink-escape": "a symbolic link leads out of the repository",
    "template-outside-chart": "a file that is no part of a chart holds template expressions, and is no YAML",
    "unreadable": "a file is missing, or must not be read",
    "values-missing": "a values file that the configuration names does not exist",
    "yaml-alias-bomb": "the aliases of a file expand to very many values",
    "yaml-syntax": "a file is no YAML that kubectl reads",
    "yaml-too-deep": "mappings and lists are nested too deep",
}
"""Each id with what it says has happened."""
