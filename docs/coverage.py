"""The page that maps the checks of other linters to rules: what covers each of them, or why nothing does.

`docs/peers/<peer>.yaml` lists every check of a linter once, with the area it belongs to. A check that no rule names among its
`equivalents` needs a `reason` if its area is one of those the page is about.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from linter.manifest.decoder import decode_bytes
from linter.packs.catalog import Catalog
from linter.packs.rule import Rule

AREAS = ("labels", "probes", "identity", "security", "images", "resources")

_TEXT = """# What covers the checks of other linters

For the areas {areas}: every check of {peers}, and the rule that does its work, or why there is none. A rule that does the
work is not the same check: most look at more than one object, and stay silent where an object proves to be harmless. Where
several rules are named, they share the work.

{counts}

{tables}"""


def read_peers(folder: str) -> list[dict[str, Any]]:
    """The lists of checks in a folder, by the name of the linter.

    Raises ValueError for a list that says something twice or not at all.
    """
    peers = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".yaml"):
            with open(os.path.join(folder, name), "rb") as file:
                _, documents = decode_bytes(file.read())
            peer = documents[0].value
            ids = [check["id"] for check in peer["checks"]]
            twice = sorted({name for name in ids if ids.count(name) > 1})
            if twice:
                raise ValueError(f"{name} lists {', '.join(twice)} twice")
            peers.append(peer)
    return peers


def rules_by_check(rules: Iterable[Rule], peer: str) -> dict[str, list[Rule]]:
    """The rules that name each check of a linter among their equivalents."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for check in rule.equivalents.get(peer, ()):
            found.setdefault(check, []).append(rule)
    return found


def gaps(peer: Mapping[str, Any], rules: Iterable[Rule]) -> list[str]:
    """What is wrong with a list: checks without rule and reason, with both, and equivalents of checks that do not exist."""
    covered = rules_by_check(rules, peer["name"])
    known = {check["id"]: check for check in peer["checks"]}
    wrong = [f"{peer['name']} has no check {name}, which {rules[0].id} names" for name, rules in covered.items() if name not in known]
    for name, check in known.items():
        if check["area"] in AREAS and name not in covered and not check.get("reason"):
            wrong.append(f"{peer['name']} {name}: neither a rule nor a reason")
        if name in covered and check.get("reason"):
            wrong.append(f"{peer['name']} {name}: a reason, though {covered[name][0].id} covers it")
    return wrong


def coverage_page(catalog: Catalog, peers: Iterable[Mapping[str, Any]]) -> str:
    """The page, in Markdown.

    Raises ValueError with everything that is wrong with the lists.
    """
    peers = list(peers)
    rules = list(catalog.rules.values())
    wrong = [line for peer in peers for line in gaps(peer, rules)]
    if wrong:
        raise ValueError("\n".join(wrong))
    counts = ["| linter | version | checks in these areas | covered by a rule | not, with a reason |", "|---|---|--:|--:|--:|"]
    tables = []
    for area in AREAS:
        rows = []
        for peer in peers:
            covered = rules_by_check(rules, peer["name"])
            for check in peer["checks"]:
                if check["area"] == area:
                    links = ", ".join(f"[{rule.id}](../rules/{rule.id}.md)" for rule in covered.get(check["id"], ()))
                    rows.append(f"| {peer['title']} | `{check['id']}` | {links or check['reason']} |")
        tables.append(
            "\n".join([f"## {area.capitalize()}", "", "| linter | check | rule, or why there is none |", "|---|---|---|", *rows, ""])
        )
    for peer in peers:
        covered = rules_by_check(rules, peer["name"])
        inside = [check for check in peer["checks"] if check["area"] in AREAS]
        with_rule = sum(check["id"] in covered for check in inside)
        counts.append(f"| {peer['title']} | {peer['version']} | {len(inside)} | {with_rule} | {len(inside) - with_rule} |")
    names = [peer["title"] for peer in peers]
    return _TEXT.format(
        areas=f"{', '.join(AREAS[:-1])} and {AREAS[-1]}",
        peers=f"{', '.join(names[:-1])} and {names[-1]}",
        counts="\n".join(counts),
        tables="\n".join(tables),
    )
