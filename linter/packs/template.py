"""The files that a new rule starts from: they work as they are, and their comments say how to go on."""

from __future__ import annotations

_PACK = """\
# The pack: a folder with this file and one YAML file for each rule. `gitops-lint rules test {folder}` runs the examples.
name: {pack}                # the first half of the id of every rule in it
version: 0.1.0              # raise it when rules change: users can pin the pack to a version they have looked at
title: Rules of {pack}
description: |
  What the manifests of {pack} agree on.
"""

_HEAD = """\
# The rule {id}. Its id is the name of this file with hyphens: name it after the bad pattern.
# Change this example into your own, then run `gitops-lint rules test {folder}`.

title: Deployment without the label `team`    # one line that names the bad pattern
severity: warning                             # error | warning | info
default: true                                 # runs unless it is ignored; false: only where it is selected
since: {since:<40}# the version of the pack that brings the rule
why: |
  What goes wrong without it, in two or three sentences: when a Deployment fails at night, the label is how the person on
  call finds out whom to ask.
fix: Give the Deployment the label `team` with the name of the team that runs it.

# What is looked at. `{{each: containers}}` gives every container of every workload, `{{kinds: [Service, Ingress]}}` objects,
# `{{kinds: ["*"]}}` all of them. Kinds that are not built into Kubernetes are written as group/Kind.
match: {{kinds: [Deployment]}}
"""

_SCHEMA = """
# The check: a JSON Schema that what is looked at must satisfy.
schema:
  properties:
    metadata:
      required: [labels]
      properties:
        labels:
          required: [team]
"""

_REQUIRE = """
# The check: a CEL expression that is true where nothing is wrong. `self` is what is looked at, `object` the whole object,
# `params` the options below. A key may be missing: `self.?a.?b.orValue("")` gives a default, `has(self.a)` asks for it.
require: self.?metadata.?labels.?team.orValue("") in params.teams

params:                                       # users set them under `rules:` in .gitops-lint.yaml
  teams: {type: array, items: {type: string}, default: [shop, payment]}
"""

_TAIL = """
# Where the finding is shown, from what is looked at; if it is not there, the nearest part that is.
at: [metadata, labels]
# With {name}, {value}, {kind}, {resource} and {params.NAME}.
message: "{resource} has no label `team`MESSAGE_END"

# Executed by `gitops-lint rules test`: each line that ends with `# <-- here` must be reported, and no other line.
examples:
  - fail: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
        labels: {app: web}                    # <-- here
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            containers:
              - name: web
                image: registry.example.com/web:1.4.2
  - name: a near miss, here no Deployment     # what looks like the mistake and is none
    pass: |
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec:
        selector: {app: web}
        ports: [{port: 80}]
  - pass: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
        labels: {app: web, team: shop}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            containers:
              - name: web
                image: registry.example.com/web:1.4.2
"""


def new_pack(pack: str, folder: str) -> str:
    """The text of the pack.yaml of a new pack in a folder."""
    return _PACK.format(pack=pack, folder=folder)


def new_rule(id: str, folder: str, since: str, *, cel: bool) -> str:
    """The text of a new rule, checked by a JSON Schema, or with `cel` by an expression."""
    head = _HEAD.format(id=id, folder=folder, since=since)
    end = " that is one of {params.teams}" if cel else ""
    return head + (_REQUIRE if cel else _SCHEMA) + _TAIL.replace("MESSAGE_END", end)


def file_name(id: str) -> str:
    """The name of the file of a rule: `acme/no-team-label` stands in no_team_label.yaml."""
    return id.partition("/")[2].replace("-", "_") + ".yaml"
