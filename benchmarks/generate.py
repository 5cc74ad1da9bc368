"""Generate a realistic GitOps repository of any size, the same one for the same seed.

python benchmarks/generate.py DIR --applications N [--seed S] [--charts M] [--mistakes RATE] [--git]
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import charts, manifests, workloads
from benchmarks.applications import MISTAKES, Application

CLUSTERS = ("eu-prod", "us-prod", "staging")
TEAMS = ("billing", "catalog", "checkout", "delivery", "identity", "messaging", "platform", "pricing", "search", "storefront")
_SUBJECTS = ("account", "address", "basket", "campaign", "customer", "document", "invoice", "order", "parcel", "price", "review", "stock")
_ROLES = ("api", "consumer", "exporter", "gateway", "importer", "scheduler", "sync", "web", "worker")

# The share of real applications that have such an object; a mistake that needs one brings it.
_OPTIONAL: tuple[tuple[float, tuple[tuple[str, Callable[[Application], str]], ...]], ...] = (
    (0.45, (("ingress", manifests.ingress),)),
    (0.5, (("autoscaler", manifests.autoscaler),)),
    (0.5, (("disruption-budget", manifests.disruption_budget),)),
    (0.35, (("role", manifests.role), ("role-binding", manifests.role_binding))),
    (0.4, (("virtual-service", manifests.virtual_service), ("destination-rule", manifests.destination_rule))),
    (0.35, (("network-policy", manifests.network_policy),)),
    (0.3, (("service-monitor", manifests.service_monitor),)),
    (0.15, (("cron-job", workloads.cron_job),)),
)

# YAML that is not a manifest, as every repository has it.
_OTHER_FILES = {
    ".github/workflows/lint.yaml": """\
name: lint
on: [pull_request]
jobs:
  lint:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - run: gitops-lint lint
""",
    ".pre-commit-config.yaml": """\
repos:
  - repo: local
    hooks:
      - id: gitops-lint
        name: gitops-lint
        entry: gitops-lint lint
        language: system
""",
    "owners.yaml": "".join(f"{team}: [{team}@example.com]\n" for team in TEAMS),
}


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written: numbers of files, documents and bytes, and each planted mistake as (path, rule).

    `manifests` counts the documents of plain manifests; what charts render to comes on top.
    """

    files: int
    manifests: int
    bytes: int
    mistakes: tuple[tuple[str, str], ...]


def _application(index: int, seed: int, mistake_rate: float) -> Application:
    """The index-th application. Three in a row are one product on its clusters."""
    product = random.Random(f"{seed}/product/{index // len(CLUSTERS)}")
    stream = random.Random(f"{seed}/application/{index}")
    team = product.choice(TEAMS)
    number = index // len(CLUSTERS)
    name = f"{product.choice(_SUBJECTS)}-{product.choice(_ROLES)}-{number}"
    cluster = CLUSTERS[index % len(CLUSTERS)]
    return Application(
        name=name,
        team=team,
        cluster=cluster,
        namespace=f"{team}-{number % 4}",
        version=f"{product.randrange(1, 9)}.{product.randrange(30)}.{product.randrange(12)}",
        port=product.choice((3000, 8000, 8080, 8443, 9000)),
        replicas=1 if cluster == "staging" else product.choice((2, 2, 3, 3, 4, 6)),
        domain=f"{cluster}.example.com",
        containers=product.choices((1, 2, 3), (80, 15, 5))[0],
        mistake=stream.choice(sorted(MISTAKES)) if stream.random() < mistake_rate else None,
        random=stream,
    )


def _documents(app: Application) -> list[tuple[str, str]]:
    """The documents of an application as (name, text), in the order people write them."""
    documents = [
        ("deployment", workloads.deployment(app)),
        ("service", manifests.service(app)),
        ("service-account", manifests.service_account(app)),
        ("config-map", manifests.config_map(app)),
    ]
    needed = MISTAKES[app.mistake] if app.mistake else ""
    for share, members in _OPTIONAL:
        if app.random.random() < share or any(member == needed for member, _ in members):
            documents += [(member, write(app)) for member, write in members]
    if app.random.random() < 0.3:
        documents.append(("config-map-extra", manifests.config_map(app, "-extra")))
    return documents


def _application_files(app: Application) -> tuple[dict[str, str], int]:
    """The files of an application by path, and how many documents they hold. One application in eight is a single file."""
    documents = _documents(app)
    folder = f"{app.cluster}/{app.team}/{app.name}"
    if app.random.random() < 0.12:
        return {f"{folder}.yaml": "---\n".join(text for _, text in documents)}, len(documents)
    return {f"{folder}/{name}.yaml": text for name, text in documents}, len(documents)


