"""The names that Kubernetes accepts: of objects, ports, containers, variables and keys.

Each function takes a text and returns what is wrong with it, as the end of a sentence ("it has 70 characters, and 63 are
allowed"), or None. Source: k8s.io/apimachinery util/validation (`IsDNS1123Label`, `IsDNS1123Subdomain`, `IsDNS1035Label`,
`IsValidPortName`, `IsEnvVarName`, `IsConfigMapKey`, `IsHTTPHeaderName`) and api/validation/path (`IsValidPathSegmentName`).
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_LABEL = 63
MAX_SUBDOMAIN = 253
MAX_PORT_NAME = 15

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\Z")
_LABEL_1035 = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?\Z")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\Z")
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+\Z")
_HEADER = re.compile(r"[-A-Za-z0-9]+\Z")
_SHOWN = {" ": "a space", "\n": "a line break", "\t": "a tab", "`": "a backtick"}


@lru_cache(maxsize=4096)
def dns_label_problem(name: str) -> str | None:
    """For names that become one part of a DNS name: namespaces, containers, volumes (RFC 1123, 63 characters)."""
    if not name:
        return "it is empty"
    if len(name) > MAX_LABEL:
        return _too_long(name, MAX_LABEL)
    return None if _LABEL.match(name) else f"it {_strange(name, 'a-z0-9-', 'lower-case letters, digits and `-`')}"


@lru_cache(maxsize=4096)
def dns_1035_label_problem(name: str) -> str | None:
    """For names of Services: as `dns_label_problem`, and beginning with a letter (RFC 1035)."""
    problem = dns_label_problem(name)
    if problem is None and not _LABEL_1035.match(name):
        return "it must begin with a letter"
    return problem


@lru_cache(maxsize=4096)
def dns_subdomain_problem(name: str) -> str | None:
    """For the names of most objects: labels with dots between them, 253 characters (RFC 1123)."""
    if not name:
        return "it is empty"
    if len(name) > MAX_SUBDOMAIN:
        return _too_long(name, MAX_SUBDOMAIN)
    if _SUBDOMAIN.match(name):
        return None
    if ".." in name:
        return "it holds two dots in a row"
    return f"it {_strange(name, 'a-z0-9.-', 'lower-case letters, digits, `-` and `.`', whole=False)}"


@lru_cache(maxsize=4096)
def path_segment_problem(name: str) -> str | None:
    """For the names of RBAC objects, which may hold anything but what a path of the API cannot."""
    if not name:
        return "it is empty"
    if name in (".", ".."):
        return f"it cannot be `{name}`"
    found = next((character for character in "/%" if character in name), None)
    return None if found is None else f"it holds `{found}`, which no path of the API may"


@lru_cache(maxsize=4096)
def port_name_problem(name: str) -> str | None:
    """For the names of container and Service ports as probes and Services refer to them (IANA service names)."""
    if not name:
        return "it is empty"
    if len(name) > MAX_PORT_NAME:
        return _too_long(name, MAX_PORT_NAME)
    if re.search(r"[^-a-z0-9]", name):
        return f"it {_strange(name, 'a-z0-9-', 'lower-case letters, digits and `-`')}"
    if not re.search(r"[a-z]", name):
        return "it must hold a letter"
    if "--" in name:
        return "it holds two `-` in a row"
    return "it must begin and end with a letter or a digit" if name[0] == "-" or name[-1] == "-" else None


@lru_cache(maxsize=4096)
def config_key_problem(key: str) -> str | None:
    """For the keys in the data of ConfigMaps and Secrets."""
    if not key:
        return "it is empty"
    if len(key) > MAX_SUBDOMAIN:
        return _too_long(key, MAX_SUBDOMAIN)
    if not _CONFIG_KEY.match(key):
        return f"it {_strange(key, 'a-zA-Z0-9._-', 'letters, digits, `-`, `_` and `.`')}"
    if key == ".":
        return "it cannot be `.`"
    return "it cannot begin with `..`" if key.startswith("..") else None


@lru_cache(maxsize=4096)
def header_name_problem(name: str) -> str | None:
    """For the names of HTTP headers in probes and hooks."""
    if not name:
        return "it is empty"
    return None if _HEADER.match(name) else f"it {_strange(name, 'a-zA-Z0-9-', 'letters, digits and `-`')}"


def _too_long(name: str, most: int) -> str:
    return f"it has {len(name)} characters, and {most} are allowed"


def _strange(name: str, allowed: str, words: str, whole: bool = True) -> str:
    found = re.search(rf"[^{allowed}]", name)
    if found is None:
        edge = "begin and end with a letter or a digit"
        return f"must {edge}" if whole else f"must {edge}, and so must each part between dots"
    return f"holds {_SHOWN.get(found[0], f'`{found[0]}`')}; {words} are allowed"
