"""The benchmark of the rules: it judges what there is, and names the rules that took the time."""

import re

import pytest

from benchmarks import rules_speed
from benchmarks.generate import generate


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    path = tmp_path_factory.mktemp("speed") / "repository"
    generate(str(path), 2)
    return str(path)


def test_a_line_for_the_rules_and_the_slowest_of_them(repository, capsys):
    assert rules_speed.main([repository, "--select", "labels", "--runs", "1", "--slowest", "3"]) == 0
    output = capsys.readouterr().out
    row = next(line for line in output.splitlines() if line.startswith("| labels "))
    number, resources, first, speed, again, _ = (cell.strip() for cell in row.strip("|").split("|")[1:])
    assert int(number) > 10
    assert 10 < int(resources.replace(",", "")) < 30
    assert first.endswith(" s")
    assert again.endswith(" s")
    assert int(speed.replace(",", "")) > 0
    assert len(re.findall(r"(?m)^ *\d+\.\d\d  labels/[a-z-]+$", output)) == 3


def test_what_cannot_be_judged_is_an_error(tmp_path, capsys):
    assert rules_speed.main([str(tmp_path / "missing"), "--select", "labels", "--runs", "1"]) == 2
    assert "failed" in capsys.readouterr().err
