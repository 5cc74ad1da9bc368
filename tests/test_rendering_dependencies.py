"""What a chart depends on: which subcharts take part, and what is missing or does not fit."""

from __future__ import annotations

import pytest
from charts_in_memory import chart_yaml, load

from linter.engine.judging.fingerprints import failure_fingerprint
from linter.rendering.helm.dependencies import kube_version_problem, plan


def problems(files, values=None, path="shop"):
    return [(problem.failure.id, problem.failure.path, problem.failure.line) for problem in plan(load(files, path), values or {}).problems]


def enabled(files, values=None, path="shop"):
    return [instance.key for instance in plan(load(files, path), values or {}).instances[1:]]


DEPENDS = "dependencies:\n  - name: redis\n    version: ^18.0.0\n    repository: https://me:secret@example.org/charts\n"


def test_a_remote_dependency_that_is_not_vendored():
    files = {"shop/Chart.yaml": chart_yaml(more=DEPENDS)}
    (problem,) = plan(load(files), {}).problems
    failure = problem.failure
    assert (failure.id, failure.kind, failure.path, failure.line) == ("helm-dependency-unavailable", "unavailable", "shop/Chart.yaml", 5)
    assert "`redis` from https://example.org/charts" in failure.message
    assert failure.fix == "run `helm dependency build shop` and commit shop/charts/, which Git must not ignore"
    assert not problem.fatal


def test_another_version_of_a_remote_dependency_is_the_same_failure():
    """What a baseline accepts must not come back with each update, nor when another dependency is vendored."""
    updated = {"shop/Chart.yaml": chart_yaml(more=DEPENDS.replace("18", "19")), "shop/charts/other/Chart.yaml": chart_yaml("other")}
    found = [plan(load(files), {}).problems[0].failure for files in ({"shop/Chart.yaml": chart_yaml(more=DEPENDS)}, updated)]
    assert failure_fingerprint(found[0]) == failure_fingerprint(found[1])


def test_a_dependency_without_a_repository_has_to_be_there():
    files = {"shop/Chart.yaml": chart_yaml(more="dependencies:\n  - name: redis\n    version: 1.x\n")}
    assert problems(files) == [("helm-dependency-missing", "shop/Chart.yaml", 5)]
    assert problems({**files, "shop/charts/redis/Chart.yaml": chart_yaml("redis", "1.4.0")}) == []


def test_a_vendored_version_outside_of_the_range():
    files = {"shop/Chart.yaml": chart_yaml(more=DEPENDS), "shop/charts/redis/Chart.yaml": chart_yaml("redis", "17.0.0")}
    assert problems(files) == [("helm-dependency-version", "shop/Chart.yaml", 5)]
    unreadable = chart_yaml(more="dependencies: [{name: redis, version: newest}]\n")
    assert problems({**files, "shop/Chart.yaml": unreadable}) == [("helm-dependency-version", "shop/Chart.yaml", 4)]


def test_the_requirements_of_older_charts_count():
    files = {"shop/Chart.yaml": "name: shop\nversion: 1.0.0\n", "shop/requirements.yaml": "\n" + DEPENDS}
    assert problems(files) == [("helm-dependency-unavailable", "shop/requirements.yaml", 3)]


def test_disabled_dependencies_need_not_be_there():
    more = DEPENDS + "    condition: redis.enabled,global.redis\n    tags: [cache]\n"
    files = {"shop/Chart.yaml": chart_yaml(more=more)}
    assert problems(files, {"redis": {"enabled": False}}) == []
    assert problems({**files, "shop/values.yaml": "redis: {enabled: false}\n"}) == []
    assert problems(files, {"tags": {"cache": False}}) == []
    assert problems(files, {"tags": {"cache": False}, "global": {"redis": True}}) != []
    assert problems({**files, "shop/values.yaml": "redis: {enabled: false}\n"}, {"redis": {"enabled": True}}) != []
    assert problems({**files, "shop/values.yaml": "redis: {enabled: false}\n"}, {"redis": {"enabled": None}}) != []


