"""Where reports go, and how the program ends: real processes, files, pipes and signals."""

from __future__ import annotations

import json
import os
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
