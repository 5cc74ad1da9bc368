"""The commands about rules and packs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from linter import shipped
from linter.cli.output import write_standard_output
from linter.packs.catalog import Catalog, load_catalog
from linter.packs.rule import Rule

if TYPE_CHECKING:
    from linter.engine.examples import ExampleResult


def print_list(output_format: str, pack: str | None) -> None:
    """All rules, or those of one pack.

    Raises UsageError if there is no such pack.
    """
    catalog = load_catalog()
    if pack is not None and pack not in catalog.packs:
        from linter.errors import UsageError

        raise UsageError(f"there is no pack `{pack}`; the packs are {', '.join(catalog.packs)}")
    rules = [rule for rule in catalog.rules.values() if pack in (None, rule.pack)]
    if output_format == "json":
        write_standard_output(json.dumps([_as_json(rule) for rule in rules], indent=2, ensure_ascii=False))
        return
    width = max((len(rule.id) for rule in rules), default=0)
    lines = [f"{'*' if rule.default else ' '} {rule.id:{width}}  {rule.severity:7}  {rule.title}" for rule in rules]
    recommended = sum(rule.default for rule in rules)
    write_standard_output("\n".join([*lines, "", f"{len(rules)} rules, {recommended} of them recommended (*)"]))


def print_rule(name: str) -> None:
    """Everything about one rule."""
    catalog = load_catalog()
    rule = catalog.rule(name)
    texts = catalog.texts(rule.id)
    kind, values = rule.match
    facts = [
        f"severity     {rule.severity}{'' if rule.default else ' (off by default)'}",
        f"looks at     {', '.join(values) if kind != 'on' else f'the {values[0]}'}",
        f"since        {rule.pack} {rule.since}",
        *(f"target       {system} {constraint}" for system, constraint in rule.targets.items()),
        *(f"same as      {peer}: {', '.join(ids)}" for peer, ids in rule.equivalents.items()),
    ]
    sections = [f"{rule.id}: {rule.title}", "\n".join(facts), _wrapped(texts.why), f"Fix: {rule.fix}"]
    if rule.params:
        lines = [
            f"  {name}: {json.dumps({key: part for key, part in schema.items() if key != 'default'})}, "
            f"by default {json.dumps(schema['default'])}"
            for name, schema in rule.params.items()
        ]
        sections.append("\n".join(["Parameters", *lines]))
    for title, key in (("Reported", "fail"), ("Not reported", "pass")):
        shown = next((example for example in texts.examples if key in example), None)
        if shown is not None:
            files = (
                shown[key] if isinstance(shown[key], str) else "".join(f"# {path}\n{text}" for path, text in shown[key]["files"].items())
            )
            sections.append("\n".join([title, *(f"  {line}" for line in files.rstrip().splitlines())]))
    sections += ["\n".join(texts.references)] if texts.references else []
    write_standard_output("\n\n".join(sections))


def print_packs(output_format: str) -> None:
    """The packs with their versions."""
    catalog = load_catalog()
    if output_format == "json":
        rows = [
            {"name": pack.name, "version": pack.version, "title": pack.title, "description": pack.description, "rules": len(pack.rules)}
            for pack in catalog.packs.values()
        ]
        write_standard_output(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(map(len, catalog.packs))
    write_standard_output(
        "\n".join(f"{pack.name:{width}}  {pack.version}  {len(pack.rules):3} rules  {pack.title}" for pack in catalog.packs.values())
    )


def run_tests(names: Sequence[str], jobs: int) -> int:
    """Run the examples of the named rules, packs and pack folders; 0 if all hold, else 1.

    Raises UsageError for a name that is none of these, ConfigurationError for a rule file that is wrong.
    """
    from linter.engine.examples import ExampleRunner

    catalog, rules = _chosen(names)
    failed: list[ExampleResult] = []
    count = 0
    with ExampleRunner(catalog, jobs) as runner:
        for rule in rules:
            for result in runner.run(rule):
                count += 1
                if not result.passed:
                    failed.append(result)
    for result in failed:
        write_standard_output(f"FAILED {result.rule}, example {result.name}\n" + "\n".join(f"  {line}" for line in result.problems))
    write_standard_output(f"{len(rules)} rules, {count} examples, {len(failed)} failed")
    return 1 if failed else 0


def _chosen(names: Sequence[str]) -> tuple[Catalog, list[Rule]]:
    from linter.errors import UsageError
    from linter.packs.catalog import did_you_mean
    from linter.packs.files import read_pack

    packs = {name.partition("/")[0] for name in names}
    shipped_names = set(os.listdir(shipped.path("rules")))
    # The examples about suppressions name rules of other packs.
    catalog = load_catalog(packs if packs and packs <= shipped_names - {"suppression"} else None)
    chosen: list[Rule] = []
    for name in names:
        if name in catalog.packs:
            chosen += catalog.packs[name].rules
        elif name in catalog.rules or name in catalog.aliases:
            chosen.append(catalog.rule(name))
        elif os.path.isdir(name):
            pack, sources = read_pack(name, allow_python=False)
            catalog = catalog.with_packs([pack], sources)
            chosen += pack.rules
        else:
            raise UsageError(f"`{name}` is no rule, pack, or folder of a pack{did_you_mean(name, [*catalog.packs, *catalog.rules])}")
    return catalog, chosen if names else list(catalog.rules.values())


def _as_json(rule: Rule) -> dict[str, Any]:
    kind, values = rule.match
    return {
        "id": rule.id,
        "pack": rule.pack,
        "title": rule.title,
        "severity": rule.severity,
        "default": rule.default,
        "since": rule.since,
        "fix": rule.fix,
        "docs": rule.docs,
        "match": {kind: list(values) if kind == "kinds" else values[0]},
        "targets": dict(rule.targets),
        "params": {name: dict(schema) for name, schema in rule.params.items()},
        "equivalents": {peer: list(ids) for peer, ids in rule.equivalents.items()},
        "aliases": list(rule.aliases),
    }


def _wrapped(text: str) -> str:
    import textwrap

    width = min(100, os.get_terminal_size().columns) if sys.stdout.isatty() else 100
    return "\n\n".join(textwrap.fill(" ".join(paragraph.split()), width) for paragraph in text.split("\n\n"))
