"""Applications, resolved to sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.argocd.destinations import destination_of
from linter.argocd.environment import build_environment
from linter.argocd.kustomize_options import with_environment
from linter.argocd.overrides import overridden
from linter.argocd.sources import (
    KUSTOMIZATION_NAMES,
    REF_NAME,
    DeclaredSource,
    DetectedType,
    declared_sources,
    detected_type,
    explicit_types,
    refs_of,
    without_zero_values,
)
from linter.discovery.applications.context import ApplicationContext, shown
from linter.discovery.applications.directories import directory_files
from linter.discovery.applications.helm import helm_settings
from linter.discovery.applications.locations import Location, locate_source
from linter.discovery.applications.override_files import read_overrides
from linter.discovery.applications.paths_in_helm import HelmPaths
from linter.discovery.applications.problems import Problems
from linter.model import Resource, Route, Source, mapping, text
from linter.model.applications import ApplicationSource, HelmOptions, Problem


def application_sources(
    declared: Resource,
    body: Mapping[str, Any],
    context: ApplicationContext,
    *,
    instance: str,
    environment: str | None,
    template_route: Route = (),
) -> list[ApplicationSource]:
    """What an Application deploys: its sources in their order, each resolved to files of the tree, or with what keeps it from that.

    `body` is the Application. `declared` is the object that it stands in: itself, or the ApplicationSet that generates it, in
    which `template_route` leads to what `body` is made of. `instance` is the name of the state in which its Argo CD runs.
    Whatever `body` holds, nothing is raised.
    """
    return list(_Resolver(declared, body, context, instance, environment, template_route).sources())


class _Resolver:
    def __init__(
        self,
        declared: Resource,
        body: Mapping[str, Any],
        context: ApplicationContext,
        instance: str,
        environment: str | None,
        template_route: Route,
    ) -> None:
        metadata = mapping(body.get("metadata"))
        self._declared = declared
        self._context = context
        self._instance = instance
        self._environment = environment
        self._name = text(metadata.get("name"))
        self._namespace = text(metadata.get("namespace"))
        self._raw_spec = body.get("spec")
        self._spec = mapping(self._raw_spec)
        self._route = (*template_route, "spec")
        self._destination = destination_of(self._spec)
        self._declared_sources = declared_sources(self._spec)
        self._cluster = context.cluster_of(self._destination)
        at_home = self._destination.in_cluster or self._destination.problem is not None
        self._state = instance if at_home else self._cluster

    def sources(self) -> Iterator[ApplicationSource]:
        whole, blocked = self._problems_of_all()
        rendered = [source for source in self._declared_sources if not source.only_refers]
        if not rendered:
            if whole:
                problems = Problems(self._route, found=whole, blocked=blocked)
                yield self._result(DeclaredSource({}, ()), problems, self._declared.document.file.path, "directory")
            return
        for source in rendered:
            problems = Problems((*self._route, *source.route), found=list(whole), blocked=blocked)
            yield self._resolved(source, problems)

    # The Application as a whole

    def _problems_of_all(self) -> tuple[list[Problem], bool]:
        """What is wrong with all sources alike, and whether it keeps them from being rendered."""
        problems = Problems(self._route)
        if not isinstance(self._raw_spec, dict):
            problems.block("application-invalid", "broken", "the Application has no `spec`", "add `spec` with `source` and `destination`")
            return problems.found, problems.blocked
        if not self._name:
            fix = "add `metadata.name`"
            found = Problem("application-invalid", "broken", "the Application has no name", fix, (*self._route[:-1], "metadata"))
            problems.found.append(found)
        self._check_sources(problems)
        self._check_refs(problems)
        destination = self._spec.get("destination")
        for key in ("name", "server", "namespace"):
            value = mapping(destination).get(key)
            if value is not None and not isinstance(value, str):
                message = f"`destination.{key}` has to be a string"
                problems.note("application-destination", "broken", message, "write it in quotes", "destination", key)
        if self._destination.problem is not None:
            message = f"the destination {shown(self._destination.problem)}; here it is taken for the cluster of Argo CD itself"
            problems.note("application-destination", "broken", message, "write either `name` or `server`", "destination")
        return problems.found, problems.blocked

    def _check_sources(self, problems: Problems) -> None:
        hydrator, several, single = (self._spec.get(key) for key in ("sourceHydrator", "sources", "source"))
        if hydrator is not None and not isinstance(mapping(hydrator).get("drySource"), dict):
            problems.block("application-invalid", "broken", "`sourceHydrator` has no `drySource`", "add it", "sourceHydrator")
        elif several is not None and not isinstance(several, list):
            problems.block("application-invalid", "broken", "`sources` has to be a list", "begin each source with `-`", "sources")
        elif not isinstance(hydrator, dict) and isinstance(several, list) and not all(isinstance(entry, dict) for entry in several):
            index = next(index for index, entry in enumerate(several) if not isinstance(entry, dict))
            problems.block("application-invalid", "broken", "a source has to be a mapping", "write `repoURL: …`", "sources", index)
        elif not self._declared_sources:
            message = "the Application names no source" if single is None else "`source` has to be a mapping"
            route = () if single is None else ("source",)
            problems.block("application-invalid", "broken", message, "add `source` with `repoURL` and `path`", *route)

    def _check_refs(self, problems: Problems) -> None:
        seen: set[str] = set()
        for source in self._declared_sources:
            ref = source.text("ref")
            if not source.multiple or not ref:
                continue
            route = (*source.route, "ref")
            if REF_NAME.fullmatch(ref) is None:
                message = f"the ref `{shown(ref)}` has characters other than letters, digits, `-` and `_`"
                problems.block("application-ref", "broken", message, "give it another name", *route)
            elif ref in seen:
                message = f"two sources have the ref `{ref}`, which Argo CD refuses"
                problems.block("application-ref", "broken", message, "give one of them another name", *route)
            seen.add(ref)

    # One source

    def _resolved(self, declared: DeclaredSource, problems: Problems) -> ApplicationSource:
        location = locate_source(declared, self._context, problems)
        here = self._declared.document.file.path
        if location is None:
            types = explicit_types(without_zero_values(declared.body))
            is_chart = bool(declared.chart) or types == ["helm"]
            return self._result(declared, problems, here, "helm" if is_chart else "kustomize" if types == ["kustomize"] else "directory")
        uses: list[str] = []
        body = without_zero_values(declared.body)
        if not location.packaged:
            patches, broken = read_overrides(self._context, location.path, self._name, self._namespace)
            problems.patches = patches
            problems.found += broken
            problems.blocked = problems.blocked or bool(broken)
            uses += [path for path, _ in patches]
            body = overridden(body, [patch for _, patch in patches])
        kind = self._type(body, location, problems)
        if kind is None:
            return self._result(declared, problems, location.path, self._detected(location), uses=uses)
        options = body.get(kind)
        if options is not None and not isinstance(options, dict):
            problems.block("application-invalid", "broken", f"`{kind}` of the source has to be a mapping", "write its keys below it", kind)
        options = mapping(options)
        variables = self._variables(declared)
        if kind == "directory":
            files = directory_files(self._context, location, options, problems)
            return self._result(declared, problems, location.path, kind, uses=uses, files=files)
        if kind == "kustomize":
            kustomize = with_environment(options, variables)
            return self._result(declared, problems, location.path, kind, uses=uses, kustomize=kustomize)
        refs = refs_of(self._declared_sources) if declared.multiple else None
        paths = HelmPaths(self._context, location, variables, refs, problems)
        settings = helm_settings(options, paths, self._name, self._destination.namespace)
        uses += settings.uses
        return self._result(declared, problems, location.path, kind, uses=uses, helm=settings.options, values=settings.values)

    def _type(self, body: Mapping[str, Any], location: Location, problems: Problems) -> DetectedType | None:
        """How the source is rendered; None, with a problem, if it cannot be here."""
        types = explicit_types(body)
        if len(types) > 1:
            message = f"the source has options for several tools ({', '.join(types)}), which Argo CD refuses"
            problems.block("application-source-type", "broken", message, "keep one of these blocks", types[1])
            return None
        if types == ["plugin"]:
            name = text(mapping(body.get("plugin")).get("name"))
            message = f"not rendered: the plugin {shown(name)}" if name else "not rendered: a plugin that claims this source"
            fix = "check what the plugin prints, with `gitops-lint -`"
            problems.block("application-plugin", "unavailable", message, fix, "plugin")
            return None
        explicit = next((found for found in types if found != "plugin"), None)
        kind = explicit or self._detected(location)
        names = self._context.names_in(location.path)
        if kind == "helm" and not location.packaged and "Chart.yaml" not in names:
            where = f"{shown(location.path)} has no Chart.yaml"
            near = next((name for name in names if name.endswith("Chart.yaml")), None)
            why = "`helm` makes Argo CD render it as a chart" if explicit else f"{shown(near or '')} makes Argo CD take it for a chart"
            fix = "remove `helm`, or correct `path`" if explicit else "give the file another name, or set `directory.recurse`"
            problems.block("application-source-type", "broken", f"{where}, and {why}", fix, *(("helm",) if explicit else ("path",)))
        if kind == "kustomize" and not set(names) & set(KUSTOMIZATION_NAMES):
            message = f"{shown(location.path)} has no kustomization.yaml, and `kustomize` makes Argo CD build it"
            problems.block("application-source-type", "broken", message, "remove `kustomize`, or correct `path`", "kustomize")
        return kind

    def _detected(self, location: Location) -> DetectedType:
        if location.packaged:
            return "helm"
        # What looks for the type does not follow a link.
        return "directory" if location.link else detected_type(self._context.names_in(location.path))

    def _variables(self, declared: DeclaredSource) -> dict[str, str]:
        return build_environment(
            application=self._name,
            namespace=self._destination.namespace,
            project=text(self._spec.get("project")),
            repository=declared.address,
            path=declared.text("path"),
            target_revision=declared.text("targetRevision"),
        )

    def _result(
        self,
        declared: DeclaredSource,
        problems: Problems,
        path: str,
        type: DetectedType,
        *,
        uses: list[str] | None = None,
        helm: HelmOptions | None = None,
        kustomize: Mapping[str, Any] | None = None,
        files: tuple[str, ...] = (),
        values: tuple[str, ...] = (),
    ) -> ApplicationSource:
        source = Source(
            path,
            type,
            self._state,
            environment=self._environment,
            application=self._name or None,
            cluster=self._cluster,
            namespace=self._destination.namespace or None,
            release=helm.release if helm is not None else None,
            values=values,
            index=declared.index,
        )
        return ApplicationSource(
            source,
            self._declared,
            (*self._route, *declared.route),
            helm=helm if helm is not None or type != "helm" else HelmOptions(),
            kustomize=kustomize or {},
            files=files,
            problems=tuple(problems.found),
            blocked=problems.blocked,
            uses=tuple(dict.fromkeys(uses or ())),
        )
