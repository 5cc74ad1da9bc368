"""What rules of their own say about places that the schema would judge too: there the schema is silent.

A place is a field of a definition, both as the table of schemas names them; `field[]` are the items of a list. For
"required" it is the field that is missing. Whoever writes a rule about such a place adds it here.
"""

from __future__ import annotations

from itertools import pairwise

from linter.kubernetes.labels.fields import label_fields
from linter.kubernetes.pods import POD_TYPES
from linter.kubernetes.schemas.errors import Problem
from linter.model import DesiredState, Resource

_PLACES: dict[str, frozenset[str]] = {
    "required": frozenset({
        # probes/invalid-handler
        "core.v1.HTTPGetAction.port", "core.v1.TCPSocketAction.port", "core.v1.GRPCAction.port",
        # scheduling/invalid-node-affinity, scheduling/invalid-pod-affinity
        "core.v1.NodeSelector.nodeSelectorTerms", "core.v1.PodAffinityTerm.topologyKey",
        # rbac/invalid-binding, rbac/invalid-rule
        "rbac.v1.RoleRef.kind", "rbac.v1.Subject.kind", "rbac.v1.PolicyRule.verbs",
        # schema/invalid-metadata, which knows that nobody looks at the owners in a template
        *(f"meta.v1.OwnerReference.{name}" for name in ("apiVersion", "kind", "name", "uid")),
    }),
    "enum": frozenset({
        "core.v1.HTTPGetAction.scheme",
        # scheduling/toleration-invalid, scheduling/invalid-spread-constraint
        "core.v1.Toleration.operator", "core.v1.Toleration.effect", "core.v1.TopologySpreadConstraint.whenUnsatisfiable",
        "core.v1.TopologySpreadConstraint.nodeAffinityPolicy", "core.v1.TopologySpreadConstraint.nodeTaintsPolicy",
        "rbac.v1.RoleRef.kind", "rbac.v1.Subject.kind",
        # scheduling/unknown-os-or-arch
        "core.v1.PodOS.name",
    }),
    "range": frozenset({
        "core.v1.HTTPGetAction.port", "core.v1.TCPSocketAction.port", "core.v1.GRPCAction.port",
    }),
}  # fmt: skip
# Words that a rule of its own explains; others at the same place are for the schema.
_WORDS: dict[str, frozenset[str]] = {
    # schema/invalid-webhook
    "admissionregistration.v1.MutatingWebhook.sideEffects": frozenset({"Some", "Unknown"}),
    "admissionregistration.v1.ValidatingWebhook.sideEffects": frozenset({"Some", "Unknown"}),
}


class JudgedElsewhere:
    """What other rules say about one object."""

    def __init__(self, resource: Resource, state: DesiredState) -> None:
        fields = label_fields(resource)
        self._makes_pods = resource.type in POD_TYPES
        # labels/value-not-a-string
        self._maps = {field.route for field in fields.maps}
        # labels/invalid-selector
        self._selectors = {(*field.route, "matchExpressions") for field in fields.selectors}

    def covers(self, problem: Problem) -> bool:
        """Whether another rule reports this problem of the object."""
        keyword, route = problem.keyword, problem.route
        if keyword == "type" and (route[:-1] in self._maps or route[:-1] in self._selectors):
            return True
        if keyword == "required":
            if problem.detail == "operator" and (route[:-1] in self._selectors or _in_node_affinity(route)):
                return True
            return self._is_listed("required", f"{problem.definition}.{problem.detail}")
        place = f"{problem.definition}.{problem.field}"
        if keyword == "type":
            # An empty value of a required field is a missing one.
            return problem.value is None and self._is_listed("required", place)
        if keyword == "enum":
            if problem.field == "operator" and (route[:-2] in self._selectors or _in_node_affinity(route)):
                return True
            return self._is_listed("enum", place) or problem.value in _WORDS.get(place, ())
        return keyword in ("minimum", "maximum") and self._is_listed("range", place)

    def _is_listed(self, list_name: str, place: str) -> bool:
        # The rules about pods look at those kinds of objects only that make pods.
        return place in _PLACES[list_name] and (self._makes_pods or not place.startswith("core."))


def _in_node_affinity(route: tuple[str | int, ...]) -> bool:
    """Whether scheduling/invalid-node-affinity judges the condition at a route."""
    return any(pair == ("affinity", "nodeAffinity") for pair in pairwise(route))
