"""``--diff``: a patch that git takes, and nothing written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.faces.conftest import CLEAN, POINTWISE, Run, write

from kerlint.cli.ending import patch

CASES = {
    "plain": POINTWISE.encode(),
    "crlf": POINTWISE.replace("\n", "\r\n").encode(),
    "no newline at the end": POINTWISE.rstrip("\n").encode().replace(b"\n    Dense(1),\n]", b" Dense(1)]"),
    "latin-1": b"# coding: latin-1\n# \xf6\n" + POINTWISE.encode(),
    "bom": b"\xef\xbb\xbf" + POINTWISE.encode(),
    "form feed and others": POINTWISE.replace("\n\n", "\n# \x0b \x1c \u2028 \x85\n\x0c\n").encode(),
}


def git(*words: str, cwd: Path) -> None:
    subprocess.run(["git", *words], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def repository(here: Path) -> Path:
    git("init", "-q", cwd=here)
    git("config", "core.autocrlf", "false", cwd=here)
    return here


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["model.py", "src/a b.py", 'src/q"uo\\te.py', "src/größe.py"])
def test_git_applies_the_patch(case: str, name: str, repository: Path, kerlint: Run, tmp_path: Path) -> None:
    path = write(repository / name, CASES[case])
    file = tmp_path / "the.patch"
    done = kerlint(".", "--no-prove", "--diff", "--output-file", file)
    assert done.status == 1
    assert path.read_bytes() == CASES[case], "nothing is written"
    git("apply", str(file), cwd=repository)
    patched = path.read_bytes()
    path.write_bytes(CASES[case])
    assert kerlint(".", "--no-prove", "--fix").status == 0
    assert path.read_bytes() == patched


def test_in_a_directory_below_the_root(repository: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(repository / "deep" / "src" / "model.py")
    monkeypatch.chdir(repository / "deep")
    done = kerlint("src", "--no-prove", "--diff")
    assert done.out.startswith("--- a/src/model.py\n+++ b/src/model.py\n@@ ")
    write(repository / "the.patch", done.out)
    git("apply", "../the.patch", cwd=repository / "deep")
    assert "Conv1D(8" not in path.read_text()


def test_absolute_paths_are_told_from_here(repository: Path, kerlint: Run) -> None:
    path = write(repository / "model.py")
    assert kerlint(path, "--no-prove", "--diff").out.startswith("--- a/model.py\n")


def test_no_patch_is_status_zero(here: Path, kerlint: Run) -> None:
    write(here / "model.py", CLEAN)
    done = kerlint(".", "--no-prove", "--diff")
    assert (done.status, done.out) == (0, "")


def test_unsafe_fixes_are_in_it_only_when_asked_for(here: Path, kerlint: Run) -> None:
    text = POINTWISE.replace("Conv1D(8, 1,", 'Conv1D(8, 3, padding="same",').replace("(10, 4)", "(1, 4)")
    write(here / "model.py", text)
    assert kerlint(".", "--no-prove", "--diff").status == 0
    assert kerlint(".", "--no-prove", "--diff", "--unsafe-fixes").status == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"a\nb", b"a\nb\n"), (b"a\nb\n", b"a\nb"), (b"", b"a"), (b"a\r\n", b"a\n"), (b"a\rb\n", b"a\rc\n")],
)
def test_line_ends(before: bytes, after: bytes, repository: Path) -> None:
    path = write(repository / "f.py", before)
    write(repository / "the.patch", patch("f.py", before, after))
    git("apply", "--allow-empty", "the.patch", cwd=repository)
    assert path.read_bytes() == after
