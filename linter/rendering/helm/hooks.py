"""Helm hooks that run tests: `helm template --skip-tests` leaves them out."""

from __future__ import annotations

from linter.errors import InputError
from linter.manifest.decoder import decode_text
from linter.model import dig, text

_TEST_EVENTS = frozenset({"test", "test-success"})


def without_tests(rendered: str) -> str:
    """A rendered template in which the documents that are test hooks are blank. No line moves.

    Text that is no YAML is returned as it is; who decodes it will say why.
    """
    if "helm.sh/hook" not in rendered or "test" not in rendered:
        return rendered
    from linter.manifest.positions import index_positions

    try:
        tests = [document.index for document in decode_text(rendered) if _is_test(document.value)]
        positions = index_positions(rendered) if tests else None
    except InputError:
        return rendered
    if positions is None:
        return rendered
    lines = rendered.split("\n")
    for index in tests:
        first, last = positions.lines_of_document(index)
        lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(lines)


def _is_test(value: object) -> bool:
    events = text(dig(value, "metadata", "annotations", "helm.sh/hook")).lower().split(",")
    return any(event.strip() in _TEST_EVENTS for event in events)
