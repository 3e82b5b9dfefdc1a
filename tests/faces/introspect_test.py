"""``kerlint introspect`` as a user sees it: findings of what a builder really makes, at the lines that made it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.faces.conftest import Run, write

from kerlint.host.find import Search

pytestmark = pytest.mark.keras

# What only a run can know: which layer the table names, how wide it is.
ZOO = """\
import keras
from keras import layers

from blocks import pointwise

TABLE = {"conv": "Conv1D"}


def build(width=3, depth=2):
    start = x = keras.Input((10, 4))
    for kind in map(TABLE.get, ["conv"] * depth):
        x = getattr(layers, kind)(width, 3, padding="same", activation="relu")(x)
    x = pointwise(x, width)
    x = layers.Lambda(lambda t: t[:, :1])(x)
    x = layers.LSTM(4)(x)
    return keras.Model(start, layers.Dense(1)(x))


small = keras.Sequential([layers.Input((1, 3)), layers.Conv1D(5, 3, padding="same")])
"""
BLOCKS = """\
from keras import layers


def pointwise(x, width):
    return layers.Conv1D(width, 1, activation="relu")(x)
"""


@pytest.fixture
def zoo(here: Path) -> Path:
    """A project with a builder in one file and a helper in another."""
    write(here / "blocks.py", BLOCKS)
    return write(here / "zoo.py", ZOO)


def places(findings: list[dict[str, Any]]) -> set[tuple[str, str, int]]:
    return {(f["code"], f["path"], f["start"]["line"]) for f in findings}


def test_findings_stand_where_the_layers_are_made(zoo: Path, kerlint: Run) -> None:
    done = kerlint("introspect", "zoo.py:build(width=5)", "--no-prove", "--format", "json")
    assert done.status == 1, done.err
    assert places(done.json["findings"]) == {("KER101", "blocks.py", 5), ("KER104", "zoo.py", 15)}
    pointwise = next(f for f in done.json["findings"] if f["code"] == "KER101")
    assert pointwise["impact"]["model_params"]["before"] == 65 + 80 + 30 + 160 + 5
    assert pointwise["layers"][0]["output_shape"] == [None, 10, 5]
    assert pointwise["model"] == "build"


# Masks that Keras hands on by itself, wrappers, a model within a model, arithmetic, several outputs.
ALL_KNOWN = """\
import keras
from keras import layers


def build():
    words = keras.Input((7,), dtype="int32")
    x = layers.Embedding(20, 4, mask_zero=True)(words)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    x = layers.TimeDistributed(layers.Dense(2))(x)
    x = layers.Dropout(0.0)(x)
    left = layers.GRU(3)(x)
    step = keras.Sequential([layers.Input((1, 8)), layers.Conv1D(4, 3, padding="same"), layers.Flatten()])
    row = keras.Input((1, 8))
    pair = layers.MultiHeadAttention(2, 4)(query=row, value=row) * 2.0
    right = layers.Concatenate()([step(row), pair[:, 0], layers.SimpleRNN(2)(pair)])
    return keras.Model([words, row], {"left": layers.Dense(1)(left), "right": layers.Dense(1)(right)})
"""


def test_a_finding_of_a_run_is_the_finding_of_the_source(here: Path, kerlint: Run) -> None:
    """Where the source says all, both are the same, fixes included."""
    write(here / "model.py", ALL_KNOWN)
    source, real = (
        kerlint(*words, "--no-prove", "--format", "json").json["findings"]
        for words in (["model.py"], ["introspect", "model.py:build"])
    )
    assert {f["code"] for f in source} >= {"KER102", "KER103", "KER108", "KER112"}
    for ours, theirs in zip(source, real, strict=True):
        assert ours == theirs


CHOSEN = """\
import os

import keras
from keras import layers

