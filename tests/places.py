"""Where findings are shown, for tests: a pack of rules about marked values, and the text that stands at a place."""

from __future__ import annotations

from collections.abc import Mapping

from packs_in_memory import pack_files, rule_text

from linter.model import Finding, Location

# Each rule reports one kind of mark, wherever it stands.
RULES = {
    "bad_data.yaml": rule_text(
        "schema: {properties: {data: {additionalProperties: {not: {pattern: BAD}}}}}", match="{kinds: [ConfigMap]}", message="bad data"
    ),
    "bad_secret.yaml": rule_text(
        "schema: {properties: {stringData: {additionalProperties: {not: {pattern: BAD}}}, "
        "data: {additionalProperties: {not: {pattern: (BAD|MkJB)}}}}}",
        match="{kinds: [Secret]}",
        message="'bad secret {value}'",
    ),
    "latest.yaml": rule_text(
        "schema: {properties: {image: {not: {pattern: ':latest$'}}}}", match="{each: all_containers}", message="'{value} moves'"
    ),
    "privileged.yaml": rule_text(
        "schema: {properties: {securityContext: {properties: {privileged: {const: false}}}}}",
        match="{each: all_containers}",
        message="root",
    ),
    "limits_missing.yaml": rule_text("schema: {required: [resources]}", match="{each: containers}", message="none", more="at: [resources]"),
    "one_replica.yaml": rule_text(
        "schema: {properties: {spec: {properties: {replicas: {minimum: 2}}}}}", match="{kinds: [Deployment]}", message="'{value} replicas'"
    ),
    "bad_label.yaml": rule_text(
        "schema: {properties: {metadata: {properties: {labels: {additionalProperties: {not: {pattern: BAD}}}}}}}",
        match="{kinds: [ConfigMap, Deployment]}",
        message="bad label",
    ),
    "bad_namespace.yaml": rule_text(
        "schema: {properties: {metadata: {properties: {namespace: {not: {const: bad}}}}}}",
        match="{kinds: [ConfigMap]}",
        message="bad namespace",
    ),
}
CONFIG = "packs: {acme: {path: policy/acme}}\nselect: [acme]\n"
PACK = pack_files(RULES)

Shown = tuple[str, str, str]


def with_rules(files: Mapping[str, str | bytes], config: str = "") -> dict[str, str | bytes]:
    """Files of a repository, and the rules of this module chosen for it."""
    return {".gitops-lint.yaml": CONFIG + config, **PACK, **files}


def text_at(files: Mapping[str, str | bytes], location: Location) -> str:
    """The text that a place covers; `…` stands for line breaks."""
    content = files[location.path]
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    lines = text.replace("\r\n", "\n").split("\n")[location.line - 1 : location.end_line]
    lines[-1] = lines[-1][: location.end_column - 1]
    lines[0] = lines[0][location.column - 1 :]
    return "…".join(lines)


def shown(files: Mapping[str, str | bytes], location: Location) -> Shown:
    """A place as path, text and precision."""
    return f"{location.path}:{location.line}", text_at(files, location), location.precision


def related(files: Mapping[str, str | bytes], finding: Finding) -> list[tuple[str, str, str]]:
    """The related places of a finding as message, place and text."""
    return [(entry.message, f"{entry.location.path}:{entry.location.line}", text_at(files, entry.location)) for entry in finding.related]
