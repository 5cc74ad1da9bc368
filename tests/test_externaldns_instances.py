"""The instances of ExternalDNS in a state, the prefixes they read, and the keys on objects."""

import pytest
from kubernetes_objects import state

from linter.externaldns.annotations import ALPHA_PREFIX, PREFIX
from linter.externaldns.instances import app_version, instances
from linter.externaldns.keys import dns_keys, keys_named
from linter.externaldns.prefixes import default_prefix, filter_texts, live_prefixes, recognized_prefixes, resembles_prefix

SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {type: LoadBalancer}}"


def controller(image="registry.k8s.io/external-dns/external-dns:v0.21.0", args="[]", more="", labels="{}"):
    return f"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {{name: external-dns, namespace: dns, labels: {labels}}}
        spec: {{template: {{spec: {{containers: [{{name: external-dns, image: "{image}", args: {args}{more}}}]}}}}}}
    """


class TestInstances:
    def test_flags_of_every_spelling(self):
        arguments = '["--source=service", "--source", "ingress", "--publish-internal-services", "--txt-owner-id", "a", 7]'
        environment = ', env: [{name: EXTERNAL_DNS_DOMAIN_FILTER, value: "a.com\\nb.com"}, {name: OTHER, value: x}]'
        (found,) = instances(state(controller(args=arguments, more=environment)))
        assert found.values("source") == ["service", "ingress"]
        assert found.is_on("publish-internal-services")
        assert not found.is_on("dry-run")
        assert found.flag("txt-owner-id") == "a"
        assert found.values("domain-filter") == ["a.com", "b.com"]
        assert found.version == "0.21.0"
        assert found.readable
        assert found.flags["txt-owner-id"][0][1] == ("spec", "template", "spec", "containers", 0, "args", 5)

    def test_a_shell_line(self):
        (found,) = instances(state(controller(args='["external-dns --source=service --annotation-prefix=x.example.com/"]')))
        assert found.flag("annotation-prefix") == "x.example.com/"

    @pytest.mark.parametrize(
        "more",
        [
            ", envFrom: [{configMapRef: {name: a}}]",
            ", env: [{name: EXTERNAL_DNS_POLICY, valueFrom: {configMapKeyRef: {name: a, key: b}}}]",
        ],
    )
    def test_flags_from_elsewhere(self, more):
        (found,) = instances(state(controller(more=more)))
        assert not found.readable

    @pytest.mark.parametrize(
        ("image", "labels", "version"),
        [
            ("registry.k8s.io/external-dns/external-dns:v0.22.0", "{}", "0.22.0"),
            ("docker.io/bitnami/external-dns:0.15.1-debian-12-r1", "{}", "0.15.1"),
            ("external-dns:v0.22.0@sha256:abc", "{}", "0.22.0"),
            ("external-dns:latest", "{app.kubernetes.io/version: 0.19.0}", "0.19.0"),
            ("external-dns", "{helm.sh/chart: external-dns-1.21.1}", "0.21.0"),
            ("external-dns", "{helm.sh/chart: external-dns-1.22.0}", "0.22.0"),
            ("external-dns", "{helm.sh/chart: external-dns-8.7.1}", None),
            ("external-dns:latest", "{}", None),
        ],
    )
    def test_versions(self, image, labels, version):
        (found,) = instances(state(controller(image, labels=labels)))
        assert found.version == version

    @pytest.mark.parametrize("image", ["example.com/external-dns-webhook:1", "example.com/external-dns/webhook:1", "web", ""])
    def test_other_images(self, image):
        assert instances(state(controller(image))) == []

    def test_an_application(self):
        text = """
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: external-dns, namespace: argocd}
            spec:
              destination: {server: SERVER, namespace: dns}
              source:
                repoURL: https://kubernetes-sigs.github.io/external-dns/
                chart: external-dns
                targetRevision: 1.22.0
                helm: {valuesObject: {txtOwnerId: a, sources: [ingress], extraArgs: {annotation-filter: x in (y), once: true}}}
        """
        (found,) = instances(state(text.replace("SERVER", "https://kubernetes.default.svc")))
        assert (found.version, found.flag("txt-owner-id"), found.values("source")) == ("0.22.0", "a", ["ingress"])
        assert found.is_on("once")
        assert instances(state(text.replace("SERVER", "https://elsewhere.example.com"))) == []

    @pytest.mark.parametrize(
        ("url", "version"),
        [("https://kubernetes-sigs.github.io/external-dns/", "0.21.0"), ("https://charts.example.com", None), (None, None)],
    )
    def test_a_helm_release(self, url, version):
        source = f"""
            apiVersion: source.toolkit.fluxcd.io/v1
            kind: HelmRepository
            metadata: {{name: r, namespace: dns}}
            spec: {{url: "{url}"}}
        """
        release = """
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: external-dns, namespace: dns}
            spec: {chart: {spec: {chart: external-dns, version: 1.20.0, sourceRef: {kind: HelmRepository, name: r}}}}
        """
        (found,) = instances(state(release, source if url else ""))
        assert found.version == version

    def test_a_helm_release_from_a_registry(self):
        text = """
            apiVersion: source.toolkit.fluxcd.io/v1
            kind: OCIRepository
            metadata: {name: cloudflare}
            spec: {url: "oci://registry.example.com/charts/external-dns", ref: {tag: 1.22.0}}
            ---
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: cloudflare}
            spec: {chartRef: {kind: OCIRepository, name: cloudflare}, values: {annotationPrefix: a.example.com/}}
            ---
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: web}
            spec: {chartRef: {kind: OCIRepository, name: web}}
        """
        (found,) = instances(state(text))
        assert (found.version, found.flag("annotation-prefix")) == ("0.22.0", "a.example.com/")

    @pytest.mark.parametrize(
        ("chart", "version"),
        [("1.21.1", "0.21.0"), ("v1.22.0", "0.22.0"), ("1.30.0-rc.1", "0.22.0"), ("8.0.0", None), ("1.x", None), ("", None)],
    )
    def test_chart_versions(self, chart, version):
        assert app_version(chart) == version


class TestPrefixes:
    @pytest.mark.parametrize(
        ("version", "prefix"),
        [("0.21", ALPHA_PREFIX), ("v0.22.0", PREFIX), ("1.0", PREFIX), ("0.9.0", ALPHA_PREFIX), ("latest", None), ("", None)],
    )
    def test_by_version(self, version, prefix):
        assert default_prefix(version) == prefix

    def test_flag_before_image_before_target(self):
        def live(*texts, target=None):
            return live_prefixes(state(*texts, targets={"external-dns": target})).live

        flag = controller(args='["--annotation-prefix=a.example.com/"]')
        assert live(flag, target="0.22") == {"a.example.com/"}
        assert live(controller(), target="0.22") == {ALPHA_PREFIX}
        assert live(controller("external-dns:latest"), target="0.22") == {PREFIX}
        assert live(controller("external-dns:latest")) is None
        assert live(SERVICE, target="0.22") == {PREFIX}
        assert live(SERVICE, target="unknown") is None
        assert live(SERVICE) is None
        assert live(controller(more=", envFrom: [{configMapRef: {name: a}}]")) is None
        assert live(controller(args='["--annotation-prefix=${PREFIX}/"]')) is None

    def test_split_horizon(self):
        texts = controller(), controller(args='["--annotation-prefix=internal.example.com/"]')
        assert live_prefixes(state(*texts)).live == {ALPHA_PREFIX, "internal.example.com/"}
        assert recognized_prefixes(state(*texts)) == (PREFIX, ALPHA_PREFIX, "internal.example.com/")

    def test_the_migration_flag(self):
        found = state(controller("external-dns:v0.23.0", '["--enable-legacy-annotation-prefix"]'))
        assert live_prefixes(found).live == {PREFIX, ALPHA_PREFIX}

    def test_filters(self):
        assert "a/exclude" in filter_texts(state(controller(args='["--annotation-filter=a/exclude notin (true)"]')))

    @pytest.mark.parametrize(
        ("domain", "alike"),
        [
            ("externaldns.alpha.kubernetes.io", True),
            ("external-dns.beta.kubernetes.io", True),
            ("external-dns.k8s.io", True),
            ("external-dns", True),
            ("external-dns.alpha.kubernetse.io", True),
            ("external-dns-internal.alpha.kubernetes.io", False),
            ("internal.example.com", False),
            ("dns.alpha.kubernetes.io", False),
            ("external-dns.example.com", False),
        ],
    )
    def test_look_alikes(self, domain, alike):
        assert resembles_prefix(domain) is alike


def test_keys_of_objects_pods_and_the_infrastructure_of_gateways():
    found = state(
        f"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {{name: web, annotations: {{"{PREFIX}ttl": 60}}}}
        spec: {{template: {{metadata: {{annotations: {{"{ALPHA_PREFIX}hostname": a}}}}, spec: {{}}}}}}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {{name: web, annotations: {{"x.example.com/target": b}}}}
        spec: {{infrastructure: {{annotations: {{"{PREFIX}hostname": c}}}}}}
        """,
        controller(args='["--annotation-prefix=x.example.com/"]'),
    )
    keys = [key for one in found.resources for key in dns_keys(one, found)]
    assert [(key.on, key.prefix, key.suffix, key.text) for key in keys] == [
        ("Deployment", PREFIX, "ttl", None),
        ("Pod", ALPHA_PREFIX, "hostname", "a"),
        ("gateway.networking.k8s.io/Gateway", "x.example.com/", "target", "b"),
        ("Service", PREFIX, "hostname", "c"),
    ]
    assert keys_named(found, "hostname") == [(found.resources[0], keys[1]), (found.resources[1], keys[3])]
