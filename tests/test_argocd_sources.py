"""What the parts of an Application mean, each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.argocd.addresses import is_oci, names_fixed_revision, same_repository_key
from linter.argocd.destinations import Destination, destination_of
from linter.argocd.environment import UNKNOWN_REVISION, build_environment, substitute
from linter.argocd.kustomize_options import with_environment
from linter.argocd.overrides import merge_patch, overridden, override_names, sets
from linter.argocd.parameters import kube_version_of, set_expression
from linter.argocd.sources import declared_sources, detected_type, explicit_types, refs_of, without_zero_values
from linter.wording import without_credentials


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/Acme/Shop",
        "https://github.com/acme/shop.git",
        "https://github.com/acme/shop/",
        "https://user:token@github.com/acme/shop.git",
        "https://github.com:443/acme/shop",
        "http://GITHUB.com/acme/shop",
        "git@github.com:acme/shop.git",
        "github.com:acme/shop",
        "ssh://git@github.com/acme/shop.git",
        "ssh://git@ssh.github.com:443/acme/shop.git",
        "git://github.com/acme/shop",
        " https://github.com/acme/shop ",
        "github.com/acme/shop",
    ],
)
def test_addresses_of_one_repository(address: str):
    assert same_repository_key(address) == "github.com/acme/shop"


def test_other_addresses():
    assert same_repository_key("git@ssh.dev.azure.com:v3/Org/Project/Repo") == same_repository_key(
        "https://org@dev.azure.com/Org/Project/_git/Repo"
    )
    assert same_repository_key("file:///srv/git/shop.git") == same_repository_key("/srv/git/shop") == "/srv/git/shop"
    assert same_repository_key("oci://ghcr.io/acme/charts") == same_repository_key("ghcr.io/acme/charts")
    assert same_repository_key("https://git.example.com/a%20b/c") == "git.example.com/a b/c"
    assert same_repository_key("") == ""
    assert same_repository_key("https://github.com/acme/shop") != same_repository_key("https://github.com/acme/shop2")
    assert is_oci("oci://ghcr.io/x")
    assert not is_oci("ghcr.io/x")
    assert without_credentials("https://me:secret@git.example.com/x") == "https://git.example.com/x"
    assert without_credentials("git@github.com:x/y") == "git@github.com:x/y"


@given(st.text(max_size=30))
def test_any_text_is_an_address(address: str):
    assert same_repository_key(address) == same_repository_key(address + " ")


@pytest.mark.parametrize(
    "revision", ["v1.2.3", "1.2.3", "1.2", "1.x", ">=1.2", "~1", "*", "release/v1.2.0-rc.1", "refs/tags/x", "0a1b2c3", "f" * 39 + "1"]
)
def test_revisions_that_are_not_the_tree_at_hand(revision: str):
    assert names_fixed_revision(revision)


@pytest.mark.parametrize(
    "revision", ["", "HEAD", "main", "master", "develop", "release-1", "feature/2-x", "refs/heads/v1.2.3", "feedbed", "stable"]
)
def test_revisions_that_may_be_branches(revision: str):
    assert not names_fixed_revision(revision)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a-$NAME-b", "a-shop-b"),
        ("${NAME}x", "shopx"),
        ("$NAMEx", ""),
        ("$$NAME", "$NAME"),
        ("$", "$"),
        ("a$", "a$"),
        ("$ x", "$ x"),
        ("$/x", "$/x"),
        ("${}x", "x"),
        ("${NAME", "NAME"),
        ("$1x", "x"),
        ("$OTHER", ""),
        ("${$}", "$"),
    ],
)
def test_substitution_is_that_of_go(text: str, expected: str):
    assert substitute(text, {"NAME": "shop"}) == expected


def test_the_build_environment():
    found = build_environment(
        application="web", namespace="shop", project="", repository="https://x/y", path="apps/web", target_revision="main"
    )
    assert found == {
        "ARGOCD_APP_NAME": "web",
        "ARGOCD_APP_NAMESPACE": "shop",
        "ARGOCD_APP_PROJECT_NAME": "default",
        "ARGOCD_APP_REVISION": UNKNOWN_REVISION,
        "ARGOCD_APP_REVISION_SHORT": "deadbee",
        "ARGOCD_APP_REVISION_SHORT_8": "deadbeef",
        "ARGOCD_APP_SOURCE_REPO_URL": "https://x/y",
        "ARGOCD_APP_SOURCE_PATH": "apps/web",
        "ARGOCD_APP_SOURCE_TARGET_REVISION": "main",
    }
    assert len(UNKNOWN_REVISION) == 40


def test_the_environment_in_kustomize_options():
    options = {"images": ["web:$TAG", 3], "commonLabels": {"a": "$TAG", "b": 1}, "commonAnnotations": {"c": "$TAG"}, "namePrefix": "$TAG"}
    assert with_environment(options, {"TAG": "1"}) == {
        "images": ["web:1", 3],
        "commonLabels": {"a": "1", "b": 1},
        "commonAnnotations": {"c": "$TAG"},
        "namePrefix": "$TAG",
    }
    changed = with_environment({**options, "commonAnnotationsEnvsubst": True}, {"TAG": "1"})
    assert changed["commonAnnotations"] == {"c": "1"}


@pytest.mark.parametrize(
    ("value", "expression"),
    [("1", "a.b=1"), ("x,y", r"a.b=x\,y"), (r"x\,y", r"a.b=x\,y"), ("{x,y}", "a.b={x,y}"), ("", "a.b="), (",,", r"a.b=\,\,")],
)
def test_parameters_as_helm_reads_them(value: str, expression: str):
    assert set_expression("a.b", value) == expression


@pytest.mark.parametrize(
    ("written", "version"), [("1.31", "1.31"), ("v1.30.2+k3s1", "1.30.2"), ("1.29.0-eks-x", "1.29.0"), ("1", None), ("latest", None)]
)
def test_versions_of_kubernetes(written: str, version: str | None):
    assert kube_version_of(written) == version


def test_destinations():
    assert Destination(name="in-cluster").in_cluster
    assert Destination(server="https://kubernetes.default.svc/").in_cluster
    assert not Destination(server="https://eu.example.com").in_cluster
    assert Destination(name="eu").problem is None
    assert Destination().problem == "names no cluster"
    assert "twice" in (Destination(name="eu", server="https://eu.example.com").problem or "")
    assert destination_of({"destination": {"name": 3, "namespace": "shop"}}) == Destination(namespace="shop")
    assert destination_of([]) == Destination()


def test_override_files():
    assert override_names("web") == ((".argocd-source.yaml",), (".argocd-source-web.yaml",))
    assert override_names("web", "team")[1] == (".argocd-source-team_web.yaml", ".argocd-source-web.yaml")
    assert override_names("../web") == override_names("") == ((".argocd-source.yaml",),)
    source = {"repoURL": "r", "path": "p", "helm": {"parameters": [1, 2], "releaseName": "x", "values": "a: 1"}}
    first = {"path": "other", "chart": "c", "helm": {"parameters": [3], "releaseName": None}}
    assert overridden(source, [first, {"kustomize": {"namePrefix": "x-"}}]) == {
        "repoURL": "r",
        "path": "p",
        "helm": {"parameters": [3], "values": "a: 1"},
        "kustomize": {"namePrefix": "x-"},
    }
    assert merge_patch({"a": {"b": 1}}, {"a": {"b": None, "c": {"d": None}}}) == {"a": {"c": {}}}
    assert sets(first, ("helm", "parameters", 0, "value"))
    assert not sets(first, ("helm", "values"))


def test_which_sources_count():
    one, two = {"repoURL": "a", "path": "x"}, {"repoURL": "b", "ref": "values"}
    assert [source.route for source in declared_sources({"source": one})] == [("source",)]
    several = declared_sources({"source": one, "sources": [two, one, "no mapping"]})
    assert [(source.route, source.index, source.only_refers) for source in several] == [
        (("sources", 0), 0, True),
        (("sources", 1), 1, False),
    ]
    assert [source.route for source in declared_sources({"source": one, "sources": []})] == [("source",)]
    hydrated = declared_sources({"source": one, "sources": [one], "sourceHydrator": {"drySource": two}})
    assert [(source.route, source.body) for source in hydrated] == [(("sourceHydrator", "drySource"), two)]
    assert declared_sources({"source": 3}) == declared_sources({}) == []
    assert refs_of(several).keys() == {"values"}
    assert refs_of(declared_sources({"source": two})) == {}


def test_types_that_are_named():
    assert explicit_types(without_zero_values({"helm": {}, "kustomize": {"images": []}, "directory": {"recurse": False}})) == []
    assert explicit_types(without_zero_values({"helm": {"values": "", "skipCrds": False, "version": None}})) == []
    assert explicit_types(without_zero_values({"helm": {"valuesObject": {}}})) == ["helm"]
    assert explicit_types(without_zero_values({"plugin": {}})) == ["plugin"]
    assert explicit_types(without_zero_values({"directory": {"include": "*.yaml"}})) == ["directory"]
    assert explicit_types(without_zero_values({"directory": {"jsonnet": {"tlas": []}}})) == []
    assert explicit_types({"helm": {"releaseName": "x"}, "kustomize": {"namePrefix": "y"}}) == ["kustomize", "helm"]


def test_types_that_files_tell():
    assert detected_type(["Chart.yaml", "values.yaml"]) == "helm"
    assert detected_type(["MyChart.yaml"]) == "helm"
    assert detected_type(["Chart.yaml", "kustomization.yml"]) == "kustomize"
    assert detected_type(["Kustomization"]) == "kustomize"
    assert detected_type(["deployment.yaml", "chart.yaml", "kustomization.yaml.bak"]) == "directory"
