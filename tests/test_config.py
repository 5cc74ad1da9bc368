"""Reading .gitops-lint.yaml: what it becomes, and what is said about its mistakes."""

import json
import textwrap

import pytest

from linter.config import Config, load_config, parse_config
from linter.config.opaque import default_opaque
from linter.config.values import ClusterEntry, PackEntry, PathSelection, SuppressionPolicy
from linter.discovery.declarations import StateEntry
from linter.errors import ConfigurationError, UsageError
from linter.globs import Globs
from linter.model.state import ObjectPattern
from linter.repository import MemoryTree, WorkTree

FULL = """\
root: true
targets: {kubernetes: "1.34", istio: "v1.28.1", external-dns: "0.22", gateway-api: "1.4", cert-manager: "1.19", argo-cd: "3.2"}
packs: {rbac: "1.2", probes: "0", dns: , acme: {path: policy/acme}, team: {path: ./team/, version: "2.1.3"}}
select: [probes, rbac/wildcard, ALL]
ignore: [kube-linter:no-liveness-probe]
extend-select: [dns]
extend-ignore: [dns/duplicate-record]
per-path:
  - {paths: [sandbox/**, "**/tests"], ignore: [probes]}
  - {paths: [apps], select: [labels@0.2], extend-select: [rbac]}
extend-per-path: [{paths: [x], extend-select: [istio]}]
rules:
  probes/liveness-missing: {severity: error, params: {minimum: 3}}
  rbac/wildcard: {}
ignores:
  - rules: [probes]
    paths: [legacy/**]
    kinds: [Deployment, networking.istio.io/Gateway]
    names: [web-*]
    namespaces: [shop]
    until: 2027-03-31
    reason: moved away in spring
  - {rules: [ALL], paths: ["**/tests"]}
extend-ignores:
  - {failures: [helm-dependency-missing, yaml-syntax], paths: [charts/old]}
honour: [kube-linter, checkov, kube-linter]
suppressions: {allow: [comment, config], require-reason: true, max-days: 90}
baseline: policy/baseline.json
exclude: [docs, "**/vendor"]
extend-exclude: [archive]
opaque: ["^@@"]
extend-opaque: ["^TODO"]
owned:
  - {kind: ServiceAccount, namespace: shop, name: "web-*"}
extend-owned: [{kind: ConfigMap}]
externals:
  - {kind: networking.istio.io/Gateway}
extend-externals: [{kind: Namespace, name: "*"}]
states:
  prod: [clusters/prod/**, {path: ./charts/*, environment: prod}]
environments:
  prod:
    charts/*: {values: [values-prod.yaml, /shared.yaml], set: [a=b, c=], namespace: shop, release: web.1, cluster: eu-1}
    charts/api: {}
crds: [crds/**]
repositories: {"https://git.example.com/platform/charts.git": vendor/charts/}
clusters: {eu-1: {server: https://eu-1.example.com, labels: {region: eu}}, us-1: {}}
nodes: [inventory/eu.yaml, inventory/us.yaml]
"""


def parse(text):
    return parse_config(textwrap.dedent(text).encode())


def mistakes(text):
    """What is said about a file, a line for each mistake, without the name of the file."""
    with pytest.raises(ConfigurationError) as raised:
        parse(text)
    lines = str(raised.value).splitlines()
    assert all(line.startswith(".gitops-lint.yaml:") for line in lines)
    return [line.removeprefix(".gitops-lint.yaml:") for line in lines]


