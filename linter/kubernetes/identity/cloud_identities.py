"""Annotations and labels that give a pod an identity at AWS, Google Cloud or Azure: where they belong, and their grammar.

Sources: the pod identity webhook of AWS (aws/amazon-eks-pod-identity-webhook, pkg/cache) and the IAM identifiers page of
the AWS documentation; "Workload Identity Federation for GKE" and "Create service accounts" of Google Cloud; "Service
account labels and annotations" of Azure Workload Identity.
"""

from __future__ import annotations

import re

from linter.model import mapping

ROLE_ARN = "eks.amazonaws.com/role-arn"
GOOGLE_ACCOUNT = "iam.gke.io/gcp-service-account"
AZURE_CLIENT = "azure.workload.identity/client-id"
AZURE_TENANT = "azure.workload.identity/tenant-id"
AZURE_USE = "azure.workload.identity/use"

# Read by their webhooks on the ServiceAccount only, and on the pod only.
ACCOUNT_ANNOTATIONS = (
    ROLE_ARN,
    "eks.amazonaws.com/audience",
    "eks.amazonaws.com/sts-regional-endpoints",
    GOOGLE_ACCOUNT,
    AZURE_CLIENT,
    AZURE_TENANT,
)
POD_ANNOTATIONS = (
    "eks.amazonaws.com/skip-containers",
    "azure.workload.identity/skip-containers",
    "azure.workload.identity/inject-proxy-sidecar",
    "azure.workload.identity/proxy-sidecar-port",
)

_ARN = re.compile(r"arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/(?:[!-~]{1,510}/)?[\w+=,.@-]{1,64}", re.ASCII)
# Account numbers that AWS uses in its documentation, and ones nobody can have been given.
_EXAMPLE_ACCOUNTS = frozenset({
    "123456789012", "111122223333", "444455556666", "210987654321", "012345678901", "012345678910", "123412341234",
    *(digit * 12 for digit in "0123456789"),
})  # fmt: skip
_GOOGLE_PROJECT = r"[a-z][a-z0-9-]{4,28}[a-z0-9](?:\.[a-z0-9-]+(?:\.[a-z0-9-]+)+)?"
_GOOGLE_EMAIL = re.compile(
    rf"[a-z0-9](?:[a-z0-9-]{{4,28}}[a-z0-9])@{_GOOGLE_PROJECT}\.iam\.gserviceaccount\.com"
    rf"|[0-9]+-compute@developer\.gserviceaccount\.com|{_GOOGLE_PROJECT}@appspot\.gserviceaccount\.com"
)
_EXAMPLE_PROJECTS = re.compile(r"(?:(?:my|your|example|gcp|gsa)-)*(?:project-id|project|gcp-project)")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def role_arn_problem(value: str) -> str | None:
    """What is wrong with the ARN of an IAM role, in words that follow the ARN; None if nothing is."""
    if _ARN.fullmatch(value):
        return None
    if value != value.strip():
        return "has white space around it"
    parts = value.split(":", 5)
    if parts[0] != "arn" or len(parts) != 6:
        return "is no ARN (`arn:aws:iam::<account>:role/<name>`)"
    _, partition, service, region, account, what = parts
    if not re.fullmatch(r"aws[a-z0-9-]*", partition):
        return f"has the unknown partition `{partition}`"
    if service != "iam":
        return f"belongs to the service `{service}`, not to `iam`"
    if region:
        return f"has the region `{region}`, and IAM has none"
    if not re.fullmatch(r"[0-9]{12}", account):
        return f"has the account `{account}`, which is not 12 digits"
    if not what.startswith("role/"):
        return f"names `{what.partition('/')[0]}`, not a role"
    return "has a role name that IAM does not allow (1 to 64 of letters, digits and `+=,.@_-`)"


def is_example_account(value: str) -> bool:
    """Whether a well-formed role ARN names an account number from documentation, which nobody owns."""
    return _ARN.fullmatch(value) is not None and value.split(":")[4] in _EXAMPLE_ACCOUNTS


def google_account_problem(value: str) -> str | None:
    """What is wrong with the e-mail address of an IAM service account, in words that follow the address; None if nothing is."""
    if _GOOGLE_EMAIL.fullmatch(value):
        return None
    if value != value.strip():
        return "has white space around it"
    if value.startswith("serviceAccount:"):
        return "starts with `serviceAccount:`, which belongs in IAM policies only"
    if "/serviceAccounts/" in value:
        return "is a resource path, and the annotation takes the e-mail address"
    name, at, domain = value.partition("@")
    if not at:
        return "has no project (`<name>@<project>.iam.gserviceaccount.com`)"
    if not domain.endswith("gserviceaccount.com"):
        return f"ends in `{domain}`, not in `iam.gserviceaccount.com`"
    if name != name.lower() or domain != domain.lower():
        return "has upper-case letters or a placeholder"
    if domain.endswith(".iam.gserviceaccount.com") and not 6 <= len(name) <= 30:
        return f"has a name of {len(name)} characters, and an IAM service account has 6 to 30"
    return "is not of the form `<name>@<project>.iam.gserviceaccount.com`"


def is_example_project(value: str) -> bool:
    """Whether a service account's address names a project such as `my-project` or `your-gcp-project`."""
    return _EXAMPLE_PROJECTS.fullmatch(value.partition("@")[2].partition(".")[0]) is not None


def is_uuid(value: str) -> bool:
    """Whether a value is a UUID, as Azure's client and tenant ids are."""
    return _UUID.fullmatch(value) is not None


def present(keys: tuple[str, ...], entries: object) -> list[str]:
    """Those of `keys` that stand in a mapping of labels or annotations."""
    return [key for key in keys if key in mapping(entries)]