def generate(
    directory: str, applications: int, *, seed: int = 1, chart_count: int = 0, mistake_rate: float = 0.05, git: bool = False
) -> Generated:
    """Write a repository of `applications` applications, about eight manifests each, and `chart_count` Helm charts.

    `directory` is created if needed and must be empty. `mistake_rate` is the share of applications with one mistake.
    Raises FileExistsError if the directory holds anything, ValueError for numbers that make no sense.
    """
    if applications < 0 or chart_count < 0 or not 0 <= mistake_rate <= 1:
        raise ValueError("numbers of applications and charts start at 0, and the rate of mistakes lies between 0 and 1")
    os.makedirs(directory, exist_ok=True)
    if os.listdir(directory):
        raise FileExistsError(f"{directory} is not empty")
    files = dict(_OTHER_FILES)
    documents = 0
    namespaces: set[tuple[str, str, str]] = set()
    mistakes: list[tuple[str, str]] = []
    for index in range(applications):
        app = _application(index, seed, mistake_rate)
        written, count = _application_files(app)
        files.update(written)
        documents += count
        namespaces.add((app.cluster, app.namespace, app.team))
        if app.mistake:
            own = f"{app.cluster}/{app.team}/{app.name}/{MISTAKES[app.mistake]}.yaml"
            mistakes.append((own if own in written else next(iter(written)), app.mistake))
    for cluster in sorted({cluster for cluster, _, _ in namespaces}):
        members = sorted((name, team) for where, name, team in namespaces if where == cluster)
        files[f"{cluster}/namespaces.yaml"] = "---\n".join(manifests.namespace(name, team) for name, team in members)
        documents += len(members)
    for index in range(chart_count):
        stream = random.Random(f"{seed}/chart/{index}")
        name = f"{stream.choice(_SUBJECTS)}-{stream.choice(_ROLES)}-{index}"
        files.update({f"charts/{name}/{path}": text for path, text in charts.chart(name, stream).items()})
    if chart_count:
        files[".gitops-lint.yaml"] = charts.configuration()
    size = _write(directory, files)
    if git:
        _initialise(directory)
    return Generated(len(files), documents, size, tuple(sorted(mistakes)))


def _write(directory: str, files: dict[str, str]) -> int:
    size = 0
    made: set[str] = set()
    for path, text in files.items():
        target = os.path.join(directory, path)
        parent = os.path.dirname(target)
        if parent not in made:
            os.makedirs(parent, exist_ok=True)
            made.add(parent)
        content = text.encode()
        with open(target, "wb") as file:
            file.write(content)
        size += len(content)
    return size


def _initialise(directory: str) -> None:
    """Make a Git repository with one commit whose author and date are always the same, so that the commit id is too."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {
            f"GIT_{role}_NAME": "generator",
            f"GIT_{role}_EMAIL": "generator@example.com",
            f"GIT_{role}_DATE": "2025-01-01T00:00:00Z",
        }
    for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"], ["commit", "--quiet", "--message=Generated"]):
        subprocess.run(["git", *arguments], cwd=directory, env=environment, check=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Generate a realistic GitOps repository, the same one for the same seed.")
    parser.add_argument("directory", metavar="DIR", help="where to write it; must be empty or not exist")
    parser.add_argument("--applications", type=int, required=True, metavar="N", help="how many applications, about eight manifests each")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives another repository (default: 1)")
    parser.add_argument("--charts", type=int, default=0, metavar="M", help="how many Helm charts (default: none)")
    parser.add_argument("--mistakes", type=float, default=0.05, metavar="RATE", help="share of applications with a mistake (default: 0.05)")
    parser.add_argument("--git", action="store_true", help="make it a Git repository with one commit")
    options = parser.parse_args(arguments)
    try:
        result = generate(
            options.directory,
            options.applications,
            seed=options.seed,
            chart_count=options.charts,
            mistake_rate=options.mistakes,
            git=options.git,
        )
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"generate.py: {error}", file=sys.stderr)
        return 2
    planted = "".join(f"\n  {rule}  {path}" for path, rule in result.mistakes)
    print(f"{result.files} files, {result.manifests} manifests, {result.bytes / 1e6:.2f} MB")
    print(f"{len(result.mistakes)} planted mistakes:{planted}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
