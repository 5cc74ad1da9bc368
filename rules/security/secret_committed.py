from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.credentials import looks_secret, names_a_secret
from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    secret = node.resource
    if secret.source.type == "helm":
        # The chart's values decide what a rendered Secret holds, and what stands there are defaults.
        return
    for field in ("stringData", "data"):
        for key, value in mapping(secret.body.get(field)).items():
            text = value if field == "stringData" else _decoded(value)
            if not isinstance(text, str) or not _is_secret(secret.body.get("type"), key) or len(text.split()) != 1:
                continue
            # Some authors encode a placeholder where no encoding is asked for.
            if looks_secret(text) and looks_secret(_decoded(text) or text) and not state.is_opaque(value) and not state.is_opaque(text):
                yield Violation((field, key), f"{secret} has the value of {key} in the repository")
                return


def _is_secret(kind: object, key: str) -> bool:
    return names_a_secret(key) or (kind, key) in (("kubernetes.io/basic-auth", "password"), ("kubernetes.io/ssh-auth", "ssh-privatekey"))


def _decoded(value: object) -> str | None:
    try:
        return b64decode(value, validate=True).decode() if isinstance(value, str) else None
    except (Error, ValueError):
        return None
