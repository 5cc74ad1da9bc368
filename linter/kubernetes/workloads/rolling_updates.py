"""How many pods a Deployment adds and removes at a time during an update.

Source: `ResolveFenceposts` of the Deployment controller: a percentage of surge is rounded up, one of unavailability
down, and if both come to 0, one pod may be unavailable. Defaults: 1 replica, 25 % for both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from linter.model import Resource, dig, mapping

_PERCENT = re.compile(r"(\d{1,6})%\Z")


@dataclass(frozen=True, slots=True)
class RollingUpdate:
    """Numbers of pods; `unavailable_stated` says that the manifest itself sets maxUnavailable."""

    replicas: int
    surge: int
    unavailable: int
    unavailable_stated: bool


def rolling_update(deployment: Resource) -> RollingUpdate | None:
    """How a Deployment rolls, or None if it recreates its pods or a number cannot be read."""
    strategy = mapping(deployment.spec.get("strategy"))
    if deployment.type != "Deployment" or strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return None
    replicas = deployment.spec.get("replicas", 1)
    if replicas is None:
        replicas = 1
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        return None
    stated = dig(strategy, "rollingUpdate", "maxUnavailable")
    surge = _scaled(dig(strategy, "rollingUpdate", "maxSurge"), replicas, up=True)
    unavailable = _scaled(stated, replicas, up=False)
    if surge is None or unavailable is None:
        return None
    return RollingUpdate(replicas, surge, 1 if surge == 0 and unavailable == 0 else unavailable, stated is not None)


def _scaled(value: object, replicas: int, *, up: bool) -> int | None:
    if value is None:
        value = "25%"
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    percent = _PERCENT.match(value) if isinstance(value, str) else None
    if percent is None:
        return None
    product = int(percent[1]) * replicas
    return -(-product // 100) if up else product // 100
