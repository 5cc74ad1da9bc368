"""What is wrong with a custom resource, in the words of a person. Only for objects that are not known to be good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from linter.cel.reads import Reads, scalars
from linter.kubernetes.definitions.checks import Broken, Duplicate, broken_rules, duplicates
from linter.kubernetes.definitions.compiling import CompiledVersion
from linter.kubernetes.schemas.explaining import explain
from linter.kubernetes.schemas.mistakes import Mistake
from linter.kubernetes.schemas.wording import is_private, place_name, quoted
from linter.model import DesiredState, Resource, Route, dig, text
from linter.wording import joined

# After one of these the API server evaluates no validation rules. Source: k8s.io/apiextensions-apiserver,
# pkg/registry/customresource/strategy.go (hasBlockingErr).
_BLOCKING = frozenset({"missing-field", "wrong-type"})
# What another release of a definition may well accept.
_RELEASES = frozenset({"unknown-field", "invalid-value"})
_REMEDY = "list the cluster's own definitions under `crds:` in .gitops-lint.yaml"
_MOST_DUPLICATES = 20
_MOST_RULES = 20


def explained(version: CompiledVersion, resource: Resource, state: DesiredState) -> Sequence[Mistake]:
    """Everything that a version finds wrong in an object, sorted by route. What exists only by default is not mentioned."""
    schema = version.schema
    if schema is None:
        return ()
    body = resource.body
    value = version.prepared(body)
    found = explain(schema, value, kind=resource.kind)
    found = [mistake for mistake in found if _exists(body, mistake.route) and not _is_open(mistake, body, state)]
    blocked = any(mistake.kind in _BLOCKING for mistake in found)
    if version.checks is not None:
        repeated = [entry for entry in duplicates(value, version.checks) if _exists(body, entry.route)]
        found += [mistake for entry in repeated[:_MOST_DUPLICATES] if (mistake := _duplicate(entry, value, resource, state)) is not None]
        if not blocked:
            found += list(_failed(version, value, resource, state))
    found.sort(key=lambda mistake: [(isinstance(step, str), step) for step in mistake.route])
    return found


def of_other_cluster(found: Sequence[Mistake]) -> list[Mistake]:
    """Mistakes by a definition elsewhere in the repository, weaker where that of the object's cluster may see it otherwise."""
    return [mistake._replace(severity="warning") if _may_be_right(mistake) else mistake for mistake in found]


def of_other_release(found: Sequence[Mistake], title: str, channels: Sequence[Sequence[Mistake]]) -> list[Mistake]:
    """Mistakes by a shipped schema, weaker where another release of the system called `title` may see it otherwise.

    `channels` holds what the schema of each further channel finds: what that accepts is no mistake in clusters with the
    channel.
    """
    result = []
    inside: list[Route] = []
    for mistake in found:
        if any(all(other[:2] != mistake[:2] for other in channel) for channel in channels):
            inside.append(mistake.route)
            place = place_name(mistake.route) if mistake.route else "the object as it is"
            what = place if mistake.kind == "unknown-field" or not mistake.route else f"what stands in {place}"
            message = f"{what} needs the experimental channel of the {title}"
            fix = f"Install the experimental channel, or {_REMEDY}."
            result.append(mistake._replace(message=message, fix=fix, severity="info"))
        elif _may_be_right(mistake):
            fix = f"If the cluster has another release of {title}, {_REMEDY}."
            result.append(mistake._replace(fix=f"{mistake.fix} {fix}" if mistake.fix else fix, severity="warning"))
        else:
            result.append(mistake)
    known = {mistake[:2] for mistake in result}
    for channel in channels:
        # What is wrong within a field that only the channel has.
        result += [
            mistake for mistake in channel if mistake[:2] not in known and any(mistake.route[: len(route)] == route for route in inside)
        ]
    return result


