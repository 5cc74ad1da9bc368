"""docs/configuration.md: every key, and every example in it is a configuration that loads."""

from __future__ import annotations

import json
import os
import re

import pytest

from linter import shipped
from linter.config import load_config
from linter.engine.judging.choosing import chosen_rules
from linter.engine.options import LintOptions
from linter.engine.session import Session
from linter.errors import ConfigurationError
from linter.repository import MemoryTree

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs", "configuration.md")
with open(PAGE, encoding="utf-8") as file:
    TEXT = file.read()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
KEYS = list(json.loads(shipped.read("schemas", "config.schema.json"))["properties"])


@pytest.fixture
def tree(tmp_path, monkeypatch):
    (tmp_path / "acme_policies").mkdir()
    (tmp_path / "acme_policies" / "gitops-lint.yaml").write_text("select: [ALL]\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return {"policy/base.yaml": "exclude: [x]\n", "apps/policy/team.yaml": "extend-ignore: [dns]\n"}


@pytest.mark.parametrize("block", BLOCKS, ids=[block.partition(":")[0].lstrip("# ") for block in BLOCKS])
def test_every_example_loads_and_names_rules_that_exist(block: str, tree: dict[str, str], session: Session):
    config = load_config(MemoryTree({**tree, "apps/.gitops-lint.yaml": block}), "apps")
    assert config.path == "apps/.gitops-lint.yaml"
    assert chosen_rules(session.catalog, config, LintOptions(), {}).rules


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_a_heading_and_an_example(key: str):
    headings = [name for line in re.findall(r"^### (.*)$", TEXT, re.MULTILINE) for name in line.split(", ")]
    assert headings.count(key) == 1
    assert any(re.search(rf"^{key}:", block, re.MULTILINE) for block in BLOCKS)


def test_messages_are_those_of_the_program():
    """The sample of messages on the page, from files that have these mistakes."""
    quoted = re.search(r"^```text\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert quoted is not None
    first, second = quoted[1].splitlines()
    for path, text, line in (
        (".gitops-lint.yaml", "\n\nextend_select: [dns]\n", first),
        ("policy/base.yaml", "\n\n\n\n\nrules:\n  rbac/wildcard: {severity: warn}\n", second),
    ):
        files = {".gitops-lint.yaml": "extends: policy/base.yaml\n", path: text}
        with pytest.raises(ConfigurationError) as raised:
            load_config(MemoryTree(files))
        assert str(raised.value).startswith(line.rstrip("…"))
