"""What call() builds for training alone, what build() builds, and what Keras lists as a model's layers."""

from __future__ import annotations

import pytest
from tests.evaluate.seen import lines, models, params

from kerlint.graph import count

HEAD = """\
import numpy as np
import keras
from keras import layers
class Part(layers.Layer):
    def __init__(self):
        super().__init__()
        self.a, self.b = layers.Dense(4), layers.Dense(4)
    def call(self, x, training=DEFAULT):
        y = self.a(x)
        if TEST:
            y = y + self.b(x)
        return y
class Net(Part, keras.Model): pass
x, fit = np.zeros((4, 8)), "m.compile('sgd', 'mse')\\nm.fit(x, np.zeros((4, 4)))"
"""
FIT = "m.compile('sgd', 'mse')\nm.fit(x, np.zeros((4, 4)))\n"


def program(rest: str, default: object, test: str = "training") -> str:
    """A layer and a model whose call() asks whether it is called for training."""
    return (
        HEAD.replace("DEFAULT", str(default)).replace("TEST", test).replace("Net(Part, keras.Model): pass", NET) + rest
    )


NET = """\
Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.part = Part()
        self.a, self.b = self.part.a, self.part.b
    call = Part.call"""


@pytest.mark.parametrize(
    ("rest", "default", "test", "found"),
    [
        ("m = Net()\nm(x)\n", None, "training", "36"),  # as Keras builds it when it is called like this
        ("m = Net()\nm(x)\n", True, "training", "72"),
        ("m = Net()\n" + FIT, False, "training", "?"),  # 72
        ("m = Net()\n" + FIT, False, "not training", "?"),  # 36
        ("m = Net()\nm.predict(x)\n", True, "training", "?"),  # 36
        ("m = Net()\nm(x, training=True)\n", None, "training", "?"),  # 72
        ("i = keras.Input((8,))\nm = keras.Model(i, Part()(i))\n", None, "training", "36"),
        ("i = keras.Input((8,))\nm = keras.Model(i, Part()(i, training=True))\n", None, "training", "72"),
        ("i = keras.Input((8,))\nm = keras.Model(i, Part()(i))\n" + FIT, None, "training", "?"),  # 72
        ("m = keras.Sequential([Part()])\n" + FIT, None, "training", "?"),  # 72
        ("m = Net()\n" + FIT, False, "training or not training", "72"),
        ("m = keras.Sequential([Part()])\n" + FIT, False, "False", "36"),
    ],
)
def test_what_is_built_for_training_alone(rest: str, default: object, test: str, found: str) -> None:
    """The figures are those of Keras 3 and tf_keras; which call comes first is not followed."""
    (model,) = (m for m in models(program(rest, default, test)) if "m" in m.variables)
    assert params(model) == found


BUILD = """\
m = Net()
m.build((None, 8))
"""


def test_build_of_a_class_that_has_none() -> None:
    """It builds what call() uses in Keras 2, and nothing in Keras 3."""
    assert lines(program(BUILD, False), keras=3) == ["Net: (None, 4) ?"]
    assert lines(program(BUILD, False), keras=2) == ["Net: (None, 4) 36"]
    assert lines(program(f"{BUILD}m(x)\n", False), keras=3) == ["Net: (None, 4) 36"]


LAYERS = """\
import keras
from keras.layers import Dense
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.last, self.more = Dense(2), [Dense(3), {"a": Dense(5)}]
    def call(self, x):
        return self.last(self.more[1]["a"](self.more[0](x)))
m = Net()
m(keras.Input((4,)))
"""


@pytest.mark.parametrize(
    ("freeze", "trains"),
    [
        ("m.layers[0].trainable = False", 35),
        ("for layer in m.layers[:-1]: layer.trainable = False", 20),
        ("for layer in m.layers: layer.trainable = False", 0),
        ("m.layers[1].trainable = False", 32),
    ],
)
def test_the_layers_of_a_class_are_its_attributes_in_their_order(freeze: str, trains: int) -> None:
    """They were run with Keras 3 and tf_keras."""
    (model,) = models(f"{LAYERS}{freeze}\n")
    counts = count.model(model.graph)
    assert (counts.params, counts.trainable) == (47, trains)  # type: ignore[union-attr]
    first = LAYERS.replace("m(keras", f"{freeze}\nm(keras")
    counts = count.model(models(first)[0].graph)
    assert (counts.params, counts.trainable) == (47, trains)  # type: ignore[union-attr]


CELLS = """\
import keras
from keras import layers
x, c = keras.Input((5, 3)), layers.LSTMCell(3)
a, b = layers.LSTM(4), layers.LSTM(4, go_backwards=True)
"""


@pytest.mark.parametrize(
    "outputs",
    [
        "layers.RNN(c)(layers.RNN(c, return_sequences=True)(x))",
        "layers.RNN([c, c])(x)",
        "[layers.Bidirectional(a, backward_layer=b)(x), b(x)]",
    ],
)
def test_a_cell_that_several_layers_hold_is_not_counted_twice(outputs: str) -> None:
    assert all(line.endswith("?") for line in lines(f"{CELLS}m = keras.Model(x, {outputs})\n"))
    assert lines(f"{CELLS}m = keras.Model(x, layers.RNN(c)(x))\n") == ["m: (None, 3) 84"]


def test_a_layer_that_is_built_by_hand_counts_where_it_is_held() -> None:
    source = """
import keras
from keras.layers import Dense
class Net(keras.Model):
    def __init__(self, i):
        super().__init__(inputs=i, outputs=Dense(4)(i))
        self.extra = Dense(3)
        self.extra.build((None, 5))
m = Net(keras.Input((3,)))
"""
    assert lines(source) == ["Net: (None, 4) 34"]
