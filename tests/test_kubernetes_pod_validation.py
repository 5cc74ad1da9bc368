"""What the API server checks in pods: near misses, versions, and that no body makes a check raise.

The expected answers are those of kube-apiserver 1.36 unless a version is named.
"""

import copy
import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kubernetes_objects import container, pod, resource, state

from linter.kubernetes.pod_validation.containers import hook_violations, resize_violations, restart_violations
from linter.kubernetes.pod_validation.environment import environment_violations, repeated_variables, variable_name_problem
from linter.kubernetes.pod_validation.operating_system import system_violations
from linter.kubernetes.pod_validation.pod_fields import pod_field_violations, restart_policy_violation
from linter.kubernetes.pod_validation.ports import duplicate_violations
from linter.kubernetes.pod_validation.resources import excess_requests, pod_level_violations, resource_name_problem
from linter.kubernetes.pod_validation.volumes import undefined_volumes, volume_violations
from linter.kubernetes.pods import VIEWS, pod_template
from linter.model import DesiredState, Node, StateOptions, Violation, dig
from linter.packs.binding import bind
from linter.packs.catalog import load_catalog

NEWEST = 37


def found(violations):
    """The routes of violations as dotted text, in order."""
    return [".".join(map(str, violation.route)) for violation in violations]


@pytest.mark.parametrize(
    ("volume", "places"),
    [
        ("{name: a}", []),
        ("{name: a, emptyDir: {medium: HugePages}}", []),
        ("{name: a, emptyDir: {medium: HugePages-1Gi}}", []),
        ("{name: a, emptyDir: {medium: hugepages}}", ["emptyDir.medium"]),
        ("{name: a, emptyDir: {sizeLimit: -1Gi}}", ["emptyDir.sizeLimit"]),
        ("{name: a, hostPath: {path: /a/..b}}", []),
        ("{name: a, hostPath: {path: ''}}", ["hostPath.path"]),
        ("{name: a, hostPath: {path: ..}}", ["hostPath.path"]),
        ("{name: a, secret: {secretname: a}}", []),
        ("{name: a, secret: {secretName: ''}}", ["secret.secretName"]),
        ("{name: a, secret: {}}", ["secret.secretName"]),
        ("{name: a, configMap: {name: a, defaultMode: 0777}}", []),
        ("{name: a, configMap: {name: a, defaultMode: 512}}", ["configMap.defaultMode"]),
        ("{name: a, configMap: {name: a, defaultMode: -1}}", ["configMap.defaultMode"]),
        ("{name: a, nfs: {server: '', path: a}}", ["nfs.server", "nfs.path"]),
        ("{name: a, iscsi: {targetPortal: a, iqn: 'iqn.2001-04.com.example:disk', lun: 256}}", ["iscsi.lun"]),
        ("{name: a, iscsi: {targetPortal: a, iqn: disk, lun: 0}}", ["iscsi.iqn"]),
        ("{name: a, iscsi: {targetPortal: a, iqn: 'eui.0123456789abcdef', lun: 0, chapAuthSession: true}}", ["iscsi"]),
        ("{name: a, fc: {}}", ["fc"]),
        ("{name: a, fc: {targetWWNs: [a], wwids: [b], lun: 1}}", ["fc.wwids"]),
        ("{name: a, fc: {targetWWNs: [a]}}", ["fc"]),
        ("{name: a, csi: {driver: CSI.example.com}}", []),
        ("{name: a, csi: {driver: csi, nodePublishSecretRef: {}}}", ["csi.nodePublishSecretRef.name"]),
        ("{name: a, gcePersistentDisk: {pdName: a, partition: 256}}", ["gcePersistentDisk.partition"]),
        ("{name: a, azureDisk: {diskName: a, diskURI: /subscriptions/a, kind: Managed}}", []),
        ("{name: a, azureDisk: {diskName: a, diskURI: /subscriptions/a}}", ["azureDisk.diskURI"]),
        ("{name: a, gitRepo: {repository: a, directory: ../b}}", ["gitRepo.directory"]),
        ("{name: a, flexVolume: {driver: a, options: {example.com/a: b, storage.k8s.io/a: b}}}", ["flexVolume.options.storage.k8s.io/a"]),
        ("{name: a, rbd: {monitors: [], image: a}}", ["rbd.monitors"]),
        ("{name: a, flocker: {datasetName: a, datasetUUID: b}}", ["flocker"]),
        ("{name: a, storageos: {volumeName: A}}", ["storageos.volumeName"]),
        ("{name: a, cinder: {volumeID: a, secretRef: {}}}", ["cinder.secretRef.name"]),
        ("{name: a, ephemeral: {}}", ["ephemeral.volumeClaimTemplate"]),
        ("{name: a, image: {}}", ["image.reference"]),
        ("{name: a, projected: {sources: [{secret: {name: a}, configMap: {name: a}}]}}", ["projected.sources.0"]),
        ("{name: a, projected: {sources: [{serviceAccountToken: {path: a, expirationSeconds: 599}}]}}",
         ["projected.sources.0.serviceAccountToken.expirationSeconds"]),
        ("{name: a, projected: {sources: [{clusterTrustBundle: {path: a}}]}}", ["projected.sources.0.clusterTrustBundle"]),
        ("{name: a, projected: {sources: [{podCertificate: {signerName: a/b, keyType: ED25519}}]}}",
         ["projected.sources.0.podCertificate"]),
        ("{name: a, downwardAPI: {items: [{path: a}]}}", ["downwardAPI.items.0"]),
        ("{name: a, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: status.podIP}}]}}",
         ["downwardAPI.items.0.fieldRef.fieldPath"]),
    ],
)  # fmt: skip
def test_volume_sources(volume, places):
    violations = volume_violations(pod(f"{{containers: [], volumes: [{volume}]}}"), NEWEST)
    assert found(violations) == [f"spec.volumes.0.{place}" for place in places]


