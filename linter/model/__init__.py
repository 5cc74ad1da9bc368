"""The values that travel through the pipeline, and the vocabulary rules are written in.

Nothing here reads a file, and nothing is changed after construction.
"""

from linter.model.findings import Failure, Finding, Location, Occurrence, Related, Suppressed, Violation
from linter.model.nodes import ChartFacts, Node, PodTemplate
from linter.model.resources import Document, ManifestFile, Resource, Source, SourceStatus
from linter.model.routes import Route, dig, items, mapping, strings, text
from linter.model.state import DesiredState, Presence, Reference, Repository, StateOptions

__all__ = [
    "ChartFacts",
    "DesiredState",
    "Document",
    "Failure",
    "Finding",
    "Location",
    "ManifestFile",
    "Node",
    "Occurrence",
    "PodTemplate",
    "Presence",
    "Reference",
    "Related",
    "Repository",
    "Resource",
    "Route",
    "Source",
    "SourceStatus",
    "StateOptions",
    "Suppressed",
    "Violation",
    "dig",
    "items",
    "mapping",
    "strings",
    "text",
]
