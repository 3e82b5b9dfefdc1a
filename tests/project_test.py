"""Which files a run takes, and what it says of those it cannot take."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from corpus import walk
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerlint.config import Configs
from kerlint.gitignore import Gitignore
from kerlint.project import Files, read


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return folder


def make(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text("import keras\n")


def found(*paths: str, **changes: object) -> list[str]:
    return list(Files(Configs(**changes)).walk(paths))  # type: ignore[arg-type]


def test_python_files_and_notebooks_in_a_stable_order() -> None:
    make("b.py", "a/z.py", "a/b.ipynb", "c.txt", "d.pyi", "e.pyc")
    assert found() == found(".") == ["a/b.ipynb", "a/z.py", "b.py"]


def test_a_named_file_is_taken_whatever_it_is_called_and_once() -> None:
    make("script", "src/a.py", "build/gen.py")
    assert found("script", "./src", "src/a.py", "build/gen.py") == ["script", "src/a.py", "build/gen.py"]


def test_what_ruff_leaves_out_is_left_out() -> None:
    make(".venv/a.py", "node_modules/b.py", "x/.ipynb_checkpoints/c.ipynb", "site-packages/keras/d.py", "e.py")
    assert found() == ["e.py"]
    assert found("site-packages/keras") == ["site-packages/keras/d.py"]


def test_measurements_leave_it_out_as_well(tree: Path) -> None:
    make("lib/site-packages/a.py", "x/.ipynb_checkpoints/c.ipynb", "x/c.ipynb", "e.py", "f.txt")
    assert [str(path.relative_to(tree)) for path in walk(tree)] == ["e.py", "x/c.ipynb"]


@pytest.mark.parametrize("pattern", ["gen", "src/gen", "gen_*.py", "src/*/gen_a.py", "**/gen_a.py", "src/gen/"])
def test_patterns_leave_out(pattern: str, tree: Path) -> None:
    make("src/gen/gen_a.py", "src/b.py")
    (tree / "kerlint.toml").write_text(f'extend-exclude = ["{pattern}"]\n')
    assert found() == ["src/b.py"]
    assert found("src/gen/gen_a.py") == ["src/gen/gen_a.py"]
    assert found("src/gen/gen_a.py", force_exclude=True) == []
    assert found("src/gen", force_exclude=True) == []
    assert found("src/b.py", force_exclude=True) == ["src/b.py"]


def test_each_directory_has_its_own_configuration(tree: Path) -> None:
    make("a/gen.py", "b/gen.py")
    (tree / "b" / "kerlint.toml").write_text('exclude = ["gen.py"]\n')
    assert found() == ["a/gen.py"]


def test_gitignore_files_are_heard_and_can_be_turned_off(tree: Path) -> None:
    make("a.py", "data/b.py", "src/c.py", "src/keep.py", "src/deep/c.py")
    (tree / ".gitignore").write_text("data/\nc.py\nkeep.py\n")
    (tree / "src" / ".gitignore").write_text("!keep.py\n/c.py\n")
    assert found() == ["a.py", "src/keep.py"]
    assert len(found(respect_gitignore=False)) == 5
    assert found("src") == ["src/deep/c.py", "src/keep.py"]
    (tree / ".git").mkdir()
    assert found("src") == ["src/keep.py"]


def test_what_cannot_be_taken_is_told_and_the_rest_is_checked(tree: Path) -> None:
    make("good.py", "folder.py/inner.py")
    (tree / "link.py").symlink_to("nowhere.py")
    (tree / "circle.py").symlink_to("circle.py")
    (tree / "loop").symlink_to(tree, target_is_directory=True)
    os.mkfifo(tree / "pipe.py")
    files = Files(Configs())
    assert list(files.walk(["missing.py", "."])) == ["folder.py/inner.py", "good.py"]
    assert dict(files.problems) == {
        "missing.py": "no such file or directory",
        "circle.py": "a dangling symbolic link to circle.py",
        "link.py": "a dangling symbolic link to nowhere.py",
        "pipe.py": "not a regular file",
    }
    assert files.strange == [("folder.py", "a directory with the name of a file; the files in it are checked")]


def test_a_directory_that_cannot_be_read_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by hand: root, as whom containers run tests, reads everything."""
    make("closed/a.py", "b.py")
    scandir = os.scandir

    def refusing(path: str = ".") -> object:
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    files = Files(Configs())
    assert list(files.walk(["."])) == ["b.py"]
    assert files.problems == [("closed", "cannot be read: Permission denied")]


def test_only_files_that_speak_of_keras_are_read_on() -> None:
    Path("a.py").write_bytes(b"import tensorflow as tf")
    Path("b.py").write_bytes(b"\xff\0 from keras import x")
    Path("c.py").write_bytes(b"import torch")
    assert [read(name) is not None for name in ("a.py", "b.py", "c.py")] == [True, True, False]


def test_a_run_without_keras_imports_next_to_nothing() -> None:
    code = (
        "import sys; from kerlint.config import Configs; from kerlint.project import Files, read\n"
        "[read(f) for f in Files(Configs()).walk(['.'])]\n"
        "print(sorted({'ast', 'dataclasses', 'typing', 'tokenize', 'pathlib', 'json', 'libcst', 'tomllib'} "
        "& sys.modules.keys()))"
    )
    make("a.py")
    Path("a.py").write_text("import torch\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


NAME = st.sampled_from(["a", "b", "ab", "a.py", "c d"])
PIECE = st.sampled_from(["a", "b", "*", "?", "**", "[ab]", "[!a]", ".py", "\\a", "/", "a*", "c d", " "])
PATTERN = st.lists(PIECE, min_size=1, max_size=5).map("".join)
LINE = st.tuples(st.sampled_from(["", "", "!", "#", "\\!", "/"]), PATTERN).map("".join)


@settings(max_examples=40, deadline=None)
@example(["a//"], ["a", "a"])
@example(["//a"], ["a"])
@example(["a/"], ["a", "a"])
@example(["a**/.py"], ["a.py"])
@example(["/a**"], ["a"])
@given(st.lists(LINE, min_size=1, max_size=4), st.lists(NAME, min_size=1, max_size=3))
def test_git_ignores_the_same(lines: list[str], parts: list[str]) -> None:
    path = "/".join(parts)
    git = ["git", "-c", "core.excludesFile=", "-c", "core.quotePath=false"]
    if not os.path.isdir(".git"):
        subprocess.run([*git, "init", "-q"], check=True)
    Path(".gitignore").write_text("\n".join(lines) + "\n")
    asked = subprocess.run([*git, "check-ignore", "-q", "--no-index", path], check=False, capture_output=True)
    ours = Gitignore(".", Path(".gitignore").read_text())
    depths = range(1, len(parts) + 1)
    got = any(ours.covers("/".join(parts[:n]), folder=n < len(parts)) for n in depths)
    assert got == (asked.returncode == 0), (lines, path)
