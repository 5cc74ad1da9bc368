"""Two forms of an object each, and whether the API server of Kubernetes 1.36 accepted the second one as an update of the first.

The answers are those to `kubectl apply` of the one and then the other.
"""

from __future__ import annotations

POD = {"containers": [{"name": "a", "image": "a:1"}]}
TEMPLATE = {"metadata": {"labels": {"app": "a", "tier": "b"}}, "spec": POD}
SELECTOR = {"matchLabels": {"app": "a"}}


def workload(kind: str, **spec: object) -> dict:
    return {"apiVersion": "apps/v1", "kind": kind, "spec": {"selector": SELECTOR, "template": TEMPLATE, **spec}}


def job(**spec: object) -> dict:
    return {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": {**POD, "restartPolicy": "Never"}}, **spec}}


def job_pod(**spec: object) -> dict:
    return job(template={"spec": {**POD, "restartPolicy": "Never", **spec}})


def service(**spec: object) -> dict:
    return {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}], **spec}}


def claim(size: str = "1Gi", **spec: object) -> dict:
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "a", "resources": {"requests": {"storage": size}}, **spec}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {key: value for key, value in spec.items() if value is not None}}


def volume(**spec: object) -> dict:
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], **spec}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "spec": spec}


def stateful(**spec: object) -> dict:
    return workload("StatefulSet", **{"serviceName": "a", **spec})


def template(size: str, **spec: object) -> list:
    return [
        {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}}
    ]


def binding(name: str, kind: str = "Role", **role: object) -> dict:
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "roleRef": {"kind": kind, "name": name, **role}}


def of(api_version: str, kind: str, **fields: object) -> dict:
    return {"apiVersion": api_version, "kind": kind, **fields}


def config(**fields: object) -> dict:
    return of("v1", "ConfigMap", **fields)


def secret(**fields: object) -> dict:
    return of("v1", "Secret", **fields)


OTHER = {"matchLabels": {"app": "a", "tier": "b"}}
GROUP = "rbac.authorization.k8s.io"
STORAGE = "storage.k8s.io/v1"

