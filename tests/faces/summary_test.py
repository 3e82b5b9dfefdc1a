"""``kerlint summary``: as Keras prints it, and as JSON to the letter."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.faces.conftest import Run, process, write

from kerlint.text.document import Document

MODELS = """\
import pandas as pd
from keras import Input, Model, Sequential
from keras.layers import LSTM, Add, BatchNormalization, Conv1D, Dense, Flatten

data = pd.read_csv("data.csv").values


def build_model(features=1):
    model = Sequential()
    model.add(Conv1D(128, 1, input_shape=(1000, features)))
    model.add(Flatten())
    model.add(Dense(100))
    model.add(Dense(1))
    return model


def branches():
    a = Input((8,), name="a")
    b = Input((4,), name="b")
    y = Dense(8, name="left")(b)
    x = Add(name="sum")([Dense(8, name="right")(Dense(3, name="early")(a)), y])
    return Model([a, b], BatchNormalization(name="norm")(x))


wide = Input((1, data.shape[1]))
wide_model = Model(wide, LSTM(4)(wide))
lost = Sequential([Input((3,)), Dense(2), load_the_rest()])
"""


@pytest.fixture
def models(here: Path) -> Path:
    return write(here / "src" / "models.py", MODELS)


def test_json_to_the_letter(models: Path, kerlint: Run) -> None:
    report = kerlint("summary", "src/models.py::build_model", "--format", "json").json
    assert set(report) == {"version", "models"}
    (model,) = report["models"]
    layers = model.pop("layers")
    assert model == {
        "path": "src/models.py",
        "name": "build_model",
        "entry": "function",
        "line": 9,
        "class": "Sequential",
        "complete": True,
        "unresolved": [],
        "inputs": [[None, 1000, 1]],
        "outputs": [[None, 1]],
        "total_params": 12800457,
        "trainable_params": 12800457,
        "total_macs": 12928100,
        "symbols": {},
    }
    assert layers[0] == {
        "name": "conv1d",
        "class": "Conv1D",
        "output_shape": [None, 1000, 128],
        "params": 256,
        "trainable_params": 256,
        "macs": 128000,
        "line": 10,
    }
    assert [layer["class"] for layer in layers] == ["Conv1D", "Flatten", "Dense", "Dense"]


def test_the_table(models: Path, kerlint: Run) -> None:
    out = kerlint("summary", "src/models.py::build_model").out
    lines = out.splitlines()
    assert lines[0] == "Model: build_model (Sequential), src/models.py:9"
    assert lines[2] == "┃ Layer (type)      ┃ Output Shape      ┃    Param # ┃       MACs ┃ Line ┃"
    assert lines[4] == "│ conv1d (Conv1D)   │ (None, 1000, 128) │        256 │    128,000 │   10 │"
    assert len({len(line) for line in lines[1:12]}) == 1
    assert lines[-4:] == [
        " Total params: 12,800,457",
        " Trainable params: 12,800,457",
        " Non-trainable params: 0",
        " Total MACs: 12,928,100 (multiply-accumulates, one example)",
    ]


def test_layers_are_in_the_order_of_keras(models: Path, kerlint: Run) -> None:
    """By depth, as ``model.layers``: inputs stand where they are needed, not first."""
    (model,) = kerlint("summary", "src/models.py::branches", "--format", "json").json["models"]
    names = [layer["name"] for layer in model["layers"]]
    assert names == ["a", "early", "b", "right", "left", "sum", "norm"]
    assert (model["total_params"], model["trainable_params"]) == (131, 115)
    assert model["class"] == "Functional"


def test_what_a_call_takes_as_its_mask_stands_before_it_as_in_keras(here: Path, kerlint: Run) -> None:
    write(
        here / "model.py",
        "from keras import Input, Model, layers\n"
        "q, m, w = Input((4, 8), name='q'), Input((4, 1), name='m'), Input((1, 8), name='w')\n"
        "x = layers.MultiHeadAttention(2, 4, name='a')(q, q, attention_mask=m)\n"
        "model = Model([q, m, w], layers.MultiHeadAttention(2, 4, name='b')(x, w))\n",
    )
    (model,) = kerlint("summary", "model.py", "--format", "json").json["models"]
    assert [layer["name"] for layer in model["layers"]] == ["q", "m", "a", "w", "b"]


def test_symbols_are_explained(models: Path, kerlint: Run) -> None:
    (model,) = kerlint("summary", "src/models.py::wide_model", "--format", "json").json["models"]
    assert model["inputs"] == [[None, 1, "data.shape[1]"]]
    assert model["total_params"] == "16*n + 80"
    assert model["symbols"] == {"n": "data.shape[1]"}
    assert model["complete"] is True
    out = kerlint("summary", "src/models.py::wide_model").out
    assert "│ (None, 1, n) │" in out
    assert " where n = data.shape[1]\n" in out


def test_an_entry_that_is_not_known_is_shown_as_one(here: Path, kerlint: Run) -> None:
    (here / "read.py").write_text(
        "import json\nfrom keras import Input, Sequential, layers\nc = {'units': 16}\nc.update(json.load(open('c')))\n"
        "m = Sequential([Input((10,)), layers.Dense(c['units'])])\n"
    )
    assert kerlint("summary", "read.py", "--format", "json").json["models"][0]["symbols"] == {"n": "['units']"}


def test_what_is_not_understood_has_line_and_reason(models: Path, kerlint: Run) -> None:
    (model,) = kerlint("summary", "src/models.py::lost", "--format", "json").json["models"]
    assert model["complete"] is False
    assert model["total_params"] is None
    (unresolved,) = model["unresolved"]
    assert unresolved["line"] == 27
    assert "load_the_rest" in unresolved["reason"]
    assert " incomplete:\n   line 27: " in kerlint("summary", "src/models.py::lost").out


def test_assumptions_are_said_in_both_formats_alike(here: Path, kerlint: Run) -> None:
    write(
        here / "flags.py",
        "import keras\nm = keras.Sequential([keras.layers.Dense(4 if deep else 2)])\nm.build((None, 3))\n",
    )
    first, second = kerlint("summary", "flags.py", "--format", "json").json["models"]
    assert (first["total_params"], first["assuming"]) == (16, ["deep is true"])
    assert (second["total_params"], second["assuming"]) == (8, ["not: deep is true"])
    out = kerlint("summary", "flags.py").out
    assert all(f"\nassuming {', '.join(model['assuming'])}\n" in out for model in (first, second))


def test_every_model_of_a_directory(models: Path, kerlint: Run) -> None:
    found = kerlint("summary", "src", "--format", "json").json["models"]
    assert [model["name"] for model in found] == ["wide_model", "lost", "build_model", "branches"]


def test_without_unicode_the_table_is_plain(models: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerlint.cli import summary
    from kerlint.report.style import Style

    monkeypatch.setattr(summary, "style_of", lambda *_: Style(unicode=False))
    assert kerlint("summary", "src/models.py::build_model").out.isascii()


def test_any_standard_output_can_take_it(here: Path) -> None:
    """A terminal of Windows or of long ago; JSON is UTF-8 wherever it goes."""
    write(here / "größe.py", MODELS.replace("wide_model", "größe"))
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = process("summary", "größe.py", cwd=here, env=ascii_only)
    assert (done.status, "Model: gr\\xf6\\xdfe (Functional)" in done.out) == (0, True), done
    done = process("summary", "größe.py::größe", "--format", "json", cwd=here, env=ascii_only)
    assert done.json["models"][0]["name"] == "größe"


def test_a_crash_in_one_file_leaves_the_others(here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerlint.evaluate.run import evaluate

    def fragile(document: Document, **options: Any) -> Any:
        if document.path == "a.py":
            raise ZeroDivisionError("by zero")
        return evaluate(document, **options)

    monkeypatch.setattr("kerlint.cli.summary.evaluate", fragile)
    write(here / "a.py")
    write(here / "b.py")
    done = kerlint("summary", ".", "--format", "json")
    assert (done.status, [m["path"] for m in done.json["models"]]) == (2, ["b.py"])
    assert "kerlint: error: a.py: ZeroDivisionError: by zero" in done.err


def test_in_a_notebook_lines_stand_behind_their_cells(here: Path, kerlint: Run) -> None:
    sources = ["from keras import Sequential, layers", "m = Sequential(\n    [layers.Dense(3, input_shape=(4,))]\n)"]
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    write(here / "n.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    out = kerlint("summary", "n.ipynb").out
    assert out.startswith("Model: m (Sequential), n.ipynb:cell 2:1\n")
    assert "│  2:2 │" in out, out


def test_what_does_not_parse_is_said(here: Path, kerlint: Run) -> None:
    write(here / "bad.py", "import keras\nx = (\n")
    done = kerlint("summary", "bad.py", "--format", "json")
    assert done.status == 1
    assert done.json == {"version": 1, "models": []}
    assert "bad.py:2:" in done.err and "KER000" in done.err


def test_a_model_that_is_a_layer_has_its_own_class(here: Path, kerlint: Run) -> None:
    (here / "nested.py").write_text(
        "from keras import Input, Model, Sequential, layers\n"
        'inner = Sequential([layers.Dense(3)], name="enc")\nx = Input((4,))\nm = Model(x, layers.Dense(1)(inner(x)))\n'
        "class Net(Model):\n    def __init__(self):\n        super().__init__()\n        self.head = layers.Dense(2)\n"
        "    def call(self, x):\n        return self.head(x)\nown = Model(x, Net()(x))\n"
    )
    models = kerlint("summary", "nested.py", "--format", "json").json["models"]
    rows = {m["name"]: [(row["name"], row["class"], row["params"]) for row in m["layers"]] for m in models}
    assert rows["m"][1] == ("enc", "Sequential", 15)
    assert rows["own"][1] == ("net", "Net", 10)


def test_a_model_of_another_file_stands_there(here: Path, kerlint: Run) -> None:
    (here / "parts.py").write_text(
        "from keras import Model, layers\n\n\nclass Base:\n    def on(self, x, layer):\n"
        "        return Model(x, layer(layers.Dense(2)(x)))\n"
    )
    (here / "whole.py").write_text(
        "from keras import Input, layers\nfrom parts import Base\n\nnet = Base().on(Input((3,)), layers.Dense(1))\n"
        "lost = Base().on(Input((3,)), load())\n"
    )
    shown = kerlint("summary", "whole.py").out
    assert shown.count(", parts.py:6\n") == 2 and "whole.py" not in shown
    known, lost = kerlint("summary", "whole.py", "--format", "json").json["models"]
    assert (known["line"], known["total_params"]) == (6, 11)
    assert lost["unresolved"][0]["line"] == 6


def test_a_call_shows_what_it_builds(models: Path, kerlint: Run) -> None:
    (model,) = kerlint("summary", "src/models.py::build_model(features=3)", "--format", "json").json["models"]
    assert (model["name"], model["entry"], model["line"]) == ("build_model", "function", 9)
    assert model["layers"][0]["params"] == 3 * 128 + 128
    nothing = kerlint("summary", "src/models.py::nothing(3)")
    assert nothing.status == 2
    assert "nothing(3) makes no model in src/models.py" in nothing.err
    assert kerlint("summary", "src/models.py::build_model(").status == 2


CALLED = """\
from keras import Input, Model, layers


