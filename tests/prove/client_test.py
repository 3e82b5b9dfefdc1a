"""The worker's life: cache, crash, hang, nonsense, interruption. Most of it with a fake interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.prove.conftest import Memory
from tests.prove.regions import nothing, pointwise, tensor

from kerlint.host.find import Search, probe
from kerlint.host.worker import Limits, Worker
from kerlint.prove import client
from kerlint.prove.cache import Cache
from kerlint.prove.client import SMALLER, Prover
from kerlint.prove.proof import Proof, not_run

QUESTION = (pointwise(tensor(6, 3)), "identical")
OTHER = (nothing("Dropout", tensor(5), 0.0), "identical")
ANSWER = {
    "status": "proved",
    "max_error": 0.0,
    "gradient_error": 0.0,
    "idle": [],
    "inputs": 1,
    "seconds": 0.1,
}

FAKE = """#!{python}
import json, os, pathlib, subprocess, sys, time
if "-c" in sys.argv:
    print(json.dumps({{"keras": "3.1", "tf_keras": None, "tensorflow": "2.1", "jax": "0.9"}}))
    sys.exit()
marks = pathlib.Path({marks!r})
(marks / str(os.getpid())).write_text("")
started = len(list(marks.iterdir()))
for line in sys.stdin:
    asked = json.loads(line)
    answer = {{"id": asked["id"], "answer": {answer!r}}}
    {behaviour}
    print(json.dumps(answer), flush=True)
"""

Make = Callable[[str], str]


@pytest.fixture
def fake(tmp_path: Path) -> Make:
    """An interpreter that claims to have Keras and answers in its own way; the folder counts its starts."""
    (tmp_path / "marks").mkdir()

    def make(behaviour: str) -> str:
        path = tmp_path / "python"
        text = FAKE.format(python=sys.executable, marks=str(tmp_path / "marks"), answer=ANSWER, behaviour=behaviour)
        path.write_text(text.replace("null", "None"))
        path.chmod(0o755)
        probe.cache_clear()
        return str(path)

    return make


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").is_dir() else True


def pids(tmp_path: Path) -> list[int]:
    return [int(p.name) for p in (tmp_path / "marks").iterdir()]


def test_equal_questions_are_asked_once(fake: Make, tmp_path: Path) -> None:
    with Prover(Search(fake("answer['answer']['inputs'] = 1 + asked['id']"))) as prover:
        proofs = [prover.prove(*question) for question in (QUESTION, OTHER, QUESTION)]
        assert prover.starts == 1
    assert [(p.status, p.inputs) for p in proofs] == [("proved", 1), ("proved", 2), ("proved", 1)]
    assert proofs[0].keras == "3.1" and proofs[0].backend_version == "2.1"


def test_a_second_run_starts_nothing(fake: Make) -> None:
    python, memory = fake("pass"), Memory()
    with Prover(Search(python), cache=memory) as first:
        assert not first.prove(*QUESTION).cached
    with Prover(Search(python), cache=memory) as second:
        proof = second.prove(*QUESTION)
        assert proof.proved and proof.cached and second.starts == 0


@pytest.mark.parametrize(
    "entry",
    ["", "proved", 1, [], {}, {"key": "x", "proof": {}}, {"status": "proved"}, {"status": "proved", "idle": None}],
)
def test_a_corrupt_or_foreign_entry_is_ignored(fake: Make, entry: object) -> None:
    python, memory = fake("pass"), Memory()
    with Prover(Search(python), cache=memory) as first:
        first.prove(*QUESTION)
    (key,) = memory.kept
    memory.kept[key] = entry
    with Prover(Search(python), cache=memory) as second:
        assert second.prove(*QUESTION).proved and second.starts == 1
    assert memory.kept[key]["status"] == "proved" and memory.kept[key]["inputs"]


@pytest.mark.parametrize(
    "damage",
    [
        {"max_error": "inf"},
        {"gradient_error": "nan"},
        {"inputs": 0},
        {"reason": ["x"]},
        {"max_error": None},
        {"status": "sure"},
    ],
)
def test_an_entry_that_no_worker_gives_is_ignored(fake: Make, damage: dict[str, object]) -> None:
    python, memory = fake("pass"), Memory()
    with Prover(Search(python), cache=memory) as first:
        first.prove(*QUESTION)
    (key,) = memory.kept
    memory.kept[key] |= damage
    with Prover(Search(python), cache=memory) as second:
        assert second.prove(*QUESTION).proved and second.starts == 1


def test_another_questions_proof_is_none(fake: Make, tmp_path: Path) -> None:
    python, cache = fake("pass"), Cache(str(tmp_path / "cache"), "proofs")
    with Prover(Search(python), cache=cache) as first:
        first.prove(*QUESTION)
    (file,) = (tmp_path / "cache").rglob("*.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), "key": "another"}))
    with Prover(Search(python), cache=cache) as second:
        assert not second.prove(*QUESTION).cached


def test_the_workers_code_is_part_of_the_key(fake: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    python, memory = fake("pass"), Memory()
    for code in ("old", "new"):
        monkeypatch.setitem(vars(client.PROOFS), "hash", code)
        with Prover(Search(python), cache=memory) as prover:
            assert not prover.prove(*QUESTION).cached


def test_ctrl_c_while_waiting_ends_the_worker(fake: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds it: no ``with`` stands around it here."""

    def pressed(**_: object) -> None:
        raise KeyboardInterrupt

    worker = Worker(fake("time.sleep(60)"), client.PROOFS)
    monkeypatch.setattr(worker._lines, "get", pressed)
    with pytest.raises(KeyboardInterrupt):
        worker.ask({}, 60.0)
    assert not alive(worker.process.pid) and not worker.scratch.exists()


