"""`init`: what is inferred about repositories of the usual layouts, and that the written file is one that works."""

from __future__ import annotations

import os
import shutil
import subprocess
import textwrap
import time
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.config import Config, parse_config
from linter.discovery import Discovery, discover
from linter.inference import Inferred, PackFacts, infer, write_configuration
from linter.inference.names import verdict
from linter.inference.text import comment, listing, one_line, scalar
from linter.manifest.decoder import decode_text
from linter.repository import MemoryTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHART = "apiVersion: v2\nname: {}\nversion: 1.0.0\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: {}\n"
PACKS = (
    PackFacts("istio", "0.3.1", frozenset({"networking.istio.io/VirtualService", "Service"}), True, False),
    PackFacts("probes", "0.2.0", frozenset(), True, False),
    PackFacts("rbac", "1.4.2", frozenset({"Role"}), False, False),
    PackFacts("schema", "0.1.0", frozenset(), False, False),
)


class Result:
    """What is inferred from files, and the configuration it becomes."""

    def __init__(self, files: Mapping[str, str | bytes], remotes: Sequence[str] = ()) -> None:
        tree = MemoryTree(files)
        self.inferred: Inferred = infer(tree, PACKS, remotes)
        self.text = write_configuration(self.inferred, root=False)
        self.config: Config = parse_config(self.text.encode())
        self.discovery: Discovery = discover(tree, self.config)

    @property
    def rendered(self) -> set[tuple[str, str | None, tuple[str, ...]]]:
        """Chart, environment and values files of each way a chart is rendered, as a run takes it from the written file."""
        return {(source.path, source.environment, source.values) for source in self.discovery.sources if source.type == "helm"}


def of(files: Mapping[str, str | bytes], remotes: Sequence[str] = ()) -> Result:
    result = Result(files, remotes)
    assert not result.discovery.failures
    assert not [hint for hint in result.discovery.hints if "is left for" in hint]
    return result


def charts(*paths: str) -> dict[str, str]:
    return {f"{path}/Chart.yaml": CHART.format(os.path.basename(path)) for path in paths}


def values(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "replicas: 2\n")


LAYOUTS = {
    "suffix": ["charts/shop/values-prod.yaml", "charts/shop/values-staging.yaml"],
    "dotted": ["charts/shop/values.prod.yaml", "charts/shop/values.staging.yml"],
    "prefix": ["charts/shop/prod-values.yaml", "charts/shop/staging.values.yaml"],
    "values folder": ["charts/shop/values/prod.yaml", "charts/shop/values/values-staging.yaml"],
    "env folder": ["charts/shop/env/prod.yaml", "charts/shop/env/staging.yaml"],
    "folder per environment": ["charts/shop/envs/prod/values.yaml", "charts/shop/envs/staging/values.yaml"],
    "environment in the chart": ["charts/shop/prod/values.yaml", "charts/shop/staging/values.yaml"],
    "environments beside": ["environments/prod/shop.yaml", "environments/staging/shop.yaml"],
    "values per environment beside": ["envs/prod/shop/values.yaml", "envs/staging/shop/values.yaml"],
    "apps below environments": ["clusters/prod/apps/shop-values.yaml", "clusters/staging/apps/shop-values.yaml"],
    "chart first": ["values/shop/prod.yaml", "values/shop/values-staging.yaml"],
    "both in one name": ["values/shop-prod.yaml", "values/staging-shop.yaml"],
    "beside the only chart": ["charts/values-prod.yaml", "charts/values-staging.yaml"],
    "environments of the only chart": ["environments/prod/values.yaml", "environments/staging/values.yaml"],
}


@pytest.mark.parametrize("paths", [pytest.param(paths, id=name) for name, paths in LAYOUTS.items()])
def test_each_layout_gives_its_environments(paths: list[str]):
    files = {**charts("charts/shop"), "charts/shop/values.yaml": "replicas: 1\n", **values(*paths)}
    assert of(files).rendered == {("charts/shop", "prod", (paths[0],)), ("charts/shop", "staging", (paths[1],))}


