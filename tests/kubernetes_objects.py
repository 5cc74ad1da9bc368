"""Objects and states from YAML, for the tests of what Kubernetes objects mean."""

import re
from textwrap import dedent

from linter.kubernetes.kinds import is_cluster_scoped, split_api_version, type_name
from linter.kubernetes.pods import containers_of, pod_template
from linter.manifest.decoder import decode_text
from linter.model import DesiredState, Document, ManifestFile, Resource, Source, StateOptions

SOURCE = Source("app", "directory", "app")


def resources(text, source=SOURCE):
    """The objects of a YAML text."""
    file = ManifestFile(f"{source.path}/manifest.yaml", dedent(text), source)
    found = []
    for decoded in decode_text(file.text):
        body = decoded.value
        if not body:
            continue
        group, _ = split_api_version(body["apiVersion"])
        kind = type_name(group, body["kind"])
        declared = None if is_cluster_scoped(kind) else body["metadata"].get("namespace")
        found.append(
            Resource(
                Document(file, decoded.index, body),
                body,
                type=kind,
                api_version=body["apiVersion"],
                group=group,
                kind=body["kind"],
                name=body["metadata"]["name"],
                namespace="" if is_cluster_scoped(kind) else declared or "default",
                declared_namespace=declared,
            )
        )
    return found


def resource(text):
    """The one object of a YAML text."""
    (found,) = resources(text)
    return found


def state(*texts, incomplete=(), **options):
    """A state that holds the objects of the texts, each text in a source of its own."""
    sources = [Source(f"app{number}" if number else "app", "directory", "app") for number in range(len(texts))]
    found = [one for source, text in zip(sources, texts, strict=True) for one in resources(text, source)]
    return DesiredState("app", sources, found, StateOptions(opaque=re.compile(r"\$\{"), **options), incomplete)


def pod(spec, labels="{}"):
    """The pod template of a Pod with this spec, as YAML in flow style."""
    return pod_template(resource(f"{{apiVersion: v1, kind: Pod, metadata: {{name: web, labels: {labels}}}, spec: {spec}}}"))


def container(body):
    """The only container of a Pod, as a node."""
    (found,) = containers_of(pod(f"{{containers: [{body}]}}"))
    return found
