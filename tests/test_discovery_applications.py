"""From an Application to the files of the repository: every rule, with the exact result and place."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.argocd.environment import UNKNOWN_REVISION
from linter.config.opaque import default_opaque
from linter.config.values import ClusterEntry
from linter.discovery.applications import ApplicationContext, application_sources
from linter.discovery.charts import find_charts
from linter.discovery.kustomize import find_kustomize_roots
from linter.discovery.listing import Listing
from linter.globs import Globs
from linter.model import Document, ManifestFile, Resource, Source
from linter.model.applications import ApplicationSource, HelmOptions
from linter.repository import MemoryTree, Tree, WorkTree

HERE = "https://github.com/acme/shop.git"
ELSEWHERE = "https://github.com/other/config"
CHART = "apiVersion: v2\nname: web\nversion: 1.2.3\n"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def context_of(files: Mapping[str, bytes | str] | Tree, **options: Any) -> ApplicationContext:
    tree = files if isinstance(files, Tree) else MemoryTree(files)
    listing = Listing(tree.files())
    kustomizations = [path for path in tree.files() if os.path.basename(path) == "kustomization.yaml"]
    roots = find_kustomize_roots(tree, kustomizations, listing)
    options = {"remotes": ["git@github.com:acme/shop.git"], "opaque": default_opaque(), **options}
    return ApplicationContext(tree, listing, find_charts(tree, tree.files()), roots, **options)


def resolve(
    files: Mapping[str, bytes | str] | Tree | ApplicationContext,
    source: object = None,
    *,
    spec: object = None,
    metadata: object = None,
    **options: Any,
) -> list[ApplicationSource]:
    """The sources of an Application `web` with one source of this repository, or with another `spec`."""
    context = files if isinstance(files, ApplicationContext) else context_of(files, **options)
    if source is not None:
        spec = {
            "source": {"repoURL": HERE, **source} if isinstance(source, dict) else source,
            "destination": {"name": "in-cluster", "namespace": "shop"},
        }
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata or {"name": "web"}, "spec": spec}
    return application_sources(declare(body), body, context, instance="hub", environment=None)


def declare(body: dict[str, Any]) -> Resource:
    document = Document(ManifestFile("argocd/web.yaml", "", Source("argocd", "directory", "argocd")), 0, body)
    return Resource(
        document, body, type="argoproj.io/Application", api_version="argoproj.io/v1alpha1", group="argoproj.io",
        kind="Application", name="web", namespace="argocd", declared_namespace=None,
    )  # fmt: skip


def only(found: Sequence[ApplicationSource]) -> ApplicationSource:
    assert len(found) == 1
    return found[0]


def ids(found: ApplicationSource) -> list[tuple[str, str, tuple[str | int, ...]]]:
    return [(problem.id, problem.kind, problem.route) for problem in found.problems]


def helm_of(found: ApplicationSource) -> HelmOptions:
    assert found.source.type == "helm"
    assert found.helm is not None
    return found.helm


# Types


def test_a_chart():
    found = only(resolve({"charts/web/Chart.yaml": CHART}, {"path": "charts/web"}))
    assert found.source == Source("charts/web", "helm", "hub", application="web", cluster="in-cluster", namespace="shop", release="web")
    assert found.route == ("spec", "source")
    assert (found.problems, found.blocked, found.files, found.uses) == ((), False, (), ())
    helm = helm_of(found)
    assert (helm.release, helm.namespace, helm.inline, helm.parameters) == ("web", "shop", None, ())


def test_kustomize_wins_over_a_chart_beside_it():
    files = {"a/Chart.yaml": CHART, "a/kustomization.yaml": "resources: []\n"}
    found = only(resolve(files, {"path": "a"}))
    assert (found.source.type, found.kustomize, found.problems) == ("kustomize", {}, ())


def test_an_empty_block_names_no_type():
    assert only(resolve({"a/kustomization.yaml": "resources: []\n"}, {"path": "a", "helm": {}})).source.type == "kustomize"


def test_several_tools_are_refused():
    source = {"path": "a", "helm": {"releaseName": "x"}, "kustomize": {"namePrefix": "x-"}}
    found = only(resolve({"a/Chart.yaml": CHART}, source))
    assert ids(found) == [("application-source-type", "broken", ("spec", "source", "helm"))]
    assert found.blocked


def test_a_plugin_is_not_run():
    found = only(resolve({"a/x.yaml": CONFIG_MAP}, {"path": "a", "plugin": {"name": "avp"}}))
    assert ids(found) == [("application-plugin", "unavailable", ("spec", "source", "plugin"))]
    assert found.problems[0].message == "not rendered: the plugin avp"
    assert found.blocked


@pytest.mark.parametrize(
    ("files", "source", "route", "words"),
    [
        ({"a/x.yaml": ""}, {"helm": {"releaseName": "x"}}, "helm", "a has no Chart.yaml, and `helm` makes"),
        ({"a/x.yaml": ""}, {"kustomize": {"namePrefix": "x"}}, "kustomize", "a has no kustomization.yaml, and `kustomize` makes"),
        ({"a/MyChart.yaml": ""}, {}, "path", "a has no Chart.yaml, and MyChart.yaml makes"),
    ],
)
def test_a_tool_without_its_file(files: dict[str, str], source: dict[str, Any], route: str, words: str):
    found = only(resolve(files, {"path": "a", **source}))
    assert ids(found) == [("application-source-type", "broken", ("spec", "source", route))]
    assert words in found.problems[0].message


def test_options_of_kustomize_have_the_build_environment():
    source = {"path": "a", "kustomize": {"images": ["web:$ARGOCD_APP_REVISION_SHORT"], "commonLabels": {"app": "$ARGOCD_APP_NAME"}}}
    found = only(resolve({"a/kustomization.yaml": "resources: []\n"}, source))
    assert found.kustomize == {"images": ["web:deadbee"], "commonLabels": {"app": "web"}}


# Where a source stands


def test_another_repository():
    found = only(resolve({"a/x.yaml": ""}, {"repoURL": "https://me:secret@github.com/other/config", "path": "a"}))
    assert ids(found) == [("application-source-remote", "unavailable", ("spec", "source", "repoURL"))]
    assert found.blocked
    assert found.source.path == "argocd/web.yaml"
    assert (
        found.problems[0].message == "`a` is in https://github.com/other/config, which is not this repository, so nothing of it is checked"
    )
    assert "repositories: {https://github.com/other/config: FOLDER}" in found.problems[0].fix


def test_another_repository_that_is_vendored():
    files = {"vendor/config/apps/a/x.yaml": CONFIG_MAP, "secret/x.yaml": CONFIG_MAP}
    repositories = {"git@github.com:other/config": "vendor/config"}
    found = only(resolve(files, {"repoURL": ELSEWHERE, "path": "apps/a"}, repositories=repositories))
    assert (found.source.path, found.files, found.problems) == ("vendor/config/apps/a", ("vendor/config/apps/a/x.yaml",), ())
    outside = only(resolve(files, {"repoURL": ELSEWHERE, "path": "../../secret"}, repositories=repositories))
    assert ids(outside) == [("application-path-invalid", "broken", ("spec", "source", "path"))]


def test_without_remotes_a_path_that_is_here_is_local():
    assert only(resolve({"a/x.yaml": ""}, {"repoURL": ELSEWHERE, "path": "a"}, remotes=())).problems == ()
    assert ids(only(resolve({"a/x.yaml": ""}, {"repoURL": ELSEWHERE, "path": "b"}, remotes=())))[0][0] == "application-source-remote"


def test_the_folder_of_an_address():
    context = context_of({"a/x.yaml": ""}, repositories={ELSEWHERE: "./vendor/x/"})
    assert context.folder_of("https://github.com/Acme/Shop") == "."
    assert context.folder_of(ELSEWHERE) == "vendor/x"
    assert context.folder_of("https://github.com/acme/other") is None
    assert context.folder_of("") is None


@pytest.mark.parametrize(
    ("path", "id", "words"),
    [
        ("/apps/web", "application-path-invalid", "is absolute"),
        ("../x", "application-path-invalid", "leads out of the repository"),
        ("a/../../x", "application-path-invalid", "leads out of the repository"),
        ("app/web", "application-path-missing", "`path: app/web` is no directory in the repository (did you mean apps/web?)"),
        ("apps/wbe", "application-path-missing", "did you mean apps/web?"),
        ("qqq", "application-path-missing", "`path: qqq` is no directory in the repository"),
        ("apps/web/x.yaml", "application-path-missing", "is a file, and Argo CD wants a directory"),
    ],
)
def test_paths_that_lead_nowhere(path: str, id: str, words: str):
    found = only(resolve({"apps/web/x.yaml": "", "other/y.yaml": ""}, {"path": path}))
    assert ids(found) == [(id, "broken", ("spec", "source", "path"))]
    assert words in found.problems[0].message
    assert found.blocked


def test_the_whole_repository():
    found = only(resolve({"x.yaml": "", "a/y.yaml": ""}, {"path": "."}))
    assert (found.source.path, found.files) == (".", ("x.yaml",))


@pytest.mark.parametrize(
    ("key", "value"), [("path", "apps/<path:kv/data/x#y>"), ("repoURL", "https://git/${ORG}/x"), ("path", "apps/{{name}}")]
)
def test_placeholders_are_not_resolved(key: str, value: str):
    found = only(resolve({"apps/x.yaml": ""}, {"path": "apps", key: value}))
    assert ids(found) == [("application-placeholder", "unavailable", ("spec", "source", key))]


def test_revisions_that_are_not_read_are_counted():
    context = context_of({"a/x.yaml": ""})
    for revision in ("v1.0.0", "v1.0.0", "main", "HEAD", "", "abc1234"):
        resolve(context, {"path": "a", "targetRevision": revision})
    assert context.notes == [
        "2 sources of Applications name https://github.com/acme/shop.git at v1.0.0, and the repository was read instead",
        "a source of an Application names https://github.com/acme/shop.git at abc1234, and the repository was read instead",
    ]


# Charts of remote repositories


def packaged(files: Mapping[str, str], top: str = "web") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return stream.getvalue()


REPOSITORY = {"https://charts.example.com": "vendor/charts"}


def remote_chart(files: Mapping[str, bytes | str], version: str, **more: Any) -> ApplicationSource:
    source = {"repoURL": "https://charts.example.com/", "chart": "web", "targetRevision": version, **more}
    return only(resolve(files, source, repositories=REPOSITORY))


@pytest.mark.parametrize(
    ("files", "version", "path"),
    [
        ({"vendor/charts/web/Chart.yaml": CHART}, "1.2.3", "vendor/charts/web"),
        ({"vendor/charts/web/Chart.yaml": CHART}, "^1.0.0", "vendor/charts/web"),
        ({"vendor/charts/web/Chart.yaml": CHART}, "v1.2.3", "vendor/charts/web"),
        ({"vendor/charts/web-1.2.3.tgz": b""}, "1.2.*", "vendor/charts/web-1.2.3.tgz"),
        ({"vendor/charts/web-1.2.3.tgz": b"", "vendor/charts/web-1.10.0.tgz": b""}, "1.x", "vendor/charts/web-1.10.0.tgz"),
        ({"vendor/charts/web/1.2.3/Chart.yaml": CHART, "vendor/charts/web/1.1.0/Chart.yaml": CHART}, "1.2.3", "vendor/charts/web/1.2.3"),
        ({"vendor/charts/web/1.2.3/web/Chart.yaml": CHART}, "1.2.3", "vendor/charts/web/1.2.3/web"),
    ],
)
def test_charts_that_are_vendored(files: dict[str, bytes | str], version: str, path: str):
    found = remote_chart(files, version)
    assert (found.source.path, found.source.type, found.problems) == (path, "helm", ())


def test_a_chart_of_another_version():
    found = remote_chart({"vendor/charts/web/Chart.yaml": CHART}, "2.0.0")
    assert ids(found) == [("application-source-remote", "unavailable", ("spec", "source", "chart"))]
    assert "version 2.0.0 is asked for, and vendor/charts holds 1.2.3" in found.problems[0].message
    assert "is not a version constraint" in remote_chart({"vendor/charts/web/Chart.yaml": CHART}, "latest!").problems[0].message
    assert "holds neither web/Chart.yaml nor a package web-VERSION.tgz" in remote_chart({"x.yaml": ""}, "1").problems[0].message


def test_a_chart_that_is_not_vendored():
    found = only(resolve({"x.yaml": ""}, {"repoURL": "https://else.example.com", "chart": "web", "targetRevision": "1.0.0"}))
    assert ids(found) == [("application-source-remote", "unavailable", ("spec", "source", "repoURL"))]
    assert (found.source.type, found.blocked) == ("helm", True)


def test_a_chart_needs_a_version():
    found = only(resolve({"x.yaml": ""}, {"repoURL": "https://charts.example.com", "chart": "web"}))
    assert ids(found) == [("application-invalid", "broken", ("spec", "source"))]


def test_values_of_a_packaged_chart():
    files = {"vendor/charts/web-1.2.3.tgz": packaged({"Chart.yaml": CHART, "values-prod.yaml": "a: 1\n"}), "values.yaml": ""}
    found = remote_chart(files, "1.2.3", helm={"valueFiles": ["values-prod.yaml"]})
    assert found.source.values == ("vendor/charts/web-1.2.3.tgz!web/values-prod.yaml",)
    outside = remote_chart(files, "1.2.3", helm={"valueFiles": ["../../values.yaml"]})
    assert ids(outside) == [("application-path-invalid", "broken", ("spec", "source", "helm", "valueFiles", 0))]


def test_oci_artifacts():
    files = {"vendor/oci/web/Chart.yaml": CHART}
    exact = resolve(files, {"repoURL": "oci://ghcr.io/acme/web", "path": "."}, repositories={"oci://ghcr.io/acme/web": "vendor/oci/web"})
    assert (only(exact).source.path, only(exact).source.type) == ("vendor/oci/web", "helm")
    source = {"repoURL": "oci://ghcr.io/acme/web", "path": ".", "targetRevision": "1.2.3"}
    assert only(resolve(files, source, repositories={"ghcr.io/acme": "vendor/oci"})).source.path == "vendor/oci/web"
    source = {"repoURL": "ghcr.io/acme", "chart": "web", "targetRevision": "1.2.3"}
    assert only(resolve(files, source, repositories={"ghcr.io/acme": "vendor/oci"})).source.path == "vendor/oci/web"
    wrong = only(resolve(files, {"repoURL": "oci://ghcr.io/charts", "chart": "web", "targetRevision": "1"}))
    assert "with `oci://` before it, this is an artifact, and `chart` has no effect" in wrong.problems[0].message


# Helm


def chart(helm: dict[str, Any], files: Mapping[str, bytes | str] | None = None) -> ApplicationSource:
    return only(resolve({"charts/web/Chart.yaml": CHART, **(files or {})}, {"path": "charts/web", "helm": helm}))


def test_names_and_flags():
    found = chart(
        {
            "releaseName": "front", "namespace": "inner", "kubeVersion": "v1.30.2+k3s1", "apiVersions": ["a/v1", "b/v1/B"],
            "skipCrds": True, "skipTests": True, "skipSchemaValidation": True, "version": "v3",
        }
    )  # fmt: skip
    helm = helm_of(found)
    assert (helm.release, helm.namespace, helm.kube_version, helm.api_versions) == ("front", "inner", "1.30.2", ("a/v1", "b/v1/B"))
    assert (helm.skip_crds, helm.skip_tests, helm.skip_schema) == (True, True, True)
    assert (found.source.release, found.source.namespace, found.problems) == ("front", "shop", ())


@pytest.mark.parametrize(("key", "value"), [("version", "v2"), ("kubeVersion", "latest")])
def test_versions_that_argo_cd_refuses(key: str, value: str):
    assert ids(chart({key: value})) == [("application-helm-invalid", "broken", ("spec", "source", "helm", key))]


def test_an_object_of_values_hides_a_text():
    inline = helm_of(chart({"values": "a: 1\n", "valuesObject": {"b": 2}})).inline
    assert inline is not None
    assert (inline.values, inline.route, inline.as_text) == ({"b": 2}, ("spec", "source", "helm", "valuesObject"), False)
    inline = helm_of(chart({"values": "a: 1\n"})).inline
    assert inline is not None
    assert (inline.values, inline.route, inline.as_text, inline.text) == ({"a": 1}, ("spec", "source", "helm", "values"), True, "a: 1\n")
    assert helm_of(chart({"values": ""})).inline is None


@pytest.mark.parametrize("values", ["- a\n", "a: [\n", "text"])
def test_values_that_are_none(values: str):
    assert ids(chart({"values": values})) == [("application-values-invalid", "broken", ("spec", "source", "helm", "values"))]


def test_parameters():
    parameters = [
        {"name": "a", "value": "1"},
        {"name": "b", "value": "x,y"},
        {"name": "c", "value": "{x,y}"},
        {"name": "d", "value": "007", "forceString": True},
        {"name": "a", "value": "$ARGOCD_APP_NAME-${ARGOCD_APP_REVISION}"},
        {"name": "e"},
    ]
    found = helm_of(chart({"parameters": parameters})).parameters
    start = ("spec", "source", "helm", "parameters")
    assert [(parameter.kind, parameter.expression, parameter.route) for parameter in found] == [
        ("set", f"a=web-{UNKNOWN_REVISION}", (*start, 4, "value")),
        ("set", r"b=x\,y", (*start, 1, "value")),
        ("set", "c={x,y}", (*start, 2, "value")),
        ("string", "d=007", (*start, 3, "value")),
        ("set", "e=", (*start, 5)),
    ]


def test_parameters_that_the_api_refuses():
    found = chart({"parameters": [{"name": "a", "value": 1}, {"value": "x"}, "text"]})
    start = ("spec", "source", "helm", "parameters")
    assert ids(found) == [
        ("application-invalid", "broken", (*start, 0, "value")),
        ("application-invalid", "broken", (*start, 1)),
        ("application-invalid", "broken", (*start, 2)),
    ]


def test_parameters_from_files():
    files = {"charts/web/cert.pem": "PEM\n", "files/x.bin": b"\xff\xfe\xfd"}
    found = chart({"fileParameters": [{"name": "tls.cert", "path": "cert.pem"}]}, files)
    [parameter] = helm_of(found).parameters
    assert (parameter.kind, parameter.expression, parameter.content) == ("file", "tls.cert", "PEM\n")
    assert parameter.route == ("spec", "source", "helm", "fileParameters", 0, "path")
    assert found.uses == ("charts/web/cert.pem",)
    assert ids(chart({"fileParameters": [{"name": "a", "path": "no.pem"}]})) == [
        ("application-values-missing", "broken", ("spec", "source", "helm", "fileParameters", 0, "path"))
    ]
    assert ids(chart({"fileParameters": [{"name": "a", "path": "/files/x.bin"}]}, files))[0][0] == "application-values-invalid"


VALUES = {
    "charts/web/values-prod.yaml": "a: 1\n",
    "charts/web/web.yaml": "",
    "envs/prod/a.yaml": "",
    "envs/prod/b.yaml": "",
    "envs/prod/deep/c.yaml": "",
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["values-prod.yaml"], ["charts/web/values-prod.yaml"]),
        (["./values-prod.yaml", "values-prod.yaml"], ["charts/web/values-prod.yaml"]),
        (["/envs/prod/b.yaml", "../../envs/prod/a.yaml"], ["envs/prod/b.yaml", "envs/prod/a.yaml"]),
        (["$ARGOCD_APP_NAME.yaml"], ["charts/web/web.yaml"]),
        (["/envs/prod/*.yaml"], ["envs/prod/a.yaml", "envs/prod/b.yaml"]),
        (["/envs/**/*.yaml"], ["envs/prod/a.yaml", "envs/prod/b.yaml", "envs/prod/deep/c.yaml"]),
        (["/envs/prod/*.yaml", "/envs/prod/a.yaml"], ["envs/prod/b.yaml", "envs/prod/a.yaml"]),
        (["$OTHER/envs/prod/a.yaml"], ["envs/prod/a.yaml"]),
    ],
)
def test_value_files(written: list[str], expected: list[str]):
    found = chart({"valueFiles": written}, VALUES)
    assert (list(found.source.values), found.problems) == (expected, ())
    assert list(found.uses) == expected


@pytest.mark.parametrize(
    ("written", "id", "kind", "words"),
    [
        (
            "values-prd.yaml",
            "application-values-missing",
            "broken",
            "the file charts/web/values-prd.yaml does not exist (did you mean values-prod.yaml?)",
        ),
        ("/envs/prod", "application-values-missing", "broken", "the file envs/prod is a directory"),
        ("/envs/*.json", "application-values-missing", "broken", "the pattern `envs/*.json` names no file"),
        ("/envs/*", "application-values-missing", "broken", "also names the directory envs/prod"),
        ("values-[.yaml", "application-glob-invalid", "broken", "a `[` is never closed"),
        ("../../../x.yaml", "application-path-invalid", "broken", "leads out of the repository"),
        ("/", "application-path-invalid", "broken", "is no file"),
        ("https://example.com/v.yaml", "application-values-remote", "unavailable", "is fetched when Argo CD renders"),
        ("secrets://v.yaml", "application-values-remote", "unavailable", "is for a plugin that reads `secrets:`"),
        ("${CLUSTER}.yaml", "application-values-missing", "broken", "charts/web/.yaml does not exist"),
        ("<path:kv/x#y>.yaml", "application-placeholder", "unavailable", "filled in outside"),
        (7, "application-invalid", "broken", "has to be a string"),
    ],
)
def test_value_files_that_cannot_be_read(written: object, id: str, kind: str, words: str):
    found = chart({"valueFiles": ["values-prod.yaml", written]}, VALUES)
    assert ids(found) == [(id, kind, ("spec", "source", "helm", "valueFiles", 1))]
    assert words in found.problems[0].message
    assert found.blocked


def test_missing_value_files_can_be_ignored():
    found = chart({"valueFiles": ["no.yaml", "/no/*.yaml", "values-prod.yaml"], "ignoreMissingValueFiles": True}, VALUES)
    assert (found.source.values, found.problems) == (("charts/web/values-prod.yaml",), ())


# Several sources


def several(*sources: dict[str, Any], files: Mapping[str, bytes | str], **options: Any) -> list[ApplicationSource]:
    destination = {"name": "in-cluster", "namespace": "shop"}
    spec = {"sources": list(sources), "source": {"repoURL": HERE, "path": "no"}, "destination": destination}
    return resolve(files, spec=spec, **options)


MIXED = {"charts/web/Chart.yaml": CHART, "envs/web.yaml": "a: 1\n", "plain/x.yaml": CONFIG_MAP}


def test_a_ref_lends_its_files():
    helm = {"valueFiles": ["$values/envs/$ARGOCD_APP_NAME.yaml"]}
    first, second = several(
        {"repoURL": HERE, "ref": "values"},
        {"repoURL": HERE, "path": "charts/web", "helm": helm},
        {"repoURL": HERE, "path": "plain", "ref": "other"},
        files=MIXED,
    )
    assert (first.source.values, first.source.index, first.route) == (("envs/web.yaml",), 1, ("spec", "sources", 1))
    assert (second.files, second.source.index, second.problems) == (("plain/x.yaml",), 2, ())


@pytest.mark.parametrize(
    ("ref", "written", "id", "kind", "words"),
    [
        ({"repoURL": HERE, "ref": "values"}, "$vals/x.yaml", "application-ref", "broken", "the sources have the refs `values`"),
        ({"repoURL": HERE, "path": "plain"}, "$vals/x.yaml", "application-ref", "broken", "no source has a `ref`"),
        ({"repoURL": ELSEWHERE, "ref": "values"}, "$values/x.yaml", "application-source-remote", "unavailable", "github.com/other/config"),
        ({"repoURL": HERE, "ref": "values"}, "$values/../x.yaml", "application-path-invalid", "broken", "leads out of"),
        ({"repoURL": HERE, "ref": "values"}, "$values/x.yaml", "application-values-missing", "broken", "the file x.yaml does not exist"),
    ],
)
def test_refs_that_lead_nowhere(ref: dict[str, Any], written: str, id: str, kind: str, words: str):
    found = several(ref, {"repoURL": HERE, "path": "charts/web", "helm": {"valueFiles": [written]}}, files=MIXED)[-1]
    assert ids(found) == [(id, kind, ("spec", "sources", 1, "helm", "valueFiles", 0))]
    assert words in found.problems[0].message


def test_a_ref_to_a_vendored_repository():
    found = several(
        {"repoURL": ELSEWHERE, "ref": "values"},
        {"repoURL": HERE, "path": "charts/web", "helm": {"valueFiles": ["$values/web.yaml"]}},
        files=MIXED,
        repositories={ELSEWHERE: "envs"},
    )
    assert only(found).source.values == ("envs/web.yaml",)


def test_names_of_refs():
    sources = [{"repoURL": HERE, "ref": "a.b"}, {"repoURL": HERE, "ref": "x"}, {"repoURL": HERE, "ref": "x"}]
    assert ids(only(several(*sources, files=MIXED))) == [
        ("application-ref", "broken", ("spec", "sources", 0, "ref")),
        ("application-ref", "broken", ("spec", "sources", 2, "ref")),
    ]
    with_manifests = several(*sources[1:], {"repoURL": HERE, "path": "plain"}, files=MIXED)
    assert ids(only(with_manifests)) == [("application-ref", "broken", ("spec", "sources", 1, "ref"))]
    assert only(with_manifests).blocked
    assert several(sources[1], files=MIXED) == []


def test_a_ref_cannot_be_a_chart():
    remote = {"repoURL": "https://charts.example.com", "chart": "web", "targetRevision": "1.2.3", "ref": "values"}
    found = several(remote, {"repoURL": HERE, "path": "charts/web", "helm": {"valueFiles": ["$values/x.yaml"]}}, files=MIXED)
    assert ids(found[1]) == [("application-ref", "broken", ("spec", "sources", 1, "helm", "valueFiles", 0))]


def test_the_dry_source_of_a_hydrator():
    spec = {
        "sourceHydrator": {"drySource": {"repoURL": HERE, "path": "plain"}},
        "source": {"repoURL": HERE, "path": "no"},
        "destination": {"name": "eu"},
    }
    found = only(resolve(MIXED, spec=spec))
    assert (found.source.path, found.route, found.problems) == ("plain", ("spec", "sourceHydrator", "drySource"), ())


# Override files


def test_override_files():
    files = {
        "charts/web/Chart.yaml": CHART,
        "charts/web/.argocd-source.yaml": "path: no\nhelm:\n  parameters: [{name: tag, value: '1'}]\n  releaseName: first\n",
        "charts/web/.argocd-source-web.yaml": "helm: {releaseName: second, valuesObject: {a: 1}}\n",
        "charts/web/.argocd-source-other.yaml": "helm: {releaseName: third}\n",
        "charts/web/.argocd-source-team_web.yaml": "helm: {releaseName: fourth}\n",
    }
    source = {"path": "charts/web", "helm": {"parameters": [{"name": "old", "value": "x"}], "skipCrds": True}}
    found = only(resolve(files, source))
    helm = helm_of(found)
    assert (helm.release, helm.skip_crds) == ("second", True)
    [parameter] = helm.parameters
    assert (parameter.expression, parameter.file) == ("tag=1", "charts/web/.argocd-source.yaml")
    assert parameter.route == ("helm", "parameters", 0, "value")
    assert helm.inline is not None
    assert (helm.inline.route, helm.inline.file) == (("helm", "valuesObject"), "charts/web/.argocd-source-web.yaml")
    assert found.uses == ("charts/web/.argocd-source.yaml", "charts/web/.argocd-source-web.yaml")
    assert helm_of(only(resolve(files, source, metadata={"name": "web", "namespace": "team"}))).release == "fourth"


def test_an_override_file_can_change_the_type():
    files = {
        "a/x.yaml": CONFIG_MAP,
        "a/kustomization.yaml": "resources: [x.yaml]\n",
        "a/.argocd-source.yaml": "directory: {include: x.yaml}\n",
    }
    found = only(resolve(files, {"path": "a"}))
    assert (found.source.type, found.files) == ("directory", ("a/x.yaml",))


@pytest.mark.parametrize(("content", "line"), [("a: [", 1), ("- a\n", 1), ("text\n", 1)])
def test_an_override_file_that_cannot_be_read(content: str, line: int):
    found = only(resolve({"a/x.yaml": "", "a/.argocd-source.yaml": content}, {"path": "a"}))
    [problem] = found.problems
    assert (problem.id, problem.kind, problem.file, problem.line) == (
        "application-override-invalid",
        "broken",
        "a/.argocd-source.yaml",
        line,
    )
    assert found.blocked


def test_a_mistake_in_an_override_file_is_shown_there():
    files = {"charts/web/Chart.yaml": CHART, "charts/web/.argocd-source.yaml": "helm: {valueFiles: [no.yaml]}\n"}
    [problem] = only(resolve(files, {"path": "charts/web"})).problems
    assert (problem.file, problem.route) == ("charts/web/.argocd-source.yaml", ("helm", "valueFiles", 0))
    assert only(resolve({"a/x.yaml": "", "a/.argocd-source.yaml": "# nothing\n"}, {"path": "a"})).problems == ()


# Plain directories

PLAIN = {
    "a/b.yaml": CONFIG_MAP,
    "a/a.json": "{}",
    "a/a/x.yml": CONFIG_MAP,
    "a/a-b/y.yaml": CONFIG_MAP,
    "a/.hidden/z.yaml": CONFIG_MAP,
    "a/notes.txt": "",
    "a/skip.yaml": "# +argocd:skip-file-rendering\n" + CONFIG_MAP,
    "ab/no.yaml": CONFIG_MAP,
}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["a/a.json", "a/b.yaml"]),
        ({"recurse": True}, ["a/.hidden/z.yaml", "a/a/x.yml", "a/a-b/y.yaml", "a/a.json", "a/b.yaml"]),
        ({"recurse": True, "include": "*.y?ml"}, ["a/.hidden/z.yaml", "a/a-b/y.yaml", "a/b.yaml"]),
        ({"recurse": True, "include": "{a/*,b.yaml}"}, ["a/a/x.yml", "a/b.yaml"]),
        ({"recurse": True, "exclude": "{.hidden/*,*.json}"}, ["a/a/x.yml", "a/a-b/y.yaml", "a/b.yaml"]),
        ({"include": "*.yaml", "exclude": "b*"}, []),
        ({"disableExtensionFilter": True, "exclude": "*.json"}, ["a/b.yaml", "a/notes.txt"]),
    ],
)
def test_files_of_a_directory(options: dict[str, Any], expected: list[str]):
    found = only(resolve(PLAIN, {"path": "a", "directory": options}))
    assert (found.source.type, list(found.files), found.problems) == ("directory", expected, ())


def test_what_the_configuration_excludes_stays_excluded():
    assert only(resolve(PLAIN, {"path": "a"}, excluded=Globs(["a/b.yaml"]).match)).files == ("a/a.json",)


@pytest.mark.parametrize(("key", "files"), [("include", ()), ("exclude", ("a/a.json", "a/b.yaml"))])
def test_a_pattern_that_cannot_be_read(key: str, files: tuple[str, ...]):
    found = only(resolve(PLAIN, {"path": "a", "directory": {key: "[a-z0-9]*"}}))
    assert ids(found) == [("application-glob-invalid", "broken", ("spec", "source", "directory", key))]
    assert (found.files, found.blocked) == (files, False)


def test_jsonnet_is_not_evaluated():
    found = only(resolve({"a/x.yaml": CONFIG_MAP, "a/y.jsonnet": "{}", "a/lib.libsonnet": "{}"}, {"path": "a"}))
    assert ids(found) == [("application-jsonnet", "unsupported", ("spec", "source", "path"))]
    assert (found.files, found.blocked) == (("a/x.yaml",), False)


def test_symbolic_links(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "real/charts/web").mkdir(parents=True)
    (tmp_path / "real/x.yaml").write_text(CONFIG_MAP)
    (tmp_path / "real/charts/web/Chart.yaml").write_text(CHART)
    (tmp_path / "a/x.yaml").symlink_to("../real/x.yaml")
    (tmp_path / "a/below").symlink_to("../real")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "outside").symlink_to("/usr")
    context = context_of(WorkTree(str(tmp_path)))
    assert only(resolve(context, {"path": "a", "directory": {"recurse": True}})).files == ("real/x.yaml",)
    through = only(resolve(context, {"path": "link/charts/web"}))
    assert (through.source.path, through.source.type, through.problems) == ("real/charts/web", "helm", ())
    linked = only(resolve(context, {"path": "link"}))
    assert ids(linked) == [("application-path-invalid", "broken", ("spec", "source", "path"))]
    assert linked.files == ()
    assert ids(only(resolve(context, {"path": "outside/share"})))[0][0] == "application-path-missing"
    values = only(resolve(context, {"path": "link/charts/web", "helm": {"valueFiles": ["/a/x.yaml", "/outside/x.yaml"]}}))
    assert values.source.values == ("real/x.yaml",)
    assert ids(values) == [("application-values-missing", "broken", ("spec", "source", "helm", "valueFiles", 1))]


# Destinations


@pytest.mark.parametrize(
    ("destination", "cluster", "state"),
    [
        ({"name": "in-cluster"}, "in-cluster", "hub"),
        ({"server": "https://kubernetes.default.svc"}, "in-cluster", "hub"),
        ({"server": "https://eu.example.com/"}, "eu", "eu"),
        ({"name": "eu"}, "eu", "eu"),
        ({"name": "us"}, "us", "us"),
        ({"server": "https://us.example.com/"}, "https://us.example.com", "https://us.example.com"),
        ({"server": "{{url}}"}, "{{url}}", "{{url}}"),
    ],
)
def test_destinations(destination: dict[str, Any], cluster: str, state: str):
    spec = {"source": {"repoURL": HERE, "path": "a"}, "destination": {**destination, "namespace": "shop"}}
    found = only(resolve(PLAIN, spec=spec, clusters={"eu": ClusterEntry("https://eu.example.com")}))
    assert (found.source.cluster, found.source.state, found.source.namespace, found.problems) == (cluster, state, "shop", ())


@pytest.mark.parametrize("destination", [{}, {"name": "eu", "server": "https://eu.example.com"}, None, "eu"])
def test_a_destination_that_names_no_cluster_or_two(destination: object):
    found = only(resolve(PLAIN, spec={"source": {"repoURL": HERE, "path": "a"}, "destination": destination}))
    assert ids(found) == [("application-destination", "broken", ("spec", "destination"))]
    assert (found.source.state, found.blocked, found.files) == ("hub", False, ("a/a.json", "a/b.yaml"))


def test_the_name_of_argo_cds_own_cluster_comes_from_the_configuration():
    clusters = {"hub-1": ClusterEntry("https://kubernetes.default.svc")}
    found = only(resolve(PLAIN, {"path": "a"}, clusters=clusters))
    assert (found.source.cluster, found.source.state) == ("hub-1", "hub")


# What is no Application


@pytest.mark.parametrize(
    ("spec", "route"),
    [
        (None, ("spec",)),
        ([], ("spec",)),
        ({}, ("spec",)),
        ({"source": 3}, ("spec", "source")),
        ({"sources": {}}, ("spec", "sources")),
        ({"sources": ["x"]}, ("spec", "sources", 0)),
        ({"sourceHydrator": {}}, ("spec", "sourceHydrator")),
        ({"source": {}}, ("spec", "source")),
        ({"source": {"repoURL": HERE}}, ("spec", "source")),
        ({"source": {"repoURL": 3, "path": "a"}}, ("spec", "source", "repoURL")),
        ({"source": {"repoURL": HERE, "path": ["a"]}}, ("spec", "source", "path")),
        ({"source": {"repoURL": HERE, "path": "a", "directory": ["x"]}}, ("spec", "source", "directory")),
        ({"source": {"repoURL": HERE, "path": "c", "helm": {"values": {"a": 1}}}}, ("spec", "source", "helm", "values")),
    ],
)
def test_what_is_no_application(spec: object, route: tuple[str | int, ...]):
    if isinstance(spec, dict) and spec:
        spec["destination"] = {"name": "in-cluster"}
    found = only(resolve({**PLAIN, "c/Chart.yaml": CHART}, spec=spec))
    assert ("application-invalid", "broken", route) in ids(found)
    assert found.blocked


def test_an_application_without_a_name():
    found = only(resolve({"c/Chart.yaml": CHART}, {"path": "c"}, metadata={"name": 3}))
    assert ids(found) == [("application-invalid", "broken", ("metadata",))]
    assert (found.source.application, helm_of(found).release) == (None, None)


def test_a_generated_application_leads_into_its_set():
    body = {"metadata": {"name": "web-eu"}, "spec": {"source": {"repoURL": HERE, "path": "no"}, "destination": {"name": "eu"}}}
    [found] = application_sources(
        declare({}), body, context_of(PLAIN), instance="hub", environment="prod", template_route=("spec", "template")
    )
    assert found.route == ("spec", "template", "spec", "source")
    assert ids(found) == [("application-path-missing", "broken", ("spec", "template", "spec", "source", "path"))]
    assert (found.source.application, found.source.environment, found.source.state) == ("web-eu", "prod", "eu")


_KEYS = st.sampled_from(
    ["repoURL", "path", "chart", "ref", "targetRevision", "helm", "kustomize", "directory", "plugin", "valueFiles", "parameters", "name",
     "value", "fileParameters", "values", "valuesObject", "include", "exclude", "recurse", "version", "kubeVersion", "images", "server"]
)  # fmt: skip
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False),
    st.sampled_from([HERE, ELSEWHERE, "a", "c", ".", "..", "/", "*", "[", "$x/y", "$", "oci://x/y", "{{x}}", "\ud800", "\x00", "a\nb"]),
)  # fmt: skip
_JUNK = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5), max_leaves=12)
_SOURCE = st.fixed_dictionaries(
    {"repoURL": st.just(HERE), "path": st.sampled_from(["a", "c"])}, optional={"helm": _JUNK, "directory": _JUNK, "kustomize": _JUNK}
)
_JUNK_CONTEXT = context_of({**PLAIN, "c/Chart.yaml": CHART})


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "source": _JUNK | _SOURCE,
            "sources": _JUNK | st.lists(_SOURCE | _JUNK, max_size=3),
            "destination": _JUNK,
            "project": _JUNK,
            "sourceHydrator": _JUNK,
        },
    )
    | _JUNK
)
def test_nothing_is_raised_whatever_an_application_holds(spec: object):
    for found in resolve(_JUNK_CONTEXT, spec=spec):
        assert not found.blocked or found.problems
        for problem in found.problems:
            assert "\n" not in problem.message
            problem.message.encode()