make = getattr(layers, os.environ.get("KIND", "Conv1D"))
model = keras.Sequential([layers.Input((10, 4)), make(5, 1), layers.Flatten(), layers.Dense(2)])
"""


def test_a_fix_needs_the_source(here: Path, kerlint: Run) -> None:
    """What a run shows is one of the things that the line may make."""
    write(here / "model.py", CHOSEN)
    assert kerlint("model.py", "--format", "json").json["findings"] == []
    (found,) = kerlint("introspect", "model.py", "--no-prove", "--format", "json").json["findings"]
    assert (found["code"], found["start"], found["fixes"]) == ("KER101", {"line": 7, "column": 50}, [])
    assert "only the run shows this layer" in found["no_fix"]
    done = kerlint("introspect", "model.py", "--fix")
    assert done.status == 2 and "--fix" in done.err


def test_the_configured_models_are_checked_with_the_files(zoo: Path, kerlint: Run, here: Path) -> None:
    write(here / "kerlint.toml", 'models = ["zoo.py:build(width=5)"]\n')
    write(here / "blocks.py", "import os\n" + BLOCKS.replace("width, 1,", "width, int(os.environ.get('STEPS', '1')),"))
    plain = kerlint(".", "--no-prove", "--format", "json").json["findings"]
    both = kerlint(".", "--introspect", "--no-prove", "--format", "json").json["findings"]
    assert places(plain) < places(both)
    unknown = {("KER101", "blocks.py", 6), ("KER104", "zoo.py", 15)}  # whose steps the source does not tell
    assert places(both) - places(plain) == unknown
    assert places(kerlint("introspect", "--no-prove", "--format", "json").json["findings"]) <= places(both)


def test_configured_modules_are_found_from_any_folder(
    zoo: Path, kerlint: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here / "kerlint.toml", 'models = ["zoo:build"]\n')
    (here / "deep").mkdir()
    monkeypatch.chdir(here / "deep")
    done = kerlint("introspect", "--no-prove", "--format", "concise")
    assert done.status == 1 and "zoo.py:15:" in done.out, done.err


CELLS = (
    "%matplotlib inline\nimport keras\nfrom keras import layers\nwidth = len(open('sizes.txt').read())",
    "model = keras.Sequential([layers.Input((10, 4)), layers.Conv1D(width, 1), layers.Flatten()])\nmodel.add(layers.Dense(2))",
)


def test_a_notebook_is_linted_at_its_cells(here: Path, kerlint: Run) -> None:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": text} for text in CELLS]
    write(here / "book.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    done = kerlint("introspect", "book.ipynb", "--no-prove", "--format", "json")
    (found,) = done.json["findings"]
    assert (found["code"], found["cell"], found["start"]) == ("KER101", 1, {"line": 1, "column": 50})
    assert found["impact"]["params"]["before"] == 60
    assert [f["edits"][0]["cell"] for f in found["fixes"]] == [1]
    assert "len(open('sizes.txt').read()) is not read: 12 stands for it" in done.err


def test_fixes_of_a_run_are_fixes_of_the_source(here: Path, kerlint: Run) -> None:
    """What the source shows as well is fixed there; what only the run knows stands, and says why it is not."""
    plain = "flat = keras.Sequential([layers.Input((10, 4)), layers.%s, layers.Flatten()])\n"
    write(here / "kerlint.toml", 'models = ["model.py"]\n')
    write(here / "model.py", CHOSEN + plain % "Conv1D(8, 1)")
    done = kerlint(".", "--introspect", "--fix", "--no-prove", "--format", "json")
    assert (here / "model.py").read_text() == CHOSEN + plain % "Dense(8)"
    again = kerlint(".", "--introspect", "--fix", "--no-prove", "--format", "json")
    assert done.json["findings"] == [] and "model.py is not what was run any more" in done.err
    (found,) = again.json["findings"]
    assert (found["code"], found["start"]["line"], found["fixes"]) == ("KER101", 7, [])
    assert "only the run shows this layer" in found["no_fix"]
    assert "any more" not in again.err
    write(here / "model.py", CHOSEN + plain % "Conv1D(8, 1)")
    dry = kerlint(".", "--introspect", "--fix", "--diff", "--no-prove")
    assert "+flat = " in dry.out and "any more" not in dry.err  # nothing is written
    done = kerlint("introspect", "--no-prove")
    assert "1 fixable with kerlint check --introspect --fix (what is run there: models = " in done.err


def test_a_builder_that_fails_is_an_error(zoo: Path, kerlint: Run, here: Path) -> None:
    write(here / "kerlint.toml", 'models = ["zoo.py:build(width=0)"]\n')
    for words in (["introspect"], [".", "--introspect"]):
        done = kerlint(*words, "--no-prove", "--format", "json")
        assert done.status == 2
        (error,) = done.json["errors"]
        assert error["path"] == "zoo.py:build(width=0)" and "zoo.py:12)" in error["message"]
    assert "nothing found" not in kerlint("introspect").err  # nothing was looked at


def test_without_keras_nothing_is_run(zoo: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Search, "find", lambda _self: (None, "no Keras found: install one"))
    done = kerlint("introspect", "zoo.py:build")
    assert (done.status, "no Keras found" in done.err) == (2, True)


def test_what_cannot_be_shut_is_said(zoo: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without user namespaces, or with another system than Linux."""
    from kerlint.introspect import client

    outcome = client.Introspection.outcome

    def opened(self: client.Introspection) -> client.Outcome:
        found = outcome(self)
        return client.Outcome(found.target, {**found.data, "open": ["the network can be reached: no"]}, "")

    monkeypatch.setattr(client.Introspection, "outcome", opened)
    done = kerlint("introspect", "zoo.py:build", "--no-prove")
    assert "warning: the network can be reached: no" in done.err


