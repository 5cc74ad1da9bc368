"""Reading packaged charts (.tgz) in memory, with bounds: nothing is unpacked to disk."""

from __future__ import annotations

import posixpath
import re

from linter.errors import InputError

# Helm's own limit for what a chart may hold when unpacked (MaxDecompressedChartSize).
MAX_CHART_BYTES = 100 * 1024 * 1024
_MAX_MEMBERS = 20_000

_DRIVE = re.compile(r"[a-zA-Z]:/")


class Budget:
    """How much the files of one chart, its subcharts included, may still hold."""

    __slots__ = ("_left",)

    def __init__(self, limit: int = MAX_CHART_BYTES) -> None:
        self._left = limit

    @property
    def left(self) -> int:
        return self._left

    def spend(self, size: int, path: str) -> None:
        """Raises InputError `helm-chart-too-large` when the limit is passed."""
        self._left -= size
        if self._left < 0:
            raise InputError(
                "helm-chart-too-large",
                f"the files of this chart hold more than {MAX_CHART_BYTES // 1048576} MiB, which Helm refuses",
                fix="keep large files out of the chart, or name them in its .helmignore",
                path=path,
                stage="read",
            )


def read_archive(data: bytes, path: str, budget: Budget) -> tuple[str, dict[str, bytes]]:
    """The name of the chart's directory in a packaged chart, and its files relative to that directory.

    Links and devices are left out, as Helm leaves them without content. Raises InputError: `helm-archive-invalid` if this
    is no gzipped tar archive or a member would stand outside the chart's directory, `helm-chart-too-large`.
    """
    import io
    import tarfile
    import zlib

    files: dict[str, bytes] = {}
    top = ""
    try:
        with tarfile.open(fileobj=io.BytesIO(_inflated(data, path, budget)), mode="r:") as archive:
            for count, member in enumerate(archive):
                if count >= _MAX_MEMBERS:
                    raise _invalid(path, f"it has more than {_MAX_MEMBERS} members")
                if member.isdir():
                    continue
                first, name = _split_name(member.name, path)
                top = top or first
                # A sparse member of a few bytes may claim any size.
                if not member.isfile() or member.issparse():
                    continue
                if member.size > budget.left:
                    budget.spend(member.size, path)
                reader = archive.extractfile(member)
                if reader is not None:
                    files[name] = reader.read()
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise _invalid(path, "it is not a gzipped tar archive" if not files else f"it is damaged ({error})") from None
    if not files:
        raise _invalid(path, "it holds no files")
    return top, files


def _inflated(data: bytes, path: str, budget: Budget) -> bytes:
    """The unpacked archive, never more than the budget allows. Raises zlib.error or EOFError for damaged data."""
    import zlib

    pieces: list[bytes] = []
    while data:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        piece = stream.decompress(data, budget.left + 1)
        budget.spend(len(piece), path)
        if not stream.eof:
            raise EOFError("it ends early")
        pieces.append(piece)
        data = stream.unused_data
    return b"".join(pieces)


def _split_name(name: str, path: str) -> tuple[str, str]:
    """The chart's directory in the archive and the path of a member inside it. Raises InputError for one outside of it."""
    first, _, rest = name.replace("\\", "/").partition("/")
    inner = posixpath.normpath(rest) if rest else "."
    if first == "Chart.yaml":
        raise _invalid(path, "its Chart.yaml is not in a directory")
    if inner == "." or inner.startswith(("..", "/")) or _DRIVE.match(inner):
        raise _invalid(path, f"its member `{name[:100]}` is outside of the chart's directory")
    return first, inner


def _invalid(path: str, reason: str) -> InputError:
    message = f"this packaged chart cannot be read: {reason}"
    return InputError("helm-archive-invalid", message, fix="package the chart again with `helm package`", path=path, stage="read")
