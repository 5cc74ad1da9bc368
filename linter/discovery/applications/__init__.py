"""From an Argo CD Application to the files of the repository it deploys."""

from linter.discovery.applications.context import ApplicationContext
from linter.discovery.applications.resolving import application_sources

__all__ = ["ApplicationContext", "application_sources"]