def test_compare_finds_no_difference_and_finds_one(zoo: Path, kerlint: Run, here: Path) -> None:
    done = kerlint("introspect", "--compare", "zoo.py:build(width=5)", "zoo.py", "--format", "json")
    assert (done.status, [m["differences"] for m in done.json["models"]]) == (0, [[], []])
    # kerlint does not run what stands in a file that is not there for it: the run knows better
    write(here / "late.py", LATE)
    done = kerlint("introspect", "--compare", "late.py:build", "--format", "json")
    (row,) = done.json["models"]
    assert any("(Dense): shape" in said or "only in the run" in said for said in row["differences"]), row
    write(here / "open.py", OPEN)
    done = kerlint("introspect", "--compare", "open.py:build")
    assert "dense (Dense): params unknown in the source, 15 in the run" in done.out


LEGACY = """\
import tf_keras as keras


def build():
    table = keras.layers.Embedding(5, 2)  # whose "uniform" Keras calls random_uniform afterwards
    ones = keras.layers.Dense(3, kernel_initializer="normal", bias_initializer="one")
    return keras.Sequential([table, ones])
"""


def test_a_program_is_run_with_the_keras_that_it_imports(kerlint: Run, here: Path) -> None:
    write(here / "old.py", LEGACY)
    write(here / "new.py", LEGACY.replace("tf_keras as keras", "keras  # not tf_keras"))
    for name, said in (("old.py", True), ("new.py", False)):
        done = kerlint("introspect", "--compare", f"{name}:build")
        assert (done.status, "0 differences" in done.out) == (0, True), done
        assert ("run with Keras 2" in done.err) is said


OPEN = """\
import keras


def build():
    inputs = keras.Input((4,))
    mapped = keras.layers.Lambda(lambda x: keras.ops.fori_loop(0, 1, lambda _, v: v, x))
    return keras.Model(inputs, keras.layers.Dense(3)(mapped(inputs)))
"""
LATE = """\
import keras


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    exec("model.add(keras.layers.Dense(2))")
    return model
"""


def test_dead_weights_are_told_by_slices(zoo: Path, kerlint: Run) -> None:
    """Of the last convolution in front of ``[:, :1]`` a tap only meets padding as well: no rule says that yet."""
    done = kerlint("introspect", "--dead-weights", "zoo.py:build(width=5)", "zoo.py")
    assert done.status == 1, done.err
    lines = [line.strip() for line in done.out.splitlines()]
    assert lines[0].endswith("build: 113 of 340 entries never matter; 25 unexplained")
    assert "conv1d_2/kernel[0]: 25 of 75: 25 unexplained" in lines
    assert "lstm/kernel[:, 4:8]: 20 of 80: explained (KER104)" in lines
    assert "lstm/recurrent_kernel: 64 of 64: explained (KER104)" in lines
    assert any(line.endswith("kernel except [1]: 30 of 45: explained (KER108)") for line in lines)


