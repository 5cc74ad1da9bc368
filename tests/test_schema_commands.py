"""`gitops-lint schema`: what is listed, and files made from definitions."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter import shipped
from linter.errors import UsageError
from linter.importing.definitions import _shared, import_definitions
from linter.kubernetes.definitions.compiling import CompiledVersion
from linter.kubernetes.definitions.reading import read_definition
from linter.kubernetes.definitions.shipped_definitions import read_system, systems

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: queues.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Queue, plural: queues, singular: queue, listKind: QueueList}
  conversion: {strategy: None}
  versions:
    - name: v1
      served: true
      storage: true
      additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
      schema:
        openAPIV3Schema:
          description: A queue
          type: object
          properties:
            apiVersion: {type: string}
            spec:
              description: What is wanted
              type: object
              properties:
                description: {type: string, description: "free text", default: {description: kept}}
                size: &size {type: integer, format: int32, minimum: 1, maximum: 100, description: how large}
                most: *size
                least: *size
                pattern: {type: string, pattern: "(?=a)"}
              x-kubernetes-validations:
                - {rule: self.size > 1, message: too small, reason: FieldValueInvalid}
                - {rule: self.size > oldSelf.size}
                - {rule: nonsense(self)}
              x-kubernetes-map-type: granular
            status: {type: object, properties: {size: {type: integer}}}
    - name: v1beta1
      served: false
      storage: false
      schema: {openAPIV3Schema: {type: object}}
"""
NONSENSE = (
    "    not checked: nonsense(self) (there is no variable or function `nonsense`; an expression sees `self` and the functions of CEL and "
    "Kubernetes)"
)
QUEUE = "apiVersion: example.com/v1\nkind: Queue\nmetadata: {name: mail}\nspec: {size: 3}\n"


@pytest.fixture
def repository(tmp_path):
    for path, content in {".gitops-lint.yaml": "root: true\n", "crds/queue.yaml": CRD, "shop/queue.yaml": QUEUE}.items():
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(content)
    return tmp_path


class TestList:
    def test_text(self, run, repository):
        done = run("schema", "list", cwd=repository)
        assert (done.returncode, done.stderr) == (0, "")
        own, *others = done.stdout.split("\n\n")
        assert own.splitlines() == [
            "crds/queue.yaml",
            "  example.com/v1 Queue  3 validation rules",
            "    not checked: (?=a) (no pattern that can be used)",
            "    not checked: self.size > oldSelf.size (it compares with the earlier object, which is in the cluster)",
            NONSENSE,
        ]
        headings = [block.splitlines()[0] for block in others]
        assert "with gitops-lint: argoproj/argo-cd, manifests/crds, 3.6.0, Apache-2.0" in headings
        assert any(", experimental channel, " in heading for heading in headings)
        assert any(heading.startswith("with gitops-lint: Kubernetes 1.25 to 1.") for heading in headings)
        assert headings[-1].endswith("validation rules")

    def test_json(self, run, repository):
        content = json.loads(run("schema", "list", "--format", "json", cwd=repository).stdout)
        assert content["cel"] is True
        assert content["kubernetes"]["first"] == "1.25"
        first, *others = content["schemas"]
        assert (first["apiVersion"], first["kind"], first["origin"], first["place"], first["rules"]) == (
            "example.com/v1", "Queue", "repository", "crds/queue.yaml", 3,
        )  # fmt: skip
        assert [part["what"] for part in first["notChecked"]] == ["(?=a)", "self.size > oldSelf.size", "nonsense(self)"]
        assert {(entry["origin"], entry["licence"]) for entry in others} == {("shipped", "Apache-2.0")}
        assert {"networking.istio.io", "argoproj.io", "gateway.networking.k8s.io", "externaldns.k8s.io"} <= {
            entry["apiVersion"].rpartition("/")[0] for entry in others
        }
        assert all(entry["version"] and entry["problem"] is None for entry in others)

    def test_only_the_shipped_ones(self, run, repository):
        done = run("schema", "list", "--shipped", cwd=repository)
        assert "example.com" not in done.stdout
        assert "networking.istio.io/v1 VirtualService" in done.stdout

    def test_definitions_that_the_configuration_names(self, run, repository):
        (repository / ".gitops-lint.yaml").write_text("root: true\nexclude: [crds]\ncrds: [crds, nothing]\n")
        done = run("schema", "list", cwd=repository)
        assert done.stdout.startswith("crds/queue.yaml (named under crds:)\n  example.com/v1 Queue")
        assert done.returncode == 3
        assert "[crds-missing]" in done.stderr

    def test_without_cel(self, run, repository):
        (repository / "without" / "cel_expr_python").mkdir(parents=True)
        (repository / "without" / "cel_expr_python" / "__init__.py").write_text("raise ImportError\n")
        done = run("schema", "list", "--shipped", cwd=repository, PYTHONPATH=f"{repository / 'without'}{os.pathsep}{os.getcwd()}")
        assert done.stdout.splitlines()[-1] == "The rules are not evaluated, for CEL is not installed: pip install 'gitops-lint[cel]'"

    def test_the_paths_of_a_run_limit_the_kinds_without_schema(self, run, repository):
        (repository / "crds" / "queue.yaml").unlink()
        (repository / "shop" / "worker.yaml").write_text(QUEUE.replace("Queue", "Worker"))
        for paths, kinds in (((), ["Queue", "Worker"]), (("shop/queue.yaml",), ["Queue"])):
            content = json.loads(run("lint", *paths, "--format", "json", cwd=repository).stdout)
            assert [entry["kind"] for entry in content["withoutSchema"]] == kinds