CASES: dict[str, tuple[dict, dict, bool]] = {
    "selector of a Deployment": (workload("Deployment"), workload("Deployment", selector=OTHER), False),
    "selector of a DaemonSet": (workload("DaemonSet"), workload("DaemonSet", selector=OTHER), False),
    "selector of a ReplicaSet": (workload("ReplicaSet"), workload("ReplicaSet", selector=OTHER), False),
    "replicas of a Deployment": (workload("Deployment"), workload("Deployment", replicas=3), True),
    "empty expressions": (workload("Deployment"), workload("Deployment", selector={**SELECTOR, "matchExpressions": []}), True),
    "service name": (stateful(), stateful(serviceName="b"), False),
    "pod management": (stateful(), stateful(podManagementPolicy="Parallel"), False),
    "default pod management": (stateful(), stateful(podManagementPolicy="OrderedReady"), True),
    "claim templates": (stateful(volumeClaimTemplates=template("1Gi")), stateful(volumeClaimTemplates=template("2Gi")), False),
    "equal claim templates": (stateful(volumeClaimTemplates=template("1Gi")), stateful(volumeClaimTemplates=template("1024Mi")), True),
    "default volume mode": (
        stateful(volumeClaimTemplates=template("1Gi")), stateful(volumeClaimTemplates=template("1Gi", volumeMode="Filesystem")), True,
    ),
    "labels of claim templates": (
        stateful(volumeClaimTemplates=template("1Gi")),
        stateful(volumeClaimTemplates=[{**template("1Gi")[0], "metadata": {"name": "data", "labels": {"a": "b"}}}]), False,
    ),
    "a claim template more": (stateful(), stateful(volumeClaimTemplates=template("1Gi")), False),
    "update strategy": (
        stateful(), stateful(updateStrategy={"rollingUpdate": {"partition": 1}}, minReadySeconds=5, revisionHistoryLimit=3), True,
    ),
    "retention of claims": (stateful(), stateful(persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete"}), True),
    "image of a Job": (job(), job_pod(containers=[{"name": "a", "image": "a:2"}]), False),
    "default of a Job's pod": (job(), job_pod(dnsPolicy="ClusterFirst", terminationGracePeriodSeconds=30), True),
    "labels of a Job's pods": (job(), job(template={"metadata": {"labels": {"a": "b"}}, **job()["spec"]["template"]}), False),
    "parallelism": (job(), job(parallelism=2), True),
    "completions": (job(completions=1), job(completions=2), False),
    "completion mode": (job(completions=2), job(completions=2, completionMode="Indexed"), False),
    "time to live": (job(), job(ttlSecondsAfterFinished=60, backoffLimit=2, suspend=True), True),
    "role": (binding("a"), binding("b"), False),
    "kind of role": (binding("a"), binding("a", "ClusterRole"), False),
    "group of role": (binding("a"), binding("a", apiGroup=GROUP), True),
    "subjects": (binding("a"), {**binding("a"), "subjects": [{"kind": "User", "name": "a", "apiGroup": GROUP}]}, True),
    "headless": (service(), service(clusterIP="None"), False),
    "no longer headless": (service(clusterIP="None", selector={"a": "b"}), service(selector={"a": "b"}), True),
    "another address": (service(clusterIP="10.96.7.7"), service(clusterIP="10.96.7.8"), False),
    "an address less": (service(clusterIP="10.96.7.7"), service(), True),
    "external name": (service(clusterIP="10.96.7.7"), service(type="ExternalName", externalName="example.com"), True),
    "from an external name": (
        service(type="ExternalName", externalName="example.com"), service(type="ClusterIP", clusterIP="10.96.7.9"), True,
    ),
    "type": (service(), service(type="LoadBalancer"), True),
    "class of load balancer": (
        service(type="LoadBalancer", loadBalancerClass="a.b/c"), service(type="LoadBalancer", loadBalancerClass="a.b/d"), False,
    ),
    "a class of load balancer": (service(type="LoadBalancer"), service(type="LoadBalancer", loadBalancerClass="a.b/d"), False),
    "ports": (service(), service(ports=[{"port": 81, "name": "a"}], sessionAffinity="ClientIP"), True),
    "class of a claim": (claim(), claim(storageClassName="b"), False),
    "no class of a claim": (claim(), claim(storageClassName=None), False),
    "access modes": (claim(), claim(accessModes=["ReadWriteMany"]), False),
    "smaller claim": (claim("2Gi"), claim("1Gi"), False),
    "size in other units": (claim("1Gi"), claim("1024Mi"), True),
    "selector of a claim": (claim(), claim(selector=SELECTOR), False),
    "default mode of a claim": (claim(), claim(volumeMode="Filesystem"), True),
    "mode of a claim": (claim(), claim(volumeMode="Block"), False),
    "source of a claim": (claim(), claim(dataSource={"kind": "PersistentVolumeClaim", "name": "b"}), False),
    "volume of a claim": (claim(), claim(volumeName="a"), True),
    "another volume": (claim(volumeName="a"), claim(volumeName="b"), False),
    "path of a volume": (volume(hostPath={"path": "/a"}), volume(hostPath={"path": "/b"}), False),
    "kind of volume": (volume(hostPath={"path": "/a"}), volume(nfs={"path": "/a", "server": "a"}), False),
    "size of a volume": (
        volume(nfs={"path": "/a", "server": "a"}), volume(nfs={"path": "/a", "server": "a"}, capacity={"storage": "2Gi"}), True,
    ),
    "secret of a volume": (
        volume(csi={"driver": "a.b", "volumeHandle": "a"}),
        volume(csi={"driver": "a.b", "volumeHandle": "a", "controllerExpandSecretRef": {"name": "a", "namespace": "b"}}), True,
    ),
    "handle of a volume": (volume(csi={"driver": "a.b", "volumeHandle": "a"}), volume(csi={"driver": "a.b", "volumeHandle": "b"}), False),
    "policy of a volume": (
        volume(nfs={"path": "/a", "server": "a"}), volume(nfs={"path": "/a", "server": "a"}, persistentVolumeReclaimPolicy="Delete"), True,
    ),
    "data of a sealed ConfigMap": (config(immutable=True, data={"a": "b"}), config(immutable=True, data={"a": "c"}), False),
    "unsealed": (config(immutable=True, data={"a": "b"}), config(data={"a": "b"}), False),
    "sealed": (config(data={"a": "b"}), config(immutable=True, data={"a": "c"}), True),
    "labels of a sealed ConfigMap": (
        config(immutable=True, data={"a": "b"}), {**config(immutable=True, data={"a": "b"}), "metadata": {"labels": {"a": "b"}}}, True,
    ),
    "type of a Secret": (secret(), secret(type="example.com/a"), False),
    "default type of a Secret": (secret(), secret(type="Opaque"), True),
    "data of a sealed Secret": (secret(immutable=True, stringData={"a": "b"}), secret(immutable=True, stringData={"a": "c"}), False),
    "equal data of a sealed Secret": (secret(immutable=True, stringData={"a": "b"}), secret(immutable=True, data={"a": "Yg=="}), True),
    "provisioner": (of(STORAGE, "StorageClass", provisioner="a.b/c"), of(STORAGE, "StorageClass", provisioner="a.b/d"), False),
    "parameters": (
        of(STORAGE, "StorageClass", provisioner="a.b/c"), of(STORAGE, "StorageClass", provisioner="a.b/c", parameters={"a": "b"}), False,
    ),
    "default reclaim policy": (
        of(STORAGE, "StorageClass", provisioner="a.b/c"), of(STORAGE, "StorageClass", provisioner="a.b/c", reclaimPolicy="Delete"), True,
    ),
    "binding mode": (
        of(STORAGE, "StorageClass", provisioner="a.b/c"),
        of(STORAGE, "StorageClass", provisioner="a.b/c", volumeBindingMode="WaitForFirstConsumer"), False,
    ),
    "expansion": (
        of(STORAGE, "StorageClass", provisioner="a.b/c"), of(STORAGE, "StorageClass", provisioner="a.b/c", allowVolumeExpansion=True), True,
    ),
    "attached": (of(STORAGE, "CSIDriver", spec={"attachRequired": True}), of(STORAGE, "CSIDriver", spec={"attachRequired": False}), False),
    "attached by default": (of(STORAGE, "CSIDriver", spec={}), of(STORAGE, "CSIDriver", spec={"attachRequired": True}), True),
    "controller": (
        of("networking.k8s.io/v1", "IngressClass", spec={"controller": "a.b/c"}),
        of("networking.k8s.io/v1", "IngressClass", spec={"controller": "a.b/d"}), False,
    ),
    "priority": (of("scheduling.k8s.io/v1", "PriorityClass", value=1), of("scheduling.k8s.io/v1", "PriorityClass", value=2), False),
    "preemption": (
        of("scheduling.k8s.io/v1", "PriorityClass", value=1),
        of("scheduling.k8s.io/v1", "PriorityClass", value=1, preemptionPolicy="Never"), False,
    ),
    "description": (
        of("scheduling.k8s.io/v1", "PriorityClass", value=1), of("scheduling.k8s.io/v1", "PriorityClass", value=1, description="a"), True,
    ),
    "handler": (of("node.k8s.io/v1", "RuntimeClass", handler="a"), of("node.k8s.io/v1", "RuntimeClass", handler="b"), False),
    "addresses": (
        of("discovery.k8s.io/v1", "EndpointSlice", addressType="IPv4", endpoints=[]),
        of("discovery.k8s.io/v1", "EndpointSlice", addressType="IPv6", endpoints=[]), False,
    ),
    "image of a Pod": (of("v1", "Pod", spec=POD), of("v1", "Pod", spec={"containers": [{"name": "a", "image": "a:2"}]}), True),
    "environment of a Pod": (
        of("v1", "Pod", spec=POD),
        of("v1", "Pod", spec={"containers": [{"name": "a", "image": "a:1", "env": [{"name": "a", "value": "b"}]}]}), False,
    ),
    "service account of a Pod": (of("v1", "Pod", spec=POD), of("v1", "Pod", spec={**POD, "serviceAccountName": "a"}), False),
}  # fmt: skip
"""By what the case is about: the object before and after, and whether the update was accepted."""
