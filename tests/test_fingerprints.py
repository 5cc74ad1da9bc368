"""What keeps a finding the same finding, and what makes it another."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date
from typing import Any

import pytest
from example_counts import examples
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from linter.engine.judging.fingerprints import failure_fingerprint, file_identity, fingerprint, route_identity
from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.errors import InputError
from linter.manifest.decoder import decode_text
from linter.model import Failure
from linter.repository import MemoryTree

COMMON = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
# Rules that look at one object, so that an edit elsewhere can change nothing: labels, probes, ports, selectors.
RULES = ("labels", "probes", "schema/duplicate-key")


@pytest.fixture(scope="module")
def check(session):
    def run(files: dict[str, str], **options: Any):
        options.setdefault("select", RULES)
        return lint_tree(MemoryTree(files), LintOptions(today=date(2026, 7, 1), **options), session)

    return run


def identities(report) -> Counter[tuple[str, str]]:
    return Counter((finding.rule, finding.fingerprint) for finding in report.findings)


NAMES = st.sampled_from(["a", "b", "web", "api", "x-1"])
LABELS = st.dictionaries(st.sampled_from(["tier", "app", "-bad", "x/y/z"]), st.sampled_from(["ok", "-bad-", "a b", 7, True]), max_size=4)


@st.composite
def probes(draw) -> dict[str, Any]:
    target = draw(st.sampled_from([80, 81, "http", "nowhere"]))
    return {"httpGet": {"path": "/", "port": target}, "periodSeconds": draw(st.integers(1, 9))}


@st.composite
def containers(draw, name: str) -> dict[str, Any]:
    container: dict[str, Any] = {"name": name, "image": f"example.com/{name}:1"}
    for key in draw(st.sets(st.sampled_from(["livenessProbe", "readinessProbe"]))):
        container[key] = draw(probes())
    if draw(st.booleans()):
        container["ports"] = [{"name": "http", "containerPort": 80}, {"name": "admin", "containerPort": 81}]
    return container


@st.composite
def objects(draw) -> list[dict[str, Any]]:
    """Deployments and ConfigMaps of different names, with mistakes in them."""
    found: list[dict[str, Any]] = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        metadata = {"name": name, "labels": draw(LABELS)}
        if draw(st.booleans()):
            found.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b", "c": "d"}})
            continue
        inner = [draw(containers(own)) for own in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))]
        template = {"metadata": {"labels": draw(LABELS)}, "spec": {"containers": inner}}
        spec = {"replicas": draw(st.integers(1, 3)), "selector": {"matchLabels": {"app": name}}, "template": template}
        found.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
    return found


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same value with the keys of every mapping, and the items of lists of named objects, in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(entry, chance)) for key, entry in value.items()]
        chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        inner = [shuffled(item, chance) for item in value]
        if all(isinstance(item, dict) and "name" in item for item in inner):
            chance.shuffle(inner)
        return inner
    return value


def keys_shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: keys_shuffled(value[key], chance) for key in keys}
    return [keys_shuffled(item, chance) for item in value] if isinstance(value, list) else value


def scalar(value: Any, chance: random.Random) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = value.replace("-", "").isalnum() and not value.isdigit() and value[0] not in "-0123456789" and value not in ("yes", "on")
    single = "'" + value.replace("'", "''") + "'"
    return chance.choice([json.dumps(value), single, *([value] if plain else [])])


def written(value: Any, chance: random.Random, indent: int = 0, *, comments: bool = True) -> list[str]:
    """A mapping or list as lines of YAML: block or flow, with any indentation, quoting, comments and empty lines."""
    pad = " " * indent
    lines: list[str] = []
    for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
        if comments and chance.random() < 0.2:
            lines += [" " * chance.randrange(5) + "# a note", ""]
        if isinstance(entry, dict | list) and entry and chance.random() < 0.7:
            deeper = indent + chance.choice([2, 4])
            inner = written(entry, chance, deeper, comments=comments)
            if isinstance(value, dict):
                lines += [f"{pad}{scalar(key, chance)}:", *inner]
            else:
                lines += [f"{pad}-", *inner]
        else:
            text = json.dumps(entry) if isinstance(entry, dict | list) else scalar(entry, chance)
            lines.append(f"{pad}- {text}" if isinstance(value, list) else f"{pad}{scalar(key, chance)}: {text}")
    return lines


def as_yaml(documents: list[dict[str, Any]], chance: random.Random) -> str:
    parts = ["\n".join(written(document, chance)) for document in documents]
    return chance.choice(["", "# in front\n\n", "---\n"]) + "\n---\n".join(parts) + "\n"


def plain(documents: list[dict[str, Any]]) -> str:
    return "\n---\n".join(json.dumps(document, indent=2) for document in documents) + "\n"


def as_json(documents: dict[str, list[Any]]) -> dict[str, str]:
    return {path: "\n---\n".join(map(json.dumps, inner)) for path, inner in documents.items()}


class TestTheSame:
    @settings(max_examples=examples(50), **COMMON)
    @given(documents=objects(), seed=st.integers(0, 2**20))
    def test_reformatted_and_reordered(self, check, documents, seed):
        chance = random.Random(seed)
        before = identities(check({"a.yaml": plain(documents)}))
        after = [shuffled(document, chance) for document in documents]
        chance.shuffle(after)
        assert identities(check({"a.yaml": as_yaml(after, chance)})) == before

    @settings(max_examples=examples(30), **COMMON)
    @given(documents=objects(), more=objects(), seed=st.integers(0, 2**20))
    def test_other_documents_around_it(self, check, documents, more, seed):
        chance = random.Random(seed)
        for number, document in enumerate(more):
            document["metadata"]["name"] = f"other-{number}"
        own = identities(check({"a.yaml": plain(documents)})) + identities(check({"a.yaml": plain(more)}))
        mixed = [*documents, *more]
        chance.shuffle(mixed)
        assert identities(check({"a.yaml": as_yaml(mixed, chance)})) == own
        in_a_list = {"apiVersion": "v1", "kind": "List", "items": mixed}
        assert {rule for rule, _ in identities(check({"a.yaml": plain([in_a_list])}))} == {rule for rule, _ in own}

    @settings(max_examples=examples(30), **COMMON)
    @given(documents=objects(), replicas=st.integers(0, 99), image=st.sampled_from(["b:2", "c@sha256:1"]), period=st.integers(1, 99))
    def test_other_values(self, check, documents, replicas, image, period):
        before = identities(check({"a.yaml": plain(documents)}, select=("labels", "probes/undeclared-port-name")))
        for document in documents:
            document["metadata"]["annotations"] = {"changed": image}
            for container in document.get("spec", {}).get("template", {}).get("spec", {}).get("containers", ()):
                document["spec"]["replicas"] = replicas
                container["image"] = image
                for key in ("livenessProbe", "readinessProbe"):
                    if key in container:
                        container[key]["periodSeconds"] = period
        assert identities(check({"a.yaml": plain(documents)}, select=("labels", "probes/undeclared-port-name"))) == before

    @settings(max_examples=examples(12), **COMMON)
    @given(
        names=st.lists(st.sampled_from(["prod", "test", "eu", "live"]), min_size=2, max_size=4, unique=True),
        tier=st.sampled_from(["-a-", "a b", "x" * 64]),
    )
    def test_environments_renamed_and_values_changed(self, check, names, tier):
        files = {
            "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "web/values.yaml": "name: web\ntier: -wrong-\n",
            "web/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}-{{ .Release.Name }}\n"
            "  labels:\n    tier: {{ .Values.tier | quote }}\n",
        }
        before = identities(check(files))
        assert sum(before.values()) == 1
        environments = {name: {"web": {"release": f"r-{name}"}} for name in names}
        after = {**files, "web/values.yaml": f"name: api\ntier: {json.dumps(tier)}\n"}
        after[".gitops-lint.yaml"] = json.dumps({"environments": environments})
        assert identities(check(after)) == before

    @pytest.mark.parametrize("seed", [1, 2])
    def test_the_examples_of_every_rule_in_another_order(self, check, session, seed):
        chance, compared = random.Random(seed), 0
        for rule in session.catalog.rules.values():
            for example in session.catalog.texts(rule.id).examples:
                given = example.get("fail")
                if given is None or rule.pack == "suppression" or rule.id == "schema/duplicate-key":
                    continue
                files = {"manifest.yaml": given} if isinstance(given, str) else dict(given["files"])
                settings = {**example.get("config", {}), "rules": {rule.id: {"params": example.get("params", {})}}}
                files[".gitops-lint.yaml"] = json.dumps(settings)
                manifests = {path: text for path, text in files.items() if path.endswith(".yaml") and path[0] != "."}
                if any(path.endswith("Chart.yaml") for path in files):
                    continue
                try:
                    before = {path: [entry.value for entry in decode_text(text)] for path, text in manifests.items()}
                except InputError:
                    continue
                after = {path: [keys_shuffled(document, chance) for document in inner] for path, inner in before.items()}
                for documents in after.values():
                    chance.shuffle(documents)
                targets = dict(example.get("targets", {}))
                one, other = (check({**files, **as_json(texts)}, select=(rule.id,), targets=targets) for texts in (before, after))
                assert identities(one) == identities(other), rule.id
                compared += 1
        assert compared > 100

    def test_an_item_without_a_key_has_others_before_it(self, check):
        def role(*rules: str) -> Counter[tuple[str, str]]:
            body = "\n".join(f"  - {{apiGroups: [apps], resources: [{names}], verbs: [{verbs}]}}" for names, verbs in map(str.split, rules))
            head = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web, namespace: shop}\nrules:\n"
            return identities(check({"a.yaml": head + body + "\n"}, select=("rbac/inert-rule",)))

        [one], [other] = role("deployments read"), role("daemonsets read")
        assert one != other
        assert list(role("daemonsets get", "deployments list,read")) == [one]
        assert set(role("daemonsets read", "deployments read")) == {one, other}
        assert set(role("deployments read", "deployments read")) > {one}
        [subject] = role("deployment get")
        assert set(role("deployments get", "replicasets,deployment get")) == {subject}

    @pytest.mark.parametrize(
        ("rules", "values"),
        [
            pytest.param("  {{- toYaml .Values.rules | nindent 2 }}", ["[apps]", "[apps, batch]"], id="printed whole"),
            pytest.param(
                "  - apiGroups: {{ toJson .Values.groups }}\n    resources: [{{ .Values.name }}]\n    verbs: [read]",
                ["[apps]", "[batch]"],
                id="printed in parts",
            ),
        ],
    )
    def test_an_item_without_a_key_is_the_same_with_other_values(self, check, rules, values):
        def found(groups: str) -> Counter[tuple[str, str]]:
            files = {
                "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
                "web/values.yaml": f"groups: {groups}\nname: deployments\n"
                f"rules: [{{apiGroups: {groups}, resources: [deployments], verbs: [read]}}]\n",
                "web/templates/a.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web}\nrules:\n" + rules,
            }
            report = check(files, select=("rbac/inert-rule",))
            return Counter(finding.fingerprint for finding in report.findings if "verbs" in finding.route)

        before, after = map(found, values)
        assert before == after
        assert sum(before.values()) == 1


class TestAnother:
    @settings(max_examples=examples(30), **COMMON)
    @given(documents=objects())
    def test_another_file_and_another_name(self, check, documents):
        before = identities(check({"a.yaml": plain(documents)}))
        assume(before)
        assert not before & identities(check({"b.yaml": plain(documents)}))
        for document in documents:
            document["metadata"]["name"] += "-2"
        assert not before & identities(check({"a.yaml": plain(documents)}))

    @settings(max_examples=examples(30), **COMMON)
    @given(documents=objects())
    def test_no_two_findings_are_one(self, check, documents):
        report = check({"a.yaml": plain(documents), "b.yaml": plain(documents)})
        assert max(identities(report).values(), default=1) == 1
        assert len({finding.fingerprint for finding in report.findings}) == len(report.findings)

    def test_another_container_and_another_rule(self, check):
        def deployment(*names: str) -> str:
            inner = [{"name": name, "image": "a:1"} for name in names]
            spec = {"template": {"metadata": {}, "spec": {"containers": inner}}}
            return json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})

        missing = ("probes/liveness-missing",)
        one, two = (identities(check({"a.yaml": deployment(*names)}, select=missing)) for names in (("a",), ("b", "a")))
        assert one < two
        assert len(one) == 1
        assert not one & identities(check({"a.yaml": deployment("c")}, select=missing))

    def test_another_rule_at_the_same_place(self, check):
        def labelled(value: Any) -> Counter[tuple[str, str]]:
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "labels": {"tier": value}}}
            return identities(check({"a.yaml": json.dumps(body)}, select=("labels",)))

        [(syntax, one)], [(typed, two)] = labelled("-wrong-"), labelled(7)
        assert (syntax, typed) == ("labels/invalid-syntax", "labels/value-not-a-string")
        assert one != two


class TestOrdinals:
    def pod(self, *names: str) -> str:
        inner = [{"name": name, "image": "a:1", "livenessProbe": {"httpGet": {"path": "/", "port": "nowhere"}}} for name in names]
        return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": inner}})

    def test_equal_findings_in_one_object(self, check):
        rule = ("probes/undeclared-port-name",)
        one, two = (check({"a.yaml": self.pod(*names)}, select=rule).findings for names in (("a",), ("a", "b", "a")))
        assert (len(one), len(two)) == (1, 3)
        assert len({finding.fingerprint for finding in two}) == 3
        assert one[0].fingerprint == two[0].fingerprint

    def test_equal_objects(self, check):
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, labels: {a: -wrong-}}\n"
        found = check({"a.yaml": f"{text}---\n{text}"}, select=("labels",)).findings
        assert len({finding.fingerprint for finding in found}) == len(found) == 2


RULE = {"rules": [{"apiGroups": [""], "resources": ["secrets", "pods"], "verbs": ["*"]}]}


class TestRoutes:
    @pytest.mark.parametrize(
        ("body", "route", "expected"),
        [
            ({"a": [{"name": "x"}]}, ("a", 0, "b"), "a/[name=x]/b"),
            ({"ports": [{"name": "x", "containerPort": 80, "protocol": "UDP"}]}, ("ports", 0), "ports/[containerPort=80,protocol=UDP]"),
            ({"ports": [{"port": 53, "protocol": "TCP"}]}, ("ports", 0, "name"), "ports/[port=53]/name"),
            ({"args": ["-v", "-q"]}, ("args", 1), "args/[=-q]"),
            ({"a": [[1], [2]]}, ("a", 1, 0), "a/[]/[=2]"),
            ({"subjects": [{"kind": "User", "name": "x"}]}, ("subjects", 0, "name"), "subjects/[name=x,kind=User]/name"),
            (RULE, ("rules", 0), "rules/[apiGroups=;resources=pods,secrets]"),
            (RULE, ("rules", 0, "verbs", 0), "rules/[apiGroups=;resources=pods,secrets]/verbs/[=*]"),
            (RULE, ("rules", 0, "resources", 1), "rules/[apiGroups=]/resources/[=pods]"),
            ({"endpoints": [{"dnsName": "a", "targets": []}]}, ("endpoints", 0, "dnsName"), "endpoints/[dnsName=a]/dnsName"),
            ({"http": [{"match": [{"uri": {"prefix": "/a"}}]}]}, ("http", 0, "route", 0), "http/[match=uri.prefix./a]/route/[]"),
            ({"rules": [{"resources": [str(number) for number in range(101)]}]}, ("rules", 0), "rules/[]"),
            ({"a/b": 1}, ("a/b",), "a\\/b"),
        ],
    )
    def test_identity(self, body, route, expected):
        assert route_identity(body, route) == expected

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("web/charts/dep-1.0.0.tgz!dep/a.yaml", "web/charts/dep-v2.0.0-rc.1+x.tgz!dep/a.yaml", True),
            ("a-1.0.0.tgz!a/charts/b-1.tgz!b/a.yaml", "a-1.0.1.tgz!a/charts/b-2.tgz!b/a.yaml", True),
            ("web/charts/dep-1.0.0.tgz!dep/a.yaml", "web/charts/other-1.0.0.tgz!dep/a.yaml", False),
            ("web-1.0.0/a.yaml", "web-1.0.1/a.yaml", False),
            ("web/charts/dep-1.0.0.tgz!dep/a-1.yaml", "web/charts/dep-1.0.0.tgz!dep/a-2.yaml", False),
        ],
    )
    def test_the_version_of_a_packed_chart_is_no_part_of_its_files(self, one, other, same):
        assert (file_identity(one) == file_identity(other)) is same

    def test_parts_do_not_run_together(self):
        assert fingerprint(("ab", "c")) != fingerprint(("a", "bc"))

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [("at line 3: no", "at line 12: no", True), ("a.yaml:3:7: no", "a.yaml:4: no", True), ("no `a`", "no `b`", False)],
    )
    def test_failures(self, one, other, same):
        first, second = (failure_fingerprint(Failure("helm-render", "broken", "render", "a.yaml", 1, text, "")) for text in (one, other))
        assert (first == second) is same
