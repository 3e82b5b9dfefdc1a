"""Data as programs hold it: known by its shape, never allocated; models are built on what they are given."""

import pytest
from tests.evaluate.seen import lines

HEAD = """
import numpy as np
import tensorflow as tf
from sklearn import datasets
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Flatten

"""
LATE = "m = Sequential([Dense(3)])\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("m.fit(np.zeros((9, 4)), y)", "m: (None, 3) 15"),
        ("m.predict(x=np.ones((9, 4)))", "m: (None, 3) 15"),
        ("m.fit([[1.0, 2.0], [3.0, 4.0]], y)", "m: (None, 3) 9"),
        ("m(tf.ones((9, 4)))", "m: (None, 3) 15"),
        ("X = np.arange(-100, 100, 4)[:40]\nm.fit(tf.expand_dims(X, axis=-1), y)", "m: (None, 3) 6"),
        ("X = tf.constant([[1.0, 2.0, 3.0]])\nm.fit(tf.cast(X, tf.float32), y)", "m: (None, 3) 12"),
        ("X = tf.reshape(tf.range(12), (4, 3))\nm.fit(X, y)", "m: (None, 3) 12"),
        ("X, y = make_circles(1000, noise=0.03)\nm.fit(X, y)", "m: (None, 3) 9"),
        ("d = datasets.load_iris()\nm.fit(d.data, d.target)", "m: (None, 3) 15"),
        ("X, y = datasets.load_digits(return_X_y=True)\nm.fit(X, y)", "m: (None, 3) 195"),
        (
            "d = datasets.load_iris()\na, b, *_ = train_test_split(d.data, d.target)\n"
            "s = StandardScaler()\nm.fit(s.fit_transform(a), _)",
            "m: (None, 3) 15",
        ),
    ],
)
def test_a_model_is_built_on_the_data_it_is_given(body: str, expected: str) -> None:
    assert lines(HEAD + LATE + body + "\n") == [expected]


@pytest.mark.parametrize(
    "body",
    [
        "m.fit(X, y)",  # nothing is known of X
        "m.fit(np.zeros(9), y)",  # whether rows of one number become a column depends on the version of Keras
        "m.fit(np.zeros((rows(), 4))[mask()].whatever(), y)",
        "m.summary()",
    ],
)
def test_a_model_is_not_built_on_what_is_not_known(body: str) -> None:
    assert lines(HEAD + LATE + body + "\n") == ["m: ? ?"]


def test_rows_of_one_number_build_nothing_even_where_the_layer_would_take_them() -> None:
    source = HEAD + "m = Sequential([tf.keras.layers.Embedding(5, 3)])\nm.fit(np.zeros(9), y)\n"
    assert lines(source) == ["m: ? ?"]


def test_scaled_data_has_the_sizes_of_the_data() -> None:
    source = HEAD + (
        "X = StandardScaler().fit_transform(frame.values)\n"
        "m = Sequential([Dense(3, input_shape=(frame.values.shape[1],))])\n"
        "n = Sequential([Dense(3, input_shape=(X.shape[1],))])\n"
    )
    first, second = lines(source)
    assert first.removeprefix("m") == second.removeprefix("n")


def test_data_makes_no_layers() -> None:
    """What is calculated of data takes no name that Keras would give to a layer."""
    from tests.evaluate.seen import layers, models

    source = HEAD + (
        "from tensorflow.keras import Input, Model, ops\n"
        "X = ops.reshape(np.zeros((4, 6)), (8, 3))\ni = Input((4,))\nm = Model(i, ops.reshape(i, (-1, 2, 2)))\n"
    )
    (model,) = models(source)
    assert layers(model)[-1] == "reshape"
