"""The ServiceAccount a pod runs as, and the API tokens it holds.

Sources: the ServiceAccount admission plugin and the conversion of PodSpec in kubernetes/kubernetes
(plugin/pkg/admission/serviceaccount, pkg/apis/core/v1/conversion.go) and "Configure Service Accounts for Pods" of kubernetes.io.
"""

from __future__ import annotations

from dataclasses import dataclass

from linter.model import DesiredState, PodTemplate, Resource, Route, dig, items, mapping, text

TOKEN_MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_SECRET_TYPE = "kubernetes.io/service-account-token"
ACCOUNT_OF_TOKEN_SECRET = "kubernetes.io/service-account.name"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A credential for the Kubernetes API inside a pod: whose, why it is there, and where that is written.

    `route` leads into the pod's object, or into the ServiceAccount's if `resource` is one.
    """

    namespace: str
    account: str
    reason: str
    resource: Resource
    route: Route


def account_name(pod: PodTemplate) -> str:
    """The name of the ServiceAccount a pod runs as: serviceAccountName, else the deprecated serviceAccount, else default."""
    return text(pod.spec.get("serviceAccountName")) or text(pod.spec.get("serviceAccount")) or "default"


def account_route(pod: PodTemplate) -> Route:
    """Where the pod names its ServiceAccount; the pod's spec if it names none."""
    for field in ("serviceAccountName", "serviceAccount"):
        if text(pod.spec.get(field)):
            return (*pod.spec_route, field)
    return pod.spec_route


def account_of(pod: PodTemplate, state: DesiredState) -> Resource | None:
    """The ServiceAccount object of a pod, if this state declares it."""
    return state.get("ServiceAccount", pod.namespace, account_name(pod))


def workloads_of(account: Resource, state: DesiredState) -> list[PodTemplate]:
    """The pods of a state that run as a ServiceAccount."""
    return state.derive(_pods_by_account).get((account.namespace, account.name), [])


def is_account_missing(namespace: str, state: DesiredState) -> bool:
    """Whether some pod of a namespace runs as a ServiceAccount that nothing declares."""
    from linter.kubernetes.rbac.built_in import is_automatic_service_account

    return any(
        not is_automatic_service_account(namespace, name)
        and state.find("ServiceAccount", namespace, name, referrer=pods[0].resource).missing
        for (place, name), pods in state.derive(_pods_by_account).items()
        if place == namespace
    )


def _pods_by_account(state: DesiredState) -> dict[tuple[str, str], list[PodTemplate]]:
    from linter.kubernetes.pods import pod_templates

    found: dict[tuple[str, str], list[PodTemplate]] = {}
    for pod in pod_templates(state):
        found.setdefault((pod.namespace, account_name(pod)), []).append(pod)
    return found


def automounts(pod: PodTemplate, account: Resource | None) -> bool:
    """Whether admission mounts the ServiceAccount's token: the pod's word first, then the account's, else yes."""
    if isinstance(own := pod.spec.get("automountServiceAccountToken"), bool):
        return own
    of_account = account.body.get("automountServiceAccountToken") if account is not None else None
    return of_account if isinstance(of_account, bool) else True


def api_tokens(pod: PodTemplate, state: DesiredState) -> list[ApiToken]:
    """The API tokens a pod holds: automounted, projected for the API server's audience, or from a token Secret.

    A projected token for another audience (a cloud, Vault, Istio) opens nothing at the API server and is left out.
    """
    name = account_name(pod)
    account = account_of(pod, state)
    field = "automountServiceAccountToken"
    tokens: list[ApiToken] = []
    if automounts(pod, account) and _has_room_for_token(pod):
        if isinstance(pod.spec.get(field), bool):
            tokens.append(ApiToken(pod.namespace, name, "the pod mounts its token", pod.resource, (*pod.spec_route, field)))
        elif account is not None and isinstance(account.body.get(field), bool):
            tokens.append(ApiToken(pod.namespace, name, "the ServiceAccount mounts its token", account, (field,)))
        else:
            tokens.append(ApiToken(pod.namespace, name, "its token is mounted by default", pod.resource, account_route(pod)))
    for index, volume in enumerate(items(pod.spec.get("volumes"))):
        route: Route = (*pod.spec_route, "volumes", index)
        for source, projection in enumerate(items(dig(volume, "projected", "sources"))):
            token = mapping(projection).get("serviceAccountToken")
            if isinstance(token, dict) and _is_api_audience(token.get("audience")):
                place: Route = (*route, "projected", "sources", source, "serviceAccountToken")
                tokens.append(ApiToken(pod.namespace, name, "a volume projects its token", pod.resource, place))
        secret = state.get("Secret", pod.namespace, text(dig(volume, "secret", "secretName")))
        if secret is not None and (owner := account_of_token_secret(secret)):
            tokens.append(ApiToken(pod.namespace, owner, f"a volume holds {secret}", pod.resource, (*route, "secret", "secretName")))
    return tokens


def account_of_token_secret(secret: Resource) -> str:
    """The ServiceAccount whose token a Secret of type kubernetes.io/service-account-token will hold; "" for other Secrets."""
    return secret.annotations.get(ACCOUNT_OF_TOKEN_SECRET, "") if secret.body.get("type") == TOKEN_SECRET_TYPE else ""


def _is_api_audience(audience: object) -> bool:
    return audience is None or (isinstance(audience, str) and (not audience or "kubernetes.default.svc" in audience))


def _has_room_for_token(pod: PodTemplate) -> bool:
    """Whether some container lacks a mount of its own at the token's path; admission leaves those that have one alone."""
    containers = [entry for field in ("containers", "initContainers") for entry in items(pod.spec.get(field)) if isinstance(entry, dict)]
    return not containers or any(
        all(text(mapping(mount).get("mountPath")).rstrip("/") != TOKEN_MOUNT_PATH for mount in items(entry.get("volumeMounts")))
        for entry in containers
    )
