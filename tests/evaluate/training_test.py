"""Which weights train: of layers of the program, of layers inside them, of models whose parts are told otherwise."""

import pytest
from tests.evaluate.seen import models

from kerlint.graph import count
from kerlint.graph.layer import Unknown

HEAD = """
import keras
from keras import layers


class Tower(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Dense(units)
        self.more = [layers.Dense(2), layers.BatchNormalization()]

    def build(self, shape):
        self.scale = self.add_weight(shape=(7,))

    def call(self, x):
        x = self.first(x)
        for layer in self.more:
            x = layer(x)
        return x * self.scale[:2]


class Outer(layers.Layer):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, x):
        return self.inner(x)


class Still(layers.Layer):
    def __init__(self):
        super().__init__()
        self.trainable = False

    def build(self, shape):
        self.scale = self.add_weight(shape=(7,))

    def call(self, x):
        return x + self.scale[:3]


class Asked(layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(3,), trainable=bool(input()))

    def call(self, x):
        return x + self.scale


class Derived(layers.Dense):
    def call(self, x):
        return super().call(x) * 2


def net(layer):
    return keras.Model(i, layer(i))


i = keras.Input((3,))
t = Tower(4)
"""
PROGRAMS = [
    ("m = net(t)", "41 37"),
    ("t.trainable = False\nm = net(t)", "41 0"),
    ("m = net(t)\nt.trainable = 0", "41 0"),
    ("m = net(t)\nprint(m.count_params())\nt.trainable = False", "41 0"),
    ("m = net(t)\nprint(m.count_params())\nt.first.trainable = False", "41 21"),
    ("t.trainable = False\nt.trainable = True\nm = net(t)", "41 37"),
    ("t.first.trainable = False\nm = net(t)", "41 21"),
    ("o = Outer(t)\nm = net(o)\no.trainable = False", "41 0"),
    ("m = net(Outer(t))\nt.trainable = False", "41 0"),
    ("m = net(Outer(t))\nm.layers[1].trainable = False", "41 0"),
    ("m = keras.Sequential([t, layers.Dense(1)])\nm.layers[0].trainable = False\nm.build((None, 3))", "44 3"),
    ("m = net(Still())", "7 0"),
    ("m = net(Derived(4, trainable=False))", "16 0"),
    ("d = Derived(4)\nd.trainable = False\nm = net(d)", "16 0"),
    ("m = net(Tower(4, trainable=False))", "?"),
    ("t.trainable = False\nt.first.trainable = True\nm = net(t)", "?"),
    ("b = net(t)\nm = net(b)\nb.trainable = False\nt.trainable = True", "?"),
    ("m = net(Asked())", "?"),
    ("t.first.trainable = bool(input())\nm = net(t)", "?"),
]


@pytest.mark.parametrize(("program", "expected"), PROGRAMS, ids=range(len(PROGRAMS)))
def test_what_trains_of_the_programs_own_layers(program: str, expected: str) -> None:
    (found,) = (m for m in models(HEAD + program + "\n") if "m" in m.variables)
    counts = count.model(found.graph)
    shown = "?" if isinstance(counts, Unknown) else f"{counts.params} {counts.trainable}"
    assert (shown if found.graph.complete else "?") == expected, found.graph.unresolved


