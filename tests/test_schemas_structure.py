"""Mistakes in the structure of built-in kinds: each is one finding, at its place, in these words."""

import pytest
from schema_mistakes import DEPLOYMENT, SERVICE, changed, loaded, mistakes, sentences

from linter.kubernetes.schemas.judging import mistakes_of, violations

CONTAINERS = DEPLOYMENT[DEPLOYMENT.index("      containers:") :]
POD = ("spec", "template", "spec")
CONTAINER = (*POD, "containers", 0)


def in_container(line):
    return changed(DEPLOYMENT, ("          ports:", f"          {line}\n          ports:"))


def in_pod(line):
    return changed(DEPLOYMENT, ("      containers:", f"      {line}\n      containers:"))


IN_CONTAINER = "`spec.template.spec.containers[0]`"

CASES = {
    "a misspelt field": (
        in_container("imagePullPolciy: Always"),
        (*CONTAINER, "imagePullPolciy"),
        f"unknown-field: `imagePullPolciy` is not a field of {IN_CONTAINER}; did you mean `imagePullPolicy`?",
    ),
    "letter case": (
        in_container("livenessprobe: {}"),
        (*CONTAINER, "livenessprobe"),
        f"unknown-field: `livenessprobe` is not a field of {IN_CONTAINER}; did you mean `livenessProbe`?",
    ),
    "a number in quotes": (
        changed(DEPLOYMENT, ("replicas: 3", 'replicas: "3"')),
        ("spec", "replicas"),
        "wrong-type: `spec.replicas` must be a whole number, but it is text (`3`)",
    ),
    "a container without name": (
        changed(DEPLOYMENT, ("- name: web\n          image", "- image")),
        CONTAINER,
        f"missing-field: {IN_CONTAINER} lacks the required field `name`",
    ),
    "containers one level up": (
        changed(DEPLOYMENT, (CONTAINERS, "      hostNetwork: true\n    containers: [{name: web, image: web}]\n")),
        ("spec", "template", "containers"),
        "unknown-field: `containers` is not a field of `spec.template`; it belongs to `spec.template.spec`",
    ),
    "containers one level up, and no pod left": (
        changed(DEPLOYMENT, (f"    spec:\n{CONTAINERS}", "    containers: [{name: web, image: web}]\n")),
        ("spec", "template", "containers"),
        "unknown-field: `containers` is not a field of `spec.template`; it belongs to `spec.template.spec`",
    ),
    "replicas one level down": (
        changed(DEPLOYMENT, ("  replicas: 3\n", ""), ("  template:\n", "  template:\n    replicas: 3\n")),
        ("spec", "template", "replicas"),
        "unknown-field: `replicas` is not a field of `spec.template`; it belongs to `spec`",
    ),
    "a field of containers at the pod": (
        in_pod("imagePullPolicy: Always"),
        (*POD, "imagePullPolicy"),
        "unknown-field: `imagePullPolicy` is not a field of `spec.template.spec`; it belongs to `spec.template.spec.containers[]`",
    ),
    "a field of the security context at the container": (
        in_container("runAsUser: 1000"),
        (*CONTAINER, "runAsUser"),
        f"unknown-field: `runAsUser` is not a field of {IN_CONTAINER}; it belongs to `spec.template.spec.containers[0].securityContext`",
    ),
    "a field of containers in the security context of the pod": (
        in_pod("securityContext: {allowPrivilegeEscalation: false}"),
        (*POD, "securityContext", "allowPrivilegeEscalation"),
        (
            "unknown-field: `allowPrivilegeEscalation` is not a field of `spec.template.spec.securityContext`; "
            "it belongs to `spec.template.spec.containers[].securityContext`"
        ),
    ),
    "two fields out of their place together": (
        in_container("limits: {cpu: 1}\n          requests: {cpu: 1}"),
        (*CONTAINER, "limits"),
        (
            f"unknown-field: `limits` and `requests` are not fields of {IN_CONTAINER}; "
            "they belong to `spec.template.spec.containers[0].resources`"
        ),
    ),
    "a pod template beside its key": (
        DEPLOYMENT.replace("    metadata:\n      labels: {app: web}\n    spec:\n", "  metadata:\n      labels: {app: web}\n  spec:\n"),
        ("spec", "metadata"),
        "unknown-field: `metadata` and `spec` are not fields of `spec`; they belong to `spec.template`",
    ),
    "ports as a mapping": (
        changed(DEPLOYMENT, ("            - containerPort: 8080", "            containerPort: 8080")),
        (*CONTAINER, "ports"),
        "wrong-type: `spec.template.spec.containers[0].ports` must be a list, but it is a mapping",
    ),
    "labels as a list": (
        changed(DEPLOYMENT, ("{app: web}", "[app, web]")),
        ("metadata", "labels"),
        "wrong-type: `metadata.labels` must be a mapping, but it is a list",
    ),
    "nothing behind containers": (
        changed(DEPLOYMENT, (CONTAINERS, "      containers:\n")),
        (*POD, "containers"),
        "missing-field: `spec.template.spec.containers` is required and has no value; it must be a list",
    ),
    "nothing behind a dash": (
        changed(DEPLOYMENT, ("- containerPort: 8080", "-")),
        (*CONTAINER, "ports", 0),
        "missing-field: `spec.template.spec.containers[0].ports[0]` is an empty entry, and must be a mapping",
    ),
    "an environment variable without quotes": (
        changed(DEPLOYMENT, ("value: fast", "value: yes")),
        (*CONTAINER, "env", 0, "value"),
        "wrong-type: `spec.template.spec.containers[0].env[0].value` must be text, but YAML reads it as a boolean",
    ),
    "a version without quotes": (
        in_container("args: [1.10]"),
        (*CONTAINER, "args", 0),
        "wrong-type: `spec.template.spec.containers[0].args[0]` must be text, but YAML reads it as the number 1.1",
    ),
    "a colon in an argument": (
        in_container("args:\n            - mode: fast"),
        (*CONTAINER, "args", 0),
        "wrong-type: `spec.template.spec.containers[0].args[0]` must be text, but it is a mapping",
    ),
    "a port name that is a number": (
        changed(DEPLOYMENT, ("containerPort: 8080", "containerPort: 8080\n              name: 8080")),
        (*CONTAINER, "ports", 0, "name"),
        "wrong-type: `spec.template.spec.containers[0].ports[0].name` must be text, but YAML reads it as the number 8080",
    ),
    "a spec that is a number": (
        DEPLOYMENT[: DEPLOYMENT.index("spec:")] + "spec: 3\n",
        ("spec",),
        "wrong-type: `spec` must be a mapping, but it is the number 3",
    ),
    "an empty spec": (
        DEPLOYMENT[: DEPLOYMENT.index("spec:")] + "spec:\n",
        ("spec",),
        "missing-field: `spec` is required and has no value; it must be a mapping",
    ),
    "no spec": (DEPLOYMENT[: DEPLOYMENT.index("spec:")], (), "missing-field: the Deployment lacks the required field `spec`"),
    "a spec without fields": (
        DEPLOYMENT[: DEPLOYMENT.index("spec:")] + "spec: {}\n",
        ("spec",),
        "missing-field: `spec` lacks the required fields `selector` and `template`",
    ),
    "a fraction for a port": (
        changed(SERVICE, ("targetPort: 8080", "targetPort: 80.5")),
        ("spec", "ports", 0, "targetPort"),
        "wrong-type: `spec.ports[0].targetPort` must be a whole number or text, but it is the number 80.5",
    ),
    "a list for a port": (
        changed(SERVICE, ("targetPort: 8080", "targetPort: [http]")),
        ("spec", "ports", 0, "targetPort"),
        "wrong-type: `spec.ports[0].targetPort` must be a whole number or text, but it is a list",
    ),
    "a boolean for a quantity": (
        in_container("resources: {limits: {cpu: true}}"),
        (*CONTAINER, "resources", "limits", "cpu"),
        "wrong-type: `spec.template.spec.containers[0].resources.limits.cpu` must be a number or text, but it is the boolean true",
    ),
    "a misspelt word": (
        in_pod("restartPolicy: Allways"),
        (*POD, "restartPolicy"),
        (
            "invalid-value: `spec.template.spec.restartPolicy` is `Allways` and must be `Always`, `OnFailure` or `Never`; "
            "did you mean `Always`?"
        ),
    ),
    "a number beyond the range": (
        changed(DEPLOYMENT, ("replicas: 3", "replicas: 3000000000")),
        ("spec", "replicas"),
        "invalid-value: `spec.replicas` is `3000000000` and must be at most 2147483647",
    ),
    "no time": (
        changed(DEPLOYMENT, ("  name: web\n", "  name: web\n  creationTimestamp: yesterday\n")),
        ("metadata", "creationTimestamp"),
        "invalid-value: `metadata.creationTimestamp` is `yesterday`, which is not a time such as 2026-01-31T12:00:00Z",
    ),
    "a label in metadata itself": (
        changed(DEPLOYMENT, ("  labels: {app: web}", "  app: web")),
        ("metadata", "app"),
        "unknown-field: `app` is not a field of `metadata`; it belongs to `labels`",
    ),
    "a field that nothing is like": (
        changed(DEPLOYMENT, ("spec:", "frobnicate: 1\nspec:")),
        ("frobnicate",),
        "unknown-field: `frobnicate` is not a field of a Deployment",
    ),
}


