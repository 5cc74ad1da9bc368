"""What the tests of Kustomize rendering share: building files given by path with a real program."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from linter.rendering.kustomize.renderer import KustomizeRenderer
from linter.rendering.kustomize.requests import BuiltRoot, KustomizeRequest
from linter.repository import MemoryTree

GO_BIN = os.path.expanduser("~/go/bin")


def _which(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=GO_BIN)


PROGRAMS = [path for name in ("kustomize", "kubectl") if (path := _which(name)) is not None]
HELM = _which("helm")
needs_program = pytest.mark.skipif(not PROGRAMS, reason="neither kustomize nor kubectl is installed")
needs_helm = pytest.mark.skipif(HELM is None, reason="helm is not installed")
each_program = pytest.mark.parametrize("program", PROGRAMS or ["none"], ids=os.path.basename)

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1.0
"""


def config_map(name: str, extra: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{extra}"


def build(files: Mapping[str, str | bytes], path: str = ".", *, program: str | None = None, **request: Any) -> BuiltRoot:
    """One root of files given by path; what KustomizeRenderer takes by name goes to it."""
    named = {name: request.pop(name) for name in ("local", "deadline_seconds", "helm") if name in request}
    named.setdefault("helm", HELM or "no-such-helm")
    with KustomizeRenderer(MemoryTree(files), 2, program=program or (PROGRAMS or ["none"])[0], **named) as renderer:
        [root] = renderer.render([KustomizeRequest(path, **request)])
    return root


def only_failure(root: BuiltRoot) -> tuple[str, str, int | None]:
    """Id, path and line of the one failure of a root."""
    assert not root.objects
    [failure] = root.failures
    assert "/tmp" not in failure.message + failure.fix
    assert failure.fix
    return failure.id, failure.path, failure.line


def output(root: BuiltRoot) -> str:
    """What kustomize would have printed."""
    assert root.failures == ()
    return "---\n".join(built.text for built in root.objects)


def plain_output(program: str, directory: Path, *options: str) -> str:
    """What the program itself prints for a directory."""
    verb = "kustomize" if os.path.basename(program) == "kubectl" else "build"
    done = subprocess.run([program, verb, str(directory), *options], capture_output=True, check=True)
    return done.stdout.decode()


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
