"""References of a binding that the API server refuses.

Source: ValidateRoleBinding, ValidateClusterRoleBinding and ValidateRoleBindingSubject in pkg/apis/rbac/validation of
kubernetes/kubernetes; an absent apiGroup of roleRef, User and Group is filled in before validation.
"""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac.powers import RBAC_GROUP
from linter.kubernetes.scalars.names import dns_subdomain_problem, path_segment_problem
from linter.model import DesiredState, Node, Violation, items, mapping
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    binding = node.resource
    ref = mapping(binding.body.get("roleRef"))
    kinds = ("ClusterRole",) if binding.type == "ClusterRoleBinding" else ("Role", "ClusterRole")
    if ref and ref.get("kind") not in kinds:
        if "kind" not in ref:
            message = "roleRef names no kind"
        elif ref["kind"] == "Role":
            message = "a ClusterRoleBinding cannot refer to a Role"
        else:
            message = f"roleRef refers to a `{ref['kind']}`, which is no role"
        yield Violation(("roleRef", "kind"), f"{message}: the API server refuses the binding", fix=f"Write `kind: {' or '.join(kinds)}`.")
    if ref.get("apiGroup") not in (None, "", RBAC_GROUP):
        message = f"roleRef has the API group `{ref['apiGroup']}`: the API server refuses the binding"
        yield Violation(("roleRef", "apiGroup"), message, fix=f"Write `apiGroup: {RBAC_GROUP}`.")
    name = ref.get("name")
    if isinstance(name, str) and (problem := path_segment_problem(name)) is not None:
        yield Violation(("roleRef", "name"), f"roleRef has a name that no role can have: {problem}", fix="Write the name of the role.")
    for index, subject in enumerate(items(binding.body.get("subjects"))):
        if not isinstance(subject, dict):
            continue
        kind, group = subject.get("kind"), subject.get("apiGroup")
        if kind not in ("ServiceAccount", "User", "Group"):
            message = f"subject kind `{kind}` is none of ServiceAccount, User, Group: the API server refuses the binding"
            yield Violation(("subjects", index, "kind"), message, fix="Write ServiceAccount, User or Group, with this spelling.")
        elif kind == "ServiceAccount" and group not in (None, ""):
            message = f"a ServiceAccount subject has no API group, but this one says `{group}`: the API server refuses the binding"
            yield Violation(("subjects", index, "apiGroup"), message, fix="Remove `apiGroup` from the subject.")
        elif kind != "ServiceAccount" and group not in (None, "", RBAC_GROUP):
            message = f"the {kind} subject has the API group `{group}`: the API server refuses the binding"
            yield Violation(("subjects", index, "apiGroup"), message, fix=f"Write `apiGroup: {RBAC_GROUP}`.")
        name = subject.get("name")
        if name == "":
            yield Violation(("subjects", index, "name"), "the subject has an empty name: the API server refuses the binding", fix=_NAME_FIX)
        elif kind == "ServiceAccount" and isinstance(name, str) and (problem := dns_subdomain_problem(name)) is not None:
            message = f"`{shown(name)}` cannot be the name of a ServiceAccount: {problem}"
            yield Violation(("subjects", index, "name"), message, fix="Write its name alone; the namespace has a field of its own.")


_NAME_FIX = "Write the name of the subject, or remove the subject."
