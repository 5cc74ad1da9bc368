"""What this repository shows to others is valid: the examples of all rules, apart from what each shows, and examples/."""

import os

import pytest
from schema_mistakes import DEPLOYMENT, changed, loaded

from linter import shipped
from linter.engine.examples import MARK
from linter.kubernetes.schemas.judging import mistakes_of
from linter.kubernetes.schemas.table import load
from linter.packs.catalog import load_catalog

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CATALOG = load_catalog()
STRUCTURE = {f"schema/{name}" for name in ("unknown-field", "missing-field", "wrong-type", "invalid-value", "field-not-in-version")}
# Examples of objects that are out of shape in a way that other rules find, and that no place of the object is blamed for.
OUT_OF_SHAPE = {
    "schema/missing-name",  # `name` beside `metadata`
    "schema/invalid-metadata",
}


def manifests(example):
    given = example.get("fail", example.get("pass"))
    texts = {"manifest.yaml": given} if isinstance(given, str) else given["files"]
    for path, text in texts.items():
        if isinstance(text, str) and path.endswith((".yaml", ".yml")) and "{{" not in text and "kustomization" not in path:
            yield path, text


def wrong(text, target=None, path="manifest.yaml"):
    """The mistakes in the built-in kinds of a text, but for placeholders and for objects that are marked to be wrong."""
    try:
        state, objects = loaded(text, target, path)
    except Exception:
        return []  # a rule about what cannot be read
    return [
        f"{resource}: {mistake.message}"
        for resource in objects
        if load().kind(resource.api_version, resource.kind) is not None
        for mistake in mistakes_of(resource, state)
        if "${" not in mistake.message
    ]


@pytest.mark.parametrize("pack", sorted(CATALOG.packs))
def test_the_examples_of_rules_have_no_other_mistakes(pack):
    found = []
    for rule in CATALOG.rules.values():
        if rule.pack != pack or rule.id in STRUCTURE | OUT_OF_SHAPE:
            continue
        for number, example in enumerate(CATALOG.texts(rule.id).examples, 1):
            target = example.get("targets", {}).get("kubernetes")
            whole = dict(manifests(example))
            # Patches and bases are no objects of their own.
            if any("kustomization" in path for path in (example.get("fail", example.get("pass")) or {})):
                continue
            found += [f"{rule.id} {number}: {one}" for path, text in whole.items() for one in wrong(text.replace(MARK, ""), target, path)]
    assert found == []


def test_the_examples_to_try_the_linter_on_have_no_mistakes():
    found = []
    for folder, _, names in os.walk(os.path.join(ROOT, "examples")):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), ROOT)
            if name.endswith(".yaml") and "/templates/" not in path and "patch" not in path and "overlays" not in path:
                with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                    found += wrong(file.read(), path=path)
    assert found == []


def test_the_rules_of_the_schema_are_shipped():
    assert set(CATALOG.rules) >= STRUCTURE
    assert all(CATALOG.rules[name].default and CATALOG.rules[name].severity == "error" for name in STRUCTURE)
    assert b"kubernetes-validate" in shipped.read("schemas", "kubernetes", "README.md")


def findings(lint, text, *select):
    report = lint({"app/manifest.yaml": text}, select=select)
    return [(finding.rule, finding.location.line) for finding in report.findings]


def test_what_follows_from_a_mistake_is_not_reported_beside_it(lint):
    text = changed(DEPLOYMENT, ("          ports:", "          livenessprobe: {tcpSocket: {port: 80}}\n          ports:"))
    assert findings(lint, text, "probes/liveness-missing") != []
    both = findings(lint, text, "schema", "probes/liveness-missing")
    assert [rule for rule, _ in both if rule.startswith("schema/")] == ["schema/unknown-field"]
    text = changed(DEPLOYMENT, ("          ports:", "          livenessProbe: {httpGet: [80]}\n          ports:"))
    assert [rule for rule, _ in findings(lint, text, "probes/invalid-handler")] == ["probes/invalid-handler"]
    assert [rule for rule, _ in findings(lint, text, "schema", "probes/invalid-handler")] == ["schema/wrong-type"]


def test_a_placeholder_is_not_judged(lint):
    text = changed(DEPLOYMENT, ("replicas: 3", "replicas: ${REPLICAS}"), ("containerPort: 8080", "containerPort: <path:a#b>"))
    assert findings(lint, text, "schema") == []
    assert findings(lint, changed(text, ("${REPLICAS}", "three")), "schema") == [("schema/wrong-type", 7)]


def test_what_is_compared_with_a_mistake_follows_from_it(lint):
    text = changed(DEPLOYMENT, ("      labels: {app: web}\n    spec", "      labes: {app: web}\n    spec"))
    assert [rule for rule, _ in findings(lint, text, "labels/selector-mismatch")] == ["labels/selector-mismatch"]
    assert [rule for rule, _ in findings(lint, text, "schema", "labels/selector-mismatch")] == ["schema/unknown-field"]
    # Without the rule that names the cause, what follows is all there is.
    assert len(findings(lint, text, "labels/selector-mismatch", "schema/wrong-type")) == 1


def test_two_rules_about_one_value_report_it_once(lint):
    text = changed(DEPLOYMENT, ("replicas: 3", "replicas: -3000000000"))
    assert findings(lint, text, "schema") == [("schema/invalid-value", 7)]
