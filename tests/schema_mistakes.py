"""What is wrong with the structure of an object, for the tests of the schemas."""

from linter.kubernetes.schemas.judging import mistakes_of
from linter.manifest.decoder import decode_text
from linter.manifest.resources import resources_of
from linter.model import DesiredState, Document, ManifestFile, Resource, Source, StateOptions

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.2
          ports:
            - containerPort: 8080
          env:
            - {name: MODE, value: fast}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - port: 80
      targetPort: 8080
"""


def loaded(text: str, target: str | None = None, path: str = "app/manifest.yaml", **source: str) -> tuple[DesiredState, list[Resource]]:
    """A state with the objects of a YAML text, and these objects."""
    origin = Source("app", **{"type": "directory", "state": "app", **source})
    file = ManifestFile(path, text, origin)
    found = [
        resource
        for decoded in decode_text(text)
        if decoded.value is not None
        for resource in resources_of(Document(file, decoded.index, decoded.value))
    ]
    return DesiredState("app", [origin], found, StateOptions(targets={"kubernetes": target})), found


def mistakes(text: str, target: str | None = None, **others: str) -> list:
    """The mistakes in all objects of a YAML text."""
    state, objects = loaded(text, target, **others)
    return [mistake for resource in objects for mistake in mistakes_of(resource, state)]


def sentences(text: str, target: str | None = None, **others: str) -> list[str]:
    """The mistakes as `kind: message`."""
    return [f"{mistake.kind}: {mistake.message}" for mistake in mistakes(text, target, **others)]


def changed(text: str, *changes: tuple[str, str]) -> str:
    """The text with the first occurrence of each old part replaced by the new one."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