class TestContent:
    def test_every_key(self):
        config = parse(FULL)
        assert config.root is True
        assert config.targets == {
            "kubernetes": "1.34", "istio": "1.28.1", "external-dns": "0.22", "gateway-api": "1.4", "cert-manager": "1.19", "argo-cd": "3.2",
        }  # fmt: skip
        assert config.packs == {
            "rbac": PackEntry("1.2"),
            "probes": PackEntry("0"),
            "dns": PackEntry(),
            "acme": PackEntry(path="policy/acme"),
            "team": PackEntry("2.1.3", "team"),
        }
        assert config.select == ("probes", "rbac/wildcard", "ALL")
        assert config.ignore == ("kube-linter:no-liveness-probe",)
        assert config.extend_select == ("dns",)
        assert config.extend_ignore == ("dns/duplicate-record",)
        assert config.rules == {"probes/liveness-missing": {"severity": "error", "params": {"minimum": 3}}, "rbac/wildcard": {}}
        assert config.per_path == (
            PathSelection(0, Globs(["sandbox/**", "**/tests"]), ignore=("probes",)),
            PathSelection(1, Globs(["apps"]), select=("labels@0.2",), extend_select=("rbac",)),
            PathSelection(2, Globs(["x"]), extend_select=("istio",)),
        )
        assert config.honour == ("kube-linter", "checkov")
        assert config.suppressions == SuppressionPolicy(frozenset({"comment", "config"}), True, 90)
        assert config.baseline == "policy/baseline.json"
        assert config.exclude == Globs(["docs", "**/vendor", "archive"])
        assert config.owned == (ObjectPattern("ServiceAccount", "shop", "web-*"), ObjectPattern("ConfigMap"))
        assert config.externals == (ObjectPattern("networking.istio.io/Gateway"), ObjectPattern("Namespace", name="*"))
        assert [bool(config.opaque.search(text)) for text in ("@@X", "TODO", "${VAR}")] == [True, True, False]
        assert config.states == (StateEntry("prod", 0, "clusters/prod/**"), StateEntry("prod", 1, "charts/*", "prod"))
        first, second, third = config.ignores
        assert (first.rules, first.until, first.reason) == (("probes",), "2027-03-31", "moved away in spring")
        assert second.rules == ("ALL",)
        assert second.paths == Globs(["**/tests"])
        assert (third.index, third.rules, third.failures) == (2, (), ("helm-dependency-missing", "yaml-syntax"))
        assert config.crds == Globs(["crds/**"])
        assert config.repositories == {"https://git.example.com/platform/charts.git": "vendor/charts"}
        assert config.clusters == {"eu-1": ClusterEntry("https://eu-1.example.com", {"region": "eu"}), "us-1": ClusterEntry()}
        assert config.nodes == ("inventory/eu.yaml", "inventory/us.yaml")
        values = config.environments["prod"][0]
        assert values.values == ("values-prod.yaml", "/shared.yaml")
        assert values.set_values == ("a=b", "c=")
        assert (values.namespace, values.release, values.cluster) == ("shop", "web.1", "eu-1")

    @pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "{}"])
    def test_an_empty_file_says_nothing(self, text):
        config = parse(text)
        assert config.path == ".gitops-lint.yaml"
        assert (config.targets, config.select, config.ignores, config.environments) == ({}, (), (), {})
        assert config.opaque is default_opaque()

    def test_packs_as_a_list(self):
        config = parse("packs: [rbac,\n  dns]")
        assert config.packs == {"rbac": PackEntry(), "dns": PackEntry()}
        assert config.where(("packs", "dns")) == (".gitops-lint.yaml", 2)

    def test_one_file_of_nodes(self):
        assert parse("nodes: a/../b.yaml").nodes == ("b.yaml",)

    def test_what_nothing_uses_yet_is_said(self):
        assert parse("exclude: []\nnodes: []\ncrds: []").notes == (
            ".gitops-lint.yaml:2: `nodes` is checked and kept, but nothing in this version uses it yet",
        )

    def test_json_is_yaml(self):
        assert parse(json.dumps({"exclude": ["docs"]})).exclude == Globs(["docs"])

    def test_a_past_until_is_no_mistake(self):
        assert parse("ignores: [{rules: [ALL], until: 1999-12-31}]").ignores[0].until == "1999-12-31"


class TestIgnores:
    ENTRY = parse(FULL).ignores[0]

    def test_all_that_an_entry_says_must_be_true(self):
        covered = {"path": "legacy/a.yaml", "type": "Deployment", "namespace": "shop", "name": "web-1"}
        assert self.ENTRY.covers(**covered)
        for key, other in (("path", "apps/a.yaml"), ("type", "Job"), ("namespace", "prod"), ("name", "api")):
            assert not self.ENTRY.covers(**{**covered, key: other})

    def test_a_kind_may_leave_out_its_group(self):
        entry = parse("ignores: [{rules: [ALL], kinds: [Gateway]}]").ignores[0]
        assert entry.covers("a.yaml", "networking.istio.io/Gateway", "", "x")
        assert not entry.covers("a.yaml", "networking.istio.io/VirtualService", "", "x")

    def test_a_finding_without_object(self):
        assert parse("ignores: [{rules: [ALL], paths: [docs]}]").ignores[0].covers("docs/a.yaml")
        assert not self.ENTRY.covers("legacy/a.yaml")

    def test_an_entry_that_narrows_nothing(self):
        assert parse("ignores: [{rules: [ALL]}]").ignores[0].covers("a.yaml", "Job", "shop", "x")