def test_versions_are_part_of_the_key(fake: Make, tmp_path: Path) -> None:
    memory = Memory()
    for version in ("3.1", "3.2"):
        python = Path(fake("pass"))
        python.write_text(python.read_text().replace('"3.1"', f'"{version}"'))
        with Prover(Search(str(python)), cache=memory) as prover:
            assert not prover.prove(*QUESTION).cached
    assert len(memory.kept) == 2


def test_the_backend_is_the_one_that_keras_would_choose(
    fake: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KERAS_BACKEND, else keras.json; another backend is another proof."""
    python, memory = fake("answer['answer']['reason'] = os.environ['KERAS_BACKEND']"), Memory()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    def proved() -> tuple[Proof, int]:
        with Prover(Search(python), cache=memory) as prover:
            return prover.prove(*QUESTION), prover.starts

    monkeypatch.setenv("KERAS_BACKEND", "jax")
    named, starts = proved()
    assert (named.backend, named.backend_version, named.reason, starts) == ("jax", "0.9", "jax", 1)
    monkeypatch.delenv("KERAS_BACKEND")
    default, starts = proved()
    assert (default.backend, default.backend_version, default.reason, starts) == ("tensorflow", "2.1", "tensorflow", 1)
    (tmp_path / "keras.json").write_text('{"floatx": "float32", "backend": "jax"}')
    assert proved() == (replace(named, cached=True), 0)


@pytest.mark.parametrize(
    ("backend", "said"), [("torch", "has Keras, but no PyTorch"), ("openvino", "the backend openvino has no gradients")]
)
def test_a_backend_that_cannot_prove_is_named(
    backend: str, said: str, fake: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", backend)
    with Prover(Search(fake("pass"))) as prover:
        proof = prover.prove(*QUESTION)
    assert (proof.status, prover.starts) == ("not-run", 0) and said in (proof.reason or "")


FAILURES = {
    "crash": (
        "sys.stderr.write('Aborted (core dumped)'); sys.exit(3)",
        "exit status 3: Aborted (core dumped)",
    ),
    "signal": ("os.kill(os.getpid(), 11)", "killed by signal 11"),
    "hang": ("time.sleep(60)", "no answer within 1 seconds"),
    "nonsense": ("print('TensorFlow says hello')", "nonsense"),
    "another's": ("answer['id'] = 7", "nonsense"),
    "no proof": ("answer['answer'] = {'status': 'fine'}", "no proof"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_concerns_one_proof(case: str, fake: Make, tmp_path: Path) -> None:
    behaviour, said = FAILURES[case]
    python, memory = fake(f"if started == 1: {behaviour}"), Memory()
    with Prover(Search(python), cache=memory, timeout=0.5) as prover:
        failed, fine = prover.prove(*QUESTION), prover.prove(*OTHER)
        assert (failed.status, fine.status) == ("not-run", "proved")
        assert said in (failed.reason or "")
        assert prover.starts == 2 and len(memory.kept) == (2 if case == "hang" else 1)
    assert not any(alive(pid) for pid in pids(tmp_path))


def test_what_took_too_long_is_remembered_for_its_limit(fake: Make) -> None:
    """A second run starts nothing for it; one that is given more time tries again."""
    python, memory = fake("time.sleep(1.5)"), Memory()
    found = []
    for seconds in (0.5, 0.5, 10.0, 0.5):
        with Prover(Search(python), cache=memory, timeout=seconds) as prover:
            proof = prover.prove(*QUESTION)
            found.append((proof.status, proof.reason, proof.cached, prover.starts))
    why = "no answer within 1 seconds"
    again = f"{why} (in an earlier run: --no-cache tries again)"
    assert found[:2] == [("not-run", why, False, 1), ("not-run", again, True, 0)]
    assert [status for status, *_ in found[2:]] == ["proved", "proved"]
    assert found[3][2:] == (True, 0)


def test_leaving_ends_the_worker_and_its_children(fake: Make, tmp_path: Path) -> None:
    start = "subprocess.Popen(['sleep', '60'], stdin=-3, stdout=-3)"  # holds none of the worker's pipes
    child = f"c = {start}; (marks / str(c.pid)).write_text('')"
    with Prover(Search(fake(child))) as prover:
        prover.prove(*QUESTION)
        assert all(alive(pid) for pid in pids(tmp_path)) and len(pids(tmp_path)) == 2
    for _ in range(50):
        if not any(alive(pid) for pid in pids(tmp_path)):
            return
        time.sleep(0.05)
    raise AssertionError("a process is left")


@pytest.mark.parametrize("behaviour", ["pass", "sys.exit(3)"])
def test_nothing_is_left_on_disk(behaviour: str, fake: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is killed cannot remove its scratch directory."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with Prover(Search(fake(behaviour))) as prover:
        prover.prove(*QUESTION)
    assert prover.starts == 1 and not [*scratch.iterdir()]


INTERRUPTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts tests in the background ignores it
sys.path[:0] = {path!r}
from kerlint.host.find import Search
from kerlint.prove.client import Prover
from tests.prove.regions import pointwise, tensor
with Prover(Search({python!r})) as prover:
    prover.prove(pointwise(tensor(6, 3)), "identical")
"""


@pytest.mark.parametrize("number", [2, 9], ids=["ctrl-c", "killed"])
def test_an_interrupted_run_leaves_no_process(number: int, fake: Make, tmp_path: Path) -> None:
    watch = "sys.stdin.read(); sys.exit()"  # busy until nobody listens any more, as the real one
    code = INTERRUPTED.format(path=[p for p in sys.path if p], python=fake(watch))
    scratch = os.environ | {"TMPDIR": str(tmp_path)}  # a killed run cannot clean up, nor can the fake worker
    run = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL, env=scratch)
    _until(lambda: len(pids(tmp_path)) == 1)
    run.send_signal(number)
    run.wait(10)
    _until(lambda: not alive(pids(tmp_path)[0]))


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("waited for 10 seconds")


