"""Hook of MkDocs: publishes our JSON Schemas with the site, so that editors find them by their address."""

from __future__ import annotations

import os
from glob import glob
from typing import Any

from mkdocs.structure.files import File

SCHEMAS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "schemas")


def on_files(files: Any, *, config: Any) -> Any:
    """Add schemas/*.schema.json to the files of the site, under /schemas/."""
    for path in sorted(glob(os.path.join(SCHEMAS, "*.schema.json"))):
        files.append(File.generated(config, f"schemas/{os.path.basename(path)}", abs_src_path=path))
    return files
