"""The cache helps where it can and never gets in the way."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kerlint.prove.cache import Cache, directory


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_stored_is_found_by_another_run(tmp_path: Path) -> None:
    Cache(str(tmp_path), "proofs").put("key", "proved")
    assert Cache(str(tmp_path), "proofs").get("key") == "proved"
    assert Cache(str(tmp_path), "other").get("key") is None
    assert Cache(str(tmp_path), "proofs").get("other") is None


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"key": "another", "value": 1}', "[" * 100_000, "\udcff"])
def test_a_damaged_entry_is_not_there_and_can_be_replaced(tmp_path: Path, damage: str) -> None:
    cache = Cache(str(tmp_path), "proofs")
    cache.put("key", "1")
    files(tmp_path)[0].write_bytes(damage.encode("utf-8", "surrogateescape"))
    assert cache.get("key") is None
    cache.put("key", "2")
    assert cache.get("key") == "2"


def test_many_writers_leave_one_whole_entry(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path), "proofs")
    values = [f"{n}" * 2000 for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda value: cache.put("key", value), values))
    assert cache.get("key") in values
    assert len(files(tmp_path)) == 1
    assert json.loads(files(tmp_path)[0].read_text())["key"] == "key"


def test_an_entry_is_the_old_one_until_the_new_one_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another run reads in between, and what a full disk leaves."""

    def full(*_: object) -> None:
        assert json.loads(entry.read_text())["value"] == "1"
        raise OSError

    cache = Cache(str(tmp_path), "proofs")
    cache.put("key", "1")
    (entry,) = files(tmp_path)
    monkeypatch.setattr("os.replace", full)
    cache.put("key", "2")
    assert cache.get("key") == "1" and files(tmp_path) == [entry]


def test_a_place_that_cannot_be_written_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(str(tmp_path / "file"), "proofs")
    cache.put("key", "1")
    assert cache.get("key") is None


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERLINT_CACHE_DIR", "/from/environment")
    assert directory("/from/flag") == "/from/flag"
    assert directory() == "/from/environment"
    monkeypatch.delenv("KERLINT_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    if sys.platform == "linux":
        assert directory() == "/xdg/kerlint"
