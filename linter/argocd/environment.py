"""The build environment: the variables Argo CD puts into parts of a source before it renders it.

Source: the documentation of Argo CD, "Build Environment", and Go's `os.Expand`, which does the substitution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Nobody knows before the sync which commit it will be. A short form of this is no number, as that of a real one seldom is.
UNKNOWN_REVISION: Final = "deadbeef" * 5

_SPECIAL: Final = frozenset("*#$@!?-0123456789")
_NAME: Final = frozenset("_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def build_environment(
    *, application: str, namespace: str, project: str, repository: str, path: str, target_revision: str
) -> dict[str, str]:
    """The variables of one source. `application` is the name of its Application, `namespace` that of the destination.

    The commit is not known, so that `ARGOCD_APP_REVISION` is one that cannot exist.
    """
    return {
        "ARGOCD_APP_NAME": application,
        "ARGOCD_APP_NAMESPACE": namespace,
        "ARGOCD_APP_PROJECT_NAME": project or "default",
        "ARGOCD_APP_REVISION": UNKNOWN_REVISION,
        "ARGOCD_APP_REVISION_SHORT": UNKNOWN_REVISION[:7],
        "ARGOCD_APP_REVISION_SHORT_8": UNKNOWN_REVISION[:8],
        "ARGOCD_APP_SOURCE_REPO_URL": repository,
        "ARGOCD_APP_SOURCE_PATH": path,
        "ARGOCD_APP_SOURCE_TARGET_REVISION": target_revision,
    }


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """`text` with `$NAME` and `${NAME}` replaced; `$$` is a dollar, and a variable that is not there is empty."""
    if "$" not in text:
        return text
    result: list[str] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0 and dollar + 1 < len(text):
        result.append(text[at:dollar])
        name, length = _name(text, dollar + 1)
        if name:
            result.append("$" if name == "$" else variables.get(name, ""))
        elif length == 0:
            result.append("$")
        at = dollar + 1 + length
    result.append(text[at:])
    return "".join(result)


def _name(text: str, at: int) -> tuple[str, int]:
    """The name of a variable after a dollar, and the length of what names it. Without a name, a length is that of a mistake
    which is left out."""
    if text[at] == "{":
        end = text.find("}", at)
        if end < 0:
            return "", 1
        return text[at + 1 : end], end - at + 1
    if text[at] in _SPECIAL:
        return text[at], 1
    end = at
    while end < len(text) and text[end] in _NAME:
        end += 1
    return text[at:end], end - at
