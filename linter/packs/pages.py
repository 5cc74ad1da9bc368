"""Markdown pages about rules: one per rule, one per pack, and how the checks of another linter correspond to ours.

Texts of rules come from their authors, a team's included: everything outside code spans is escaped, so that no text
becomes markup or HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from linter.packs.rule import Pack, Rule, RuleTexts

_MARK = "# <-- here"
_SINGLE_FILE = "manifest.yaml"

_SUBJECTS = {
    "containers": "each container (`spec.containers`)",
    "sidecars": "each sidecar (an init container with `restartPolicy: Always`)",
    "init_containers": "each init container",
    "ephemeral_containers": "each ephemeral container",
    "all_containers": "each container: containers, init containers, sidecars and ephemeral containers",
    "pod_spec": "the spec of each pod and pod template",
    "pod_templates": "each pod and pod template",
    "document": "each YAML document that holds an object",
    "duplicate": "each key that appears twice",
    "scalar": "each number and key that YAML reads as something else than its author wrote",
    "chart": "each Helm chart",
    "application": "each Argo CD Application",
    "state": "everything that ends up on one destination",
    "repository": "the whole repository",
    "change": "each object that a change alters",
    "suppression": "each comment, annotation or configuration entry that accepts a finding",
}
# What these rules report on is no object, so no annotation can stand on it.
_WITHOUT_OBJECT = ("document", "duplicate", "chart", "repository", "suppression")
_TYPES = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "`true` or `false`", "object": "a mapping",
    "array": "a list", "null": "nothing",
}  # fmt: skip
_BOUNDS = {
    "minimum": "at least {}", "maximum": "at most {}", "exclusiveMinimum": "more than {}", "exclusiveMaximum": "less than {}",
    "minItems": "at least {} of them", "maxItems": "at most {} of them", "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
}  # fmt: skip


def rule_page(rule: Rule, texts: RuleTexts) -> str:
    """The page of one rule: what it reports, why, how to mend, configure and accept it, and its examples."""
    sections = [f"# {prose(rule.title)}", _facts(rule), f"## Why\n\n{paragraphs(texts.why)}", f"## Fix\n\n{paragraphs(rule.fix)}"]
    if rule.params:
        sections.append(_parameters(rule))
    sections += ["## Examples", *_examples(rule, texts.examples), _acceptance(rule)]
    if rule.equivalents:
        sections.append(_equivalents(rule))
    if texts.references:
        sections.append("\n".join(["## References", "", *(f"- <{address(reference)}>" for reference in texts.references)]))
    return _page(sections)


def pack_page(pack: Pack, changelog: str = "") -> str:
    """The page of a pack, for a file `<pack>/index.md` beside those of its rules: description, rules, changelog.

    `changelog` is the Markdown of the pack's own CHANGELOG.md; its headings move down to fit.
    """
    recommended = sum(rule.default for rule in pack.rules)
    facts = _table(
        ["Pack", code(pack.name)],
        [
            ["Version", prose(pack.version)],
            ["Rules", f"{len(pack.rules)}, of which {recommended} are recommended"],
            ["Select all of them", code(f"--select {pack.name}")],
        ],
    )
    rows = [
        [f"[{code(rule.id)}]({_file(rule)})", rule.severity, "yes" if rule.default else "", prose(rule.title)]
        for rule in sorted(pack.rules, key=lambda rule: rule.id)
    ]
    rules = _table(["Rule", "Severity", "Recommended", "What it reports"], rows)
    sections = [f"# {prose(pack.title)}", paragraphs(pack.description), facts, f"## Rules\n\n{rules}"]
    if changelog.strip():
        sections.append(f"## Changelog\n\n{_demoted(changelog)}")
    return _page(sections)


def packs_table(packs: Iterable[Pack]) -> str:
    """All packs, each with a link to its page in the folder beside, as a Markdown table."""
    rows = [
        [
            f"[{code(pack.name)}]({pack.name}/index.md)",
            prose(pack.version),
            str(len(pack.rules)),
            str(sum(rule.default for rule in pack.rules)),
            prose(pack.title),
        ]
        for pack in packs
    ]
    return _table(["Pack", "Version", "Rules", "Recommended", "What it is about"], rows)


def migration_table(peer: str, rules: Iterable[Rule], folder: str = "../rules") -> str:
    """Each check of another linter that has an equivalent here, with our rules, as a Markdown table.

    `peer` is its name under `equivalents:`; `folder` leads to the rules' pages from where the table stands. Without any
    equivalent it is a sentence instead.
    """
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for check in rule.equivalents.get(peer, ()):
            found.setdefault(check, []).append(rule)
    if not found:
        return f"No rule declares a check of {prose(peer)} as its equivalent."
    rows = [
        [
            code(check),
            "<br>".join(f"[{code(rule.id)}]({folder}/{rule.pack}/{_file(rule)})" for rule in found[check]),
            "<br>".join(rule.severity if rule.default else f"{rule.severity}, not recommended" for rule in found[check]),
        ]
        for check in sorted(found)
    ]
    return _table([prose(peer), "gitops-lint", "Severity"], rows)


def prose(text: str) -> str:
    """One line of an author's text for Markdown: code spans stay, everything else that could be markup is escaped."""
    parts = re.split(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", " ".join(text.split()))
    # split() yields text, ticks, code, text, ticks, code, …
    for index, part in enumerate(parts):
        if index % 3 == 0:
            parts[index] = re.sub(r"[\\*`\[\]<>]|(?<!\w)_|_(?!\w)|~~|&(?=#|\w)", _escape, part)
        elif index % 3 == 1:
            parts[index] = ""
        else:
            parts[index] = code(part)
    return re.sub(r"^(\d*)(?=#|[.)+-](?:\s|$))", r"\1\\", "".join(parts))


def paragraphs(text: str) -> str:
    """An author's text with its paragraphs; a paragraph whose lines begin with `- ` stays a list."""
    shown = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.lstrip().startswith("- "):
            shown.append("\n".join(f"- {prose(item)}" for item in re.split(r"(?:^|\n)\s*- ", paragraph) if item.strip()))
        else:
            shown.append(prose(paragraph))
    return "\n\n".join(shown)


def code(text: str) -> str:
    """A code span that holds this text whatever backticks are in it, fit for a cell of a table."""
    text = " ".join(text.split())
    if "|" in text:
        # Inside a table, renderers disagree about a pipe in a code span, escaped or not.
        return f"<code>{''.join(sign if sign.isalnum() or sign == ' ' else f'&#{ord(sign)};' for sign in text)}</code>"
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def block(text: str, language: str) -> str:
    """A fenced block of code that nothing in the text can end."""
    fence = "`" * max(3, max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def address(url: str) -> str:
    """An address with everything encoded that could end a link."""
    return re.sub(r"[^A-Za-z0-9\-._~:/?#@!$&+,;=%]", lambda at: "".join(f"%{byte:02X}" for byte in at[0].encode()), url)


def _escape(at: re.Match[str]) -> str:
    """What could be markup, as itself. Not every renderer knows a backslash in front of the first three."""
    return {"<": "&lt;", "&": "&amp;", "~~": "&#126;&#126;", ">": "&gt;"}.get(at[0], f"\\{at[0]}")


def _facts(rule: Rule) -> str:
    kind, values = rule.match
    looks_at = ", ".join(_SUBJECTS.get(value, prose(value)) for value in values)
    if kind == "kinds":
        looks_at = "every object" if "*" in values else "objects of the kinds " * (len(values) > 1) + ", ".join(map(code, values))
    rows = [
        ["Severity", rule.severity],
        ["Recommended", "yes" if rule.default else f"no; switch it on with {code(f'extend-select: [{rule.id}]')}"],
        ["Looks at", looks_at],
        ["Since", prose(f"{rule.pack} {rule.since}")],
        *(["Applies to", prose(f"{system} {constraint}")] for system, constraint in rule.targets.items()),
        *(["Earlier id", code(alias)] for alias in rule.aliases),
        *(["Before " + prose(str(change["version"])), _earlier(change)] for change in rule.changes),
    ]
    return _table(["Rule", code(rule.id)], rows)


def _earlier(change: Mapping[str, Any]) -> str:
    """What a rule had before a version, as an entry of its `changes` says."""
    words = []
    if "severity" in change:
        words.append(f"severity {change['severity']}")
    if "default" in change:
        words.append("recommended" if change["default"] else "not recommended")
    words += [f"{code(name)} by default {code(json.dumps(value, ensure_ascii=False))}" for name, value in change.get("params", {}).items()]
    return "; ".join(words)


def _parameters(rule: Rule) -> str:
    rows = [
        [
            code(name),
            prose(str(schema.get("description", ""))),
            _accepted(schema),
            code(json.dumps(schema["default"], ensure_ascii=False)),
        ]
        for name, schema in rule.params.items()
    ]
    config = {"rules": {rule.id: {"params": {name: schema["default"] for name, schema in rule.params.items()}}}}
    table = _table(["Parameter", "Meaning", "Accepted", "Default"], rows)
    return f"## Parameters\n\n{table}\n\nIn `.gitops-lint.yaml`, here with the defaults:\n\n{block(_yaml(config), 'yaml')}"


def _accepted(schema: Mapping[str, Any]) -> str:
    """What a parameter accepts, in words; the schema itself where words for it are missing."""
    if "x-accepted" in schema:
        return prose(str(schema["x-accepted"]))
    if "enum" in schema or "const" in schema:
        return " or ".join(code(json.dumps(choice, ensure_ascii=False)) for choice in schema.get("enum", [schema.get("const")]))
    types = schema.get("type")
    names = [types] if isinstance(types, str) else types
    known = {*_BOUNDS, "type", "default", "description", "title", "items", "pattern", "uniqueItems"}
    if not names or not set(schema) <= known:
        return code(json.dumps({key: part for key, part in schema.items() if key not in ("default", "description")}, ensure_ascii=False))
    words = " or ".join(_TYPES.get(name, name) for name in names)
    if isinstance(schema.get("items"), dict) and schema["items"]:
        words += f", each {_accepted(schema['items'])}"
    if "pattern" in schema:
        words += f" that matches {code(str(schema['pattern']))}"
    bounds = [bound.format(schema[key]) for key, bound in _BOUNDS.items() if key in schema]
    return ", ".join([words, *bounds, *(["all different"] if schema.get("uniqueItems") else [])])


def _examples(rule: Rule, examples: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for example in sorted(examples, key=lambda example: "fail" not in example):
        given = example["fail"] if "fail" in example else example["pass"]
        files = {_SINGLE_FILE: given} if isinstance(given, str) else given["files"]
        name = f": {prose(example['name'])}" if "name" in example else ""
        parts = [f"### {'Reported' if 'fail' in example else 'Not reported'}{name}"]
        config = dict(example.get("config", {}))
        if "params" in example:
            config["rules"] = {rule.id: {"params": example["params"]}}
        if "targets" in example:
            config["targets"] = example["targets"]
        if config:
            parts += ["With this configuration:", block(_yaml(config), "yaml")]
        expected: dict[str, list[int]] = {}
        for entry in example.get("expect", ()):
            expected.setdefault(entry.get("path", _SINGLE_FILE), []).append(entry["line"])
        for path, text in files.items():
            if not isinstance(given, str):
                parts.append(f"{code(path)}:")
            parts.append(block(text, "yaml" if path.endswith((".yaml", ".yml", ".lock")) else "text"))
            lines = [number for number, line in enumerate(text.splitlines(), 1) if line.rstrip().endswith(_MARK)]
            if reported := sorted({*lines, *expected.get(path, ())}):
                parts.append(f"Reported: line{'s' * (len(reported) > 1)} {', '.join(map(str, reported))}.")
        yield "\n\n".join(parts)


def _acceptance(rule: Rule) -> str:
    """How to accept a finding of the rule where that is right."""
    ways = ["## Accept a finding"]
    kind, values = rule.match
    if values[0] != "suppression":
        comment = f"# gitops-lint: ignore[{rule.id}] the reason"
        ways += ["In a comment at the end of the reported line, or on the line above it:", block(comment, "yaml")]
        if kind != "on" or values[0] not in _WITHOUT_OBJECT:
            annotation = {"metadata": {"annotations": {"gitops-lint/ignore": f"{rule.id}; the reason"}}}
            ways += ["For a whole object, in an annotation:", block(_yaml(annotation), "yaml")]
    entry = f"ignores:\n  - rules: [{rule.id}]\n    paths: [path/to/**]\n    reason: the reason"
    ways += ["For files, kinds, names or namespaces, in `.gitops-lint.yaml`:", block(entry, "yaml")]
    return "\n\n".join(ways)


def _equivalents(rule: Rule) -> str:
    rows = [[prose(peer), ", ".join(map(code, checks))] for peer, checks in rule.equivalents.items()]
    peer, checks = next(iter(rule.equivalents.items()))
    hint = f"`--select` and suppressions take these ids as well, such as {code(f'{peer}:{checks[0]}')}."
    return f"## Similar checks of other linters\n\n{_table(['Linter', 'Checks'], rows)}\n\n{hint}"


def _yaml(value: Mapping[str, Any], indent: int = 0) -> str:
    """Plain nested data as YAML: mappings in blocks, everything else as JSON, which YAML understands."""
    lines = []
    for key, entry in value.items():
        name = key if re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", key) else json.dumps(key, ensure_ascii=False)
        if isinstance(entry, dict) and entry:
            lines += [f"{' ' * indent}{name}:", _yaml(entry, indent + 2)]
        else:
            lines.append(f"{' ' * indent}{name}: {json.dumps(entry, ensure_ascii=False)}")
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in [head, ["---"] * len(head), *rows])


def _demoted(markdown: str) -> str:
    """Markdown without its title, its other headings one level lower."""
    lines = []
    fenced = False
    for line in markdown.strip().splitlines():
        fenced ^= line.startswith("```")
        if fenced or not line.startswith("#"):
            lines.append(line)
        elif line.startswith("##"):
            lines.append(f"#{line}")
    return "\n".join(lines).strip()


def _file(rule: Rule) -> str:
    return f"{rule.id.partition('/')[2]}.md"


def _page(sections: Iterable[str]) -> str:
    """Sections as one page, without the control characters that a terminal would obey."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "\N{REPLACEMENT CHARACTER}", "\n\n".join(sections)) + "\n"
