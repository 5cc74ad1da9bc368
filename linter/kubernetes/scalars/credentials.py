"""Credentials that stand in manifests as plain text.

A name or a text says nothing for certain; what is taken for a credential here leaves little else. Sources of the formats: the
documentation of GitHub, GitLab, AWS, Google, Slack, Stripe, npm, DigitalOcean and Hugging Face about their tokens; RFC 7468 for keys.
"""

from __future__ import annotations

import re
from functools import lru_cache

# What a text must hold for any of the patterns to match, looked for first because most texts hold none of it.
_SIGNS = ("AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "hooks.slack.com", "AIza", "sk_live_",
          "rk_live_", "npm_", "dop_v1_", "hf_", "PRIVATE KEY-----")  # fmt: skip
_FORMATS: tuple[tuple[str, str], ...] = (
    ("an AWS access key", r"\b(?:AKIA|ASIA)(?![0-9A-Z]*EXAMPLE)[0-9A-Z]{16}\b"),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b|\bgithub_pat_[A-Za-z0-9_]{60,255}\b"),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}\b"),
    ("a Slack token", r"\bxox[abeoprs]-[0-9]{6,}-[0-9A-Za-z-]{10,}"),
    ("a Slack webhook", r"hooks\.slack\.com/services/T(?!0{8})[0-9A-Z]{7,}/B[0-9A-Z]{7,}/(?!X{8})[0-9A-Za-z]{20,}"),
    ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("a Stripe key", r"\b[sr]k_live_[0-9A-Za-z]{24,}\b"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a DigitalOcean token", r"\bdop_v1_[0-9a-f]{64}\b"),
    ("a Hugging Face token", r"\bhf_[A-Za-z]{34}\b"),
    ("a private key", r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+(?!\.\.\.)[A-Za-z0-9+/]{32}"),
)
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _FORMATS)

# Words of a variable's name that say that its value is secret, and words behind them that say it is about a secret only.
_SECRET_WORDS = frozenset(
    {"password", "passwd", "passphrase", "secret", "token", "apikey", "secretkey", "accesskey", "privatekey", "credentials"}
)
_SECRET_PAIRS = frozenset(
    {("api", "key"), ("secret", "key"), ("private", "key"), ("access", "key"), ("encryption", "key"), ("signing", "key")}
)
_ABOUT = frozenset({
    "cmd", "command", "file", "files", "path", "dir", "directory", "name", "names", "url", "uri", "endpoint", "host",
    "port", "ttl", "expiration", "expires", "expiry", "lifetime", "duration", "timeout", "interval", "length", "size",
    "type", "header", "enabled", "enable", "disabled", "required", "id", "ids", "ref", "reference", "key", "keys",
    "namespace", "mount", "volume", "store", "backend", "provider", "manager", "policy", "mode", "algorithm", "issuer",
    "audience", "audiences", "scope", "scopes", "prefix", "suffix", "format", "version", "count", "limit", "limits", "max",
    "min", "refresh", "rotation", "validation", "validator", "env", "var", "field", "claim", "cookie", "location", "server",
    "service",
})  # fmt: skip
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Values that are nobody's secret: what stands for one, and what is too plain to be one.
_HARMLESS = re.compile(
    r"\s*(?:|true|false|yes|no|on|off|none|null|nil|disabled?|enabled?|default|auto|required|optional|\d+(?:\.\d+)?(?:ms|[smhd])?|[./~].*"
    r"|[a-z]+://.*|\$\(.*\)|.*\$\{.*|.*\{\{.*|<.*>|\[.*\]|[xX*.#-]+|(?:replace|change|your|insert|todo|placeholder|example|dummy|fake|redacted)(?![a-z]).*"
    r"|(?:my|your|the|a|some)[-_ ].*|.*=/.*|.*(?:change[-_ ]?me|replace[-_ ]?me|change[-_ ]?it).*|[\w.-]*/[\w./-]*)\s*\Z",
    re.IGNORECASE | re.DOTALL,
)


def credential_in(text: str) -> str | None:
    """What kind of credential a text holds by its format ("a GitHub token"), or None."""
    for sign in _SIGNS:
        if sign in text:
            return next((name for name, pattern in _PATTERNS if pattern.search(text)), None)
    return None


@lru_cache(maxsize=4096)
def names_a_secret(name: str) -> bool:
    """Whether a name such as `DB_PASSWORD` or `apiToken` says that its value is secret, and not only about a secret
    (`TOKEN_TTL`, `PASSWORD_FILE`)."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if words[-2:] == ["cluster", "token"]:
        # What etcd and others tell clusters apart by, as in ETCD_INITIAL_CLUSTER_TOKEN.
        return False
    for index in range(len(words) - 1, -1, -1):
        pair = tuple(words[index : index + 2]) in _SECRET_PAIRS
        if pair or words[index] in _SECRET_WORDS:
            return not any(later in _ABOUT for later in words[index + 1 + pair :])
    return False


def looks_secret(value: str) -> bool:
    """Whether a value can be a secret at all: not a number, a switch, a path, an address, a reference or a placeholder."""
    stands_for_one = value.isupper() and "_" in value and names_a_secret(value)
    return not stands_for_one and _HARMLESS.match(value) is None
