"""Where reports go, and how the program ends: real processes, files, pipes and signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree

import pytest
from reports import finding, report

from linter.cli import files, output
from linter.errors import UsageError

BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {enabled: yes}\n"
LINTER = [sys.executable, "-m", "linter"]
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENVIRONMENT = {**os.environ, "PYTHONPATH": ROOT}

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and signals")


@pytest.fixture
def repository(tmp_path):
    """A repository with one finding; reports are written to a folder beside it."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / ".gitops-lint.yaml").write_text("root: true\n")
    (folder / "a.yaml").write_text(BAD)
    (tmp_path / "out").mkdir()
    return folder


def shell(command, cwd):
    """A shell command in which `$LINT` is the program; its exit code is that of the last command of a pipe that failed."""
    variables = {**ENVIRONMENT, "LINT": " ".join(LINTER)}
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=cwd, env=variables, capture_output=True, timeout=60, check=False)


def left_behind(folder):
    return [name for _, _, names in os.walk(folder) for name in names if name.startswith(".gitops-lint-")]


class TestSeveralOutputs:
    def test_all_formats_of_one_run(self, run, repository):
        names = {name: f"../out/{name}.txt" for name in ("text", "json", "gitlab", "junit", "markdown")}
        done = run("lint", "-q", *(f"--output={name}={path}" for name, path in names.items()), cwd=repository)
        written = {name: (repository / path).read_text(encoding="utf-8") for name, path in names.items()}
        assert (done.returncode, done.stderr) == (1, "")
        assert written["text"] == done.stdout
        assert json.loads(written["json"])["exitCode"] == 1
        assert json.loads(written["gitlab"])[0]["location"] == {"path": "a.yaml", "lines": {"begin": 5}}
        assert ElementTree.fromstring(written["junit"]).get("failures") == "1"
        assert written["markdown"].startswith("## gitops-lint: 1 error in 1 of ")
        assert not left_behind(repository.parent)

    @pytest.mark.parametrize("name", ["my report.xml", "Prüfung — 結果.xml", "a=b.xml", "'quoted\".xml", os.fsdecode(b"caf\xe9.xml")])
    def test_names(self, run, repository, name):
        assert run("lint", f"--output=junit=../out/{name}", cwd=repository).returncode == 1
        assert os.listdir(repository.parent / "out") == [name]

    @pytest.mark.parametrize("second", ["r.json", "./r.json", "../repository/r.json", "link.json"])
    def test_two_to_one_file(self, run, repository, second):
        (repository / "link.json").symlink_to("r.json")
        done = run("lint", "--output=json=r.json", f"--output=text={second}", cwd=repository)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"--output text={second}: --output json=r.json writes to the same file" in done.stderr
        assert not (repository / "r.json").exists()

    def test_two_names_of_one_file(self, run, repository):
        (repository / "r.json").write_text("before")
        os.link(repository / "r.json", repository / "s.json")
        assert run("lint", "--output=json=r.json", "--output=text=s.json", cwd=repository).returncode == 2

    def test_the_null_device_takes_any_number(self, run, repository):
        assert run("lint", "--output=json=/dev/null", "--output=text=/dev/null", cwd=repository).returncode == 1


class TestRefused:
    """What cannot be written is refused before anything is read, with exit code 2, and nothing is touched."""

    @pytest.mark.parametrize(
        ("path", "words"),
        [
            ("nowhere/r.json", "there is no folder nowhere"),
            ("../out", "../out is a folder; name a file in it"),
            ("new/", "new/ is a folder; name a file in it"),
            ("a.yaml/r.json", "a.yaml is a file, not a folder"),
            ("a.yaml/deeper/r.json", "a.yaml is a file, not a folder"),
            ("/dev/stdout", "standard output has a report already"),
            ("-", "what goes to standard output is chosen with --format json"),
            ("x" * 300, "File name too long"),
            ("loop.json", "Too many levels of symbolic links"),
            ("broken.json", "there is no folder"),
        ],
    )
    def test_places(self, run, repository, path, words):
        (repository / "loop.json").symlink_to("loop.json")
        (repository / "broken.json").symlink_to("nowhere/r.json")
        done = run("lint", f"--output=json={path}", cwd=repository)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert f"--output json={path}" in done.stderr

    def test_the_file_that_standard_output_goes_to(self, repository):
        done = shell("$LINT lint --output json=../out/r > ../out/r", repository)
        assert done.returncode == 2
        assert b"standard output has a report already" in done.stderr

    @pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere")
    def test_read_only(self, run, repository):
        folder = repository.parent / "out"
        (folder / "old.json").write_text("before")
        (folder / "old.json").chmod(0o444)
        assert "this file is read-only" in run("lint", "--output=json=../out/old.json", cwd=repository).stderr
        folder.chmod(0o555)
        done = run("lint", "--output=json=../out/r.json", cwd=repository)
        folder.chmod(0o755)
        assert done.returncode == 2
        assert "the folder ../out is read-only" in done.stderr

    def test_read_only_as_the_system_says(self, tmp_path, monkeypatch):
        (tmp_path / "old.json").write_text("before")
        monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("old.json"))
        assert files.refusal(str(tmp_path / "old.json")) == "this file is read-only"
        monkeypatch.setattr(os, "access", lambda path, mode: path != str(tmp_path))
        assert files.refusal(str(tmp_path / "new.json")) == f"the folder {tmp_path} is read-only"
        assert files.refusal("/dev/null") is None