def test_dead_weights_without_a_rule_are_unexplained(zoo: Path, kerlint: Run) -> None:
    words = ("introspect", "--dead-weights", "zoo.py:build(width=5)", "--ignore", "KER104", "--format", "json")
    done = kerlint(*words)
    (row,) = json.loads(done.out)["models"]
    assert (done.status, row["dead"], row["explained"], row["unexplained"]) == (1, 113, 0, 113)


LOSS = """
import keras
from keras import layers

def net():
    m = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax")])
    m.compile("adam", "binary_crossentropy")
    return m

one, other = net(), net()
one.fit(keras.ops.zeros((9, 4)), keras.ops.zeros((9, 3)))
"""


def test_a_model_that_is_trained_is_asked_about_its_loss(here: Path, kerlint: Run) -> None:
    write(here / "loss.py", LOSS)
    found = kerlint("introspect", "loss.py", "--select", "KER204", "--python", sys.executable, "--format", "json").json
    assert [(f["code"], f["model"]) for f in found["findings"]] == [("KER204", "one")]


NAMED_LOSSES = """
import keras
from keras import layers, ops

x = keras.Input((8,))
a = layers.Dense(3, name="a")(x)
b = layers.Dropout(0.5, name="b")(layers.Dense(1)(x))
model = keras.Model(x, [a, b])
model.compile("adam", loss={"a": "categorical_crossentropy", "b": "mse"}, metrics={"a": ["accuracy"]})
model.fit(ops.zeros((9, 8)), {"a": ops.zeros((9, 3)), "b": ops.zeros((9, 1))})
"""


def test_losses_by_name_are_those_of_the_outputs_as_in_the_source(here: Path, kerlint: Run) -> None:
    write(here / "named.py", NAMED_LOSSES)
    rules = ("named.py", "--select", "KER204,KER208", "--no-prove", "--format", "json")
    read, run = kerlint("check", *rules).json, kerlint("introspect", *rules, "--python", sys.executable).json
    keys = ("code", "message", "path", "start", "end")
    found = [[[f[key] for key in keys] for f in said["findings"]] for said in (read, run)]
    assert found[0] == found[1] and [f[0] for f in found[0]] == ["KER204", "KER208"]


NEVER = """
import keras

class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)
    def call(self, x):
        return self.dense(x)

model = Own()
start = keras.Input((4,))
other = keras.Model(start, Own()(start) + 1)
"""


def test_a_model_that_is_not_followed_is_named(here: Path, kerlint: Run) -> None:
    """ "Nothing found" alone would be a claim about a model that nobody looked at."""
    write(here / "never.py", NEVER)
    done = kerlint("introspect", "never.py")
    assert "warning: own (Own) is not followed: it is never called, so that its input's shape is not known" in done.err
    assert done.err.count("is not followed") == 1
    assert "2 models, 3 layers looked at" in done.err


ASKING = """
import argparse
import keras
import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--width", type=int, required=True)
width = parser.parse_args().width
table = pd.read_csv("prices.csv") if width > 9 else None
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(width)])
model.compile("adam")
assert table is None or table["close"][0] == 3.5
"""


def test_a_program_gets_its_arguments_and_a_failure_says_what_it_lacked(here: Path, kerlint: Run) -> None:
    """What argparse says, and what stood for a file that is not there."""
    write(here / "asking.py", ASKING)
    done = kerlint("introspect", "asking.py")
    assert (done.status, "required: --width (what stands behind -- is passed to it)" in done.err) == (2, True)
    done = kerlint("introspect", "--compare", "asking.py", "--", "--width", "7")
    assert (done.status, "model (1 layer, 35 parameters): 0 differences" in done.out) == (0, True)
    done = kerlint("introspect", "asking.py", "--no-prove", "--", "--width=10")
    assert "AssertionError" in done.err and "it ran without prices.csv (not there)" in done.err


SEVERAL = """
import keras
from keras import layers

def one(n):
    return keras.Sequential([keras.Input((2,)), layers.Dense(n)])

def pair():
    return one(1), {"second": one(3)}

class Both:
    def __init__(self):
        self.left, self.right = one(1), one(2)

def made():
    one(1)
    one(2)

def wants(width):
    return one(width)
"""


