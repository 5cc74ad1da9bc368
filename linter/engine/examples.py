"""Runs the examples of rules: each is a small repository whose marked lines, and no others, must be reported."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import TracebackType
from typing import Any

from linter.engine.options import LintOptions
from linter.engine.run import lint_tree, read_tree
from linter.engine.session import Session
from linter.engine.world import World
from linter.errors import GitopsLintError
from linter.packs.catalog import Catalog
from linter.packs.rule import Rule
from linter.repository import CONFIG_NAME, MemoryTree

MARK = "# <-- here"
# Examples about expiry are written against this day, so that they hold in every year.
TODAY = date(2026, 7, 1)
_SINGLE_FILE = "manifest.yaml"


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What became of one example: no problems means it holds."""

    rule: str
    name: str
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


class ExampleRunner:
    """Runs examples with one set of rendering processes for all."""

    def __init__(self, catalog: Catalog, jobs: int = 1) -> None:
        self._catalog = catalog
        self._session = Session(jobs=jobs or 1, catalog=catalog)

    def __enter__(self) -> ExampleRunner:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()

    def run(self, rule: Rule) -> Iterator[ExampleResult]:
        """Each example of a rule; also a problem if the rule lacks a failing or a passing one."""
        examples = self._catalog.texts(rule.id).examples
        for key, words in (("fail", "no example that fails"), ("pass", "no near miss that passes")):
            if not any(key in example for example in examples):
                yield ExampleResult(rule.id, "(all)", (f"the rule has {words}",))
        for number, example in enumerate(examples, 1):
            name = f"{number} ({example['name']})" if "name" in example else str(number)
            yield ExampleResult(rule.id, name, tuple(self._problems(rule, example)))

    def _problems(self, rule: Rule, example: Mapping[str, Any]) -> Iterator[str]:
        files = _files(example["fail"] if "fail" in example else example["pass"])
        expected = Counter(
            (path, number)
            for path, text in files.items()
            for number, line in enumerate(text.splitlines(), 1)
            if line.rstrip().endswith(MARK)
        )
        expected.update((entry.get("path", _SINGLE_FILE), entry["line"]) for entry in example.get("expect", ()))
        if "fail" in example and not expected:
            yield f"the example fails nowhere: end the line that must be reported with `{MARK}`"
        if "pass" in example and expected:
            yield "the example passes and marks a line"
        config = dict(example.get("config", {}))
        if "params" in example:
            config["rules"] = {rule.id: {"params": example["params"]}}
        files[CONFIG_NAME] = json.dumps(config)
        options = LintOptions(extend_select=(rule.id,), targets=dict(example.get("targets", {})), today=TODAY)
        if rule.pack != "suppression":
            options = LintOptions(select=(rule.id,), targets=dict(example.get("targets", {})), today=TODAY)
        earlier = None
        if "before" in example:
            options, earlier = self._before(_files(example["before"]), options)
        try:
            report = lint_tree(MemoryTree(files), options, self._session, earlier=earlier)
        except GitopsLintError as error:
            yield f"the example cannot be linted: {error}"
            return
        for failure in report.failures:
            was = failure.failure
            where = was.path if was.line is None else f"{was.path}:{was.line}"
            yield f"{where}: {was.message}; {was.fix}"
        reported = [finding for finding in report.findings if finding.rule == rule.id and finding.suppressed is None]
        found = Counter((finding.location.path, finding.location.line) for finding in reported)
        for path, line in sorted((expected - found).elements()):
            yield f"{path}:{line} should be reported and is not: {files.get(path, '').splitlines()[line - 1 : line]}"
        for path, line in sorted((found - expected).elements()):
            message = next(finding.message for finding in reported if (finding.location.path, finding.location.line) == (path, line))
            yield f"{path}:{line} should not be reported: {message}"

    def _before(self, files: dict[str, str], options: LintOptions) -> tuple[LintOptions, Callable[[World], Sequence[World]]]:
        """The options for an example about a change, and what reads the files as they were."""

        def earlier(world: World) -> Sequence[World]:
            return [read_tree(MemoryTree(files), options, self._session, None, world.config)]

        return replace(options, since="HEAD"), earlier


def _files(given: str | Mapping[str, Any]) -> dict[str, str]:
    return {_SINGLE_FILE: given} if isinstance(given, str) else dict(given["files"])
