"""Totals that are known where not everything is: what trains is not known, a layer is in several models."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from tests.evaluate.seen import models, params, shape

from kerlint.graph import count
from kerlint.graph.count import at
from kerlint.graph.dim import symbols
from kerlint.report.summary import data_of
from kerlint.text.document import Document

HEAD = """\
import keras
from keras.layers import Dense, BatchNormalization
x = keras.Input((8,))
d = Dense(8)
base = keras.Sequential([keras.Input((8,)), d, BatchNormalization(), Dense(5)])
"""
BESIDE = """\
class Own(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.base, self.parts, self.unused = base, [Dense(3), Dense(2), BatchNormalization()], Dense(9)
    def call(self, x):
        self.add_loss(keras.ops.mean(self.parts[1](keras.ops.relu(self.parts[0](self.base(x))))))
        _ = self.parts[2](x)
        return d(x)
"""
SHARED = {
    "a layer and a model of it": "m = keras.Model(x, [base(x), d(x)])\n",
    "two models": "m = keras.Model(x, [base(x), keras.Sequential([d])(x)])\n",
    "models in models": "top = keras.Model(x, base(x))\nm = keras.Model(x, [Dense(2)(top(x)), top(d(x)), base(x)])\n",
    "within a model in it": "inner = keras.Model(x, [base(x), d(x)])\nm = keras.Model(x, inner(x))\n",
    "within two models in each other": (
        "one = keras.Model(x, Dense(2)(base(x)))\ntwo = keras.Model(x, [one(x), base(x), d(x)])\n"
        "m = keras.Model(x, keras.Model(x, two(x))(x))\n"
    ),
    "within a wrapped model": (
        "one = keras.Model(x, Dense(5)(base(x)))\ntwo = keras.Model(x, keras.layers.add([one(x), base(x)]))\n"
        "t = keras.Input((3, 8))\nm = keras.Model(t, keras.layers.TimeDistributed(two)(t))\n"
    ),
    "within a layer of the program": (
        "class Own(keras.layers.Layer):\n    def __init__(self, model):\n        super().__init__()\n"
        "        self.model = model\n    def call(self, x):\n        return self.model(x)\n"
        "m = keras.Model(x, Own(keras.Model(x, keras.layers.concatenate([base(x), d(x)])))(x))\n"
    ),
    "call() adds it to the loss": BESIDE + "m = keras.Model(x, Own()(x))\n",
    "call() drops it, and it is frozen": BESIDE + "o = Own()\no.parts[1].trainable = False\nm = keras.Model(x, o(x))\n",
    "a model's call() adds it": BESIDE.replace("layers.Layer", "Model") + "m = Own()\nm(keras.ops.zeros((2, 8)))\n",
    "a model within a model": BESIDE.replace("layers.Layer", "Model") + "m = keras.Model(x, Dense(2)(Own()(x)))\n",
    "one is frozen": "base.trainable = False\nm = keras.Model(x, [base(x), Dense(3)(d(x))])\n",
    "the layer is frozen": "d.trainable = False\nm = keras.Model(x, [base(x), Dense(3)(d(x))])\n",
    "the whole is frozen": "m = keras.Model(x, [base(x), Dense(3)(d(x))])\nm.trainable = False\n",
}


@pytest.mark.parametrize("way", SHARED)
def test_a_layer_in_several_models_counts_once(way: str) -> None:
    names: dict[str, Any] = {}
    exec(HEAD + SHARED[way], names)
    real = names["m"]
    assert isinstance(real, keras.Model)
    (found,) = [m for m in models(HEAD + SHARED[way], keras=3) if "m" in (m.name, *m.variables)]
    counts = count.model(found.graph)
    assert isinstance(counts, count.Counts)
    assert (counts.params, counts.trainable) == (real.count_params(), _trains(real))


def _trains(model: keras.Model) -> int:
    return sum(int(keras.ops.size(w)) for w in model.trainable_weights)


UNKNOWN = {
    "how many layers": "for l in base.layers[:-k]:\n    l.trainable = False\nm = keras.Model(x, Dense(3)(base(x)))\n",
    "an argument": "m = keras.Model(x, Dense(3, trainable=flag)(base(x)))\n",
    "a layer of a model in it": "d.trainable = flag\nm = keras.Model(x, Dense(3)(base(x)))\n",
    "a layer in several models": "d.trainable = flag\nm = keras.Model(x, [base(x), d(x)])\n",
}


@pytest.mark.parametrize("way", UNKNOWN)
@pytest.mark.parametrize("flag", [True, False])
def test_the_total_is_known_where_what_trains_is_not(way: str, flag: bool) -> None:
    names: dict[str, Any] = {"k": 2, "flag": flag}
    exec(HEAD + UNKNOWN[way], names)
    (found,) = [m for m in models(HEAD + UNKNOWN[way], keras=3) if m.name == "m"]
    data, _ = data_of(Document.of("", "m.py"), found)
    assert (data["total_params"], data["trainable_params"]) == (names["m"].count_params(), None)
    assert (data["complete"], isinstance(data["total_macs"], int)) == (False, True)
    assert None in [layer["trainable_params"] for layer in data["layers"]]
    assert all("train" in u["reason"] for u in data["unresolved"])


def test_a_layer_in_a_wrapper_and_a_model_is_not_counted() -> None:
    source = "y = keras.Input((5, 8))\nm = keras.Model([x, y], [base(x), keras.layers.TimeDistributed(d)(y)])\n"
    (found,) = [m for m in models(HEAD + source) if m.name == "m"]
    assert not found.graph.complete


FORMULAS = ["64 % size", "size % 3", "64 // size", "size // 3", "64 - size", "2 * size + 1", "size**2", "size % size"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_arithmetic_on_an_unknown_size_is_exact(formula: str) -> None:
    head = "import sys\nimport keras\nx = keras.Input((int(sys.argv[1]), 4))\nsize = x.shape[1]\n"
    (found,) = models(f"{head}m = keras.Model(x, keras.layers.Dense(({formula}) + 1)(x))\n", keras=3)
    counts = count.model(found.graph)
    assert isinstance(counts, count.Counts)
    for size in (1, 5, 7, 64):
        units = eval(formula, {"size": size}) + 1
        assert at(counts.params, dict.fromkeys(symbols(counts.params), size)) == 5 * units


TIMED = """\
import keras
from keras.layers import BatchNormalization, Conv2D, Dense, Flatten, LSTM, TimeDistributed
i = keras.Input((5, 8, 8, 3))
s = keras.Sequential([Conv2D(4, 3), Flatten(), Dense(2)])
m = keras.Model(i, LSTM(3)(TimeDistributed(s)(i)))
n = keras.Sequential([keras.Input((5, 4)), TimeDistributed(keras.Sequential([Dense(3), BatchNormalization()])), LSTM(2)])
o = keras.Model(i, TimeDistributed(s)(i))
"""


def test_a_sequential_inside_of_a_time_axis_is_built_on_one_step() -> None:
    names: dict[str, Any] = {}
    exec(TIMED, names)
    found = {model.name: model for model in models(TIMED, keras=3)}
    for name in "smno":
        assert params(found[name]) == str(names[name].count_params()), name
        assert shape(found[name].graph.outputs[0]) == str(names[name].output_shape)


def test_a_formula_that_doubles_in_a_loop_is_a_new_unknown_in_time() -> None:
    """Written out, it would have 2 ** 200 symbols."""
    loop = "def build(n):\n    x = keras.Input((4,))\n    for _ in range(200):\n        n = n + n // 2\n"
    (model,) = models(f"import keras\n{loop}    return keras.Model(x, keras.layers.Dense(n)(x))\n")
    width = model.graph.outputs[0].shape[1]
    assert len(symbols(width)) == 1 and params(model) == f"5*{width}"