def test_a_chart_that_is_the_whole_repository():
    files = {"Chart.yaml": CHART.format("shop"), **values("values-prod.yaml", "values/dev.yaml", "values.yaml")}
    result = of(files)
    assert result.rendered == {(".", "prod", ("values-prod.yaml",)), (".", "dev", ("values/dev.yaml",))}
    assert "    .: {values:" in result.text or '    ".": {values:' in result.text


def test_a_chart_at_the_root_does_not_speak_for_the_others():
    files = {"Chart.yaml": CHART.format("shop"), **charts("extras/redis"), **values("values-prod.yaml", "values-dev.yaml")}
    assert of(files).rendered == {
        (".", "prod", ("values-prod.yaml",)),
        (".", "dev", ("values-dev.yaml",)),
        ("extras/redis", None, ()),
    }


def test_what_all_environments_share_comes_first():
    for base, prod in (
        ("charts/shop/values-common.yaml", "charts/shop/values-prod.yaml"),
        ("charts/shop/values/base.yaml", "charts/shop/values/prod.yaml"),
        ("charts/shop/envs/base/values.yaml", "charts/shop/envs/prod/values.yaml"),
        ("environments/common/shop.yaml", "environments/prod/shop.yaml"),
        ("environments/prod/common.yaml", "environments/prod/shop.yaml"),
    ):
        assert of({**charts("charts/shop"), **values(base, prod)}).rendered == {("charts/shop", "prod", (base, prod))}


def test_what_is_no_environment_is_not_taken_for_one():
    files = {
        **charts("charts/shop"),
        **values(*(f"charts/shop/values-{name}.yaml" for name in ("schema", "example", "secrets", "minikube", "with-ingress"))),
        **values("charts/shop/ci/prod-values.yaml", "charts/shop/values.yaml", "charts/shop/ingress-values.yaml"),
        "charts/shop/values.schema.json": "{}",
    }
    result = of(files)
    assert result.rendered == {("charts/shop", None, ())}
    assert [each.name for each in result.inferred.environments.unsure] == ["minikube", "with-ingress"]
    assert "# - minikube: charts/shop/values-minikube.yaml" in result.text


def test_a_manifest_is_no_values_file():
    files = {**charts("charts/shop"), "environments/prod/shop.yaml": SERVICE.format("shop")}
    assert of(files).rendered == {("charts/shop", None, ())}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prod", "environment"), ("production", "environment"), ("Staging", "environment"), ("dev", "environment"),
        ("qa", "environment"), ("uat", "environment"), ("eu-1", "environment"), ("us-east-1", "environment"),
        ("europe-west4", "environment"), ("prod-eu", "environment"), ("eu_prod", "environment"), ("westeurope", "environment"),
        ("test", "alone"), ("common", "base"), ("base", "base"), ("schema", "never"), ("example", "never"),
        ("prod.secrets", "never"), ("minikube", "unknown"), ("ha", "unknown"), ("dedicated", "unknown"),
    ],
)  # fmt: skip
def test_names(name: str, expected: str):
    assert verdict(name) == expected


def test_test_is_an_environment_only_in_company():
    alone = of({**charts("charts/shop"), **values("charts/shop/values-test.yaml")})
    assert alone.rendered == {("charts/shop", None, ())}
    assert "values-test.yaml" in alone.text
    both = of({**charts("charts/shop"), **values("charts/shop/values-test.yaml", "charts/shop/values-prod.yaml")})
    assert {environment for _, environment, _ in both.rendered} == {"test", "prod"}


@pytest.mark.parametrize("place", ["environments/{}/shop.yaml", "{}/shop.yaml", "charts/shop/{}/values.yaml", "deploy/{}/values-shop.yaml"])
def test_a_folder_test_beside_another_environment_is_no_test_data(place: str):
    files = {**charts("charts/shop"), **values(place.format("test"), place.format("prod"))}
    assert {environment for _, environment, _ in of(files).rendered} == {"test", "prod"}


def test_charts_of_one_pattern_are_written_as_a_glob():
    names = ("a", "b", "c")
    result = of({**charts(*(f"charts/{n}" for n in names)), **values(*(f"charts/{n}/values-prod.yaml" for n in names))})
    assert result.inferred.environments.grouped["prod"].keys() == {"charts/*"}
    assert "    charts/*: {values: [values-prod.yaml]}" in result.text


