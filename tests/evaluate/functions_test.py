"""Functions on tensors and arrays: the shapes that Keras, TensorFlow and numpy give."""

import pytest
from tests.evaluate.seen import lines, models

from kerlint.graph import count
from kerlint.graph.layer import Unknown


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("tf.one_hot(i, 7)", "(None, 5, 7)"),
        ("tf.one_hot(indices=i, depth=7, axis=1)", "(None, 7, 5)"),
        ("keras.backend.one_hot(i, num_classes=7)", "(None, 5, 7)"),
        ("keras.ops.one_hot(i, 7, axis=0)", "(7, None, 5)"),
        ("keras.ops.concatenate([f, f], -1)", "(None, 5, 6)"),
        ("keras.backend.concatenate([f, f])", "(None, 5, 6)"),
        ("tf.norm(f, 2, -1)", "(None, 5)"),
        ("keras.ops.norm(f, axis=-1, keepdims=True)", "(None, 5, 1)"),
        ("keras.backend.argmax(f)", "(None, 5)"),
        ("tf.argmax(f, axis=1)", "(None, 3)"),
        ("tf.argmax(f)", "(5, 3)"),
        ("keras.backend.repeat(i, 2)", "(None, 2, 5)"),
        ("keras.ops.moments(f, [1])[0]", "(None, 3)"),
        ("tf.nn.top_k(f, k=2, sorted=True)[0]", "(None, 5, 2)"),
        ("keras.ops.top_k(i, 2)[1]", "(None, 2)"),
        ("tf.nn.moments(f, axes=[0, 1], keepdims=True)[1]", "(1, 1, 3)"),
    ],
)
def test_a_function_gives_the_shape_it_gives(call: str, shape: str) -> None:
    source = "import keras\nimport tensorflow as tf\ni = keras.Input((5,), dtype='int32')\n"
    source += f"f = keras.Input((5, 3))\nm = keras.Model([i, f], {call})\n"
    assert lines(source) == [f"m: {shape} 0"]


@pytest.mark.parametrize(
    ("call", "size"),
    [("np.vstack([a, a])", 2), ("np.concatenate([a, a])", 14), ("np.vstack([b, b])", 4), ("tf.one_hot(a, 3)", 7)],
)
def test_an_array_has_the_rows_it_has(call: str, size: int) -> None:
    source = "import keras\nimport numpy as np\nimport tensorflow as tf\na, b = np.zeros(7), np.zeros((2, 7))\n"
    source += f"m = keras.Sequential([keras.layers.Dense({call}.shape[0], input_shape=(4,))])\n"
    assert lines(source) == [f"m: (None, {size}) {5 * size}"]


@pytest.mark.parametrize(
    ("call", "length"),
    [
        ("tf.range(4)", 4),
        ("tf.range(start=0, limit=tf.shape(i)[-1], delta=1)", 5),
        ("tf.range(1, limit=8, delta=3)", 3),
        ("keras.ops.arange(0, keras.ops.shape(i)[1], 1)", 5),
        ("keras.ops.arange(start=2, stop=6, step=1, dtype='int64')", 4),
        ("np.arange(stop=7, start=1, step=2)", 3),
        ("tf.range(3, 9, -1)", 0),
        ("tf.range(0.0, 1.0, 0.25)", None),
        ("tf.range(0, 9, i)", None),
        ("tf.range(0, 9, 0)", None),
        ("tf.range(**o)", None),
    ],
)
def test_a_range_is_as_long_as_python_says(call: str, length: int | None) -> None:
    source = "import keras\nimport numpy as np\nimport tensorflow as tf\ni = keras.Input((5,), dtype='int32')\n"
    source += f"m = keras.Sequential([keras.layers.Dense(3)])\nm(tf.expand_dims({call}, 0))\n"
    assert lines(source) == ["m: ? ?" if length is None else f"m: (None, 3) {3 * length + 3}"]


POSITIONS = """
import keras
from keras import layers, ops

class Positions(layers.Layer):
    def __init__(self):
        super().__init__()
        self.words, self.places = layers.Embedding(100, 8), layers.Embedding(50, 8)

    def call(self, x):
        return self.words(x) + self.places(ops.arange(0, ops.shape(x)[-1], 1))

i = keras.Input((LENGTH,))
m = keras.Model(i, layers.Dense(3)(Positions()(i)))
"""


@pytest.mark.parametrize("length", [50, None])
def test_embedded_positions_are_as_many_as_words(length: int | None) -> None:
    assert lines(POSITIONS.replace("LENGTH", str(length))) == [f"m: (None, {length}, 3) 1227"]


