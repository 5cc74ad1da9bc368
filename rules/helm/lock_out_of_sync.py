from collections.abc import Iterator
from typing import Any, Literal

from linter.kubernetes.charts import dependencies_of, lock_digest, same_repository, version_in_range
from linter.model import ChartFacts, DesiredState, Node, Violation, items, mapping, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    chart: ChartFacts = node.value
    # The dependencies of apiVersion v1 stand in requirements.yaml.
    if chart.lock is None or mapping(chart.metadata).get("apiVersion") == "v1":
        return
    wanted = dependencies_of(chart.metadata)
    vendored = all(text(entry["name"]) in chart.vendored for _, entry in wanted)
    severity: Literal["error", "warning"] = "warning" if vendored else "error"
    found = [Violation(violation.route, violation.message, severity=severity) for violation in _differences(chart, wanted)]
    if not found:
        digest = lock_digest(items(mapping(chart.metadata).get("dependencies")), items(mapping(chart.lock).get("dependencies")))
        stated = mapping(chart.lock).get("digest")
        if digest is not None and isinstance(stated, str) and stated.startswith("sha256:") and stated != digest:
            found.append(
                Violation(
                    ("dependencies",), "Chart.lock was made from other dependencies than these: its digest differs", severity=severity
                )
            )
    yield from found


def _differences(chart: ChartFacts, wanted: list[tuple[int, dict[str, Any]]]) -> Iterator[Violation]:
    locked: dict[str, list[dict[str, Any]]] = {}
    for _, entry in dependencies_of(chart.lock):
        locked.setdefault(text(entry["name"]), []).append(entry)
    for index, dependency in wanted:
        name, route = text(dependency["name"]), ("dependencies", index)
        # A chart can be there several times under different aliases; the lock keeps their order.
        pins = locked.get(name)
        if not pins:
            yield Violation((*route, "name"), f"the dependency `{name}` is missing from Chart.lock")
            continue
        pin = pins.pop(0)
        version, constraint = text(pin.get("version")), text(dependency.get("version"))
        if version and version_in_range(version, constraint) is False:
            yield Violation((*route, "version"), f"Chart.lock pins `{name}` to {version}, and Chart.yaml asks for `{constraint}`")
        pinned, repository = text(pin.get("repository")), text(dependency.get("repository"))
        if same_repository(pinned, repository) is False:
            yield Violation((*route, "repository"), f"Chart.lock takes `{name}` from `{pinned}`, and Chart.yaml from `{repository}`")
    for name, rest in locked.items():
        if rest:
            yield Violation(("dependencies",), f"Chart.lock still pins `{name}`, which Chart.yaml does not name any more")