def test_permissions_written_without_a_leading_zero_are_explained():
    (violation,) = volume_violations(pod("{containers: [], volumes: [{name: a, configMap: {name: a, defaultMode: 755}}]}"), NEWEST)
    assert violation.message == "defaultMode is 755, 01363 in octal: file permissions are between 0 and 0777"
    assert violation.fix == "Write `0755` if the octal number is meant."


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("A_B", True, True),
        ("my.env-name", True, True),
        ("1ST", False, True),
        ("A B", False, True),
        ("A$B", False, True),
        ("A=B", False, False),
        ("", False, False),
        ("é", False, False),
        ("A\n", False, False),
        ("..a", False, True),
        (".", False, True),
    ],
)
def test_names_of_variables_by_version(name, old, new):
    assert (variable_name_problem(name, 31) is None) is old
    assert (variable_name_problem(name, 32) is None) is new


@pytest.mark.parametrize(
    ("env", "places"),
    [
        ("{name: A, valueFrom: {fieldRef: {fieldPath: spec.host}}}", []),
        ("{name: A, valueFrom: {fieldRef: {fieldPath: status.phase}}}", ["valueFrom.fieldRef.fieldPath"]),
        ("{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.annotations['Example.com/A']\"}}}", []),
        ("{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['Example.com/A']\"}}}", ["valueFrom.fieldRef.fieldPath"]),
        ("{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.name['a']\"}}}", ["valueFrom.fieldRef.fieldPath"]),
        ("{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1000m}}}", []),
        ("{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 10m}}}", ["valueFrom.resourceFieldRef.divisor"]),
        ("{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1024Ki}}}", []),
        ("{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1024}}}", ["valueFrom.resourceFieldRef.divisor"]),
        ("{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: '1e3'}}}", ["valueFrom.resourceFieldRef.divisor"]),
        ("{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1E}}}", []),
        ("{name: A, valueFrom: {resourceFieldRef: {resource: limits.hugepages-2Mi}}}", []),
        ("{name: A, valueFrom: {secretKeyRef: {key: a}}}", ["valueFrom.secretKeyRef.name"]),
        ("{name: A, valueFrom: {secretKeyRef: {name: a, key: ..}}}", ["valueFrom.secretKeyRef.key"]),
        ("{name: A, valueFrom: {fileKeyRef: {volumeName: a, path: a, key: 1 b}}}", []),
        ("{name: A, valueFrom: {fileKeyRef: {volumeName: A, path: ../a, key: a=b}}}",
         ["valueFrom.fileKeyRef.key", "valueFrom.fileKeyRef.volumeName", "valueFrom.fileKeyRef.path"]),
        ("{name: A, valueFrom: {secretRef: {name: a}}}", []),
    ],
)  # fmt: skip
def test_sources_of_variables(env, places):
    node = container(f"{{name: a, env: [{env}]}}")
    assert found(environment_violations(node, NEWEST)) == [f"spec.containers.0.env.0.{place}" for place in places]


