"""Charts for tests: files in a dict, and packages made in memory."""

from __future__ import annotations

import io
import tarfile

from linter.rendering.helm.charts import load_chart

CHART = "apiVersion: v2\nname: {name}\nversion: {version}\n"


def chart_yaml(name="shop", version="1.0.0", more=""):
    return CHART.format(name=name, version=version) + more


def load(files, path="shop"):
    contents = {name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()}
    return load_chart(path, sorted(contents), contents.__getitem__)


def package(members):
    """A packaged chart; a name that begins with `=` is taken as it is."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name[1:] if name.startswith("=") else f"redis/{name}")
            if isinstance(content, tarfile.TarInfo):
                content.name = member.name
                archive.addfile(content)
                continue
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return buffer.getvalue()
