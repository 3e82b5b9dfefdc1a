"""Which interpreter proves, and which never runs. The interpreters are scripts that leave a mark when run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.prove.regions import pointwise, tensor

from kerlint.host import find
from kerlint.host.find import Search, probe, tree_of
from kerlint.prove.client import Prover

KERAS = '{"keras": "3.1", "tf_keras": null, "tensorflow": "2.1"}'
NOTHING = '{"keras": null, "tf_keras": null, "tensorflow": null}'


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment is active, PATH is empty, and kerlint's own Python has no Keras."""
    probe.cache_clear()
    own = tmp_path / "own"
    plant(own / "bin" / "python", NOTHING)
    monkeypatch.setattr(sys, "executable", str(own / "bin" / "python"))
    monkeypatch.setattr(sys, "prefix", str(own))
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def plant(path: Path, says: str = KERAS) -> Path:
    """A script in place of an interpreter; ``ran(path)`` tells whether it was run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n: > '{path}.ran'\necho '{says}'\n")
    path.chmod(0o755)
    return path


def ran(path: Path) -> bool:
    return Path(f"{path}.ran").exists()


def test_without_keras_the_reason_says_how_to_get_one(project: Path) -> None:
    with Prover(Search(roots=(project,))) as prover:
        proof = prover.prove(pointwise(tensor(6, 3)), "identical")
    assert proof.status == "not-run" and proof.keras is None
    assert "no Keras found" in (proof.reason or "") and "--python" in (proof.reason or "")


def test_a_keras_without_tensorflow_is_named(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = plant(tmp_path / "usr" / "bin" / "python3", KERAS.replace('"2.1"', "null"))
    monkeypatch.setenv("PATH", str(there.parent))
    assert Search(roots=(project,)).find() == (None, f"{there} has Keras, but no TensorFlow")


def test_keras_only_on_path(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = plant(tmp_path / "usr" / "bin" / "python3")
    monkeypatch.setenv("PATH", f"relative:{there.parent}")
    found, _ = Search(roots=(project,)).find()
    assert found is not None and found.path == str(there)


def test_the_active_environment_comes_before_path(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    active = plant(tmp_path / "env" / "bin" / "python")
    monkeypatch.setenv("PATH", str(plant(tmp_path / "usr" / "bin" / "python3").parent))
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env"))
    found, _ = Search(roots=(project,)).find()
    assert found is not None and found.path == str(active)


def test_an_environment_without_keras_is_passed_over(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path / "env" / "bin" / "python", NOTHING)
    there = plant(tmp_path / "usr" / "bin" / "python3")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env"))
    monkeypatch.setenv("PATH", str(there.parent))
    found, _ = Search(roots=(project,)).find()
    assert found is not None and found.path == str(there)


def test_kerlints_own_environment_is_not_the_users(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under pre-commit: VIRTUAL_ENV and the first folder of PATH are the hook's own."""
    own = tmp_path / "own" / "bin"
    there = plant(tmp_path / "usr" / "bin" / "python3")
    plant(own / "python3")
    monkeypatch.setenv("VIRTUAL_ENV", str(own.parent))
    monkeypatch.setenv("PATH", f"{own}{os.pathsep}{there.parent}")
    found, _ = Search(roots=(project,)).find()
    assert found is not None and found.path == str(there)
    assert not ran(own / "python3")


def test_kerlints_own_keras_comes_last(project: Path, tmp_path: Path) -> None:
    own = plant(tmp_path / "own" / "bin" / "python")
    found, _ = Search(roots=(project,)).find()
    assert found is not None and found.path == str(own)


@pytest.mark.parametrize("way", ["beside", "active", "path", "sources only"])
def test_a_planted_environment_does_not_run(way: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = plant(project / ".venv" / "bin" / "python")
    plant(project / ".venv" / "bin" / "python3")
    (project / "src").mkdir()
    if way == "active":
        monkeypatch.setenv("VIRTUAL_ENV", str(project / ".venv"))
    if way == "path":
        monkeypatch.setenv("PATH", str(planted.parent))
    roots = (project / "src",) if way == "sources only" else (project,)
    found, why = Search(roots=roots).find()
    assert found is None and ".venv/bin/python" in (why or "")
    assert (why or "").endswith("lies in the linted project; --trust uses it")
    assert not ran(planted) and not ran(planted.with_name("python3"))
    trusted, _ = Search(roots=roots, trust=True).find()
    assert trusted is not None and ran(Path(trusted.path))


@pytest.mark.parametrize("inside", [True, False], ids=["link into the project", "project holds a link"])
def test_links_do_not_help(inside: bool, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = plant((project if inside else tmp_path) / "tools" / "python3")
    link = (tmp_path if inside else project) / "bin" / "python3"
    link.parent.mkdir()
    link.symlink_to(real)
    monkeypatch.setenv("PATH", str(link.parent))
    found, why = Search(roots=(project,)).find()
    assert found is None and "linted project" in (why or "") and not ran(real)


def test_what_a_project_file_names_does_not_run(project: Path, tmp_path: Path) -> None:
    inside, outside = plant(project / "x"), plant(tmp_path / "elsewhere" / "python")
    for named, path in (("./x", inside), (str(outside), outside)):
        found, why = Search(project=named, roots=(project,)).find()
        assert found is None and "is named by the linted project; --trust uses it" in (why or "")
        assert not ran(path)
        trusted, _ = Search(project=named, roots=(project,), trust=True).find()
        assert trusted is not None and ran(path)


def test_what_the_user_names_runs_wherever_it_lies(project: Path) -> None:
    planted = plant(project / ".venv" / "bin" / "python")
    found, _ = Search(asked=".venv/bin/python", roots=(project,)).find()
    assert found is not None and found.path == str(planted)


@pytest.mark.parametrize(("says", "said"), [(NOTHING, "has no Keras"), (None, "is no program")])
def test_what_the_user_names_is_not_replaced(
    says: str | None, said: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(plant(tmp_path / "usr" / "bin" / "python3").parent))
    named = plant(tmp_path / "named" / "python", says) if says else tmp_path / "missing"
    found, why = Search(asked=str(named), roots=(project,)).find()
    assert found is None and said in (why or "")


def test_keras_2_is_needed_for_its_own_layers() -> None:
    three = find.Interpreter("python", "3.1", None, "2.1")
    assert "tf_keras" in (three.lacks((2, 3)) or "")
    assert find.Interpreter("python", "2.12", None, "2.12").lacks((2,)) is None
    both = find.Interpreter("python", "3.1", "2.18", "2.18")
    assert both.lacks((2, 3)) is None and both.keras_for((2, 3)) == "3.1, tf_keras 2.18"


def test_the_project_of_a_file(project: Path) -> None:
    (project / "src" / "deep").mkdir(parents=True)
    assert tree_of(project / "src" / "deep" / "model.py") == project
