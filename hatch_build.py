"""Build step of the wheel: compile the rule packs to the index that an installed linter loads."""

from __future__ import annotations

import os
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `linter/_data/rules-index.json` and `linter/_data/rules-texts.json` to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from linter.packs.catalog import INDEX, TEXTS, compile_index

        folder = os.path.join(self.directory, "compiled")
        os.makedirs(folder, exist_ok=True)
        for name, content in zip((INDEX, TEXTS), compile_index(os.path.join(self.root, "rules")), strict=True):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
            build_data["force_include"][path] = f"linter/_data/{name}"
