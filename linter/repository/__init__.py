"""The files of a repository, and where it begins.

Every path inside the engine is relative to the repository root, in POSIX form. Bytes of a name that are not UTF-8
survive as surrogate escapes; `printable` makes such a name fit to be shown.
"""

from linter.repository.paths import BASELINE_NAME, CONFIG_NAME, parents, printable, relative_path
from linter.repository.roots import find_root
from linter.repository.trees import MAX_FILE_BYTES, MemoryTree, Tree, WorkTree

__all__ = [
    "BASELINE_NAME",
    "CONFIG_NAME",
    "MAX_FILE_BYTES",
    "MemoryTree",
    "Tree",
    "WorkTree",
    "find_root",
    "parents",
    "printable",
    "relative_path",
]
