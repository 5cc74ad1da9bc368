"""The version of the program, and the newest versions of the systems it knows."""

__version__ = "0.1.0"

# What a target defaults to. ExternalDNS has no default: its annotation prefix changed with 0.22, and a wrong guess would
# make every annotation of a repository a finding. Of other add-ons clusters run many releases, so that nothing is assumed.
NEWEST_TARGETS: dict[str, str | None] = {
    "kubernetes": "1.37",
    "istio": "1.28",
    "external-dns": None,
    "gateway-api": None,
    "cert-manager": None,
    "argo-cd": None,
}