class TestEnvironments:
    CONFIG = parse("""\
        environments:
          prod:
            charts/*: {cluster: glob}
            charts/shop: {cluster: own}
            "**": {cluster: rest}
          dev:
            charts/s*: {cluster: dev}
        """)

    @pytest.mark.parametrize(
        ("chart", "expected"),
        [
            ("charts/shop", [("prod", "own"), ("dev", "dev")]),
            ("charts/api", [("prod", "glob")]),
            ("charts/group/api", [("prod", "rest")]),
            (".", [("prod", "rest")]),
        ],
    )
    def test_the_own_path_wins_then_the_first_glob(self, chart, expected):
        assert [(entry.environment, entry.cluster) for entry in self.CONFIG.values_for(chart)] == expected

    def test_where_an_entry_stands(self):
        entry = self.CONFIG.values_for("charts/shop")[0]
        assert self.CONFIG.where(entry.route) == (".gitops-lint.yaml", 4)


class TestWhere:
    def test_lines_of_routes(self):
        config = parse(FULL)

        def line(text):
            return FULL[: FULL.index(text)].count("\n") + 1

        assert config.where(("rules", "probes/liveness-missing", "params", "minimum")) == (".gitops-lint.yaml", line("minimum"))
        assert config.where(("rules", "rbac/wildcard", "params", "missing")) == (".gitops-lint.yaml", line("rbac/wildcard: {}"))
        assert config.where(("ignores", 1)) == (".gitops-lint.yaml", line("- {rules: [ALL]"))
        assert config.where(("ignores", 2, "paths", 0)) == (".gitops-lint.yaml", line("- {failures"))
        assert config.where(("per-path", 2)) == (".gitops-lint.yaml", line("extend-per-path"))
        assert config.where(("select", 2)) == (".gitops-lint.yaml", line("select: [probes"))
        assert config.place(("exclude",)) == f".gitops-lint.yaml:{line('exclude: ')}"
        assert config.place(("exclude", 2)) == f".gitops-lint.yaml:{line('extend-exclude: ')}"

    def test_without_a_file(self):
        assert Config().where(("select",)) == (".gitops-lint.yaml", None)
        assert Config().place(("select",)) == ".gitops-lint.yaml"


