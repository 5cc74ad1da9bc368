"""The program in processes that start at once.

A server with every module of the program imported forks a process for each call. What is called is the program's own `main`, in
its own process, folder, environment and with its own standard streams; only the start of Python and the imports are saved. What
depends on them (variables that Python itself reads, modules that are missing or put in the way) needs a process of the usual kind.
"""

from __future__ import annotations

import array
import importlib
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
import types
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What the program imports only when it needs it.
LATE = ("difflib", "jsonschema_rs", "subprocess", "tarfile", "tempfile")

# A client without any import that takes time, for shells: it hands over its streams, folder and environment.
CLIENT = """\
#!{python} -IS
import sys
from array import array
from os import environ, getcwd
import _socket
server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
server.connect({address!r})
asked = repr((sys.argv[1:], getcwd(), dict(environ))).encode(errors="surrogateescape")
server.sendmsg([len(asked).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array("i", [0, 1, 2]))])
server.sendall(asked)
sys.exit(int(server.recv(16) or 70))
"""


class WarmProgram:
    """Calls of the program; the server ends with whoever made this."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "socket")
        self._life = socket.socketpair()
        self._server: subprocess.Popen[bytes] | None = None

    def _start(self) -> None:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(self.address)
        listening.listen()
        _, other = self._life
        paths = {"PYTHONPATH": os.pathsep.join([ROOT, *filter(None, [os.environ.get("PYTHONPATH")])])}
        self._server = subprocess.Popen(
            [sys.executable, __file__, str(listening.fileno()), str(other.fileno())],
            pass_fds=(listening.fileno(), other.fileno()), env={**os.environ, **paths}, cwd=os.path.dirname(self.address),
        )  # fmt: skip
        listening.close()
        other.close()

    def client(self, path: Path) -> None:
        """Write a program for shells that calls the server."""
        if self._server is None:
            self._start()
        path.write_text(CLIENT.format(python=sys.executable, address=self.address))
        path.chmod(0o755)

    def run(
        self, arguments: tuple[str, ...], cwd: str | os.PathLike[str], variables: Mapping[str, str], stdin: bytes | None, seconds: float
    ) -> tuple[int, bytes, bytes]:
        """The exit code, standard output and standard error of a call."""
        if self._server is None:
            self._start()
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin or b"")
            given.seek(0)
            streams = [0 if stdin is None else given.fileno(), out.fileno(), err.fileno()]
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
                server.settimeout(seconds)
                server.connect(self.address)
                asked = repr((list(arguments), os.path.abspath(cwd), dict(variables))).encode(errors="surrogateescape")
                server.sendmsg([len(asked).to_bytes(8, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))])
                server.sendall(asked)
                code = server.recv(16)
            assert code, "the server of the program has ended"
            out.seek(0)
            err.seek(0)
            return int(code), out.read(), err.read()

    def close(self) -> None:
        self._life[0].close()
        if self._server is not None:
            self._server.wait(10)


def _serve(listening: socket.socket, life: socket.socket) -> None:
    import ast
    import gc
    import selectors

    import linter

    names = (module.name for module in pkgutil.walk_packages(linter.__path__, "linter.", onerror=lambda _: None))
    for name in (*LATE, *names):
        # What cannot be imported here fails in the calls that need it.
        with suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    with selectors.DefaultSelector() as selector:
        selector.register(listening, selectors.EVENT_READ)
        selector.register(life, selectors.EVENT_READ)
        handlers: set[int] = set()
        while True:
            if any(key.fileobj is life for key, _ in selector.select()):
                return
            connection, _ = listening.accept()
            handlers = {handler for handler in handlers if os.waitpid(handler, os.WNOHANG)[0] == 0}
            handler = os.fork()
            if handler:
                handlers.add(handler)
                connection.close()
                continue
            head, streams, _, _ = socket.recv_fds(connection, 8, 3)
            length, asked = int.from_bytes(head, "big"), b""
            while len(asked) < length:
                asked += connection.recv(length - len(asked))
            called = os.fork()
            if not called:
                for closing in (listening, life, connection):
                    closing.close()
                selector.close()
                _call(streams, *ast.literal_eval(asked.decode(errors="surrogateescape")))
            _, status = os.waitpid(called, 0)
            connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
            os._exit(0)


def _call(streams: list[int], arguments: list[str], folder: str, variables: dict[str, str]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old = getattr(sys, name)
        buffering = 1 if name == "stderr" or os.isatty(number) else -1
        made = open(number, old.mode, buffering, encoding=old.encoding, errors=old.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, made)
        setattr(sys, f"__{name}__", made)
    import linter.__main__ as program

    module = types.ModuleType("__main__")
    module.__package__, module.__file__ = "linter", program.__file__
    sys.modules["__main__"] = module
    sys.argv = [program.__file__, *arguments]
    sys.path[0] = folder
    try:
        program.main()
    finally:
        os._exit(70)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), socket.socket(fileno=int(sys.argv[2])))