@pytest.mark.parametrize(("text", "route", "sentence"), CASES.values(), ids=CASES)
def test_one_mistake_is_one_finding(text, route, sentence):
    (found,) = mistakes(text)
    assert (found.route, f"{found.kind}: {found.message}") == (route, sentence)


def test_good_objects_have_none():
    assert mistakes(f"{DEPLOYMENT}---\n{SERVICE}") == []


def ingress(backend):
    return (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n"
        f"spec: {{rules: [{{http: {{paths: [{{path: /, pathType: Prefix, backend: {backend}}}]}}}}]}}\n"
    )


def autoscaler(version, field):
    return (
        f"apiVersion: autoscaling/{version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\n"
        f"spec: {{maxReplicas: 3, scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, {field}}}\n"
    )


def crd(spec):
    return f"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: as.example.com}}\nspec: {spec}\n"


MOVED = {
    "Ingress backend": (
        ingress("{serviceName: web}"),
        "`serviceName` is not a field of `spec.rules[0].http.paths[0].backend`; its content goes to `service.name`",
    ),
    "HPA v2": (
        autoscaler("v2", "targetCPUUtilizationPercentage: 80"),
        (
            "`targetCPUUtilizationPercentage` is not a field of `spec`; its content goes to `metrics`, in an entry of type Resource with "
            "`resource.target.averageUtilization`"
        ),
    ),
    "HPA v1": (autoscaler("v1", "metrics: []"), "`metrics` is not a field of `spec`; autoscaling/v2 has it"),
    "CRD v1beta1": (
        crd("{group: example.com, version: v1, scope: Namespaced, names: {kind: A, plural: as}}"),
        "`version` is not a field of `spec`; its content goes to `versions[].name`",
    ),
    "ConfigMap": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nstringData: {a: b}\n",
        "`stringData` is not a field of a ConfigMap; its content goes to `data`",
    ),
    "Role": (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\nspec: {rules: []}\n",
        "`spec` is not a field of a Role; `rules` stands at the top of a Role",
    ),
}