def _may_be_right(mistake: Mistake) -> bool:
    """Whether another release of a definition may see it otherwise; all have the same metadata."""
    return mistake.kind in _RELEASES and mistake.route[:1] != ("metadata",)


def _exists(body: Any, route: Route) -> bool:
    """Whether a route leads to something that the author wrote."""
    for step in route:
        if isinstance(body, dict):
            if step not in body:
                return False
            body = body[step]
        elif isinstance(body, list) and isinstance(step, int) and step < len(body):
            body = body[step]
        else:
            return False
    return True


def _is_open(mistake: Mistake, body: Any, state: DesiredState) -> bool:
    """Whether a mapping or list is wrong as a whole that holds a placeholder, which may decide about it."""
    if mistake.kind != "invalid-value":
        return False
    value = dig(body, *mistake.route)
    return isinstance(value, dict | list) and any(True for _ in scalars(value, state.is_opaque))


def _duplicate(found: Duplicate, value: Any, resource: Resource, state: DesiredState) -> Mistake | None:
    entry = dig(value, *found.route)
    holder, index = found.route[:-1], found.route[-1]
    keys = {key: entry.get(key) for key in found.keys} if isinstance(entry, dict) else {}
    if any(state.is_opaque(part) for part in keys.values()) or any(True for _ in scalars(entry, state.is_opaque) if not keys):
        return None
    private = is_private(found.route, resource.kind)
    if not found.keys:
        what = (
            f"{quoted(entry)} stands"
            if isinstance(entry, str | int | float) and not private
            else f"the entry {index} is the same as {found.first}, which stands"
        )
        message = f"{what} twice in {place_name(holder)}, whose entries must differ"
    else:
        present = [f"{key} {quoted(part)}" for key, part in keys.items() if part is not None and not private]
        words = joined(present, "and") if present else f"no {joined(list(found.keys), 'and')}"
        message = (
            f"{place_name(holder)} has two entries with {words}, and they must differ in {joined([f'`{key}`' for key in found.keys], 'or')}"
        )
    single = len(found.keys) == 1 and isinstance(entry, dict) and found.keys[0] in entry
    return Mistake("invalid-value", (*found.route, found.keys[0]) if single else found.route, message, "Remove or rename one of them.")


def _failed(version: CompiledVersion, value: Any, resource: Resource, state: DesiredState) -> Iterator[Mistake]:
    assert version.checks is not None
    shown = 0
    for broken in broken_rules(value, version.checks):
        if shown >= _MOST_RULES:
            return
        if (
            _exists(resource.body, broken.route)
            and not _depends_on_placeholder(broken, value, state)
            and not _awaits_name(broken, resource)
        ):
            shown += 1
            yield _mistake(broken, value, resource)


def _mistake(broken: Broken, value: Any, resource: Resource) -> Mistake:
    failed = broken.failed
    where = place_name(broken.route) if broken.route else f"the {resource.kind}"
    rule = " ".join(failed.rule.rule.split())
    words = failed.message if not is_private(broken.route, resource.kind) else failed.rule.message or f"failed rule: {rule}"
    if failed.error is not None:
        message = f"{where} breaks a rule of its definition, which cannot be evaluated here ({failed.error}): {words}"
    else:
        message = f"{where} breaks a rule of its definition: {words}"
    route = (*broken.route, *failed.rule.path)
    return Mistake("failed-rule", route if _exists(value, route) and _exists(resource.body, route) else broken.route, message)


def _depends_on_placeholder(broken: Broken, value: Any, state: DesiredState) -> bool:
    if state.options.opaque is None:
        return False
    part = dig(value, *broken.route)
    reads = Reads(broken.failed.rule.rule)
    return any(reads.covers("self", route) for route in scalars(part, state.is_opaque))


def _awaits_name(broken: Broken, resource: Resource) -> bool:
    """Whether a rule asks for the name of an object that gets one only in the cluster."""
    return not broken.route and "metadata" in broken.failed.names and not text(resource.metadata.get("name"))
