"""Present, Missing or Unknown: one case for each clause of what `DesiredState.find` promises."""

from __future__ import annotations

import json

import pytest

RULE = "identity/service-account-missing"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers: [{name: web, image: "registry.example.com/web:1.4.2"}]
"""


def account(name: str, namespace: str = "shop") -> str:
    return f"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}, namespace: {namespace}}}\n"


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
BROKEN_CHART = {"infra/chart/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n", "infra/chart/templates/a.yaml": '{{ fail "no" }}\n'}
KUSTOMIZATION = {"apps/overlay/kustomization.yaml": "resources: [deployment.yaml, gone.yaml]\n", "apps/overlay/deployment.yaml": DEPLOYMENT}


@pytest.mark.parametrize(
    ("files", "config", "options", "missing"),
    [
        pytest.param({"apps/sa.yaml": account("web")}, {}, {}, False, id="present: declared in this state"),
        pytest.param({}, {}, {}, False, id="unknown: nothing says that accounts are declared here"),
        pytest.param(
            {"apps/sa.yaml": account("other")}, {}, {}, True, id="missing: the referrer's source declares that kind in that namespace"
        ),
        pytest.param({"apps/sa.yaml": account("other", "billing")}, {}, {}, False, id="unknown: that kind only in another namespace"),
        pytest.param({"apps/ns.yaml": NAMESPACE}, {}, {}, True, id="missing: the state holds the namespace"),
        pytest.param({"infra/ns.yaml": NAMESPACE}, {}, {}, False, id="unknown: another state holds the namespace"),
        pytest.param({}, {"owned": [{"kind": "ServiceAccount"}]}, {}, True, id="missing: listed under owned"),
        pytest.param(
            {}, {"owned": [{"kind": "ServiceAccount", "namespace": "billing"}]}, {}, False, id="unknown: owned in another namespace only"
        ),
        pytest.param(
            {"apps/ns.yaml": NAMESPACE, "infra/sa.yaml": account("web")}, {}, {}, False, id="unknown: declared elsewhere in the repository"
        ),
        pytest.param(
            {"apps/ns.yaml": NAMESPACE, **KUSTOMIZATION},
            {"states": {"all": ["apps"]}},
            {},
            False,
            id="unknown: a source of the state cannot be rendered",
        ),
        pytest.param(
            {"apps/ns.yaml": NAMESPACE}, {"externals": [{"kind": "ServiceAccount"}]}, {}, False, id="unknown: listed under externals"
        ),
        pytest.param(
            {}, {"externals": [{"kind": "ServiceAccount"}]}, {"closed_world": True}, False, id="unknown: externals hold in a closed world"
        ),
        pytest.param({}, {}, {"closed_world": True}, True, id="missing: unknown becomes missing in a closed world"),
        pytest.param(
            {"apps/ns.yaml": NAMESPACE, "infra/sa.yaml": account("web")},
            {},
            {"closed_world": True},
            True,
            id="missing: closed means this state alone",
        ),
    ],
)
def test_each_clause(lint, files, config, options, missing):
    report = lint({"apps/web.yaml": DEPLOYMENT, ".gitops-lint.yaml": json.dumps(config), **files}, select=(RULE,), **options)
    assert [finding.rule for finding in report.findings] == ([RULE] if missing else [])


def test_a_placeholder_is_unknown(lint):
    deployment = DEPLOYMENT.replace("serviceAccountName: web", "serviceAccountName: ${ACCOUNT}")
    assert not lint({"apps/web.yaml": deployment, "apps/ns.yaml": NAMESPACE}, select=(RULE,)).findings


def test_a_secret_is_missing_only_when_owned():
    from linter.manifest.decoder import decode_text
    from linter.manifest.resources import resources_of
    from linter.model import DesiredState, Document, ManifestFile, Source, StateOptions
    from linter.model.state import ObjectPattern

    text = f"{NAMESPACE}---\n{DEPLOYMENT}---\napiVersion: v1\nkind: Secret\nmetadata: {{name: a, namespace: shop}}\n"
    source = Source("apps", "directory", "apps")
    file = ManifestFile("apps/all.yaml", text, source)
    resources = [resource for entry in decode_text(text) for resource in resources_of(Document(file, entry.index, entry.value))]
    referrer = resources[1]
    for kind in ("Secret", "PersistentVolumeClaim"):
        assert DesiredState("apps", [source], resources).find(kind, "shop", "b", referrer=referrer).unknown
        owned = StateOptions(owned=(ObjectPattern(kind),))
        assert DesiredState("apps", [source], resources, owned).find(kind, "shop", "b", referrer=referrer).missing
