"""The lists of other linters' checks, and the page that says which rule covers each of them."""

from __future__ import annotations

import os
import re
from dataclasses import replace

import pytest

from docs.coverage import AREAS, coverage_page, gaps, read_peers, rules_by_check
from linter.packs.catalog import Catalog, load_catalog

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What the checks are about that the page leaves out.
OTHER_AREAS = {
    "rbac", "network", "availability", "scheduling", "references", "schema", "api-versions", "istio", "cluster", "other",
}  # fmt: skip
# How many checks each linter has at the version named in its list, and how many of them are about the areas of the page.
SIZES = {
    "checkov": (119, 45),
    "kube-linter": (63, 34),
    "kube-score": (39, 18),
    "kubescape": (281, 83),
    "kyverno": (330, 105),
    "polaris": (44, 26),
    "trivy": (169, 51),
}
# The form of an id.
IDS = {
    "checkov": r"CKV2?_K8S_[1-9]\d*",
    "kube-linter": r"[a-z][a-z0-9-]+",
    "kube-score": r"[a-z][a-z-]+",
    "kubescape": r"C-\d{4}",
    "kyverno": r"[A-Za-z][A-Za-z0-9-]+",
    "polaris": r"[a-z][A-Za-z]+",
    "trivy": r"K[SC]V-\d{4,5}",
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def peers():
    return {peer["name"]: peer for peer in read_peers(os.path.join(ROOT, "docs", "peers"))}


def area_of(peer, check: str) -> str:
    return next(each["area"] for each in peer["checks"] if each["id"] == check)


def test_there_is_a_list_of_each_linter(peers):
    assert {name: (len(peer["checks"]), sum(each["area"] in AREAS for each in peer["checks"])) for name, peer in peers.items()} == SIZES
    for name, peer in peers.items():
        assert re.fullmatch(r"[0-9a-f]{7,10} of 202\d-\d\d-\d\d", peer["version"]), name
        assert peer["source"].startswith("https://github.com/"), name
        assert peer["title"].lower().startswith(name), name


def test_each_check_has_an_id_and_an_area_and_nothing_else_but_a_reason(peers):
    for name, peer in peers.items():
        for check in peer["checks"]:
            assert {"id", "area"} <= set(check) <= {"id", "area", "reason"}, check
            assert re.fullmatch(IDS[name], check["id"]), check
            assert check["area"] in {*AREAS, *OTHER_AREAS}, check


def test_a_reason_is_a_short_sentence_about_a_check_of_the_page(peers, catalog):
    for peer in peers.values():
        for check in peer["checks"]:
            if "reason" in check:
                assert check["area"] in AREAS, check
                assert 20 <= len(check["reason"]) <= 160, check
                assert not re.search(r"[|`<>\n]|\.$", check["reason"]), check
                assert all(rule in catalog.rules for rule in re.findall(r"\b[a-z]+/[a-z-]+", check["reason"])), check


def test_every_check_has_a_rule_or_a_reason(peers, catalog):
    assert [line for peer in peers.values() for line in gaps(peer, catalog.rules.values())] == []


def test_what_rules_call_equivalent_exists(peers, catalog):
    for name, peer in peers.items():
        named = rules_by_check(catalog.rules.values(), name)
        assert named
        assert named.keys() <= {check["id"] for check in peer["checks"]}


def test_an_area_holds_what_its_pack_covers(peers, catalog):
    """A check that a rule of one of these packs covers does not stand where nobody reads of it."""
    for name, peer in peers.items():
        for check, rules in rules_by_check(catalog.rules.values(), name).items():
            if all(rule.pack in AREAS for rule in rules):
                assert area_of(peer, check) in AREAS, f"{name} {check}, which {rules[0].id} covers"


@pytest.mark.parametrize(
    ("name", "check", "area"),
    [
        ("kube-linter", "unset-cpu-requirements", "resources"),
        ("kube-score", "pod-probes", "probes"),
        ("polaris", "tagNotSpecified", "images"),
        ("trivy", "KSV-0013", "images"),
        ("trivy", "KCV-0001", "cluster"),
        ("kubescape", "C-0034", "identity"),
        ("kubescape", "C-0092", "cluster"),
        ("checkov", "CKV_K8S_8", "probes"),
        ("checkov", "CKV_K8S_141", "cluster"),
        ("kyverno", "require-labels", "labels"),
        ("kyverno", "add-labels", "other"),
    ],
)
def test_checks_stand_in_their_areas(peers, name, check, area):
    assert area_of(peers[name], check) == area


def test_the_page_has_one_row_for_each_check_of_its_areas(peers, catalog):
    page = coverage_page(catalog, peers.values())
    rows = re.findall(r"^\| ([^|]+) \| `([^`|]+)` \| ([^|\n]+) \|$", page, re.MULTILINE)
    due = [(peer["title"], check["id"]) for peer in peers.values() for check in peer["checks"] if check["area"] in AREAS]
    assert sorted((title, check) for title, check, _ in rows) == sorted(due)
    for _, _, text in rows:
        for rule in re.findall(r"\(\.\./rules/([^)]+)\.md\)", text):
            assert rule in catalog.rules
    for name, peer in peers.items():
        inside = [check["id"] for check in peer["checks"] if check["area"] in AREAS]
        covered = sum(check in rules_by_check(catalog.rules.values(), name) for check in inside)
        assert f"| {peer['title']} | {peer['version']} | {len(inside)} | {covered} | {len(inside) - covered} |" in page


def test_a_check_that_is_listed_twice_is_refused(tmp_path):
    (tmp_path / "other.yaml").write_text("name: other\nchecks:\n  - {id: a, area: labels}\n  - {id: a, area: probes}\n")
    with pytest.raises(ValueError, match=r"other\.yaml lists a twice"):
        read_peers(str(tmp_path))


def test_what_is_wrong_with_a_list_is_said(catalog):
    rule = replace(catalog.rules["probes/liveness-missing"], equivalents={"other": ("covered", "gone")})
    peer = {
        "name": "other",
        "title": "Other",
        "version": "1",
        "checks": [
            {"id": "covered", "area": "probes", "reason": "nobody needs it"},
            {"id": "open", "area": "labels"},
            {"id": "outside", "area": "network"},
        ],
    }
    assert sorted(gaps(peer, [rule])) == [
        "other covered: a reason, though probes/liveness-missing covers it",
        "other has no check gone, which probes/liveness-missing names",
        "other open: neither a rule nor a reason",
    ]
    with pytest.raises(ValueError, match="other open: neither a rule nor a reason"):
        coverage_page(catalog, [peer])
