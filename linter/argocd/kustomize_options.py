"""The `kustomize` block of a source, as far as Argo CD changes it before Kustomize sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.argocd.environment import substitute


def with_environment(options: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    """The options with the build environment put into images and common labels, and into common annotations if they ask for it.

    Source: the documentation of Argo CD, "Build Environment" and "Kustomize".
    """
    result = dict(options)
    images = result.get("images")
    if isinstance(images, list):
        result["images"] = [substitute(image, variables) if isinstance(image, str) else image for image in images]
    keys = ["commonLabels", *(["commonAnnotations"] if result.get("commonAnnotationsEnvsubst") is True else [])]
    for key in keys:
        values = result.get(key)
        if isinstance(values, dict):
            result[key] = {name: substitute(value, variables) if isinstance(value, str) else value for name, value in values.items()}
    return result
