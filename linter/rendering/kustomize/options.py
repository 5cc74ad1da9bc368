"""The `kustomize` block of an Application, applied to a kustomization as Argo CD applies it before it builds.

Sources: `util/kustomize/kustomize.go` of Argo CD, which calls `kustomize edit`, and `kustomize/commands/edit` of kustomize.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from linter.errors import InputError
from linter.model import items, mapping, text
from linter.rendering.kustomize.references import field, value_of

_TAG = re.compile(r"(?P<name>.*):(?P<tag>[a-zA-Z0-9._-]*|\*)", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_KEEP = "*"

Matches = Callable[[str], Sequence[str]]
"""The directories and files that a component names, relative to the kustomization; a pattern may name several."""


def edited(body: Mapping[str, Any], options: Mapping[str, Any], matches: Matches) -> dict[str, Any]:
    """A kustomization with the options of an Application applied to it.

    Raises InputError `kustomize-options-invalid` where Argo CD would refuse the options.
    """
    result = dict(body)
    for option, key in (("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")):
        if value := text(options.get(option)):
            _put(result, key, value)
    if options.get("images"):
        _set_images(result, options["images"])
    if options.get("replicas"):
        _set_replicas(result, options["replicas"])
    if labels := _strings(options, "commonLabels"):
        _add_labels(result, labels, options)
    if annotations := _strings(options, "commonAnnotations"):
        found = dict(mapping(value_of(result, "commonAnnotations")))
        _add(found, annotations, force=bool(options.get("forceCommonAnnotations")), what="annotation", option="forceCommonAnnotations")
        _put(result, "commonAnnotations", found)
    if namespace := text(options.get("namespace")):
        _put(result, "namespace", namespace)
    if options.get("patches"):
        _add_patches(result, options["patches"])
    if options.get("components"):
        _add_components(result, options, matches)
    return result


def _invalid(message: str, fix: str) -> NoReturn:
    raise InputError("kustomize-options-invalid", message, fix=fix, stage="render")


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    for key in [key for key, _ in field(body, name)]:
        del body[key]
    body[name] = value


def _list(options: Mapping[str, Any], name: str) -> list[Any]:
    value = options.get(name)
    if not isinstance(value, list):
        _invalid(f"`{name}` of the Application is no list", "write a list")
    return value


def _strings(options: Mapping[str, Any], name: str) -> dict[str, str]:
    value = options.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
        _invalid(f"`{name}` of the Application is no mapping of strings", "quote the values that are no strings")
    return value


def _set_images(body: dict[str, Any], images: Any) -> None:
    """An image replaces the entry of the same name; `*` keeps a part of that entry."""
    wanted: dict[str, dict[str, str]] = {}
    for image in _list({"images": images}, "images"):
        entry = _image(image)
        wanted[entry["name"]] = entry
    existing = [mapping(entry) for name in ("images", "imageTags") for entry in items(value_of(body, name))]
    for old in existing:
        name = text(old.get("name"))
        if name not in wanted:
            wanted[name] = old
            continue
        new = wanted[name]
        wanted[name] = {key: text(old.get(key)) if value == _KEEP else value for key, value in new.items()}
    for key in [key for key, _ in field(body, "imageTags")]:
        del body[key]
    entries = [{key: value for key, value in entry.items() if value and value != _KEEP} for _, entry in sorted(wanted.items())]
    _put(body, "images", entries)


def _image(image: Any) -> dict[str, str]:
    if not isinstance(image, str):
        _invalid("an entry of `images` of the Application is no string", "write `name=new-name:tag`, `name:tag` or `name@digest`")
    key, equals, value = image.partition("=")
    if not equals:
        key, value = "", image
    rest, _, digest = value.partition("@")
    match = _TAG.fullmatch(rest)
    name, tag = (match["name"], match["tag"]) if match is not None else (rest, "")
    if name == image:
        _invalid(f"the image {image!r} of the Application says nothing to set", "write `name=new-name:tag`, `name:tag` or `name@digest`")
    parts = {"newTag": tag, "digest": digest}
    return {"name": key, "newName": name, **parts} if equals else {"name": name, "newName": "", **parts}


def _set_replicas(body: dict[str, Any], replicas: Any) -> None:
    wanted: dict[str, Any] = {}
    for replica in map(mapping, _list({"replicas": replicas}, "replicas")):
        name, count = text(replica.get("name")), replica.get("count")
        if isinstance(count, str) and _INTEGER.fullmatch(count):
            count = int(count)
        if not isinstance(count, int) or isinstance(count, bool):
            _invalid(
                f"the replica count of {name or 'an entry'} in the Application is no integer: {replica.get('count')!r}", "write a number"
            )
        if not name or "=" in name:
            _invalid("an entry of `replicas` of the Application has no proper name", "name a Deployment or StatefulSet")
        wanted[name] = {"name": name, "count": count}
    for old in items(value_of(body, "replicas")):
        wanted.setdefault(text(mapping(old).get("name")), old)
    _put(body, "replicas", [entry for _, entry in sorted(wanted.items())])


def _add_labels(body: dict[str, Any], labels: Mapping[str, str], options: Mapping[str, Any]) -> None:
    force = bool(options.get("forceCommonLabels"))
    templates = bool(options.get("labelIncludeTemplates"))
    if not options.get("labelWithoutSelector"):
        if templates:
            _invalid("`labelIncludeTemplates` of the Application needs `labelWithoutSelector`", "set `labelWithoutSelector: true` as well")
        found = dict(mapping(value_of(body, "commonLabels")))
        _add(found, labels, force=force, what="label", option="forceCommonLabels")
        _put(body, "commonLabels", found)
        return
    entries = [dict(mapping(entry)) for entry in items(value_of(body, "labels"))]
    same = (entry for entry in entries if not entry.get("includeSelectors") and bool(entry.get("includeTemplates")) == templates)
    target = next(same, None)
    if target is None:
        target = {"pairs": {}, **({"includeTemplates": True} if templates else {})}
        entries.append(target)
    pairs = dict(mapping(target.get("pairs")))
    _add(pairs, labels, force=force, what="label", option="forceCommonLabels")
    target["pairs"] = pairs
    _put(body, "labels", entries)


def _add(found: dict[str, Any], wanted: Mapping[str, str], *, force: bool, what: str, option: str) -> None:
    for key, value in sorted(wanted.items()):
        if not key or ":" in key:
            _invalid(f"{key!r} in the Application is no key of a {what}", "correct the key")
        if key in found and not force:
            _invalid(
                f"the kustomization sets the {what} {key}, and the Application sets it as well",
                f"remove it from one of them, or set `{option}: true` in the Application",
            )
        found[key] = value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value


def _add_patches(body: dict[str, Any], patches: Any) -> None:
    """Argo CD writes them behind those that are there, by the exact name of the field."""
    existing = body.get("patches", [])
    if not isinstance(existing, list):
        _invalid(
            "`patches` of the kustomization is no list, so Argo CD cannot add those of the Application", "write a list, or remove the key"
        )
    known = ("path", "patch", "target", "options")
    added = [{key: entry[key] for key in known if entry.get(key)} for entry in map(mapping, _list({"patches": patches}, "patches"))]
    body["patches"] = [*existing, *added]


def _add_components(body: dict[str, Any], options: Mapping[str, Any], matches: Matches) -> None:
    existing = [*items(value_of(body, "components"))]
    for component in _list(options, "components"):
        if not isinstance(component, str):
            _invalid("an entry of `components` of the Application is no string", "name a folder")
        found = matches(component)
        if not found and options.get("ignoreMissingComponents"):
            continue
        if not found:
            _invalid(
                f"the component {component} of the Application does not exist",
                "correct the path, which counts from the folder of the kustomization, or set `ignoreMissingComponents: true`",
            )
        existing += [entry for entry in found if entry not in existing and os.path.basename(entry) != ""]
    if existing:
        _put(body, "components", existing)
