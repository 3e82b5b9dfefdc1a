"""A baseline knows the findings that were there, wherever their lines have moved."""

import json
from pathlib import Path

import pytest

from kerlint.baseline import Baseline, known, write
from kerlint.config import ConfigError

LINE = "x = Conv1D(8, 1)(x)"


def stored(folder: Path, *lines: str) -> tuple[str, Baseline]:
    file = str(folder / "known.json")
    Path(file).write_text(write(known(file, str(folder / "src" / "m.py"), "pointwise-conv", n) for n in lines))
    return file, Baseline.read(file)


def test_a_finding_is_known_by_its_line_not_by_its_place(tmp_path: Path) -> None:
    file, baseline = stored(tmp_path, LINE)
    path = str(tmp_path / "src" / "m.py")
    assert not baseline.takes(known(file, path, "pointwise-conv", "x = Conv1D(16, 1)(x)"))
    assert not baseline.takes(known(file, path, "idle-layer", LINE))
    assert not baseline.takes(known(file, str(tmp_path / "n.py"), "pointwise-conv", LINE))
    assert baseline.takes(known(file, path, "pointwise-conv", f"        {LINE}  "))


def test_one_more_of_a_kind_is_new(tmp_path: Path) -> None:
    file, baseline = stored(tmp_path, LINE, LINE)
    entry = known(file, str(tmp_path / "src" / "m.py"), "pointwise-conv", LINE)
    assert [baseline.takes(entry) for _ in range(3)] == [True, True, False]


def test_the_file_is_the_same_whatever_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    entries = [known("b.json", path, "pointwise-conv", LINE) for path in ("z.py", "a.py", "./z.py")]
    assert write(entries) == write(entries[::-1])
    assert [(e["path"], e["count"]) for e in json.loads(write(entries))["known"]] == [
        ("a.py", 1),
        ("z.py", 2),
    ]
    assert json.loads(write([])) == {"version": 1, "known": []}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a baseline"),
        ("[]", "not a baseline"),
        ('{"version": 1, "known": [3]}', "not a baseline"),
        ('{"version": 9, "known": []}', "a baseline of version 9, not 1"),
    ],
)
def test_what_is_no_baseline_says_so(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "known.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        Baseline.read(str(file))


def test_a_missing_baseline_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        Baseline.read(str(tmp_path / "none.json"))