class TestImport:
    ARGUMENTS = ("--name", "queues", "--origin", "example/queues, crds", "--version", "1.2", "--licence", "MIT")

    def test_a_file_and_an_index(self, run, tmp_path):
        (tmp_path / "crd.yaml").write_text(CRD)
        done = run("schema", "import", "crd.yaml", "--output", "out", *self.ARGUMENTS, "--title", "Queues", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "wrote out/queues.json.z (1 kinds)\n"
        assert json.loads((tmp_path / "out" / "index.json").read_text()) == {
            "systems": [
                {
                    "name": "queues", "title": "Queues", "origin": "example/queues, crds", "version": "1.2", "licence": "MIT",
                    "channel": "", "kinds": {"example.com/Queue": ["v1"]},
                }
            ]
        }  # fmt: skip

    def test_structure_is_kept_and_nothing_else(self, tmp_path):
        (tmp_path / "crd.yaml").write_text(CRD)
        path, _ = import_definitions([str(tmp_path / "crd.yaml")], str(tmp_path), "queues", "o", "v", "MIT")
        with open(path, "rb") as file:
            [body] = read_system(file.read())
        kind = read_definition(body)
        assert [version.name for version in kind.versions] == ["v1"]
        assert (kind.plural, kind.namespaced) == ("queues", True)
        schema = kind.versions[0].schema
        assert set(schema["properties"]) == {"apiVersion", "spec"}
        spec = schema["properties"]["spec"]
        size = {"type": "integer", "format": "int32", "minimum": 1, "maximum": 100}
        assert spec["properties"] == {
            "description": {"type": "string", "default": {"description": "kept"}}, "size": size, "most": size, "least": size,
            "pattern": {"type": "string", "pattern": "(?=a)"},
        }  # fmt: skip
        assert spec["properties"]["size"] is spec["properties"]["least"]
        assert spec["x-kubernetes-validations"][0] == {"rule": "self.size > 1", "message": "too small", "reason": "FieldValueInvalid"}
        assert set(spec) == {"type", "properties", "x-kubernetes-validations"}

    def test_a_second_system_and_the_first_again(self, tmp_path):
        (tmp_path / "crd.yaml").write_text(CRD)
        for name, version in (("b", "1"), ("a", "1"), ("b", "2")):
            import_definitions([str(tmp_path / "crd.yaml")], str(tmp_path), name, "o", version, "MIT")
        index = json.loads((tmp_path / "index.json").read_text())
        assert [(entry["name"], entry["version"]) for entry in index["systems"]] == [("a", "1"), ("b", "2")]

    def test_equal_input_makes_equal_files(self, tmp_path):
        (tmp_path / "crd.yaml").write_text(CRD)
        contents = []
        for _ in range(2):
            path, _ = import_definitions([str(tmp_path / "crd.yaml")], str(tmp_path), "queues", "o", "v", "MIT")
            with open(path, "rb") as file:
                contents.append(file.read())
        assert contents[0] == contents[1]

    @pytest.mark.parametrize(
        ("content", "name", "words"),
        [
            ("a: 1\n", "x", "holds no CustomResourceDefinition"),
            ("a: [\n", "x", "not valid YAML"),
            (CRD + "---\n" + CRD, "x", "define example.com/Queue twice"),
            (CRD, "../x", "write lower-case letters"),
            (None, "x", "No such file"),
        ],
    )
    def test_what_cannot_be_imported(self, run, tmp_path, content, name, words):
        if content is not None:
            (tmp_path / "crd.yaml").write_text(content)
        arguments = ["--name", name, *self.ARGUMENTS[2:]]
        done = run("schema", "import", "crd.yaml", "--output", "out", *arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert words in done.stderr
        assert not (tmp_path / "out").exists()

    @given(
        st.lists(
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=30),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(st.characters(exclude_characters="$"), max_size=4), inner, max_size=3)
                ),
                max_leaves=15,
            ),
            max_size=4,
        )
    )
    def test_what_is_shared_comes_back(self, bodies):
        import zlib

        parts, definitions = _shared([*bodies, *bodies])
        assert read_system(zlib.compress(json.dumps({"parts": parts, "definitions": definitions}).encode())) == [*bodies, *bodies]