def test_a_glob_never_covers_a_chart_without_the_file():
    result = of({**charts("charts/a", "charts/b", "charts/c"), **values("charts/a/values-prod.yaml", "charts/b/values-prod.yaml")})
    assert result.inferred.environments.grouped["prod"].keys() == {"charts/a", "charts/b"}
    assert ("charts/c", None, ()) in result.rendered
    assert "charts/c" in result.text


def test_an_exception_stands_beside_the_glob():
    own = values("charts/c/values/prod.yaml", *(f"charts/{name}/values-prod.yaml" for name in "abd"))
    result = of({**charts(*(f"charts/{name}" for name in "abcd")), **own})
    assert list(result.inferred.environments.grouped["prod"]) == ["charts/*", "charts/c"]
    assert ("charts/c", "prod", ("charts/c/values/prod.yaml",)) in result.rendered


def test_a_star_in_the_middle():
    paths = [f"teams/{team}/deploy" for team in ("cart", "pay", "web")]
    result = of({**charts(*paths), **values(*(f"{path}/values-prod.yaml" for path in paths))})
    assert list(result.inferred.environments.grouped["prod"]) == ["teams/*/deploy"]


def test_library_charts_need_no_values():
    files = {**charts("charts/a", "charts/b"), **values("charts/a/values-prod.yaml", "charts/b/values-prod.yaml")}
    files["charts/lib/Chart.yaml"] = "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n"
    assert list(of(files).inferred.environments.grouped["prod"]) == ["charts/*"]


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name}
spec:
  destination:
    namespace: {namespace}
    name: {cluster}
  source:
    repoURL: https://git.example.com/shop.git
    path: charts/shop
    helm:
      valueFiles:
{files}
"""


def application(name: str, namespace: str, cluster: str, *files: str) -> str:
    listed = "\n".join(f'        - "{file}"' for file in files)
    return APPLICATION.format(name=name, namespace=namespace, cluster=cluster, files=listed)


# Applications that name another repository deploy nothing of this one, and still tell how its charts are meant.
REMOTES = ("git@git.example.com:platform.git",)
FROM_HERE = {
    "apps/docs.yaml": application("docs", "docs", "eu-1").replace("shop.git", "platform.git").replace("charts/shop", "notes"),
    "notes/service.yaml": SERVICE.format("docs"),
}


def test_applications_say_namespace_release_cluster_and_order():
    result = of(
        {
            **charts("charts/shop"),
            **values("charts/shop/values-prod.yaml", "charts/shop/values-eu.yaml", "charts/shop/values-dev.yaml"),
            "apps/prod.yaml": application("shop-prod", "store", "eu-1", "values.yaml", "values-eu.yaml", "values-prod.yaml"),
            "apps/dev.yaml": application("shop-dev", "store-dev", "dev", "values-dev.yaml"),
            **FROM_HERE,
        },
        REMOTES,
    )
    by_environment = {source.environment: source for source in result.discovery.sources if source.type == "helm"}
    prod, dev = by_environment["prod"], by_environment["dev"]
    assert prod.values == ("charts/shop/values-eu.yaml", "charts/shop/values-prod.yaml")
    assert (prod.namespace, prod.release, prod.cluster) == ("store", "shop-prod", "eu-1")
    assert (dev.namespace, dev.release, dev.cluster) == ("store-dev", "shop-dev", "dev")


def test_parameters_that_print_values_of_the_app_of_apps():
    """Each environment has its own, over the defaults; what is missing or secret is named, and not copied."""
    root = """\
        {{- if .Values.shop }}
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: shop}
        spec:
          destination: {namespace: store}
          source:
            repoURL: {{ .Values.repository | quote }}
            path: charts/shop
            helm:
              valueFiles: ["values-{{ .Values.name }}.yaml"]
              parameters:
                - name: host
                  value: {{ .Values.site.host | quote }}
                - name: url
                  value: "https://{{ .Values.site.host }}/{{ .Values.path }}"
                - name: replicas
                  value: {{ .Values.replicas }}
                - {name: inline, value: "{{ .Values.path }}"}
                - name: port
                  value: {{ add .Values.port 1 }}
                - name: nothing
                  value: {{ .Values.nothing }}
                - name: whole
                  value: {{ .Values.site }}
                - name: apiToken
                  value: {{ .Values.path }}
        {{- end }}
        """
    result = of(
        charts("root", "charts/shop")
        | {
            "root/templates/shop.yaml": textwrap.dedent(root),
            "root/values.yaml": "path: web\nsite: {scheme: https}\nreplicas: 2\n",
            "root/values-prod.yaml": "name: prod\nsite: {host: 'shop.example.com,b'}\n",
            "root/values-dev.yaml": "name: dev\nsite: {host: dev.example.com}\npath: new\n",
            "charts/shop/values-prod.yaml": "",
            "charts/shop/values-dev.yaml": "",
        }
    )
    settings = {source.environment: source.set_values for source in result.discovery.sources if source.path == "charts/shop"}
    assert settings == {
        "prod": ("host=shop.example.com\\,b", "url=https://shop.example.com\\,b/web", "replicas=2"),
        "dev": ("host=dev.example.com", "url=https://dev.example.com/new", "replicas=2"),
    }
    assert result.inferred.environments.unset == ("apiToken", "inline", "nothing", "port", "whole")


def test_no_environments_are_said_to_be_none():
    result = of(charts("shop") | {"shop/values-seed.yaml": "", "shop/templates/a.yaml": SERVICE.format("a")})
    assert "environments: {}" in result.text
    assert result.discovery.hints == ()


def test_parameters_of_an_application_are_set():
    parameters = """\
      parameters:
        - {name: image.tag, value: "1.2"}
        - {name: hosts, value: "a,b"}
        - {name: list, value: "{a,b}"}
        - {name: domain, value: "{{ .Values.domain }}"}
        - {name: db.password, value: hunter2}
        - {name: build, value: "012", forceString: true}
