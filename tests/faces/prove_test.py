"""Proofs on the command line: what is proved, what is said where nothing can be, what is never applied."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.faces.conftest import FIXED_LAYER, POINTWISE, Run, process, write

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph
from kerlint.prove.client import Prover
from kerlint.prove.proof import Proof, not_run
from kerlint.prove.whole import Whole

UNSAFE = POINTWISE.replace("Conv1D(8, 1,", 'Conv1D(8, 3, padding="same",').replace("(10, 4)", "(1, 4)")
REFUTED = Proof("refuted", max_error=0.32, inputs=24, keras="3.15.1", backend="tensorflow", backend_version="2.21.0")
PROVED = Proof(
    "proved",
    3.1e-16,
    8.9e-16,
    inputs=24,
    keras="3.15.1",
    backend="tensorflow",
    backend_version="2.21.0",
    seconds=0.2,
)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the prover answer as the test wants."""

    def set_to(proof: Proof, why: str | None = None) -> None:
        def prove(_self: Prover, _rewrite: Rewrite, _level: str, _graph: Graph) -> Proof:
            return proof

        monkeypatch.setattr(Prover, "prove", prove)
        monkeypatch.setattr(Prover, "why_not", why)

    return set_to


@pytest.mark.keras
@pytest.mark.slow
def test_a_fix_is_proved_once_and_then_known(here: Path) -> None:
    write(here / "model.py")
    env = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "CONDA_PREFIX")}
    words = ("--format", "json", "--python", sys.executable)
    first = process(*words, cwd=here, env=env)
    proof = first.json["findings"][0]["fixes"][0]["proof"]
    assert proof["status"] == "proved", proof
    assert proof["max_error"] < 1e-12 and proof["inputs"] > 0
    assert (proof["dtype"], proof["backend"], proof["cached"], proof["reason"]) == (
        "float64",
        "tensorflow",
        False,
        None,
    )
    second = process(*words, cwd=here, env=env).json["findings"][0]["fixes"][0]["proof"]
    assert second == proof | {"cached": True}
    assert process(*words, "--no-cache", "--fix", cwd=here, env=env).json["fixed"] == 1
    assert (here / "model.py").read_text() == FIXED_LAYER


def test_the_proof_is_told(here: Path, kerlint: Run, answer: Any) -> None:
    write(here / "model.py")
    answer(PROVED)
    assert (
        "  = proof   both graphs agree: max |difference| 3.1e-16 over 24 inputs, float64; gradients 8.9e-16 "
        "(Keras 3.15, TensorFlow 2.21)\n"
    ) in kerlint().out
    (finding,) = kerlint("--format", "json").json["findings"]
    assert finding["fixes"][0]["proof"] == {
        "status": "proved",
        "max_error": 3.1e-16,
        "gradient_error": 8.9e-16,
        "inputs": 24,
        "dtype": "float64",
        "keras": "3.15.1",
        "backend": "tensorflow",
        "seconds": 0.2,
        "cached": False,
        "reason": None,
    }


def test_what_is_refuted_is_said_loudly_and_never_applied(here: Path, kerlint: Run, answer: Any) -> None:
    path = write(here / "model.py")
    answer(REFUTED)
    done = kerlint("--fix", "--unsafe-fixes")
    assert done.status == 2
    assert re.search(
        r"KER101 pointwise-conv \(.*pointwise_conv\.py:\d+\): its replacement is another function", done.err
    )
    assert "REFUTED: the two graphs differ by 0.32" in done.out
    assert "KER101 [*]" not in done.out
    assert path.read_text() == POINTWISE


