"""What a program cannot do while it is introspected, and what is left when it is over."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.introspect.conftest import Run

from kerlint.host.find import Interpreter
from kerlint.host.worker import Limits
from kerlint.introspect.client import Introspection, NotIntrospected, Wish
from kerlint.introspect.target import parse

pytestmark = pytest.mark.keras

# Each attempt becomes a layer whose name says how it went.
ATTEMPTS = """
import ctypes, glob, http.client, os, pathlib, socket, subprocess, sys
import keras

print("the program prints on standard output")

def connect():
    socket.create_connection(("127.0.0.1", {port}), 2)

def resolve():
    http.client.HTTPConnection("192.0.2.1", timeout=2).request("GET", "/")

def beside():
    pathlib.Path(__file__).with_name("left.txt").write_text("x")

def itself():
    pathlib.Path(__file__).write_text("changed")

def home():
    pathlib.Path({home!r}, "left.txt").write_text("x")

UNDO = '''
import ctypes, os, sys
libc = ctypes.CDLL(None)
unshared = "apart" not in sys.argv or libc.unshare(0x10020000) == 0  # a user and mounts of its own
attributes = (ctypes.c_uint64 * 4)(0, 1, 0, 0)  # clears "read-only"
changed = libc.syscall(442, -100, b"/", 0x8000, ctypes.byref(attributes), ctypes.c_size_t(32)) == 0
sys.exit(not (unshared and changed))
'''

def undo():
    subprocess.run([sys.executable, "-c", UNDO], check=True)
    home()

def apart():
    subprocess.run([sys.executable, "-c", UNDO, "apart"], check=True)

def capable():
    assert "CapEff:\t0000000000000000" not in open("/proc/self/status").read()

def around():
    written = 0
    for root in glob.glob("/proc/[0-9]*/root"):
        try:
            pathlib.Path(root + {home!r}, "left.txt").write_text("x")
            written += 1
        except OSError:
            pass
    assert written

def altogether():
    try:
        for i in range(40):
            pathlib.Path("part%d.bin" % i).write_bytes(b"0" * 900_000)
    finally:
        for part in pathlib.Path(".").glob("part*.bin"):
            part.unlink()

def large():
    pathlib.Path("large.bin").write_bytes(b"0" * 2_000_000)

def processes():
    import resource
    assert resource.getrlimit(resource.RLIMIT_NPROC)[1] > 4096

def memory():
    bytearray({memory})