"""
    result = of(
        {
            **charts("charts/shop"),
            **values("charts/shop/values-prod.yaml"),
            "apps/prod.yaml": application("shop", "store", "eu-1", "values-prod.yaml") + parameters,
            **FROM_HERE,
        },
        REMOTES,
    )
    [source] = [source for source in result.discovery.sources if source.type == "helm"]
    assert source.set_values == ("image.tag=1.2", "hosts=a\\,b", "list={a,b}")
    assert result.inferred.environments.unset == ("build", "db.password", "domain")
    assert "build, db.password, domain" in result.text.replace("\n#  ", "")
    assert "hunter2" not in result.text


def test_a_templated_application_names_environments_nobody_could_guess():
    result = of(
        {
            **charts("charts/shop", "root"),
            **values("charts/shop/values-base.yaml", "charts/shop/values-summit.yaml", "charts/shop/values-other.yml"),
            "root/templates/shop.yaml": "{{- if .Values.shop }}\n"
            + application("shop", "{{ .Values.namespace }}", "{{ .Values.cluster }}", "values.yaml", "values-{{ .Values.name }}.yaml")
            + "{{- end }}\n",
        }
    )
    assert {(environment, files) for chart, environment, files in result.rendered if chart == "charts/shop"} == {
        ("base", ("charts/shop/values-base.yaml",)),
        ("summit", ("charts/shop/values-summit.yaml",)),
    }
    assert {source.namespace for source in result.discovery.sources} == {None}


def test_a_flux_release_says_namespace_and_release():
    release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: flux-system}
spec:
  targetNamespace: store
  chart:
    spec:
      chart: ./charts/shop
      sourceRef: {kind: GitRepository, name: repo}
      valuesFiles: [charts/shop/values.yaml, charts/shop/values-prod.yaml]
"""
    result = of({**charts("charts/shop"), **values("charts/shop/values-prod.yaml"), "flux/shop.yaml": release})
    [source] = [source for source in result.discovery.sources if source.type == "helm"]
    assert (source.namespace, source.release, source.values) == ("store", "store-shop", ("charts/shop/values-prod.yaml",))


