"""The architecture as a test: who may import whom, and who may touch which library."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache

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
    {"model", "versions", "version", "shipped", "durations", "spelling", "wording"},
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


def modules(folder: str) -> Iterator[str]:
    for directory, _, names in os.walk(os.path.join(ROOT, folder)):
        for name in names:
            if name.endswith(".py"):
                yield os.path.relpath(os.path.join(directory, name), ROOT)


@cache
def parsed(path: str) -> ast.Module:
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return ast.parse(file.read())


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: str) -> str:
    return path.split(os.sep)[1].removesuffix(".py")


PATHS = sorted(modules("linter"))
ROOMS = sorted({room_of(path) for path in PATHS})
RULES = sorted(modules("rules"))


def in_room(room: str) -> list[str]:
    """The modules of a room of the program."""
    return [path for path in PATHS if room_of(path) == room]


def test_every_room_has_a_layer():
    rooms = set(ROOMS) - {"__init__", "__main__"}
    assert rooms <= set(RANK), f"give these a layer: {sorted(rooms - set(RANK))}"


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_downwards(room: str):
    wrong = []
    for path in in_room(room):
        for name in imports(parsed(path)):
            target = name.split(".")[1] if name.startswith("linter.") else None
            if target not in RANK or room not in RANK or target == room or (room, target) in NEIGHBOURS:
                continue
            if RANK[target] <= RANK[room]:
                wrong.append(f"{path} imports {name}, which is not below it")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", ROOMS)
def test_libraries_stay_at_home(room: str):
    libraries = {(path, name.split(".")[0]) for path in in_room(room) for name in imports(parsed(path))}
    wrong = [f"{path} imports {library}" for path, library in sorted(libraries) if room not in HOMES.get(library, {room})]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", ROOMS)
def test_heavy_libraries_load_late(room: str):
    wrong = []
    for path in in_room(room):
        if any(path.startswith(prefix) for prefix in LATE_MODULES):
            continue
        top = {name.split(".")[0] for node in parsed(path).body if isinstance(node, ast.Import | ast.ImportFrom) for name in imports(node)}
        if top & LATE:
            wrong.append(f"{path} imports {sorted(top & LATE)} at the top")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("pack", sorted({room_of(path) for path in RULES}))
def test_a_rule_knows_only_the_field(pack: str):
    wrong = []
    for path in (path for path in RULES if room_of(path) == pack):
        for name in imports(parsed(path)):
            if name.startswith("linter") and name.split(".")[1] not in {"model", "wording", "kubernetes", "istio", "externaldns"}:
                wrong.append(f"{path} imports {name}")
            if name.split(".")[0] in {"os", "sys", "subprocess", "socket", "io", "pathlib"}:
                wrong.append(f"{path} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_nothing_is_called_by_what_it_is_not():
    names = {os.path.basename(path) for path in (*PATHS, *RULES)}
    assert not names & {"utils.py", "helpers.py", "common.py"}