def child():
    subprocess.run([sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', {port}), 2)"], check=True)

def scratch():
    pathlib.Path("notes.txt").write_text("fine")
    assert pathlib.Path.home() == pathlib.Path.cwd()

def secret():
    os.environ["AWS_SECRET_ACCESS_KEY"]

def asked():
    assert sys.stdin.read() == ""

def build():
    x = keras.Input((2,))
    start = x
    shut = (connect, resolve, beside, itself, home, undo, apart, capable, around, large, altogether, memory, child, processes)
    for attempt in (*shut, scratch, secret, asked):
        try:
            attempt()
            x = keras.layers.Dense(2, name=attempt.__name__ + "_worked")(x)
        except Exception as error:
            x = keras.layers.Dense(2, name=attempt.__name__ + "_" + type(error).__name__)(x)
    return keras.Model(start, x)
"""


def test_a_program_is_shut_in(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), 2).close()  # outside, it can be reached
        text = ATTEMPTS.format(port=port, home=str(tmp_path), memory=12 * 2**30)
        outcome = run(text, "build", Limits(file=1_000_000))
    names = [row["name"] for row in outcome.data["layers"] if row["class"] == "Dense"]
    went = dict(name.rsplit("_", 1) for name in names)
    assert {name for name, how in went.items() if how == "worked"} == {"scratch", "asked"}, went
    assert (went["secret"], went["memory"], went["connect"]) == ("KeyError", "MemoryError", "OSError")
    assert (tmp_path / "program" / "builders.py").read_text() == text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["program"]
    assert outcome.data["open"] == []
    assert "the program prints on standard output" in outcome.printed


FAILURES = {
    "raise": ("def build(): raise ValueError('no such size')", "ValueError: no such size ("),
    "in Keras": ("import keras\ndef build(): keras.layers.Conv1D(3, 9)(keras.Input((4, 1)))", "ValueError"),
    "exit": ("import sys\ndef build(): sys.exit(3)", "sys.exit(3)"),
    "crash": ("import ctypes\ndef build(): ctypes.string_at(0)", "the worker ended: killed by signal 11"),
    "thread": (
        "import os, sys, tensorflow\ndef build():\n print('ValueError: the cause', file=sys.stderr)\n"
        " print('I0000 00:00:1795797580.842116 1 a.cc:31] noise', file=sys.stderr, flush=True)\n os._exit(5)",
        "the worker ended: exit status 5: ValueError: the cause",
    ),
    "leave": ("import os\ndef build(): os._exit(5)", "the worker ended: exit status 5"),
    "hang": ("import time\ndef build(): time.sleep(600)", "it still runs after 11 seconds (--timeout) ("),
    "hang, deaf": (
        "import signal, time\ndef build():\n signal.signal(signal.SIGALRM, signal.SIG_IGN)\n time.sleep(600)",
        "no answer within 12 seconds",
    ),
    "memory": ("def build(): return [bytearray(2**28) for _ in range(64)]", "out of memory"),
    "forged": (
        """import os\ndef build():\n for fd in range(3, 20):\n  try: os.write(fd, b'{"id": 0, "answer": {}}\\n')\n"""
        """  except OSError: pass""",
        "what was answered is no description of models",
    ),
    "no model": ("def build(): return 3", "build() gives an int, not a model"),
    "no import": ("import surely_not_there\ndef build(): pass", "No module named 'surely_not_there' in "),
    "inert": (
        "import talib, keras\ndef build(): return keras.Model(i := keras.Input((2,)), talib.SMA(i))",
        "talib.SMA is not run",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_says_what_and_where(case: str, run: Run) -> None:
    text, said = FAILURES[case]
    with pytest.raises(NotIntrospected) as error:
        run(text, "build()", seconds=12.0 if "hang" in case else 120.0)
    assert said in str(error.value)
    if said.endswith("("):
        assert "builders.py:" in str(error.value)


LOUD = """
import keras

def build():
    for _ in range(300):
        print("x" * 9_999)
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
"""


def test_a_program_that_prints_too_much_gives_its_model(run: Run) -> None:
    outcome = run(LOUD, "build", Limits(file=1_000_000))
    assert [row["totals"]["params"] for row in outcome.models] == [3]
    assert len(outcome.printed) == 20_000


FORKED = """
import os, time
import keras

def build():
    if os.fork():
        time.sleep(3)
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
"""


def test_a_program_that_forks_answers_once(interpreter: Interpreter, tmp_path: Path) -> None:
    """The child would be the first to answer; then the next question would get the parent's answer to this one."""
    path = tmp_path / "forked.py"
    path.write_text(FORKED)
    with Introspection(interpreter, parse(f"{path}:build"), Wish(seconds=120.0)) as one:
        assert [row["totals"]["params"] for row in one.outcome().models] == [3]
        inputs = [{"shape": [None, 2], "dtype": "float32"}]
        measured = one.dead({"model": 0, "inputs": inputs, "claims": [], "length": 1, "left": []}, lambda known: None)
        assert measured == {"weights": [], "uncovered": []}


BEHIND = """
import subprocess, sys
import keras

def build():
    for options in ({"start_new_session": True}, {}):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)  # %s"], **options)
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
"""


def test_nothing_that_a_program_started_is_left(run: Run, tmp_path: Path) -> None:
    mark = f"left behind {tmp_path}"
    run(BEHIND % mark, "build")
    _until(lambda: not any(mark in line for line in _commands()))


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("waited for a minute")


def _commands() -> list[str]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                found.append(Path("/proc", entry, "cmdline").read_bytes().decode(errors="replace"))
            except OSError:
                continue
    return found


HANGING = """
import subprocess, sys

subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)  # %(mark)s"], start_new_session=True)
print("it hangs", flush=True)
subprocess.run([sys.executable, "-c", "import time; time.sleep(300)  # %(mark)s"])
"""


@pytest.mark.parametrize("number", [2, 9, 15, 1], ids=["ctrl-c", "killed", "terminated", "hung up"])
def test_an_interrupted_run_leaves_nothing(number: int, tmp_path: Path) -> None:
    mark = f"interrupted {tmp_path}"
    path = tmp_path / "hanging.py"
    path.write_text(HANGING % {"mark": mark})
    heeds = (  # also in the background, and behind nohup
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "signal.signal(signal.SIGHUP, signal.SIG_DFL); "
    )
    code = heeds + "sys.path[:0] = %r; from kerlint.cli.main import main; sys.exit(main())" % [*filter(None, sys.path)]
    words = [sys.executable, "-c", code, "introspect", str(path), "--python", sys.executable]
    run = subprocess.Popen(words, stderr=subprocess.PIPE, env=os.environ | {"TMPDIR": str(tmp_path)})
    _until(lambda: sum(mark in line for line in _commands()) >= 2)
    run.send_signal(number)
    run.communicate(timeout=30)
    _until(lambda: not any(mark in line for line in _commands()))
    _until(lambda: not [*tmp_path.glob("kerlint-*")])


WORKED = """
import keras, numpy as np, pandas as pd
from keras.datasets import cifar10

(x_train, y_train), (x_test, y_test) = cifar10.load_data()
table = pd.read_csv("table.csv")
n = table.shape[1]
rows = np.load("rows.npy")

def build():
    model = keras.Sequential([keras.Input(x_train.shape[1:]), keras.layers.Flatten(), keras.layers.Dense(n)])
    model.load_weights("weights.h5")
    model.compile("adam", "mse")
    history = model.fit(x_train, y_train, epochs=3)
    print(history.history["loss"][-1])
    model.save("model.keras")
    model.set_weights(np.load("weights.npy", allow_pickle=True))
    model.layers[-1].set_weights([np.load("kernel.npy"), np.load("bias.npy")])
    model.layers[-1].set_weights(weights=[np.zeros((3072, n)), np.zeros(n)])
    return model
"""


def test_training_weights_and_data_are_inert(run: Run) -> None:
    outcome = run(WORKED, "build", sizes=(23,))
    assert [row["weights"] for row in outcome.data["layers"] if row["class"] == "Dense"] == [
        [["kernel", [3072, 23], True], ["bias", [23], True]]
    ]
    assert outcome.data["drawn"] == {"pandas.read_csv().shape[1]": 23}
    assert outcome.printed.rstrip().endswith("fit().history['loss'][-1]")


CHOSEN = """
import keras, pandas as pd

table = pd.read_csv("table.csv")
x = table[["height", "width", "depth"]].values

def build():
    return keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1)])
"""


def test_the_columns_that_a_program_chooses_are_as_many_as_it_names(run: Run) -> None:
    outcome = run(CHOSEN, "build", sizes=(23,))
    assert outcome.models[0]["totals"]["params"] == 4 and not outcome.data["drawn"]


FROM_DISK = """
import keras

def build():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.load_weights("weights.weights.h5")
    return model
"""


def test_run_all_runs_them(run: Run) -> None:
    assert run(FROM_DISK, "build").models[0]["totals"]["params"] == 3
    with pytest.raises(NotIntrospected, match=r"weights\.weights\.h5"):
        run(FROM_DISK, "build", run_all=True)