class TestMistakes:
    PACK = 'a version in quotes, such as "1.2", or a mapping such as {path: policy/acme, version: "1.2"}'

    def test_all_are_reported_at_once_in_the_order_of_the_file(self):
        assert [line.split(":")[0] for line in mistakes("a: 1\nexclude: x\nb: 2\nselect: [1]\n")] == ["1", "2", "3", "4"]

    def test_the_error_says_where_the_first_is(self):
        with pytest.raises(ConfigurationError) as raised:
            parse("\nexclud: []\nb: 1\n")
        assert (raised.value.path, raised.value.line) == (".gitops-lint.yaml", 2)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("exlude: []", "1: `exlude` is no key (did you mean `exclude`?): known are `extends`, `root`, `targets`, `packs`, "),
            ("extend_select: []", "1: `extend_select` is no key (did you mean `extend-select`?): known are `extends`, `root`, "),
            ("Rules: {}", "1: `Rules` is no key (did you mean `rules`?): known are "),
            ("plugins: []", "1: `plugins` is no key: known are `extends`, "),
            (
                "targets: {istioo: '1.2'}",
                (
                    "1: `istioo` is no key of `targets` (did you mean `istio`?): known are `kubernetes`, `istio`, `external-dns`, "
                    "`gateway-api`, `cert-manager` and `argo-cd`"
                ),
            ),
            (
                "targets:\n  kubernetes: 1.30",
                '2: `targets.kubernetes` must be a version in quotes, such as "1.34": without quotes, 1.30 is the number 1.3, so wr',
            ),
            ("targets: {kubernetes: '1'}", '1: `targets.kubernetes` must be a version in quotes, such as "1.34", not `1`'),
            (
                "packs: {rbac: 1.10}",
                f'1: `packs.rbac` must be {PACK}: without quotes, 1.10 is the number 1.1, so write "1.10"',
            ),
            ("packs: {rbac: [1]}", f"1: `packs.rbac` must be {PACK}, not a list"),
            ("packs: {rbac: latest}", '1: `packs.rbac` must be a version in quotes, such as "1.2", not `latest`'),
            ("packs: {acme: {}}", "1: `packs.acme` must be a mapping with `path`, `version` or both, not an empty mapping"),
            ("packs: {acme: {pth: x}}", "1: `pth` is no key of `packs.acme` (did you mean `path`?): known are `path` and `version`"),
            (
                "packs: {acme: {version: 1.2}}",
                '1: `packs.acme.version` must be a version in quotes, such as "1.2": without quotes, 1.2 is the number 1.2, so write "1.2"',
            ),
            ("packs: {acme: {path: ../acme}}", "1: `../acme` leads out of the repository: name something inside it"),
            ("packs: rbac", '1: `packs` must be a list of pack names, or a mapping such as {rbac: "1.2"}, not `rbac`'),
            ("packs: [RBAC]", "1: `packs[0]` must be the name of a pack, such as rbac, not `RBAC`"),
            ("select: probes", "1: `select` must be a list of rules, packs or ALL: write [probes]"),
            (
                "select: [Probes]",
                "1: `select[0]` must be ALL, a pack (probes, or probes@1.2 for an earlier version), a rule (probes/live",
            ),
            ("select: [rbac@latest]", "1: `select[0]` must be ALL, a pack (probes, or probes@1.2 for an earlier version), a rule"),
            (
                "per-path: {paths: [a]}",
                "1: `per-path` must be a list of mappings such as {paths: [sandbox/**], ignore: [probes]}, not a map",
            ),
            ("per-path: [{paths: [a]}]", "1: `per-path[0]` needs one of the keys `select`, `ignore` or `extend-select`"),
            ("per-path: [{ignore: [a]}]", "1: `per-path[0]` needs the key `paths`"),
            (
                "per-path: [{path: [a], ignore: [a]}]",
                "1: `path` is no key of `per-path[0]` (did you mean `paths`?): known are `paths`, `select`, `ignore` and `extend-select`",
            ),
            (
                "per-path: [{paths: [a], ignores: [a]}]",
                "1: `ignores` is no key of `per-path[0]` (did you mean `ignore`?): known are `paths`, `select`, `ignore` and `extend-sel",
            ),
            ("per-path: [{paths: [], ignore: [a]}]", "1: `per-path[0].paths` must be a list of at least one glob, not an empty list"),
            ("per-path: [{paths: [../a], ignore: [a]}]", "1: `../a` can match nothing: globs start at the repository root and"),
            ("per-path: [{paths: [a], select: []}]", "1: `per-path[0].select` must be a list of at least one rule or pack, or [ALL], not"),
            (
                "rules: {probes/liveness-missing: {severity: off}}",
                "1: `rules.probes/liveness-missing.severity` must be error, warning or info; to switch the rule off, write `ign",
            ),
            ("rules: {a/b: {severity: fatal}}", "1: `rules.a/b.severity` must be error, warning or info, not `fatal`"),
            (
                "rules: {a/b: {severity: warn}}",
                "1: `rules.a/b.severity` must be error, warning or info, not `warn` (did you mean `warning`?)",
            ),
            ("rules: {probes: {}}", "1: `probes` cannot be a key of `rules`: write the name of a rule, such as probes/liveness-missing"),
            (
                "rules: {a/b: {param: {}}}",
                "1: `param` is no key of `rules.a/b` (did you mean `params`?): known are `severity` and `params`",
            ),
            ("rules: {a/b: error}", "1: `rules.a/b` must be a mapping with `severity`, `params` or both, not `error`"),
            ("ignores: [{paths: [a]}]", "1: `ignores[0]` needs the key `rules` or `failures`"),
            ("extend-ignores: [{}]", "1: `extend-ignores[0]` needs the key `rules` or `failures`"),
            ("ignores: [{rule: [a]}]", "1: `rule` is no key of `ignores[0]` (did you mean `rules`?): known are `rules`, `failures`, "),
            (
                "ignores: [{failures: [helm-dependencies-missing]}]",
                (
                    "1: `ignores[0].failures[0]` must be the id of a failure, such as helm-dependency-missing, "
                    "not `helm-dependencies-missing` (did you mean `helm-dependency-missing`?)"
                ),
            ),
            (
                "ignores:\n  - failures: [yaml-syntax]\n    names: [web]",
                "3: an entry for `failures` is about files and not about objects, so with `names` it covers none: use `paths`",
            ),
            ("ignores: [{failures: []}]", "1: `ignores[0].failures` must be a list of at least one id of a failure, such as helm-dep"),
            (
                "honour: [kubelinter]",
                (
                    "1: `honour[0]` must be kube-linter, kube-score, polaris, checkov, kubescape or istioctl, "
                    "not `kubelinter` (did you mean `kube-linter`?)"
                ),
            ),
            ("honour: checkov", "1: `honour` must be a list of linters: write [checkov]"),
            ("honor: [checkov]", "1: `honor` is no key (did you mean `honour`?): known are "),
            (
                "suppressions: {allow: [configuration]}",
                (
                    "1: `suppressions.allow[0]` must be comment, annotation, config or baseline, "
                    "not `configuration` (did you mean `config`?)"
                ),
            ),
            (
                "suppressions: {allow: none}",
                "1: `suppressions.allow` must be a list of ways to accept a finding: comment, annotation, config ",
            ),
            ("suppressions: {max-days: 0}", "1: `suppressions.max-days` must be a whole number of days, at least 1, not `0`"),
            ("suppressions: {max-days: true}", "1: `suppressions.max-days` must be a whole number of days, at least 1, not true"),
            ("suppressions: {require-reason: 'yes'}", "1: `suppressions.require-reason` must be true or false, not `yes`"),
            (
                "suppressions: [comment]",
                "1: `suppressions` must be a mapping such as {allow: [comment, baseline], require-reason: true, max",
            ),
            ("baseline: [a]", "1: `baseline` must be the path of a file inside the repository, not a list"),
            ("baseline: ../old.json", "1: `../old.json` leads out of the repository: name something inside it"),
            ("nodes: ../nodes.yaml", "1: `../nodes.yaml` leads out of the repository: name something inside it"),
            ("nodes: {a: b}", "1: `nodes` must be a file, or a list of files, not a mapping"),
            ("nodes: [a, ../b]", "1: `../b` leads out of the repository: name something inside it"),
            ("crds: crds", "1: `crds` must be a list of globs: write [crds]"),
            ("crds: [../crds]", "1: `../crds` can match nothing: globs start at the repository root and cannot hold `..`"),
            ("repositories: []", "1: `repositories` must be a mapping from URLs to folders, such as {https://git.example.com/platform/ch"),
            ("repositories: {a: ../b}", "1: `../b` leads out of the repository: name something inside it"),
            ("repositories: {a b: c}", "1: `a b` cannot be a key of `repositories`: write the URL of a repository, as `repoURL` has it"),
            ("clusters: {eu: {server: eu-1}}", "1: `clusters.eu.server` must be a URL such as https://eu-1.example.com, not `eu-1`"),
            ("clusters: {eu: {labels: {a: 1}}}", '1: `clusters.eu.labels.a` must be text: without quotes, 1 is the number 1, so write "1"'),
            ("clusters: {eu: {url: x}}", "1: `url` is no key of `clusters.eu`: known are `server` and `labels`"),
            ("clusters: {eu: https://x.example.com}", "1: `clusters.eu` must be a mapping with `server`, `labels` or both, not `https"),
            (
                "extends: [3]",
                "1: `extends[0]` must be a path such as ../base.yaml, or `package:file`: without quotes, 3 is the number 3, so",
            ),
            ("extend-exclude: [..]", "1: `..` can match nothing: globs start at the repository root and cannot hold `..`"),
            ("extend-owned: [{}]", "1: `extend-owned[0]` needs the key `kind`"),
            ("extend-ignores: [{rules: [ALL], until: 2027-13-01}]", "1: `2027-13-01` is no day of the calendar: write it as 2027-03-31"),
            ("ignores: [{rules: []}]", "1: `ignores[0].rules` must be a list of at least one rule or pack, or [ALL], not an empty list"),
            ("ignores:\n- rules: [ALL]\n  until: soon", "3: `ignores[0].until` must be a day, such as 2027-03-31, not `soon`"),
            ("ignores: [{rules: [ALL], until: 2027-02-30}]", "1: `2027-02-30` is no day of the calendar: write it as 2027-03-31"),
            ("ignores: [{rules: [ALL], reason: }]", "1: `ignores[0].reason` has no value: write text"),
            ("exclude:", "1: `exclude` has no value: write a list of globs"),
            ("exclude: [a, '']", "1: `exclude[1]` must be a glob such as legacy/**, not empty text"),
            ("exclude: [a, ../b]", "1: `../b` can match nothing: globs start at the repository root and cannot hold `..`"),
            ("opaque:\n- a\n- '('", "3: `(` is no regular expression that can be used: missing ), unterminated subpattern at position 0"),
            ("extend-opaque: ['(a)\\1']", "1: `(a)\\1` is no regular expression that can be used: look-around, back-references"),
            ("owned: [{name: a}]", "1: `owned[0]` needs the key `kind`"),
            (
                "externals: [{kind: a/b/c}]",
                "1: `externals[0].kind` must be a kind, such as Service or networking.istio.io/Gateway, not `a/b/c`",
            ),
            (
                "states: {prod: a}",
                "1: `states.prod` must be a list of paths, or of mappings such as {path: charts/*, environment: prod}: write [a]",
            ),
            (
                "states: {prod: [1]}",
                (
                    "1: `states.prod[0]` must be a path, or a mapping such as {path: charts/*, environment: prod}: "
                    'without quotes, 1 is the number 1, so write "1"'
                ),
            ),
            (
                "states: {prod: [[a]]}",
                "1: `states.prod[0]` must be a path, or a mapping such as {path: charts/*, environment: prod}, not a list",
            ),
            ("states: {prod: [{path: a, env: b}]}", "1: `env` is no key of `states.prod[0]`: known are `path` and `environment`"),
            ("states: {prod: [{path: a, environment: b}]}", "1: there is no environment `b`: declare it under `environments`"),
            (
                "states: {prod: [{path: a, environment: b}]}\nenvironments: {prod: {}, dev: {}}",
                "1: there is no environment `b`: `environments` declares `prod`, `dev`",
            ),
            ("environments: {a b: {}}", "1: `a b` cannot be a key of `environments`: write a name of letters, digits, `.`, `_` and `-`"),
            ("environments: {prod: {a: {values: b.yaml}}}", "1: `environments.prod.a.values` must be a list of files: write [b.yaml]"),
            (
                "environments:\n  prod:\n    charts/a: {}\n    ./charts/a/: {}",
                "4: `./charts/a/` is the same as `charts/a` above: keep one of them",
            ),
            ("environments: {prod: {a: {set: [b]}}}", "1: `environments.prod.a.set[0]` must be a setting such as image.tag=1.2, not `b`"),
            (
                "environments: {prod: {a: {release: Web}}}",
                "1: `environments.prod.a.release` must be a release name: at most 53 lower-case letters, digits, - and ., not `Web`",
            ),
            ("root: maybe", "1: `root` must be true or false, not `maybe`"),
            ("- a", "1: the file must be a mapping of keys such as `exclude` and `rules`, not a list"),
            ("select: [ALL]\nignore: []\nselect: [dns]", "3: `select` appears more than once: keep one of them"),
            ("exclude: []\n---\nexclude: []", "1: the file holds several YAML documents: keep one"),
            ("exclude: [a", "1: not valid YAML"),
        ],
    )
    def test_one_mistake(self, text, expected):
        [message] = mistakes(text)
        assert message.startswith(expected)

    def test_what_a_file_says_stays_on_the_line_of_its_message(self):
        text = 'exclude: ["../\\n::error::no"]\nbaseline: "../\\r::error::no"\n'
        assert [message[:14] for message in mistakes(text)] == ["1: `../\\n::err", "2: `../\\r::err"]

    @pytest.mark.parametrize(
        ("text", "end"),
        [
            ('exclude: ""', "must be a list of globs, not empty text"),
            ("ignores: probes", "reason: …}, not `probes`"),
            ('exclude: "**/x"', 'write ["**/x"]'),
            ("exclude: a, b", 'write ["a, b"]'),
            ("suppressions: " + "x" * 150, "not `" + "x" * 100 + "…`"),
        ],
    )
    def test_advice_that_works(self, text, end):
        [message] = mistakes(text)
        assert message.endswith(end)

    def test_a_version_that_an_environment_variable_would_fill(self):
        assert mistakes("targets: {kubernetes: yes}") == ['1: `targets.kubernetes` must be a version in quotes, such as "1.34", not true']

    def test_a_name_that_yaml_reads_as_true(self):
        assert mistakes("ignores: [{rules: [ALL], names: [on]}]") == [
            '1: `ignores[0].names[0]` must be a name; * is allowed: without quotes, on is true, so write "on"'
        ]