def test_a_fix_after_which_a_fresh_run_is_another_one_is_not_safe(here: Path, kerlint: Run, answer: Any) -> None:
    """The function is the same, so it may be asked for; a level that promises more is lowered, and says why."""
    path = write(here / "model.py")
    why = "a fresh model starts otherwise: kernel of Dense"
    answer(replace(PROVED, starts=why, reason=why))
    done = kerlint("--fix")
    assert path.read_text() == POINTWISE
    assert f"(identical, unsafe: {why})" in done.out
    (fix,) = kerlint("prove", ".", "--format", "json").json["proofs"][0]["fixes"]
    assert (fix["applicability"], fix["proof"]["status"], fix["proof"]["reason"]) == ("unsafe", "proved", why)
    kerlint("--fix", "--unsafe-fixes")
    assert path.read_text() == FIXED_LAYER


def test_what_is_safe_by_request_stays_so(here: Path, kerlint: Run, answer: Any) -> None:
    """Who calls a rule's unsafe fixes safe has read its reasons: that a fresh run is another one is among them."""
    layers = 'Dense(8, bias_initializer="ones"),\n    BatchNormalization(),\n    GlobalMaxPooling1D(),'
    ones = POINTWISE.replace("GlobalMaxPooling1D(),", layers).replace(
        "import Conv1D", "import BatchNormalization, Conv1D"
    )
    path = write(here / "model.py", ones)
    answer(replace(PROVED, starts="a fresh model starts otherwise"))
    words = ("--select", "KER111", "--fix")
    kerlint(*words)
    assert "use_bias" not in path.read_text()
    (here / "pyproject.toml").write_text('[tool.kerlint]\nextend-safe-fixes = ["KER111"]\n')
    kerlint(*words)
    assert "use_bias=False" in path.read_text()


def test_fixes_that_are_wrong_together_are_not_applied(here: Path, kerlint: Run, monkeypatch: Any) -> None:
    """Each holds where it stands; the model that they change is another one."""

    def prove(_self: Prover, rewrite: Rewrite, _level: str, _graph: Graph | None) -> Proof:
        return REFUTED if isinstance(rewrite, Whole) else PROVED

    monkeypatch.setattr(Prover, "prove", prove)
    two = POINTWISE.replace(
        "    GlobalMaxPooling1D(),", '    Conv1D(8, 1, activation="tanh"),\n    GlobalMaxPooling1D(),'
    )
    path = write(here / "model.py", two)
    done = kerlint("--fix")
    assert (done.status, path.read_text()) == (2, two)
    assert done.out.count("REFUTED: the two graphs differ by 0.32") == 2
    done = kerlint("prove", "--format", "json", "model.py")
    proofs = [row["fixes"][0]["proof"] for row in done.json["proofs"]]
    assert (done.status, {p["status"] for p in proofs}) == (1, {"refuted"})
    assert {p["reason"] for p in proofs} == {"the whole model, changed in 2 places, does not agree"}
    path.write_text(POINTWISE)
    assert (kerlint("--fix").status, path.read_text()) == (0, FIXED_LAYER)


def test_prove_says_one_line_a_fix(here: Path, kerlint: Run, answer: Any) -> None:
    write(here / "a.py")
    write(here / "b.py")
    answer(PROVED)
    done = kerlint("prove", ".")
    assert done.status == 0
    assert [line.partition(" both")[0] for line in done.out.splitlines()] == [
        "a.py:6:5: KER101 pointwise-conv:",
        "b.py:6:5: KER101 pointwise-conv:",
    ]
    assert done.err == "kerlint: 2 proved\n"


def test_a_proof_with_keras_2_says_which(here: Path, kerlint: Run, answer: Any) -> None:
    write(here / "a.py")
    answer(replace(PROVED, keras="3.15.1, tf_keras 2.21.0"))
    assert "(Keras 3.15, tf_keras 2.21, TensorFlow 2.21)" in kerlint("prove").out


def test_prove_fails_where_a_proof_is_refuted(here: Path, kerlint: Run, answer: Any) -> None:
    write(here / "a.py")
    answer(REFUTED)
    done = kerlint("prove", ".", "--format", "json")
    assert done.status == 1
    assert [p["fixes"][0]["proof"]["status"] for p in done.json["proofs"]] == ["refuted"]


