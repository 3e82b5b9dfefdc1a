"""Models of the user's own classes: call() is followed, or it is said why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.introspect.conftest import Run
from tests.introspect.programs_test import rows

from kerlint.host.find import Interpreter

pytestmark = pytest.mark.keras

OWN = """
import keras
import numpy as np
import tensorflow as tf
from keras import layers


class Step(keras.Model):
    def __init__(self):
        super().__init__()
        self.unused = layers.Dense(9)
        self.out = layers.Dense(1)
        self.wide = layers.LSTM(4)
        self.narrow = layers.Conv1D(8, 1)

    def call(self, inputs, training):
        x = tf.nn.relu(self.narrow(inputs))
        if training:
            x = x * 2
        self.add_loss(tf.reduce_mean(x))
        return self.out(self.wide(x))


class Pair(keras.Model):
    def __init__(self):
        super().__init__()
        self.steps = [Step() for _ in range(2)]
        self.shared = layers.Dense(5)

    @tf.function
    def call(self, inputs, training=None):
        left, right = inputs
        found = [step(left, training=training) for step in self.steps]
        return {"sum": self.shared(found[0] + found[1]), "right": self.shared(self.shared(right)[:, :1])}


class Gan(keras.Model):
    def __init__(self, maker, judge):
        super().__init__()
        self.maker, self.judge = maker, judge

    def train_step(self, data):
        return {}


class Looked(keras.Model):
    def call(self, inputs):
        return inputs if np.any(inputs.numpy()) else inputs + 1.0


def eager():
    model = Step()
    model(np.zeros((2, 1, 3)), training=True)
    return model


def built():
    model = Step()
    model.build((None, 1, 3))
    return model


def fitted():
    model = Step()
    model.compile("adam", "mse")
    model.fit(np.zeros((20, 1, 3)), np.zeros((20, 1)))
    return model


def symbolic():
    model = Pair()
    model([keras.Input((1, 3)), keras.Input((1,))])
    return model


def inside():
    start = keras.Input((1, 3))
    return keras.Model(start, layers.Dense(2)(Step()(start, training=False)))


def gan():
    one = keras.Sequential([keras.Input((3,)), layers.Dense(4)])
    other = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model = Gan(one, other)
    model.compile("adam")
    model.fit(np.zeros((20, 3)))
    return model


def looked():
    model = Looked()
    model(np.zeros((2, 3)))
    return model


def never():
    return Step()


class Beside(keras.Model):
    def __init__(self):
        super().__init__()
        self.base, self.parts, self.unused = layers.Dense(4), [layers.Dense(3), layers.Dense(5)], layers.Dense(9)

    def call(self, inputs):
        hidden = self.base(inputs)
        self.add_loss(tf.reduce_mean(self.parts[0](hidden)))
        _ = self.parts[1](hidden)
        return hidden


def beside():
    model = Beside()
    model(np.zeros((2, 3)))
    return model
"""
STEP = 8 * 4 + 4 * 4 * (8 + 4 + 1) + 5


def applied(data: dict[str, Any], model: dict[str, Any]) -> list[tuple[str, int]]:
    """The layers that a model applies, with the lines where it does so."""
    return [(data["layers"][n["layer"]]["class"], n["site"][2]) for n in model["nodes"] if n["site"]]


@pytest.mark.parametrize(("builder", "generation"), [("eager", 3), ("built", 3), ("fitted", 3), ("eager", 2)])
def test_call_is_followed(builder: str, generation: int, run: Run) -> None:
    """Whatever it uses of TensorFlow; the layers stand at their lines, and those that it does not use have none."""
    outcome = run(OWN, builder, generation=generation)
    (model,) = outcome.models
    assert model["untraced"] is None and model["totals"]["params"] == STEP
    layers = [pair for pair in applied(dict(outcome.data), model) if pair[0] in ("Conv1D", "LSTM", "Dense")]
    assert layers == [("Conv1D", 17), ("LSTM", 21), ("Dense", 21)]


@pytest.mark.parametrize("builder", ["eager", "built", "fitted", "symbolic", "inside", "beside"])
def test_the_source_says_the_same(builder: str, tmp_path: Path, interpreter: Interpreter) -> None:
    """But for build() of a class that has none: Keras 3 builds nothing then, and the source says that nothing is known."""
    (tmp_path / "own.py").write_text(OWN)
    ((name, _, complete, differences),) = rows(interpreter, f"{tmp_path}/own.py:{builder}")
    assert (name, complete, differences) == (builder, builder != "built", [])


def test_models_within_models_are_followed(run: Run) -> None:
    outcome = run(OWN, "symbolic")
    (model,) = outcome.models
    inner = [row["model"] for row in outcome.data["layers"] if row["class"] == "Step"]
    assert model["totals"]["params"] == 2 * STEP + 10
    assert [("LSTM", 21) in applied(dict(outcome.data), row) for row in inner] == [True, True]
    assert [outcome.data["tensors"][i]["shape"] for i in model["outputs"]] == [[None, 5], [None, 5]]


@pytest.mark.parametrize(
    ("builder", "said"),
    [
        ("gan", "Gan does not have a `call()` method"),
        ("looked", "takes no symbolic tensors: AttributeError"),
        ("never", "it is never called, so that its input's shape is not known"),
    ],
)
def test_what_cannot_be_followed_says_why(builder: str, said: str, run: Run) -> None:
    (model,) = run(OWN, builder).models
    assert said in model["untraced"]


def test_of_a_model_that_is_not_built_nothing_differs(tmp_path: Path, interpreter: Interpreter) -> None:
    (tmp_path / "own.py").write_text(OWN)
    assert [row[2:] for row in rows(interpreter, f"{tmp_path}/own.py:never")] == [(False, [])]
