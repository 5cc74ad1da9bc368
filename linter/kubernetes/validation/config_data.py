"""The data of ConfigMaps and Secrets. Source: `ValidateConfigMap` and `ValidateSecret` in apis/core/validation, and the byte
fields of encoding/json in Go, which take standard base64 with padding, line breaks allowed.

No message holds a value: what a Secret says is confidential, and a ConfigMap may hold what belongs into one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import config_key_problem
from linter.model import DesiredState, Related, Resource, Violation
from linter.wording import shown

MAX_BYTES = 1_048_576

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z")
_REQUIRED_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
_ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name"


def config_map_problems(config_map: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in the data of a ConfigMap."""
    body = config_map.body
    data, binary = body.get("data"), body.get("binaryData")
    size = 0
    if data and isinstance(data, dict):
        for key, value in data.items():
            if (problem := config_key_problem(key)) is not None:
                yield _wrong_key("data", key, problem)
            if isinstance(value, str):
                size += len(value)
    if binary and isinstance(binary, dict):
        yield from _binary(binary, "binaryData", "data")
        size += sum(len(value) * 3 // 4 for value in binary.values() if isinstance(value, str))
        if isinstance(data, dict):
            for key in data.keys() & binary.keys():
                related = (Related("the same key", None, ("data", key)),)
                yield Violation(
                    ("binaryData", key), f"the key `{key}` is in data as well", related=related, on="key", fix="Remove one of them."
                )
    # A character has at most four bytes, so most ConfigMaps need not be encoded to be measured.
    if size * 4 > MAX_BYTES:
        yield from _too_large(("data", data), ("binaryData", binary))


def secret_problems(secret: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in the data of a Secret."""
    body = secret.body
    data, plain = body.get("data"), body.get("stringData")
    size = 0
    if data and isinstance(data, dict):
        yield from _binary(data, "data", "stringData")
        size += sum(len(value) * 3 // 4 for value in data.values() if isinstance(value, str))
    if plain and isinstance(plain, dict):
        for key, value in plain.items():
            if (problem := config_key_problem(key)) is not None:
                yield _wrong_key("stringData", key, problem)
            if isinstance(value, str):
                size += len(value)
    if size * 4 > MAX_BYTES:
        yield from _too_large(("data", data), ("stringData", plain))
    kind = body.get("type")
    if kind and kind != "Opaque" and isinstance(kind, str) and isinstance(data, dict | None) and isinstance(plain, dict | None):
        yield from _typed(secret, kind, {**(data or {}), **(plain or {})}, state)


def _wrong_key(field: str, key: str, problem: str) -> Violation:
    return Violation((field, key), f"`{shown(key)}` is not a valid key: {problem}", on="key")


def _binary(data: dict[str, Any], field: str, other: str) -> Iterator[Violation]:
    for key, value in data.items():
        if (problem := config_key_problem(key)) is not None:
            yield _wrong_key(field, key, problem)
        if isinstance(value, str) and not _BASE64.match(value) and (reason := _not_base64(value)) is not None:
            fix = f"Write the plain text under `{other}`, or encode it with `base64 -w0`."
            yield Violation((field, key), f"the value of `{shown(key)}` is not base64: {reason}", fix=fix)


def _not_base64(value: str) -> str | None:
    """What is wrong with a text that is not one line of base64, without showing it."""
    packed = value.replace("\n", "").replace("\r", "")
    if _BASE64.match(packed):
        return None
    body = packed.rstrip("=")
    if re.search(r"[^A-Za-z0-9+/]", body):
        if re.match(r"[-_A-Za-z0-9]+\Z", body):
            return "it holds `-` or `_`, as base64 for URLs does"
        return "it holds characters that base64 has not"
    if len(body) % 4 == 1:
        return "its length is that of no base64"
    return "its padding with `=` is missing or wrong"


def _too_large(*parts: tuple[str, object]) -> Iterator[Violation]:
    size, largest, where = 0, 0, ""
    for field, data in parts:
        for value in data.values() if isinstance(data, dict) else ():
            if isinstance(value, str):
                length = (
                    len(_decoded(value))
                    if field == "binaryData" or (field == "data" and parts[1][0] == "stringData")
                    else len(value.encode())
                )
                size += length
                largest, where = max((largest, where), (length, field))
    if size > MAX_BYTES:
        message = f"the data has {size} bytes, and {MAX_BYTES} (1 MiB) are allowed"
        yield Violation((where,), message, on="key", fix="Split it, or keep large files in a volume or an image.")


def _decoded(value: str) -> bytes:
    from base64 import b64decode

    try:
        return b64decode(value)
    except ValueError:
        return b""


def _typed(secret: Resource, kind: str, data: dict[str, Any], state: DesiredState) -> Iterator[Violation]:
    if kind == "kubernetes.io/service-account-token":
        annotations = secret.metadata.get("annotations")
        if (annotations is None or isinstance(annotations, dict)) and not (annotations or {}).get(_ACCOUNT_ANNOTATION):
            message = f"a Secret of type {kind} needs the annotation {_ACCOUNT_ANNOTATION}"
            yield Violation(("metadata", "annotations"), message, on="key", fix="Name the ServiceAccount in it.")
        return
    if kind == "kubernetes.io/basic-auth":
        if "username" not in data and "password" not in data:
            yield Violation(
                ("type",), f"a Secret of type {kind} needs the key `username` or `password`", fix="Add them, or remove the type."
            )
        return
    required = _REQUIRED_KEYS.get(kind)
    if required is None:
        return
    missing = [key for key in required if key not in data or (kind == "kubernetes.io/ssh-auth" and not data[key])]
    if missing:
        keys = " and ".join(f"`{key}`" for key in missing)
        message = f"a Secret of type {kind} needs the key{'s' if len(missing) > 1 else ''} {keys}"
        yield Violation(("type",), message, fix="Add what is missing, or write another type.")
    elif len(required) == 1 and required[0].startswith("."):
        yield from _docker(secret, required[0], state)


def _docker(secret: Resource, key: str, state: DesiredState) -> Iterator[Violation]:
    import json

    plain, data = secret.body.get("stringData") or {}, secret.body.get("data") or {}
    field = "stringData" if key in plain else "data"
    value = plain.get(key) if field == "stringData" else data.get(key)
    value = "" if value is None else value
    if not isinstance(value, str) or state.is_opaque(value) or (field == "data" and _not_base64(value) is not None):
        return
    content = value if field == "stringData" else _decoded(value).decode("utf-8", "replace")
    if len(content) > MAX_BYTES or state.is_opaque(content):
        return
    try:
        decoded = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        yield Violation(
            (field, key),
            f"the value of `{key}` is not JSON",
            fix="Let `kubectl create secret docker-registry --dry-run=client -o yaml` write it.",
        )
        return
    if decoded is not None and not isinstance(decoded, dict):
        yield Violation((field, key), f"the value of `{key}` is JSON, and no object", fix="It must be an object with the key `auths`.")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
