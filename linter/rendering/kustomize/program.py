"""The program that builds: `kustomize`, or the one inside `kubectl`; and the Helm it calls for charts."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

_VERSION = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+[^\s\"]*")
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Program:
    """A program, as absolute path, and what stands between it and the directory to build."""

    path: str
    arguments: tuple[str, ...]

    @property
    def name(self) -> str:
        """The command as users know it: `kustomize build` or `kubectl kustomize`."""
        return " ".join((os.path.basename(self.path), *self.arguments))

    def version(self) -> str | None:
        """The version of kustomize, such as "v5.5.0"; None if the program does not tell."""
        kubectl = self.arguments == ("kustomize",)
        command = [self.path, "version", "--client"] if kubectl else [self.path, "version"]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False, env={"HOME": os.devnull}
            )
        except (OSError, subprocess.SubprocessError):
            return None
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        named = [line for line in lines if "kustomize" in line.lower()] if kubectl else lines
        match = next((match for line in named if (match := _VERSION.search(line)) is not None), None)
        return match.group() if match is not None else None


def find_program(program: str | None = None) -> Program | None:
    """The given program, else `kustomize` on PATH, else `kubectl` on PATH; None if there is none.

    Directories of PATH that are not absolute are not searched: they may be the repository itself.
    """
    names = (program,) if program is not None else ("kustomize", "kubectl")
    for name in names:
        path = find_on_path(name)
        if path is not None:
            return Program(path, ("kustomize",) if os.path.basename(path).startswith("kubectl") else ("build",))
    return None


def find_on_path(name: str) -> str | None:
    """The absolute path of a program, searched in the absolute directories of PATH if it has no directory of its own."""
    if os.path.dirname(name):
        return os.path.abspath(name) if os.access(name, os.X_OK) and os.path.isfile(name) else None
    directories = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(entry)]
    return shutil.which(name, path=os.pathsep.join(directories))


def helm_script(helm: str, home: str) -> str:
    """A shell script that stands for Helm: it renders and does nothing else, in a home of its own.

    kustomize asks for the version in the way of Helm 3, which later versions refuse, so the script answers; what is not
    `template` would fetch something.
    """
    exports = " ".join(
        shlex.quote(f"{name}={home}/{part}")
        for name, part in (
            ("HELM_CONFIG_HOME", "config"),
            ("HELM_CACHE_HOME", "cache"),
            ("HELM_DATA_HOME", "data"),
            ("HELM_PLUGINS", "plugins"),
        )
    )
    return "\n".join(
        (
            "#!/bin/sh",
            'case "$1" in',
            "version) echo v3.99.0 ;;",
            f'template) export {exports}; exec {shlex.quote(helm)} "$@" ;;',
            '*) echo "helm $1 would need the network" >&2; exit 1 ;;',
            "esac",
            "",
        )
    )


def environment(home: str, path: str, proxy: str = "http://127.0.0.1:9") -> dict[str, str]:
    """What a build knows of the machine: nothing. The proxy answers nobody, should a program try to reach something."""
    return {
        "PATH": path,
        "HOME": home,
        "TMPDIR": home,
        "XDG_CONFIG_HOME": f"{home}/config",
        "XDG_CACHE_HOME": f"{home}/cache",
        "KUBECONFIG": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "none",
        "LC_ALL": "C.UTF-8",
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), proxy),
        "NO_PROXY": "",
    }


def command_of(
    program: Program, directory: str, helm: str | None, kube_version: str | None, api_versions: Sequence[str], unrestricted: bool
) -> list[str]:
    """The command that builds a directory."""
    command = [program.path, *program.arguments, directory]
    if unrestricted:
        command.append("--load-restrictor=LoadRestrictionsNone")
    if helm is not None:
        command += ["--enable-helm", f"--helm-command={helm}"]
        if kube_version:
            command.append(f"--helm-kube-version={kube_version}")
        command += [f"--helm-api-versions={version}" for version in api_versions]
    return command