@pytest.mark.parametrize(("text", "message"), MOVED.values(), ids=MOVED)
def test_a_field_that_moved_says_where_it_went(text, message):
    assert sentences(text) == [f"unknown-field: {message}"]


RESTARTED = in_pod("initContainers: [{name: proxy, image: proxy, restartPolicy: Always}]")
NEEDS_28 = "field-not-in-version: `restartPolicy` of `spec.template.spec.initContainers[0]` needs Kubernetes 1.28, and the target is 1.{}"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("1.25", [NEEDS_28.format(25)]),
        ("v1.27.3", [NEEDS_28.format(27)]),
        ("1.28", []),
        ("1.37", []),
        (None, []),
        ("1.99", []),  # the newest known version is the nearest
        ("1.20", [NEEDS_28.format(25)]),  # and the oldest
    ],
)
def test_a_field_is_judged_by_the_target(target, expected):
    assert sentences(RESTARTED, target) == expected


def test_words_have_versions_too():
    text = in_pod("tolerations: [{key: a, operator: Gt, value: '3', effect: NoSchedule}]")
    assert sentences(text, "1.34") == [
        "field-not-in-version: `Gt` for `spec.template.spec.tolerations[0].operator` needs Kubernetes 1.35, and the target is 1.34"
    ]
    assert sentences(text, "1.35") == []


