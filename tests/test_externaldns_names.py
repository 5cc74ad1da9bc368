"""Host names, targets, TTLs, suffixes and values, as ExternalDNS parses them."""

import pytest

from linter.externaldns.annotations import POLICIES, SOURCE_TYPES, SUFFIXES, closest, is_known_suffix, readers
from linter.externaldns.names import (
    host_names,
    list_problem,
    name_problem,
    parse_ttl,
    record_type,
    split_list,
    target_problem,
    targets,
    ttl_problem,
)
from linter.externaldns.values import value_problem


class TestNames:
    def test_lists_are_split_as_the_controller_splits_them(self):
        assert split_list(" a.example.com , b. example.com ") == ["a.example.com", "b.example.com"]
        assert split_list("a,,b,") == ["a", "", "b", ""]
        assert split_list("a\nb") == ["a\nb"]
        assert split_list("") == [""]
        assert targets("") == []
        assert targets("a.example.com., 192.0.2.1") == ["a.example.com", "192.0.2.1"]
        assert host_names("A.example.com., ,b") == ["a.example.com", "b"]

    @pytest.mark.parametrize(
        "name",
        [
            "a.example.com",
            "a.example.com.",
            "*.example.com",
            "_acme.example.com",
            "a_b.example.com",
            "localhost",
            "1.example.com",
            "bücher.example.com",
            "a" * 63 + ".example.com",
            "xn--bcher-kva.example.com",
            "A-B.example.com",
        ],
    )
    def test_good_names(self, name):
        assert name_problem(name) is None

    @pytest.mark.parametrize(
        ("name", "word"),
        [
            ("", "empty"),
            (".", "empty"),
            ("a..b", "empty label"),
            (".a.b", "empty label"),
            ("https://a.b", "URL"),
            ("a.b/c", "slash"),
            ("a.b:80", "colon"),
            ("a.b;c.d", "semicolon"),
            ("a\nb", "line break"),
            ("a\tb", "tab"),
            ('"a.b"', "quotation"),
            ("-a.b", "letters"),
            ("a-.b", "letters"),
            ("a.*.b", "first label"),
            ("*a.b", "first label"),
            ("*.*.b", "first label"),
            ("a" * 64 + ".b", "64 characters"),
            (".".join(["a" * 50] * 6), "253"),
            ("10.0.0.1", "IP address"),
            ("a b", "letters"),
            ("me@example.com", "at sign"),
            ("a,b", "letters"),
        ],
    )
    def test_bad_names(self, name, word):
        assert word in name_problem(name)

    @pytest.mark.parametrize(
        ("value", "item"),
        [
            ("a.example.com b.example.com", "a.example.com b.example.com"),
            ("a.example.com,", ""),
            ("a.example.com,\n b.example.com", "\nb.example.com"),
            ("a.b\n", None),
            ("a.b, c.d", None),
            ("${HOST},<x>.example.com", None),
            ("{{ .Host }}", None),
        ],
    )
    def test_the_first_bad_item(self, value, item):
        found = list_problem(value)
        assert (found[0] if found else None) == item

    @pytest.mark.parametrize("target", ["192.0.2.1", "2001:db8::1", "lb.example.com", "lb"])
    def test_good_targets(self, target):
        assert target_problem(target) is None

    @pytest.mark.parametrize(
        ("target", "word"),
        [
            ("", "empty"),
            ("10.0.0.0/8", "range"),
            ("2001:db8::/32", "range"),
            ("10.0.0.300", "no valid IP"),
            ("192.0.2.1:80", "colon"),
            ("http://lb", "URL"),
            ("localhost", "host of whoever"),
            ("*.example.com", "wildcard"),
            ("lb.example.com/x", "slash"),
        ],
    )
    def test_bad_targets(self, target, word):
        assert word in target_problem(target)

    @pytest.mark.parametrize(
        ("target", "type"),
        [
            ("192.0.2.1", "A"),
            ("2001:db8::1", "AAAA"),
            ("10.0.0.300", "CNAME"),
            ("lb", "CNAME"),
            ("1.2.3", "CNAME"),
            ("fade", "CNAME"),
        ],
    )
    def test_record_types(self, target, type):
        assert record_type(target) == type

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("60", 60),
            ("60s", 60),
            ("1m30s", 90),
            ("1.5h", 5400),
            ("1.9s", 1),
            ("500ms", 0),
            ("0", 0),
            ("-5", -5),
            ("-5s", -5),
            ("1d", None),
            ("60 ", None),
            ("", None),
            ("s", None),
            ("1e3", None),
            ("9" * 30, None),
            ("9" * 400 + "h", None),
        ],
    )
    def test_ttl(self, value, seconds):
        assert parse_ttl(value) == seconds
        assert (ttl_problem(value) is None) == (seconds is not None and 1 <= seconds <= 2**31 - 1)


class TestSuffixes:
    def test_the_tables_agree(self):
        assert set(POLICIES) <= SUFFIXES
        for suffix in SUFFIXES:
            assert readers(suffix) <= SOURCE_TYPES, suffix

    @pytest.mark.parametrize(
        ("suffix", "meant"),
        [
            ("hostnames", "hostname"),
            ("host", "hostname"),
            ("Target", "target"),
            ("cloudflare_proxied", "cloudflare-proxied"),
            ("weight", "aws-weight"),
            ("aws-helth-check-id", "aws-health-check-id"),
            ("exclude", None),
            ("team", None),
        ],
    )
    def test_the_suffix_an_author_meant(self, suffix, meant):
        assert closest(suffix) == meant

    def test_which_kinds_read_what(self):
        assert "gateway.networking.k8s.io/Gateway" in readers("target")
        assert "gateway.networking.k8s.io/Gateway" not in readers("hostname")
        assert "gateway.networking.k8s.io/HTTPRoute" not in readers("target")
        assert "Node" not in readers("aws-weight")
        assert is_known_suffix("webhook-anything")
        assert not is_known_suffix("aws-anything")

    @pytest.mark.parametrize(
        ("suffix", "good", "bad"),
        [
            ("access", ["public", "private"], ["Public", ""]),
            ("endpoints-type", ["HostIP", "NodeExternalIP"], ["hostip", "PodIP"]),
            ("ingress-hostname-source", ["annotation-only", "DEFINED-HOSTS-ONLY"], ["annotations-only", ""]),
            ("ingress", ["a", "a/b"], ["a/b/c", "", "/a", "a/"]),
            ("alias", ["true", "false"], ["True", "A", "yes"]),
            ("record-type", ["ptr", "PTR", ""], ["a"]),
            ("aws-weight", ["0", "255"], ["256", "-1", "x", "1.5", ""]),
            ("aws-failover", ["PRIMARY", "SECONDARY"], ["primary", ""]),
            ("aws-multi-value-answer", ["", "true", "anything"], ["false", "False"]),
            ("aws-geoproximity-coordinates", ["48.1,11.5", "-90,180"], ["48.1, 11.5", "91,0", "0,181", "x"]),
            ("aws-geoproximity-bias", ["-99", "99"], ["100"]),
            ("aws-geolocation-continent-code", ["EU"], ["eu", "XX"]),
            ("aws-geolocation-country-code", ["DE", "*"], ["de", "DEU"]),
            ("hostname", ["whatever"], []),
        ],
    )
    def test_values(self, suffix, good, bad):
        assert [value for value in good if value_problem(suffix, value) is not None] == []
        assert [value for value in bad if value_problem(suffix, value) is None] == []
