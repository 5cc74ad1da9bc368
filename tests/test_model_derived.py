"""What is computed from an object is computed once, and is about that object."""

from linter.kubernetes.pod_security.breaches import container_contexts, found_by
from linter.kubernetes.pod_security.restricted import STANDARDS
from linter.kubernetes.pods import containers_of, pod_template
from linter.manifest.decoder import decode_text
from linter.manifest.resources import resources_of
from linter.model import Document, ManifestFile, Source

POD = """
apiVersion: v1
kind: Pod
metadata: {name: NAME, labels: {app: web, size: 3}, annotations: {note: x}}
spec:
  initContainers:
    - {name: proxy, image: a, restartPolicy: Always}
    - {name: setup, image: a}
  containers:
    - {name: web, image: a, securityContext: {privileged: true}}
"""


def pod_object(name):
    text = POD.replace("NAME", name)
    decoded = decode_text(text)
    document = Document(ManifestFile("a.yaml", text, Source(".", "directory", "test")), 0, decoded[0].value)
    [found] = resources_of(document)
    return found


def test_built_once_for_each_object():
    calls = []

    def build(thing):
        calls.append(thing.name)
        return [thing.name]

    one, other = pod_object("one"), pod_object("other")
    assert one.derive(build) is one.derive(build)
    assert other.derive(build) == ["other"]
    assert calls == ["one", "other"]


def test_nothing_found_is_remembered_too():
    calls = []
    thing = pod_object("one")
    assert thing.derive(calls.append) is None
    assert thing.derive(calls.append) is None
    assert len(calls) == 1


def test_a_failure_is_not_remembered():
    calls = []

    def build(thing):
        calls.append(1)
        return 1 // (len(calls) - 1)

    thing = pod_object("one")
    try:
        thing.derive(build)
    except ZeroDivisionError:
        assert thing.derive(build) == 1


def test_an_object_has_one_pod_and_its_containers_by_role():
    thing = pod_object("one")
    pod = pod_template(thing)
    assert pod_template(thing) is pod
    assert pod.spec_route == ("spec",)
    assert [(node.value["name"], node.role) for node in containers_of(pod)] == [
        ("web", "container"),
        ("proxy", "sidecar"),
        ("setup", "init"),
    ]
    assert [node.value["name"] for node in containers_of(pod, "init", "container")] == ["web", "setup"]
    assert next(containers_of(pod, "sidecar")).route == ("spec", "initContainers", 0)
    assert [context.route for context in container_contexts(pod)] == [("spec", "containers", 0, "securityContext")]


def test_labels_are_those_that_are_strings():
    thing = pod_object("one")
    assert thing.labels == {"app": "web"} == pod_template(thing).labels
    assert thing.annotations == {"note": "x"} == pod_template(thing).annotations
    assert thing.metadata["labels"]["size"] == 3
    assert thing.spec["containers"][0]["name"] == "web"


def test_breaches_depend_on_the_version_of_the_policy():
    pod = pod_template(pod_object("one"))
    escalation = next(standard for standard in STANDARDS if standard.name == "privilege-escalation")
    assert len(found_by(escalation, pod, 30)) == 3
    assert found_by(escalation, pod, 30) is found_by(escalation, pod, 30)
    pod.spec["os"] = {"name": "windows"}
    assert found_by(escalation, pod, 31) == []
