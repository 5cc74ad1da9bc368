"""Places in what Kustomize builds, back to the line of the author: one test for each way in which a value gets there."""

from __future__ import annotations

import shutil

import pytest
from kustomize_builds import Builder, builder_of

from linter.model import Location, Route, dig
from linter.provenance.kustomize import AuthoredNode, WantedNode, authored_names, declared_at, trace
from linter.provenance.kustomize.matching import body_of
from linter.rendering.kustomize.requests import BuiltObject, BuiltRoot, KustomizeRequest

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 2
  template:
    metadata:
      labels:
        app: web
    spec:
      hostNetwork: true
      containers:
        - name: main
          image: nginx:1.25
          ports:
            - containerPort: 8080
          env:
            - name: MODE
              value: fast
        - name: side
          image: busybox:1
          securityContext:
            privileged: true
"""
BASE = {"base/web.yaml": DEPLOYMENT, "base/kustomization.yaml": "resources:\n  - web.yaml\n"}
CONTAINERS: Route = ("spec", "template", "spec", "containers")


def node(
    tmp_path: str, files: dict[str, str], kind: str, route: Route, root: str = "over", on: str = "value", builder: Builder | None = None
) -> tuple[AuthoredNode, str]:
    """The author's place of a route in the first object of a kind, and the text there."""
    builder = builder or builder_of(tmp_path, files)
    built = builder.root(root)
    assert not built.failures, built.failures
    number = next(n for n, entry in enumerate(built.objects) if body_of(entry)["kind"] == kind)
    wanted = WantedNode(number, route, on)
    found = trace([(built, [wanted])], builder, builder.read)[0][wanted]
    return found, covered(builder, found.location)


def covered(builder: Builder, location: Location) -> str:
    """The text that a location covers."""
    lines = builder.read(location.path).decode().replace("\r\n", "\n").split("\n")
    if location.line == location.end_line:
        return lines[location.line - 1][location.column - 1 : location.end_column - 1]
    inner = lines[location.line : location.end_line - 1]
    return "\n".join([lines[location.line - 1][location.column - 1 :], *inner, lines[location.end_line - 1][: location.end_column - 1]])


def where(found: AuthoredNode) -> str:
    """A place as `path:line:column precision`."""
    at = found.location
    return f"{at.path}:{at.line}:{at.column} {at.precision}"


def over(kustomization: str, **files: str) -> dict[str, str]:
    """An overlay over BASE; names of files have `__` for the dot."""
    extra = {f"over/{name.replace('__', '.')}": text for name, text in files.items()}
    return {**BASE, "over/kustomization.yaml": "resources:\n  - ../base\n" + kustomization, **extra}


MERGE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 5
  template:
    spec:
      containers:
        - name: main
          image: nginx:1.26
          resources:
            limits:
              memory: 1Gi
        - name: added
          image: extra:3
          tty: true
"""
INLINE = "patches:\n  - patch: |-\n" + "".join(f"      {line}\n" for line in MERGE.splitlines())
JSON_PATCH = """\
- op: replace
  path: /spec/replicas
  value: 7
- op: add
  path: /spec/template/spec/containers/-
  value:
    name: third
    image: third:9
- op: replace
  path: /spec/template/spec/hostNetwork
  value: false
"""
DELETE = (
    MERGE.partition("  replicas")[0]
    + """\
  template:
    spec:
      containers:
        - name: main
          $patch: delete
"""
)
TOP = """\
resources: [../over]
namePrefix: top-
patches:
  - patch: |
      - {op: replace, path: /spec/replicas, value: COUNT}
    target: {kind: Deployment}
"""
REPLACEMENT = """\
replacements:
  - source: {kind: ConfigMap, name: from, fieldPath: data.zone}
    targets:
      - select: {kind: Deployment}
