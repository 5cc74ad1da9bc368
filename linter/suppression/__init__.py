"""What says that findings are accepted, and for how long: comments, annotations, entries of the configuration."""

from linter.suppression.matching import FileComments, covering
from linter.suppression.statements import (
    ANNOTATION,
    Breach,
    By,
    Suppression,
    annotation,
    comments,
    entry,
    parse_day,
)

__all__ = ["ANNOTATION", "Breach", "By", "FileComments", "Suppression", "annotation", "comments", "covering", "entry", "parse_day"]
