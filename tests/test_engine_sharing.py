"""Judging in several processes finds what judging in one finds."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from linter.engine import processes
from linter.engine.judging import sharing
from linter.engine.options import LintOptions
from linter.engine.run import Session, lint_tree
from linter.report.json import render_json
from linter.repository import MemoryTree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems judge in one process")

# Findings with places in other objects, with severities and remedies of their own, and in several states.
WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{0}, labels: {{number: {0}}}}}
spec:
  selector: {{matchLabels: {{app: web-{0}}}}}
  template:
    metadata: {{labels: {{app: other}}}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.2
          livenessProbe: {{httpGet: {{path: /, port: nowhere}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web-{0}}}
spec:
  selector: {{app: nothing}}
  ports: [{{port: 80}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: web-{0}}}
rules:
  - {{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}}
"""
TREE = MemoryTree({f"team-{number % 3}/{number}.yaml": WORKLOAD.format(number) for number in range(15)})


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    monkeypatch.setattr(sharing, "_MIN_OBJECTS", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    monkeypatch.setattr(processes, "_thread", type("Alone", (), {"_count": staticmethod(lambda: 0)}))


def judged(jobs: int) -> str:
    with Session(jobs) as session:
        return render_json(lint_tree(TREE, LintOptions(select=("ALL",)), session))


@pytest.fixture(scope="module")
def alone():
    report = judged(1)
    assert report.count('"rule": "labels/selector-mismatch"') == 15
    assert "the labels of the pod template" in report
    return report


@pytest.mark.parametrize("jobs", [2, 3, 50])
def test_the_number_of_processes_changes_nothing(jobs, alone):
    assert judged(jobs) == alone


@pytest.mark.parametrize(
    "broken",
    [
        lambda *_: os._exit(1),
        lambda *_: os.kill(os.getpid(), signal.SIGKILL),
        lambda *_: 1 / 0,
        lambda *_: b"\x00nonsense",
        lambda *_: sharing.pickle.dumps(1),
    ],
    ids=["exits", "killed", "raises", "nonsense", "something else"],
)
def test_a_child_that_fails_costs_only_time(monkeypatch, broken, alone):
    monkeypatch.setattr(sharing, "_work", broken)
    assert judged(3) == alone


def test_a_rule_that_fails_in_a_child_is_named(monkeypatch):
    parent = os.getpid()

    def failing(resource):
        if os.getpid() != parent:
            raise ZeroDivisionError("only here")

    monkeypatch.setattr("linter.engine.judging.running.pod_template", lambda resource: None)
    monkeypatch.setattr("linter.kubernetes.labels.fields.pod_template", failing)
    report = judged(2)
    assert '"rule-crashed"' in report
    assert "only here" in report


def test_few_objects_are_judged_here(monkeypatch, alone):
    monkeypatch.setattr(sharing, "_MIN_OBJECTS", 1_000)
    monkeypatch.setattr(os, "fork", None)
    assert judged(4) == alone


def test_definitions_that_stand_in_no_state_keep_their_place(monkeypatch):
    definition = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: pools.example.com}
spec:
  group: example.com
  names: {kind: Pool, plural: pools, singular: pool, listKind: PoolList}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
"""
    pool = "apiVersion: example.com/{1}\nkind: Pool\nmetadata: {{name: pool-{0}}}\nspec: {{size: many, sise: 1}}\n"
    files = {f"team-{number % 3}/{number}.yaml": pool.format(number, "v1" if number % 2 else "v2") for number in range(12)}
    files |= {"definitions/pool.yaml": definition, ".gitops-lint.yaml": "root: true\ncrds: [definitions/*.yaml]\nexclude: [definitions]\n"}
    reports = []
    for jobs in (1, 3):
        with Session(jobs) as session:
            reports.append(render_json(lint_tree(MemoryTree(files), LintOptions(select=("schema",)), session)))
    assert reports[0] == reports[1]
    assert '"definitions/pool.yaml"' in reports[0]
    assert reports[0].count('"rule": "schema/wrong-type"') == 6
