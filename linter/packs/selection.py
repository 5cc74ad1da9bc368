"""Which rules run: `select`, `ignore` and `extend-select`, by pack, rule, ALL, or another linter's id.

A pack may be written with a version, as `rbac@1.2`: the catalog is then pinned before anything is selected from it. Rules
that came after a pin are chosen by their own id alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from linter.errors import UsageError
from linter.packs.catalog import Catalog, did_you_mean
from linter.packs.rule import Rule

_BEFORE, _ALL, _PACK, _RULE = 0, 1, 2, 3


def select_rules(
    catalog: Catalog,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    *,
    base: Iterable[Rule] | None = None,
    where: Callable[[str], str] | None = None,
) -> list[Rule]:
    """The rules that run, in catalog order.

    Without `select` that is `base`, what was chosen before, or else the recommended set; with it, `base` does not count.
    The more specific word wins (rule over pack over ALL), and `ignore` wins a tie. `where` turns a word into the place it
    was written at, for messages.

    Raises UsageError for a word that names nothing.
    """
    before = [] if select else [rule for rule in catalog.rules.values() if rule.default] if base is None else base
    chosen = {rule.id: _BEFORE for rule in before}
    for word in (*select, *extend_select):
        for rule, weight in _named(catalog, word, where):
            chosen[rule.id] = max(weight, chosen.get(rule.id, _BEFORE))
    for word in ignore:
        for rule, weight in _named(catalog, word, where):
            if chosen.get(rule.id, _BEFORE) <= weight:
                chosen.pop(rule.id, None)
    return [rule for rule in catalog.rules.values() if rule.id in chosen]


def rule_ids(catalog: Catalog, word: str) -> list[str]:
    """The ids that a word in a suppression or an ignore entry covers; none if it names nothing."""
    try:
        return [rule.id for rule, _ in _named(catalog, word, None)]
    except UsageError:
        return []


def _named(catalog: Catalog, word: str, where: Callable[[str], str] | None) -> list[tuple[Rule, int]]:
    if word == "ALL":
        return [(rule, _ALL) for pack in catalog.packs.values() for rule in pack.rules]
    pack_name, at, _ = word.partition("@")
    if pack_name in catalog.packs:
        return [(rule, _PACK) for rule in catalog.packs[pack_name].rules]
    if at and pack_name in ("ALL", *catalog.rules, *catalog.aliases):
        raise UsageError(f"{_at(word, where)}`{word}`: only a pack has versions; write it as {_a_pack(catalog, pack_name)}")
    name = catalog.aliases.get(word, word)
    if name in catalog.rules:
        return [(catalog.rules[name], _RULE)]
    peer, colon, peer_id = word.partition(":")
    if colon:
        # Rules newer than a pin count only if there is no other, so that a pin also fixes what such a word means.
        found = [(rule, _RULE) for pack in catalog.packs.values() for rule in pack.rules if peer_id in rule.equivalents.get(peer, ())]
        found = found or [(rule, _RULE) for rule in catalog.rules.values() if peer_id in rule.equivalents.get(peer, ())]
        if found:
            return found
        peers = sorted({name for rule in catalog.rules.values() for name in rule.equivalents})
        known = (
            f"no rule corresponds to `{peer_id}` of {peer}"
            if peer in peers
            else f"`{peer}` is not one of the known linters: {', '.join(peers)}"
        )
        raise UsageError(_at(word, where) + known)
    near = did_you_mean(word, [*catalog.packs, *catalog.rules])
    raise UsageError(f"{_at(word, where)}`{word}` is no rule, pack, ALL, or `linter:id` of another linter{near}")


def _a_pack(catalog: Catalog, name: str) -> str:
    pack = name.partition("/")[0] if "/" in name else next(iter(catalog.packs), "rbac")
    found = catalog.packs.get(pack)
    return f"`{pack}@{found.version}`" if found is not None else "`PACK@1.2`"


def _at(word: str, where: Callable[[str], str] | None) -> str:
    return f"{where(word)}: " if where is not None else ""
