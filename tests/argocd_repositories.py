"""Files of repositories that Argo CD deploys, for tests."""

from __future__ import annotations

import json
from textwrap import dedent, indent
from typing import Any

from linter.report.model import Report

RULE = "labels/value-not-a-string"
HERE = "https://git.example.com/team/gitops.git"
IN_CLUSTER = "server: https://kubernetes.default.svc"
BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, labels: {on: yes}}\n"
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  labels:
    tier: {{ .Values.tier }}
"""


def chart(name: str = "web", values: str = "tier: front\n", template: str = TEMPLATE) -> dict[str, str]:
    """A chart in a folder of its name, whose label `tier` is wrong if the value is no string."""
    return {
        f"{name}/Chart.yaml": f"apiVersion: v2\nname: {name.rpartition('/')[2]}\nversion: 1.0.0\n",
        f"{name}/values.yaml": values,
        f"{name}/templates/settings.yaml": template,
    }


def application(name: str, path: str, source: str = "", *, destination: str = IN_CLUSTER, namespace: str = "shop", url: str = HERE) -> str:
    """An Application; its source begins in line 10, and what `source` adds to it in line 13."""
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n  namespace: argocd\nspec:\n"
        f"  destination:\n    {destination}\n    namespace: {namespace}\n  source:\n    repoURL: {url}\n    path: {path}\n"
        + indent(dedent(source), "    ")
    )


def several(name: str, *sources: str) -> str:
    """An Application with several sources, each in a line of its own from line 4 on."""
    head = f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\n"
    listed = ", \n".join(f"{{repoURL: {HERE}, {source}}}" for source in sources)
    return f"{head}spec: {{destination: {{name: in-cluster, namespace: shop}}, sources: [\n{listed}]}}\n"


def application_set(
    generators: list[Any], name: str, path: str, *, go: bool = True, destination: str = IN_CLUSTER, source: str = ""
) -> str:
    """An ApplicationSet; what `source` adds to the source of its template begins in line 16."""
    text = f"""\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: all, namespace: argocd}}
spec:
  goTemplate: {json.dumps(go)}
  goTemplateOptions: [missingkey=error]
  generators: {json.dumps(generators)}
  template:
    metadata: {{name: '{name}'}}
    spec:
      destination: {{{destination}, namespace: shop}}
      source:
        repoURL: {HERE}
        path: '{path}'
        targetRevision: HEAD
"""
    return text + indent(dedent(source), "        ")


def sources(report: Report) -> list[tuple[str, str | None, str, str]]:
    """Path, Application, state and status of each source but what is left of plain directories."""
    return [
        (entry.source.path, entry.source.application, entry.source.state, entry.status)
        for entry in report.sources
        if entry.source.type != "directory" or entry.source.application is not None
    ]


def places(report: Report) -> list[tuple[str, int, str, list[tuple[str | None, str, str]]]]:
    """Path, line and precision of each finding, and for each occurrence Application, state and object."""
    return [
        (
            finding.location.path,
            finding.location.line,
            finding.location.precision,
            [(entry.source.application, entry.source.state, str(entry.resource)) for entry in finding.occurrences if entry.source],
        )
        for finding in report.findings
    ]


def failures(report: Report) -> list[tuple[str, str, int | None, str]]:
    """Id, path, line and message of each failure."""
    return [(entry.failure.id, entry.failure.path, entry.failure.line, entry.failure.message) for entry in report.failures]
