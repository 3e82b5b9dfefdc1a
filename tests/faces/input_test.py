"""Bad input: a clear message each, the other files still checked, nothing lost."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faces.conftest import FIXED_LAYER, POINTWISE, Run, write

LATIN = "# -*- coding: latin-1 -*-\n# Größe\n" + POINTWISE
BROKEN: dict[str, tuple[bytes, int, int, str]] = {
    "syntax": (b"import keras\nmodel = Sequential([Dense(8)\n", 2, 20, "was never closed"),
    "python2": (b"import keras\nprint model.summary()\n", 2, 1, "Missing parentheses"),
    "indent": (b"import keras\n  x = 1\n", 2, 2, "unexpected indent"),
    "null byte": (b"import keras\nx = 1\x00\n", 2, 6, "null byte"),
    "not utf-8": (b"import keras\nx = 'Gr\xf6\xdfe'\n", 2, 8, "not valid UTF-8: byte 0xf6"),
    "unknown encoding": (b"# coding: klingon\nimport keras\n", 1, 11, "klingon"),
    "null notebook": (b"null # keras", 1, 6, ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_is_a_finding_at_its_place(name: str, here: Path, kerlint: Run) -> None:
    data, line, column, told = BROKEN[name]
    write(here / ("bad.ipynb" if "notebook" in name else "bad.py"), data)
    write(here / "good.py")
    done = kerlint(".", "--no-prove", "--format", "json")
    assert done.status == 1
    bad, good = done.json["findings"]
    assert (bad["code"], bad["severity"], good["code"]) == ("KER000", "error", "KER101")
    assert (bad["start"]["line"], told in bad["message"]) == (line, True), bad
    assert bad["start"]["column"] == column, bad
    assert done.json["errors"] == []


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\xef\xbb\xbf", b"\x00\x01\x02", b"\xff\xfe\x00k", b"def f(:\n", b"\r\r\n"],
    ids=["empty", "newline", "bom", "binary", "utf-16", "no keras", "cr"],
)
def test_what_has_no_keras_is_nobodys_business(data: bytes, here: Path, kerlint: Run) -> None:
    write(here / "file.py", data)
    done = kerlint("file.py")
    assert (done.status, done.out) == (0, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbf" + POINTWISE.encode(), b"\xef\xbb\xbf" + FIXED_LAYER.encode()),
        (POINTWISE.replace("\n", "\r\n").encode(), FIXED_LAYER.replace("\n", "\r\n").encode()),
        (POINTWISE.rstrip("\n").encode(), FIXED_LAYER.rstrip("\n").encode()),
        (LATIN.encode("latin-1"), LATIN.replace(POINTWISE, FIXED_LAYER).encode("latin-1")),
        (POINTWISE.replace("\n", "\n\x0c", 1).encode(), FIXED_LAYER.replace("\n", "\n\x0c", 1).encode()),
        (("# 🎌\n" + POINTWISE).encode(), ("# 🎌\n" + FIXED_LAYER).encode()),
    ],
    ids=["bom", "crlf", "no newline at the end", "latin-1", "form feed", "emoji"],
)
def test_bytes_around_a_fix_stay(before: bytes, after: bytes, here: Path, kerlint: Run) -> None:
    path = write(here / "model.py", before)
    path.chmod(0o750)
    assert kerlint("model.py", "--no-prove", "--fix").status == 0
    assert path.read_bytes() == after
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert sorted(os.listdir(here)) == ["model.py"]


def test_a_dangling_link_is_named(here: Path, kerlint: Run) -> None:
    (here / "gone.py").symlink_to("nowhere.py")
    write(here / "model.py")
    done = kerlint(".", "--no-prove", "--format", "json")
    assert [(f["code"], f["path"]) for f in done.json["findings"]] == [
        ("KER101", "model.py"),
        ("KER000", "gone.py"),
    ]
    assert "dangling symbolic link to nowhere.py" in done.json["findings"][1]["message"]


def test_a_fix_goes_through_a_link(here: Path, kerlint: Run) -> None:
    path = write(here / "real.txt")
    (here / "model.py").symlink_to("real.txt")
    kerlint("model.py", "--no-prove", "--fix")
    assert (here / "model.py").is_symlink()
    assert path.read_text() == FIXED_LAYER


def test_a_directory_called_like_a_file(here: Path, kerlint: Run) -> None:
    write(here / "x.py" / "model.py")
    done = kerlint(".", "--no-prove", "--format", "concise")
    assert done.out.startswith("x.py/model.py:6:5: KER101")
    assert "warning: x.py: a directory" in done.err
    assert kerlint("x.py", "--no-prove", "--format", "concise").out.startswith("x.py/model.py:6:5: KER101")


def test_a_path_that_is_not_there(here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    done = kerlint("model.py", "missing.py", "--no-prove", "--format", "concise")
    assert done.status == 1
    assert "missing.py:1:1: KER000 cannot be read: no such file or directory" in done.out
    assert "model.py:6:5: KER101" in done.out


def test_a_file_that_cannot_be_opened(here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by hand: root, as whom containers run tests, reads everything."""
    from kerlint import project

    read = project.read

    def refused(path: str) -> bytes | None:
        if path == "secret.py":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(project, "read", refused)
    write(here / "secret.py")
    write(here / "model.py")
    done = kerlint(".", "--no-prove", "--format", "concise")
    assert "secret.py:1:1: KER000 cannot be read: Permission denied" in done.out
    assert "model.py:6:5: KER101" in done.out


