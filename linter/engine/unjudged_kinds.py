"""Custom resources whose structure nothing describes: counted by kind, so that somebody can name their definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from linter.engine.judging.choosing import Choice
from linter.engine.world import World
from linter.model import Source
from linter.report.model import KindWithoutSchema

# Files of programs, which look like objects and go to no API server. What ends with the second is one of Kubernetes' own.
_FILES = frozenset({"audit.k8s.io", "kubeadm.k8s.io", "kind.x-k8s.io"})
_FILE_GROUPS = ".config.k8s.io"
_RULE = "schema/failed-validation-rule"


def unevaluated_rules(world: World, choice: Choice) -> Iterator[str]:
    """A hint, if validation rules of definitions are not evaluated because CEL is not installed: to those who ask about all of the
    repository, and have chosen the rule that says which of them an object breaks."""
    if world.options.since is not None or not world.scope.everything or all(bound.rule.id != _RULE for bound in choice.rules):
        return
    custom = [(resource, state) for state in world.states for resource in state.resources if "/" in resource.type]
    if not custom:
        return
    from importlib.util import find_spec

    if find_spec("cel_expr_python") is not None:
        return
    from linter.kubernetes.definitions.lookup import CustomSchema, schema_of

    schemas = dict.fromkeys(schema_of(resource, state) for resource, state in custom)
    if any(version.rule_count for schema in schemas if isinstance(schema, CustomSchema) for version in schema.versions):
        yield "validation rules of custom resources are not evaluated, for CEL is not installed: pip install 'gitops-lint[cel]'"


def kinds_without_schema(world: World, whole: Collection[Source]) -> tuple[KindWithoutSchema, ...]:
    """The custom kinds in scope that have no schema, by apiVersion and kind. `whole` are the sources that report everything."""
    found: Counter[tuple[str, str]] = Counter()
    for state in world.states:
        for resource in state.resources:
            if "/" not in resource.type:
                continue
            from linter.kubernetes.definitions.lookup import has_schema

            if has_schema(resource, state) or resource.group in _FILES or resource.group.endswith(_FILE_GROUPS):
                continue
            source = resource.source
            in_scope = source in whole or (world.scope.counts(source.type) and world.scope.covers(resource.document.file.path))
            if in_scope and not state.is_opaque(resource.api_version) and not state.is_opaque(resource.kind):
                found[resource.api_version, resource.kind] += 1
    return tuple(KindWithoutSchema(api_version, kind, count) for (api_version, kind), count in sorted(found.items()))
