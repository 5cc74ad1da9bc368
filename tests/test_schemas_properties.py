"""Whatever is broken in a valid object in one place: one mistake, and at that place."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st
from schema_mistakes import mistakes

from linter.kubernetes.schemas.places import Places
from linter.kubernetes.schemas.validators import built_in_schema
from linter.manifest.decoder import decode_text

OBJECTS = """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: database
  namespace: shop
  labels: {app: database}
  annotations: {example.com/owner: shop}
  finalizers: [example.com/backup]
spec:
  replicas: 3
  serviceName: database
  podManagementPolicy: Parallel
  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}
  selector:
    matchLabels: {app: database}
  template:
    metadata:
      labels: {app: database}
    spec:
      serviceAccountName: database
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 30
      securityContext: {runAsNonRoot: true, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: database}}}
      volumes:
        - name: settings
          configMap: {name: settings, defaultMode: 420, items: [{key: a, path: a.conf}]}
        - name: cache
          emptyDir: {sizeLimit: 1Gi}
      containers:
        - name: database
          image: registry.example.com/database:1.4.2
          imagePullPolicy: IfNotPresent
          args: [--data, /data]
          env:
            - name: MODE
              value: fast
            - name: PASSWORD
              valueFrom: {secretKeyRef: {name: database, key: password}}
          ports:
            - {name: sql, containerPort: 5432, protocol: TCP}
          resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          volumeMounts:
            - {name: data, mountPath: /data}
            - {name: settings, mountPath: /etc/database, readOnly: true}
          livenessProbe: {tcpSocket: {port: sql}, periodSeconds: 10}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: fast
        resources: {requests: {storage: 10Gi}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: nginx
  tls: [{hosts: [shop.example.com], secretName: tls}]
  rules:
    - host: shop.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup}
spec:
  schedule: "0 3 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: Never
          containers: [{name: backup, image: "registry.example.com/backup:1.4.2", command: [backup]}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 2
  maxReplicas: 5
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{namespaceSelector: {}, podSelector: {}}, {ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/28]}}]
      ports: [{port: 80, endPort: 90, protocol: TCP}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector: {app: web}
  loadBalancerSourceRanges: [192.0.2.0/24]
  ports: [{name: http, port: 80, targetPort: http, protocol: TCP}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: web}
webhooks:
  - name: web.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    clientConfig: {service: {name: web, namespace: shop, path: /check, port: 443}}
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}]
"""
BODIES = [decoded.value for decoded in decode_text(OBJECTS)]
# Rules of their own judge these.
ELSEWHERE = {"labels", "annotations", "matchLabels", "selector", "tcpSocket", "topologyKey"}
OTHER_VALUES = {"object": {"any": "thing"}, "array": ["thing"], "string": "thing", "number": 1.5, "boolean": True}


def places_of(value, route=()):
    yield route
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in inner:
        yield from places_of(entry, (*route, key))


def break_type(body, route, node, draw):
    """Another type than the place takes. Gives the route of the mistake and its kind, or None if it cannot be made here."""
    types = node.get("type")
    if types is None:
        return None
    types = {types} if isinstance(types, str) else set(types)
    accepts = types | ({"number"} if "integer" in types else set())
    name = draw(st.sampled_from(sorted(set(OTHER_VALUES) - accepts)))
    if "integer" in types and name == "number":
        return None
    put(body, route, OTHER_VALUES[name])
    return route, "wrong-type"


def break_name(body, route, node, draw):
    """A letter twice in the name of a field."""
    name = route[-1]
    if not isinstance(name, str) or len(name) < 4:
        return None
    at = draw(st.integers(1, len(name) - 1))
    holder = holder_of(body, route)
    wrong = name[:at] + name[at - 1] + name[at:]
    entries = list(holder.items())
    holder.clear()
    holder.update((wrong if key == name else key, entry) for key, entry in entries)
    return (*route[:-1], wrong), "unknown-field"


def break_word(body, route, node, draw):
    """A word that the field does not take."""
    if "enum" not in node:
        return None
    put(body, route, "Whatever")
    return route, "invalid-value"


def empty(body, route, node, draw):
    """Nothing behind the key of a required field."""
    if "null" in node.get("type", ["null"]) or "$ref" in node:
        return None
    put(body, route, None)
    return route, "missing-field"


def holder_of(body, route):
    for step in route[:-1]:
        body = body[step]
    return body


def put(body, route, value):
    holder_of(body, route)[route[-1]] = value


def test_the_objects_are_valid():
    assert mistakes(OBJECTS) == []


@settings(max_examples=400)
@given(st.data())
def test_one_break_is_one_mistake_at_its_place(data):
    body = copy.deepcopy(data.draw(st.sampled_from(BODIES)))
    schema = built_in_schema(body["apiVersion"], body["kind"], 37)
    assert schema is not None
    places = Places(schema.document)
    routes = [route for route in places_of(body) if route and not ELSEWHERE & set(route) and route[0] not in ("apiVersion", "kind")]
    route = data.draw(st.sampled_from(routes))
    node = places.node_at(route)
    way = data.draw(st.sampled_from([break_type, break_name, break_word, empty]))
    if way is break_name and route[-1] not in places.fields_at(route[:-1]):
        return
    expected = way(body, route, node, data.draw)
    if expected is None:
        return
    found = mistakes(json.dumps(body))
    assert [(mistake.route, mistake.kind) for mistake in found] == [expected], found
