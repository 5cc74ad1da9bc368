"""A failed build as a failure: in the author's file, on its line where the message or the structure of the file gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from linter.model import Failure, mapping
from linter.rendering.kustomize import patch_messages
from linter.rendering.kustomize.complaints import Complaint, read_complaint
from linter.rendering.kustomize.lookup import Lookup
from linter.rendering.kustomize.places import Explained, Place
from linter.rendering.kustomize.references import references, value_of
from linter.rendering.kustomize.resolved import Kustomization, Resolved
from linter.rendering.kustomize.search import Search, object_id, walk

_ID = "kustomize-build"
_GENERATORS = ("configMapGenerator", "secretGenerator")


def explain(written: str, resolved: Resolved, top: Kustomization, lookup: Lookup) -> Failure:
    """What a failed build wrote on standard error, as a failure of the file to blame."""
    complaint = read_complaint(written)
    kustomization = next((entry for entry in resolved.kustomizations.values() if entry.directory == complaint.folder), top)
    search = Search(kustomization, lookup)
    if complaint.file and (path := search.path_of(complaint.file)) is not None and (error := search.unreadable(path)) is not None:
        return error.at(path)
    for pattern, handle in _KINDS:
        match = pattern.search(complaint.words)
        if match is not None and (found := handle(match, complaint, search, resolved)) is not None:
            place, message, fix = found
            return place.failure(_ID, message, fix)
    place = Place(kustomization.path)
    if complaint.file and (path := search.path_of(complaint.file)) is not None:
        place = Place(path)
    words = complaint.words or "no reason given"
    return place.failure(_ID, f"kustomize cannot build this: {words}", "mend what the message names")


def _unknown_field(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    name = match["name"]
    if not match["kustomization"]:
        for reference in references(search.kustomization.body):
            path = search.path_of(reference.value) if reference.kind == "file" else None
            source, documents = search.documents(path) if path is not None else ("", [])
            for document in documents:
                for route, _ in walk(document.value):
                    if path is not None and route and route[-1] == name:
                        return Place(path, source, route, document.index), f"kustomize knows no `{name}` here", "correct or remove the key"
        return None
    return (
        search.key(name) or search.at(()),
        f"a kustomization has no field `{name}` here",
        "correct its spelling or its indentation, or remove it",
    )


def _wrong_type(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained:
    steps = match["field"].split(".")[1:]
    place = search.key(steps[0]) if steps else None
    wanted = {"[]string": "a list of strings", "string": "a string", "int64": "a number", "bool": "true or false"}.get(match["wanted"], "")
    kind = _TYPES.get(match["found"])
    if place is not None and kind is not None and steps:
        body = mapping(search.kustomization.body)
        key = place.route[-1]
        values = [(route, value) for route, value in walk(body.get(str(key)), (key,)) if isinstance(value, kind)]
        named = [route for route, _ in values if route[-1] == steps[-1]] or [route for route, _ in values]
        if named:
            place = search.at(named[0])
    wanted = wanted or ("a list" if match["wanted"].startswith("[]") else "a mapping")
    return (
        place or search.at(()),
        f"`{'.'.join(steps)}` is {_ARTICLES.get(match['found'], match['found'])}, and kustomize wants {wanted}",
        "write " + wanted,
    )


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "number": (int, float), "bool": (bool,), "object": (dict,), "array": (list,),
}  # fmt: skip
_ARTICLES = {"string": "a string", "number": "a number", "bool": "true or false", "object": "a mapping", "array": "a list"}


def _duplicate(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    wanted = object_id(complaint.words)
    if wanted is None:
        return None
    message = f"{wanted} is among the resources twice"
    fix = "keep one of them, or give them different names or namespaces"
    path = search.path_of(complaint.file) if complaint.file else None
    if path is not None:
        found = search.in_file(path, wanted.matches, ("metadata", "name"))
        return found or Place(path), message, fix
    for reference in references(search.kustomization.body):
        if complaint.merged and search.path_of(reference.value) == complaint.merged:
            return search.at(reference.route), f"{message}, the second time from {complaint.merged}", fix
    return search.at(()), message, fix


def _generator(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    name = match["name"]
    place = search.named(_GENERATORS, name) or search.at(())
    if "does not exist" in complaint.words:
        return place, f"there is no {match['kind']} {name} to merge with or replace", "remove `behavior`, or add what it is about"
    return place, f"there is a {match['kind']} {name} already", "rename one of them, or write `behavior: merge` or `behavior: replace`"


def _repeated_key(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    place = search.named(_GENERATORS, match["name"]) or search.at(())
    return place, f"the generated {match['name']} has the key `{match['key']}` twice", "remove one of them"


def _literal(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained:
    # The message quotes the entry, which may be part of a secret.
    for field in _GENERATORS:
        for route, value in walk(value_of(search.kustomization.body, field), (field,)):
            if len(route) > 2 and route[-2] == "literals" and isinstance(value, str) and "=" not in value:
                return search.at(route), "this literal is no `key=value`", "write `key=value`"
    return search.at(()), "a literal is no `key=value`", "write `key=value`"


def _replacement(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    groups = match.groupdict()
    wanted = object_id(complaint.words)
    for route, body, place in _replacements(search):
        if groups.get("path") is not None:
            for inner, value in walk(body, route):
                if value == groups["path"]:
                    side = "source" if groups.get("source") else "target"
                    return (
                        place(inner),
                        f"the {side} of this replacement has no field {groups['path']}",
                        "correct the path, or add the field",
                    )
        elif wanted is not None:
            source = mapping(mapping(body).get("source"))
            if source.get("name") == wanted.name and source.get("kind", wanted.kind) == wanted.kind:
                return (
                    place((*route, "source", "name")),
                    f"the source of this replacement, {wanted}, is not among the resources",
                    "correct it, or add the object",
                )
    return None


def _replacements(search: Search) -> Iterator[tuple[tuple[str | int, ...], object, Callable[[tuple[str | int, ...]], Place]]]:
    entries = value_of(search.kustomization.body, "replacements")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        path = mapping(entry).get("path")
        real = search.path_of(path) if isinstance(path, str) else None
        if real is None:
            yield ("replacements", number), entry, search.at
            continue
        source, documents = search.documents(real)
        for document in documents:
            found = document.value if isinstance(document.value, list) else [document.value]
            for index, body in enumerate(found):
                route = (index,) if isinstance(document.value, list) else ()
                yield route, body, lambda inner, real=real, source=source, at=document.index: Place(real, source, inner, at)  # type: ignore[misc]


def _twice_defined(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    from linter.manifest.positions import index_positions

    for path in resolved.files:
        source, documents = search.documents(path) if path.endswith((".yaml", ".yml")) else ("", [])
        for document in documents:
            if document.duplicate_keys:
                for duplicate in index_positions(source).duplicates(document.index):
                    if duplicate.key == match["key"]:
                        return (
                            Place(path, source, (*duplicate.route, duplicate.key), document.index),
                            f"the key `{duplicate.key}` is here twice",
                            "remove one of them",
                        )
    return None


def _unreadable(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    path = search.path_of(match["path"])
    error = search.unreadable(path) if path is not None else None
    return (
        (Place(path, number=error.failure.line), error.failure.message, error.failure.fix)
        if path is not None and error is not None
        else None
    )


def _no_object(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    path = search.path_of(complaint.file) if complaint.file else None
    if path is None:
        return None
    if "name" in match[0]:
        place = search.in_file(
            path, lambda value: isinstance(value, dict) and not mapping(value.get("metadata")).get("name"), ("metadata",)
        )
        return place or Place(path), "this object has no metadata.name", "name it"
    place = search.in_file(path, lambda value: value is not None and not (mapping(value).get("kind") and mapping(value).get("apiVersion")))
    return (
        place or Place(path),
        "this is listed as a resource, and is no Kubernetes object",
        "add apiVersion, kind and metadata, or remove the entry from `resources`",
    )


def _plugin_config(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    why = match.groupdict().get("why") or "kustomize has no such plugin built in"
    for reference in references(search.kustomization.body):
        path = search.path_of(reference.value) if reference.kind == "plugin" else None
        place = search.in_file(path, lambda value: mapping(value).get("kind") == match["kind"], ("kind",)) if path is not None else None
        if place is not None:
            return place, f"{match['kind']} cannot be used: {why}", "correct this configuration"
    return None


def _helm(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained:
    ending = "/" + match["path"]
    line = match.groupdict().get("line")
    path = next((path for path in resolved.files if f"/{path}".endswith(ending)), None)
    message = f"Helm cannot render this chart: {match['why']}"
    fix = "mend the template, or give it the values it needs under `valuesInline`"
    if path is None:
        return search.key("helmCharts") or search.at(()), message, fix
    return Place(path, number=int(line) if line is not None else None), message, fix


def _helm_output(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained:
    place, _, _ = _helm(match, complaint, search, resolved)
    return place, "what this template of a chart renders to is not valid YAML", "render the chart with the same values to see its output"


def _empty_entry(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    for route, value in walk(search.kustomization.body):
        if value is None and route and isinstance(route[-1], int):
            return search.at(route), "this entry is empty, and kustomize cannot read that", "remove the entry, or write what it names"
    if not match[0].startswith("panic"):
        return None
    return search.at(()), "kustomize itself breaks down on this", "try another version of kustomize, or build it by hand to see where"


def _named_object(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained:
    return (
        search.key("namespace") or search.at(()),
        "with this namespace, two objects of the resources have one kind and name",
        "keep one of them, or rename one",
    )


def _empty(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained:
    return search.at(()), "this kustomization says nothing to build", "list the files of this folder under `resources`"


def _version(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained:
    return (
        search.key(match["key"]) or search.at(()),
        f"{match['key']} should be {match['right']}",
        f"write `{match['key']}: {match['right']}`",
    )


def _variable(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    place = search.named(("vars",), match["name"])
    return (place, f"nothing among the resources is what the variable {match['name']} refers to", "correct `objref`") if place else None


def _kept(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


_Handle = Callable[["re.Match[str]", Complaint, Search, Resolved], "Explained | None"]
_KINDS: tuple[tuple[re.Pattern[str], _Handle], ...] = (
    (_kept(r"(?P<kustomization>invalid Kustomization: )?.*json: unknown field \"(?P<name>.*?)\""), _unknown_field),
    (_kept(r"cannot unmarshal (?P<found>\w+) into Go struct field (?P<field>[\w.]+) of type (?P<wanted>\S+)"), _wrong_type),
    (_kept(r"failed to find unique target for patch"), patch_messages.no_target),
    (_kept(r"error in (?P<op>\w+) for path: '(?P<path>[^']*)': (?P<why>.*)"), patch_messages.json_patch),
    (
        _kept(r"(?P<op>\w+) operation does not apply: doc is missing (?:path|key): \"?(?P<path>/[^\s:\"]*)\"?: (?P<why>.*)"),
        patch_messages.json_patch,
    ),
    (_kept(r"unable to parse SM or JSON patch from \[path: \"(?P<path>.*?)\"\]"), patch_messages.bad_patch),
    (_kept(r"unable to parse SM or JSON patch from \[patch\]"), patch_messages.bad_inline_patch),
    (_kept(r"may not add resource with an already registered id"), _duplicate),
    (_kept(r"Kind:\"(?P<kind>\w+)\".*?Name:\"(?P<name>[^\"]+)\".*?(?:does not exist|exists); "), _generator),
    (_kept(r"(?:configmap|secret) (?P<name>\S+) illegally repeats the key `(?P<key>.*?)`"), _repeated_key),
    (_kept(r"invalid literal source"), _literal),
    (_kept(r"nothing selected by"), _replacement),
    (_kept(r"fieldPath `(?P<path>[^`]*)` is missing for replacement (?P<source>source)"), _replacement),
    (_kept(r"unable to find field \"(?P<path>[^\"]*)\" in replacement target"), _replacement),
    (_kept(r"mapping key \"(?P<key>.*?)\" already defined"), _twice_defined),
    (_kept(r"missing (?:Resource metadata|metadata\.name)"), _no_object),
    (_kept(r"from '(?P<path>[^']+)': .*yaml: "), _unreadable),
    (_kept(r"unable to load builtin (?P<kind>\w+)\."), _plugin_config),
    (_kept(r"plugin (?P<kind>\w+)\.\S+ fails configuration: (?P<why>.*)"), _plugin_config),
    (_kept(r"execution error at \((?P<path>[^:()]+):(?P<line>[0-9]+)(?::[0-9]+)?\): (?P<why>.*)"), _helm),
    (_kept(r"parse error at \((?P<path>[^:()]+):(?P<line>[0-9]+)(?::[0-9]+)?\): (?P<why>.*)"), _helm),
    (_kept(r"YAML parse error on (?P<path>[^:()\s]+): (?P<why>.*)"), _helm_output),
    (_kept(r"patch and path can't be set at the same time"), patch_messages.patch_twice),
    (_kept(r"(?:parse|template): (?P<path>[^:()\s]+):(?P<line>[0-9]+)(?::[0-9]+)?: (?P<why>.*)"), _helm),
    (_kept(r"namespace transformation produces ID conflict"), _named_object),
    (_kept(r"is empty$"), _empty),
    (_kept(r"(?P<key>apiVersion|kind) (?:for \w+ )?should be (?P<right>\S.*)"), _version),
    (_kept(r"^(?:panic: |.* must resolve to a file|chart name cannot be empty|must specify one of patch and path)"), _empty_entry),
    (_kept(r"var '\{(?P<name>\S+) "), _variable),
)
