"""What is called exact is proven: altering the scalar at the place alters the built one."""

from __future__ import annotations

import itertools
import json
import random
import re
import shutil
import tempfile
from typing import Any

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kustomize_builds import Builder, builder_of

from linter.model import Location, Route, dig
from linter.provenance.kustomize import WantedNode, trace
from linter.provenance.kustomize.matching import body_of
from linter.rendering.kustomize.requests import BuiltRoot, KustomizeRequest

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")

# Few values, so that the same one stands in many places.
WORDS = st.sampled_from(["a", "red", "nginx:1", "nginx", "1", "true", "two words", "ü: #x", "web"])
NUMBERS = st.sampled_from([1, 2, 3, 8080])
IMAGES = st.sampled_from(["nginx", "nginx:1", "reg.io/nginx:1", "red", "web:red"])


@st.composite
def containers(draw: st.DrawFn, names: tuple[str, ...] = ("web", "red", "c")) -> list[dict[str, Any]]:
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    made = []
    for name in chosen:
        container: dict[str, Any] = {"name": name, "image": draw(IMAGES)}
        if draw(st.booleans()):
            container["env"] = [
                {"name": key, "value": draw(WORDS)} for key in draw(st.lists(st.sampled_from(["A", "B"]), unique=True, min_size=1))
            ]
        if draw(st.booleans()):
            container["tty"] = draw(st.booleans())
        if draw(st.booleans()):
            container["command"] = draw(st.lists(WORDS, min_size=1, max_size=3))
        if draw(st.booleans()):
            container["resources"] = {"limits": {"cpu": draw(NUMBERS), "memory": draw(WORDS)}}
        made.append(container)
    return made


