"""From an ApplicationSet to the Applications it generates.

Source: applicationset/controllers/template/template.go and applicationset_controller.go of Argo CD.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linter.argocd.applicationsets.contracts import (
    MAX_APPLICATIONS,
    Expansion,
    GeneratedApplication,
    GeneratorError,
    MissingKey,
    Row,
    SetContext,
    TemplateError,
)
from linter.argocd.applicationsets.generators import Generated, Generation
from linter.argocd.applicationsets.parameters import described, filled
from linter.argocd.applicationsets.patching import patched
from linter.argocd.applicationsets.templating import Fault, Templating
from linter.model.applications import Problem
from linter.model.routes import Route, dig, items, mapping, strings, text

_FINALIZER = "resources-finalizer.argocd.argoproj.io"
_TEMPLATE: Route = ("spec", "template")
_PATCH: Route = ("spec", "templatePatch")
_META = ("name", "namespace", "labels", "annotations", "finalizers")
_MISSING_KEYS: dict[str, MissingKey] = {
    "missingkey=default": "default",
    "missingkey=invalid": "default",
    "missingkey=zero": "zero",
    "missingkey=error": "error",
}
_MAX_NAMED = 5


def expand(body: Mapping[str, Any], context: SetContext, *, new_globbing: bool = False) -> Expansion:
    """The Applications that an ApplicationSet generates, as far as that can be known from the repository.

    `body` is the whole object. With `new_globbing` the file patterns of Git generators are doublestar's, as with the
    controller's option of that name. Whatever keeps Applications from being generated is among the problems.
    """
    return _Expander(mapping(body), context, new_globbing).run()


class _Expander:
    def __init__(self, body: Mapping[str, Any], context: SetContext, new_globbing: bool) -> None:
        self._namespace = text(mapping(body.get("metadata")).get("namespace"))
        self._spec = mapping(body.get("spec"))
        self._template = mapping(self._spec.get("template"))
        self._context = context
        self._problems: list[Problem] = []
        self._templating = Templating(context, self._spec.get("goTemplate") is True, self._missing_key())
        self._generation = Generation(context, self._templating, new_globbing=new_globbing)
        self._made: list[GeneratedApplication] = []

    def run(self) -> Expansion:
        generators = self._spec.get("generators")
        if not isinstance(generators, list):
            self._broken("applicationset-generator-invalid", "the ApplicationSet has no list `generators`", "add one", ("spec",))
        if not isinstance(self._spec.get("template"), dict):
            self._broken("applicationset-template", "the ApplicationSet has no `template`", "add one", ("spec",))
            generators = []
        for number, entry in enumerate(items(generators)):
            route = ("spec", "generators", number)
            try:
                for generated in self._generation.run(entry, route):
                    if len(self._made) + len(generated.rows) > MAX_APPLICATIONS:
                        message = f"the ApplicationSet generates more than {MAX_APPLICATIONS:,} Applications"
                        self._broken("applicationset-too-large", message, "split the ApplicationSet", route)
                        break
                    self._made += self._applications(generated)
            except GeneratorError as error:
                self._problems.append(error.problem)
        applications = tuple(self._named())
        return Expansion(applications, tuple(dict.fromkeys((*self._generation.problems, *self._problems))))

    def _missing_key(self) -> MissingKey:
        found: MissingKey = "default"
        for number, option in enumerate(items(self._spec.get("goTemplateOptions"))):
            known = _MISSING_KEYS.get(option) if isinstance(option, str) else None
            if known is None:
                fix = f"use one of {', '.join(_MISSING_KEYS)}"
                self._broken("applicationset-template", f"there is no option `{option}`", fix, ("spec", "goTemplateOptions", number))
            found = known or found
        return found

    def _broken(self, id: str, message: str, fix: str, route: Route) -> None:
        self._problems.append(Problem(id, "broken", message, fix, route))

    def _applications(self, generated: Generated) -> Iterator[GeneratedApplication]:
        template = _application(filled(generated.template, self._template))
        rows = generated.rows
        rendered = iter(self._templating.render([(template, row) for row in rows if row]))
        # Without parameters Argo CD leaves the template as it is.
        bodies = [next(rendered) if row else template for row in rows]
        patches = self._patches(rows)
        faults: dict[tuple[Route, str], list[Row]] = {}
        for row, body, patch in zip(rows, bodies, patches, strict=True):
            if isinstance(body, Fault):
                faults.setdefault((self._route_of(body.route, generated), body.message), []).append(row)
            elif isinstance(patch, TemplateError):
                faults.setdefault((_PATCH, patch.message), []).append(row)
            else:
                body = self._finished(body, templated=bool(row))
                try:
                    yield GeneratedApplication(self._placed(patched(body, patch, self._context) if patch is not None else body), row)
                except ValueError as error:
                    faults.setdefault((_PATCH, str(error)), []).append(row)
        for (route, message), failed in faults.items():
            where = f" (for {described(failed[0])})" if len(failed) == 1 and described(failed[0]) else ""
            where = f" (for {len(failed)} sets of parameters, such as {described(failed[0])})" if len(failed) > 1 else where
            what = "templatePatch cannot be applied" if route == _PATCH else "the template cannot be evaluated"
            self._broken("applicationset-template", f"{what}: {message}{where}", "correct the template, or the parameters", route)

    def _patches(self, rows: Sequence[Row]) -> Sequence[str | TemplateError | None]:
        patch = self._spec.get("templatePatch")
        if not isinstance(patch, str):
            return [None] * len(rows)
        return self._templating.texts([(patch, row) for row in rows])

    def _route_of(self, route: Route, generated: Generated | None = None) -> Route:
        """Where what stands at `route` of an Application is written: in the generator's own template, else in the set's.

        Where the template does not have it, the nearest thing around it is meant.
        """
        own = _known(generated.template, route) if generated is not None else ()
        if generated is not None and route and own == route:
            return (*generated.template_route, *own)
        return (*_TEMPLATE, *_known(self._template, route))

    def _finished(self, body: dict[str, Any], *, templated: bool) -> dict[str, Any]:
        """The Application with the finalizer Argo CD adds to one that names none."""
        preserved = mapping(self._spec.get("syncPolicy")).get("preserveResourcesOnDeletion") is True
        if not templated or preserved or mapping(body["metadata"]).get("finalizers"):
            return body
        return {**body, "metadata": {**body["metadata"], "finalizers": [_FINALIZER]}}

    def _placed(self, body: dict[str, Any]) -> dict[str, Any]:
        """The Application in the namespace of its ApplicationSet, whatever the template says."""
        metadata = {key: value for key, value in mapping(body.get("metadata")).items() if key != "namespace"}
        if self._namespace:
            metadata["namespace"] = self._namespace
        return {**body, "metadata": metadata}

    def _named(self) -> Iterator[GeneratedApplication]:
        """The Applications with names of their own; those without, and those that share one, are problems."""
        by_name: dict[str, list[GeneratedApplication]] = {}
        for made in self._made:
            by_name.setdefault(text(made.body["metadata"].get("name")), []).append(made)
        route = self._route_of(("metadata", "name"))
        for name, group in by_name.items():
            if not name:
                message = f"{_counted(group)} without a name: {_listed(group)}"
                self._broken("applicationset-name", message, "set metadata.name in the template", route)
                continue
            if len(group) > 1:
                message = f"{len(group)} Applications are all named `{name}`: {_listed(group)}"
                self._broken("applicationset-name", message, "put what tells them apart into the name", route)
        seen: set[str] = {""}
        for made in self._made:
            name = text(made.body["metadata"].get("name"))
            if name not in seen:
                seen.add(name)
                yield made


def _known(value: Any, route: Route) -> Route:
    """As much of `route` as exists in `value`."""
    known: list[str | int] = []
    for step in route:
        found = dig(value, step)
        if found is None:
            break
        value = found
        known.append(step)
    return tuple(known)


def _application(template: Mapping[str, Any]) -> dict[str, Any]:
    """The Application as the template has it, with those parts of its metadata that Argo CD takes over."""
    metadata: dict[str, Any] = {}
    written = mapping(template.get("metadata"))
    for key in _META:
        value = written.get(key)
        if key in ("labels", "annotations"):
            value = strings(value)
        if value:
            metadata[key] = value
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": mapping(template.get("spec"))}


def _counted(group: Sequence[GeneratedApplication]) -> str:
    return "one Application is" if len(group) == 1 else f"{len(group)} Applications are"


def _listed(group: Sequence[GeneratedApplication]) -> str:
    shown = "; ".join(described(made.row) or "no parameters" for made in group[:_MAX_NAMED])
    return shown + (f"; and {len(group) - _MAX_NAMED} more" if len(group) > _MAX_NAMED else "")