def test_a_file_that_names_itself_is_an_environment():
    files = {**charts("charts/shop"), "charts/shop/values-summit.yaml": "name: summit\n", **values("charts/shop/values-ha.yaml")}
    assert {environment for _, environment, _ in of(files).rendered} == {"summit"}


def targets(files: Mapping[str, str | bytes]) -> dict[str, str]:
    return dict(of(files).config.targets)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- image: kindest/node:v1.31.4@sha256:ab\n", "1.31"),
        ("eks.yaml", 'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: a, version: "1.32"}\n', "1.32"),
        ("kubeadm.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.33.1\n", "1.33"),
        ("capi.yaml", "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nspec: {topology: {version: v1.30.2}}\n", "1.30"),
        ("plan.yaml", "apiVersion: upgrade.cattle.io/v1\nkind: Plan\nspec: {version: v1.30.4+k3s1}\n", "1.30"),
        ("talos/talos.env", "KUBERNETES_VERSION=v1.34.2\nTALOS_VERSION=v1.11.5\n", "1.34"),
        ("talos/machine.yaml.j2", "{% if a %}\nkubelet:\n  image: ghcr.io/siderolabs/kubelet:v1.34.1\n{% endif %}\n", "1.34"),
        ("ansible/main.yml", "k3s_version: v1.30.4+k3s1\n", "1.30"),
        ("terraform/eks.tf", 'module "eks" {\n  cluster_version = "1.29"\n}\n', "1.29"),
    ],
)
def test_kubernetes_versions(path: str, text: str, expected: str):
    result = of({path: text})
    assert dict(result.config.targets) == {"kubernetes": expected}
    line = next(number for number, content in enumerate(text.split("\n"), 1) if expected in content)
    assert f"{path}:{line} (" in result.text.replace("\n  #  ", "")


def test_several_clusters_give_the_oldest_and_say_so():
    cluster = 'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata:\n  name: a\n  version: "{}"\n'
    result = of(
        {"clusters/a.yaml": cluster.format("1.33"), "clusters/b.yaml": cluster.format("1.9"), "clusters/c.yaml": cluster.format("1.31")}
    )
    assert dict(result.config.targets) == {"kubernetes": "1.31"}
    assert "clusters/a.yaml:5" in result.text
    assert "the oldest of them" in result.text


def test_a_client_image_is_only_a_suggestion():
    job = "apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {containers: [{image: docker.io/bitnami/kubectl:1.30.1}]}}}\n"
    result = of({"job.yaml": job})
    assert not result.config.targets
    assert '# kubernetes: "1.30"' in result.text or '#   kubernetes: "1.30"' in result.text


def test_charts_that_refuse_the_newest_version_lower_the_target():
    chart = CHART.format("old") + "kubeVersion: '>=1.22.0-0 <1.30.0-0'\n"
    result = of({"charts/old/Chart.yaml": chart})
    assert dict(result.config.targets) == {"kubernetes": "1.29"}
    assert "charts/old/Chart.yaml:4 asks for" in result.text


def test_a_lower_bound_is_only_told():
    result = of({"charts/new/Chart.yaml": CHART.format("new") + 'kubeVersion: ">=1.25.0-0"\n'})
    assert not result.config.targets
    assert "At least 1.25: charts/new/Chart.yaml:4" in result.text


ISTIO_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: istiod}
spec:
  source:
    repoURL: https://istio-release.storage.googleapis.com/charts
    chart: istiod
    targetRevision: 1.24.2
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("mesh.yaml", "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {tag: 1.22.3}\n", "1.22"),
        ("mesh.yaml", "apiVersion: sailoperator.io/v1\nkind: Istio\nspec: {version: v1.24-latest}\n", "1.24"),
        ("mesh.yaml", ISTIO_APPLICATION, "1.24"),
        (
            "mesh/Chart.yaml",
            CHART.format("mesh")
            + "dependencies:\n- {name: istiod, version: ~1.25.0, repository: https://istio-release.storage.googleapis.com/charts}\n",
            "1.25",
        ),
        ("mesh.yaml", "a: gcr.io/istio-release/pilot:1.26.1-distroless\n", "1.26"),
    ],
)
def test_istio_versions(path: str, text: str, expected: str):
    assert targets({path: text}) == {"istio": expected}


