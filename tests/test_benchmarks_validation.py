"""The benchmarks of validation compare what they say they compare."""

import json
import os
import re
import subprocess
import sys
import zipfile

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import agreement, kubeconform, public_objects
from benchmarks.agreement import Explanation, Verdict, compare, explained, general
from benchmarks.measuring import MeasurementError

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"


@pytest.fixture
def export(tmp_path):
    """An exported repository: plain files, a chart, a kustomization with a patch, and what is no object."""
    files = {
        "apps/a.yaml": f"{CONFIG_MAP.format('a')}---\n# nothing\n--- # second\n{CONFIG_MAP.format('b')}---\n{CONFIG_MAP.format('a')}",
        "apps/values.yaml": "apiVersion: v1\nreplicas: 3\n",
        "apps/broken.yaml": "apiVersion: v1\nkind: [\n",
        "apps/template.yaml": CONFIG_MAP.format("'{{name}}'"),
        "overlay/kustomization.yaml": "kind: Kustomization\npatches: [{path: ../apps/patch.yaml}]\n",
        "apps/patch.yaml": CONFIG_MAP.format("patched"),
        "chart/Chart.yaml": CHART,
        "chart/values.yaml": "name: rendered\n",
        "chart/templates/map.yaml": CONFIG_MAP.format("{{ .Values.name }}"),
    }
    for path, text in files.items():
        target = tmp_path / "export" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return {"acme/shop": str(tmp_path / "export")}


def named(objects):
    return [thing.value["metadata"]["name"] for thing in objects if thing.value["kind"] == "ConfigMap"]


def test_objects_of_a_repository(export):
    found = public_objects.collect(export, rendered=False)
    assert named(found) == ["b", "a"] or named(found) == ["a", "b"]
    assert {thing.origin for thing in found if thing.value["kind"] == "ConfigMap"} == {"acme/shop apps/a.yaml"}


def test_objects_of_charts(export):
    pytest.importorskip("helm_python", reason="the Helm SDK is not installed")
    assert "rendered" in named(public_objects.collect(export, rendered=True))


def test_objects_are_written_as_they_were(export, tmp_path):
    found = public_objects.collect(export, rendered=False)
    names = public_objects.write(found, str(tmp_path / "out"))
    assert [(tmp_path / "out" / name / "object.yaml").read_text() for name in names] == [thing.text for thing in found]


@pytest.fixture
def wheel(tmp_path):
    """A package of schemas as kubernetes-validate has them, with two kinds."""
    definitions = {
        "core.v1.ConfigMap": {
            "properties": {"kind": {"type": "string"}, "metadata": {"$ref": "#/$defs/meta.v1.ObjectMeta"}},
            "x-kubernetes-group-version-kind": [{"group": "", "kind": "ConfigMap", "version": "v1"}],
        },
        "networking.v1.Ingress": {"x-kubernetes-group-version-kind": [{"group": "networking.k8s.io", "kind": "Ingress", "version": "v1"}]},
        "meta.v1.ObjectMeta": {"properties": {"owner": {"items": {"$ref": "#/$defs/meta.v1.Owner"}}}},
        "meta.v1.Owner": {"properties": {"of": {"$ref": "#/$defs/meta.v1.ObjectMeta"}}},
        "meta.v1.Other": {},
    }
    path = str(tmp_path / "schemas.whl")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "kubernetes_validate/kubernetes-json-schema/v1.36.0-local-strict/_definitions.json", json.dumps({"$defs": definitions})
        )
    return path


def test_schemas_for_kubeconform_stand_alone(wheel, tmp_path):
    assert kubeconform.write_schemas(wheel, "1.36", str(tmp_path / "schemas")) == 2
    folder = tmp_path / "schemas" / "v1.36.0-standalone-strict"
    assert sorted(os.listdir(folder)) == ["configmap-v1.json", "ingress-networking-v1.json"]
    schema = json.loads((folder / "configmap-v1.json").read_text())
    references = re.findall(r'"\$ref": "#/\$defs/([^"]+)"', json.dumps(schema))
    assert set(references) == {"meta.v1.ObjectMeta", "meta.v1.Owner"} <= set(schema["$defs"])
    assert "meta.v1.Other" not in schema["$defs"]


def test_a_version_without_schemas_is_named(wheel, tmp_path):
    with pytest.raises(MeasurementError, match=r"1\.99"):
        kubeconform.write_schemas(wheel, "1.99", str(tmp_path / "schemas"))