def build(classes=10, kind="small"):
    if kind not in ("small", "large"):
        raise ValueError(kind)
    inputs = Input((4,))
    return Model(inputs, layers.Dense(classes)(inputs))


class Trainer:
    def __init__(self, classes):
        self.model = build(classes)


model = build()
"""


def test_a_call_shows_nothing_else_of_the_file(here: Path, kerlint: Run) -> None:
    """The same builder, called by the file with other arguments, is another model."""
    write(here / "called.py", CALLED)
    for call, params in (("build(3)", 15), ("build()", 50), ("Trainer(2)", 10)):
        (model,) = kerlint("summary", f"called.py::{call}", "--format", "json").json["models"]
        assert model["total_params"] == params, call


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("build(depth=3)", "kerlint: error: 'build(depth=3)' cannot be called: build() has no parameter 'depth'"),
        ("build(1, 'small', 3)", "build() takes 2 arguments by place, not 3"),
        ("Trainer(2, kind='large')", "Trainer() has no parameter 'kind'"),
        ("build(kind='vast')", "build(kind='vast') makes no model in called.py: the program raises (line 6)"),
    ],
)
def test_a_call_that_python_would_refuse_is_told(here: Path, kerlint: Run, call: str, said: str) -> None:
    write(here / "called.py", CALLED)
    done = kerlint("summary", f"called.py::{call}")
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_a_function_is_the_model_that_it_makes_and_not_those_inside_of_it(here: Path, kerlint: Run) -> None:
    inner = "def outer():\n    inner = Sequential([Input((8,)), Dense(4)])\n    x = Input((8,))\n"
    write(here / "nested.py", MODELS + inner + "    return Model(x, Dense(2)(inner(x)))\n")
    (model,) = kerlint("summary", "nested.py::outer", "--format", "json").json["models"]
    assert (model["class"], model["total_params"]) == ("Functional", 46)
    everything = kerlint("summary", "nested.py", "--format", "json").json["models"]
    assert [m["class"] for m in everything if m["name"] == "outer"] == ["Sequential", "Functional"]


def test_many_conditions_are_not_combined_and_that_is_said(here: Path, kerlint: Run) -> None:
    flags = "".join(f"if '{i}' in sys.argv:\n    m.add(Dense({i + 2}))\n" for i in range(5))
    head = "import sys\nfrom keras import Input, Sequential\nfrom keras.layers import Dense\nm = Sequential([Input((4,))])\n"
    write(here / "model.py", head + flags)
    assert "5 conditions are not known: each was turned round alone" in kerlint("summary", "model.py").err
    write(here / "model.py", head + flags[: flags.rindex("if ")])
    assert "turned round" not in kerlint("summary", "model.py").err