class TestWholeOrNotAtAll:
    def test_links_and_permissions_stay(self, run, repository):
        out = repository.parent / "out"
        (out / "real.json").write_text("before")
        (out / "real.json").chmod(0o600)
        (out / "link.json").symlink_to("real.json")
        assert run("lint", "--output=json=../out/link.json", cwd=repository).returncode == 1
        assert (out / "link.json").is_symlink()
        assert json.loads((out / "real.json").read_text())["version"] == 1
        assert (out / "real.json").stat().st_mode & 0o777 == 0o600

    def test_a_new_file_has_the_usual_permissions(self, repository):
        shell("umask 027; $LINT lint --output json=../out/r.json", repository)
        assert (repository.parent / "out" / "r.json").stat().st_mode & 0o777 == 0o640

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
    def test_a_full_device(self, run, repository):
        done = run("lint", "--output=json=/dev/full", cwd=repository)
        assert (done.returncode, done.stderr) == (2, "gitops-lint: cannot write /dev/full: No space left on device\n")

    def test_a_full_disk_leaves_all_files_as_they_were(self, repository):
        (repository / "a.yaml").write_text(BAD + "".join(f"---\n{BAD.replace('name: a', f'name: a{n}')}" for n in range(400)))
        (repository / "old.txt").write_text("before")
        # No file may grow beyond 100 KiB: the text, without the frames, fits, the JSON does not.
        done = shell("ulimit -f 100; $LINT lint -q --output text=old.txt --output json=../out/r.json > /dev/null", repository)
        assert done.returncode == 2
        assert done.stderr == b"gitops-lint: cannot write ../out/r.json: File too large\n"
        assert (repository / "old.txt").read_text() == "before"
        assert os.listdir(repository.parent / "out") == []
        assert not left_behind(repository.parent)

    @pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device"), MemoryError])
    def test_whatever_happens_nothing_half_written_stays(self, tmp_path, monkeypatch, error):
        path = tmp_path / "r.json"
        path.write_text("before")

        def fail(*_):
            raise error

        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(UsageError if isinstance(error, OSError) else error):
            files.write_file(str(path), "after")
        assert [(name, (tmp_path / name).read_text()) for name in os.listdir(tmp_path)] == [("r.json", "before")]

    def test_lone_surrogates_are_spelled(self, tmp_path):
        files.write_file(str(tmp_path / "r"), "a\ud800b")
        assert (tmp_path / "r").read_bytes() == b"a\\ud800b"


