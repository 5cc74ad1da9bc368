"""The ExternalDNS controllers that a state deploys, and how they are set up.

Found are pod templates that run ExternalDNS, and the Flux HelmReleases and Argo CD Applications that install its chart.

Sources: docs/flags.md and charts/external-dns of kubernetes-sigs/external-dns (flags, environment variables, values).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from linter.kubernetes.pods import pod_templates
from linter.model import DesiredState, PodTemplate, Resource, Route, dig, items, mapping, text

_IMAGE = re.compile(r"(?:.*/)?external-dns(?::(?P<tag>[^@/:]+))?(?:@.+)?")
_ENVIRONMENT = "EXTERNAL_DNS_"
_UPSTREAM_CHARTS = "kubernetes-sigs.github.io/external-dns"
_HELM_RELEASE = "helm.toolkit.fluxcd.io/HelmRelease"
_APPLICATION = "argoproj.io/Application"
_IN_CLUSTER = ("https://kubernetes.default.svc", "in-cluster")

# The release 1.22 of the upstream chart brought ExternalDNS 0.22. Other charts count differently.
_CHART_TO_APP = ((1, 22), "0.22.0", "0.21.0")


@dataclass(frozen=True, slots=True)
class Instance:
    """One controller. `flags` maps a flag (without dashes) to its values and the routes they stand at.

    `version` is the version of ExternalDNS as text, or None. `readable` says that all flags are in `flags`: nothing
    comes from a ConfigMap, a Secret or values that cannot be read. `route` leads to the container, or to the values.
    """

    resource: Resource
    route: Route
    flags: dict[str, list[tuple[str, Route]]]
    version: str | None
    readable: bool
    deployed_by_chart: bool = False

    def flag(self, name: str) -> str | None:
        """The value of a flag that is given once; the last one wins."""
        values = self.flags.get(name)
        return values[-1][0] if values else None

    def values(self, name: str) -> list[str]:
        """All values of a flag that may be repeated."""
        return [value for value, _ in self.flags.get(name, ())]

    def is_on(self, name: str) -> bool:
        """Whether a boolean flag is set."""
        return self.flag(name) in ("", "true") and self.flag(f"no-{name}") is None


def instances(state: DesiredState) -> list[Instance]:
    """The instances that a state deploys, in document order per kind."""
    return state.derive(_instances)


def _instances(state: DesiredState) -> list[Instance]:
    found = [instance for pod in pod_templates(state) for instance in _in_pod(pod)]
    found.extend(instance for release in state.of_kind(_HELM_RELEASE) if (instance := _of_release(release, state)) is not None)
    found.extend(instance for application in state.of_kind(_APPLICATION) for instance in _of_application(application))
    return found


def _in_pod(pod: PodTemplate) -> Iterator[Instance]:
    for position, body in enumerate(items(pod.spec.get("containers"))):
        container = mapping(body)
        name = text(container.get("image"))
        image = _IMAGE.fullmatch(name) if "external-dns" in name else None
        if image is None:
            continue
        place: Route = (*pod.spec_route, "containers", position)
        flags: dict[str, list[tuple[str, Route]]] = {}
        for field in ("command", "args"):
            _read_arguments(items(container.get(field)), (*place, field), flags)
        readable = not items(container.get("envFrom"))
        for index, variable in enumerate(items(container.get("env"))):
            name = text(mapping(variable).get("name"))
            if not name.startswith(_ENVIRONMENT):
                continue
            flag = name[len(_ENVIRONMENT) :].lower().replace("_", "-")
            value = mapping(variable).get("value")
            if isinstance(value, str):
                route: Route = (*place, "env", index, "value")
                flags.setdefault(flag, []).extend((part, route) for part in value.split("\n"))
            else:
                readable = False
        yield Instance(pod.resource, place, flags, _version(image["tag"], {**pod.labels, **pod.resource.labels}), readable)


def _read_arguments(arguments: list[Any], route: Route, flags: dict[str, list[tuple[str, Route]]]) -> None:
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        place: Route = (*route, position)
        position += 1
        if not isinstance(argument, str):
            continue
        if " --" in argument:
            _read_arguments(list(argument.split()), place, flags)
            continue
        if not argument.startswith("--"):
            continue
        name, equals, value = argument[2:].partition("=")
        if not equals and position < len(arguments):
            following = arguments[position]
            if isinstance(following, str) and not following.startswith("-"):
                value, place = following, (*route, position)
                position += 1
        flags.setdefault(name, []).append((value, place))


def _version(tag: str | None, labels: dict[str, str]) -> str | None:
    """The version by image tag, else by the labels that charts write."""
    for candidate in (tag, labels.get("app.kubernetes.io/version")):
        found = re.match(r"v?(\d+\.\d+(?:\.\d+)?)(?![\d.])", candidate or "")
        if found is not None:
            return found[1]
    chart = re.fullmatch(r"external-dns-(\d+\.\d+\.\d+).*", labels.get("helm.sh/chart", ""))
    return app_version(chart[1]) if chart is not None else None


def app_version(chart_version: str) -> str | None:
    """A version of ExternalDNS on the same side of 0.22 as the one an upstream chart installs, or None for other charts."""
    found = re.fullmatch(r"v?([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(?:[-+].*)?", chart_version)
    if found is None or int(found[1]) != _CHART_TO_APP[0][0]:
        return None
    return _CHART_TO_APP[1] if (int(found[1]), int(found[2])) >= _CHART_TO_APP[0] else _CHART_TO_APP[2]


def _of_release(release: Resource, state: DesiredState) -> Instance | None:
    version = _chart_version(release, state)
    if version is None:
        return None
    return _of_chart(release, ("spec", "values"), version, readable=not items(release.spec.get("valuesFrom")))


def _chart_version(release: Resource, state: DesiredState) -> str | None:
    """The version of the upstream chart a HelmRelease installs, "" if that cannot be told, None for another chart."""
    reference = mapping(release.spec.get("chartRef"))
    chart = mapping(dig(release.spec, "chart", "spec"))
    source = _flux_source(reference or mapping(chart.get("sourceRef")), release, state)
    url = text(source.spec.get("url")) if source is not None else ""
    if reference:
        named = url or text(reference.get("name"))
        if named.rstrip("/").rpartition("/")[2] != "external-dns":
            return None
        return text(dig(source.spec, "ref", "tag")) if source is not None else ""
    if chart.get("chart") != "external-dns":
        return None
    return text(chart.get("version")) if _UPSTREAM_CHARTS in url else ""


def _flux_source(reference: dict[str, Any], release: Resource, state: DesiredState) -> Resource | None:
    kind = text(reference.get("kind")) or "HelmRepository"
    return state.get(f"source.toolkit.fluxcd.io/{kind}", text(reference.get("namespace")) or release.namespace, text(reference.get("name")))


def _of_application(application: Resource) -> Iterator[Instance]:
    destination = mapping(application.spec.get("destination"))
    if destination.get("server", destination.get("name")) not in _IN_CLUSTER:
        return
    places: list[Route] = [("spec", "source")]
    places.extend(("spec", "sources", index) for index in range(len(items(application.spec.get("sources")))))
    for place in places:
        source = mapping(dig(application.body, *place))
        if source.get("chart") != "external-dns":
            continue
        helm = mapping(source.get("helm"))
        readable = not (helm.get("values") or items(helm.get("valueFiles")) or items(helm.get("parameters")))
        upstream = _UPSTREAM_CHARTS in text(source.get("repoURL"))
        yield _of_chart(application, (*place, "helm", "valuesObject"), text(source.get("targetRevision")) if upstream else "", readable)


_FLAG_OF_VALUE = {"annotationPrefix": "annotation-prefix", "txtOwnerId": "txt-owner-id", "registry": "registry", "policy": "policy",
                  "annotationFilter": "annotation-filter"}  # fmt: skip


def _of_chart(resource: Resource, route: Route, chart_version: str, readable: bool) -> Instance:
    values = mapping(dig(resource.body, *route))
    flags: dict[str, list[tuple[str, Route]]] = {
        flag: [(values[key], (*route, key))] for key, flag in _FLAG_OF_VALUE.items() if isinstance(values.get(key), str) and values[key]
    }
    flags["source"] = [
        (source, (*route, "sources", index)) for index, source in enumerate(items(values.get("sources"))) if isinstance(source, str)
    ]
    extra = values.get("extraArgs")
    if isinstance(extra, dict):
        for name, value in extra.items():
            listed = value if isinstance(value, list) else [value]
            flags.setdefault(str(name), []).extend((_argument(entry), (*route, "extraArgs", str(name))) for entry in listed)
    else:
        _read_arguments(items(extra), (*route, "extraArgs"), flags)
    tag = text(dig(values, "image", "tag"))
    version = _version(tag, {}) if tag else app_version(chart_version)
    return Instance(resource, route, flags, version, readable, deployed_by_chart=True)


def _argument(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
