"""Functions that move, cut and gather entries give the shapes that keras.ops, TensorFlow and keras.backend give."""

from __future__ import annotations

from typing import Any

import pytest
from tests.evaluate.seen import lines, models

from kerlint.graph.layer import Unknown

pytestmark = pytest.mark.keras
BATCH = 7
OPS = """
ops.einsum('bhwc,cd->bhwd', x, ops.ones((3, 5)))
ops.einsum('bhwc->bchw', x)
ops.einsum('bhwc, dhwc', x, x[:1])
ops.einsum('...c,cd->...d', x, ops.ones((3, 5)))
ops.einsum('b...c,...dc->b...d', x, ops.ones((6, 4, 3)))
ops.where(x > 0, x, 0.0)
ops.where(x > 0, x, x[:, :1])
ops.pad(x, [[0, 0], [1, 2], (3, 4), [0, 0]])
ops.take(x, [0, 2], axis=-1)
ops.take(x, 1, axis=1)
ops.take(x, ops.ones((2, 5), dtype='int32'), axis=2)
ops.broadcast_to(x[:, :1], (7, 8, 6, 3))
ops.swapaxes(x, 1, -1)
ops.repeat(x, 2, axis=1)
ops.split(x, 4, axis=1)[3]
ops.split(x, [1, 2], axis=-1)[2]
ops.unstack(x, axis=2)[1]
ops.average_pool(x, 2)
ops.max_pool(x, (2, 3), strides=1, padding='same')
ops.max_pool(x, pool_size=3, strides=(2, 1), padding='valid')
ops.image.resize(x, (4, 9))
ops.image.resize(x, size=(16, 16), interpolation='nearest')
ops.image.extract_patches(x, 2)
ops.image.extract_patches(x, size=(3, 2), strides=1, padding='same')
ops.image.extract_patches(x, 3, 2, dilation_rate=1, padding='valid')
ops.depth_to_space(ops.tile(x, (1, 1, 1, 4)), 2)
ops.space_to_depth(x, 2)
ops.median(x, axis=1)
ops.amax(x, axis=(1, 2), keepdims=True)
ops.average(x, axis=-1)
ops.count_nonzero(x, axis=1)
ops.triu(x)
ops.cumsum(x, axis=1)
ops.max_pool(x, 2, 2, 'valid', 'channels_first')
ops.depth_to_space(ops.tile(x, (1, 2, 1, 1)), 2, 'channels_first')
ops.image.extract_patches(ops.swapaxes(x, 1, 3), 2, 2, 1, 'valid', 'channels_first')
ops.image.resize(x, (4, 4), 'nearest', False, False, False, 'constant', 0.0, 'channels_first')
ops.conv(x, ops.ones((3, 2, 3, 5)), 1, "same")
ops.conv(x, ops.ones((3, 3, 3, 5)), strides=(2, 1), data_format='channels_last')
ops.conv(x, ops.ones((3, 3, 3, 5)), 1, 'valid', None, (2, 1))
ops.nn.silu(x)
ops.numpy.sum(x, axis=1)
ops.linalg.norm(x, axis=-1)
ops.divide(x, ops.sqrt(ops.cast(ops.shape(x)[-1], 'float32')))
"""
TENSORFLOW = """
tf.einsum('bhwc,bhwd->bcd', x, x)
tf.where(x > 0, x, tf.zeros_like(x))
tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode='REFLECT')
tf.gather(x, [0, 2], axis=1)
tf.gather(x, tf.constant([1, 0, 1]), axis=3)
tf.broadcast_to(x[:, :1, :1], (7, 8, 6, 3))
tf.repeat(x, 3, axis=2)
tf.split(x, 3, axis=-1)[0]
tf.split(x, [1, 2], -1)[1]
tf.split(value=x, num_or_size_splits=2, axis=1)[1]
tf.unstack(x, axis=3)[2]
tf.matmul(x, x, transpose_b=True)
tf.matmul(x, tf.transpose(x, (0, 1, 3, 2)), True, True)
tf.linalg.matmul(x, x, True, False, name='product')
tf.add(x, x, 'sum')
tf.pow(x[:, :1], x)
tf.cumsum(x)
tf.nn.max_pool(x, 2, None, 'VALID')
tf.nn.avg_pool2d(x, 2, 2, 'SAME')
tf.nn.max_pool2d(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='VALID')
tf.nn.max_pool(x, 3, 1, 'VALID')
tf.nn.conv2d(x, tf.ones((3, 3, 3, 5)) * 0.1, [1, 2, 2, 1], 'SAME')
tf.nn.conv2d(x, filters=tf.ones((3, 3, 3, 5)), strides=2, padding='VALID', dilations=None)
tf.nn.conv1d(x[:, 0], tf.ones((3, 3, 5)), 2, padding='VALID')
tf.nn.batch_normalization(x, *tf.nn.moments(x, [1, 2], keepdims=True), tf.zeros(3), None, 1e-3)
tf.nn.batch_normalization(x[:, :1], x, tf.abs(x), None, tf.ones((6, 3)), variance_epsilon=1e-3)
tf.nn.space_to_depth(x, 2)
tf.nn.depth_to_space(tf.tile(x, [1, 1, 1, 4]), block_size=2)
tf.image.resize(x, [4, 5])
tf.image.resize(x, size=(3, 3), method='nearest')
tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], 'VALID')
tf.image.extract_patches(images=x, sizes=[1, 3, 3, 1], strides=[1, 1, 1, 1], rates=[1, 2, 2, 1], padding='SAME')
x / tf.math.sqrt(tf.cast(tf.shape(x)[-1], tf.float32))
x * tf.math.rsqrt(tf.cast(x.shape[-1], tf.float32)) + tf.exp(0.5) / tf.constant(3.0)
tf.reshape(x, [tf.cast(tf.shape(x)[0], tf.int32), -1])
"""
BACKEND = """
K.pow(x, 2)
K.cumsum(x)
K.prod(x, 1)
K.repeat(K.max(x, [1, 2]), 5)
K.repeat_elements(x, 2, axis=3)
K.repeat_elements(x, rep=3, axis=-2)
K.conv2d(x, K.ones((3, 3, 3, 5)), (2, 2), 'same')
K.conv2d(x, K.ones((3, 3, 3, 5)), dilation_rate=(2, 2))
K.ctc_batch_cost(x[:, :5, 0, 0], x[:, :, :, 0], K.ones((7, 1)), K.ones((7, 1)))
"""


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("call", _lines(OPS + TENSORFLOW + BACKEND))
def test_a_function_gives_the_shape_it_gives(call: str) -> None:
    import numpy as np
    import tensorflow as tf
    import tf_keras
    from keras import ops

    names: dict[str, Any] = {"ops": ops, "tf": tf, "K": tf_keras.backend, "np": np}
    names["x"] = ops.ones((BATCH, 8, 6, 3)) if call.startswith("ops.") else tf.ones((BATCH, 8, 6, 3))
    real = tuple(int(d) for d in eval(call, names).shape)  # our own text, no user's
    source = "import numpy as np\nimport tensorflow as tf\nfrom tensorflow.keras import Input, Model, backend as K\n"
    source += "from keras import ops\n" if call.startswith("ops.") else ""
    source += (
        "from keras.layers import Lambda\n" if call.startswith("ops.") else "from tensorflow.keras.layers import *\n"
    )
    source += f"i = Input((8, 6, 3), batch_size={BATCH})\nm = Model(i, Lambda(lambda x: {call})(i))\n"
    assert lines(source) == [f"m: {real} 0"]


