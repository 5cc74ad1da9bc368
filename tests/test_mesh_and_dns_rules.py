"""The checks of the packs istio and dns on bodies that nobody expects."""

import copy
import random

import pytest
from kubernetes_objects import SOURCE

from linter.kubernetes.pods import VIEWS, pod_template
from linter.manifest.decoder import decode_text
from linter.manifest.resources import resources_of
from linter.model import DesiredState, Document, ManifestFile, Node, Repository, StateOptions, Violation
from linter.packs.binding import bind
from linter.packs.catalog import load_catalog

CATALOG = load_catalog()
RULES = bind([rule for rule in CATALOG.rules.values() if rule.pack in ("istio", "dns")], {}, {}, str)
ODD = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "*",
    "a/b/c",
    ".",
    "/",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": None},
    "\n",
    "é" * 300,
    10**30,
    {"": ""},
    "::",
    "a,b,,",
    "9" * 400,
]
KEYS = ["", "x/", "/y", "istio.io/", "external-dns.kubernetes.io/", "external-dns.alpha.kubernetes.io/hostname"]


def documents(text_or_files):
    texts = [text_or_files] if isinstance(text_or_files, str) else text_or_files["files"].values()
    return [decoded.value for text in texts for decoded in decode_text(text) if decoded.value]


def mangled(value, chance):
    """A copy in which something, somewhere, is of another type than Kubernetes wants."""
    if chance.random() < 0.1:
        return copy.deepcopy(chance.choice(ODD))
    if isinstance(value, dict):
        return {chance.choice(KEYS) if chance.random() < 0.02 else key: mangled(entry, chance) for key, entry in value.items()}
    if isinstance(value, list):
        return [mangled(entry, chance) for entry in value]
    return value


def violations(bound, state):
    kind, names = bound.rule.match
    if names == ("repository",):
        repository = Repository([state], state.options)
        yield from bound.check(Node(repository), repository, bound.params) or ()
    elif names == ("state",):
        yield from bound.check(Node(state), state, bound.params) or ()
    else:
        for resource in state.resources:
            if kind == "kinds":
                nodes = [Node(resource.body, (), resource)] if "*" in names or resource.type in names else []
            else:
                pod = pod_template(resource)
                nodes = list(VIEWS[names[0]](pod)) if pod is not None else []
            for node in nodes:
                yield from bound.check(node, state, bound.params) or ()


@pytest.mark.parametrize("bound", RULES, ids=lambda bound: bound.rule.id)
def test_a_check_survives_any_body(bound):
    chance = random.Random(bound.rule.id)
    examples = [documents(example.get("fail") or example["pass"]) for example in CATALOG.texts(bound.rule.id).examples]
    for _ in range(60):
        file = ManifestFile("app/manifest.yaml", "", SOURCE)
        resources = []
        for index, body in enumerate(chance.choice(examples)):
            broken = mangled(body, chance)
            broken = broken if isinstance(broken, dict) else {}
            broken.update(apiVersion=body["apiVersion"], kind=body["kind"])
            resources.extend(resources_of(Document(file, index, broken)))
        options = StateOptions({"external-dns": chance.choice([None, "0.21", "0.22", "x"])}, closed_world=chance.random() < 0.2)
        for violation in violations(bound, DesiredState("app", [SOURCE], resources, options)):
            assert isinstance(violation, Violation)
            assert violation.message
            assert isinstance(violation.route, tuple)