"""
TARGET = "    target:\n      kind: Deployment\n"

CASES = {
    "base value": (over(""), (*CONTAINERS, 0, "image"), "base/web.yaml:17:18 exact", "nginx:1.25"),
    "base number": (over(""), ("spec", "replicas"), "base/web.yaml:8:13 exact", "2"),
    "base boolean": (over(""), (*CONTAINERS, 1, "securityContext", "privileged"), "base/web.yaml:26:25 exact", "true"),
    "base item without a field": (over(""), (*CONTAINERS, 0, "livenessProbe"), "base/web.yaml:16:11 exact", "name: main"),
    "base mapping": (over(""), (*CONTAINERS, 1, "securityContext"), "base/web.yaml:25:11 exact", "securityContext"),
    "missing field of a mapping": (
        over(""),
        (*CONTAINERS, 1, "securityContext", "runAsUser"),
        "base/web.yaml:25:11 exact",
        "securityContext",
    ),
    "missing field of the object": (over(""), ("spec", "strategy"), "base/web.yaml:7:1 exact", "spec"),
    "the object": (over(""), (), "base/web.yaml:2:7 exact", "Deployment"),
    "kind": (over("namePrefix: p-\n"), ("kind",), "base/web.yaml:2:7 exact", "Deployment"),
    "name with prefix and suffix": (over("namePrefix: p-\nnameSuffix: -s\n"), ("metadata", "name"), "base/web.yaml:4:9 exact", "web"),
    "name of a container": (over(""), (*CONTAINERS, 1, "name"), "base/web.yaml:23:17 exact", "side"),
    "merge key that is a number": (over(""), (*CONTAINERS, 0, "ports", 0, "containerPort"), "base/web.yaml:19:30 exact", "8080"),
    "value of a variable": (over(""), (*CONTAINERS, 0, "env", 0, "value"), "base/web.yaml:22:22 exact", "fast"),
    "patch file": (over("patches:\n  - path: p.yaml\n", p__yaml=MERGE), ("spec", "replicas"), "over/p.yaml:6:13 exact", "5"),
    "patch file, image": (
        over("patches:\n  - path: p.yaml\n", p__yaml=MERGE),
        (*CONTAINERS, 0, "image"),
        "over/p.yaml:11:18 exact",
        "nginx:1.26",
    ),
    "old style patch file": (
        over("patchesStrategicMerge:\n  - p.yaml\n", p__yaml=MERGE),
        ("spec", "replicas"),
        "over/p.yaml:6:13 exact",
        "5",
    ),
    "container of a patch": (
        over("patches:\n  - path: p.yaml\n", p__yaml=MERGE),
        (*CONTAINERS, 1, "livenessProbe"),
        "over/p.yaml:15:11 exact",
        "name: added",
    ),
    "boolean of a patch": (over("patches:\n  - path: p.yaml\n", p__yaml=MERGE), (*CONTAINERS, 1, "tty"), "over/p.yaml:17:16 exact", "true"),
    "mapping of a patch": (
        over("patches:\n  - path: p.yaml\n", p__yaml=MERGE),
        (*CONTAINERS, 0, "resources", "limits", "cpu"),
        "over/p.yaml:13:13 exact",
        "limits",
    ),
    "base beside a patch": (
        over("patches:\n  - path: p.yaml\n", p__yaml=MERGE),
        (*CONTAINERS, 2, "image"),
        "base/web.yaml:24:18 exact",
        "busybox:1",
    ),
    "patched container without a field": (
        over("patches:\n  - path: p.yaml\n", p__yaml=MERGE),
        (*CONTAINERS, 0, "livenessProbe"),
        "base/web.yaml:16:11 exact",
        "name: main",
    ),
    "inline patch": (over(INLINE), ("spec", "replicas"), "over/kustomization.yaml:10:19 exact", "5"),
    "inline patch, image": (over(INLINE), (*CONTAINERS, 0, "image"), "over/kustomization.yaml:15:24 exact", "nginx:1.26"),
    "inline patch, container": (over(INLINE), (*CONTAINERS, 1, "livenessProbe"), "over/kustomization.yaml:19:17 exact", "name: added"),
    "inline patch of one line": (
        over('patches:\n  - patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 6}]\'\n' + TARGET),
        ("spec", "replicas"),
        "over/kustomization.yaml:4:67 exact",
        "6",
    ),
    "JSON patch file": (
        over("patches:\n  - path: p.yaml\n" + TARGET, p__yaml=JSON_PATCH),
        ("spec", "replicas"),
        "over/p.yaml:3:10 exact",
        "7",
    ),
    "JSON patch file, item": (
        over("patches:\n  - path: p.yaml\n" + TARGET, p__yaml=JSON_PATCH),
        (*CONTAINERS, 2, "ports"),
        "over/p.yaml:7:5 exact",
        "name: third",
    ),
    "JSON patch file, image": (
        over("patches:\n  - path: p.yaml\n" + TARGET, p__yaml=JSON_PATCH),
        (*CONTAINERS, 2, "image"),
        "over/p.yaml:8:12 exact",
        "third:9",
    ),
    "JSON patch, boolean": (
        over("patches:\n  - path: p.yaml\n" + TARGET, p__yaml=JSON_PATCH),
        ("spec", "template", "spec", "hostNetwork"),
        "over/p.yaml:11:10 exact",
        "false",
    ),
    "JSON patch inline": (
        over(
            "patches:\n  - target:\n      kind: Deployment\n    patch: |-\n"
            + "".join(f"      {line}\n" for line in JSON_PATCH.splitlines())
        ),
        ("spec", "replicas"),
        "over/kustomization.yaml:9:16 exact",
        "7",
    ),
    "JSON patch in JSON": (
        over(
            "patchesJson6902:\n  - path: p.json\n    target: {version: v1, group: apps, kind: Deployment, name: web}\n",
            p__json='[\n  {"op": "replace", "path": "/spec/replicas", "value": 8}\n]\n',
        ),
        ("spec", "replicas"),
        "over/p.json:2:56 exact",
        "8",
    ),
    "removed by a merge": (
        over(
            "patches:\n  - path: p.yaml\n",
            p__yaml="apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: null\n",
        ),
        ("spec", "replicas"),
        "over/p.yaml:5:13 exact",
        "null",
    ),
    "removed by an operation": (
        over("patches:\n  - path: p.yaml\n" + TARGET, p__yaml="- op: remove\n  path: /spec/replicas\n"),
        ("spec", "replicas"),
        "over/p.yaml:2:9 exact",
        "/spec/replicas",
    ),
    "removed by an operation in JSON": (
        over('patches:\n  - patch: \'[{"op": "remove", "path": "/spec/replicas"}]\'\n' + TARGET),
        ("spec", "replicas"),
        "over/kustomization.yaml:4:39 exact",
        '"/spec/replicas"',
    ),
    "list from which a patch deletes": (
        over("patches:\n  - path: p.yaml\n", p__yaml=DELETE),
        CONTAINERS,
        "base/web.yaml:15:7 exact",
        "containers",
    ),
    "beside a deleted item": (
        over("patches:\n  - path: p.yaml\n", p__yaml=DELETE),
        (*CONTAINERS, 0, "image"),
        "base/web.yaml:24:18 exact",
        "busybox:1",
    ),
    "tag of an image": (
        over("images:\n  - name: nginx\n    newTag: '1.27'\n"),
        (*CONTAINERS, 0, "image"),
        "over/kustomization.yaml:5:13 exact",
        "'1.27'",
    ),
    "name and tag of an image": (
        over("images:\n  - name: nginx\n    newName: quay.io/nginx\n    newTag: v3\n"),
        (*CONTAINERS, 0, "image"),
        "over/kustomization.yaml:6:13 exact",
        "v3",
    ),
    "digest of an image": (
        over(f"images:\n  - name: nginx\n    digest: sha256:{'a' * 64}\n"),
        (*CONTAINERS, 0, "image"),
        "over/kustomization.yaml:5:13 exact",
        f"sha256:{'a' * 64}",
    ),
    "image that is not replaced": (
        over("images:\n  - name: nginx\n    newTag: v3\n"),
        (*CONTAINERS, 1, "image"),
        "base/web.yaml:24:18 exact",
        "busybox:1",
    ),
    "replicas": (over("replicas:\n  - name: web\n    count: 4\n"), ("spec", "replicas"), "over/kustomization.yaml:5:12 exact", "4"),
    "common labels": (
        over("commonLabels:\n  team: red\n"),
        ("spec", "template", "metadata", "labels", "team"),
        "over/kustomization.yaml:4:9 exact",
        "red",
    ),
    "key of a common label": (
        over("commonLabels:\n  team: red\n"),
        ("metadata", "labels", "team"),
        "over/kustomization.yaml:4:3 exact",
        "team",
    ),
    "labels": (
        over("labels:\n  - pairs:\n      team: blue\n"),
        ("metadata", "labels", "team"),
        "over/kustomization.yaml:5:13 exact",
        "blue",
    ),
    "common label over the base's": (
        over("commonLabels:\n  app: other\n"),
        ("metadata", "labels", "app"),
        "over/kustomization.yaml:4:8 exact",
        "other",
    ),
    "common annotations": (
        over("commonAnnotations:\n  a.b/c: 'true'\n"),
        ("metadata", "annotations", "a.b/c"),
        "over/kustomization.yaml:4:10 exact",
        "'true'",
    ),
    "namespace": (over("namespace: shop\n"), ("metadata", "namespace"), "over/kustomization.yaml:3:12 exact", "shop"),
    "component": (
        {
            **over("components:\n  - ../part\n"),
            "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - path: p.yaml\n",
            "part/p.yaml": MERGE,
        },
        ("spec", "replicas"),
        "part/p.yaml:6:13 exact",
        "5",
    ),
    "replacement": (
        {
            **over(REPLACEMENT + "        fieldPaths: ['spec.template.spec.containers.[name=main].env.[name=MODE].value']\n"),
            "base/from.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from\ndata:\n  zone: north\n",
            "base/kustomization.yaml": "resources: [web.yaml, from.yaml]\n",
        },
        (*CONTAINERS, 0, "env", 0, "value"),
        "base/from.yaml:6:9 exact",
        "north",
    ),
    "replacement of a part": (
        {
            **over(
                REPLACEMENT + "        fieldPaths: [spec.template.spec.containers.0.image]\n        options: {delimiter: ':', index: 1}\n"
            ),
            "base/from.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from\ndata:\n  zone: north\n",
            "base/kustomization.yaml": "resources: [web.yaml, from.yaml]\n",
        },
        (*CONTAINERS, 0, "image"),
        "base/from.yaml:6:9 exact",
        "north",
    ),
    "three levels": (
        {
            **over(""),
            "top/kustomization.yaml": TOP.replace("COUNT", "9"),
        },
        (*CONTAINERS, 0, "image"),
        "base/web.yaml:17:18 exact",
        "nginx:1.25",
    ),
    "the outermost patch wins": (
        {
            **over(INLINE),
            "top/kustomization.yaml": TOP.replace("COUNT", "5"),
        },
        ("spec", "replicas"),
        "top/kustomization.yaml:5:52 exact",
        "5",
    ),
}


@pytest.fixture(scope="module")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[AuthoredNode, str]]:
    """What is found for each of CASES; those with the same files are one root, traced together."""
    roots: dict[str, tuple[Builder, BuiltRoot, dict[str, WantedNode]]] = {}
    for name, (files, route, _, text) in CASES.items():
        if repr(files) not in roots:
            builder = builder_of(str(tmp_path_factory.mktemp("root")), files)
            roots[repr(files)] = builder, builder.root("top" if "top/kustomization.yaml" in files else "over"), {}
        _, built, wanted = roots[repr(files)]
        assert not built.failures, built.failures
        number = next(n for n, entry in enumerate(built.objects) if body_of(entry)["kind"] == "Deployment")
        wanted[name] = WantedNode(number, route, "key" if text == "team" else "value")
    results = {}
    for builder, built, wanted in roots.values():
        found = trace([(built, list(wanted.values()))], builder, builder.read)[0]
        results.update({name: (found[entry], covered(builder, found[entry].location)) for name, entry in wanted.items()})
    return results


@pytest.mark.parametrize("name", CASES)
def test_a_value_of_a_deployment(deployments, name):
    found, text = deployments[name]
    assert (where(found), text) == CASES[name][2:]


GENERATOR = """\
configMapGenerator:
  - name: settings
    literals:
      - LEVEL=info
      - 'QUOTED="two words"'
    files:
      - app.ini
      - other.ini=app.ini
    envs:
      - some.env
