"""What kustomize says of patches, in words for their authors."""

from __future__ import annotations

import re

from linter.errors import InputError
from linter.manifest.decoder import decode_text
from linter.model import mapping
from linter.rendering.kustomize.complaints import Complaint
from linter.rendering.kustomize.places import Explained, Place
from linter.rendering.kustomize.resolved import Resolved
from linter.rendering.kustomize.search import Search, object_id


def no_target(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    """A patch for an object that there is not."""
    wanted = object_id(complaint.words)
    if wanted is None:
        return None
    fix = "correct kind and name of the patch (names count before prefixes and suffixes), or add the object to the resources"
    message = f"this patch is for {wanted}, which is not among the resources"
    for _, documents, place in search.patches():
        for index, document in enumerate(documents):
            if wanted.matches(document):
                return place(("metadata", "name"), index), message, fix
    return search.at(()), f"a patch is for {wanted}, which is not among the resources", fix


def json_patch(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    """A step of a JSON patch that cannot be taken."""
    for _, documents, place in search.patches():
        for index, document in enumerate(documents):
            for number, step in enumerate(document if isinstance(document, list) else ()):
                if mapping(step).get("path") == match["path"] and mapping(step).get("op", match["op"]) == match["op"]:
                    words = f"the step `{match['op']} {match['path']}` of this patch fails: {match['why']}"
                    return place((number, "path"), index), words, "correct the path, or add what it leads to"
    return None


def bad_patch(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained | None:
    """A file that is no patch."""
    path = search.path_of(match["path"])
    if path is None:
        return None
    if (error := search.unreadable(path)) is not None:
        return Place(path, number=error.failure.line), f"this patch is {error.failure.message}", error.failure.fix
    return (
        Place(path, search.documents(path)[0]),
        "this is neither a strategic merge patch nor a JSON patch",
        "write apiVersion, kind and metadata.name, or a list of steps",
    )


def bad_inline_patch(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained:
    """A patch in the kustomization that is none."""
    patches = mapping(search.kustomization.body).get("patches")
    for number, entry in enumerate(patches if isinstance(patches, list) else ()):
        inline = mapping(entry).get("patch")
        try:
            documents = decode_text(inline) if isinstance(inline, str) else None
        except InputError:
            documents = []
        # The reader's words quote the patch, which may be part of a secret.
        if documents is not None and not any(isinstance(document.value, dict | list) for document in documents):
            return search.at(("patches", number, "patch")), "this patch is not valid YAML", "correct it; `yamllint` says where"
    return (
        search.at(()),
        "a patch is neither a strategic merge patch nor a JSON patch",
        "write apiVersion, kind and metadata.name, or steps",
    )


def patch_twice(match: re.Match[str], complaint: Complaint, search: Search, resolved: Resolved) -> Explained:
    """An entry with both a file and a patch."""
    # The message quotes the patch, which may be part of a secret.
    patches = mapping(search.kustomization.body).get("patches")
    entries = patches if isinstance(patches, list) else []
    number = next((number for number, entry in enumerate(entries) if {"path", "patch"} <= set(mapping(entry))), None)
    place = search.at(("patches", number, "path") if number is not None else ())
    return place, "this patch has both `path` and `patch`", "keep one of them"