AT_ONCE = """
import sys
sys.path[:0] = {path!r}
from kerlint.prove.cache import Cache
from kerlint.host.find import Search
from kerlint.prove.client import Prover
from tests.prove.client_test import OTHER, QUESTION
with Prover(Search({python!r}), cache=Cache({folder!r}, "proofs")) as prover:
    print([prover.prove(*question).status for question in (QUESTION, OTHER, QUESTION)], prover.starts)
"""


def test_runs_at_once_share_the_cache(fake: Make, tmp_path: Path) -> None:
    folder = str(tmp_path / "cache")
    code = AT_ONCE.format(path=[p for p in sys.path if p], python=fake("pass"), folder=folder)
    runs = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert {run.communicate()[0].partition("]")[0] for run in runs} == {"['proved', 'proved', 'proved'"}
    last = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert last.stdout.strip().endswith(" 0"), "everything is known by now"
    assert not list(Path(folder).rglob("*.tmp"))


@pytest.mark.keras
def test_a_proof_that_needs_too_much_memory_is_run_at_a_smaller_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a worker of its own if need be, and so is the next one."""
    monkeypatch.setattr(client, "PROOFS", replace(client.PROOFS, limits=Limits(memory=2**30)))
    with Prover(Search(sys.executable)) as prover:
        large, small = prover.prove(pointwise(tensor(3_000_000, 3)), "identical"), prover.prove(*OTHER)
    assert (large.status, small.status) == ("proved", "proved"), (large, small)
    assert "memory" in (large.reason or "") or "the worker ended" in (large.reason or "")
    assert (large.reason or "").endswith("proved at a smaller scale, 24 for 3,000,000")


@pytest.mark.keras
def test_the_real_worker_proves_from_the_cache(prover: Prover, memory: Memory) -> None:
    prover.prove(*QUESTION)
    with Prover(cache=memory) as second:
        proof = second.prove(*QUESTION)
        assert proof.proved and proof.cached and second.starts == 0


def test_the_client_imports_no_keras() -> None:
    code = (
        "import sys; sys.path[:0] = %r; import kerlint.prove.client; "
        "print([m for m in ('keras', 'tensorflow', 'numpy', 'libcst') if m in sys.modules])"
    ) % [p for p in sys.path if p]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_a_dead_worker_left_is_asked_again(fake: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a smaller scale it may hold, but that is no answer to keep: the next worker may live."""
    memory = Memory()
    with Prover(Search(fake("pass")), cache=memory) as prover:
        answers = iter([not_run("the worker ended: killed by signal 9"), Proof("proved", max_error=0.0, inputs=1)])
        monkeypatch.setattr(prover, "_asked", lambda *_: next(answers))
        proof = prover.prove(pointwise(tensor(3_000_000, 3)), "identical")
        assert proof.proved and SMALLER in (proof.reason or "") and not memory.kept