def test_a_field_that_is_gone_says_since_when():
    text = in_pod("resourceClaims: [{name: gpu, source: {resourceClaimName: gpu}}]")
    assert sentences(text, "1.30") == []
    assert sentences(text, "1.31") == [
        (
            "field-not-in-version: `source` of `spec.template.spec.resourceClaims[0]` is not in Kubernetes since 1.31, and the target is "
            "1.31: its content goes to `resourceClaimName` or `resourceClaimTemplateName`"
        )
    ]


def test_a_kind_of_another_version_of_kubernetes_is_judged_by_the_nearest_that_has_it():
    text = "apiVersion: flowcontrol.apiserver.k8s.io/v1beta2\nkind: FlowSchema\nmetadata: {name: a}\nspec: {}\n"
    assert sentences(text, "1.37") == ["missing-field: `spec` lacks the required field `priorityLevelConfiguration`"]


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{SECRET}stringData: {{token: 4711}}\n",
        f"{SECRET}data: {{token: [4711]}}\n",
        f"{SECRET}stringData: {{token: {{a: 4711}}}}\n",
        changed(DEPLOYMENT, ("value: fast", "value: 4711")),
        changed(DEPLOYMENT, ("value: fast", "value: [4711]")),
        changed(DEPLOYMENT, ("{name: MODE, value: fast}", "4711")),
        in_container("envFrom: [{secretRef: '4711'}]"),
    ],
)
def test_what_is_confidential_is_not_shown(text):
    (found,) = mistakes(text)
    if "envFrom" not in text:
        assert "4711" not in found.message
        assert "4711" not in (found.fix or "")


@pytest.mark.parametrize(
    "text",
    [
        changed(DEPLOYMENT, ("labels: {app: web}", "labels: {app: 7}")),
        in_pod("nodeSelector: {disk: true}"),
        in_pod("tolerations: [{key: a, operator: Has}]"),
        in_container("livenessProbe: {httpGet: {path: /}}"),
        changed(DEPLOYMENT, ("matchLabels: {app: web}", "matchExpressions: [{key: a, operator: Is}]")),
        changed(SERVICE, ("selector: {app: web}", "selector: {shard: 7}")),
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\nrules: [{apiGroups: [''], resources: [pods]}]\n",
    ],
)
def test_what_a_rule_of_its_own_says_is_not_said_twice(text):
    assert mistakes(text) == []


def test_a_toleration_outside_of_pods_has_no_rule_of_its_own():
    text = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: a}\nhandler: a\nscheduling: {tolerations: [{operator: Has}]}\n"
    assert sentences(text) == ["invalid-value: `scheduling.tolerations[0].operator` is `Has` and must be `Exists`, `Equal`, `Lt` or `Gt`"]


def test_an_empty_text_is_a_default_only_where_the_api_server_has_one():
    assert sentences(in_pod('restartPolicy: ""')) == []
    assert sentences(ingress("{service: {name: web, port: {number: 80}}}").replace("Prefix", '""')) == [
        "invalid-value: `spec.rules[0].http.paths[0].pathType` is an empty text and must be `Exact`, `Prefix` or `ImplementationSpecific`"
    ]