class TestOpaque:
    @pytest.mark.parametrize(
        "text",
        [
            "<path:secret/data/shop#password>",
            "user:<path:kv/data/shop#password#3 | base64encode>@host",
            "<password>",
            "<db-password | jsonParse>",
            "postgres://<user>:<password>@db",
            "app.<domain>.com",
            "shop-<ENV>.example.com",
            "${VAR}",
            "a ${VAR:-default} b",
            "${{ VAR }}",
            "${{values.name}}",
            "ENC[AES256_GCM,data:p673w==,iv:YY=,tag:UQ=,type:str]",
        ],
    )
    def test_placeholders(self, text):
        assert default_opaque().search(text)

    @pytest.mark.parametrize(
        "text",
        [
            "", "a < b > c", "x<y", "<>", "<b>bold</b>", "Hello <b>you</b>", "<br>", "line<br>line", "<html><body>hi</body></html>",
            "<!DOCTYPE html>\n<html>\n</html>", '<div class="x">', "List<String>", "Map<String,List<Integer>>", "A <a@example.com>",
            "usage: web <file>", "if a<b && c>d", "1 << 2 >> 3", "$(VAR)", "$VAR", "${", "${}", "{{ .Values.x }}", "ENC[", "ENCODED[1,2]",
        ],
    )  # fmt: skip
    def test_ordinary_text(self, text):
        assert not default_opaque().search(text)

    @pytest.mark.parametrize("part", ["<a", "<a>", "<path:", "<path:a#", "${a", "${{", " ", "<a|"])
    def test_giant_text_takes_no_time(self, part):
        assert default_opaque().search(part * (400_000 // len(part))) is None or part == "<a>"

    @pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "a*a*a*a*a*$", "(?:a|aa)+$"])
    def test_no_pattern_takes_more_time_than_the_text_is_long(self, pattern):
        opaque = parse(f"opaque: ['^{pattern}']").opaque
        assert opaque.search("a" * 20_000 + "!") is None
        assert opaque.search("a" * 20_000) is not None

    @pytest.mark.parametrize(
        ("pattern", "text"),
        [
            (r"\Afoo\Z", "foo"), ("{{ x }}", "{{ x }}"), (r"\{\{", "{{"), ("@{", "@{"), ("^a{,2}$", "aa"), ("^a{2}$", "aa"),
            ("[{]x", "{x"), (r"^\x41$", "A"), (r"^[^\W_]+$", "ab"),
        ],
    )  # fmt: skip
    def test_the_notations_of_python(self, pattern, text):
        opaque = parse(f"opaque: ['{pattern}']").opaque
        assert opaque.search(text) is not None
        assert opaque.search("-") is None

    def test_own_patterns_replace_the_default(self):
        pattern = parse("opaque: ['(?i)^todo', '@@(?P<name>[A-Z]+)@@', '%%(?P<name>[a-z]+)%%']").opaque
        assert pattern.search("TODO: x")
        assert pattern.search("a @@NAME@@ b")
        assert not pattern.search("@@name@@")
        assert pattern.search("%%name%%")
        assert not pattern.search("${VAR}")

    def test_own_patterns_beside_the_default(self):
        pattern = parse("extend-opaque: ['^TODO']").opaque
        assert pattern.search("TODO")
        assert pattern.search("${VAR}")

    def test_none_at_all(self):
        assert not parse("opaque: []").opaque.search("${VAR}")


