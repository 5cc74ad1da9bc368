"""Fields that a version of an API no longer has, and where their content goes.

Sources: the migration guides and API references in the Kubernetes documentation ("Deprecated API Migration Guide"; the
pages of each kind), and the conversions between versions in pkg/apis of kubernetes/kubernetes.
"""

from __future__ import annotations

# By definition (as the table of schemas names it) and field: where its content goes, as fields of the same mapping.
MOVED: dict[str, dict[str, str]] = {
    "networking.v1.IngressBackend": {"serviceName": "service.name", "servicePort": "service.port.number` or `service.port.name"},
    "networking.v1.IngressSpec": {"backend": "defaultBackend"},
    "autoscaling.v2.HorizontalPodAutoscalerSpec": {
        "targetCPUUtilizationPercentage": "metrics`, in an entry of type Resource with `resource.target.averageUtilization"
    },
    "autoscaling.v2.ResourceMetricSource": {
        "targetAverageUtilization": "target.averageUtilization",
        "targetAverageValue": "target.averageValue",
    },
    "autoscaling.v2.ContainerResourceMetricSource": {
        "targetAverageUtilization": "target.averageUtilization",
        "targetAverageValue": "target.averageValue",
    },
    "autoscaling.v2.PodsMetricSource": {
        "metricName": "metric.name",
        "selector": "metric.selector",
        "targetAverageValue": "target.averageValue",
    },
    "autoscaling.v2.ObjectMetricSource": {
        "metricName": "metric.name",
        "selector": "metric.selector",
        "target": "describedObject",
        "targetValue": "target.value",
        "averageValue": "target.averageValue",
    },
    "autoscaling.v2.ExternalMetricSource": {
        "metricName": "metric.name",
        "metricSelector": "metric.selector",
        "targetValue": "target.value",
        "targetAverageValue": "target.averageValue",
    },
    "apiextensions.v1.CustomResourceDefinitionSpec": {
        "version": "versions[].name",
        "validation": "versions[].schema",
        "subresources": "versions[].subresources",
        "additionalPrinterColumns": "versions[].additionalPrinterColumns",
    },
    "apiextensions.v1.CustomResourceConversion": {
        "webhookClientConfig": "webhook.clientConfig",
        "conversionReviewVersions": "webhook.conversionReviewVersions",
    },
    "flowcontrol.v1.LimitedPriorityLevelConfiguration": {"assuredConcurrencyShares": "nominalConcurrencyShares"},
    "flowcontrol.v1beta3.LimitedPriorityLevelConfiguration": {"assuredConcurrencyShares": "nominalConcurrencyShares"},
    "discovery.v1.Endpoint": {"topology": "nodeName` and `zone"},
    "events.v1.Event": {
        "involvedObject": "regarding",
        "message": "note",
        "source": "reportingController` and `deprecatedSource",
        "count": "series.count",
    },
    "core.v1.ConfigMap": {"stringData": "data"},
    "core.v1.PodResourceClaim": {"source": "resourceClaimName` or `resourceClaimTemplateName"},
}

# Fields that are gone without a successor: the sentence goes on after the field and its mapping.
GONE: dict[str, dict[str, str]] = {
    "apps.v1.DeploymentSpec": {"rollbackTo": "apps/v1 has none: `kubectl rollout undo` rolls back"},
    "apps.v1.DaemonSetSpec": {
        "templateGeneration": "apps/v1 has none, and nothing needs to be written",
        "replicas": "a DaemonSet runs one pod on each node",
    },
    "core.v1.ServiceSpec": {"topologyKeys": "Kubernetes 1.22 removed it; `trafficDistribution` and topology aware routing took its place"},
    "meta.v1.ObjectMeta": {
        "clusterName": "Kubernetes 1.25 removed it, and nothing read it",
        "initializers": "Kubernetes 1.16 removed it, and nothing reads it",
    },
    "rbac.v1.Role": {"spec": "`rules` stands at the top of a Role"},
    "rbac.v1.ClusterRole": {"spec": "`rules` stands at the top of a ClusterRole"},
    "rbac.v1.RoleBinding": {"spec": "`roleRef` and `subjects` stand at the top of a RoleBinding"},
    "rbac.v1.ClusterRoleBinding": {"spec": "`roleRef` and `subjects` stand at the top of a ClusterRoleBinding"},
    "core.v1.ConfigMap": {"spec": "`data` stands at the top of a ConfigMap"},
    "core.v1.Secret": {"spec": "`data` and `stringData` stand at the top of a Secret"},
    "storage.v1.StorageClass": {"spec": "`provisioner` and `parameters` stand at the top of a StorageClass"},
    "scheduling.v1.PriorityClass": {"spec": "`value` stands at the top of a PriorityClass"},
}
