"""The hooks as a stranger's repository runs them: built from a clone, without Keras in sight."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faces.conftest import FIXED_LAYER, write

ROOT = Path(__file__).parents[2]


def git(*words: str, cwd: Path) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *words], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What git needs is on PATH, but no Python: whatever Keras there is, the hook does not see it."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs git, and a repository to clone")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("git", "sh", "sed", "basename", "dirname", "uname", "cat", "rm", "mkdir", "ls"):
        (programs / name).symlink_to(shutil.which(name) or name)
    kept = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH")}
    return kept | {
        "PATH": str(programs),
        "PRE_COMMIT_HOME": str(tmp_path / "hooks"),
        "PRE_COMMIT_COLOR": "never",
    }


@pytest.mark.slow
def test_try_repo(tmp_path: Path, environment: dict[str, str]) -> None:
    clone, work = tmp_path / "clone", tmp_path / "work"
    git("clone", "-q", str(ROOT), str(clone), cwd=tmp_path)
    work.mkdir()
    git("init", "-q", cwd=work)
    path = write(work / "src" / "model.py")
    git("add", ".", cwd=work)

    def hook(name: str) -> subprocess.CompletedProcess[str]:
        words = ["try-repo", str(clone), name, "--all-files", "--verbose"]
        command = [sys.executable, "-m", "pre_commit", *words]
        return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)

    found = hook("kerlint")
    assert found.returncode == 1, found.stdout + found.stderr
    assert "src/model.py:6:5: KER101" in found.stdout
    assert "no Keras found" in found.stdout, "the proof says why there is none"

    fixed = hook("kerlint-fix")
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "1 fix applied unproved: no Keras found" in fixed.stdout
    assert path.read_text() == FIXED_LAYER
