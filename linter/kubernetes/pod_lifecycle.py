"""Whether pods are meant to run forever or to end.

Sources: the hook annotations of Helm (helm.sh/hook) and Argo CD (argocd.argoproj.io/hook); restartPolicy of the pod.
"""

from __future__ import annotations

from linter.model import PodTemplate, Resource

_HOOKS = ("helm.sh/hook", "argocd.argoproj.io/hook")


def is_hook(resource: Resource) -> bool:
    """Whether Helm or Argo CD creates the object for one moment of a release, such as a test or a migration."""
    return any(hook in resource.annotations for hook in _HOOKS)


def runs_to_completion(pod: PodTemplate) -> bool:
    """Whether the pods of a template end by themselves: Jobs, CronJobs, hooks, and Pods that are not always restarted."""
    resource = pod.resource
    return (
        resource.type in ("Job", "CronJob")
        or is_hook(resource)
        or (resource.type == "Pod" and pod.spec.get("restartPolicy") in ("Never", "OnFailure"))
    )
