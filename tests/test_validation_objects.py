"""What kube-apiserver 1.36.3 refuses in objects that are not pods, beyond what the examples of the rules show."""

import pytest
from kubernetes_objects import SOURCE, resource

from linter.kubernetes.validation.autoscalers import autoscaler_problems
from linter.kubernetes.validation.claims import claim_problems
from linter.kubernetes.validation.disruption_budgets import disruption_budget_problems
from linter.kubernetes.validation.ingresses import ingress_problems
from linter.kubernetes.validation.jobs import job_problems
from linter.kubernetes.validation.network_policies import network_policy_problems
from linter.kubernetes.validation.quotas import limit_range_problems, quota_problems
from linter.kubernetes.validation.services import service_problems
from linter.kubernetes.validation.webhooks import webhook_configuration_problems
from linter.kubernetes.validation.workloads import workload_problems
from linter.model import DesiredState, StateOptions

EMPTY = DesiredState("app", [SOURCE], [])


def places(problems):
    """Where the violations are, as dotted texts."""
    return [".".join(map(str, problem.route)) for problem in problems]


def state(version):
    return DesiredState("app", [SOURCE], [], StateOptions(targets={"kubernetes": version}))


def service(spec):
    return resource(f"{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {spec}}}")


def test_a_service_is_judged_by_the_version_that_is_targeted():
    ranged = service(
        "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.1/8], trafficDistribution: PreferSameNode, ports: [{port: 80}]}"
    )
    assert places(service_problems(ranged, state("1.36"))) == ["spec.loadBalancerSourceRanges.0"]
    assert places(service_problems(ranged, state("1.33"))) == ["spec.trafficDistribution"]


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("{ports: [{port: 80, nodePort: 0}]}", []),
        ("{type: NodePort, ports: [{port: 80, nodePort: 30080}, {port: 81}]}", ["spec.ports.0", "spec.ports.1"]),
        ("{type: NodePort, ports: [{name: a, port: 1, nodePort: 30080}, {name: b, port: 2, nodePort: 30080}]}", ["spec.ports.1.nodePort"]),
        ("{type: NodePort, ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 80, nodePort: 30080, protocol: UDP}]}", []),
        ("{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}, ports: [{port: 80}]}",
         ["spec.sessionAffinityConfig.clientIP.timeoutSeconds"]),
        ("{clusterIP: 10.96.0.9, ipFamilies: [IPv6], ports: [{port: 80}]}", ["spec.clusterIP"]),
        ("{clusterIPs: [10.96.0.9], ports: [{port: 80}]}", ["spec.clusterIPs"]),
        ("{clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, 10.96.0.10], ports: [{port: 80}]}", ["spec.clusterIPs.1"]),
        ("{clusterIP: None, clusterIPs: [None, 10.96.0.9]}", ["spec.clusterIPs"]),
        ("{ipFamilies: [IPv4, IPv6], ports: [{port: 80}]}", ["spec.ipFamilies"]),
        ("{ipFamilies: [IPv4, IPv6], clusterIP: None, ports: [{port: 80}]}", []),
        ("{ipFamilyPolicy: SingleStack, ipFamilies: [IPv4, IPv6], ports: [{port: 80}]}", ["spec.ipFamilies"]),
        ("{externalIPs: [192.0.2.1], externalTrafficPolicy: Local, ports: [{port: 80}]}", []),
        ("{type: LoadBalancer, healthCheckNodePort: 31000, ports: [{port: 80}]}", ["spec.healthCheckNodePort"]),
        ("{type: SomethingElse, externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 30080}]}", []),
        ("{type: ExternalName, externalName: db.example.com., ports: [{port: 70000}]}", ["spec.ports.0.port"]),
    ],
)  # fmt: skip
def test_services(spec, found):
    assert sorted(places(service_problems(service(spec), EMPTY))) == found


