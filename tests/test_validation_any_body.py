"""Bodies are untrusted: whatever stands in an object, the checks of what the API server refuses do not raise."""

import copy
import glob
import importlib.util
import os
import random

import pytest
from kubernetes_objects import SOURCE

from linter.manifest.decoder import decode_text
from linter.model import DesiredState, Document, ManifestFile, Node, Resource, Violation

RULES = os.path.join(os.path.dirname(os.path.dirname(__file__)), "rules", "schema")
JUNK = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    float("inf"),
    float("nan"),
    "",
    "x",
    "10.0.0.0/8",
    "\n",
    "a" * 300,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": 1},
    {"": ""},
]


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def of_objects(name):
    """Whether a rule receives whole objects of certain kinds."""
    (rule,) = decode_text(text_of(os.path.join(RULES, f"{name}.yaml")))
    return "*" not in rule.value["match"].get("kinds", ["*"])


NAMES = [os.path.basename(path).removesuffix(".py") for path in glob.glob(os.path.join(RULES, "*.py"))]
CHECKS = sorted(name for name in NAMES if of_objects(name))


def wrap(body):
    """The object of a decoded body."""
    document = Document(ManifestFile("a.yaml", "", SOURCE), 0, body)
    api_version, kind = body["apiVersion"], body["kind"]
    group = api_version.rpartition("/")[0]
    return Resource(
        document, body, type=kind, api_version=api_version, group=group, kind=kind, name="a", namespace="a", declared_namespace=None
    )


def steps(value, route=()):
    """The routes to everything below a value."""
    yield route
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from steps(child, (*route, key))


def put(body, route, value):
    for step in route[:-1]:
        body = body[step]
    body[route[-1]] = value


def check_of(name):
    specification = importlib.util.spec_from_file_location(f"rule_{name}", os.path.join(RULES, f"{name}.py"))
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.check


def examples_of(name):
    (rule,) = decode_text(text_of(os.path.join(RULES, f"{name}.yaml")))
    for example in rule.value["examples"]:
        shown = example.get("pass", example.get("fail"))
        if isinstance(shown, str):
            yield from (decoded.value for decoded in decode_text(shown) if decoded.value)


@pytest.mark.parametrize("name", CHECKS)
def test_no_body_makes_a_check_raise(name):
    check = check_of(name)
    chance = random.Random(name)
    state = DesiredState("app", [SOURCE], [])
    for body in examples_of(name):
        routes = [route for route in steps(body) if route and route[0] not in ("apiVersion", "kind")]
        for _ in range(40):
            changed = copy.deepcopy(body)
            put(changed, chance.choice(routes), copy.deepcopy(chance.choice(JUNK)))
            found = check(Node(changed, (), wrap(changed)), state, {})
            violations = [found] if isinstance(found, Violation) else list(found or ())
            assert all(isinstance(violation.message, str) for violation in violations)


def test_all_of_them_are_tried():
    assert len(CHECKS) >= 20
