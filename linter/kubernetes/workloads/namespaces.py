"""Which objects evidently end up in one namespace."""

from __future__ import annotations

from linter.model import Resource


def land_together(one: Resource, other: Resource) -> bool:
    """Whether two namespaced objects evidently land in the same namespace.

    Those that name one do if it is the same. Without a namespace, files of one directory and the output of one chart are
    applied together; files of different directories need not be.
    """
    if one.declared_namespace is not None and other.declared_namespace is not None:
        return one.declared_namespace == other.declared_namespace
    if one.namespace != other.namespace or one.source != other.source:
        return False
    return one.source.type != "directory" or _directory(one) == _directory(other)


def _directory(resource: Resource) -> str:
    return resource.document.file.path.rpartition("/")[0]