def test_names_that_are_placeholders_are_not_compared():
    class Dollar:
        def search(self, text):
            return "$" in text or None

    ports = service("{ports: [{name: $A, port: 80}, {name: $A, port: 81}]}")
    problems = list(service_problems(ports, DesiredState("app", [SOURCE], [], StateOptions(opaque=Dollar()))))
    # The engine drops what stands at a placeholder itself; nothing may be claimed about two of them being equal.
    assert not any("two ports" in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("host", "valid"),
    [("a.example.com", True), ("*.example.com", True), ("*", False), ("*.com", True), ("a.*.com", False), ("1.2.3.4", False),
     ("1.2.3.256", True),
     ("::1", False), ("a.com:80", False), ("https://a.com", False), ("A.com", False), ("", True)],
)  # fmt: skip
def test_hosts_of_ingresses(host, valid):
    ingress = resource(f'{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: a}}, spec: {{rules: [{{host: "{host}"}}]}}}}')
    assert (list(ingress_problems(ingress, EMPTY)) == []) is valid


def test_an_ingress_of_another_version_is_not_judged():
    old = resource(
        "{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: a}, spec: {backend: {serviceName: a, servicePort: 80}}}"
    )
    assert list(ingress_problems(old, EMPTY)) == []


def test_a_network_policy_until_1_35_may_have_host_bits():
    policy = resource(
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, "
        "egress: [{to: [{ipBlock: {cidr: 10.0.0.1/8, except: [10.1.0.1/16]}}]}]}}"
    )
    assert list(network_policy_problems(policy, state("1.35"))) == []
    assert len(list(network_policy_problems(policy, EMPTY))) == 2


def test_a_disruption_budget_may_state_nothing():
    assert (
        list(
            disruption_budget_problems(resource("{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {}}"), EMPTY)
        )
        == []
    )


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("{maxReplicas: 2, minReplicas: null}", []),
        ("{maxReplicas: 0}", ["spec.maxReplicas"]),
        ("{maxReplicas: 2, minReplicas: 3}", ["spec.maxReplicas"]),
        ("{maxReplicas: 2, behavior: {scaleUp: {policies: []}}}", ["spec.behavior.scaleUp.policies"]),
        ("{maxReplicas: 2, behavior: {scaleUp: {policies: null}}}", []),
    ],
)
def test_autoscalers(spec, found):
    body = f"{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: a}}, spec: {spec}}}"
    assert places(autoscaler_problems(resource(body), EMPTY)) == found


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        # Without either number the API server fills in one completion; a CronJob has to name it.
        ("{completionMode: Indexed}", []),
        ("{completionMode: Indexed, parallelism: 2}", ["spec.completionMode"]),
        ("{completionMode: Indexed, completions: 3, maxFailedIndexes: 1}", ["spec.maxFailedIndexes"]),
        ("{completionMode: Indexed, completions: 100001, backoffLimitPerIndex: 1, parallelism: 20000}",
         ["spec.completions", "spec.parallelism"]),
        ("{completionMode: Indexed, completions: 9, successPolicy: {rules: [{succeededIndexes: '0-2,5,7-8', succeededCount: 7}]}}",
         ["spec.successPolicy.rules.0.succeededCount"]),
        ("{managedBy: kueue}", ["spec.managedBy"]),
    ],
)  # fmt: skip
def test_jobs(spec, found):
    assert places(job_problems(resource(f"{{apiVersion: batch/v1, kind: Job, metadata: {{name: a}}, spec: {spec}}}"), EMPTY)) == found


def test_the_job_of_a_cron_job_has_no_default_completions():
    cron = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {jobTemplate: {spec: {completionMode: Indexed}}}}"
    assert places(job_problems(resource(cron), EMPTY)) == ["spec.jobTemplate.spec.completionMode"]


def test_the_pods_of_an_indexed_job_need_host_names():
    job = resource(
        f"{{apiVersion: batch/v1, kind: Job, metadata: {{name: {'a' * 61}}}, spec: {{completionMode: Indexed, completions: 11}}}}"
    )
    assert places(job_problems(job, EMPTY)) == ["metadata.name"]


