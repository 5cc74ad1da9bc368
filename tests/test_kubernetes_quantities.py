"""Quantities as the API server reads them. What `parse_quantity` is expected to say was asked of k8s.io/apimachinery 0.36.3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes_objects import resource

from linter.kubernetes.scalars.quantities import NANOS, has_number, in_bytes, parse_quantity, quantity_problem, quantity_suggestion
from linter.kubernetes.writing.quantity_fields import quantities_of

DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("00012", 12 * NANOS),
        ("1Gi", 2**30 * NANOS),
        ("1.5G", 1_500_000_000 * NANOS),
        ("512m", 512_000_000),
        ("-5", -5 * NANOS),
        ("1e3", 1000 * NANOS),
        ("1E3", 1000 * NANOS),
        ("1E", 10**18 * NANOS),
        ("1e+3", 1000 * NANOS),
        ("1.e5", 100_000 * NANOS),
        ("1.G", 10**9 * NANOS),
        (" 1 ", NANOS),
        ("-.5", -500_000_000),
        (".5Mi", 524_288 * NANOS),
        # What is finer than a billionth is rounded up.
        ("1e-20", 1),
        ("0.1n", 1),
        ("-0.1n", -1),
        ("1.000000000000001Gi", 1_073_741_824_000_001_074),
        # Binary suffixes are capped, decimal ones are not.
        ("16Ei", (2**63 - 1) * NANOS),
        ("1000000000000000000000", 10**21 * NANOS),
        # Digits may be missing.
        ("m", 0),
        (".", 0),
        ("+", 0),
        ("Ki", 0),
        ("e5", 0),
    ],
)
def test_amounts(text, amount):
    assert parse_quantity(text) == amount
    assert quantity_problem(text) is None


@pytest.mark.parametrize(
    "text", ["", "0x1", "1KI", "1K", "1Kb", "1e", "1_000", "9e18Ki", "1mi", "1G1", "1e2.5", "++1", "n5", "5um", "Ei", "1 Gi", "é"]
)
def test_no_quantities(text):
    assert parse_quantity(text) is None
    assert quantity_problem(text)


def test_numbers_are_quantities_and_other_types_are_not_judged():
    assert parse_quantity(2) == 2 * NANOS
    assert parse_quantity(0.5) == NANOS // 2
    assert parse_quantity(1e-7) == 100
    for value in (True, None, [], {}, float("nan"), float("inf")):
        assert parse_quantity(value) is None
    assert quantity_problem(True) is None
    assert quantity_problem({}) is None


def test_absurd_lengths_and_exponents_are_answered_at_once():
    assert parse_quantity("9" * 100_000) is None
    assert parse_quantity("1e999999999999999999") > parse_quantity("1E")
    assert parse_quantity("1e-999999999999999999") == 1


@given(st.integers(-(10**15), 10**15), st.sampled_from([*DECIMAL, *BINARY]))
def test_every_suffix_is_exact(number, suffix):
    if suffix in BINARY:
        most = (2**63 - 1) * NANOS
        expected = max(-most, min(number * 2 ** BINARY[suffix] * NANOS, most))
    else:
        expected = number * 10 ** (9 + DECIMAL[suffix])
    assert parse_quantity(f"{number}{suffix}") == expected


@given(st.integers(0, 10**6), st.integers(0, 999_999))
def test_a_fraction_in_one_unit_is_a_whole_number_in_a_smaller_one(whole, micros):
    assert parse_quantity(f"{whole}.{micros:06}M") == parse_quantity(f"{whole * 10**6 + micros}")


@given(st.text(st.sampled_from("0123456789.eE+-numkKMGTPEi ,"), max_size=8))
def test_text_is_a_quantity_or_has_a_problem(text):
    assert (parse_quantity(text) is None) == (quantity_problem(text) is not None)
    quantity_suggestion(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1gi", "`1Gi`"),
        ("512MB", "`512Mi` or `512M`"),
        ("1K", "`1Ki` (1024) or `1k` (1000)"),
        ("500 m", "`500m`"),
        ("1,5", "`1.5`"),
        ("2cores", "`2`"),
        ("10GiB", "`10Gi`"),
        ("many", None),
        ("5xyz", None),
    ],
)
def test_what_was_meant(text, meant):
    assert quantity_suggestion(text) == meant


def test_words():
    assert in_bytes(512 * NANOS) == "512 bytes"
    assert in_bytes(NANOS) == "1 byte"
    assert in_bytes(NANOS // 2) == "0.5 bytes"
    assert in_bytes(3 * 2**29 * NANOS) == "1.5 GiB"
    assert has_number("1Gi")
    assert not has_number("Gi")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{apiVersion: v1, kind: ResourceQuota, metadata: {name: a}, spec: {hard: {pods: 5}}}",
            [(("spec", "hard", "pods"), "pods", 5)],
        ),
        (
            "{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}, spec: {capacity: {storage: 1Gi}}}",
            [(("spec", "capacity", "storage"), "storage", "1Gi")],
        ),
        (
            "{apiVersion: v1, kind: LimitRange, metadata: {name: a}, spec: {limits: [{max: {cpu: 1}, maxLimitRequestRatio: {cpu: 2}}]}}",
            [(("spec", "limits", 0, "max", "cpu"), "cpu", 1), (("spec", "limits", 0, "maxLimitRequestRatio", "cpu"), "", 2)],
        ),
        (
            (
                "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {volumes: [{projected: {sources: [{downwardAPI: {items: "
                "[{resourceFieldRef: {divisor: 1m}}]}}]}}], overhead: {cpu: 1}}}"
            ),
            [
                (("spec", "overhead", "cpu"), "cpu", 1),
                (
                    ("spec", "volumes", 0, "projected", "sources", 0, "downwardAPI", "items", 0, "resourceFieldRef", "divisor"),
                    "",
                    "1m",
                ),
            ],
        ),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {memory: 1gi}}", []),
    ],
)
def test_where_quantities_stand(text, expected):
    assert list(quantities_of(resource(text))) == expected
