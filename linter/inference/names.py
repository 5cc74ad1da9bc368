"""Which names are names of environments.

There is no standard for them: the words are those in common use for stages of delivery, and the regions those of the
large cloud providers.
"""

from __future__ import annotations

import re
from typing import Literal

Verdict = Literal["environment", "base", "never", "alone", "unknown"]

# Folders whose entries are environments.
ENVIRONMENT_FOLDERS = frozenset({"env", "envs", "environment", "environments", "stages", "clusters", "regions", "overlays"})

_STAGES = frozenset({
    "acc", "acceptance", "accept", "alpha", "beta", "canary", "demo", "dev", "devel", "develop", "development", "dr", "edge",
    "homelab", "int", "integration", "intg", "lab", "live", "loadtest", "nonprod", "perf", "performance", "poc", "ppd",
    "ppe", "prd", "preprod", "preproduction", "preview", "pro", "prod", "production", "qa", "qas", "release", "rc", "sandbox",
    "sbx", "stage", "stages", "staging", "stg", "sit", "test", "testing", "tst", "uat", "nightly", "trial",
})  # fmt: skip
# At the end of a longer word: idfprod, usdfdev.
_ENDINGS = ("prod", "production", "prd", "dev", "stage", "staging", "stg", "test", "uat", "qa", "demo", "nonprod", "sandbox")
_BASES = frozenset({"base", "common", "global", "globals", "shared", "all"})
_NEVER = frozenset({
    "schema", "example", "examples", "sample", "samples", "template", "templates", "default", "defaults", "ci", "secret",
    "secrets", "sops", "enc", "encrypted", "crd", "crds", "readme", "docs", "tests", "lint", "dec",
})  # fmt: skip
# Environments only in the company of others: alone they are what the author of a chart tries it with.
_ALONE = frozenset({"test", "testing", "demo", "tst"})
_REGION = re.compile(
    r"(?:eu|us|ap|ca|sa|me|af|il|mx|cn|uk|de|fr|nl|ch|jp|in|au|asia|europe|australia|northamerica|southamerica|africa)"
    r"-?(?:gov-)?(?:(?:north|south|east|west|central|northeast|southeast|northwest|southwest)\w{0,6}-?)?\d{1,2}[a-z]?"
    r"|(?:north|south|east|west|central)(?:us|europe|india|central\w*)\d?",
)


def verdict(name: str) -> Verdict:
    """What a name is, judged alone: an environment, a base of all of them, certainly neither, an environment only beside
    others ("alone"), or unknown."""
    low = name.lower()
    words = [word for word in re.split(r"[-_.]", low) if word]
    if not words or any(word in _NEVER for word in words):
        return "never"
    if low in _BASES:
        return "base"
    if low in _ALONE:
        return "alone"
    if any(word in _STAGES for word in words) or _REGION.fullmatch(low):
        return "environment"
    return "unknown"


def ends_as_environment(name: str) -> bool:
    """Whether a word ends with that of a stage, as `idfprod` does: an environment, if others stand beside it."""
    return name.lower().endswith(_ENDINGS)