def test_host_ips_need_a_version():
    node = container("{name: a, env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}}]}")
    assert found(environment_violations(node, 28))
    assert not found(environment_violations(node, 29))


@pytest.mark.parametrize(
    ("entries", "hidden"),
    [
        ("[{name: A, value: a}, {name: A, value: b}]", [1]),
        ("[{name: A, value: a}, {name: A, value: $(A)}]", [1]),
        ("[{name: A, value: a}, {name: A, value: $(A)b}]", []),
        ("[{name: A, value: a}, {name: A, value: $(A)b}, {name: A}]", [2]),
    ],
)
def test_variables_that_hide_others(entries, hidden):
    violations = repeated_variables(container(f"{{name: a, env: {entries}}}"))
    assert found(violations) == [f"spec.containers.0.env.{index}.name" for index in hidden]


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("cpu", True),
        ("ephemeral-storage", True),
        ("hugepages-2Mi", True),
        ("hugepages-", False),
        ("hugepages-0", False),
        ("pods", False),
        ("storage", False),
        ("example.com/gpu", True),
        ("kubernetes.io/batch-cpu", True),
        ("Example.com/gpu", False),
        ("requests.example.com/gpu", False),
        ("a/b/c", False),
        # With `requests.` before it, as quotas have it, the domain would be too long.
        (f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 60}/e", False),
    ],
)
def test_names_of_resources(name, accepted):
    assert (resource_name_problem(name) is None) is accepted


def test_requests_are_compared_exactly():
    def exceeds(request, limit):
        resources = {"requests": {"memory": request}, "limits": {"memory": limit}}
        return bool(found(excess_requests(resources, (), "it", resource("{apiVersion: v1, kind: Pod, metadata: {name: a}}"))))

    assert exceeds("1Gi", "1073741823")
    assert not exceeds("1Gi", 1073741824)
    assert exceeds("0.100000001", "100m")
    assert not exceeds("128974848", "129M")
    assert exceeds("1Mi", None)
    assert not exceeds("0", None)
    assert not exceeds("${MEMORY}", "1Gi")
    assert not exceeds("1gi", "1")


def test_aggregates_of_a_pod_count_sidecars_beside_what_runs_with_them():
    template = pod(
        "{resources: {requests: {cpu: CPU}}, containers: [{resources: {requests: {cpu: 1}}}, {resources: {limits: {cpu: 1}}}], "
        "initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 500m}}}, {resources: {requests: {cpu: 2500m}}}]}"
    )
    for cpu, refused in (("3", False), ("2999m", True)):
        template.spec["resources"]["requests"]["cpu"] = cpu
        assert bool(found(pod_level_violations(template))) is refused


