from collections.abc import Iterator
from typing import Any

from linter.istio.gateways import applies_to_mesh
from linter.istio.registry import exported_to, overlap
from linter.istio.subsets import host_key
from linter.istio.virtualservices import VIRTUAL_SERVICE, hosts
from linter.model import DesiredState, Node, Related, Resource, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for host, users in _users(state).items():
        if len(users) < 2:
            continue
        audiences = [exported_to(user) for user, _ in users]
        for position, (user, index) in enumerate(users):
            rivals = [other for other in range(len(users)) if other != position and overlap(audiences[position], audiences[other])]
            if not rivals:
                continue
            # One exported to everybody and one for a namespace: the narrow one wins there, which may be intended.
            alike = any(audiences[position] == audiences[other] or "*" not in audiences[position] | audiences[other] for other in rivals)
            rival, rival_index = users[rivals[0]]
            yield Violation(
                ("spec", "hosts", index),
                f"{user} and {rival} both define the mesh's routes for `{host}`",
                resource=user,
                related=(Related("also defined here", rival, ("spec", "hosts", rival_index)),),
                severity="error" if alike else "warning",
            )


def _users(state: DesiredState) -> dict[str, list[tuple[Resource, int]]]:
    """The VirtualServices of the mesh by the full name of each host, with the first position of the host in each."""
    users: dict[str, list[tuple[Resource, int]]] = {}
    for virtual_service in state.of_kind(VIRTUAL_SERVICE):
        if not applies_to_mesh(virtual_service) or state.is_repeated(virtual_service):
            continue
        seen = set()
        for index, host in hosts(virtual_service):
            key = host_key(state, host, virtual_service.namespace)
            if key not in seen and not state.is_opaque(host):
                seen.add(key)
                users.setdefault(key, []).append((virtual_service, index))
    return users