class TestImportKubernetes:
    def test_no_package(self, run, tmp_path):
        done = run("schema", "import-kubernetes", "--package", "empty", "--output", "out", cwd=tmp_path)
        assert done.returncode == 2
        assert not (tmp_path / "out").exists()


class TestShippedFiles:
    def test_each_file_is_in_the_index_and_each_system_has_its_file(self):
        folder = shipped.path("schemas", "crds")
        assert {name for name in os.listdir(folder) if name.endswith(".z")} == {f"{system.name}.json.z" for system in systems()}
        for system in systems():
            assert all((system.title, system.origin, system.version, system.licence)), system
            kinds = {}
            for body in read_system(shipped.read("schemas", "crds", f"{system.name}.json.z")):
                kind = read_definition(body)
                kinds[f"{kind.group}/{kind.kind}"] = kind.served
            assert kinds == dict(system.kinds)

    def test_every_schema_can_be_used(self):
        for system in systems():
            for body in read_system(shipped.read("schemas", "crds", f"{system.name}.json.z")):
                kind = read_definition(body)
                for version in kind.versions:
                    compiled = CompiledVersion(version, f"{kind.group}/{version.name}", kind.kind)
                    assert compiled.schema is not None
                    assert compiled.unusable_patterns == ()

    def test_they_are_small(self):
        folder = shipped.path("schemas", "crds")
        assert sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)) < 60_000

    def test_no_words_of_others_but_those_of_their_rules(self):
        text = "".join(str(read_system(shipped.read("schemas", "crds", f"{system.name}.json.z"))) for system in systems())
        assert "'description': '" not in text


def test_importing_needs_a_definition(tmp_path):
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(UsageError, match="holds no"):
        import_definitions([str(tmp_path / "a.json")], str(tmp_path), "a", "o", "v", "MIT")
