"""Objects that ``__new__`` makes, rows of named tuples, and what Keras hands to call() besides its inputs."""

from __future__ import annotations

import pytest
from tests.evaluate.seen import lines, models

from kerlint.graph import count

HEAD = """\
import keras
from keras import Sequential, layers
from keras.layers import Dense
from collections import namedtuple
"""
TAIL = "m = Sequential([keras.Input((4,)), *(Dense(n) for n in found)])\n"
ROWS = """\
class P(namedtuple('P', 'x y')):
    __slots__ = ()
    def __new__(cls, x, y=3):
        if x == 4: x = 9
        return super(P, cls).__new__(cls, x * 2, y)
    @property
    def s(self): return self.x + self.y
class Q(P):
    def __new__(cls, *given): return super().__new__(cls, *given)
p = P(2)
q = p._replace(y=5)
found = [p.x, p.y, p.s, *Q(4, 1), *q, *q._asdict().values()]
"""
SINGLE = """\
class Single:
    made = None
    def __new__(cls, *given, **named):
        if cls.made is None:
            cls.made = super().__new__(cls)
            cls.made.n = 0
        return cls.made
    def __init__(self, k=1): self.n += k
class Number:
    def __new__(cls, n): return n * 3
    def __init__(self, n): raise ValueError
Single()
Single(4)
found = [Single(2).n, Number(2)]
"""
MASKED = """\
import tensorflow as tf
class Pool(layers.Layer):
    def __init__(self):
        super().__init__()
        self.one, self.all = layers.Dense(3), layers.Dense(5)
    def call(self, x, mask=None):
        if mask is None:
            return self.all(x)
        m = tf.cast(tf.expand_dims(mask, 2), tf.float32)
        return self.one(tf.reduce_sum(x * m, 1))
pool = Pool()
i = keras.Input((6,))
x = layers.Embedding(9, 4, mask_zero=MASKED)(i)
m = keras.Model(i, TAKEN)
"""
DOTS = """\
import tensorflow as tf
class L(layers.Layer):
    def build(self, shape):
        self.w, self.u = self.add_weight(shape=(shape[-1], 9)), self.add_weight(shape=(9,))
    def call(self, x):
        found = tf.nn.bias_add(tf.tensordot(x, self.w, axes=1), tf.zeros((9,)))
        return tf.tensordot(found, self.u, [[-1], [0]])
i = keras.Input((6, 5))
m = keras.Model(i, L()(i))
n = keras.Model(i, tf.tensordot(i, tf.zeros((7, 6, 5)), axes=([1, 2], [1, 2])))
"""


@pytest.mark.parametrize(
    ("source", "found"),
    [(ROWS, [4, 3, 7, 18, 1, 4, 5, 4, 5]), (SINGLE, [7, 6])],
    ids=["rows", "single"],
)  # fmt: skip
def test_objects_are_made_as_their_class_says(source: str, found: list[int]) -> None:
    """Each entry is the width of a layer."""
    (model,) = models(HEAD + source + TAIL)
    assert model.graph.complete
    assert [n.output.shape[-1] for n in model.graph.nodes][1:] == found


@pytest.mark.parametrize(
    ("masked", "taken", "found"),
    [("True", "pool(x)", "(None, 3) 51"), ("False", "pool(x)", "(None, 6, 5) 61"),
     ("True", "pool(layers.Dense(4)(x))", "(None, 3) 71")],
)  # fmt: skip
def test_a_call_gets_the_mask_of_its_input(masked: str, taken: str, found: str) -> None:
    """Keras 3 builds what has no build() by a call() without one: then both parts count."""
    source = HEAD + MASKED.replace("MASKED", masked).replace("TAKEN", taken)
    assert lines(source, keras=2) == [f"m: {found}"]
    assert lines(source.replace("    def call", "    def build(self, s): pass\n    def call"), keras=3) == [
        f"m: {found}"
    ]
    whole = lines(source, keras=3)
    assert whole == [f"m: {found}"] if masked == "False" else whole != [f"m: {found}"] and "?" not in whole[0]


def test_a_layer_on_a_masked_and_on_another_input_is_not_followed() -> None:
    source = MASKED.replace("MASKED", "True").replace("TAKEN", "[pool(x), pool(layers.Dense(4)(i))]")
    (model,) = models(HEAD + source, keras=2)
    assert "Pool is applied in several ways" in {u.reason for u in model.graph.unresolved}


def test_tensordot_sums_the_axes_that_it_names() -> None:
    """Of one input it is known per example; of the batch's axis it is not."""
    found = models(HEAD + DOTS)
    assert lines(HEAD + DOTS) == ["m: (None, 6) 54", "n: (None, 7) 0"]
    counts = count.model(found[0].graph)
    assert isinstance(counts, count.Counts) and counts.macs == 6 * 5 * 9 + 6 * 9


TOLD = """\
class B(layers.Layer):
    def __init__(self):
        super().__init__()
        self.a, self.b = layers.Dense(3), layers.Dense(5)
    def call(self, x, training=None): return self.a(x) if training else self.b(x)
class C(layers.Layer):
    def __init__(self):
        super().__init__()
        self.a, self.b = layers.Dense(3), B()
    def call(self, x, training, mask):
        if mask is not None: x = self.a(x)
        return self.b(x, training)
i = keras.Input((4,))
m = keras.Model(i, TAKEN)
"""


@pytest.mark.parametrize(
    ("taken", "found"),
    [("B()(i, training=True)", "(None, 3) 15"), ("B()(i, training=False)", "(None, 5) 25"), ("B()(i)", "(None, 5) 25"),
     ("C()(i, False, None)", "(None, 5) 25"), ("C()(i, training=False, mask=None)", "(None, 5) 25"),
     ("C()(i, training=True, mask=None)", "(None, 3) 15")],
)  # fmt: skip
def test_a_call_gets_what_it_is_told_beside_its_input(taken: str, found: str) -> None:
    """Arguments that it needs, too, where they are None (tf_keras 2.21)."""
    assert lines(HEAD + TOLD.replace("TAKEN", taken)) == [f"m: {found}"]
