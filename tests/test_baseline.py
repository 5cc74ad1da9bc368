"""The baseline: its file, what it accepts, what is stale in it, and the command that writes it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from datetime import date

import pytest
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.baseline import Baseline, BaselineEntry, read_baseline, write_baseline
from linter.engine.baseline import accept
from linter.engine.options import LintOptions
from linter.engine.run import lint as lint_paths
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.errors import ConfigurationError, UsageError
from linter.packs.catalog import Catalog
from linter.repository import MemoryTree

VALUE = "labels/value-not-a-string"
STALE = "suppression/stale-baseline"
NAME = ".gitops-lint-baseline.json"
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"
WRONG = HEAD + "  labels: {on: yes}\n"
RIGHT = HEAD + "  labels: {on: 'yes'}\n"
SELECT = f"select: [{VALUE}, suppression]\n"


def entry(number: int = 1, **changes: str) -> BaselineEntry:
    values = {"path": "a.yaml", "id": VALUE, "message": "m", "fingerprint": f"{number:032x}", "accepted": "2026-06-01", **changes}
    return BaselineEntry(**values)


def of(report) -> str:
    """A baseline that accepts what a report shows."""
    return write_baseline(
        [entry(path=found.location.path, id=found.rule, fingerprint=found.fingerprint) for found in report.shown()]
        + [
            BaselineEntry(found.failure.path, found.failure.id, "m", found.fingerprint, "2026-06-01", "failure")
            for found in report.shown_failures()
        ]
    )


class TestFile:
    TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
    ENTRIES = st.lists(
        st.builds(
            BaselineEntry,
            path=TEXT,
            id=TEXT,
            message=TEXT,
            fingerprint=st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
            accepted=st.dates().map(str),
            type=st.sampled_from(["rule", "failure"]),
        ),
        unique_by=lambda found: found.fingerprint,
        max_size=8,
    )

    @settings(max_examples=examples(30), deadline=None, derandomize=True)
    @given(entries=ENTRIES, chance=st.randoms(use_true_random=False))
    def test_what_is_written_is_read(self, entries, chance):
        text = write_baseline(entries)
        back = read_baseline(text.encode(), NAME)
        assert sorted(back.entries.values()) == sorted(entries)
        assert text.count("\n") == len(entries) + 3
        chance.shuffle(entries)
        assert write_baseline(entries) == text
        for found in entries:
            line, end = back.place(found)
            shown = text.split("\n")[line - 1]
            assert found.fingerprint in shown
            assert end <= len(shown) + 1
        pretty = json.dumps(json.loads(text), indent=2)
        assert read_baseline(pretty.encode(), NAME).entries == back.entries

    def test_every_line_of_an_entry_is_the_same_wherever_it_stands(self):
        one, two = write_baseline([entry(1)]), write_baseline([entry(2)])
        both = write_baseline([entry(1), entry(2)])
        assert set(one.split("\n")) | set(two.split("\n")) == set(both.split("\n"))

    def test_a_name_that_is_not_utf_8(self):
        strange = entry(path=os.fsdecode(b"caf\xe9.yaml"))
        data = write_baseline([strange]).encode("utf-8", "backslashreplace")
        assert list(read_baseline(data, NAME).entries.values()) == [strange]

    def test_an_entry_that_is_there_twice_keeps_the_older_day(self):
        twice = Baseline(NAME, [entry(accepted="2026-06-02"), entry(accepted="2026-06-01"), entry(accepted="2026-06-03")])
        assert [found.accepted for found in twice.entries.values()] == ["2026-06-01"]

    @pytest.mark.parametrize(
        ("data", "line", "words"),
        [
            (b"", 1, "no valid JSON"),
            (b'{"version": 1,\n"entries": [', 2, "no valid JSON"),
            (b"[" * 200_000, 1, "no JSON that can be read"),
            (b"\n\xff", 2, "not UTF-8"),
            (b"[]", 1, "this is no baseline"),
            (b'{"version": 1}', 1, "this is no baseline"),
            (b'{"version": 2, "entries": []}', 1, "has version 2, this program reads 1; update gitops-lint"),
            (b'{"version": "x", "entries": []}', 1, 'has version "x", this program reads 1; run `gitops-lint baseline`'),
            (b'{"version": true, "entries": []}', 1, "has version true"),
            (b'{"version": 1, "entries": [\n{},\n7\n]}', 3, "entry 2 of the baseline is no mapping"),
            (b'{"version": 1, "entries": [\n{"path": "a"}\n]}', 2, "entry 1 of the baseline has no `message`"),
            (b'{"version": 1, "entries": [\n<<<<<<< ours\n{}\n=======\n', 2, "a merge conflict in the baseline is not resolved"),
            (write_baseline([entry(accepted="today")]).encode(), 2, "no day such as"),
            (write_baseline([entry(fingerprint="abc")]).encode(), 2, "32 hexadecimal digits"),
            (write_baseline([entry()]).replace('"rule"', '"neither"').encode(), 2, "neither a `rule` nor a `failure`"),
        ],
    )
    def test_errors_name_file_line_and_remedy(self, data, line, words):
        with pytest.raises(ConfigurationError) as raised:
            read_baseline(data, "policy/baseline.json")
        assert str(raised.value).startswith(f"policy/baseline.json:{line}: ")
        assert words in str(raised.value)
        assert any(remedy in str(raised.value) for remedy in ("gitops-lint baseline", "update gitops-lint"))


ENVIRONMENTS = {
    "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "web/values.yaml": "mark: yes\n",
    "web/templates/a.yaml": HEAD + "  labels:\n    on: {{ .Values.mark }}\n",
}


class TestInARun:
    def both(self, lint, before: dict[str, str], after: dict[str, str], **options):
        """What a baseline of one state of a repository says about another."""
        options.setdefault("select", (VALUE, "suppression"))
        return lint({**after, NAME: of(lint(before, **options))}, **options)

    def by(self, report) -> list[tuple[str, str | None]]:
        return [(found.rule, found.suppressed and found.suppressed.by) for found in report.findings]

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            pytest.param({"a.yaml": WRONG}, {"a.yaml": WRONG}, id="nothing changed"),
            pytest.param({"a.yaml": WRONG}, {"a.yaml": "# a note\n\n" + WRONG}, id="the line moved"),
            pytest.param(
                {"a.yaml": WRONG},
                {"a.yaml": json.dumps({"metadata": {"labels": {"true": True}, "name": "web"}, "kind": "ConfigMap", "apiVersion": "v1"})},
                id="the file was reformatted",
            ),
            pytest.param(
                {**ENVIRONMENTS, ".gitops-lint.yaml": "environments: {prod: {web: {}}}"},
                {**ENVIRONMENTS, ".gitops-lint.yaml": "environments: {production: {web: {}}, test: {web: {}}}"},
                id="the environment was renamed, and there is another",
            ),
        ],
    )
    def test_what_stays_accepted(self, lint, before, after):
        report = self.both(lint, before, after)
        assert self.by(report) == [(VALUE, "baseline")]
        assert (report.exit_code, report.summary.suppressed) == (0, 1)

    def test_what_is_new_is_shown(self, lint):
        more = WRONG.replace("{on: yes}", "{on: yes, off: no}")
        assert self.by(self.both(lint, {"a.yaml": WRONG}, {"a.yaml": more})) == [(VALUE, "baseline"), (VALUE, None)]

    def test_stale_entries(self, lint):
        report = self.both(lint, {"a.yaml": WRONG, "b.yaml": WRONG}, {"a.yaml": WRONG, "b.yaml": RIGHT})
        assert self.by(report) == [(STALE, None), (VALUE, "baseline")]
        [stale] = report.shown()
        assert (stale.location.path, stale.location.line, stale.severity) == (NAME, 3, "info")
        assert stale.message == f"the baseline accepts `{VALUE}` in b.yaml since 2026-06-01, and nothing is left to accept"
        assert report.exit_code == 0

    def test_a_deleted_file_and_a_rule_that_is_gone_leave_stale_entries(self, lint):
        text = write_baseline([entry(1, path="gone.yaml"), entry(2, id="labels/was-there-once")])
        report = lint({"a.yaml": RIGHT, NAME: text}, select=(VALUE, "suppression"))
        assert self.by(report) == [(STALE, None), (STALE, None)]
        assert len({found.fingerprint for found in report.findings}) == 2

    @pytest.mark.parametrize(
        ("files", "options"),
        [
            pytest.param({}, {"select": ("labels/invalid-syntax", "suppression")}, id="the rule did not run"),
            pytest.param({}, {"paths": ("a.yaml",)}, id="one path only"),
            pytest.param({**ENVIRONMENTS, "web/templates/a.yaml": "{{ fail `x` }}"}, {}, id="a broken chart"),
            pytest.param({**ENVIRONMENTS, "web/values.yaml": "{}"}, {"set_values": ("x=y",)}, id="options of a chart"),
        ],
    )  # fmt: skip
    def test_not_stale_where_nobody_can_tell(self, lint, tmp_path, files, options):
        stale = entry(path="web/templates/a.yaml" if "web/templates/a.yaml" in files else "a.yaml")
        for path, text in {"a.yaml": RIGHT, **files, NAME: write_baseline([stale])}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        options = {"select": (VALUE, "suppression"), **options}
        paths = tuple(str(tmp_path / path) for path in options.pop("paths", (".",)))
        (tmp_path / ".gitops-lint.yaml").write_text("root: true\n")
        report = lint_paths(LintOptions(paths=paths, jobs=1, **options))
        assert STALE not in {found.rule for found in report.findings}

    def test_stale_although_a_chart_elsewhere_is_not_whole(self, lint):
        chart = ENVIRONMENTS["web/Chart.yaml"] + "dependencies: [{name: more, version: 1.0.0, repository: 'https://example.com'}]\n"
        before = {**ENVIRONMENTS, "web/Chart.yaml": chart, "apps/a.yaml": WRONG, "other/b.yaml": RIGHT}
        after = {**before, "apps/a.yaml": RIGHT, "web/values.yaml": "mark: x\n"}
        report = self.both(lint, before, after)
        assert [(found.rule, found.location.line) for found in report.findings] == [(STALE, 2)]
        assert "in apps/a.yaml since" in report.findings[0].message
        assert [entry.status for entry in report.sources] == ["ok", "ok", "unavailable"]

    def test_an_accepted_comment_is_not_stale(self, lint):
        commented = WRONG.replace("{on: yes}", "{on: yes} # gitops-lint: ignore[labels] on purpose")
        report = self.both(lint, {"a.yaml": WRONG}, {"a.yaml": commented})
        # The comment wins, and so the entry accepts nothing any more.
        assert self.by(report) == [(STALE, None), (VALUE, "comment")]

    def test_a_rule_that_was_renamed(self, session):
        before = session.catalog
        renamed = {VALUE: replace(before.rules[VALUE], id="labels/new-name", aliases=(VALUE,))}
        packs = [replace(pack, rules=tuple(renamed.get(rule.id, rule) for rule in pack.rules)) for pack in before.packs.values()]
        texts = {rule.id: {"why": "x", "examples": []} for pack in packs for rule in pack.rules}
        after = Session(1, Catalog(packs, texts))
        options = LintOptions(select=(VALUE, "suppression"), today=date(2026, 7, 1))
        text = of(lint_tree(MemoryTree({"a.yaml": WRONG}), options, session))
        report = lint_tree(MemoryTree({"a.yaml": WRONG, NAME: text}), options, after)
        assert self.by(report) == [("labels/new-name", "baseline")]
        others = LintOptions(select=("labels/invalid-syntax", "suppression"), today=date(2026, 7, 1))
        assert self.by(lint_tree(MemoryTree({"a.yaml": RIGHT, NAME: text}), others, after)) == []

    def test_failures(self, lint):
        broken = {"a.yaml": WRONG, "b.yaml": "apiVersion: v1\nkind: ]\n"}
        assert lint(broken, select=(VALUE,)).exit_code == 3
        report = self.both(lint, broken, {**broken, "b.yaml": "# moved\n" + broken["b.yaml"]}, select=(VALUE,))
        assert (report.exit_code, report.summary.failures, report.summary.suppressed) == (0, 0, 2)
        [reported] = report.failures
        assert (reported.failure.id, reported.suppressed.by) == ("yaml-syntax", "baseline")
        other = {**broken, "b.yaml": "apiVersion: v1\nkind: *nowhere\n"}
        assert self.both(lint, broken, other, select=(VALUE,)).exit_code == 3

    def test_where_it_is(self, lint):
        text = of(lint({"a.yaml": WRONG}, select=(VALUE,)))
        named = {"a.yaml": WRONG, "policy/b.json": text, ".gitops-lint.yaml": "baseline: policy/b.json"}
        assert self.by(lint(named, select=(VALUE,))) == [(VALUE, "baseline")]
        assert self.by(lint({"a.yaml": WRONG, "c.json": text}, select=(VALUE,), baseline="c.json")) == [(VALUE, "baseline")]
        with pytest.raises(ConfigurationError, match=r"^\.gitops-lint\.yaml:2: baseline: there is no file nowhere\.json here; "):
            lint({"a.yaml": WRONG, ".gitops-lint.yaml": "root: true\nbaseline: nowhere.json"})
        with pytest.raises(UsageError, match=r"^--baseline nowhere\.json: there is no such file; `gitops-lint baseline` writes it"):
            lint({"a.yaml": WRONG}, baseline="nowhere.json")

    def test_it_is_no_manifest(self, lint):
        report = lint({"a.yaml": RIGHT, NAME: write_baseline([])}, select=(VALUE,))
        assert (report.summary.files, report.summary.not_manifests, report.exit_code) == (1, 0, 0)

    def test_where_none_is_allowed(self, lint):
        files = {"a.yaml": WRONG, ".gitops-lint.yaml": "suppressions: {allow: [comment]}"}
        report = self.both(lint, files, files)
        assert self.by(report) == [("suppression/not-allowed", None), (VALUE, None)]


@pytest.fixture
def repository(tmp_path):
    def write(**files: str):
        for name, text in {".gitops-lint.yaml": SELECT, **files}.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return write


class TestCommand:
    def accept(self, folder, day=1, *paths: str, output=None, prune=False, **options):
        given = tuple(str(folder / path) for path in paths or (".",))
        done = accept(LintOptions(paths=given, jobs=1, today=date(2026, 7, day), **options), output, prune=prune)
        if done.text is not None:
            with open(done.path, "w", encoding="utf-8") as file:
                file.write(done.text)
        return done.added, done.kept, done.dropped, done.left

    def days(self, folder, name=NAME) -> list[tuple[str, str, str]]:
        return [
            (found.path, found.id, found.accepted) for found in sorted(read_baseline((folder / name).read_bytes(), name).entries.values())
        ]

    def test_from_adoption_to_the_end(self, repository):
        folder = repository(**{"a.yaml": WRONG, "b.yaml": WRONG})
        assert self.accept(folder) == (2, 0, 0, 0)
        assert self.days(folder) == [("a.yaml", VALUE, "2026-07-01"), ("b.yaml", VALUE, "2026-07-01")]
        before = (folder / NAME).read_text()
        assert self.accept(folder, 2) == (0, 2, 0, 0)
        assert (folder / NAME).read_text() == before
        repository(**{"b.yaml": RIGHT, "c.yaml": WRONG})
        assert self.accept(folder, 3, prune=True) == (0, 1, 1, 1)
        assert self.days(folder) == [("a.yaml", VALUE, "2026-07-01")]
        assert self.accept(folder, 4) == (1, 1, 0, 0)
        assert self.days(folder) == [("a.yaml", VALUE, "2026-07-01"), ("c.yaml", VALUE, "2026-07-04")]

    def test_only_what_was_judged_is_dropped(self, repository):
        chart = {"web__Chart.yaml": ENVIRONMENTS["web/Chart.yaml"], "web__templates__a.yaml": WRONG}
        folder = repository(**{"apps__a.yaml": WRONG, "more__b.yaml": WRONG}, **chart)
        assert self.accept(folder) == (3, 0, 0, 0)
        repository(**{"apps__a.yaml": RIGHT, "more__b.yaml": RIGHT, "web__templates__a.yaml": "{{ fail `no` }}"})
        assert self.accept(folder, 2, select=("labels/invalid-syntax",)) == (1, 3, 0, 0)
        assert self.accept(folder, 3, "apps") == (0, 3, 1, 0)
        assert [path for path, *_ in self.days(folder)] == ["more/b.yaml", "web/templates/a.yaml", "web/templates/a.yaml"]
        assert self.accept(folder, 4) == (0, 2, 1, 0)
        repository(**{"web__templates__a.yaml": RIGHT})
        assert self.accept(folder, 5) == (0, 0, 2, 0)
        assert self.days(folder) == []

    def test_a_deleted_chart_leaves_nothing(self, repository):
        chart = {"web__Chart.yaml": ENVIRONMENTS["web/Chart.yaml"], "web__templates__a.yaml": WRONG}
        folder = repository(**{"a.yaml": WRONG}, **chart)
        assert self.accept(folder) == (2, 0, 0, 0)
        subprocess.run(["rm", "-r", str(folder / "web")], check=True)
        assert self.accept(folder, 2) == (0, 1, 1, 0)

    def test_comments_win(self, repository):
        folder = repository(**{"a.yaml": WRONG, "b.yaml": WRONG})
        self.accept(folder)
        repository(**{"a.yaml": WRONG.replace("}", "} # gitops-lint: ignore[labels] x")})
        assert self.accept(folder, 2) == (0, 1, 1, 0)
        repository(**{NAME: write_baseline([]), ".gitops-lint.yaml": SELECT + f"ignores: [{{rules: [{VALUE}], paths: [b.yaml]}}]\n"})
        assert self.accept(folder, 3) == (0, 0, 0, 0)

    def test_what_it_says_about_itself_is_not_accepted(self, repository):
        folder = repository(**{"a.yaml": RIGHT, NAME: write_baseline([entry()])})
        assert self.accept(folder) == (0, 0, 1, 0)
        assert self.days(folder) == []

    def test_another_file(self, repository, tmp_path):
        folder = repository(**{"a.yaml": WRONG, ".gitops-lint.yaml": SELECT + "baseline: policy/b.json\n", "policy__note": ""})
        assert self.accept(folder) == (1, 0, 0, 0)
        assert self.days(folder, "policy/b.json") == [("a.yaml", VALUE, "2026-07-01")]
        assert self.accept(folder, 2, output=str(folder / "c.json")) == (1, 0, 0, 0)
        assert not (folder / NAME).exists()

    @pytest.mark.parametrize(
        ("files", "prune", "words"),
        [
            ({}, True, "there is no baseline to prune"),
            ({".gitops-lint.yaml": "suppressions: {allow: [comment]}\n"}, False, "the configuration allows no baseline"),
            ({NAME: "{"}, False, "no valid JSON"),
        ],
    )
    def test_what_cannot_be_done(self, repository, files, prune, words):
        folder = repository(**{"a.yaml": WRONG, **files})
        with pytest.raises(UsageError, match=words):
            self.accept(folder, prune=prune)

    @pytest.mark.parametrize("target", ["outside.json", "nowhere/../outside.json", "folder/outside.json"])
    def test_nothing_is_written_outside_the_repository(self, repository, tmp_path_factory, target):
        outside = tmp_path_factory.mktemp("outside")
        (outside / "folder").mkdir()
        folder = repository(**{"a.yaml": WRONG})
        (folder / NAME).symlink_to(outside / target)
        with pytest.raises(UsageError, match="leads out of the repository"):
            self.accept(folder)
        (folder / "policy").symlink_to(outside / "folder")
        (folder / ".gitops-lint.yaml").write_text(SELECT + "baseline: policy/b.json\n")
        with pytest.raises(UsageError, match="leads out of the repository"):
            self.accept(folder)
        assert [path for path in outside.rglob("*") if path.is_file()] == []

    def test_the_process(self, run, repository):
        folder = repository(**{"a.yaml": WRONG, "b.yaml": "apiVersion: v1\nkind: ]\n"})
        assert run("lint", cwd=folder).returncode == 3
        done = run("baseline", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout == (
            f"{NAME}: 2 written, 0 kept, 0 dropped (with 1 failure, so what could not be read stays unread); "
            "the next `gitops-lint lint` reports only what is new\n"
        )
        assert run("lint", cwd=folder).returncode == 0
        repository(**{"c.yaml": WRONG, "a.yaml": RIGHT})
        assert run("lint", cwd=folder).returncode == 1
        pruned = run("baseline", "--prune", cwd=folder)
        assert pruned.stdout.endswith("0 written, 1 kept, 1 dropped (with 1 failure, so what could not be read stays unread); "
                                      "the next `gitops-lint lint` reports 1 problem that it does not accept\n")  # fmt: skip
        assert run("lint", "--baseline", "nowhere.json", cwd=folder).returncode == 2
        (folder / NAME).write_text("<<<<<<< ours\n")
        conflict = run("baseline", cwd=folder)
        assert (conflict.returncode, conflict.stdout) == (2, "")
        assert f"{NAME}:1: a merge conflict" in conflict.stderr

    def test_of_a_commit_and_of_what_is_staged(self, run, repository):
        folder = repository(**{"a.yaml": WRONG})
        git = ["git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=e@example.com"]
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", "first"], check=True)
        repository(**{"a.yaml": RIGHT, "b.yaml": WRONG})
        subprocess.run([*git, "add", "b.yaml"], check=True)
        assert run("baseline", "--rev", "HEAD", cwd=folder).stdout.startswith(f"{NAME}: 1 written, 0 kept, 0 dropped; ")
        assert self.days(folder)[0][:2] == ("a.yaml", VALUE)
        assert run("baseline", "--staged", cwd=folder).stdout.startswith(f"{NAME}: 1 written, 1 kept, 0 dropped; ")
        assert run("baseline", cwd=folder).stdout.startswith(f"{NAME}: 0 written, 1 kept, 1 dropped; ")
        assert [path for path, *_ in self.days(folder)] == ["b.yaml"]
        # A revision has the baseline that stands in it.
        assert run("lint", "--staged", "--quiet", cwd=folder).returncode == 1
        subprocess.run([*git, "add", NAME, "a.yaml"], check=True)
        assert run("lint", "--staged", "--quiet", cwd=folder).returncode == 0
