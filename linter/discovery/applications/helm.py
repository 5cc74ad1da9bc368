"""What the `helm` block of a source tells Helm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linter.argocd.environment import substitute
from linter.argocd.parameters import HELM_VERSIONS, kube_version_of, set_expression
from linter.discovery.applications.context import shown
from linter.discovery.applications.paths_in_helm import HelmPaths
from linter.discovery.applications.problems import Problems
from linter.errors import InputError
from linter.manifest.decoder import text_of
from linter.model import items, mapping, text
from linter.model.applications import HelmOptions, InlineValues, Parameter
from linter.rendering.helm.values import decode_values


@dataclass(frozen=True, slots=True)
class HelmSettings:
    """The options of a Helm source, the files of values in their order, and every file they were read from."""

    options: HelmOptions
    values: tuple[str, ...]
    uses: tuple[str, ...]


def helm_settings(options: Mapping[str, Any], paths: HelmPaths, application: str, namespace: str) -> HelmSettings:
    """What Helm is told. `options` is the `helm` block, `namespace` that of the destination."""
    problems = paths.problems
    _check_types(options, problems)
    version = text(options.get("version"))
    if version not in HELM_VERSIONS:
        message = f"Argo CD knows no Helm version `{shown(version)}`"
        problems.block("application-helm-invalid", "broken", message, "remove `version`", "helm", "version")
    values = paths.value_files(items(options.get("valueFiles")), options.get("ignoreMissingValueFiles") is True)
    file_parameters, files = _file_parameters(options, paths)
    api_versions = tuple(filter(None, map(text, items(options.get("apiVersions")))))
    settings = HelmOptions(
        inline=_inline(options, problems),
        parameters=(*_parameters(options, paths), *file_parameters),
        kube_version=_kube_version(options, problems),
        api_versions=api_versions or None,
        skip_crds=options.get("skipCrds") is True,
        skip_tests=options.get("skipTests") is True,
        skip_schema=options.get("skipSchemaValidation") is True,
        release=text(options.get("releaseName")) or application or None,
        namespace=text(options.get("namespace")) or namespace or None,
    )
    return HelmSettings(settings, values, (*values, *files))


_TYPES: Mapping[str, tuple[type, str]] = {
    "releaseName": (str, "a string"),
    "namespace": (str, "a string"),
    "values": (str, "a string of YAML, written with `|`"),
    "valuesObject": (dict, "a mapping"),
    "valueFiles": (list, "a list of paths"),
    "parameters": (list, "a list of `name` and `value`"),
    "fileParameters": (list, "a list of `name` and `path`"),
    "kubeVersion": (str, "a string"),
    "apiVersions": (list, "a list of strings"),
    "version": (str, "a string"),
    "skipCrds": (bool, "a boolean"),
    "skipTests": (bool, "a boolean"),
    "skipSchemaValidation": (bool, "a boolean"),
    "ignoreMissingValueFiles": (bool, "a boolean"),
}


def _check_types(options: Mapping[str, Any], problems: Problems) -> None:
    for key, (expected, words) in _TYPES.items():
        if options.get(key) is not None and not isinstance(options[key], expected):
            fix = "use `valuesObject` for a mapping" if key == "values" else f"write {words}"
            problems.block("application-invalid", "broken", f"`helm.{key}` has to be {words}", fix, "helm", key)


def _inline(options: Mapping[str, Any], problems: Problems) -> InlineValues | None:
    """The values in the Application itself. An object hides a text completely."""
    as_object = options.get("valuesObject")
    if as_object is not None:
        origin = problems.origin("helm", "valuesObject")
        return InlineValues(mapping(as_object), origin.route, file=origin.file)
    written = text(options.get("values"))
    if not written:
        return None
    try:
        layer = decode_values(written.encode("utf-8", "surrogatepass"), "")
    except InputError as error:
        line = f"line {error.failure.line}: " if error.failure.line is not None else ""
        message = f"`helm.values` holds no values: {line}{error.failure.message}"
        problems.block("application-values-invalid", "broken", message, error.failure.fix, "helm", "values")
        return None
    origin = problems.origin("helm", "values")
    return InlineValues(layer.values, origin.route, True, written, origin.file)


def _parameters(options: Mapping[str, Any], paths: HelmPaths) -> list[Parameter]:
    """`--set` and `--set-string`. Of several with one name and one kind the last wins."""
    problems = paths.problems
    found: dict[tuple[str, str], Parameter] = {}
    for index, entry in enumerate(items(options.get("parameters"))):
        name, value = mapping(entry).get("name"), mapping(entry).get("value")
        route = ("helm", "parameters", index)
        if not isinstance(name, str) or not name:
            problems.block("application-invalid", "broken", "a parameter has no `name`", "add the key of the value", *route)
            continue
        if value is not None and not isinstance(value, str):
            message = f"the value of the parameter `{shown(name)}` is not a string, which the API refuses"
            problems.block("application-invalid", "broken", message, "write it in quotes", *route, "value")
            continue
        as_string = mapping(entry).get("forceString") is True
        origin = problems.origin(*route, *(("value",) if value is not None else ()))
        expression = set_expression(name, substitute(value or "", paths.variables))
        parameter = Parameter("string" if as_string else "set", expression, origin.route, file=origin.file)
        found[parameter.kind, name] = parameter
    return list(found.values())


def _file_parameters(options: Mapping[str, Any], paths: HelmPaths) -> tuple[list[Parameter], list[str]]:
    """`--set-file`, and the files that were read."""
    problems = paths.problems
    found: dict[str, Parameter] = {}
    files: list[str] = []
    for index, entry in enumerate(items(options.get("fileParameters"))):
        name, written = mapping(entry).get("name"), mapping(entry).get("path")
        route = ("helm", "fileParameters", index)
        if not isinstance(name, str) or not name:
            problems.block("application-invalid", "broken", "a file parameter has no `name`", "add the key of the value", *route)
            continue
        path = paths.resolve(written, (*route, "path") if written is not None else route)
        if path is None:
            continue
        file = paths.existing(path)
        if file is None:
            paths.missing(path, (*route, "path"))
            continue
        try:
            content = text_of(paths.read(file))
        except InputError as error:
            message = f"the file {shown(file)} cannot be a value: {error.failure.message}"
            problems.block("application-values-invalid", "broken", message, error.failure.fix, *route, "path")
            continue
        files.append(file)
        origin = problems.origin(*route, "path")
        found[name] = Parameter("file", name, origin.route, content, origin.file)
    return list(found.values()), files


def _kube_version(options: Mapping[str, Any], problems: Problems) -> str | None:
    written = text(options.get("kubeVersion"))
    if not written:
        return None
    version = kube_version_of(written)
    if version is None:
        message = f"`kubeVersion: {shown(written)}` is no version of Kubernetes such as 1.31"
        problems.block("application-helm-invalid", "broken", message, "write at least two numbers, in quotes", "helm", "kubeVersion")
    return version