@pytest.mark.parametrize(
    "call",
    [
        "ops.einsum('...c,...c', x, x[:1])",
        "ops.einsum('bhwc,cd->bhwd', x, ops.ones((4, 5)))",  # Keras takes it, and stops when it is run
        "ops.split(x, n, axis=1)[0]",
        "ops.repeat(x, [1, 2, 3], axis=-1)",
        "ops.take(x, n, axis=1)",
        "ops.where(x)",
        "ops.pad(x, n)",
        "tf.gather(x, [0, 1])",  # another batch
        "tf.gather(x, [1], batch_dims=1)",
        "tf.split(x, [1, 1], -1)[0]",
        "tf.image.resize(x, (4, 4), preserve_aspect_ratio=True)",
        "tf.image.resize(x, (4, 4), 'nearest', True)",
        "tf.matmul(x, x, transpose_b=n)",
        "tf.matmul(x, x, adjoint_b=True)",
        "ops.average(x, axis=1, weights=x * 2.0)",
        "tf.clip_by_value(x, 0.0, x * 2.0)",
        "tf.nn.avg_pool2d(x, 2, 2, [[0, 0], [1, 1], [1, 1], [0, 0]])",
        "tf.nn.avg_pool2d(x, 2, 2, 'SAME', data_format='NCHW')",
        "tf.nn.conv2d(x, tf.ones((3, 3, 3, 5)), 1, [[0, 0], [1, 1], [1, 1], [0, 0]])",
        "tf.nn.conv2d(x, tf.ones((3, 3, 3, 5)), 1, 'SAME', True, 'NCHW')",  # as TensorFlow 1 takes them
        "tf.nn.batch_normalization(x, n, n, None, None, 1e-3)",
    ],
)
def test_what_is_not_understood_is_not_known(call: str) -> None:
    source = "import sys\nimport keras\nimport tensorflow as tf\nfrom keras import ops\nn = float(sys.argv[1])\n"
    source += f"i = keras.Input((8, 6, 3))\nm = keras.Model(i, keras.layers.Lambda(lambda x: {call})(i))\n"
    found = models(source)
    assert all(isinstance(m.graph.outputs[0].shape, Unknown) for m in found)


