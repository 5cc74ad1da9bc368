"""The architecture as a test: who may import whom, and who may touch which library."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# From top to bottom; a module imports only from lower rows. Rooms in one row do not know each other, except as listed.
LAYERS = [
    {"cli"},
    {"engine"},
    {"packs", "suppression", "baseline", "report", "config", "inference", "importing"},
    {"rendering", "discovery", "provenance"},
    {"manifest", "repository", "istio", "externaldns", "argocd"},
    {"kubernetes"},
    {"cel", "errors", "explaining", "globs"},
    {"model", "versions", "version", "shipped"},
]
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
NEIGHBOURS = {
    ("discovery", "rendering"),  # finding a chart and knowing what is in it is one subject
    ("provenance", "rendering"),  # both read the language of templates
}
# Libraries with one home, or that must not load before they are needed.
HOMES = {
    "_ruamel_yaml": {"manifest"},
    "ruamel": {"manifest"},
    "yaml": set(),
    "helm_python": {"rendering"},
    "git": {"repository"},
    "typer": {"cli"},
    "click": {"cli", "__main__"},
    "jsonschema": {"explaining", "kubernetes"},
    "cel_expr_python": {"cel"},
}
LATE = {"jsonschema", "jsonschema_rs", "subprocess", "multiprocessing", "tempfile", "difflib", "tarfile", "helm_python", "cel_expr_python"}
# Modules that are themselves imported late, so that they may import what they need at the top.
LATE_MODULES = {"linter/rendering/"}


def modules(folder: str) -> Iterator[tuple[str, ast.Module]]:
    for directory, _, names in os.walk(os.path.join(ROOT, folder)):
        for name in names:
            if name.endswith(".py"):
                path = os.path.join(directory, name)
                with open(path, encoding="utf-8") as file:
                    yield os.path.relpath(path, ROOT), ast.parse(file.read())


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: str) -> str:
    return path.split(os.sep)[1].removesuffix(".py")


def test_every_room_has_a_layer():
    rooms = {room_of(path) for path, _ in modules("linter")} - {"__init__", "__main__"}
    assert rooms <= set(RANK), f"give these a layer: {sorted(rooms - set(RANK))}"


@pytest.mark.parametrize(("path", "tree"), [pytest.param(*item, id=item[0]) for item in modules("linter")])
def test_imports_point_downwards(path: str, tree: ast.Module):
    room = room_of(path)
    for name in imports(tree):
        target = name.split(".")[1] if name.startswith("linter.") else None
        if target not in RANK or room not in RANK or target == room or (room, target) in NEIGHBOURS:
            continue
        assert RANK[target] > RANK[room], f"{path} imports {name}, which is not below it"


@pytest.mark.parametrize(("path", "tree"), [pytest.param(*item, id=item[0]) for item in modules("linter")])
def test_libraries_stay_at_home(path: str, tree: ast.Module):
    for name in imports(tree):
        library = name.split(".")[0]
        assert library not in HOMES or room_of(path) in HOMES[library], f"{path} imports {library}"


@pytest.mark.parametrize(("path", "tree"), [pytest.param(*item, id=item[0]) for item in modules("linter")])
def test_heavy_libraries_load_late(path: str, tree: ast.Module):
    if any(path.startswith(prefix) for prefix in LATE_MODULES):
        return
    top = {name.split(".")[0] for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for name in imports(node)}
    assert not top & LATE, f"{path} imports {sorted(top & LATE)} at the top"


@pytest.mark.parametrize(("path", "tree"), [pytest.param(*item, id=item[0]) for item in modules("rules")])
def test_a_rule_knows_only_the_field(path: str, tree: ast.Module):
    for name in imports(tree):
        if name.startswith("linter"):
            assert name.split(".")[1] in {"model", "kubernetes", "istio", "externaldns"}, f"{path} imports {name}"
        assert name.split(".")[0] not in {"os", "sys", "subprocess", "socket", "io", "pathlib"}, f"{path} imports {name}"


def test_nothing_is_called_by_what_it_is_not():
    names = {os.path.basename(path) for folder in ("linter", "rules") for path, _ in modules(folder)}
    assert not names & {"utils.py", "helpers.py", "common.py"}
