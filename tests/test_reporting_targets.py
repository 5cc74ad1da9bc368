"""What a report says of targets that the schemas do not reach."""

from __future__ import annotations

import pytest

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n"


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("1.20", "Kubernetes 1.20 is not among the versions that are known, 1.25 to 1.37: objects are judged by the schemas of 1.25"),
        ("1.99", "Kubernetes 1.99 is not among the versions that are known, 1.25 to 1.37: objects are judged by the schemas of 1.37"),
    ],
)
def test_a_version_outside_of_the_schemas_is_told(run, tmp_path, target, hint):
    (tmp_path / ".gitops-lint.yaml").write_text("root: true\n")
    (tmp_path / "a.yaml").write_text(MANIFEST)
    done = run("lint", "--target", f"kubernetes={target}", cwd=tmp_path)
    assert hint in done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("target", ["1.25", "1.37", "1.30.4"])
def test_a_known_version_is_not(run, tmp_path, target):
    (tmp_path / ".gitops-lint.yaml").write_text("root: true\n")
    (tmp_path / "a.yaml").write_text(MANIFEST)
    done = run("lint", "--target", f"kubernetes={target}", cwd=tmp_path)
    assert "not among the versions" not in done.stdout + done.stderr
