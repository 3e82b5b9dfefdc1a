"""Functions on tensors and arrays: the shapes that Keras, TensorFlow and numpy give."""

import pytest
from tests.evaluate.seen import lines


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
