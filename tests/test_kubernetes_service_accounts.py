"""Which account a pod runs as, which tokens it holds, and the grammar of cloud identities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes_objects import state

from linter.kubernetes.identity.cloud_identities import (
    google_account_problem,
    is_example_account,
    is_example_project,
    is_uuid,
    role_arn_problem,
)
from linter.kubernetes.identity.service_accounts import account_name, account_route, api_tokens, automounts, workloads_of
from linter.kubernetes.pods import pod_template

ACCOUNT = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}%s}"


def pod_text(spec):
    containers = "containers: [{name: web, image: web}]"
    return f"{{apiVersion: v1, kind: Pod, metadata: {{name: web, namespace: shop}}, spec: {{{containers}, {spec}}}}}"


def pod_in(spec, *others):
    found = state(pod_text(spec), *others)
    return pod_template(found.of_kind("Pod")[0]), found


@pytest.mark.parametrize(
    ("spec", "name", "route"),
    [
        ("serviceAccountName: web", "web", ("spec", "serviceAccountName")),
        ("serviceAccount: old", "old", ("spec", "serviceAccount")),
        ("serviceAccount: old, serviceAccountName: web", "web", ("spec", "serviceAccountName")),
        ('serviceAccount: old, serviceAccountName: ""', "old", ("spec", "serviceAccount")),
        ("serviceAccountName: 7", "default", ("spec",)),
        ("hostNetwork: false", "default", ("spec",)),
    ],
)
def test_the_account_of_a_pod(spec, name, route):
    pod, _ = pod_in(spec)
    assert (account_name(pod), account_route(pod)) == (name, route)


@pytest.mark.parametrize(
    ("of_pod", "of_account", "expected"),
    [(None, None, True), (None, False, False), (None, True, True), (True, False, True), (False, True, False), (False, None, False)],
)
def test_the_pod_decides_before_its_account(of_pod, of_account, expected):
    words = {True: "true", False: "false"}
    spec = "serviceAccountName: web" + (f", automountServiceAccountToken: {words[of_pod]}" if of_pod is not None else "")
    pod, found = pod_in(spec, ACCOUNT % (f", automountServiceAccountToken: {words[of_account]}" if of_account is not None else ""))
    assert automounts(pod, found.of_kind("ServiceAccount")[0]) is expected
    assert bool(api_tokens(pod, found)) is expected


def test_a_text_is_no_answer_to_automount():
    pod, found = pod_in('serviceAccountName: web, automountServiceAccountToken: "false"')
    (token,) = api_tokens(pod, found)
    assert token.reason == "its token is mounted by default"
    assert token.route == ("spec", "serviceAccountName")


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("", True),
        ("audience: ''", True),
        ("audience: https://kubernetes.default.svc", True),
        ("audience: https://kubernetes.default.svc.cluster.local", True),
        ("audience: vault", False),
        ("audience: sts.amazonaws.com", False),
        ("audience: 7", False),
    ],
)
def test_a_projected_token_opens_the_api_server_only_by_its_audience(audience, expected):
    token = f"{{path: token, {audience}}}" if audience else "{path: token}"
    pod, found = pod_in(
        f"automountServiceAccountToken: false, volumes: [{{}}, {{projected: {{sources: [{{}}, {{serviceAccountToken: {token}}}]}}}}]"
    )
    routes = [token.route for token in api_tokens(pod, found)]
    assert routes == ([("spec", "volumes", 1, "projected", "sources", 1, "serviceAccountToken")] if expected else [])


def test_a_token_secret_holds_the_token_of_its_account():
    secret = """
        apiVersion: v1
        kind: Secret
        metadata: {name: admin-token, namespace: shop, annotations: {kubernetes.io/service-account.name: admin}}
        type: kubernetes.io/service-account-token
    """
    pod, found = pod_in("automountServiceAccountToken: false, volumes: [{name: t, secret: {secretName: admin-token}}]", secret)
    (token,) = api_tokens(pod, found)
    assert (token.namespace, token.account, token.route) == ("shop", "admin", ("spec", "volumes", 0, "secret", "secretName"))
    pod, found = pod_in(
        "automountServiceAccountToken: false, volumes: [{secret: {secretName: admin-token}}]", secret.replace("account-token", "other")
    )
    assert api_tokens(pod, found) == []


def test_a_mount_of_ones_own_at_the_tokens_path_keeps_the_token_out():
    mounts = "{name: web, volumeMounts: [{name: none, mountPath: /var/run/secrets/kubernetes.io/serviceaccount/}]}"
    text = f"{{apiVersion: v1, kind: Pod, metadata: {{name: web, namespace: shop}}, spec: {{containers: [{mounts}]}}}}"
    found = state(text)
    assert api_tokens(pod_template(found.resources[0]), found) == []
    found = state(text.replace("}]}}", "}, {name: other}]}}"))
    assert len(api_tokens(pod_template(found.resources[0]), found)) == 1


def test_workloads_of_an_account():
    found = state(pod_text("serviceAccountName: web"), pod_text("serviceAccountName: other"), ACCOUNT % "")
    assert [pod.resource for pod in workloads_of(found.of_kind("ServiceAccount")[0], found)] == [found.resources[0]]


KEYS = ["projected", "sources", "serviceAccountToken", "secret", "secretName", "volumeMounts", "mountPath", "audience"]
anything = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=2),
)


@given(anything)
def test_malformed_pods_never_raise(value):
    pod, found = pod_in("hostPID: false")
    pod.spec.update({"volumes": value, "containers": value, "serviceAccountName": value, "automountServiceAccountToken": value})
    api_tokens(pod, found)
    account_route(pod)


# --- Cloud identities


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::314159265358:role/web",
        "arn:aws-cn:iam::314159265358:role/web",
        "arn:aws-us-gov:iam::314159265358:role/web",
        "arn:aws-iso-b:iam::314159265358:role/web",
        "arn:aws:iam::314159265358:role/service-role/team/web",
        "arn:aws:iam::314159265358:role/" + "w" * 64,
        "arn:aws:iam::314159265358:role/Web_+=,.@-1",
    ],
)
def test_arns_that_iam_accepts(arn):
    assert role_arn_problem(arn) is None
    assert not is_example_account(arn)


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("web", "is no ARN"),
        ("arn:aws:iam:role/web", "is no ARN"),
        ("arn:azure:iam::314159265358:role/web", "unknown partition `azure`"),
        ("arn:aws:sts::314159265358:assumed-role/web/x", "service `sts`"),
        ("arn:aws:iam:eu-west-1:314159265358:role/web", "region `eu-west-1`"),
        ("arn:aws:iam::31415926535:role/web", "not 12 digits"),
        ("arn:aws:iam::ACCOUNT:role/web", "account `ACCOUNT`"),
        ("arn:aws:iam::314159265358:user/web", "names `user`"),
        ("arn:aws:iam::314159265358:role/", "role name"),
        ("arn:aws:iam::314159265358:role/" + "w" * 65, "role name"),
        ("arn:aws:iam::314159265358:role/a b", "role name"),
        ("arn:aws:iam::314159265358:role/web\n", "white space"),
    ],
)
def test_arns_that_iam_refuses(arn, words):
    assert words in role_arn_problem(arn)


def test_example_accounts_are_well_formed_and_nobody_s():
    assert is_example_account("arn:aws:iam::123456789012:role/web")
    assert is_example_account("arn:aws-cn:iam::000000000000:role/web")
    assert not is_example_account("123456789012")


@pytest.mark.parametrize(
    "address",
    [
        "web-reader@shop-prod.iam.gserviceaccount.com",
        "web-reader@shop-prod.example.com.iam.gserviceaccount.com",
        "314159265358-compute@developer.gserviceaccount.com",
        "shop-prod@appspot.gserviceaccount.com",
    ],
)
def test_addresses_of_google_accounts(address):
    assert google_account_problem(address) is None
    assert not is_example_project(address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("web-reader", "has no project"),
        ("serviceAccount:web-reader@shop-prod.iam.gserviceaccount.com", "IAM policies only"),
        ("projects/shop-prod/serviceAccounts/web-reader@shop-prod.iam.gserviceaccount.com", "resource path"),
        ("web-reader@example.com", "ends in `example.com`"),
        ("web-reader@shop-prod.gserviceaccount.com", "is not of the form"),
        ("web-reader@PROJECT.iam.gserviceaccount.com", "placeholder"),
        (" web-reader@shop-prod.iam.gserviceaccount.com", "white space"),
        ("web@shop-prod.iam.gserviceaccount.com", "a name of 3 characters"),
    ],
)
def test_addresses_that_cannot_exist(address, words):
    assert words in google_account_problem(address)


def test_example_projects_and_uuids():
    assert is_example_project("web-reader@my-project.iam.gserviceaccount.com")
    assert is_example_project("web-reader@your-gcp-project.iam.gserviceaccount.com")
    assert not is_example_project("web-reader@my-project-prod.iam.gserviceaccount.com")
    assert is_uuid("7D8CDF74-4f1a-4f6b-9a0e-2c6b0f1d3e55")
    assert not is_uuid("7d8cdf744f1a4f6b9a0e2c6b0f1d3e55")
