"""Running a whole process and measuring it: wall time, processor time, memory."""

from __future__ import annotations

import atexit
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import IO

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class MeasurementError(Exception):
    """The measured command could not be run, or did not do what is being measured."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process and its descendants: seconds of wall time, seconds of processor time (user and system), exit code."""

    wall: float
    cpu: float
    exit_code: int


@lru_cache(maxsize=1)
def environment() -> dict[str, str]:
    """The environment of measured processes: ours, with compiled Python kept as in any installation.

    Where PYTHONDONTWRITEBYTECODE is set, every process would compile the linter anew; then the bytecode is kept in a
    temporary directory until this program ends.
    """
    variables = dict(os.environ)
    if variables.pop("PYTHONDONTWRITEBYTECODE", ""):
        variables["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp(prefix="gitops-lint-bytecode-")
        atexit.register(shutil.rmtree, variables["PYTHONPYCACHEPREFIX"], ignore_errors=True)
    return variables


def resolve(command: str) -> list[str]:
    """The words of a command, its program looked up on PATH and beside the running Python.

    `gitops-lint` that is not installed is run from the checkout. Raises MeasurementError if the program is not there.
    """
    words = shlex.split(command)
    if not words:
        raise MeasurementError("the command is empty")
    found = shutil.which(words[0]) or shutil.which(words[0], path=os.path.dirname(sys.executable))
    if found:
        return [found, *words[1:]]
    if words[0] == "gitops-lint":
        return [sys.executable, "-m", "linter", *words[1:]]
    raise MeasurementError(f"{words[0]} is not on PATH: install it, or name another command")


def measure(command: Sequence[str], *, cwd: str = ROOT, accepted: frozenset[int] = frozenset({0, 1})) -> Run:
    """Run a command once, its output thrown away.

    Raises MeasurementError with the end of its error output if it exits with a code that is not accepted.
    """
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accepted:
            raise MeasurementError(_complaint(command, process.returncode, errors))
    return Run(wall, usage.ru_utime + usage.ru_stime, process.returncode)


def observe(command: Sequence[str], *, cwd: str = ROOT, accepted: frozenset[int] = frozenset({0, 1})) -> tuple[bytes, int]:
    """Run a command once, untimed; its standard output, and the peak memory of all its processes in bytes.

    On Linux that is the largest sum of proportional set sizes seen at intervals of 10 ms, so that memory which forked
    processes share counts once. Elsewhere it is the largest resident set of a single process.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        peak = 0
        pid = 0
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG if sys.platform == "linux" else 0)
            if pid:
                break
            peak = max(peak, sum(_proportional_size(member) for member in family(process.pid)))
            time.sleep(0.01)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accepted:
            raise MeasurementError(_complaint(command, process.returncode, errors))
        if not peak:
            peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        output.seek(0)
        return output.read(), peak


def _complaint(command: Sequence[str], exit_code: int, errors: IO[bytes]) -> str:
    errors.seek(0)
    tail = errors.read()[-2000:].decode(errors="replace").strip()
    return f"`{shlex.join(command)}` ended with exit code {exit_code}:\n{tail}"


def family(pid: int) -> list[int]:
    """A process and its descendants, as far as they still run."""
    found = [pid]
    for member in found:
        try:
            for task in os.listdir(f"/proc/{member}/task"):
                with open(f"/proc/{member}/task/{task}/children") as file:
                    found += [int(child) for child in file.read().split()]
        except OSError:
            continue
    return found


def _proportional_size(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