def test_complaints_lose_what_is_peculiar_to_an_object():
    assert general('spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, "web"') == (
        "spec.ports[].port: Invalid value: N: must be between N and N, …"
    )
    assert general('line 3: key "a" already set in map\n  line 4: key "b" already set in map') == "line N: key … already set in map"


def test_only_objects_that_both_judge_are_compared():
    own = {
        "0": Verdict(),
        "1": Verdict(True, ("ours",)),
        "2": Verdict(),
        "3": Verdict(False),
        "4": Verdict(True, ("ours", "too")),
        "5": Verdict(),
    }
    peer = {
        "0": Verdict(),
        "1": Verdict(True, ("theirs",)),
        "2": Verdict(True, ("theirs",)),
        "3": Verdict(True, ("theirs",)),
        "4": Verdict(),
    }
    found = compare(own, peer, open_names={"2"})
    assert (found.judged, found.accepted, found.refused) == (4, 1, 1)
    assert found.groups == {("peer", "theirs (placeholders)"): ["2"], ("ours", "ours"): ["4"]}
    assert (found.objects("ours"), found.objects("peer")) == (1, 1)


def test_what_nothing_explains_is_counted():
    own = {str(number): Verdict(True, (f"rule {number}",)) for number in range(3)}
    found = compare(own, dict.fromkeys(own, Verdict()))
    explanations = [Explanation("server", "ours", "rule [01]", "ours", "a reason"), Explanation("other", "ours", "rule 2", "ours", "no")]
    lines, unexplained = explained("server", found, explanations)
    assert (lines[0], unexplained) == (["gitops-lint", "2", "2", "gitops-lint", "a reason"], 1)
    assert lines[1][-1] == "not explained: rule 2"


def test_our_verdict_is_that_of_the_rules_about_acceptance(tmp_path):
    good, refused = CONFIG_MAP.format("good"), CONFIG_MAP.format("bad") + "  labels: {count: 3}\n"
    for name, text in (("00000", good), ("00001", refused)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "object.yaml").write_text(text)
    found = agreement.ours([sys.executable, "-m", "linter", "lint"], str(tmp_path), ["00000", "00001"])
    assert found["00000"] == Verdict()
    assert found["00001"].complaints == ("labels/value-not-a-string at metadata.labels.count",)


def test_a_server_is_asked_through_a_program(tmp_path):
    program = tmp_path / "ask.py"
    program.write_text(
        "import json, sys\n"
        "for path in sys.argv[1:]:\n"
        "    bad = 'bad' in open(path).read()\n"
        "    causes = [{'field': 'data[x]', 'message': 'not \"x\"'}]\n"
        "    print(json.dumps({'file': path, 'kind': 'ConfigMap', 'accepted': not bad, 'message': 'no', 'causes': causes}))\n"
    )
    names = public_objects.write(
        [public_objects.PublicObject("", CONFIG_MAP.format(name), {}) for name in ("good", "bad")], str(tmp_path / "o")
    )
    found = agreement.servers([sys.executable, str(program)], str(tmp_path / "o"), names)
    assert found == {"00000": Verdict(), "00001": Verdict(True, ("ConfigMap data[]: not …",))}


def test_every_rule_that_judges_exists():
    from linter.packs.catalog import load_catalog

    catalog = load_catalog()
    assert {name for name in agreement.JUDGING if name not in catalog.rules and name not in catalog.packs} == set()


def test_explanations_can_be_read():
    entries = agreement.load_explanations()
    assert entries
    for entry in entries:
        assert (entry.peer, entry.only, entry.right) in {
            (peer, only, right) for peer in ("kubeconform", "API server") for only in ("ours", "peer") for right in ("ours", "peer")
        }
        assert re.compile(entry.group)
        assert entry.because.endswith(".")


@pytest.mark.parametrize("program", ["schema_validation.py", "agreement.py"])
def test_programs_name_what_is_missing(program, tmp_path):
    lock = tmp_path / "corpus.lock"
    lock.write_text("[]")
    words = ["--schemas", str(tmp_path / "none.whl"), "--mirrors", str(tmp_path), "--lock", str(lock)]
    path = os.path.join(ROOT, "benchmarks", program)
    done = subprocess.run([sys.executable, path, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(program)
