"""Rule files -> checked values. Every mistake in a rule file is an error that names file, line and remedy."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from linter.errors import ConfigurationError
from linter.kubernetes.kinds import BUILT_IN_GROUPS
from linter.packs.folders import DiskFolder, PackFolder
from linter.packs.rule import Pack, Rule
from linter.packs.schemas import compile_schema
from linter.packs.source import SourceFile
from linter.packs.versions import is_newer

RuleSource = Mapping[str, Any]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = ("name", "value", "kind", "resource")
_ID = re.compile(r"[a-z][a-z]*(_[a-z]+)*")


def read_pack(
    folder: str | PackFolder, name: str | None = None, *, allow_python: bool = True, shipped: bool = False
) -> tuple[Pack, dict[str, RuleSource]]:
    """The pack in a folder, and the decoded source of each of its rules by id.

    A text is a folder on disk. `name` is what the pack is used as. Without `allow_python` a check in Python is refused.
    `shipped` packs have pages on our website, and no paths.

    Raises ConfigurationError for the first file that is no valid pack or rule.
    """
    if isinstance(folder, str):
        folder = DiskFolder(folder)
    listing = folder.names()
    if "pack.yaml" not in listing:
        raise ConfigurationError(folder.path, None, "a pack needs a file pack.yaml with name, version, title and description")
    manifest = SourceFile(os.path.join(folder.path, "pack.yaml"), folder.read("pack.yaml"), "pack")
    about = manifest.value
    if name is not None and about["name"] != name:
        raise manifest.mistake(("name",), f"the pack calls itself `{about['name']}`, but is used as `{name}`")
    rules: list[Rule] = []
    sources: dict[str, RuleSource] = {}
    for entry in listing:
        if entry.endswith(".py") and entry[:-3] + ".yaml" not in listing:
            raise ConfigurationError(os.path.join(folder.path, entry), None, f"a check without its rule: write {entry[:-3]}.yaml beside it")
        if entry == "pack.yaml" or not entry.endswith((".yaml", ".yml")):
            continue
        stem = os.path.splitext(entry)[0]
        python = stem + ".py" if stem + ".py" in listing else None
        if python is not None and not allow_python:
            raise ConfigurationError(
                os.path.join(folder.path, python), None,
                "this pack may hold declarative rules only: use `schema:` or `require:` instead of Python, or run with "
                f"`--allow-python-pack {folder.path}` if you trust what stands there",
            )  # fmt: skip
        rule, source = _read_rule(folder, entry, python, about, shipped)
        if rule.id in sources:
            raise ConfigurationError(os.path.join(folder.path, entry), None, f"there are two files for the rule {rule.id}: keep one")
        rules.append(rule)
        sources[rule.id] = source
    where = None if shipped else folder.path
    return Pack(about["name"], about["version"], about["title"], about["description"].strip(), tuple(rules), folder=where), sources


def _read_rule(folder: PackFolder, name: str, python: str | None, pack: Mapping[str, Any], shipped: bool) -> tuple[Rule, RuleSource]:
    path = os.path.join(folder.path, name)
    stem = os.path.splitext(name)[0]
    if not _ID.fullmatch(stem):
        raise ConfigurationError(path, None, "name a rule file after the bad pattern: lower-case words joined by underscores, no digits")
    file = SourceFile(path, folder.read(name), "rule")
    source = file.value
    _check_kind_of_check(file, python)
    _check_match(file)
    _check_placeholders(file)
    _check_schemas(file)
    _check_history(file, pack)
    require: tuple[Mapping[str, Any], ...] = ()
    if "require" in source:
        from linter.packs.requirements import read_requirements

        require = read_requirements(file)
    [(kind, value)] = source["match"].items()
    rule = Rule(
        id=f"{pack['name']}/{stem.replace('_', '-')}",
        pack=pack["name"],
        title=source["title"],
        severity=source["severity"],
        default=source.get("default", False),
        since=source["since"],
        fix=source["fix"].strip(),
        match=(kind, tuple(value) if isinstance(value, list) else (value,)),
        schema=source.get("schema"),
        at=tuple(source["at"]) if "at" in source else None,
        on=source.get("on", "value"),
        message=source.get("message", "").strip(),
        params=source.get("params", {}),
        targets=source.get("targets", {}),
        equivalents={peer: tuple(ids) for peer, ids in source.get("equivalents", {}).items()},
        aliases=tuple(source.get("aliases", ())),
        changes=tuple(source.get("changes", ())),
        check_path=folder.on_disk(python) if python is not None else None,
        require=require,
        sensitive=source.get("sensitive", False),
        path="" if shipped else path,
    )
    return rule, source


def _check_kind_of_check(file: SourceFile, python: str | None) -> None:
    """A rule is checked in exactly one way."""
    source = file.value
    ways = [*(key for key in ("schema", "require") if key in source), *([python] if python is not None else [])]
    if not ways:
        name = os.path.splitext(os.path.basename(file.path))[0] + ".py"
        raise file.mistake(None, f"the rule checks nothing: give it a `schema:` or a check() in {name}")
    if len(ways) > 1:
        words = " and ".join(way if way == python else f"a `{way}:`" for way in ways)
        raise file.mistake((ways[0],), f"the rule has both {words}: keep one of them")
    if "schema" in source and "message" not in source:
        raise file.mistake(None, "a rule with `schema:` needs a `message:`")


def _check_match(file: SourceFile) -> None:
    """A match that cannot work together with the rest, or that no object will ever satisfy."""
    [(kind, value)] = file.value["match"].items()
    for key in ("schema", "require"):
        if key in file.value and kind == "on" and value != "document":
            raise file.mistake(("match",), f"a `{key}:` cannot be checked on the {value}: use each, kinds or `on: document`")
    for index, name in enumerate(value if kind == "kinds" else ()):
        group, slash, bare = name.rpartition("/")
        if slash and group in BUILT_IN_GROUPS:
            raise file.mistake(("match", "kinds", index), f"`{name}` is built into Kubernetes: write it as `{bare}`")


def _check_placeholders(file: SourceFile) -> None:
    params = file.value.get("params", {})
    messages: list[tuple[tuple[str | int, ...], str]] = [(("message",), file.value.get("message", ""))]
    if isinstance(required := file.value.get("require"), list):
        messages += [(("require", index, "message"), entry.get("message", "")) for index, entry in enumerate(required)]
    for route, message in messages:
        for name in _PLACEHOLDER.findall(message):
            if name not in _PLACEHOLDERS and not (name.startswith("params.") and name[7:] in params):
                known = ", ".join([*(f"{{{known}}}" for known in _PLACEHOLDERS), *(f"{{params.{param}}}" for param in params)])
                raise file.mistake(route, f"unknown placeholder `{{{name}}}` in the message; known are {known}")


def _check_schemas(file: SourceFile) -> None:
    """A schema that does not compile, or a default its own schema rejects, is found when the pack is read."""
    for route, schema in (
        (("schema",), file.value.get("schema")),
        *((("params", name), param) for name, param in file.value.get("params", {}).items()),
    ):
        if schema is None:
            continue
        try:
            validator = compile_schema(schema)
        except ValueError as error:
            raise file.mistake(route, f"this is no valid JSON Schema: {str(error).splitlines()[0]}") from None
        if route[0] == "params" and not validator.is_valid(schema["default"]):
            raise file.mistake((*route, "default"), f"the default of `{route[1]}` does not satisfy its own schema")


def _check_history(file: SourceFile, pack: Mapping[str, Any]) -> None:
    """What a rule says about its past must fit its pack and its present, or pins would compute nonsense."""
    source, version = file.value, pack["version"]
    if is_newer(source["since"], version):
        raise file.mistake(("since",), f"the rule is from {source['since']}, but its pack has the version {version}: see pack.yaml")
    params = source.get("params", {})
    for index, change in enumerate(source.get("changes", ())):
        at = change["version"]
        route = ("changes", index)
        if not is_newer(at, source["since"]) or is_newer(at, version):
            raise file.mistake((*route, "version"), f"a change belongs between {source['since']}, the rule's first version, and {version}")
        if len(change) == 1:
            raise file.mistake(route, "say what the rule had before this version: `default`, `severity` or `params`")
        for name, before in change.get("params", {}).items():
            if name not in params:
                raise file.mistake((*route, "params", name), f"the rule has no parameter `{name}`")
            if not compile_schema(params[name]).is_valid(before):
                raise file.mistake((*route, "params", name), f"this does not satisfy the schema of `{name}` as it is today")