def test_external_dns_by_image_but_not_by_a_chart_from_elsewhere():
    containers = "[{image: registry.k8s.io/external-dns/external-dns:v0.14.2}]"
    image = f"apiVersion: apps/v1\nkind: Deployment\nspec: {{template: {{spec: {{containers: {containers}}}}}}}\n"
    assert targets({"dns.yaml": image}) == {"external-dns": "0.14"}
    chart = CHART.format("dns") + "dependencies:\n- {name: external-dns, version: 1.14.3, repository: https://example.com}\n"
    result = of({"dns/Chart.yaml": chart})
    assert not result.config.targets
    assert "chart 1.14.3" in result.text
    assert targets({"dns/Chart.yaml": chart, "dns/values.yaml": "external-dns: {image: {tag: v0.15.1}}\n"}) == {"external-dns": "0.15"}
    assert targets({"vendored/external-dns/Chart.yaml": CHART.format("external-dns") + "appVersion: 0.16.1\n"}) == {"external-dns": "0.16"}


def test_versions_in_test_data_and_examples_decide_nothing():
    kind = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{image: kindest/node:v1.20.4}]\n"
    assert targets({"pkg/testdata/kind.yaml": kind, "examples/kind.yaml": kind}) == {}


def test_packs_with_something_to_look_at_are_pinned():
    result = of(
        {"a.yaml": SERVICE.format("shop"), "role.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\n"}
    )
    assert {name: pack.version for name, pack in result.config.packs.items()} == {"rbac": "1.4", "schema": "0.1"}
    assert '# istio: "0.3"' in result.text
    with_mesh = of({"a.yaml": "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\n"})
    assert "istio" in with_mesh.config.packs


def test_test_data_and_generated_files_are_suggested_not_excluded():
    generated = "# This manifest was generated by flux. DO NOT EDIT.\n---\n" + SERVICE.format("flux-system")
    files = {
        "src/testdata/a.yaml": SERVICE.format("x"),
        "src/testdata/b.yaml": SERVICE.format("x"),
        "clusters/flux/gotk.yaml": generated,
        "apps/a.yaml": SERVICE.format("shop"),
    }
    result = of(files)
    assert not result.config.exclude
    assert "#   - src/testdata/**  # 2 files with manifests: test data" in result.text
    assert "#   - clusters/flux/gotk.yaml  # generated" in result.text
    assert "apps" not in result.text


def test_templates_of_other_tools_are_excluded():
    playbook = "apiVersion: v1\nkind: Service\nmetadata:\n{% for name in names %}\n  name: {{ name }}\n{% endfor %}\n"
    files = {
        "ansible/roles/dns/templates/a.yaml": playbook,
        "ansible/roles/dns/templates/b.yaml": playbook,
        "mixed/a.yaml": playbook,
        "mixed/b.yaml": SERVICE.format("x"),
        "quoted.yaml": SERVICE.format("'{{ x }}'"),
    }
    result = of(files)
    assert result.config.exclude.patterns == ("ansible/roles/dns/templates/**", "mixed/a.yaml")
    assert sorted(result.discovery.manifest_files) == ["mixed/b.yaml", "quoted.yaml"]


def test_namespaces_filled_by_others_are_suggested():
    binding = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: a
  namespace: shop
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a}
subjects:
  - kind: ServiceAccount
    name: prometheus
    namespace: monitoring
  - kind: ServiceAccount
    name: web
    namespace: shop
