"""Classes of the program derived from Keras's own: which weights they have, and when that is not known."""

import pytest
from tests.evaluate.seen import layers, lines, models, params

HEAD = """
import ext
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


class MCDropout(layers.Dropout):
    def call(self, inputs):
        return super().call(inputs, training=True)


class Narrow(layers.Dense):
    def __init__(self, units, **kwargs):
        super().__init__(units // 2, activation="relu", use_bias=False, **kwargs)


class Twice(layers.Dense):
    def call(self, x):
        return super().call(super().call(x))


class Scaled(layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), name="scale")

    def call(self, x):
        return x * self.scale


class Odd(layers.Layer):
    def __init__(self):
        super().__init__()
        self.inner = ext.Dense(3)

    def call(self, x):
        return ops.concatenate([self.inner(x), keras.backend.unheard_of(x)])

    def compute_output_shape(self, shape):
        return (shape[0], 5)


class Listed(layers.Layer):
    def build(self, shape):
        self.gamma = keras.backend.variable(np.ones((shape[-1],)))
        self.trainable_weights = [self.gamma]

    def call(self, x):
        return x * self.gamma


class Held(layers.Layer):
    def build(self, shape):
        self.scale = tf.Variable(tf.ones(shape[-1:]))

    def call(self, x):
        return tf.nn.unheard_of(x, self.scale)

    def compute_output_shape(self, shape):
        return shape


i = keras.Input((6,))
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("m = keras.Sequential([i, Narrow(8), MCDropout(0.5), layers.Dense(1)])", "m: (None, 1) 29"),
        ("m = keras.Model(i, Twice(6)(i))", "m: (None, 6) 42"),
        ("m = keras.Sequential([Narrow(8, input_shape=(6,))])", "m: (None, 4) 24"),
        ("m = keras.Sequential([Scaled(input_shape=[4, 3]), layers.Flatten()])", "m: (None, 12) 3"),
        ("m = keras.Sequential([Scaled(batch_input_shape=[2, 4, 3]), layers.Flatten()])", "m: (2, 12) 3"),
        ("m = keras.Model(i, Listed()(i))", "m: (None, 6) 6"),  # only old Keras takes such a list: it counts there
        ("m = keras.Model(i, Odd()(i))", "m: (None, 5) ?"),  # what comes from elsewhere may have weights
        ("m = keras.Model(i, Held()(i))", "m: (None, 6) ?"),  # whether a variable counts depends on the version
    ],
)
def test_weights_of_derived_layers(body: str, expected: str) -> None:
    assert lines(HEAD + body) == [expected]


def test_a_derived_layer_is_called_after_its_class() -> None:
    (model,) = models(HEAD + "m = keras.Sequential([i, MCDropout(0.5), layers.Dropout(0.1), Narrow(4)])")
    assert layers(model)[1:] == ["mc_dropout", "dropout", "narrow"]


@pytest.mark.parametrize(
    "method", ["def build(self, shape): pass", "def add_weight(self): pass", "def compute_output_shape(self, s): pass"]
)
def test_a_class_that_changes_more_is_not_followed(method: str) -> None:
    source = HEAD + f"class Changed(layers.Dense):\n    {method}\n\nm = keras.Sequential([i, Changed(3)])"
    assert lines(source) == ["m: ? ?"]


def test_a_model_is_given_a_dictionary() -> None:
    source = (
        HEAD
        + """
class Tickets(keras.Model):
    def __init__(self):
        super().__init__()
        self.join, self.score = layers.Concatenate(), layers.Dense(1)

    def call(self, inputs):
        return self.score(self.join([inputs["title"], inputs["tags"]]))


m = Tickets()
m({"tags": tf.ones((2, 5)), "title": tf.ones((2, 3))})
"""
    )
    assert lines(source) == ["Tickets: (None, 1) 9"]


def test_fields_of_a_dataclass_that_are_made_for_each_object() -> None:
    source = (
        HEAD
        + """
from dataclasses import dataclass, field


@dataclass
class Config:
    sizes: list = field(default_factory=lambda: [8, 4])
    more: list = field(default_factory=list)
    units: int = field(default=3)


first, second = Config(), Config()
first.sizes.append(2)
first.more.append(5)
m = keras.Sequential([i, *(layers.Dense(n) for n in (*second.sizes, *second.more, second.units))])
"""
    )
    assert lines(source) == ["m: (None, 3) 107"]


EXTENDED = """
import keras
class Own(keras.layers.Conv2D):
    {method}
        return 3
x = keras.Input((8, 8, 3))
m = keras.Model(x, Own(4, 3)(x))
"""


@pytest.mark.parametrize(
    ("method", "counted"),
    [("def resized(self, weights):", "112"), ("def convolution_op(self, x, kernel):", "?"), ("def _op(self):", "?")],
)
def test_a_method_that_keras_does_not_have_changes_no_layer(method: str, counted: str) -> None:
    assert [params(model) for model in models(EXTENDED.format(method=method))] == [counted]


MADE_BY_PYTHON = """
from dataclasses import dataclass

from keras import Input, Sequential
from keras.layers import Dense


@dataclass
class Sizes:
    first: int = 4
    second: int = 9

    def __post_init__(self):
        self.third = self.first + 1


class Doubled(Sizes):
    def __init__(self, size):
        super().__init__({given})


s = Doubled(3)
m = Sequential([Input((1,)), Dense(s.first), Dense(s.second), Dense(s.third)])
"""


@pytest.mark.parametrize(
    ("given", "sizes"),
    [("", (4, 9, 5)), ("size * 2", (6, 9, 7)), ("2, second=size", (2, 3, 3)), ("second=size", (4, 3, 5))],
)
def test_a_class_hands_arguments_to_the_dataclass_that_it_is_derived_from(given: str, sizes: tuple[int, ...]) -> None:
    (model,) = models(MADE_BY_PYTHON.format(given=given))
    assert tuple(layer["units"] for layer in model.graph.layers if layer.kind == "Dense") == sizes