@pytest.mark.parametrize(
    ("kind", "policy", "refused"),
    [
        ("Deployment", "Always", False),
        ("Deployment", None, False),
        ("Deployment", "Never", True),
        ("StatefulSet", "OnFailure", True),
        ("Job", None, True),
        ("Job", "", True),
        ("Job", "Always", True),
        ("Job", "Never", False),
        ("Job", "${POLICY}", False),
    ],
)
def test_restart_policies(kind, policy, refused):
    spec = {"containers": []} if policy is None else {"containers": [], "restartPolicy": policy}
    group = "batch/v1" if kind == "Job" else "apps/v1"
    template = pod_template(resource(f"{{apiVersion: {group}, kind: {kind}, metadata: {{name: a}}, spec: {{template: {{spec: {spec}}}}}}}"))
    assert (restart_policy_violation(template) is not None) is refused


def test_searches_and_addresses_by_version():
    template = pod("{containers: [{}], dnsConfig: {searches: [_tcp.example.com, .], nameservers: [010.0.0.1]}}")
    assert found(pod_field_violations(template, 32)) == ["spec.dnsConfig.searches.0", "spec.dnsConfig.searches.1"]
    assert found(pod_field_violations(template, 33)) == []
    assert found(pod_field_violations(template, 36)) == ["spec.dnsConfig.nameservers.0"]


def test_restart_and_resize_policies_by_version():
    plain = container("{name: a, restartPolicy: Never, resizePolicy: [{resourceName: cpu}, {resourceName: cpu}]}")
    assert found(restart_violations(plain, 34)) == ["spec.containers.0.restartPolicy"]
    assert found(restart_violations(plain, 35)) == []
    assert found(resize_violations(plain, 32)) == []
    assert found(resize_violations(plain, 33)) == ["spec.containers.0.resizePolicy.1.resourceName"]


def test_a_hook_may_sleep_for_nothing_since_133():
    node = container("{name: a, lifecycle: {preStop: {sleep: {seconds: 0}}}}")
    assert found(hook_violations(node, 32)) == ["spec.containers.0.lifecycle.preStop.sleep.seconds"]
    assert found(hook_violations(node, 33)) == []


def test_claim_templates_are_volumes_of_stateful_sets_only():
    text = """
        apiVersion: apps/v1
        kind: KIND
        metadata: {name: db}
        spec:
          template:
            spec:
              containers: [{name: db, volumeMounts: [{name: data, mountPath: /data}]}]
          volumeClaimTemplates: [{metadata: {name: data}}]
    """
    assert not found(undefined_volumes(pod_template(resource(text.replace("KIND", "StatefulSet"))), state()))
    assert found(undefined_volumes(pod_template(resource(text.replace("KIND", "Deployment"))), state()))


def test_undefined_volumes_stay_silent_where_the_names_of_volumes_are_not_known():
    for volume in ("{name: '${DATA}'}", "{name: Data}", "{emptyDir: {}}", "null"):
        template = pod(f"{{containers: [{{volumeMounts: [{{name: data}}]}}], volumes: [{volume}]}}")
        assert not found(undefined_volumes(template, state()))
    template = pod("{containers: [{name: a, volumeMounts: [{name: date}]}], volumes: [{name: data}]}")
    (violation,) = undefined_volumes(template, state())
    assert violation.message == "container a names the volume `date`, which this pod does not have (did you mean `data`?)"


@pytest.mark.parametrize(
    ("ports", "places", "severities"),
    [
        ("[{containerPort: 1, hostPort: 5}, {containerPort: 2, hostPort: 5}]", ["1.hostPort"], [None]),
        ("[{containerPort: 1, hostPort: 5}, {containerPort: 1, hostPort: 6}]", [], []),
        ("[{containerPort: 1, hostPort: 5}, {containerPort: 1}]", ["1.containerPort"], ["warning"]),
        ("[{containerPort: 1}, {containerPort: 1, protocol: UDP}]", [], []),
        ("[{containerPort: 1, hostPort: 5}, {containerPort: 2, hostPort: 5, hostIP: 10.0.0.1}]", [], []),
        ("[{containerPort: 1, name: a}, {containerPort: 1, name: a}]", ["1.name"], [None]),
    ],
)
def test_ports_of_one_container(ports, places, severities):
    template = pod(f"{{containers: [{{ports: {ports}}}]}}")
    violations = list(duplicate_violations(template.spec, ("spec",), template.resource))
    assert found(violations) == [f"spec.containers.0.ports.{place}" for place in places]
    assert [violation.severity for violation in violations] == severities


