from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.admission_policies import policy_binding_problems, policy_problems
from linter.model import DesiredState, Node, Violation

_PROBLEMS = {
    "ValidatingAdmissionPolicy": policy_problems,
    "MutatingAdmissionPolicy": policy_problems,
    "ValidatingAdmissionPolicyBinding": policy_binding_problems,
    "MutatingAdmissionPolicyBinding": policy_binding_problems,
}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return _PROBLEMS[node.resource.type](node.resource, state)