secretGenerator:
  - name: pass
    literals: [password=hunter2]
    type: kubernetes.io/basic-auth
"""
GENERATED = {"over/kustomization.yaml": GENERATOR, "over/app.ini": "[a]\nb=1\n", "over/some.env": "# note\nFIRST=1\n  SECOND=two=2\n"}


@pytest.mark.parametrize(
    ("kind", "route", "place", "text"),
    [
        ("ConfigMap", ("data", "LEVEL"), "over/kustomization.yaml:4:9 exact", "LEVEL=info"),
        ("ConfigMap", ("data", "QUOTED"), "over/kustomization.yaml:5:9 exact", "'QUOTED=\"two words\"'"),
        ("ConfigMap", ("data", "app.ini"), "over/app.ini:1:1 exact", "[a]\nb=1"),
        ("ConfigMap", ("data", "SECOND"), "over/some.env:3:10 exact", "two=2"),
        ("ConfigMap", ("metadata", "name"), "over/kustomization.yaml:2:11 exact", "settings"),
        ("ConfigMap", ("metadata", "labels"), "over/kustomization.yaml:2:11 exact", "settings"),
        ("ConfigMap", ("immutable",), "over/kustomization.yaml:2:11 exact", "settings"),
        ("Secret", ("data", "password"), "over/kustomization.yaml:13:16 exact", "password=hunter2"),
        ("Secret", ("type",), "over/kustomization.yaml:14:11 exact", "kubernetes.io/basic-auth"),
        ("Secret", ("kind",), "over/kustomization.yaml:12:11 object", "pass"),
    ],
)
def test_a_value_of_a_generator(tmp_path, kind, route, place, text):
    found, covered_text = node(tmp_path, GENERATED, kind, route)
    assert (where(found), covered_text) == (place, text)


def test_the_entry_of_a_kustomization_explains_a_file(tmp_path):
    found, _ = node(tmp_path, over("patches:\n  - path: p.yaml\n", p__yaml=MERGE), "Deployment", ("spec", "replicas"))
    related = [(entry.message, entry.location.path, entry.location.line, entry.location.column) for entry in found.related]
    assert related == [
        ("this kustomization applies the patch", "over/kustomization.yaml", 4, 11),
        ("the base has its own value here", "base/web.yaml", 8, 13),
    ]


def test_a_merged_generator_has_the_value_of_the_outer_one(tmp_path):
    outer = "resources: [../over]\nconfigMapGenerator:\n  - name: settings\n    behavior: merge\n    literals: [LEVEL=debug]\n"
    files = {**GENERATED, "top/kustomization.yaml": outer}
    found, text = node(tmp_path, files, "ConfigMap", ("data", "LEVEL"), "top")
    assert (where(found), text) == ("top/kustomization.yaml:5:16 exact", "LEVEL=debug")


MANIFESTS = {
    "several documents": (
        {"a.yaml": "# one\n---\napiVersion: v1\nkind: Service\nmetadata: {name: one}\nspec: {type: NodePort}\n---\n"
                   "apiVersion: v1\nkind: Pod\nmetadata: {name: two}\nspec: {nodeName: here}\n"},
        ("spec", "nodeName"), "over/a.yaml:11:18 exact", "here",
    ),
    "JSON": (
        {"a.json": '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "two"},\n "spec": {"nodeName": "here"}}\n'},
        ("spec", "nodeName"), "over/a.json:2:23 exact", '"here"',
    ),
    "list": (
        {"a.yaml": "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Service\n    metadata: {name: one}\n"
                   "  - apiVersion: v1\n    kind: Pod\n    metadata: {name: two}\n    spec: {nodeName: here, hostPID: true}\n"},
        ("spec", "nodeName"), "over/a.yaml:10:22 exact", "here",
    ),
    "object in a list": (
        {"a.yaml": "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Service\n    metadata: {name: one}\n"
                   "  - apiVersion: v1\n    kind: Pod\n    metadata: {name: two}\n    spec: {nodeName: here, hostPID: true}\n"},
        ("kind",), "over/a.yaml:8:11 exact", "Pod",
    ),
    "CRLF": (
        {"a.yaml": "apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: two\r\nspec:\r\n  nodeName: here\r\n"},
        ("spec", "nodeName"), "over/a.yaml:6:13 exact", "here",
    ),
    "flow style": (
        {"a.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: two}, spec: {hostPID: true, nodeName: 'here'}}\n"},
        ("spec", "nodeName"), "over/a.yaml:1:84 exact", "'here'",
    ),
    "boolean in flow style": (
        {"a.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: two}, spec: {hostPID: true, nodeName: 'here'}}\n"},
        ("spec", "hostPID"), "over/a.yaml:1:68 exact", "true",
    ),
    "anchor": (
        {"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: two\n  labels: {zone: &z here}\nspec:\n  nodeName: *z\n"},
        ("metadata", "labels", "zone"), "over/a.yaml:5:18 exact", "&z here",
    ),
    "alias": (
        {"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: two\n  labels: {zone: &z here}\nspec:\n  nodeName: *z\n"},
        ("spec", "nodeName"), "over/a.yaml:7:13 exact", "*z",
    ),
    "non-ASCII before it": (
        {"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: two}\nspec: {\"é😀\": 'ü', nodeName: here}\n"},
        ("spec", "nodeName"), "over/a.yaml:4:29 exact", "here",
    ),
    "block scalar": (
        {"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: two}\nspec:\n  nodeName: |\n    first\n    'second'\n  hostPID: true\n"},
        ("spec", "nodeName"), "over/a.yaml:5:13 exact", "|\n    first\n    'second'",
    ),
    "null": (
        {"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: two}\nspec:\n  nodeName: null\n"},
        ("spec", "nodeName"), "over/a.yaml:5:13 exact", "null",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "route", "place", "text"), MANIFESTS.values(), ids=MANIFESTS)
def test_the_ways_to_write_a_manifest(tmp_path, files, route, place, text):
    name = next(iter(files))
    everything = {f"over/{name}": files[name], "over/kustomization.yaml": f"resources: [{name}]\n"}
    found, covered_text = node(tmp_path, everything, "Pod", route)
    assert (where(found), covered_text) == (place, text)


def test_overlays_of_one_base_share_the_authored_names(tmp_path):
    files = {
        **over("namePrefix: a-\n"),
        "base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: conf, literals: [A=1]}]\n",
    }
    files["other/kustomization.yaml"] = "resources: [../base]\nnamePrefix: b-\nnameSuffix: -x\n"
    builder = builder_of(tmp_path, files)
    one, two = builder.root("over"), builder.root("other")
    count = builder.count
    names = [authored_names(root, builder.read) for root in (one, two)]
    assert names == [["conf", "web"], ["conf", "web"]]
    places = [[(place.path, place.line, place.column) for place in declared_at(root, builder.read)] for root in (one, two)]
    assert places == [[("base/kustomization.yaml", 2, 29), ("base/web.yaml", 2, 7)]] * 2
    assert builder.count == count


def test_a_prefix_does_not_confuse_names_that_begin_alike(tmp_path):
    objects = "---\n".join(f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n" for name in ("web", "web-api", "api"))
    builder = builder_of(tmp_path, {"over/a.yaml": objects, "over/kustomization.yaml": "resources: [a.yaml]\nnameSuffix: -api\n"})
    root = builder.root("over")
    names = dict(zip((body_of(entry)["metadata"]["name"] for entry in root.objects), authored_names(root, builder.read), strict=True))
    assert names == {"web-api": "web", "web-api-api": "web-api", "api-api": "api"}


def test_many_roots_are_built_in_one_call_per_round(tmp_path):
    files = over(INLINE)
    for number in range(4):
        files[f"env{number}/kustomization.yaml"] = "resources: [../over]\n"
    builder = builder_of(tmp_path, files)
    roots = [builder.root(f"env{number}") for number in range(4)]
    calls = []

    def build(requests):
        calls.append(len(requests))
        return reversed(list(builder(requests)))

    wanted = [WantedNode(0, ("spec", "replicas")), WantedNode(0, (*CONTAINERS, 0, "image"))]
    for found in trace([(root, wanted) for root in roots], build, builder.read):
        assert {entry.location.line for entry in found.values()} == {10, 15}
    assert calls == [4]


def test_a_build_that_fails_proves_nothing_and_fewer_marks_are_tried(tmp_path):
    files = over(
        "patches:\n  - path: p.yaml\n" + TARGET,
        p__yaml="- op: test\n  path: /spec/replicas\n  value: 2\n- op: replace\n  path: /spec/replicas\n  value: 3\n",
    )
    found, text = node(tmp_path, files, "Deployment", ("spec", "replicas"))
    assert (where(found), text) == ("over/p.yaml:6:10 exact", "3")


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_of_booleans_at_many_levels_the_last_decides(tmp_path, levels):
    files = {"l0/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true, hostIPC: true}\n"}
    files["l0/kustomization.yaml"] = "resources: [a.yaml]\n"
    for level in range(1, levels + 1):
        patch = "patches:\n  - patch: |-\n      - {op: add, path: /spec/hostPID, value: true}\n    target: {kind: Pod}\n"
        files[f"l{level}/kustomization.yaml"] = f"resources: [../l{level - 1}]\n{patch}"
    builder = builder_of(tmp_path, files)
    root = builder.root(f"l{levels}")
    wanted = [WantedNode(0, ("spec", "hostPID")), WantedNode(0, ("spec", "hostIPC"))]
    found = trace([(root, wanted)], builder, builder.read)[0]
    assert [where(found[entry]) for entry in wanted] == [f"l{levels}/kustomization.yaml:4:47 exact", "l0/a.yaml:4:32 exact"]


def test_what_an_application_sets_is_not_placed_on_the_base(tmp_path):
    builder = builder_of(tmp_path, over(""))
    plain = builder.root("over")
    text = plain.objects[0].text.replace("replicas: 2", "replicas: 4")
    objects = (BuiltObject("base/web.yaml", text),)

    def build(requests):
        return [BuiltRoot(request, objects, (), plain.files) for request in requests]

    request = KustomizeRequest("over", {"replicas": [{"name": "web", "count": 4}]})
    wanted = WantedNode(0, ("spec", "replicas"))
    found = trace([(BuiltRoot(request, objects, (), plain.files), [wanted])], build, builder.read)[0][wanted]
    assert where(found) == "base/web.yaml:2:7 object"


def test_nothing_to_trace_builds_nothing(tmp_path):
    builder = builder_of(tmp_path, over(""))
    root = builder.root("over")

    def build(requests: object) -> list[BuiltRoot]:
        raise AssertionError(requests)

    wanted = [WantedNode(0, ("kind",)), WantedNode(0, ())]
    assert [entry.location.line for entry in trace([(root, wanted)], build, builder.read)[0].values()] == [2, 2]
    assert dig(body_of(root.objects[0]), "kind") == "Deployment"
