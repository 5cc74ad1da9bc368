"""`init` in repositories whose charts Argo CD Applications deploy: such charts need no environments, and what is written is
enough for the Applications to be rendered."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from linter.config import parse_config
from linter.inference import Inferred, infer, write_configuration
from linter.inference.conditions import condition_of, holds
from linter.repository import MemoryTree

HERE = "https://git.example.com/team/platform.git"
SSH = "git@git.example.com:team/platform.git"
FORK = "git@git.example.com:someone/platform.git"


def chart(path: str, *environments: str) -> dict[str, str]:
    """A chart with a Service, and values for environments."""
    name = path.rpartition("/")[2]
    return {
        f"{path}/Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n",
        f"{path}/templates/service.yaml": f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  ports: [{{port: 80}}]\n",
        f"{path}/values.yaml": "replicas: 1\n",
        **{f"{path}/values-{environment}.yaml": "replicas: 2\n" for environment in environments},
    }


def application(path: str, address: str = HERE, name: str = "shop", more: str = "") -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name}
  namespace: argocd
spec:
  project: default
  destination:
    namespace: store
    server: https://kubernetes.default.svc
  source:
    repoURL: {address}
    path: {path}
{more}"""


def application_set(generators: str, path: str, *, go: bool = False, address: str = HERE) -> str:
    body = application(path, address, name="generated").split("metadata:", 1)[1].replace("\n", "\n    ")
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: all
spec:
  goTemplate: {str(go).lower()}
  generators:
{generators}
  template:
    metadata:{body}
"""


def of(files: Mapping[str, str], remotes: Sequence[str] = ()) -> tuple[Inferred, str]:
    inferred = infer(MemoryTree(files), (), remotes)
    text = write_configuration(inferred, root=False)
    parse_config(text.encode())
    return inferred, text


def declared(inferred: Inferred) -> set[str]:
    return {path for group in inferred.environments.entries.values() for path in group}


@pytest.mark.parametrize(
    ("address", "remotes"),
    [(HERE, ()), (HERE, (SSH,)), (SSH.upper().replace("GIT@", "git@"), (HERE,)), (HERE, (FORK, SSH))],
)
def test_a_chart_that_an_application_deploys_needs_no_environment(address: str, remotes: Sequence[str]):
    files = {**chart("charts/shop", "prod", "dev"), **chart("charts/cart", "prod"), "apps/shop.yaml": application("charts/shop", address)}
    inferred, text = of(files, remotes)
    assert inferred.applications.charts == {"charts/shop"}
    assert declared(inferred) == {"charts/cart"}
    assert "charts/shop is rendered as the Application that deploys it says." in text.replace("\n#  ", "")


OTHER = "https://git.example.com/other.git"


def test_an_application_of_another_repository_deploys_nothing_here():
    """One path that both have may be chance, two are worth a guess. Nothing is certain where others name a remote."""
    files = {
        **chart("charts/shop", "prod"),
        **chart("charts/cart"),
        "apps/shop.yaml": application("charts/shop", OTHER),
        "apps/cart.yaml": application("charts/cart"),
    }
    inferred, text = of(files, (SSH,))
    assert declared(inferred) == {"charts/shop"}
    assert inferred.applications.repositories == ()
    inferred, text = of({**files, "apps/more.yaml": application("charts/cart", OTHER)}, (SSH,))
    assert [(each.address, each.certain) for each in inferred.applications.repositories] == [(OTHER, False)]
    assert f'\n#   "{OTHER}": .  # named by 2 sources of Applications\n' in text
    assert "\nrepositories:" not in text


@pytest.mark.parametrize("path", [".", "./", "nowhere", "/charts/shop", "../charts/shop"])
def test_the_root_and_paths_that_are_nowhere_say_nothing_about_an_address(path: str):
    inferred, text = of({**chart("charts/shop", "prod"), "apps/shop.yaml": application(path)}, (FORK,))
    assert inferred.applications.repositories == ()
    assert "repositories:" not in text
    assert declared(inferred) == {"charts/shop"}


def test_a_fork_reads_what_is_said_about_its_origin():
    files = {
        **chart("charts/shop", "prod"),
        "apps/shop.yaml": application("charts/shop", "https://token@git.example.com/team/platform.git"),
    }
    inferred, text = of(files, (FORK,))
    assert declared(inferred) == set()
    assert parse_config(text.encode()).repositories == {HERE: "."}
    assert "token" not in text


def test_of_two_possible_addresses_none_is_chosen():
    files = {
        **chart("charts/shop", "prod"),
        "apps/shop.yaml": application("charts/shop"),
        "apps/other.yaml": application("charts/shop", "https://git.example.com/other.git"),
    }
    inferred, text = of(files, (FORK,))
    assert declared(inferred) == {"charts/shop"}
    taken_over = "\n".join(line.removeprefix("# ") if ": .  #" in line or line == "# repositories:" else line for line in text.split("\n"))
    assert parse_config(taken_over.encode()).repositories.keys() == {HERE, "https://git.example.com/other.git"}


def test_directories_that_argo_cd_takes_for_something_else_stay():
    """A chart beside a kustomization is built by Kustomize; one whose source says `directory` is applied as it stands."""
    files = {
        **chart("charts/a", "prod"),
        **chart("charts/b", "prod"),
        **chart("charts/c", "prod"),
        "charts/a/kustomization.yaml": "resources: []\n",
        "apps/a.yaml": application("charts/a"),
        "apps/b.yaml": application("charts/b", more="    directory: {recurse: true}\n"),
        "apps/c.yaml": application("charts/c", more="    plugin: {name: vault}\n"),
    }
    assert of(files)[0].applications.charts == {"charts/c"}


def test_several_sources_and_references():
    sources = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  sources:
    - {repoURL: "https://charts.example.com", chart: redis, targetRevision: 1.0.0}
    - {repoURL: "https://git.example.com/team/platform.git", ref: values}
    - {repoURL: "https://git.example.com/team/platform.git", path: charts/shop}
"""
    files = {**chart("charts/shop", "prod"), **chart("charts/redis", "prod"), "apps/shop.yaml": sources}
    assert of(files, (SSH,))[0].applications.charts == {"charts/shop"}