def test_users_of_windows():
    def problems(user):
        template = pod("{containers: [], securityContext: {windowsOptions: {}}}")
        template.spec["securityContext"]["windowsOptions"]["runAsUserName"] = user
        return found(system_violations(template))

    for user in ("web", "corp\\web", "NT AUTHORITY\\Local service", "corp.example.com\\web"):
        assert not problems(user)
    for user in ("", "a\\b\\c", "\\web", "web\\", "..", "we:b", "a" * 105, "a\nb"):
        assert problems(user)


RICH = """
{restartPolicy: Always, terminationGracePeriodSeconds: 30, activeDeadlineSeconds: 5, dnsPolicy: None, hostNetwork: true, os: {name: linux},
 dnsConfig: {nameservers: [10.0.0.1], searches: [a.b], options: [{name: a}]}, hostAliases: [{ip: 10.0.0.1, hostnames: [a]}],
 imagePullSecrets: [{name: a}], readinessGates: [{conditionType: a}], schedulingGates: [{name: a}], hostnameOverride: a,
 resourceClaims: [{name: c, resourceClaimName: c}], overhead: {cpu: 1}, resources: {requests: {cpu: 1}, limits: {cpu: 1}},
 securityContext: {runAsUser: 1, supplementalGroups: [1], sysctls: [{name: a.b}], seccompProfile: {type: Localhost, localhostProfile: a},
  windowsOptions: {runAsUserName: a, hostProcess: true}},
 volumes: [{name: a, emptyDir: {sizeLimit: 1}}, {name: b, projected: {sources: [{secret: {items: [{path: a, mode: 1}]}},
  {downwardAPI: {items: [{path: a, fieldRef: {fieldPath: a}, resourceFieldRef: {resource: a}}]}}, {serviceAccountToken: {path: a}},
  {clusterTrustBundle: {name: a}}, {podCertificate: {signerName: a}}]}}, {name: c, iscsi: {iqn: iqn.a}}, {name: d, fc: {targetWWNs: [a]}},
  {name: e, ephemeral: {volumeClaimTemplate: {metadata: {name: a}, spec: {accessModes: [a]}}}}, {name: f, csi: {driver: a}},
  {name: g, azureDisk: {diskURI: a, kind: a}}, {name: h, flexVolume: {options: {a: b}}}],
 initContainers: [{name: a, restartPolicy: Always, ports: [{containerPort: 1, hostPort: 2, name: a}]}],
 containers: [{name: a, image: a, ports: [{containerPort: 1, hostPort: 2, name: a, protocol: TCP}],
  env: [{name: A, value: a, valueFrom: {fieldRef: {fieldPath: a}, resourceFieldRef: {resource: limits.cpu, divisor: 1},
   secretKeyRef: {name: a, key: a}, fileKeyRef: {volumeName: a, path: a, key: a}}}], envFrom: [{prefix: a, secretRef: {name: a}}],
  volumeMounts: [{name: a, mountPath: /a, subPath: a, subPathExpr: a, mountPropagation: None, recursiveReadOnly: Enabled}],
  volumeDevices: [{name: a, devicePath: /a}],
  resources: {requests: {cpu: 1, a/b: 1, hugepages-2Mi: 1}, limits: {cpu: 1}, claims: [{name: c}]},
  resizePolicy: [{resourceName: cpu, restartPolicy: a}], restartPolicy: Never, restartPolicyRules: [{action: a, exitCodes: {values: [1]}}],
  livenessProbe: {httpGet: {port: 1, httpHeaders: [{name: a}]}, periodSeconds: 1}, lifecycle: {preStop: {sleep: {seconds: 1}}},
  securityContext: {runAsUser: 0, runAsNonRoot: true, capabilities: {add: [a]}, appArmorProfile: {type: a}, procMount: a}}]}
"""


