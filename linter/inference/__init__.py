"""What a configuration could say about a repository, inferred from its files. No chart is rendered and nothing executed."""

from linter.inference.findings import Inferred, PackFacts
from linter.inference.inferring import infer
from linter.inference.writing import write_configuration

__all__ = ["Inferred", "PackFacts", "infer", "write_configuration"]
