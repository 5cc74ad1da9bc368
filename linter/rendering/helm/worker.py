"""The process that renders charts: the only place that loads the Helm SDK, and with it a Go runtime.

It is started by `linter.rendering.helm.process` and speaks with it over its standard input and output: messages in both
directions are eight bytes of length and a marshalled value. A template can make it run out of memory or never end; then
it dies or is killed, and nothing else is lost.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

MAX_REPLY = 256 * 1024 * 1024
_MAX_ERROR = 20_000
_WATCH_SECONDS = 0.5
OUT_OF_MEMORY = "out of memory"


def main(memory: int, parent: int, limit: str) -> None:
    """Serve requests until standard input ends.

    `memory` is the most memory, in bytes, that rendering may take; `limit` says whether the system enforces that through
    the size of the address space ("address-space") or this process by watching what it occupies ("resident"). The process
    ends by itself when `parent` no longer is its parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, replies = _claim_pipes()
    _watch(memory if limit == "resident" else None, parent)
    try:
        engine = Engine()
    except Exception as error:  # the SDK raises its own error for a library of another platform
        _send(replies, {"missing": f"{error}"[:_MAX_ERROR]})
        return
    _limit(memory if limit == "address-space" else None)
    _send(replies, {"ready": engine.version})
    while (request := _receive(requests)) is not None:
        _send(replies, engine.answer(request))


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for ourselves; whatever a library prints goes to standard error."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _limit(memory: int | None) -> None:
    """Leave no core dumps, and let the address space grow by no more than `memory` bytes.

    The engine reserves more than a gigabyte of addresses when it loads, most of which it never uses.
    """
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if memory is not None:
        with open("/proc/self/statm", "rb") as statm:
            size = int(statm.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = size + memory
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _watch(memory: int | None, parent: int) -> None:
    """End the process when its parent is gone, or when it occupies more than `memory` bytes.

    The engine releases Python's lock while it renders, so this runs even during an endless template.
    """
    import threading
    import time

    def watch() -> None:
        while os.getppid() == parent:
            if memory is not None and _resident() > memory:
                os.write(2, OUT_OF_MEMORY.encode())
                break
            time.sleep(_WATCH_SECONDS if memory is None else _WATCH_SECONDS / 10)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _resident() -> int:
    """The most memory this process has occupied, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _receive(stream: BinaryIO) -> Any:
    header = stream.read(8)
    if len(header) < 8:
        return None
    return marshal.loads(stream.read(int.from_bytes(header, "big")))


def _send(stream: BinaryIO, message: dict[str, Any]) -> None:
    data = marshal.dumps(message)
    view = memoryview(len(data).to_bytes(8, "big") + data)
    while view:
        view = view[stream.write(view) :]


class Engine:
    """The Helm SDK. Raises ImportError, or what the SDK raises, where it cannot be loaded."""

    def __init__(self) -> None:
        import helm_python

        self._sdk = helm_python
        # Its own capabilities, asked for when a chart is to see others.
        self._capabilities: tuple[str, list[str]] | None = None
        self.version: str = helm_python.helm_sdk_version()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Render a chart.

        The request holds `files` (path in the chart -> content), `values`, `release`, `namespace`, and, to replace the
        engine's capabilities, `kube_version` and `api_versions`; `vendored`, the names of the subcharts, is for another
        engine. The answer holds `rendered` (template -> text), or `error` and `kind`: "values", "render", "load" or "other".
        """
        try:
            rendered = self._render(request)
        except MemoryError:
            return {"kind": "memory", "error": OUT_OF_MEMORY}
        except Exception as error:
            return {"kind": self._kind(error), "error": bounded(str(error))}
        if sum(map(len, rendered.values())) > MAX_REPLY:
            return {"kind": "memory", "error": f"the rendered chart is larger than {MAX_REPLY // 1048576} MiB"}
        return {"rendered": rendered}

    def _kind(self, error: Exception) -> str:
        if isinstance(error, self._sdk.HelmValuesError):
            return "values"
        if isinstance(error, self._sdk.HelmRenderError):
            return "render"
        if isinstance(error, self._sdk.HelmChartLoadError):
            return "load"
        return "other"

    def _render(self, request: Mapping[str, Any]) -> dict[str, str]:
        files = self._with_capabilities(request)
        with self._sdk.Chart.load_archive(archive(files)) as chart:
            rendered: dict[str, str] = chart.render(request["values"], name=request["release"], namespace=request["namespace"])
        return {name: text for name, text in rendered.items() if not name.endswith("NOTES.txt") and text.strip()}

    def _with_capabilities(self, request: Mapping[str, Any]) -> Mapping[str, bytes]:
        """The files, in which templates see the capabilities that the request asks for."""
        files: Mapping[str, bytes] = request["files"]
        version, added = request["kube_version"], request["api_versions"]
        templates = [name for name in files if b".Capabilities" in files[name] and "templates/" in name]
        if (version is None and not added) or not templates:
            return files
        own_version, own_apis = self._own_capabilities()
        if version in (None, own_version) and set(added) <= set(own_apis):
            return files
        from linter.rendering.helm.capabilities import Capabilities

        capabilities = Capabilities(version or own_version, [*own_apis, *added])
        changed = {name: capabilities.write_into(files[name].decode("utf-8", "surrogateescape")) for name in templates}
        return {**files, **{name: text.encode("utf-8", "surrogateescape") for name, text in changed.items()}}

    def _own_capabilities(self) -> tuple[str, list[str]]:
        if self._capabilities is None:
            probe = {
                "Chart.yaml": b"apiVersion: v2\nname: probe\nversion: 0.0.1\n",
                "templates/a": b'{{ .Capabilities.KubeVersion.Version }} {{ join " " .Capabilities.APIVersions }}',
            }
            with self._sdk.Chart.load_archive(archive(probe)) as chart:
                version, *apis = chart.render()["probe/templates/a"].split()
            self._capabilities = version, apis
        return self._capabilities


def archive(files: Mapping[str, bytes]) -> bytes:
    """The chart as Helm takes it: a gzipped tar archive, here without compression."""
    import gzip
    import io
    import tarfile

    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=0, mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w|") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"chart/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def bounded(text: str) -> str:
    """The beginning and the end of an error, which may repeat a thousand levels of inclusion."""
    return text if len(text) <= _MAX_ERROR else f"{text[: _MAX_ERROR // 2]} … {text[-_MAX_ERROR // 2 :]}"
