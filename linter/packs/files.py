"""Rule files -> checked values. Every mistake in a rule file is an error that names file, line and remedy."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from linter import shipped
from linter.errors import ConfigurationError, InputError
from linter.kubernetes.kinds import BUILT_IN_GROUPS
from linter.manifest.decoder import decode_bytes
from linter.model.routes import Route
from linter.packs.rule import Pack, Rule

RuleSource = Mapping[str, Any]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = ("name", "value", "kind", "resource")
_ID = re.compile(r"[a-z][a-z]*(_[a-z]+)*")
_validators: dict[str, Any] = {}


def read_pack(folder: str, name: str | None = None, *, allow_python: bool = True) -> tuple[Pack, dict[str, RuleSource]]:
    """The pack in a folder, and the decoded source of each of its rules by id.

    Raises ConfigurationError for the first file that is no valid pack or rule.
    """
    try:
        listing = sorted(os.listdir(folder))
    except OSError as error:
        raise ConfigurationError(folder, None, f"cannot read this pack: {error.strerror}") from None
    if "pack.yaml" not in listing:
        raise ConfigurationError(folder, None, "a pack needs a file pack.yaml with name, version, title and description")
    manifest, locate = _read(os.path.join(folder, "pack.yaml"), "pack")
    if name is not None and manifest["name"] != name:
        path = os.path.join(folder, "pack.yaml")
        raise ConfigurationError(path, locate(("name",)), f"the pack calls itself `{manifest['name']}`, but is used as `{name}`")
    rules: list[Rule] = []
    sources: dict[str, RuleSource] = {}
    for entry in listing:
        if entry == "pack.yaml" or not entry.endswith((".yaml", ".yml")):
            continue
        rule, source = read_rule(os.path.join(folder, entry), manifest["name"], allow_python=allow_python)
        rules.append(rule)
        sources[rule.id] = source
    for entry in listing:
        if entry.endswith(".py") and entry[:-3] + ".yaml" not in listing:
            raise ConfigurationError(os.path.join(folder, entry), None, f"a check without its rule: write {entry[:-3]}.yaml beside it")
    pack = Pack(manifest["name"], manifest["version"], manifest["title"], manifest["description"].strip(), tuple(rules))
    return pack, sources


def read_rule(path: str, pack: str, *, allow_python: bool = True) -> tuple[Rule, RuleSource]:
    """The rule in one file, and its decoded source.

    Raises ConfigurationError naming file, line and remedy.
    """
    stem = os.path.splitext(os.path.basename(path))[0]
    if not _ID.fullmatch(stem):
        raise ConfigurationError(path, None, "name a rule file after the bad pattern: lower-case words joined by underscores, no digits")
    source, locate = _read(path, "rule")
    check_path: str | None = os.path.splitext(path)[0] + ".py"
    if not os.path.exists(check_path):  # type: ignore[arg-type]
        check_path = None
    if check_path is not None and not allow_python:
        raise ConfigurationError(check_path, None, "this pack may hold declarative rules only: use `schema:` instead of Python")
    if check_path is None and "schema" not in source:
        raise ConfigurationError(path, None, f"the rule checks nothing: give it a `schema:` or a check() in {stem}.py")
    if check_path is not None and "schema" in source:
        raise ConfigurationError(path, locate(("schema",)), f"the rule has both a `schema:` and {stem}.py: keep one of them")
    if check_path is None and "message" not in source:
        raise ConfigurationError(path, None, "a rule with `schema:` needs a `message:`")
    _check_match(path, source, locate)
    _check_placeholders(path, source, locate)
    _check_schemas(path, source, locate)
    [(kind, value)] = source["match"].items()
    rule = Rule(
        id=f"{pack}/{stem.replace('_', '-')}",
        pack=pack,
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
        check_path=check_path,
    )
    return rule, source


def _read(path: str, schema: str) -> tuple[dict[str, Any], Any]:
    """A file that satisfies one of our schemas, and a function route -> line for further complaints."""
    from linter.manifest.positions import index_positions

    with open(path, "rb") as file:
        data = file.read()
    try:
        text, documents = decode_bytes(data)
    except InputError as error:
        raise ConfigurationError(path, error.failure.line, f"{error.failure.message}; {error.failure.fix}") from None

    def locate(route: Route) -> int:
        written = tuple("true" if step == "on" else step for step in route)
        return index_positions(text).locate(documents[0].index, written, "key")[0]

    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise ConfigurationError(path, 1, f"a {schema} file holds exactly one mapping")
    value = _with_on(documents[0].value)
    if documents[0].duplicate_keys:
        duplicate = index_positions(text).duplicates(documents[0].index)[0]
        raise ConfigurationError(
            path, locate((*duplicate.route, duplicate.key)), f"the key `{duplicate.key}` appears twice: keep one of them"
        )
    if not _validator(schema).is_valid(value):
        from linter.explaining import explain_mistakes

        rules = json.loads(shipped.read("schemas", f"{schema}.schema.json"))
        route, message = explain_mistakes(rules, value, lambda route: index_positions(text).written(documents[0].index, route))[0]
        raise ConfigurationError(path, locate(route), message)
    return value, locate


def _with_on(value: dict[str, Any]) -> dict[str, Any]:
    """The mapping with its key `on` restored: YAML, as Kubernetes reads it, takes the bare word for the boolean true."""
    renamed = {"on" if key == "true" else key: entry for key, entry in value.items()}
    match = renamed.get("match")
    if isinstance(match, dict) and "true" in match:
        renamed["match"] = {"on" if key == "true" else key: entry for key, entry in match.items()}
    return renamed


def _validator(name: str) -> Any:
    if name not in _validators:
        import jsonschema_rs

        _validators[name] = jsonschema_rs.validator_for(json.loads(shipped.read("schemas", f"{name}.schema.json")))
    return _validators[name]


def _check_match(path: str, source: RuleSource, locate: Any) -> None:
    """A match that cannot work together with the rest, or that no object will ever satisfy."""
    [(kind, value)] = source["match"].items()
    if "schema" in source and kind == "on" and value != "document":
        raise ConfigurationError(
            path, locate(("match",)), f"a `schema:` cannot be checked on the {value}: use each, kinds or `on: document`"
        )
    for index, name in enumerate(value if kind == "kinds" else ()):
        group, slash, bare = name.rpartition("/")
        if slash and group in BUILT_IN_GROUPS:
            raise ConfigurationError(path, locate(("match", "kinds", index)), f"`{name}` is built into Kubernetes: write it as `{bare}`")


def _check_placeholders(path: str, source: RuleSource, locate: Any) -> None:
    for name in _PLACEHOLDER.findall(source.get("message", "")):
        if name not in _PLACEHOLDERS and not (name.startswith("params.") and name[7:] in source.get("params", {})):
            known = ", ".join(
                [*(f"{{{known}}}" for known in _PLACEHOLDERS), *(f"{{params.{param}}}" for param in source.get("params", {}))]
            )
            raise ConfigurationError(path, locate(("message",)), f"unknown placeholder `{{{name}}}` in the message; known are {known}")


def _check_schemas(path: str, source: RuleSource, locate: Any) -> None:
    """A schema that does not compile, or a default its own schema rejects, is found when the pack is read."""
    import jsonschema_rs

    for route, schema in (
        (("schema",), source.get("schema")),
        *((("params", name), param) for name, param in source.get("params", {}).items()),
    ):
        if schema is None:
            continue
        try:
            validator = jsonschema_rs.validator_for(schema)
        except ValueError as error:
            raise ConfigurationError(path, locate(route), f"this is no valid JSON Schema: {str(error).splitlines()[0]}") from None
        if route[0] == "params" and not validator.is_valid(schema["default"]):
            raise ConfigurationError(path, locate((*route, "default")), f"the default of `{route[1]}` does not satisfy its own schema")