class TestLoading:
    TREE = MemoryTree({
        ".gitops-lint.yaml": "exclude: [root]",
        "apps/.gitops-lint.yaml": "exclude: [apps]",
        "apps/shop/web.yaml": "",
        "charts/shop/Chart.yaml": "",
    })  # fmt: skip

    @pytest.mark.parametrize(
        ("directory", "path"),
        [
            (".", ".gitops-lint.yaml"),
            ("", ".gitops-lint.yaml"),
            ("apps", "apps/.gitops-lint.yaml"),
            ("apps/shop", "apps/.gitops-lint.yaml"),
            ("charts/shop", ".gitops-lint.yaml"),
        ],
    )
    def test_the_nearest_upward(self, directory, path):
        assert load_config(self.TREE, directory).path == path

    def test_none(self):
        assert load_config(MemoryTree({"a.yaml": ""}), "apps") == Config()

    def test_an_explicit_file_inside_the_repository(self, tmp_path, monkeypatch):
        (tmp_path / "ci").mkdir()
        (tmp_path / "ci/lint.yaml").write_text("exclud: []")
        monkeypatch.chdir(tmp_path / "ci")
        with pytest.raises(ConfigurationError, match=r"^ci/lint\.yaml:1: `exclud`"):
            load_config(WorkTree(str(tmp_path)), ".", "lint.yaml")

    def test_an_explicit_file_outside_the_repository(self, tmp_path):
        (tmp_path / "repo").mkdir()
        (tmp_path / "lint.yaml").write_text("exclude: [docs]")
        config = load_config(WorkTree(str(tmp_path / "repo")), ".", str(tmp_path / "lint.yaml"))
        assert config.path == str(tmp_path / "lint.yaml")
        assert config.exclude == Globs(["docs"])

    def test_an_explicit_file_that_is_missing(self):
        with pytest.raises(UsageError, match=r"^--config nothing\.yaml: no such file or directory$"):
            load_config(self.TREE, ".", "nothing.yaml")

    def test_a_file_that_git_ignores_counts(self, tmp_path):
        import git

        git.Repo.init(str(tmp_path))
        (tmp_path / ".gitignore").write_text(".gitops-lint.yaml")
        (tmp_path / ".gitops-lint.yaml").write_text("exclude: [docs]")
        assert load_config(WorkTree(str(tmp_path))).exclude == Globs(["docs"])

    def test_the_other_suffix_is_pointed_out(self):
        with pytest.raises(ConfigurationError, match=r"^apps/\.gitops-lint\.yml: .*rename it to \.gitops-lint\.yaml$"):
            load_config(MemoryTree({"apps/.gitops-lint.yml": "", ".gitops-lint.yaml": ""}), "apps")

    def test_a_link_out_of_the_repository(self, tmp_path):
        (tmp_path / "repo").mkdir()
        (tmp_path / "lint.yaml").write_text("exclude: [docs]")
        (tmp_path / "repo/.gitops-lint.yaml").symlink_to("../lint.yaml")
        with pytest.raises(ConfigurationError, match=r"^\.gitops-lint\.yaml: this path leads out of the repository"):
            load_config(WorkTree(str(tmp_path / "repo")))

    @pytest.mark.parametrize("kind", ["link", "folder"])
    def test_what_stands_in_its_place_is_not_passed_over(self, tmp_path, kind):
        if kind == "link":
            (tmp_path / ".gitops-lint.yaml").symlink_to("missing.yaml")
        else:
            (tmp_path / ".gitops-lint.yaml").mkdir()
            (tmp_path / ".gitops-lint.yaml/a.yaml").write_text("a: 1\n")
        with pytest.raises(ConfigurationError, match=r"^\.gitops-lint\.yaml: this is a folder, or a link to nothing"):
            load_config(WorkTree(str(tmp_path)))