class TestPipes:
    def test_an_output_may_be_a_pipe(self, repository):
        done = shell("$LINT lint --output json=>(cat > ../out/r.json; echo done >&2) > /dev/null; sleep 0.5", repository)
        assert b"done" in done.stderr
        assert json.loads((repository.parent / "out" / "r.json").read_text())["version"] == 1

    def test_an_output_may_be_standard_error(self, repository):
        done = shell("$LINT lint -q --output json=/dev/stderr", repository)
        assert json.loads(done.stderr)["version"] == 1
        assert done.stdout.startswith(b"a.yaml:5:")

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            ("$LINT lint | true", 1),
            ("$LINT lint --format json --fail-on never | true", 0),
            ("$LINT rules list | head -1", 0),
            ("$LINT --help | true", 0),
            ("$LINT lint --output json=>(true) | cat", 1),
            ("$LINT lint nowhere 2>&1 | true", 2),
        ],
    )
    def test_a_reader_who_goes_away_changes_nothing(self, repository, command, code):
        (repository / "b.yaml").write_text("".join(f"---\n{BAD.replace('name: a', f'name: b{n}')}" for n in range(800)))
        done = shell(command, repository)
        assert (done.returncode, done.stderr) == (code, b"")

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
    @pytest.mark.parametrize("command", ["lint", "--help", "--version", "rules list", "sources"])
    def test_standard_output_on_a_full_disk(self, repository, command):
        done = shell(f"$LINT {command} > /dev/full", repository)
        assert (done.returncode, done.stderr) == (2, b"gitops-lint: cannot write to standard output: No space left on device\n")

    @pytest.mark.parametrize(
        "command", ["sources", "render", "rules list", "rules show rbac/wildcard", "packs list", "init --print", "--help"]
    )
    def test_closed_standard_output_of_other_commands(self, repository, command):
        done = shell(f"$LINT {command} >&-", repository)
        assert done.returncode == 0
        assert b"error" not in done.stderr

    @pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
    def test_closed_streams(self, repository, closed):
        done = shell(f"$LINT lint -q --output text=../out/r.txt {closed}", repository)
        assert done.returncode == 1
        assert done.stderr == b""
        assert (repository.parent / "out" / "r.txt").read_text().startswith("a.yaml:5:")


