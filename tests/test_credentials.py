"""What is taken for a credential, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.kubernetes.scalars.credentials import credential_in, looks_secret, names_a_secret


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD",
        "DB_PASSWORD",
        "dbPassword",
        "MYSQL_ROOT_PASSWORD",
        "GF_SECURITY_ADMIN_PASSWORD",
        "API_KEY",
        "apiKey",
        "AWS_SECRET_ACCESS_KEY",
        "SECRET_KEY_BASE",
        "client-secret",
        "GITHUB_TOKEN",
        "SMTP_PASSWD",
        "SIGNING_KEY",
        "TOKEN",
        "CREDENTIALS",
    ],
)
def test_names_of_secrets(name):
    assert names_a_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD_FILE",
        "TOKEN_TTL",
        "SECRET_NAME",
        "MAX_TOKENS",
        "TOKEN_URL",
        "SECRET_KEY_CMD",
        "PASSWORDLESS",
        "TOKENIZER",
        "KEY",
        "PUBLIC_KEY",
        "ETCD_INITIAL_CLUSTER_TOKEN",
        "SECRET_STORE_KIND",
        "PASSWORD_POLICY",
        "SECRETS_PATH",
        "SECRETARY",
        "CACHE_KEY",
        "",
        "PASSWORD_MIN_LENGTH",
    ],
)
def test_names_about_secrets(name):
    assert not names_a_secret(name)


@pytest.mark.parametrize("value", ["hunter2", "b2c1f5e0a94d", "admin", "kHPdpIYtdtGXeStv", "correct horse battery staple", "p@ss/word!"])
def test_values_that_can_be_secrets(value):
    assert looks_secret(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "true",
        "False",
        "24h",
        "300",
        "1.5",
        "none",
        "/run/secrets/db",
        "./file",
        "https://login.example.com",
        "$(OTHER)",
        "${VAR}",
        "a${VAR}b",
        "{{ .Values.x }}",
        "<password>",
        "xxxxxxxx",
        "********",
        "changeme",
        "CHANGE_ME",
        "please-change-me",
        "replace-with-yours",
        "INSERT_TOKEN",
        "your-token",
        "my-secret",
        "example",
        "jwt,priv-key=/opt/key,ttl=10m",
        "vault/secret/data",
        "[redacted]",
        "todo",
    ],
)
def test_values_that_are_none(value):
    assert not looks_secret(value)


# Put together here, so that no file holds a text in the form of a credential.
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("an AWS access key", "AKIA" + "Q" * 16),
        ("a GitHub token", "x gh" + "p_" + "a" * 36),
        ("a GitHub token", "github_" + "pat_" + "1" * 70),
        ("a GitLab token", "glp" + "at-" + "b" * 20),
        ("a Slack token", "xox" + "b-123456789012-" + "c" * 24),
        ("a Slack webhook", "https://hooks.slack.com/services/T12345678/B12345678/" + "d" * 24),
        ("a Google API key", "AI" + "za" + "e" * 35),
        ("a Stripe key", "sk_" + "live_" + "f" * 24),
        ("an npm token", "np" + "m_" + "g" * 36),
        ("a DigitalOcean token", "dop_" + "v1_" + "0" * 64),
        ("a Hugging Face token", "h" + "f_" + "h" * 34),
        ("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "A" * 64),
        ("a private key", "-----BEGIN " + "PRIVATE KEY-----\n  " + "A" * 64),
    ],
)
def test_formats(kind, text):
    assert credential_in(text) == kind
    assert credential_in(text[:-40]) is None


@given(st.text(max_size=200))
def test_any_text(text):
    assert credential_in(text) is None or len(text) > 15
    assert looks_secret(text) in (True, False)
    assert names_a_secret(text) in (True, False)
