"""Build step of the wheel: compile the rule packs to the index that an installed linter loads."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `linter/_data/rules-index.json` and `linter/_data/rules-texts.json` to a wheel."""

    _folder: str | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the packs, unless this is an editable install, which reads their YAML."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from linter.packs.catalog import INDEX, TEXTS, compile_index

        self._folder = tempfile.mkdtemp()
        for name, content in zip((INDEX, TEXTS), compile_index(os.path.join(self.root, "rules")), strict=True):
            path = os.path.join(self._folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
            build_data["force_include"][path] = f"linter/_data/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled; the wheel has its copy."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