class TestSignals:
    SIGNALS = ((signal.SIGINT, 130, b"interrupted"), (signal.SIGTERM, 143, b"terminated"), (signal.SIGHUP, 129, b"terminated"))

    def started(self, folder, *arguments):
        return subprocess.Popen(
            [*LINTER, *arguments], cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )

    def waits_for(self, condition, process):
        deadline = time.monotonic() + 30
        while not condition() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)

    @pytest.mark.parametrize(("number", "code", "word"), SIGNALS)
    def test_while_a_report_is_written(self, repository, number, code, word):
        pipe = repository.parent / "out" / "pipe"
        os.mkfifo(pipe)
        (repository / "old.json").write_text("before")
        process = self.started(repository, "lint", "--output=json=old.json", f"--output=text={pipe}")
        # The pipe has no reader; the file is written before the program waits for one.
        self.waits_for(lambda: (repository / "old.json").read_text() != "before", process)
        time.sleep(0.1)
        process.send_signal(number)
        out, errors = process.communicate(timeout=20)
        assert (process.returncode, out) == (code, b"")
        assert errors == b"gitops-lint: " + word + b"\n"
        assert json.loads((repository / "old.json").read_text())["version"] == 1
        assert not left_behind(repository.parent)

    @pytest.mark.parametrize(("number", "code", "word"), SIGNALS[:2])
    def test_workers_end_too(self, repository, number, code, word):
        endless = "{{- range $a := until 30000 }}{{- range $b := until 30000 }}{{ $b }}{{ end }}{{ end }}"
        (repository / "c" / "templates").mkdir(parents=True)
        (repository / "c" / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 1.0.0\n")
        (repository / "c" / "templates" / "a.yaml").write_text(endless)
        process = self.started(repository, "lint", "--output=json=../out/r.json")
        children = f"/proc/{process.pid}/task/{process.pid}/children"

        def working():
            if not os.path.exists(children):
                return False
            with open(children) as file:
                return bool(file.read())

        self.waits_for(working, process)
        time.sleep(0.5)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == code
        assert errors.strip().endswith(b"gitops-lint: " + word)
        assert os.listdir(repository.parent / "out") == []
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)

    def test_what_the_caller_ignores_stays_ignored(self, repository):
        pipe = repository.parent / "out" / "pipe"
        os.mkfifo(pipe)
        command = f"trap '' INT; exec {' '.join(LINTER)} lint -q --output=text={pipe} --output=json=../out/r.json"
        process = subprocess.Popen(["bash", "-c", command], cwd=repository, env=ENVIRONMENT, stdout=subprocess.PIPE)
        self.waits_for((repository.parent / "out" / "r.json").exists, process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        with open(pipe) as reader:
            assert reader.read().startswith("a.yaml:5:")
        process.communicate(timeout=20)
        assert process.returncode == 1


class TestTable:
    """Every format of the table has a module and a function, and takes what the table says."""

    @pytest.mark.parametrize("name", output.FORMATS)
    def test_formats(self, name, tmp_path, capfdbinary):
        pytest.importorskip(f"linter.report.{name}")
        path = str(tmp_path / "r")
        output.write_report(report(finding()), name, [(name, path)], color=True, quiet=False, show_suppressed=True, statistics=True)
        assert capfdbinary.readouterr().out
        assert os.path.getsize(path)


def on_terminal(command, cwd, columns, **variables):
    """What a program prints on a terminal of some width, and its exit code."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command, cwd=cwd, env={**ENVIRONMENT, **variables}, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    printed = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # that is how a terminal without a program ends
            break
        if not part:
            break
        printed += part
    os.close(ours)
    return printed.decode().replace("\r\n", "\n"), process.wait(timeout=60)


class TestTerminals:
    LONG = BAD.replace("{enabled: yes}", "{a: 'a value that is rather long', b: 'another one of the kind', enabled: yes}")

    def test_a_line_of_code_fits_above_its_underline(self, repository):
        (repository / "a.yaml").write_text(self.LONG)
        printed, code = on_terminal([*LINTER, "lint", "--color=never"], repository, 48, TERM="xterm")
        [(line, underline)] = re.findall(r"^(.*│.*yes.*)\n(.*│ +\^+)$", printed, re.MULTILINE)
        assert code == 1
        assert len(line) <= 48
        assert "yes" in line[underline.index("^") : underline.rindex("^") + 1]
        assert self.LONG.split("\n")[4] in on_terminal([*LINTER, "lint", "--color=never"], repository, 200, TERM="xterm")[0]

    @pytest.mark.parametrize("columns", [0, 1, 20])
    def test_hardly_any_room(self, repository, columns):
        for command, code in (("lint", 1), ("sources", 0), ("rules show rbac/wildcard", 0), ("--help", 0)):
            printed, done = on_terminal([*LINTER, *command.split()], repository, columns, TERM="xterm")
            assert done == code
            assert "Traceback" not in printed

    @pytest.mark.parametrize(
        ("variables", "options", "coloured"),
        [
            ({"TERM": "xterm"}, [], True),
            ({"TERM": "dumb"}, [], False),
            ({"TERM": "xterm", "NO_COLOR": "1"}, [], False),
            ({"TERM": "xterm"}, ["--color=never"], False),
            ({"TERM": "dumb", "NO_COLOR": "1"}, ["--color=always"], True),
        ],
    )
    def test_colours(self, repository, variables, options, coloured):
        printed, _ = on_terminal([*LINTER, "lint", *options], repository, 80, **variables)
        # A slow machine shows progress too, whose "\x1b[2K" clears a line and is no colour.
        assert bool(re.search(r"\x1b\[[0-9;]*m", printed)) == coloured


class TestInternalErrors:
    """A fault of ours, put into a copy that runs for real."""

    @pytest.fixture
    def faulty(self, repository, tmp_path):
        """Run the program with something broken inside, which `sitecustomize` does before it starts."""

        def call(code, **variables):
            folder = tmp_path / "site"
            folder.mkdir(exist_ok=True)
            (folder / "sitecustomize.py").write_text(code)
            paths = os.pathsep.join([str(folder), ROOT])
            return subprocess.run(
                [*LINTER, "lint", "--output=json=../out/r.json"],
                cwd=repository,
                env={**ENVIRONMENT, "PYTHONPATH": paths, **variables},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        return call

    FAULT = "import linter.engine.run as run\ndef fault(*_): raise ZeroDivisionError('a \\x1b[31mred\\nfault')\nrun._hits = fault\n"

    def test_exit_code_and_words(self, faulty, tmp_path):
        done = faulty(self.FAULT)
        assert (done.returncode, done.stdout) == (4, "")
        assert "internal error at sitecustomize.py:2: ZeroDivisionError: a " in done.stderr
        assert "\x1b" not in done.stderr
        assert "Traceback" not in done.stderr
        assert os.listdir(tmp_path / "out") == []

    def test_a_traceback_on_demand(self, faulty):
        done = faulty(self.FAULT, GITOPS_LINT_DEBUG="1")
        assert done.returncode == 4
        assert "Traceback" in done.stderr

    @pytest.mark.parametrize("module", ["typer", "click", "jsonschema_rs", "linter.engine.run"])
    def test_an_incomplete_installation_is_no_finding(self, faulty, module):
        done = faulty(f"import sys\nsys.modules[{module!r}] = None\n")
        assert (done.returncode, done.stdout) == (4, "")
        assert module in done.stderr
        assert "Traceback" not in done.stderr

    def test_no_memory(self, faulty):
        done = faulty(self.FAULT.replace("ZeroDivisionError", "MemoryError"))
        assert (done.returncode, "Traceback" in done.stderr) == (4, False)
