"""The worker processes: endless and greedy templates, crashes, a missing SDK, interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from charts_in_memory import chart_yaml, load

from linter.rendering.helm import process
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer

ENDLESS = "{{ range until 30000 }}{{ range until 30000 }}{{ end }}{{ end }}"
GREEDY = "{{ range until 300000000 }}{{ end }}"
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def chart(template):
    return load({"shop/Chart.yaml": chart_yaml(), "shop/templates/a.yaml": template})


def outcomes(renderer, *templates):
    """The output of each chart, or the id of its failure."""
    rendered = renderer.render([ChartRequest(chart(template)) for template in templates])
    return [entry.failures[0].id if entry.failures else entry.files[0].text for entry in rendered]


def test_an_endless_template_is_stopped_and_the_next_chart_rendered():
    with HelmRenderer(1, deadline_seconds=0.5) as renderer:
        assert outcomes(renderer, "a: 1", ENDLESS, "b: 2") == ["a: 1", "helm-timeout", "b: 2"]
        ((failure,),) = (entry.failures for entry in renderer.render([ChartRequest(chart(ENDLESS))]))
    assert failure.message == "the chart was not rendered after 0.5 seconds"
    assert (failure.path, failure.kind) == ("shop/Chart.yaml", "broken")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_a_template_that_takes_all_memory_ends_its_process_only():
    with HelmRenderer(2, deadline_seconds=20, memory_bytes=1) as renderer:
        assert outcomes(renderer, "a: 1", GREEDY, "b: 2", "c: {{ range until 2000000000 }}{{ end }}", "d: 4") == [
            "a: 1", "helm-memory", "b: 2", "helm-memory", "d: 4",
        ]  # fmt: skip
        ((failure,),) = (entry.failures for entry in renderer.render([ChartRequest(chart(GREEDY))]))
    assert failure.message == "rendering the chart takes more memory than it may have"


def test_where_the_address_space_has_no_limit_the_worker_watches_itself():
    with HelmRenderer(1, deadline_seconds=20) as renderer:
        renderer._limit = "resident"
        renderer._memory = 1 << 28
        assert outcomes(renderer, GREEDY, "a: 1") == ["helm-memory", "a: 1"]


@pytest.mark.parametrize(
    "template",
    [
        '{{ define "f" }}{{ template "f" . }}{{ end }}{{ template "f" . }}',
        '{{ define "f" }}{{ include "f" . }}{{ end }}{{ include "f" . }}',
    ],
)
def test_endless_recursion_is_a_failure_of_the_template(template):
    with HelmRenderer(1, deadline_seconds=20) as renderer:
        ((failure,),) = (entry.failures for entry in renderer.render([ChartRequest(chart(template))]))
    assert failure.id == "helm-render"
    assert "without end" in failure.message


def test_a_worker_that_is_killed_is_a_crash_of_that_chart():
    with HelmRenderer(1, deadline_seconds=20) as renderer:
        assert outcomes(renderer, "a: 1") == ["a: 1"]
        pool = renderer._engines.pool
        rendering = pool.run([lambda: _payload(ENDLESS), lambda: _payload("b: 2")])
        _kill_when_busy(pool)
        replies = dict(rendering)
        assert replies[0]["kind"] in ("crashed", "memory")
        assert replies[1] == {"rendered": {"shop/templates/a.yaml": "b: 2"}}


def _payload(template):
    files = {"Chart.yaml": chart_yaml().encode(), "templates/a.yaml": template.encode()}
    return {"files": files, "values": {}, "release": "r", "namespace": "n", "kube_version": None, "api_versions": []}


def _kill_when_busy(pool):
    import threading

    def kill():
        while not any(worker.task is not None for worker in pool._workers):
            time.sleep(0.01)
        time.sleep(0.1)
        os.kill(pool._workers[0].process.pid, signal.SIGTERM)

    threading.Thread(target=kill, daemon=True).start()


def test_abandoned_work_leaves_no_process():
    with HelmRenderer(2, deadline_seconds=20) as renderer:
        assert outcomes(renderer, "a: 1") == ["a: 1"]
        pool = renderer._engines.pool
        replies = pool.run([lambda: _payload(ENDLESS), lambda: _payload("b: 2")])
        assert next(replies) == (1, {"rendered": {"shop/templates/a.yaml": "b: 2"}})
        (busy,) = [worker.process for worker in pool._workers if worker.task is not None]
        others = [worker.process for worker in pool._workers if worker.task is None]
        replies.close()
        assert busy.poll() is not None
        assert [process.poll() for process in others] == [None]
        assert outcomes(renderer, "c: 3") == ["c: 3"]
    assert all(process.poll() is not None for process in others)


def test_without_the_sdk_every_chart_says_what_to_install(monkeypatch):
    monkeypatch.setattr(process, "_import_path", lambda: [ROOT, *(entry for entry in sys.path if entry and "site-packages" not in entry)])
    monkeypatch.setenv("PATH", "")
    with HelmRenderer(2) as renderer:
        rendered = list(renderer.render([ChartRequest(chart("a: 1")) for _ in range(5)]))
    assert [entry.failures[0].id for entry in rendered] == ["helm-backend-missing"] * 5
    assert rendered[0].failures[0].fix == 'run `pip install "gitops-lint[helm]"`, or put the program `helm` (3 or 4) on the PATH'
    assert rendered[0].failures[0].message == "the chart cannot be rendered: the Helm SDK is not installed"


def test_a_worker_that_cannot_start_is_not_tried_for_ever(monkeypatch):
    monkeypatch.setattr(process, "_import_path", lambda: ["/nowhere"])
    with HelmRenderer(2, backend="sdk") as renderer:
        assert outcomes(renderer, "a: 1", "b: 2") == ["helm-crashed", "helm-crashed"]


PROGRAM = """
import sys
sys.path[:0] = {path!r}
from charts_in_memory import chart_yaml, load
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer
assert "helm_python" not in sys.modules
chart = load({{"shop/Chart.yaml": chart_yaml(), "shop/templates/a.yaml": {template!r}}})
with HelmRenderer(2, deadline_seconds=30) as renderer:
    for rendered in renderer.render([ChartRequest(chart)]):
        assert "helm_python" not in sys.modules
        print(rendered.files[0].text, flush=True)