def test_bytes_are_base64():
    text = "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.example.com}\nspec: {group: example.com, \
version: v1, groupPriorityMinimum: 1, versionPriority: 1, service: {name: a, namespace: b}, caBundle: %s}\n"
    assert sentences(text % "TGludA==") == []
    assert sentences(text % "TGludA") == ["invalid-value: `spec.caBundle` is not base64"]


def test_schemas_in_definitions_are_judged_however_deep():
    inner = "{type: object, properties: {a: {type: array, items: {type: object, additionalProperties: {type: 7}}}}}"
    spec = "{group: example.com, scope: Namespaced, names: {kind: A, plural: as}, versions: [{name: v1, served: true, storage: true, "
    route = "spec.versions[0].schema.openAPIV3Schema.properties.a.items.additionalProperties.type"
    assert sentences(crd(f"{spec}schema: {{openAPIV3Schema: {inner}}}}}]}}")) == [
        f"wrong-type: `{route}` must be text, but YAML reads it as the number 7"
    ]
    assert sentences(crd(f"{spec}schema: {{openAPIV3Schema: {inner.replace('{type: 7}', 'true')}}}}}]}}")) == []


def test_an_encrypted_manifest_keeps_its_notes():
    assert sentences(f"{SECRET}sops: {{mac: a, version: 3.8.1}}\n") == []
    assert sentences(f"{SECRET}sops: {{version: 3.8.1}}\n") == ["unknown-field: `sops` is not a field of a Secret"]


INCOMPLETE = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"


def test_a_patch_that_nothing_lists_is_no_object():
    assert sentences(INCOMPLETE, path="base/patches/replicas.yaml") == []
    assert sentences(INCOMPLETE, path="base/replicas_patch.yaml") == []
    expected = ["missing-field: `spec` lacks the required fields `selector` and `template`"]
    assert sentences(INCOMPLETE, path="base/replicas.yaml") == expected
    assert sentences(INCOMPLETE, path="base/patches/replicas.yaml", application="web") == expected
    assert sentences(INCOMPLETE, path="base/patches/replicas.yaml", type="helm") == expected
    assert len(sentences(changed(DEPLOYMENT, ("replicas: 3", "replica: 3")), path="patches/a.yaml")) == 1


def test_the_items_of_lists_are_objects_of_their_own():
    text = "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dta: {a: b}}\n"
    assert sentences(text) == ["unknown-field: `dta` is not a field of a ConfigMap; did you mean `data`?"]
    assert sentences("apiVersion: v1\nkind: ConfigMapList\nitems:\n") == []


def test_an_object_is_judged_once_for_all_rules():
    state, (resource,) = loaded(in_container("imagePullPolciy: Always"))
    assert mistakes_of(resource, state) is mistakes_of(resource, state)
    assert violations("wrong-type", resource, state) == []
    (found,) = violations("unknown-field", resource, state) or ()
    assert (found.route, found.on) == ((*CONTAINER, "imagePullPolciy"), "key")
    good, (other,) = loaded(DEPLOYMENT)
    assert violations("unknown-field", other, good) is None


def test_many_mistakes_are_not_shown_without_end():
    data = ", ".join(f"k{number}: {number}" for number in range(200))
    found = sentences(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{{data}}}\n")
    assert len(found) == 60
    assert found[-1].endswith("(and 140 more mistakes in this object)")


def test_a_field_that_the_api_server_drops_in_silence_is_a_warning():
    spec = "{group: example.com, scope: Namespaced, names: {kind: A, plural: as}, versions: [{name: v1, served: true, storage: true, "
    inner = "{type: object, properties: {items: {type: object, descripton: a}, a: {type: array, items: {type: string, descripton: a}}}}"
    found = mistakes(crd(f"{spec}schema: {{openAPIV3Schema: {inner}}}}}]}}"))
    assert [(mistake.route[-3:], mistake.severity) for mistake in found] == [
        (("a", "items", "descripton"), "warning"),
        (("properties", "items", "descripton"), None),
    ]
