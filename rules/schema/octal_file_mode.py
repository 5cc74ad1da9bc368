from collections.abc import Iterator
from typing import Any

from linter.kubernetes.writing.file_modes import file_modes, octal_meant
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if "volumes" not in node.value:
        return
    for route, mode in file_modes(node.value, node.route):
        meant = octal_meant(mode)
        if meant is not None:
            yield Violation(
                route,
                f"{route[-1]} is the decimal number {mode}, which is 0{mode:o} as file permissions; 0{meant:o} seems to be meant",
                fix=f"Write `0{meant:o}`, or {meant} in JSON.",
            )