def test_test_data_deploys_nothing():
    files = {**chart("charts/shop", "prod"), "testdata/shop.yaml": application("charts/shop")}
    assert declared(of(files)[0]) == {"charts/shop"}


# Apps of apps


def app_of_apps(template: str, values: str, **environments: str) -> dict[str, str]:
    return {
        "root/Chart.yaml": "apiVersion: v2\nname: root\nversion: 1.0.0\n",
        "root/values.yaml": values,
        "root/templates/apps.yaml": template,
        **{f"root/values-{name}.yaml": text for name, text in environments.items()},
    }


SWITCHED = '{{- if index .Values "apps" "%s" }}\n' + application("charts/%s", "{{ .Values.repoUrl | quote }}") + "{{- end }}\n"


def test_an_app_of_apps_keeps_its_environments_and_what_it_never_deploys():
    files = {
        **app_of_apps(
            SWITCHED.replace("%s", "shop"),
            f"repoUrl: {HERE}\napps: {{cart: false}}\n",
            prod="apps: {shop: true}\n",
            dev="apps: {shop: false}\n",
        ),
        "root/templates/cart.yaml": SWITCHED.replace("%s", "cart"),
        **chart("charts/shop", "prod", "dev"),
        **chart("charts/cart", "prod"),
    }
    for remotes in ((), (SSH,), (FORK,)):
        inferred, text = of(files, remotes)
        assert inferred.applications.charts == {"charts/shop"}
        assert declared(inferred) == {"root", "charts/cart"}
        assert inferred.environments.entries["dev"].keys() == {"root"}
        assert ("\nrepositories:" in text) == (remotes == (FORK,))