def routes(value, route=()):
    yield route
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, entry in entries:
        yield from routes(entry, (*route, step))


TEMPLATE = pod(RICH)
ROUTES = [route for route in routes(TEMPLATE.spec) if route]
ODD = [None, True, 0, -1, 2**70, 1.5, float("nan"), "", "a", "../a", "é\n", "x" * 300, [], {}, [None], {"": None}, {1: 2}, [[]], "${A}"]


RULES = [
    "duplicate-container-name",
    "duplicate-environment-variable",
    "duplicate-port",
    "duplicate-volume",
    "host-network-port-differs",
    "image-missing",
    "invalid-container-name",
    "invalid-container-policy",
    "invalid-container-port",
    "invalid-environment",
    "invalid-lifecycle-hook",
    "invalid-mount",
    "invalid-pod-field",
    "invalid-probe-field",
    "invalid-quantity",
    "invalid-resources",
    "invalid-restart-policy",
    "invalid-security-context",
    "invalid-volume",
    "request-exceeds-limit",
    "root-despite-run-as-non-root",
    "undefined-volume",
    "unknown-resource-name",
    "unlikely-quantity",
]


@functools.cache
def rules(version):
    """The rules about pods, ready to run for a version of Kubernetes."""
    known = load_catalog().rules
    return bind([known[f"schema/{rule}"] for rule in RULES], {}, {"kubernetes": version}, str)


def everything(owner):
    """All findings of all rules about pods in an object."""
    template = pod_template(owner)
    for version in ("1.28", "1.37"):
        world = DesiredState("app", [owner.source], [owner], StateOptions(targets={"kubernetes": version}))
        for rule in rules(version):
            how, what = rule.rule.match
            for node in VIEWS[what[0]](template) if how == "each" else [Node(owner.body, (), owner)]:
                violations = rule.check(node, world, rule.params)
                yield from () if violations is None else [violations] if isinstance(violations, Violation) else violations


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(ROUTES), st.sampled_from(ODD)), min_size=1, max_size=4))
def test_no_body_makes_a_check_raise(changes):
    template = pod("{containers: []}")
    template.spec.update(copy.deepcopy(TEMPLATE.spec))
    for route, value in changes:
        owner = template.spec
        for step in route[:-1]:
            try:
                owner = owner[step]
            except (KeyError, IndexError, TypeError):
                break
        else:
            if isinstance(owner, dict) or (isinstance(owner, list) and isinstance(route[-1], int) and route[-1] < len(owner)):
                owner[route[-1]] = value
    for violation in everything(template.resource):
        assert isinstance(violation.route, tuple)
        assert violation.message


def test_what_a_placeholder_decides_is_not_judged():
    text = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, annotations: {container.apparmor.security.beta.kubernetes.io/web: runtime/default}}
        spec:
          hostUsers: ${HOST_USERS}
          resourceClaims: [{name: '${CLAIM}', resourceClaimName: a}]
          volumes: [{name: '${VOLUME}', emptyDir: {}}]
          containers:
            - name: ${NAME}
              image: ${IMAGE}
              ports: [{containerPort: '${PORT}', hostPort: 80}]
              volumeMounts: [{name: data, mountPath: /data, mountPropagation: Bidirectional}]
              resources: {requests: {cpu: '${CPU}', memory: 2Gi}, limits: {cpu: 1, memory: '${MEMORY}'}, claims: [{name: gpu}]}
              securityContext: {privileged: '${PRIVILEGED}', procMount: Unmasked, runAsNonRoot: true, runAsUser: '${USER}'}
    """
    opaque = state(text)
    told = [violation for violation in everything(opaque.resources[0]) if "${" not in str(dig(opaque.resources[0].body, *violation.route))]
    assert found(told) == []