def test_the_models_of_one_builder_are_told_apart(here: Path, kerlint: Run) -> None:
    write(here / "several.py", SEVERAL)
    targets = ("several.py:pair", "several.py:Both", "several.py:made", "several.py:one(2)", "several.py:pair[0]")
    rows = kerlint("introspect", "--compare", *targets, "--format", "json").json["models"]
    names = [
        "pair()[0]",
        "pair()[1]['second']",
        "Both().left",
        "Both().right",
        "made() (sequential)",
        "made() (sequential_1)",
        "one",
        "pair()[0]",
    ]
    assert [row["name"] for row in rows] == names and not any(row["differences"] for row in rows)
    named = [f"several.py:{name}" for name in names[1:3]]
    again = kerlint("introspect", "--compare", *named, "--format", "json").json["models"]
    assert [(row["name"], row["differences"]) for row in again] == [(name, []) for name in names[1:3]]


EARLY = """
import random
import keras
from keras import layers

units = random.choice([8, 16])
words = keras.Input((3,), dtype="int32")
x = layers.Embedding(9, 4)(layers.Lambda(lambda t: t // 2)(words))
model = keras.Model(words, layers.Dense(units)(x))
model.save("model.keras")
keras.models.load_model("model.keras")
"""


def test_what_is_not_known_is_said_beside_what_is(here: Path, kerlint: Run) -> None:
    """A size that has but a name, a run that ends early and why, an embedding that is not measured."""
    write(here / "early.py", EARLY)
    done = kerlint("introspect", "--compare", "early.py")
    assert done.status == 0 and "0 differences, complete up to units (" in done.out, done
    assert "did not come to its end: ValueError: File not found" in done.out
    assert "it ran without model.keras (not there): only --run-all reads, trains and saves" in done.out
    done = kerlint("introspect", "--dead-weights", "early.py", "--format", "json")
    (row,) = done.json["models"]
    assert (done.status, row["unexplained"], row["uncovered"]) == (1, 0, ["embedding"])
    assert row["raised"].startswith("ValueError: File not found")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("several.py::one", "a builder is named with one colon: several.py:one"),
        ("several.py:won(2)", "there is no won in several.py (did you mean 'one'?)"),
        (
            "several.py:wants",
            "argument: 'width': what a builder takes is written in the target, as in path.py:build(128)",
        ),
        ("lacking.py:build", f"No module named 'not_there' in {sys.executable} (--python names another)"),
        ("several.py:layers.Dense(1)", "layers.Dense(1) gives a Dense, not a model"),
    ],
)
def test_a_target_that_gives_nothing_says_what_to_write(target: str, said: str, here: Path, kerlint: Run) -> None:
    write(here / "several.py", SEVERAL)
    write(here / "lacking.py", "def build():\n    import not_there\n")
    done = kerlint("introspect", target, "--python", sys.executable)
    assert (done.status, said in done.err) == (2, True), done.err


@pytest.mark.parametrize("command", ["introspect", "prove"])
def test_a_backend_that_is_none_is_no_backend_that_is_missing(
    command: str, zoo: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "tensroflow")
    done = kerlint(command, "zoo.py")
    assert done.status == 2
    assert "KERAS_BACKEND=tensroflow: it can be tensorflow, jax, torch (did you mean 'tensorflow'?)" in done.err


def test_a_program_runs_on_the_backend_that_is_asked_for(
    zoo: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is not installed, nothing is run, instead of something else."""
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    done = kerlint("introspect", "zoo.py:build", "--python", sys.executable)
    assert (done.status, "has Keras, but no PyTorch (KERAS_BACKEND=torch)" in done.err) == (2, True), done.err


def test_what_is_not_understood_is_told_with_its_cell(here: Path, kerlint: Run) -> None:
    cells = [("markdown", "# one"), ("code", "import keras"), ("code", OPEN + "model = build()")]
    rows = [{"cell_type": kind, "metadata": {}, "source": text, "outputs": []} for kind, text in cells]
    write(here / "open.ipynb", json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": rows}))
    done = kerlint("introspect", "--compare", "open.ipynb")
    assert "not understood: cell 3:" in done.out, done
    (row,) = kerlint("introspect", "--compare", "open.ipynb", "--format", "json").json["models"]
    assert (row["cell"], row["line"]) == (2, 7)  # for programs from 0, as in findings
