"""Which sources of manifests a repository holds, and which files belong to each."""

from linter.discovery.charts import Chart
from linter.discovery.discovering import Discovery, discover
from linter.discovery.kustomize import KustomizeRoot

__all__ = ["Chart", "Discovery", "KustomizeRoot", "discover"]
