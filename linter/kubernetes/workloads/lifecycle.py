"""Whether pods are meant to run forever or to end, and how they end.

Sources: the hook annotations of Helm (helm.sh/hook) and Argo CD (argocd.argoproj.io/hook); the pages "Pod Lifecycle" and
"Container Lifecycle Hooks" of the Kubernetes documentation.
"""

from __future__ import annotations

import re

from linter.model import PodTemplate, Resource, Route, dig, items, mapping

_HOOKS = ("helm.sh/hook", "argocd.argoproj.io/hook")
_SLEEP = re.compile(r"(?<![\w-])sleep\s+(\d{1,6})([smh]?)(?![\w.])")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_CONTROL_FLOW = re.compile(r"\b(?:while|until|for|if|case)\b|\|\||(?<![&>])&(?!&)")


def is_hook(resource: Resource) -> bool:
    """Whether Helm or Argo CD creates the object for one moment of a release, such as a test or a migration."""
    return any(hook in resource.annotations for hook in _HOOKS)


def is_test(resource: Resource) -> bool:
    """Whether the object exists for `helm test` only. Argo CD does not create such objects."""
    hooks = resource.annotations.get("helm.sh/hook", "").split(",")
    return any(hook.strip() in ("test", "test-success", "test-failure") for hook in hooks)


def runs_to_completion(pod: PodTemplate) -> bool:
    """Whether the pods of a template end by themselves: Jobs, CronJobs, hooks, and Pods that are not always restarted."""
    resource = pod.resource
    return (
        resource.type in ("Job", "CronJob")
        or is_hook(resource)
        or (resource.type == "Pod" and pod.spec.get("restartPolicy") in ("Never", "OnFailure"))
    )


def grace_period(pod: PodTemplate) -> int | None:
    """Seconds a pod has to end after it is told to, 30 by default; None if the value is no number."""
    value = pod.spec.get("terminationGracePeriodSeconds")
    if value is None:
        return 30
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def pre_stop_seconds(container: object) -> tuple[Route, int] | None:
    """How long the preStop hook of a container sleeps, as far as its text tells: route in the container, and seconds.

    Read are the `sleep` handler, and `sleep N` in an exec command or the shell text it holds. None if there is neither.
    """
    hook = mapping(dig(container, "lifecycle", "preStop"))
    seconds = dig(hook, "sleep", "seconds")
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        return ("lifecycle", "preStop", "sleep", "seconds"), seconds
    command = items(dig(hook, "exec", "command"))
    if not command or not all(isinstance(word, str) for word in command):
        return None
    script = command[-1] if len(command) > 2 and command[-2].startswith("-") else " ".join(command)
    # Loops and conditions make the sum of the sleeps meaningless.
    if _CONTROL_FLOW.search(script):
        return None
    slept = sum(int(number) * _UNITS[unit] for number, unit in _SLEEP.findall(script))
    return (("lifecycle", "preStop", "exec", "command"), slept) if slept else None