@pytest.mark.parametrize("inline", ["values: |\n          enabled: true", "valuesObject: {enabled: true}", "valueFiles: [values-on.yaml]"])
def test_an_app_of_apps_that_an_application_deploys_has_the_values_of_that(inline: str):
    files = {
        **app_of_apps("{{ if .Values.enabled }}\n" + application("charts/shop") + "{{ end }}\n", "enabled: false\n"),
        "root/values-on.yaml": "enabled: true\n",
        "root.yaml": application("root", name="root", more=f"    helm:\n      {inline}\n"),
        **chart("charts/shop", "prod"),
    }
    assert of(files)[0].applications.charts == {"root", "charts/shop"}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("charts/{{ $name }}", "apps: {shop: {}, missing: {}}"),
        ("charts/{{ .name }}", "apps: [{name: shop}]"),
        ("{{ .path }}", "apps: [{path: charts/shop}]"),
        ("{{ .Values.base }}/shop", "base: charts"),
        ("{{ .folder }}/{{ .name }}", "apps: [{name: shop, folder: charts}]"),
    ],
)
@pytest.mark.parametrize("address", ["{{ $.Values.source.repoURL }}", '{{ include "root.address" . }}'])
def test_paths_that_a_template_prints(path: str, values: str, address: str):
    template = "{{- range $name, $app := .Values.apps }}\n---\n" + application(path, address) + "{{- end }}\n"
    files = {
        **app_of_apps(template, f"{values}\nsource: {{repoURL: {HERE}}}\n"),
        **chart("charts/shop", "prod"),
        **chart("charts/cart", "prod"),
    }
    assert of(files, (SSH,))[0].applications.charts == {"charts/shop"}
    assert of(files, ("https://git.example.com/another.git",))[0].applications.repositories[0].address == HERE


def test_conditions():
    def wrapped(condition: str) -> str:
        return "{{/* A comment */}}\n{{- if " + condition + " -}}\nkind: A\n{{ if .Values.x }}b: 1{{ else }}c: 1{{ end }}\n{{- end }}\n"

    assert condition_of(wrapped(".Values.shop")) == ("shop",)
    assert condition_of(wrapped("$.Values.apps.shop")) == ("apps", "shop")
    assert condition_of(wrapped('index .Values "apps" "big-query"')) == ("apps", "big-query")
    assert condition_of(wrapped('(index .Values "apps" "big-query")')) == ("apps", "big-query")
    for unknown in ("not .Values.shop", "eq .Values.a 1", ".Release.IsUpgrade", "or .Values.a .Values.b"):
        assert condition_of(wrapped(unknown)) is None
    for outside in (
        "kind: A\n", "{{ if .Values.a }}x{{ end }}\nkind: A\n", "kind: A\n{{ if .Values.a }}x{{ end }}",
        "{{ if .Values.a }}x{{ else }}y{{ end }}",
        "{{ if .Values.a }}x{{ end }}{{ if .Values.b }}y{{ end }}", "{{ if .Values.a }}x", "{{ .Values.b }}{{ if .Values.a }}x{{ end }}",
        "{{ range .Values.a }}x{{ end }}", "{{ end }}",
    ):  # fmt: skip
        assert condition_of(outside) is None
    assert holds(("apps", "shop"), {"apps": {"shop": True}})
    for values in ({}, {"apps": {"shop": False}}, {"apps": {"shop": {}}}, {"apps": "shop"}, {"apps": None}):
        assert not holds(("apps", "shop"), values)


# ApplicationSets


LIST = "    - list: {elements: [{name: shop}, {name: missing}]}"
DIRECTORIES = f"    - git: {{repoURL: {HERE}, directories: [{{path: charts/*}}, {{path: charts/cart, exclude: true}}]}}"
BY_CLUSTER = "    - clusters: {selector: {matchLabels: {tier: prod}, matchExpressions: [{key: region, operator: In, values: [eu, us]}]}}"