"""


def program(template):
    code = PROGRAM.format(path=[ROOT, os.path.join(ROOT, "tests")], template=template)
    return [sys.executable, "-c", code]


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        return [int(child) for child in children.read().split()]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_program_itself_never_loads_the_sdk_and_may_stand_anywhere(tmp_path):
    (tmp_path / "linter").mkdir()
    (tmp_path / "linter" / "__init__.py").write_text("raise SystemExit('a repository must not be executed')")
    (tmp_path / "helm_python.py").write_text("raise SystemExit('a repository must not be executed')")
    done = subprocess.run(program("a: 1"), cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, "a: 1\n")


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_program_leaves_no_process(how, tmp_path):
    running = subprocess.Popen(program(ENDLESS), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    waited = time.monotonic() + 10
    while not (workers := children_of(running.pid)) and time.monotonic() < waited:
        time.sleep(0.02)
    time.sleep(0.3)
    assert workers
    assert running.poll() is None
    running.send_signal(how)
    running.wait(10)
    waited = time.monotonic() + 5
    while any(map(alive, workers)) and time.monotonic() < waited:
        time.sleep(0.05)
    assert not any(map(alive, workers))


@pytest.mark.parametrize("remember", [True, False])
def test_what_is_the_same_is_rendered_once_where_that_is_asked_for(remember):
    template = "random: {{ randAlphaNum 20 }}"
    with HelmRenderer(1, remember=remember) as renderer:
        [first] = outcomes(renderer, template)
        [other] = outcomes(renderer, f"{template} # changed")
        [again, failed] = outcomes(renderer, template, "{{ fail `no` }}")
        assert (again == first) is remember
        assert outcomes(renderer, "{{ fail `no` }}") == [failed] == ["helm-render"]
    assert other.removesuffix(" # changed") != first
