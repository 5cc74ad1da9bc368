"""Addresses, numbers and percentages, and the data of ConfigMaps and Secrets, as kube-apiserver 1.36.3 judges them."""

import base64

import pytest
from kubernetes_objects import SOURCE, resource

from linter.kubernetes.targets import minor_version
from linter.kubernetes.validation.addresses import address_problem, endpoint_problem, range_problem
from linter.kubernetes.validation.config_data import MAX_BYTES, config_map_problems, secret_problems
from linter.kubernetes.validation.values import qualified_path_problem, share_problem
from linter.model import DesiredState, Document, ManifestFile, Resource, StateOptions

EMPTY = DesiredState("app", [SOURCE], [])


def places(problems):
    """Where the violations are, as dotted texts."""
    return [".".join(map(str, problem.route)) for problem in problems]


def state(version):
    return DesiredState("app", [SOURCE], [], StateOptions(targets={"kubernetes": version}))


def wrap(body):
    """The object of a decoded body."""
    document = Document(ManifestFile("a.yaml", "", SOURCE), 0, body)
    api_version, kind = body["apiVersion"], body["kind"]
    group = api_version.rpartition("/")[0]
    return Resource(
        document, body, type=kind, api_version=api_version, group=group, kind=kind, name="a", namespace="a", declared_namespace=None
    )


@pytest.mark.parametrize("text", ["10.0.0.1", "2001:db8::1", "::1", "0.0.0.0", "2001:DB8:0:0::1"])
def test_addresses(text):
    assert address_problem(text) is None


@pytest.mark.parametrize("text", ["10.0.0", "10.0.0.256", "x", "", "fe80::1%eth0", "10.0.0.1/32", " 10.0.0.1"])
def test_what_is_no_address(text):
    assert address_problem(text) is not None
    assert address_problem(text, strict=False) is not None


@pytest.mark.parametrize("text", ["010.0.0.1", "::ffff:10.0.0.1"])
def test_addresses_that_were_accepted_before_1_36(text):
    assert address_problem(text, strict=False) is None
    assert "10.0.0.1" in address_problem(text)


@pytest.mark.parametrize("text", ["10.0.0.0/8", "0.0.0.0/0", "10.0.0.1/32", "2001:db8::/32", "::/0"])
def test_ranges(text):
    assert range_problem(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10.0.0.1", "one address is `10.0.0.1/32`"),
        ("10.0.0.0/33", "no prefix length between 0 and 32"),
        ("10.0.0.0/", "no prefix length between 0 and 32"),
        ("web", "is not a range of addresses"),
        ("", "is not a range of addresses"),
    ],
)
def test_what_is_no_range(text, words):
    assert words in range_problem(text)
    assert range_problem(text, strict=False) is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10.0.0.1/8", "the range is `10.0.0.0/8`, the address alone `10.0.0.1/32`"),
        ("10.0.0.0/08", "write `10.0.0.0/8`"),
        ("::ffff:10.0.0.0/104", "in the form of IPv6"),
    ],
)
def test_ranges_that_were_accepted_before_1_36(text, words):
    assert range_problem(text, strict=False) is None
    assert words in range_problem(text)


@pytest.mark.parametrize("text", ["127.0.0.1", "::1", "0.0.0.0", "169.254.169.254", "fe80::1", "224.0.0.251", "ff02::1"])
def test_addresses_no_endpoint_can_have(text):
    assert endpoint_problem(text) is not None


@pytest.mark.parametrize("text", ["10.0.0.1", "224.1.0.1", "2001:db8::1", "ff05::1"])
def test_addresses_an_endpoint_can_have(text):
    assert endpoint_problem(text) is None


@pytest.mark.parametrize("value", [0, 5, 3.0, "0%", "25%", "100%", None, True, [], {}])
def test_shares_that_are_fine_or_another_rules_business(value):
    assert share_problem(value) is None


@pytest.mark.parametrize("value", [-1, "1", "abc", "-5%", "5 %", "%", "", "101%", "5.5%"])
def test_shares_that_are_refused(value):
    assert share_problem(value) is not None


def test_more_than_all_pods_where_that_is_allowed():
    assert share_problem("200%", at_most_all=False) is None


@pytest.mark.parametrize(
    ("path", "valid"), [("example.com/a", True), ("example.com/a/b", True), ("nginx", False), ("/a", False), ("a/", False), ("A/b", False)]
)
def test_qualified_paths(path, valid):
    assert (qualified_path_problem(path) is None) is valid


@pytest.mark.parametrize(("version", "minor"), [("1.34", 34), ("1.34.2", 34), (None, 99), ("", 99), ("v", 99)])
def test_the_targeted_minor_version(version, minor):
    assert minor_version(state(version)) == minor


@pytest.mark.parametrize("value", ["", "YQ==", "YWI=", "YWJj", "YQ==\\n", "Y\\nQ==", "YWJj\\r\\n", "YR=="])
def test_base64_that_the_api_server_takes(value):
    secret = resource(f'{{apiVersion: v1, kind: Secret, metadata: {{name: a}}, data: {{a: "{value}"}}}}')
    assert list(secret_problems(secret, EMPTY)) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("YQ", "padding"),
        ("YQ=", "padding"),
        ("YQ==YQ==", "characters"),
        ("Y Q==", "characters"),
        ("a-_b", "for URLs"),
        ("Y", "length"),
        ("====", "padding"),
    ],
)
def test_base64_that_it_does_not_take_and_never_shows(value, words):
    secret = resource(f'{{apiVersion: v1, kind: Secret, metadata: {{name: a}}, data: {{a: "{value}"}}}}')
    (problem,) = secret_problems(secret, EMPTY)
    assert words in problem.message
    assert value not in problem.message + problem.fix or len(value) < 3


@pytest.mark.parametrize("over", [0, 1])
def test_the_size_of_a_config_map_is_measured_in_bytes(over):
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    body["data"] = {"a": "ä" * (MAX_BYTES // 2 - 2) + "a" * over}
    body["binaryData"] = {"b": base64.b64encode(b"abcd").decode()}
    problems = list(config_map_problems(wrap(body), EMPTY))
    assert places(problems) == (["data"] if over else [])


def test_the_size_of_a_secret_counts_decoded_bytes():
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"a": base64.b64encode(b"x" * MAX_BYTES).decode()}}
    assert list(secret_problems(wrap(body), EMPTY)) == []
    body["stringData"] = {"b": "x"}
    assert places(secret_problems(wrap(body), EMPTY)) == ["data"]


@pytest.mark.parametrize(
    ("content", "valid"),
    [("{}", True), ("null", True), ("[]", False), ("1", False), ("", False), ('{"a": NaN}', False), ("[" * 9999, False)],
)
def test_docker_configurations_are_json_objects(content, valid):
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "type": "kubernetes.io/dockerconfigjson"}
    for field, value in (("stringData", content), ("data", base64.b64encode(content.encode()).decode())):
        assert (list(secret_problems(wrap({**body, field: {".dockerconfigjson": value}}), EMPTY)) == []) is valid