@pytest.mark.parametrize(
    ("generators", "path", "go"),
    [
        (LIST, "charts/{{name}}", False),
        (LIST, '"charts/{{.name}}"', True),
        (DIRECTORIES, '"{{path}}"', False),
        (DIRECTORIES, "'{{ .path.path }}'", True),
    ],
)
@pytest.mark.parametrize("in_chart", [False, True])
def test_application_sets_whose_generators_are_known(generators: str, path: str, go: bool, in_chart: bool):
    text = application_set(generators, path, go=go)
    files = {**chart("charts/shop", "prod"), **chart("charts/cart", "prod")}
    if in_chart:
        text = text.replace("{{", "{{ `{{").replace("}}'", "}}` }}'").replace('}}"', '}}` }}"').replace("{{name}}\n", "{{name}}` }}\n")
        text = text.replace(HERE, "{{ .Values.repoUrl }}", 1) if "git:" not in text else text
        files |= app_of_apps(text, f"repoUrl: {HERE}\n")
    else:
        files["apps.yaml"] = text
    for remotes in ((), (SSH,)):
        assert of(files, remotes)[0].applications.charts == {"charts/shop"}


def test_a_generator_that_reads_another_repository_generates_nothing():
    generators = DIRECTORIES.replace(HERE, "https://git.example.com/other.git")
    files = {**chart("charts/shop", "prod"), "apps.yaml": application_set(generators, '"{{path}}"')}
    assert of(files, (SSH,))[0].applications.charts == frozenset()


def test_clusters_are_asked_for():
    files = {
        **chart("charts/shop", "prod"),
        "apps.yaml": application_set(BY_CLUSTER, "charts/shop"),
        "more/apps.yaml": application_set("    - clusters: {}", "charts/shop"),
        "other.yaml": application("nowhere").replace("server: https://kubernetes.default.svc", "name: eu-1"),
    }
    inferred, text = of(files)
    assert declared(inferred) == {"charts/shop"}
    assert "The ApplicationSet at apps.yaml:2 and 1 more make Applications" in text
    lines = text.split("\n")
    start = lines.index("# clusters:")
    config = parse_config("\n".join(line.removeprefix("# ") for line in lines[start : start + 2]).encode())
    assert config.clusters.keys() == {"eu-1"}
    assert config.clusters["eu-1"].labels == {"tier": "prod", "region": "eu"}


def test_clusters_that_secrets_declare_are_known():
    secret = """\
apiVersion: v1
kind: Secret
metadata:
  name: eu
  labels: {argocd.argoproj.io/secret-type: cluster, tier: prod, region: eu}
stringData: {name: eu-1, server: "https://eu-1.example.com"}
"""
    files = {**chart("charts/shop", "prod"), "apps.yaml": application_set(BY_CLUSTER, "charts/shop"), "clusters/eu.yaml": secret}
    inferred, text = of(files)
    assert inferred.applications.charts == {"charts/shop"}
    assert inferred.applications.clusters is None
    assert "clusters:" not in text


# Hostile and large repositories


def test_text_that_is_slow_to_search_is_not():
    header = "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
    start = time.monotonic()
    for text in ("{{" * 100_000, "{{- if " * 50_000, "{{ `" * 50_000, '{{ "' * 50_000, "{{ " + " " * 200_000, "{{/*" * 50_000):
        of({**app_of_apps(header + text, ""), **chart("charts/shop")})
    path = "-".join("{{ .a }}" for _ in range(200))
    of({**app_of_apps(application(path), "a: b"), **chart("-".join("b" for _ in range(120)))})
    assert time.monotonic() - start < 8


@pytest.mark.parametrize(
    "address", ["https://git.example.com/a\nexclude: [x] #", "https://a/b\u2028c", "a: [b", "https://a/b'\"#x", "https://é/ü"]
)
def test_hostile_addresses_stay_text(address: str):
    files = {**chart("charts/shop", "prod"), "apps/shop.yaml": application("charts/shop", json.dumps(address))}
    _, text = of(files, (FORK,))
    config = parse_config(text.encode())
    assert not config.exclude
    assert config.repositories == ({} if len(address.split()) > 1 else {address: "."})


# The command


def write(folder: Path, files: Mapping[str, str], remote: str = "") -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    if remote:
        subprocess.run(["git", "-C", str(folder), "remote", "add", "origin", remote], check=True)
    return folder


def sources(run, folder: Path) -> set[tuple[str, str | None, str | None, str]]:
    found = json.loads(run("sources", "--format", "json", cwd=folder).stdout)["sources"]
    return {(each["path"], each["application"], each["environment"], each["status"]) for each in found if each["type"] == "helm"}