@st.composite
def deployment(draw: st.DrawFn, patch: bool = False) -> dict[str, Any]:
    spec: dict[str, Any] = {"template": {"spec": {"containers": draw(containers())}}}
    if draw(st.booleans()):
        spec["replicas"] = draw(NUMBERS)
    if draw(st.booleans()):
        spec["paused"] = draw(st.booleans())
    if draw(st.booleans()):
        spec["template"]["spec"]["hostNetwork"] = draw(st.booleans())
    if draw(st.booleans()):
        spec["template"]["metadata"] = {"labels": {"app": draw(WORDS)}}
    metadata: dict[str, Any] = {"name": "web"}
    if draw(st.booleans()):
        metadata["annotations"] = {"note": draw(WORDS), "web": draw(WORDS)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


@st.composite
def operations(draw: st.DrawFn) -> list[dict[str, Any]]:
    choices: list[dict[str, Any]] = [
        {"op": "add", "path": "/spec/replicas", "value": draw(NUMBERS)},
        {"op": "add", "path": "/spec/paused", "value": draw(st.booleans())},
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": draw(IMAGES)},
        {
            "op": "add",
            "path": "/spec/template/spec/containers/-",
            "value": {"name": "late", "image": draw(IMAGES), "tty": draw(st.booleans())},
        },
        {"op": "add", "path": "/metadata/annotations", "value": {"note": draw(WORDS)}},
    ]
    return draw(st.lists(st.sampled_from(choices), min_size=1, max_size=2, unique_by=lambda entry: entry["path"]))


@st.composite
def roots(draw: st.DrawFn) -> dict[str, str]:
    """Two or three levels of kustomizations over one Deployment; everything in JSON or as indented YAML."""
    files = {"base/web.yaml": written(draw, draw(deployment())), "base/kustomization.yaml": "resources: [web.yaml]\n"}
    below = "base"
    for level in ("mid", "over")[: draw(st.integers(1, 2))]:
        body: dict[str, Any] = {"resources": [f"../{below}"], "patches": []}
        for number in range(draw(st.integers(0, 2))):
            patch = written(draw, draw(st.one_of(deployment(), operations())))
            if draw(st.booleans()):
                files[f"{level}/p{number}.yaml"] = patch
                body["patches"].append({"path": f"p{number}.yaml", "target": {"kind": "Deployment"}})
            else:
                body["patches"].append({"patch": patch, "target": {"kind": "Deployment"}})
        if draw(st.booleans()):
            body["images"] = [{"name": "nginx", draw(st.sampled_from(["newTag", "newName"])): draw(st.sampled_from(["1", "red", "nginx"]))}]
        if draw(st.booleans()):
            body["commonAnnotations"] = {"note": draw(WORDS)}
        if draw(st.booleans()):
            body["labels"] = [{"pairs": {"app": draw(WORDS)}, "includeTemplates": draw(st.booleans())}]
        if draw(st.booleans()):
            body["namespace"] = draw(st.sampled_from(["web", "red"]))
        if draw(st.booleans()):
            body["configMapGenerator"] = [{"name": f"conf-{level}", "literals": [f"A={draw(WORDS)}", f"B={draw(WORDS)}"]}]
        files[f"{level}/kustomization.yaml"] = written(draw, body)
        below = level
    return files


def written(draw: st.DrawFn, value: Any) -> str:
    """A value as text: JSON on one line, or YAML with indented collections and scalars in JSON."""
    return json.dumps(value, ensure_ascii=False) + "\n" if draw(st.integers(0, 3)) == 0 else "\n".join(lines(value)) + "\n"


def lines(value: Any) -> list[str]:
    if isinstance(value, dict):
        entries = [(f"{json.dumps(key)}:", inner) for key, inner in value.items()]
    elif isinstance(value, list):
        entries = [("-", inner) for inner in value]
    else:
        return [json.dumps(value, ensure_ascii=False)]
    found = []
    for start, inner in entries:
        if isinstance(inner, dict | list) and inner:
            found += [start, *(f"  {line}" for line in lines(inner))]
        elif isinstance(inner, str) and "\n" in inner:
            found += [f"{start} |", *(f"  {line}" for line in inner.splitlines())]
        else:
            found.append(f"{start} {json.dumps(inner, ensure_ascii=False)}")
    return found


def scalars(value: Any, route: Route = ()) -> list[Route]:
    if isinstance(value, dict):
        return list(itertools.chain.from_iterable(scalars(inner, (*route, key)) for key, inner in value.items()))
    if isinstance(value, list):
        return list(itertools.chain.from_iterable(scalars(inner, (*route, number)) for number, inner in enumerate(value)))
    return [route]


def altered(builder: Builder, place: Location) -> bytes:
    """A file with another scalar at a place."""
    text = builder.read(place.path).decode()
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    start, end = starts[place.line - 1] + place.column - 1, starts[place.end_line - 1] + place.end_column - 1
    old = text[start:end]
    if old in ("true", "false"):
        new = "false" if old == "true" else "true"
    elif old.isdigit():
        new = str(int(old) + 1)
    elif old.endswith('\\"'):
        new = old[:-2] + 'x\\"'
    else:
        new = old[:-1] + "x" + old[-1] if old[-1] in "'\"" else old + "x"
    return (text[:start] + new + text[end:]).encode()


SKIPPED = {("apiVersion",), ("kind",), ("metadata", "name")}


@settings(max_examples=examples(4), deadline=None, suppress_health_check=list(HealthCheck))
@given(files=roots(), data=st.data())
def test_altering_what_is_called_exact_alters_what_is_built(files, data):
    check(files, data.draw(st.integers(0, 10**6)), 6)


def check(files: dict[str, str], seed: int, count: int) -> list[str]:
    """Traces some scalars of the outermost root and checks those called exact. Returns the precisions."""
    with tempfile.TemporaryDirectory() as directory:
        builder = builder_of(directory, files)
        root = builder.root("over" if "over/kustomization.yaml" in files else "mid")
        if root.failures:
            return []
        bodies = [body_of(entry) for entry in root.objects]
        wanted = [WantedNode(number, route) for number, body in enumerate(bodies) for route in scalars(body) if route not in SKIPPED]
        wanted = random.Random(seed).sample(wanted, min(count, len(wanted)))
        found = trace([(root, wanted)], builder, builder.read)[0]
        for node, authored in found.items():
            if authored.location.precision == "exact":
                again = _again(builder, root, authored.location)
                assert again.failures or dig(body_of(again.objects[node.object]), *node.route) != dig(bodies[node.object], *node.route), (
                    node,
                    authored.location,
                    files,
                )
        return [authored.location.precision for authored in found.values()]


def _again(builder: Builder, root: BuiltRoot, place: Location) -> BuiltRoot:
    return next(builder([KustomizeRequest(root.request.path, overrides={place.path: altered(builder, place)})]))