def test_aliases_make_instances_of_their_own():
    more = "dependencies:\n- {name: redis, version: 1.x, alias: cache}\n- {name: redis, version: 1.x, alias: queue, condition: queue.on}\n"
    files = {"shop/Chart.yaml": chart_yaml(more=more), "shop/charts/redis/Chart.yaml": chart_yaml("redis", "1.2.3")}
    assert enabled(files) == ["shop/charts/cache", "shop/charts/queue"]
    assert enabled(files, {"queue": {"on": False}}) == ["shop/charts/cache"]


LOCAL = "dependencies:\n  - name: common\n    version: 1.x\n    repository: file://../common\n"


def test_a_local_dependency_is_vendored_in_memory():
    files = {
        "shop/Chart.yaml": chart_yaml(more=LOCAL),
        "common/Chart.yaml": chart_yaml(
            "common", "1.5.0", "dependencies:\n- {name: base, version: '*', repository: 'file://../libs/base'}\n"
        ),
        "common/.helmignore": "*.tmp\n",
        "common/templates/x.tmp": "",
        "libs/base/Chart.yaml": chart_yaml("base"),
    }
    chart = load(files)
    assert [part.path for part in chart.tree()] == ["shop", "common", "libs/base"]
    assert list(chart.subcharts[0].files) == [".helmignore", "Chart.yaml"]
    assert chart.facts().vendored == {}
    assert problems(files) == []
    # What stands in charts/ wins.
    vendored = load({**files, "shop/charts/common/Chart.yaml": chart_yaml("common", "1.0.0")})
    assert vendored.subcharts[0].path == "shop/charts/common"


@pytest.mark.parametrize(
    ("repository", "more", "id"),
    [
        ("file://../nowhere", {}, "helm-dependency-missing"),
        ("file://../../outside", {}, "helm-dependency-missing"),
        ("file:///etc", {}, "helm-dependency-missing"),
        ("file://../other", {"other/Chart.yaml": chart_yaml("other")}, "helm-dependency-missing"),
        ("file://../common", {"common/Chart.yaml": chart_yaml("common", "2.0.0")}, "helm-dependency-version"),
    ],
)
def test_a_local_dependency_that_cannot_be_used(repository, more, id):
    files = {"shop/Chart.yaml": chart_yaml(more=LOCAL.replace("file://../common", repository)), **more}
    found = plan(load(files), {}).problems
    assert [(problem.failure.id, problem.failure.kind, problem.failure.line) for problem in found] == [(id, "broken", 5)]
    assert found[0].fatal


def test_charts_that_depend_on_each_other():
    files = {"shop/Chart.yaml": chart_yaml(more=LOCAL), "common/Chart.yaml": chart_yaml("common", "1.0.0", LOCAL.replace("common", "shop"))}
    (problem,) = plan(load(files), {}).problems
    assert problem.failure.id == "helm-dependency-cycle"
    assert problem.failure.path == "common/Chart.yaml"
    assert "shop -> common -> shop" in problem.failure.message


def test_a_broken_local_dependency_names_its_own_file():
    files = {"shop/Chart.yaml": chart_yaml(more=LOCAL), "common/Chart.yaml": "name: common\n"}
    assert problems(files) == [("helm-chart-invalid", "common/Chart.yaml", None)]


@pytest.mark.parametrize(
    ("constraint", "version", "line"),
    [(">=1.20.0-0", "1.34", 0), (">=1.20.0-0", "v1.19.3", 4), (">=1.28", "1.31.2-gke.1", 0), ("", "1.31", 0), (">=one", "1.31", 4)],
)
def test_the_kubernetes_version_a_chart_accepts(constraint, version, line):
    problem = kube_version_problem(load({"shop/Chart.yaml": chart_yaml(more=f"kubeVersion: '{constraint}'\n")}), version)
    assert (problem is not None) == bool(line)
    if problem is not None:
        assert (problem.failure.id, problem.failure.line, problem.fatal) == ("helm-kube-version", line, True)
        assert constraint in problem.failure.message
        assert version in problem.failure.message
