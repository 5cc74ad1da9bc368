"""Packs that tests write into memory or onto disk."""

from __future__ import annotations

from collections.abc import Mapping

PACK = """\
name: {name}
version: {version}
title: Ours
description: Rules of a team.
"""
RULE = """\
title: {title}
severity: {severity}
default: {default}
since: {since}
why: Somebody has to be able to say which container it is.
fix: Mend it.
references: [https://example.com/]
match: {match}
{check}
message: {message}
{more}
examples:
  - fail: x
  - pass: x
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostNetwork: true
  containers:
    - name: web
      image: docker.io/library/web
"""


def pack_files(rules: Mapping[str, str], *, name: str = "acme", version: str = "0.1.0", folder: str = "policy/acme") -> dict[str, str]:
    """The files of a pack, by path, from the texts of its rules by file name."""
    return {
        f"{folder}/pack.yaml": PACK.format(name=name, version=version),
        **{f"{folder}/{file}": text for file, text in rules.items()},
    }


def rule_text(
    check: str = "schema: {not: {required: [hostNetwork]}}",
    *,
    title: str = "A pod on the network of its node",
    severity: str = "warning",
    default: bool = True,
    since: str = "0.1.0",
    match: str = "{each: pod_spec}",
    message: str = "'{resource}: {kind}'",
    more: str = "",
) -> str:
    """The text of a rule; by default one that reports every pod with `hostNetwork`."""
    return RULE.format(
        title=title, severity=severity, default=str(default).lower(), since=since, match=match, check=check, message=message, more=more
    )
