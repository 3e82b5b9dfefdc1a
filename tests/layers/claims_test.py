"""What messages of rules say of Keras's trainings, against Keras."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from kerlint.engine import check
from kerlint.graph.answer import Alternative
from kerlint.graph.graph import Node
from kerlint.rule.load import load
from kerlint.text.document import Document

pytestmark = pytest.mark.keras
SOURCE = """
from keras import Input, Sequential
from keras.layers import Dense
model = Sequential([Input((4,)), Dense({units}, activation="{activation}")])
model.compile("sgd", "{loss}")
"""


def message(loss: str, activation: str, units: int) -> str:
    """What KER204 says of such a model."""
    document = Document.parse(SOURCE.format(loss=loss, activation=activation, units=units).encode(), "m.py")
    assert isinstance(document, Document)
    found = [c.finding.message for c in check(document, load().rules).checked if c.finding.rule.code == "KER204"]
    return found[0]


def measured(keras: Any, loss: str, target: list[float], output: list[float]) -> tuple[float, list[float]]:
    """The loss of one example, and its derivative by each output."""
    import tensorflow as tf

    given = tf.Variable([output])
    wanted = tf.constant([target.index(1.0)]) if loss.startswith("sparse") else tf.constant([target])
    with tf.GradientTape() as tape:
        value = getattr(keras.losses, loss)(wanted, given)
    return float(value[0]), tape.gradient(value, given).numpy()[0].tolist()


GENERATIONS = pytest.mark.parametrize("generation", ["keras3", "keras2"])


@GENERATIONS
def test_what_a_loss_cuts_off(generation: str, request: pytest.FixtureRequest) -> None:
    keras = request.getfixturevalue(generation)
    assert "below 0 or above 1 costs 0 or about 16 where labels are 0 and 1" in message(
        "binary_crossentropy", "linear", 1
    )
    assert measured(keras, "binary_crossentropy", [47.0], [0.0])[0] > 700  # of other labels it costs anything
    for output in (-0.5, 1.5):
        for target in (0.0, 1.0):
            value, slope = measured(keras, "binary_crossentropy", [target], [output])
            assert slope == [0.0]
            assert abs(value - (0.0 if (output > 0.5) == (target == 1.0) else 16.0)) < 0.7
    assert "an output of 0 or above 1 is cut off" in message("sparse_categorical_crossentropy", "relu", 3)
    assert measured(keras, "sparse_categorical_crossentropy", [1.0, 0.0, 0.0], [2.0, 3.0, 0.0])[1] == [0.0] * 3


@GENERATIONS
@pytest.mark.parametrize(
    ("activation", "moves"), [("tanh", False), ("relu", False), ("selu", False), ("sigmoid", True)]
)
def test_two_kernels_of_zeros(activation: str, moves: bool, generation: str, request: pytest.FixtureRequest) -> None:
    """KER213 says of one that gives 0 for 0 that it cannot learn, of others that its units stay alike."""
    keras = request.getfixturevalue(generation)
    dense = keras.layers.Dense
    first = dense(3, activation, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((4,)), first, dense(2, kernel_initializer="zeros"), dense(1)])
    model.compile("sgd", "mse")
    random = np.random.default_rng(0)
    model.fit(random.normal(size=(64, 4)), random.normal(size=64), epochs=3, verbose=0)
    kernel = first.get_weights()[0]
    assert bool(kernel.any()) is moves
    assert (kernel == kernel[:, :1]).all()


@GENERATIONS
def test_outputs_that_are_divided_by_their_sum(generation: str, request: pytest.FixtureRequest) -> None:
    keras, loss = request.getfixturevalue(generation), "categorical_crossentropy"
    assert "the lowest wins" in message(loss, "tanh", 3)
    value, slope = measured(keras, loss, [1.0, 0.0, 0.0], [-0.9, 0.4, 0.2])
    assert value < 1e-6
    assert slope == [0.0] * 3
    assert "NaN where all are 0" in message(loss, "relu", 3)
    assert math.isnan(measured(keras, loss, [1.0, 0.0, 0.0], [0.0] * 3)[0])
    assert measured(keras, loss, [1.0, 0.0, 0.0], [0.0, 1.0, 2.0])[1] == [0.0] * 3
    assert "tells nothing apart" in message(loss, "sigmoid", 1)
    assert [abs(measured(keras, loss, [1.0], [output])[0]) < 1e-6 for output in (0.1, 0.9)] == [True, True]
    assert math.isnan(measured(keras, loss, [1.0], [0.0])[0])  # of a linear output: not 0 whatever comes


@GENERATIONS
@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_what_is_trained_is_not_what_is_predicted(
    generation: str, activation: str, request: pytest.FixtureRequest
) -> None:
    """A compiled model, since Keras on TensorFlow looks through the activation at its end."""
    keras = request.getfixturevalue(generation)
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((3,)), layers.Dense(3, activation=activation, kernel_initializer="identity")]
    )
    loss = "categorical_crossentropy" if activation == "sigmoid" else "binary_crossentropy"
    model.compile("sgd", loss)
    given, targets = np.array([[0.5, -1.0, 2.0]]), np.eye(3)
    predicted = model.predict(given, verbose=0).sum()
    shares = sum(math.exp(-model.evaluate(given, targets[[c]], verbose=0)) for c in range(3))
    if activation == "sigmoid":
        assert "makes one distribution of the 3 outputs, predict() does not" in message(loss, activation, 3)
        assert predicted > 1.5
        assert shares == pytest.approx(1.0, rel=1e-5)
    else:
        assert "on TensorFlow by a sigmoid of what the softmax got" in message(loss, activation, 3)
        assert predicted == pytest.approx(1.0, rel=1e-5)
        each = [math.log1p(math.exp(-x)) + (x if c else 0.0) for c, x in enumerate(given[0])]
        assert model.evaluate(given, targets[[0]], verbose=0) == pytest.approx(sum(each) / 3, rel=1e-4)


@pytest.mark.parametrize(("steps", "times"), [(30, 30), (None, 1)])
def test_how_often_a_wrapped_layer_is_called(keras3: Any, steps: int | None, times: int) -> None:
    """Once for each step of a known number; over a time axis of any length it is mapped."""
    import tensorflow as tf

    calls: list[int] = []

    class Counting(keras3.layers.Dense):  # type: ignore[misc]
        def call(self, inputs: Any, training: Any = None) -> Any:
            calls.append(1)
            return super().call(inputs, training)

    wrapped = keras3.layers.TimeDistributed(Counting(2))
    wrapped.build((None, steps, 4))
    tf.function(wrapped).get_concrete_function(tf.TensorSpec((None, steps, 4)))
    assert len(calls) == times


IGNORED = [
    ("Dense", (3,), {"input_dim": 4}, True),
    ("Reshape", ((2, 2),), {"input_shape": (4,)}, True),
    ("Embedding", (5, 3), {"input_length": 7}, True),
    ("LSTM", (3,), {"input_length": 7}, False),
    ("Embedding", (5, 3), {"batch_input_shape": (None, 7)}, False),
]


@pytest.mark.parametrize(("kind", "given", "shape", "warned"), IGNORED)
def test_what_keras_3_says_of_shapes_that_it_ignores(
    keras3: Any, kind: str, given: tuple[Any, ...], shape: dict[str, Any], warned: bool
) -> None:
    with pytest.warns(UserWarning) if warned else pytest.raises(ValueError, match="Unrecognized keyword"):
        getattr(keras3.layers, kind)(*given, **shape)


EVEN = """
from keras import Input, Sequential
from keras.layers import Conv1D
model = Sequential([Input((12, 1)), Conv1D(1, 2, padding="same"), Conv1D(1, {size}, padding="same")])
"""


@pytest.mark.parametrize("size", [2, 3, 4])
def test_one_convolution_lies_as_two_do(size: int, keras3: Any) -> None:
    """Away from the border, what KER212 would write for two is what they give, with even kernels, too."""
    checked = check(Document.of(EVEN.format(size=size)), load().rules).checked
    answer = next(c.finding.answer for c in checked if c.finding.rule.code == "KER212")
    assert isinstance(answer, Alternative)
    written = [getattr(keras3.layers, node.kind)(**_plain(node)) for node in answer.new_nodes]
    two = keras3.Sequential([keras3.layers.Conv1D(1, k, padding="same", kernel_initializer="ones") for k in (2, size)])
    once = np.zeros((1, 12, 1))
    once[0, 6] = 1.0
    x = once
    for layer in written:
        x = layer(x)
    assert [bool(y) for y in np.ravel(x)] == [bool(y) for y in np.ravel(two(once))]


def _plain(node: Node) -> dict[str, Any]:
    named = ("filters", "kernel_size", "padding")
    return {name: node[name] for name in named if name in node.layer.config} | (
        {"kernel_initializer": "ones"} if node.kind == "Conv1D" else {}
    )