def hints(run, folder: Path) -> list[str]:
    lines = (
        *run("lint", "--format", "text", cwd=folder).stdout.splitlines(),
        *run("lint", "--format", "text", cwd=folder).stderr.splitlines(),
    )
    return list(dict.fromkeys(line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")))


FLUX = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: flow, namespace: store}
spec:
  chart:
    spec:
      chart: ./charts/flow
      sourceRef: {kind: GitRepository, name: repo}
      valuesFiles: [charts/flow/values-prod.yaml]
"""


@pytest.mark.parametrize("remote", ["", SSH, FORK])
def test_what_is_written_renders_what_applications_deploy(run, tmp_path, remote):
    files = {
        **app_of_apps(SWITCHED.replace("%s", "shop"), f"repoUrl: {HERE}\n", prod="apps: {shop: true}\n", dev="apps: {shop: true}\n"),
        **chart("charts/shop", "prod"),
        **chart("charts/cart", "prod"),
        **chart("charts/flow", "prod"),
        **chart("charts/alone", "prod"),
        "apps/cart.yaml": application("charts/cart", name="cart"),
        "flux/flow.yaml": FLUX,
    }
    folder = write(tmp_path, files, remote)
    done = run("init", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Applications  deploy 2 charts" in done.stdout
    assert "look at this" not in done.stdout
    assert sources(run, folder) == {
        ("root", None, "prod", "ok"),
        ("root", None, "dev", "ok"),
        ("charts/shop", "shop", "prod", "ok"),
        ("charts/shop", "shop", "dev", "ok"),
        ("charts/cart", "cart", None, "ok"),
        ("charts/flow", None, "prod", "ok"),
        ("charts/alone", None, "prod", "ok"),
    }
    assert hints(run, folder) == []


ENTRIES = """\
environments:
  prod:
    charts/[ab]: {values: [values-prod.yaml]}
    charts/*: {values: [values-prod.yaml]}
  dev:
    charts/c: {values: []}
    charts/d: {values: []}
"""


def test_entries_without_effect_are_told(run, tmp_path):
    names = ("a", "b", "c", "d")
    files = {
        **{path: text for name in (*names, "e") for path, text in chart(f"charts/{name}", "prod").items()},
        **{f"apps/{name}.yaml": application(f"charts/{name}", name=name) for name in names},
        ".gitops-lint.yaml": ENTRIES,
    }
    folder = write(tmp_path, files)
    [hint] = hints(run, folder)
    assert hint == (
        ".gitops-lint.yaml:3: 3 entries of `environments:` have no effect, because Applications deploy charts/a, charts/b, charts/c and "
        "1 more and say with which values"
    )
    assert run("lint", cwd=folder).returncode == 0


def test_an_address_that_may_be_this_repository_is_told(run, tmp_path):
    files = {
        **chart("charts/a"),
        **chart("charts/b"),
        "apps/a.yaml": application("charts/a", HERE.replace("//", "//user:secret@"), name="a"),
        "apps/b.yaml": application("charts/b", name="b"),
        "apps/c.yaml": application("charts/c", "https://git.example.com/other.git", name="c"),
        "apps/d.yaml": application(".", "https://git.example.com/fourth.git", name="d"),
    }
    folder = write(tmp_path, files, FORK)
    [hint] = hints(run, folder)
    assert hint == (
        f"2 sources of Applications name {HERE}, which is not known to be this repository although their paths are here: "
        f"if it is, write `repositories: {{{HERE}: .}}` in .gitops-lint.yaml"
    )
    (folder / "apps/e.yaml").write_text(application("charts/b", SSH.replace("team", "someone"), name="e"))
    assert hints(run, folder) == [hint]
    (folder / "apps/b.yaml").unlink()
    assert hints(run, folder) == []
    (folder / ".gitops-lint.yaml").write_text(f"repositories: {{{HERE}: .}}\n")
    assert hints(run, folder) == []
    assert {("charts/a", "a", None, "ok"), ("charts/b", "e", None, "ok")} <= sources(run, folder)