def test_prove_fails_where_a_file_cannot_be_read(here: Path, kerlint: Run, answer: Any) -> None:
    write(here / "a.py")
    answer(PROVED)
    done = kerlint("prove", "a.py", "nowhere.py")
    assert (done.status, len(done.out.splitlines())) == (1, 1)
    assert "kerlint: nowhere.py:1:1: cannot be read: no such file or directory" in done.err
    write(here / "b.py", "import keras\nx = (\n")
    done = kerlint("prove", "a.py", "b.py", "nowhere.py", "--format", "json")
    assert (done.status, len(done.json["proofs"]), done.json["errors"]) == (1, 1, [])
    assert [(f["code"], f["path"]) for f in done.json["findings"]] == [("KER000", "b.py"), ("KER000", "nowhere.py")]
    assert done.json["findings"] == kerlint("b.py", "nowhere.py", "--format", "json").json["findings"]


def test_without_keras_safe_fixes_are_applied_and_said(here: Path, kerlint: Run, answer: Any) -> None:
    path = write(here / "model.py")
    answer(not_run("no Keras found: install one", no_keras=True), "no Keras found: install one")
    assert "kerlint: 1 fix of the patch unproved: no Keras found" in kerlint("--diff").err
    done = kerlint("--fix")
    assert done.status == 0
    assert "kerlint: 1 fix applied unproved: no Keras found" in done.err
    assert path.read_text() == FIXED_LAYER


@pytest.mark.parametrize("flags", [("--fix", "--unsafe-fixes"), ("--fix",)])
def test_without_keras_unsafe_fixes_are_not(flags: tuple[str, ...], here: Path, kerlint: Run, answer: Any) -> None:
    path = write(here / "model.py", UNSAFE)
    answer(not_run("no Keras found", no_keras=True), "no Keras found")
    kerlint(*flags)
    assert path.read_text() == UNSAFE
    kerlint("--fix", "--unsafe-fixes", "--no-prove")
    assert path.read_text() != UNSAFE


def test_a_proof_can_be_required(here: Path, kerlint: Run, answer: Any) -> None:
    path = write(here / "model.py")
    write(here / "kerlint.toml", 'prove = "require"\n')
    answer(not_run("no Keras found", no_keras=True), "no Keras found")
    assert kerlint("--fix").status == 1
    assert path.read_text() == POINTWISE


def test_a_worker_that_fails_is_no_missing_keras(here: Path, kerlint: Run, answer: Any) -> None:
    path = write(here / "model.py")
    answer(not_run("no answer within 60 s"))
    done = kerlint("--fix")
    assert path.read_text() == POINTWISE
    assert "not run: no answer within 60 s" in done.out


def test_no_finding_that_can_be_fixed_starts_no_prover(
    here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a prover was made")

    monkeypatch.setattr(Prover, "__init__", never)
    write(here / "model.py", FIXED_LAYER)
    assert kerlint().status == 0
    write(here / "bad.py", "import keras\nx = (\n")
    assert kerlint("--fix").status == 1


PLANTED = "#!/bin/sh\ntouch {}\nexit 1\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
@pytest.mark.parametrize("where", [".venv/bin/python", "x"])
def test_a_program_of_the_linted_project_is_not_run(where: str, here: Path) -> None:
    write(here / "model.py")
    mark = here.parent / "was-run"
    program = write(here / where, PLANTED.format(mark))
    program.chmod(0o755)
    write(here / "pyproject.toml", '[tool.kerlint]\npython = "./x"\nplugins = ["evil"]\n')
    write(here / "evil.py", f"open({str(mark)!r}, 'w').close()\n")
    bare = here.parent / "bare"
    bare.mkdir()
    (bare / "sh").symlink_to(shutil.which("sh") or "/bin/sh")
    (bare / "touch").symlink_to(shutil.which("touch") or "/usr/bin/touch")
    env = {**os.environ, "PATH": str(bare), "VIRTUAL_ENV": str(here / ".venv")}
    done = process("--fix", "--format", "json", cwd=here, env=env)
    assert not mark.exists(), done.err
    assert json.loads(done.out)["fixed"] == 1