def test_a_file_that_cannot_be_written_is_an_error(here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerlint.text import document

    def refused(path: str, data: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(document, "replace", refused)
    path = write(here / "model.py")
    done = kerlint("model.py", "--no-prove", "--fix")
    assert done.status == 2
    assert "error: model.py: cannot be written: Permission denied" in done.err
    assert "model.py:6:5: KER101" in done.out, "what is in the file is still found"
    report = kerlint("model.py", "--no-prove", "--fix", "--format", "json").json
    assert (report["fixed"], report["findings"][0]["code"]) == (0, "KER101")
    assert path.read_text() == POINTWISE


def test_a_file_that_changes_during_the_run_is_left_alone(
    here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kerlint import fixing

    fix = fixing.fix
    path = write(here / "model.py")

    def saved_meanwhile(*args: object, **kwargs: object) -> object:
        path.write_text("# saved in an editor\n")
        return fix(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(fixing, "fix", saved_meanwhile)
    done = kerlint("model.py", "--no-prove", "--fix")
    assert done.status == 2
    assert "changed during the run" in done.err
    assert path.read_text() == "# saved in an editor\n"


def test_a_file_with_two_names_is_fixed_once(here: Path, kerlint: Run) -> None:
    path = write(here / "model.py")
    (here / "alias.py").symlink_to("model.py")
    done = kerlint(".", "--no-prove", "--fix")
    assert (done.status, path.read_text(), (here / "alias.py").is_symlink()) == (0, FIXED_LAYER, True), done.err


@pytest.mark.parametrize(
    ("ends", "status", "told"),
    [
        (">&-", 1, ""),
        ("2>&-", 1, ""),
        (">/dev/full", 2, "kerlint: error: standard output cannot be written: No space left on device\n"),
    ],
)
def test_streams_that_are_closed_or_full(ends: str, status: int, told: str, here: Path) -> None:
    write(here / "model.py")
    command = f'"{sys.executable}" -m kerlint model.py --no-prove -q {ends}'
    done = subprocess.run(["sh", "-c", command], cwd=here, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (status, told)


def test_a_fix_that_the_encoding_cannot_hold_is_no_loss(here: Path, kerlint: Run) -> None:
    text = "# coding: ascii\n" + POINTWISE
    path = write(here / "model.py", text)
    kerlint("model.py", "--no-prove", "--fix")
    assert path.read_text() == text.replace(POINTWISE, FIXED_LAYER)


def test_names_that_are_no_text(here: Path, kerlint: Run) -> None:
    """A file name is bytes; JSON and a terminal get it escaped."""
    path = os.fsencode(here) + b"/m\xff.py"
    try:
        with open(path, "wb") as file:
            file.write(POINTWISE.encode())
    except OSError:
        pytest.skip("this file system takes only text")
    done = kerlint(".", "--no-prove", "--format", "json")
    assert done.json["findings"][0]["path"] == "m\udcff.py"
    assert "m\\udcff.py:6:5" in kerlint(".", "--no-prove").out