SHARED = [
    ("d = layers.Dense(4)\nm = keras.Model([i, j], [Outer(d)(i), Outer(d)(j)])", "?"),
    ("d = layers.Dense(4)\nm = keras.Model([i, j], [Outer(d)(i), d(j)])", "?"),
    ("d = layers.Dense(4)\nm = keras.Model([i, j], [net(d)(i), d(j)])", "16 16"),
    ("d = layers.Dense(4)\nm = keras.Model([i, k], [d(i), layers.TimeDistributed(d)(k)])", "?"),
    ("o = Outer(layers.Dense(4))\nm = keras.Model([i, j], [o(i), o(j)])", "16 16"),
    ("d = layers.ReLU()\nm = keras.Model([i, j], [Outer(d)(i), d(j)])", "0 0"),
    ("m = net(Derived(4))", "16 16"),
    ("m = net(Widened(4))", "?"),
    ("m = net(Apart(4))", "?"),
    ("m = net(Promised())", "?"),
    ("m = net(layers.Dense(4))\nm.layers[-1].trainable = False\nm.trainable = True", "?"),
    ("m = net(layers.Dense(4))\nm.trainable = False\nm.trainable = True", "16 16"),
    ("d = layers.Dense(4)\nd.trainable = False\nm = keras.Model(k, layers.TimeDistributed(d)(k))", "?"),
    ("c = layers.LSTMCell(2)\nc.trainable = False\nm = keras.Model(k, layers.RNN(c)(k))", "?"),
    ("t = layers.TimeDistributed(layers.Dense(4))\nm = keras.Model(k, t(k))\nt.layer.trainable = False", "?"),
    ("b = layers.Bidirectional(layers.LSTM(2))\nm = keras.Model(k, b(k))\nb.backward_layer.trainable = False", "?"),
    ("d = layers.LSTM(2)\nm = keras.Model(k, layers.Bidirectional(d)(k))\nd.trainable = False", "?"),
    ("r = layers.RNN([layers.LSTMCell(2)])\nm = keras.Model(k, r(k))\nr.cell.cells[0].trainable = False", "?"),
]
MORE = """
j = keras.Input((3,))
k = keras.Input((5, 3))


class Widened(layers.Dense):
    def call(self, x):
        return keras.ops.concatenate([super().call(x)] * 2)


class Apart(layers.Dense):
    def call(self, x):
        return x * 2


class Promised(layers.Layer):
    def call(self, x):
        return x * 2

    def compute_output_shape(self, shape):
        return (shape[0], 5)


"""


@pytest.mark.parametrize(("program", "expected"), SHARED, ids=range(len(SHARED)))
def test_what_several_parts_hold_or_the_versions_read_otherwise_is_not_counted(program: str, expected: str) -> None:
    test_what_trains_of_the_programs_own_layers(MORE + program, expected)


BUILT = [
    ("a = Inner()\na.build((None, 3))\nm = net(a)", "17 17"),
    ("m = net(Built(Inner()))", "17 17"),
    ("m = net(Built(layers.Dense(2)))", "8 8"),
    ("m = net(Built(layers.Dense(2), layers.Dense(3)))", "38 38"),
    ("m = net(Built(layers.Dense(2), Inner()))", "?"),
]
BUILDING = """
class Inner(layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1], 3))
        self.dense = layers.Dense(2)
        self.dense.build(shape)

    def call(self, x):
        return self.dense(x @ self.scale)


class Built(layers.Layer):
    def __init__(self, used, *unused):
        super().__init__()
        self.used, self.unused = used, list(unused)

    def build(self, shape):
        self.used.build(shape)
        for layer in self.unused:
            layer.build((None, 9))
        super().build(shape)

    def call(self, x):
        return self.used(x)


"""


@pytest.mark.parametrize(("program", "expected"), BUILT, ids=range(len(BUILT)))
def test_a_layer_that_is_built_by_hand_is_built_once(program: str, expected: str) -> None:
    test_what_trains_of_the_programs_own_layers(BUILDING + program, expected)


def test_a_variable_of_a_model_counts_in_some_versions_only() -> None:
    source = """
import tensorflow as tf
class Line(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.w, self.b = tf.Variable(5.0), tf.Variable(0.0)
    def call(self, x):
        return self.w * x + self.b
m = Line()
m(tf.linspace(-2, 2, 201))
"""
    (found,) = models(source)
    assert [u.reason.partition(" (")[0] for u in found.graph.unresolved] == [
        "whether a variable counts depends on the version of Keras"
    ]
