"""Findings take the context of an object into account: what comes from elsewhere, what another rule says already."""

import pytest
from kustomize_trees import needs_program

from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.repository import MemoryTree

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: %s\n  ports: [{port: 80}]\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front, stage: prod}}
    spec: {containers: [{name: web, image: "registry.example.com/web:1.4.2"}]}
"""
AGENT = """\
apiVersion: apps/v1
kind: %s
metadata: {name: agent, namespace: shop}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      volumes:
        - {name: logs, hostPath: {path: /var/log}}
        - {name: docker, hostPath: {path: /var/run/docker.sock}}
        - {name: state, hostPath: {path: /var/lib/agent}}
      containers: [{name: agent, image: "registry.example.com/agent:1.4.2"}]
"""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {pod-security.kubernetes.io/enforce: %s}\n"


def lint(files, *rules):
    tree = MemoryTree({path: content.encode() for path, content in files.items()})
    with Session(1) as session:
        return lint_tree(tree, LintOptions(select=rules, jobs=1), session).findings


@pytest.mark.parametrize(
    ("selector", "name", "severity"),
    [
        ("{app: web, tier: back}", "other", "warning"),  # nearly fits
        ("{app: website}", "web", "warning"),  # a workload of that name
        ("{app: website}", "other", "info"),
        ("{app: web, tier: back, stage: test}", "other", "info"),
    ],
)
def test_a_service_whose_pods_may_come_from_elsewhere(selector, name, severity):
    [finding] = lint({"a.yaml": SERVICE % selector + "---\n" + DEPLOYMENT % name}, "labels/service-selects-nothing")
    assert finding.severity == severity


def test_what_an_agent_does_is_one_finding_and_its_socket_another():
    rules = ("security/baseline-host-path", "security/container-runtime-socket")
    first, socket = lint({"a.yaml": AGENT % "DaemonSet"}, *rules)
    assert (first.severity, first.location.line) == ("info", 10)
    assert first.message == "the pod mounts `/var/log` of its node as the volume logs, and 1 more"
    assert [related.location.line for related in first.related] == [12]
    assert (socket.rule, socket.location.line) == ("security/container-runtime-socket", 11)
    found = lint({"a.yaml": AGENT % "Deployment"}, *rules)
    assert [(finding.severity, finding.location.line) for finding in found] == [("warning", 10), ("warning", 11), ("warning", 12)]


@pytest.mark.parametrize(
    ("level", "rules"),
    [
        ("privileged", []),
        ("baseline", ["security/namespace-level-broken"]),
        ("restricted", ["security/namespace-level-broken"]),
    ],
)
def test_what_the_namespace_refuses_is_told_once(level, rules):
    found = lint(
        {"a.yaml": NAMESPACE % level + "---\n" + AGENT % "Deployment"}, "security/baseline-host-path", "security/namespace-level-broken"
    )
    assert [finding.rule for finding in found] == rules


@needs_program
def test_the_namespace_that_kustomize_gives_to_kinds_it_does_not_know():
    definition = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: regions.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Region, plural: regions}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: example.com/v1
kind: Region
metadata: {name: eu}
"""
    kustomization = "namespace: shop\nresources: [a.yaml]\n"
    assert not lint({"o/kustomization.yaml": kustomization, "o/a.yaml": definition}, "schema/namespace-on-cluster-scoped")
    plain = definition.replace("{name: eu}", "{name: eu, namespace: shop}")
    [finding] = lint({"o/a.yaml": plain}, "schema/namespace-on-cluster-scoped")
    assert finding.location.line == 12