ON_A_CONSTANT = """
import keras
from keras import Input, Model, layers, ops

i = Input((4, 8))
m = Model(i, layers.Dense(3)(i + layers.Embedding(4, 8)(ops.arange(4))))

class Places(Model):
    def __init__(self):
        super().__init__()
        self.places, self.head = layers.Embedding(4, 8), layers.Dense(3)

    def call(self, x):
        return self.head(x + self.places(ops.arange(4)))

s = Places()
s(ops.zeros((2, 4, 8)))
"""


def test_a_layer_on_a_constant_is_in_a_class_and_perhaps_in_no_functional_model() -> None:
    """Keras counts 27 parameters for the functional model, 59 for the one that keeps the layer."""
    functional, kept = models(ON_A_CONSTANT)
    (lost,) = functional.graph.unresolved
    assert lost.reason.startswith("embedding is called on a constant")
    counts = count.model(kept.graph)
    assert kept.graph.complete and not isinstance(counts, Unknown) and counts.params == 59


@pytest.mark.parametrize(
    "noise",
    [
        "keras.random.normal(shape=(ops.shape(x)[0], ops.shape(x)[1]), seed=1)",
        "keras.random.uniform(ops.shape(x), minval=-1.0)",
        "keras.random.truncated_normal((2,))",
        "tf.random.normal(tf.shape(x))",
        "tf.keras.backend.random_normal(shape=(tf.shape(x)[0], 2))",
    ],
)
@pytest.mark.parametrize("added", ["{} * x", "x + {}"])
def test_noise_on_a_tensor_keeps_its_shape(noise: str, added: str) -> None:
    source = "import keras\nfrom keras import ops\nimport tensorflow as tf\n\n"
    source += f"class Noise(keras.layers.Layer):\n    def call(self, x):\n        return {added.format(noise)}\n\n"
    source += "i = keras.Input((2,))\nm = keras.Model(i, keras.layers.Dense(3)(Noise()(i)))\n"
    assert lines(source) == ["m: (None, 3) 9"]


def test_noise_of_unknown_shape_is_unknown() -> None:
    source = "import keras\n\nclass Noise(keras.layers.Layer):\n    def call(self, x):\n"
    source += "        return x + keras.random.normal(load())\n\n"
    source += "i = keras.Input((2,))\nm = keras.Model(i, keras.layers.Dense(3)(Noise()(i)))\n"
    assert lines(source) == ["m: ? ?"]


GROUPED = """
class Grouped(keras.layers.Layer):
    def build(self, input_shape):
        self.gamma = self.add_weight(shape=(input_shape[-1],), name="gamma")

    def call(self, x):
        shape = keras.ops.shape(x)
        grouped = keras.ops.reshape(x, {sizes})
        mean, variance = keras.ops.moments(grouped, [1, 2], keepdims=True)
        return keras.ops.reshape((grouped - mean) / keras.ops.sqrt(variance), shape) * self.gamma


i = keras.Input((5, 6))
m = keras.Model(i, Grouped()(i))
"""


def test_sizes_that_are_stacked_are_a_shape() -> None:
    """A group normalisation as people write it: its count is that of Keras, its shape too."""
    import keras

    source = "import keras\nimport tensorflow as tf\n" + GROUPED
    stacked = "tf.stack([shape[0], shape[1], 2, shape[2] // 2])"
    names: dict[str, object] = {}
    exec(source.replace("{sizes}", "(shape[0], shape[1], 2, shape[2] // 2)"), names)  # our own text
    model = names["m"]
    assert isinstance(model, keras.Model)
    assert lines(source.replace("{sizes}", stacked)) == [f"m: {model.output_shape} {model.count_params()}"]


def test_what_is_stacked_and_perhaps_no_size_is_not_a_shape() -> None:
    source = "import keras\nimport tensorflow as tf\ni = keras.Input((4,))\n"
    source += "m = keras.Model(i, tf.reshape(i, tf.stack([rows(), 2])))\n"
    assert lines(source) == ["m: ? ?"]


def test_a_star_brings_the_functions_of_tensorflow() -> None:
    source = "import keras\nfrom tensorflow.nn import *\nfrom tensorflow.math import *\ni = keras.Input((5, 3))\n"
    source += (
        "m = keras.Model(i, pow(relu(reduce_sum(i, axis=1)), 2))\nn = keras.Model(i, keras.layers.Dense(abs(-2))(i))\n"
    )
    assert lines(source) == ["m: (None, 3) 0", "n: ? ?"]
