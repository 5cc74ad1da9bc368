"""What objects add to the API that a cluster serves: CustomResourceDefinitions and APIServices."""

from __future__ import annotations

from collections.abc import Iterable

from linter.model import Resource, items, mapping, text

_CRD_GROUP, _CRD_KIND = "apiextensions.k8s.io", "CustomResourceDefinition"
_SERVICE_GROUP, _SERVICE_KIND = "apiregistration.k8s.io", "APIService"


def api_versions_of(resources: Iterable[Resource]) -> tuple[str, ...]:
    """The API versions that these objects make a cluster serve, sorted: "group/version", and for custom resources also
    "group/version/Kind", which are the forms that Helm's `.Capabilities.APIVersions` knows.

    A version that a CustomResourceDefinition does not serve is left out. An APIService tells group and version only; its
    kinds are known to the server behind it. Source: API reference of apiextensions.k8s.io/v1 (in v1beta1 `spec.version`
    stands for a list of one version) and apiregistration.k8s.io/v1.
    """
    found: set[str] = set()
    for resource in resources:
        if resource.kind == _CRD_KIND and resource.group == _CRD_GROUP:
            group, kind = text(resource.spec.get("group")), text(mapping(resource.spec.get("names")).get("kind"))
            for version in _served(resource):
                if group:
                    found.add(f"{group}/{version}")
                    found |= {f"{group}/{version}/{kind}"} if kind else set()
        elif resource.kind == _SERVICE_KIND and resource.group == _SERVICE_GROUP:
            group, version = text(resource.spec.get("group")), text(resource.spec.get("version"))
            if version:
                found.add(f"{group}/{version}" if group else version)
    return tuple(sorted(found))


def _served(definition: Resource) -> Iterable[str]:
    versions = items(definition.spec.get("versions"))
    if not versions:
        versions = [{"name": definition.spec.get("version"), "served": True}]
    for entry in versions:
        version = mapping(entry)
        if version.get("served") is True and text(version.get("name")):
            yield text(version["name"])
