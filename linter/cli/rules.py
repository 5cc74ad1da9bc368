"""The commands about rules and packs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from linter import shipped
from linter.cli.output import write_standard_output
from linter.packs.catalog import Catalog, load_catalog
from linter.packs.rule import Rule

if TYPE_CHECKING:
    from linter.engine.examples import ExampleResult


def print_list(output_format: str, pack: str | None, config: str | None, python_packs: Sequence[str] = ()) -> None:
    """All rules, or those of one pack.

    Raises UsageError if there is no such pack.
    """
    catalog = _configured_catalog(config, python_packs)
    if pack is not None:
        catalog.pack(pack)
    rules = [rule for rule in catalog.rules.values() if pack in (None, rule.pack)]
    if output_format == "json":
        write_standard_output(json.dumps([_as_json(rule) for rule in rules], indent=2, ensure_ascii=False))
        return
    width = max((len(rule.id) for rule in rules), default=0)
    lines = [f"{'*' if rule.default else ' '} {rule.id:{width}}  {rule.severity:7}  {rule.title}" for rule in rules]
    recommended = sum(rule.default for rule in rules)
    write_standard_output("\n".join([*lines, "", f"{len(rules)} rules, {recommended} of them recommended (*)"]))


def print_rule(name: str, output_format: str, config: str | None, python_packs: Sequence[str] = ()) -> None:
    """Everything about one rule."""
    catalog = _configured_catalog(config, python_packs)
    rule = catalog.rule(name)
    texts = catalog.texts(rule.id)
    if output_format == "markdown":
        from linter.packs.pages import rule_page

        write_standard_output(rule_page(rule, texts))
        return
    kind, values = rule.match
    facts = [
        f"severity     {rule.severity}{'' if rule.default else ' (off by default)'}",
        f"looks at     {', '.join(values) if kind != 'on' else f'the {values[0]}'}",
        f"since        {rule.pack} {rule.since}",
        *([f"file         {rule.path}"] if rule.path else []),
        *([f"once called  {', '.join(rule.aliases)}"] if rule.aliases else []),
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


def print_packs(output_format: str, config: str | None, python_packs: Sequence[str] = ()) -> None:
    """The packs with their versions and pins."""
    catalog = _configured_catalog(config, python_packs)
    if output_format == "json":
        rows = [
            {
                "name": pack.name,
                "version": pack.version,
                "title": pack.title,
                "description": pack.description,
                "rules": len(pack.rules),
                "pin": pack.pin,
                "path": pack.folder,
            }
            for pack in catalog.packs.values()
        ]
        write_standard_output(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(map(len, catalog.packs))
    write_standard_output(
        "\n".join(
            f"{pack.name:{width}}  {pack.version}  {len(pack.rules):3} {'rule ' if len(pack.rules) == 1 else 'rules'}  {pack.title}"
            + (f", as of {pack.pin}" if pack.pin is not None else "")
            + (f" ({pack.folder})" if pack.folder is not None else "")
            for pack in catalog.packs.values()
        )
    )


def write_rule(id: str, folder: str | None, *, cel: bool) -> None:
    """Write a rule that works as it is into a folder (`policy/PACK` without one), with its pack if there is none yet.

    Raises UsageError for an id that no rule can have and for a file that is already there.
    """
    from linter.cli.files import write_files
    from linter.errors import UsageError
    from linter.packs.source import SourceFile
    from linter.packs.template import file_name, new_pack, new_rule
    from linter.repository import CONFIG_NAME, find_root, printable, relative_path

    if re.fullmatch(r"[a-z][a-z0-9-]*/[a-z]+(-[a-z]+)*", id) is None:
        raise UsageError(f"`{printable(id)}` is no id of a rule: write PACK/RULE, lower-case words joined by hyphens and no digits in RULE")
    pack = id.partition("/")[0]
    if os.path.isdir(shipped.path("rules", pack)):
        raise UsageError(f"`{pack}` is a pack that comes with gitops-lint: give your own another name")
    folder = os.path.normpath(folder or os.path.join("policy", pack))
    rule, about = os.path.join(folder, file_name(id)), os.path.join(folder, "pack.yaml")
    contents, since = [], "0.1.0"
    if os.path.lexists(about):
        with open(about, "rb") as file:
            manifest = SourceFile(about, file.read(), "pack")
        if manifest.value["name"] != pack:
            raise manifest.mistake(("name",), f"the pack in this folder is `{manifest.value['name']}`: write {manifest.value['name']}/RULE")
        since = manifest.value["version"]
    else:
        contents.append((about, new_pack(pack, printable(folder))))
    if os.path.lexists(rule):
        raise UsageError(f"{printable(rule)} is already there: choose another id, or remove the file first")
    contents.append((rule, new_rule(id, printable(folder), since, cel=cel)))
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{printable(folder)}: {(error.strerror or str(error)).lower()}") from None
    write_files(contents)
    try:
        path = relative_path(find_root((".",)), folder)
        use = f"3. Name the pack in {CONFIG_NAME} at the root of the repository:\n     packs: {{{pack}: {{path: {printable(path)}}}}}"
    except UsageError:
        use = f"3. Copy the folder into the repository that it is for, and name it in its {CONFIG_NAME} under `packs`."
    extra = " (needs `pip install 'gitops-lint[cel]'`)" if cel else ""
    lines = [f"wrote {printable(path)}" for path, _ in contents]
    lines += ["", f"1. Run its examples{extra}:\n     gitops-lint rules test {printable(folder)}"]
    lines += [f"2. Make it yours: edit {printable(rule)}.", use]
    write_standard_output("\n".join(lines))


def run_tests(names: Sequence[str], jobs: int, python_packs: Sequence[str] = ()) -> int:
    """Run the examples of the named rules, packs and pack folders; 0 if all hold, else 1.

    Rules in Python run only from below the folders `python_packs`.

    Raises UsageError for a name that is none of these, ConfigurationError for a rule file that is wrong.
    """
    from linter.engine.examples import ExampleRunner

    catalog, rules = _chosen(names, python_packs)
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
    write_standard_output(
        f"{len(rules)} {'rule' if len(rules) == 1 else 'rules'}, {count} {'example' if count == 1 else 'examples'}, {len(failed)} failed"
    )
    return 1 if failed else 0


def _chosen(names: Sequence[str], python_packs: Sequence[str]) -> tuple[Catalog, list[Rule]]:
    from linter.errors import UsageError
    from linter.packs.catalog import did_you_mean
    from linter.packs.files import read_pack
    from linter.repository.paths import inside

    packs = {name.partition("/")[0] for name in names}
    shipped_names = set(os.listdir(shipped.path("rules")))
    # The examples about suppressions name rules of other packs.
    catalog = load_catalog(packs if packs and packs <= shipped_names - {"suppression"} else None)
    chosen: list[Rule] = []
    for name in names:
        if not (_is_known(catalog, name) or os.path.isdir(name)):
            catalog = _configured_catalog(None, python_packs, catalog)
        if name in catalog.packs:
            chosen += catalog.packs[name].rules
        elif _is_known(catalog, name):
            chosen.append(catalog.rule(name))
        elif os.path.isdir(name):
            allowed = any(inside(os.path.realpath(name), os.path.realpath(folder)) for folder in python_packs)
            pack, sources = read_pack(os.path.normpath(name), allow_python=allowed)
            catalog = catalog.with_packs([pack], sources)
            chosen += pack.rules
        else:
            raise UsageError(f"`{name}` is no rule, pack, or folder of a pack{did_you_mean(name, [*catalog.packs, *catalog.rules])}")
    return catalog, chosen if names else list(catalog.rules.values())


def _is_known(catalog: Catalog, name: str) -> bool:
    return name in catalog.packs or name in catalog.rules or name in catalog.aliases


def _configured_catalog(config: str | None, python_packs: Sequence[str] = (), catalog: Catalog | None = None) -> Catalog:
    """The shipped packs, or those of `catalog`, with what the configuration of the current directory adds and pins."""
    from linter.config import load_config
    from linter.engine.judging.catalogs import catalog_of
    from linter.engine.options import LintOptions
    from linter.repository import WorkTree, find_root, relative_path

    tree = WorkTree(find_root((".",)))
    options = LintOptions(config_file=config, python_packs=tuple(python_packs))
    return catalog_of(catalog or load_catalog(), tree, load_config(tree, relative_path(tree.root, "."), config), options)


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
        "sensitive": rule.sensitive,
        "path": rule.path or None,
    }


def _wrapped(text: str) -> str:
    import textwrap

    from linter.cli.output import columns

    width = min(100, columns() or 100)
    return "\n\n".join(textwrap.fill(" ".join(paragraph.split()), width) for paragraph in text.split("\n\n"))
