"""Reports built by hand, for the tests of the formats."""

from linter.model import Document, Finding, Location, ManifestFile, Occurrence, Resource, Source
from linter.report.model import Report, ReportedFailure, ReportedSource, Summary


def source(path="apps", type="directory", environment=None, **more):
    state = f"{path}@{environment}" if environment else path
    return Source(path, type, state, environment=environment, **more)


def resource(kind="Deployment", name="web", namespace="shop", api_version="apps/v1", origin=None, path="apps/web.yaml"):
    document = Document(ManifestFile(path, "", origin or source()), 0, {})
    return Resource(
        document,
        {},
        type=kind,
        api_version=api_version,
        group=api_version.rpartition("/")[0],
        kind=kind,
        name=name,
        namespace=namespace or "default",
        declared_namespace=namespace,
    )


def finding(line=1, column=1, end_column=2, **more):
    """A finding in apps/web.yaml; keyword arguments replace its fields, `path`, `end_line` and `precision` its location's."""
    path = more.pop("path", "apps/web.yaml")
    location = Location(path, line, column, more.pop("end_line", line), end_column, more.pop("precision", "exact"))
    about = more.pop("resource", None)
    origins = more.pop("origins", [source()])
    fields = {
        "rule": "probes/liveness-missing",
        "severity": "warning",
        "message": "container web has no liveness probe",
        "fix": "add a livenessProbe",
        "docs": "https://example.com/probes",
        "resource": about,
        "route": (),
        "location": location,
        "occurrences": tuple(Occurrence(origin, about, line) for origin in origins),
        "related": (),
        "fingerprint": f"{path}:{line}:{column}",
    }
    return Finding(**{**fields, **more})


def report(*findings, files=None, failures=(), sources=(), suppressed=0, **more):
    """A report; `files` are texts by path, from which code frames are taken."""
    severities = [found.severity for found in findings if found.suppressed is None]
    summary = Summary(
        files=37,
        not_manifests=2,
        sources=len(sources),
        resources=90,
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        infos=severities.count("info"),
        suppressed=suppressed or len(findings) - len(severities),
        failures=len(failures),
    )
    texts = files or {}

    def source_line(path, number):
        lines = texts.get(path, "").split("\n")
        return lines[number - 1] if number <= len(lines) else None

    return Report(
        exit_code=more.pop("exit_code", 1),
        version="1.2.3",
        packs=more.pop("packs", {"probes": "0.1.0"}),
        targets=more.pop("targets", {"kubernetes": "1.34"}),
        summary=summary,
        sources=tuple(ReportedSource(*entry) if isinstance(entry, tuple) else ReportedSource(entry, "ok") for entry in sources),
        findings=tuple(findings),
        failures=tuple(ReportedFailure(failure, f"f{index}") for index, failure in enumerate(failures)),
        source_line=source_line,
        **more,
    )