@pytest.mark.parametrize(("axes", "known"), [(10, True), (11, False)])
def test_an_ellipsis_stands_for_as_many_axes_as_can_be_told_apart(axes: int, known: bool) -> None:
    source = f"import keras\nfrom keras import ops\ni = keras.Input({(2,) * (axes - 1) + (3,)}, batch_size=1)\n"
    source += "m = keras.Model(i, ops.einsum('...c,cd->...d', i, ops.ones((3, 5))))\n"
    (model,) = models(source)
    shape = model.graph.outputs[0].shape
    assert shape == (1, *(2,) * (axes - 1), 5) if known else isinstance(shape, Unknown)
    assert not any(node.refused for node in model.graph.nodes)


def test_a_root_of_a_number_that_is_not_known_is_a_number() -> None:
    source = "import sys\nimport tensorflow as tf\nfrom tensorflow.keras import Input, Model\n"
    source += "from tensorflow.keras.layers import Lambda\nn = int(sys.argv[1])\ni = Input((8, 3))\n"
    for root in ("tf.sqrt(tf.cast(n, tf.float32))", "tf.sqrt(2 / n)"):
        assert lines(source + f"m = Model(i, Lambda(lambda x: x / {root})(i))\n") == ["m: (None, 8, 3) 0"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("ops.einsum('bhc,cd->bhd', x, ops.ones((3, 5)))", "does not name the axes"),
        ("ops.einsum('bhwxc...,cd->bh...d', x, ops.ones((3, 5)))", "does not name the axes"),
        ("ops.depth_to_space(x, 2)", "do not divide"),
        ("ops.pad(x, [[0, 0], [1, 1]])", "2 pairs"),
        ("ops.max_pool(x, 9)", "does not fit"),
    ],
)
def test_what_keras_refuses_is_refused(call: str, said: str) -> None:
    import keras

    source = f"import keras\nfrom keras import ops\nx = keras.Input((8, 6, 3))\nm = keras.Model(x, {call})\n"
    (model,) = models(source)
    assert said in next(str(node.refused) for node in model.graph.nodes if node.refused)
    with pytest.raises(Exception, match=r"."):  # with many types
        eval(call, {"ops": keras.ops, "x": keras.Input((8, 6, 3))})  # our own text, no user's