"""
    result = of({"a.yaml": binding})
    assert [(each.namespace, each.path, each.line) for each in result.inferred.elsewhere] == [("monitoring", "a.yaml", 10)]
    commented = [line.removeprefix("# ") for line in result.text.split("\n") if line.startswith(("# externals:", "#   - {kind"))]
    assert parse_config("\n".join(commented).encode()).externals[0].namespace == "monitoring"


def test_what_is_commented_out_is_valid_when_taken_over():
    files = {"src/testdata/a.yaml": SERVICE.format("x"), "a.yaml": SERVICE.format("x")}
    lines = of(files).text.split("\n")
    for key in ("# targets:", "# exclude:"):
        place = lines.index(key)
        end = next(i for i, line in enumerate(lines[place + 1 :], place + 1) if not line.startswith("#   "))
        block = lines[place:end]
        parse_config("\n".join(line.removeprefix("# ") for line in block).encode())


HOSTILE = (
    "a\nkey: value",
    "a: b",
    "# no",
    "'",
    '"',
    "{a}",
    "[x]",
    "a*",
    "?",
    "& b",
    "!t",
    "%p",
    "ü 😀",
    "\u202eabc",
    "\ttab",
    "- a",
    "\\x41",
    "\x85",
)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_hostile_names_stay_names(name: str):
    kind = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{image: kindest/node:v1.31.4}]\n"
    files = {
        **charts(f"charts/{name}"),
        **values(f"charts/{name}/values-prod.yaml", f"charts/{name}/values-{name}.yaml", f"charts/{name}/values-dev.yaml"),
        f"{name}/kind.yaml": kind,
        f"{name}/testdata/a.yaml": SERVICE.format("x"),
        f"{name}/a.yaml": "# Code generated by x. DO NOT EDIT.\n" + SERVICE.format("x"),
    }
    result = of(files)
    assert {(f"charts/{name}", "prod", (f"charts/{name}/values-prod.yaml",))} <= result.rendered
    assert set(decode_text(result.text)[0].value) == {"targets", "packs", "environments"}
    assert result.config.targets == {"kubernetes": "1.31"}


def test_names_that_are_no_unicode_are_left_out():
    odd = b"charts/a\xff".decode("utf-8", "surrogateescape")
    result = of(
        {
            f"{odd}/Chart.yaml": CHART.format("odd"),
            **values(f"{odd}/values-prod.yaml"),
            **charts("charts/b"),
            **values("charts/b/values-prod.yaml"),
        }
    )
    assert ("charts/b", "prod", ("charts/b/values-prod.yaml",)) in result.rendered
    result.text.encode()


@given(st.text())
def test_text_survives_quoting(text: str):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert decode_text(f"{scalar(text)}: {listing([text])}\n")[0].value == {text: [text]}


@given(st.text(st.characters()))
def test_a_comment_stays_one(text: str):
    lines = comment(text)
    assert all(line.startswith("#") and one_line(line) == line for line in lines)
    assert decode_text("\n".join(["a: 1", *lines, "b: 2"]).encode("utf-8").decode())[0].value == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "text",
    [
        "{{" * 200_000,
        "repository:" * 100_000 + "external-dns",
        "    - namespace: a\n" * 60_000,
        "x: a/kubectl:1.30.1\n" * 60_000,
        "_version" * 200_000,
    ],
    ids=["actions", "repositories", "namespaces", "images", "keys"],
)
def test_text_that_is_slow_to_search_is_not(text: str):
    began = time.process_time()
    Result({"a.yaml": f"apiVersion: argoproj.io/v1alpha1\nkind: Application\n# {text}\n{text}\n", "b.tf": text})
    assert time.process_time() - began < 20


def test_the_same_files_give_the_same_text_in_any_order():
    files = {
        **charts("charts/a", "charts/b"),
        **values("charts/b/values-prod.yaml", "charts/a/values-dev.yaml", "charts/a/values-x.yaml", "charts/b/values-x.yaml"),
        "z.yaml": SERVICE.format("x"),
    }
    assert of(files).text == of(dict(reversed(files.items()))).text


def test_an_empty_repository():
    result = of({"README.md": "nothing"})
    assert result.text.startswith("# yaml-language-server: $schema=https://gitops-lint.readthedocs.io/schemas/config.schema.json\n")
    assert not result.inferred.environments.entries


# The command


def write(folder, files: Mapping[str, str]):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


SHOP = {
    **charts("charts/shop"),
    **values("charts/shop/values-prod.yaml", "charts/shop/values-dev.yaml", "charts/shop/values.yaml"),
    "charts/shop/templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports: [{port: 80}]\n",
}


def test_the_written_file_lints_at_once(run, tmp_path):
    write(tmp_path, SHOP)
    done = run("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "gitops-lint baseline" in done.stdout
    assert "dev, prod (1 chart)" in done.stdout
    written = (tmp_path / ".gitops-lint.yaml").read_text()
    assert "\nroot: true\n" in written
    assert run("lint", cwd=tmp_path).returncode == 0
    assert "prod" in run("sources", cwd=tmp_path).stdout


def test_it_writes_at_the_git_top_level(run, tmp_path):
    write(tmp_path, SHOP)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    done = run("init", cwd=tmp_path / "charts" / "shop")
    assert done.returncode == 0, done.stderr
    assert "root: true" not in (tmp_path / ".gitops-lint.yaml").read_text()
    assert not (tmp_path / "charts" / "shop" / ".gitops-lint.yaml").exists()


def test_it_replaces_nothing_unless_told_to(run, tmp_path):
    write(tmp_path, {**SHOP, ".gitops-lint.yaml": "root: true\n"})
    done = run("init", cwd=tmp_path)
    assert done.returncode == 2
    assert ".gitops-lint.yaml" in done.stderr
    assert "--force" in done.stderr
    assert (tmp_path / ".gitops-lint.yaml").read_text() == "root: true\n"
    assert run("init", "--force", cwd=tmp_path).returncode == 0
    assert "environments:" in (tmp_path / ".gitops-lint.yaml").read_text()


def test_it_writes_through_no_link(run, tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("mine\n")
    write(tmp_path / "repository", SHOP)
    (tmp_path / "repository" / ".gitops-lint.yaml").symlink_to(outside)
    done = run("init", "--force", cwd=tmp_path / "repository")
    assert done.returncode == 2
    assert "symbolic link" in done.stderr
    assert outside.read_text() == "mine\n"


def test_links_out_of_the_repository_are_no_values(run, tmp_path):
    (tmp_path / "secret.yaml").write_text("password: hunter2\n")
    folder = write(tmp_path / "repository", SHOP)
    (folder / "charts/shop/values-qa.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "charts/shop/values-uat.yaml").symlink_to("values-prod.yaml")
    os.mkfifo(folder / "charts/shop/values-stg.yaml")
    assert run("init", cwd=folder).returncode == 0
    config = parse_config((folder / ".gitops-lint.yaml").read_bytes())
    assert config.environments.keys() == {"dev", "prod", "uat"}


def test_a_repository_with_nothing_to_check(run, tmp_path):
    done = run("init", cwd=tmp_path)
    assert done.returncode == 0
    assert "nothing to check yet" in done.stdout
    assert parse_config((tmp_path / ".gitops-lint.yaml").read_bytes()).root


def test_print_writes_nothing(run, tmp_path):
    write(tmp_path, SHOP)
    done = run("init", "--print", cwd=tmp_path)
    assert done.returncode == 0
    assert parse_config(done.stdout.encode()).environments.keys() == {"dev", "prod"}
    assert "1 chart" in done.stderr
    assert not (tmp_path / ".gitops-lint.yaml").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(run, tmp_path):
    write(tmp_path, SHOP)
    tmp_path.chmod(0o555)
    try:
        done = run("init", cwd=tmp_path)
    finally:
        tmp_path.chmod(0o755)
    assert done.returncode == 2
    assert "not writable" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_path_that_is_no_folder(run, tmp_path):
    write(tmp_path, SHOP)
    assert run("init", "nowhere", cwd=tmp_path).returncode == 2
    done = run("init", "charts/shop/Chart.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "no folder" in done.stderr


def test_the_examples_of_this_repository(run, tmp_path):
    folder = tmp_path / "examples"
    shutil.copytree(os.path.join(ROOT, "examples"), folder)
    done = run("init", "--force", cwd=folder)
    assert done.returncode == 0, done.stderr
    config = parse_config((folder / ".gitops-lint.yaml").read_bytes())
    assert {name: [(entry.chart, entry.values) for entry in entries] for name, entries in config.environments.items()} == {
        "prod": [("charts/shop", ("values-prod.yaml",))],
        "staging": [("charts/shop", ("values-staging.yaml",))],
    }
    assert {"labels", "probes", "rbac", "istio", "dns", "helm"} <= config.packs.keys()
    assert config.root
    assert run("lint", cwd=folder).returncode == 1
