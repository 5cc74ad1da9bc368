from collections.abc import Iterator
from typing import Any

from linter.externaldns.instances import instances
from linter.externaldns.names import record_type
from linter.externaldns.prefixes import filter_texts
from linter.externaldns.records import Claim, claims, shares_address
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    # With several instances, or with filters, the two objects may be meant for different zones.
    if len(instances(state)) > 1 or filter_texts(state):
        return
    for (name, _), every in claims(state).items():
        claimants = [claim for claim in every if not state.is_repeated(claim.resource)] if len(every) > 1 else every
        # Which of them is reported must not depend on the order of files, documents or keys.
        claimants = sorted(claimants, key=_identity) if len(claimants) > 1 else claimants
        for position, claim in enumerate(claimants):
            rival = next((other for other in claimants[:position] if _compete(other, claim)), None)
            if rival is None:
                continue
            static = claim.targets is not None and rival.targets is not None
            words = (
                f"with different targets ({', '.join(rival.targets or ())[:80]} and {', '.join(claim.targets or ())[:80]})"
                if static
                else "and each gets its own load balancer"
            )
            yield Violation(
                claim.route,
                f"{rival.resource} and {claim.resource} both ask for `{name}`, {words}",
                resource=claim.resource,
                related=(Related("the other one", rival.resource, rival.route),),
                severity="error" if static else "warning",
            )
            break


def _identity(claim: Claim) -> tuple[str, ...]:
    resource = claim.resource
    return resource.namespace, resource.name, resource.type, claim.prefix, *map(str, claim.route)


def _compete(one: Claim, other: Claim) -> bool:
    """Whether it is certain that the two lead to different places and cannot be merged."""
    if one.resource is other.resource or (one.prefix and other.prefix and one.prefix != other.prefix):
        return False
    if one.targets is not None and other.targets is not None:
        return one.targets != other.targets and not _pool(one, other)
    if one.targets is not None or other.targets is not None:
        return False
    return (
        one.resource.type == other.resource.type == "Service"
        and one.resource.spec.get("type") == other.resource.spec.get("type") == "LoadBalancer"
        and not shares_address(one.resource, other.resource)
    )


def _pool(one: Claim, other: Claim) -> bool:
    """Whether ExternalDNS merges the two: addresses from objects of one kind."""
    return one.resource.type == other.resource.type and all(
        record_type(target) != "CNAME" for target in (*(one.targets or ()), *(other.targets or ()))
    )