@pytest.mark.parametrize(
    ("kind", "spec", "found"),
    [
        ("Deployment", "{minReadySeconds: 600}", ["spec.minReadySeconds"]),
        ("Deployment", "{minReadySeconds: 600, progressDeadlineSeconds: 700}", []),
        ("Deployment", "{strategy: {rollingUpdate: {maxSurge: 0}}}", []),
        ("Deployment", "{strategy: {rollingUpdate: {maxSurge: 0%, maxUnavailable: 0}}}", ["spec.strategy.rollingUpdate.maxUnavailable"]),
        ("DaemonSet", "{updateStrategy: {rollingUpdate: {maxUnavailable: 0}}}", ["spec.updateStrategy.rollingUpdate.maxUnavailable"]),
        ("DaemonSet", "{updateStrategy: {type: OnDelete, rollingUpdate: {maxUnavailable: 0}}}", []),
        ("StatefulSet", "{ordinals: {start: -1}, serviceName: 1db}", ["spec.ordinals.start"]),
        ("StatefulSet", "{volumeClaimTemplates: [{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}",
         ["spec.volumeClaimTemplates.0"]),
        ("ReplicaSet", "{replicas: -1, revisionHistoryLimit: -1}", ["spec.replicas"]),
    ],
)  # fmt: skip
def test_workloads(kind, spec, found):
    assert (
        places(workload_problems(resource(f"{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: a}}, spec: {spec}}}"), EMPTY)) == found
    )


def test_a_service_name_with_dots_was_accepted_before_1_34():
    stateful = resource("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {serviceName: a.b}}")
    assert list(workload_problems(stateful, state("1.33"))) == []
    assert places(workload_problems(stateful, state("1.34"))) == ["spec.serviceName"]


@pytest.mark.parametrize(
    ("source", "severities"),
    [
        ("dataSource: {kind: PersistentVolumeClaim, name: a}", []),
        ("dataSource: {kind: VolumeSnapshot, name: a}", ["warning"]),
        ("dataSource: {apiGroup: example.com, kind: Disk, name: a}", ["warning"]),
        ("dataSourceRef: {kind: VolumeSnapshot, name: a}", [None]),
        ("dataSourceRef: {kind: PersistentVolumeClaim, name: a, namespace: b}", ["warning"]),
        ("dataSource: {kind: PersistentVolumeClaim, name: a}, dataSourceRef: {kind: PersistentVolumeClaim, name: b}", [None]),
    ],
)
def test_sources_of_claims(source, severities):
    claim = resource(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, "
        f"spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}, {source}}}}}"
    )
    assert [problem.severity for problem in claim_problems(claim, EMPTY)] == severities


@pytest.mark.parametrize(
    ("hard", "found"),
    [
        ("{count/jobs.batch: 1, requests.nvidia.com/gpu: 1.5}", []),
        ("{count/jobs.batch: 1.5}", ["spec.hard.count/jobs.batch"]),
        ("{storage: 1Gi}", ["spec.hard.storage"]),
        ("{cpu: 1.5, pods: 1.5}", ["spec.hard.pods"]),
    ],
)
def test_quotas(hard, found):
    assert (
        places(quota_problems(resource(f"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: a}}, spec: {{hard: {hard}}}}}"), EMPTY))
        == found
    )


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        ("{type: Container, min: {cpu: 1}, max: {cpu: 1000m}, maxLimitRequestRatio: {cpu: 1}}", []),
        ("{type: Container, min: {cpu: 1}, max: {cpu: 2}, maxLimitRequestRatio: {cpu: 3}}", ["spec.limits.0.maxLimitRequestRatio.cpu"]),
        ("{type: Container, default: {cpu: 1}, max: {cpu: 500m}}", ["spec.limits.0.default.cpu"]),
        ("{type: Container, max: {storage: 1}}", ["spec.limits.0.max.storage"]),
        ("{type: example.com/Disk, max: {storage: 1}}", []),
    ],
)
def test_limit_ranges(limit, found):
    assert (
        places(
            limit_range_problems(
                resource(f"{{apiVersion: v1, kind: LimitRange, metadata: {{name: a}}, spec: {{limits: [{limit}]}}}}"), EMPTY
            )
        )
        == found
    )


@pytest.mark.parametrize(
    ("resources", "refused"),
    [
        ("[pods, pods/exec]", False),
        ("['*', pods/exec]", False),
        ("['*', pods]", True),
        ("[pods, '*']", False),  # the API server lets the last entry decide
        ("['*/*', pods]", True),
        ("['*/scale', deployments/scale]", True),
        ("[deployments/scale, '*/scale']", False),
    ],
)
def test_wildcards_in_the_rules_of_webhooks(resources, refused):
    configuration = resource(
        "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: a}, webhooks: [{name: a.b.c, "
        f"rules: [{{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: {resources}}}]}}]}}"
    )
    assert bool(list(webhook_configuration_problems(configuration, EMPTY))) is refused
