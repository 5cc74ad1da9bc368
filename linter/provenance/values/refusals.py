"""Templates that do not refuse values, and do not take long over them.

Charts check what they are given and `fail`: a password is too short, an image is not the one they were tested with. A
probe is not deployed, so its values need not pass; what it has to show is where they come out. For the same reason it
needs no real keys and certificates, which would take longer than all the rest.
"""

from __future__ import annotations

import re
from functools import lru_cache

from linter.rendering.helm.includes import parse_uses
from linter.rendering.helm.template_language import code_spans

_FAIL = re.compile(r"(?<![\w.$])fail(?!\w)")
# These make keys, and give them out in the fields Cert and Key. Each takes its arguments as further entries of a mapping.
_CERTIFICATE = re.compile(r"(?<![\w.$])gen(?:CA|SelfSignedCert|SignedCert)(?:WithKey)?(?!\w)")
_PRIVATE_KEY = re.compile(r"(?<![\w.$])genPrivateKey(?!\w)")
_NOTES = "NOTES.txt"


@lru_cache(maxsize=1024)
def lenient(path: str, text: str) -> str:
    """The template with every `fail` made to print nothing, and every key made up; notes, no manifests, are emptied.

    The same string is returned if there is nothing to change, and if the template cannot be parsed.
    """
    if path.rpartition("/")[2] == _NOTES and "define" not in text:
        return ""
    if not any(pattern.search(text) for pattern in (_FAIL, _CERTIFICATE, _PRIVATE_KEY)):
        return text
    parsed = parse_uses(text)
    if parsed is None:
        return text
    pieces: list[str] = []
    position = 0
    for action in parsed[0]:
        for start, end in code_spans(text, action):
            # Takes the same argument, before or behind a `|`.
            replaced = _FAIL.sub("trunc 0", text[start:end])
            replaced = _CERTIFICATE.sub('dict "Cert" "cert" "Key" "key"', replaced)
            replaced = _PRIVATE_KEY.sub("print", replaced)
            pieces += (text[position:start], replaced)
            position = end
    changed = "".join((*pieces, text[position:]))
    return text if changed == text else changed
