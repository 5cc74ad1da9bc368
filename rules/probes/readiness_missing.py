from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.lifecycle import runs_to_completion
from linter.kubernetes.workloads.probes import filled_in_by_injection
from linter.kubernetes.workloads.services import ServicePort, service_ports, services_selecting, serving_container
from linter.model import DesiredState, Node, Related, Resource, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if runs_to_completion(node.pod):
        return
    served: dict[tuple[str | int, ...], tuple[Node, Resource, ServicePort]] = {}
    path = node.resource.document.file.path
    # Name the Service the author wrote next to the workload, if several select it.
    for service in sorted(services_selecting(state, node.pod), key=lambda service: service.document.file.path != path):
        # Such a Service sends traffic to pods that are not ready on purpose, usually for members of a cluster to meet.
        if service.spec.get("publishNotReadyAddresses") is True:
            continue
        for port in service_ports(service):
            container = None if _for_scraping(port) else serving_container(node.pod, port)
            if container is not None:
                served.setdefault(container.route, (container, service, port))
    for container, service, port in served.values():
        if container.value.get("readinessProbe") is None and not filled_in_by_injection(container):
            yield Violation(
                (*container.route, "readinessProbe"),
                f"container {container.value.get('name')} has no readiness probe, and {service} sends it traffic",
                related=(Related(f"{service} sends traffic to it", service, port.route),),
            )


def _for_scraping(port: ServicePort) -> bool:
    """Whether only a monitoring system reads the port: a target that is not ready yet costs it one sample."""
    return "metrics" in port.name or port.name == "prometheus"
