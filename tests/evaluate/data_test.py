"""Data as programs hold it: known by its shape, never allocated; models are built on what they are given."""

import os

import numpy
import pytest
from tests.evaluate import seen
from tests.evaluate.seen import document, lines

from kerlint.evaluate.run import evaluate
from kerlint.text.document import Document

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
        # Until TensorFlow 2.6 rows of one number become a column, later versions refuse them before a Dense.
        ("m.fit(np.zeros(9), y)", "m: (None, 3) 6"),
        ("X = tf.constant([-7.0, -4.0, -1.0])\nm.fit(X[:2], y)", "m: (None, 3) 6"),
        ("X = np.arange(-100, 100, 4)[:40]\nm.fit(tf.expand_dims(X, axis=-1), y)", "m: (None, 3) 6"),
        ("X = tf.constant([0.0] * 6, tf.float32, (2, 3))\nm.fit(X, y)", "m: (None, 3) 12"),
        ("X = tf.constant(value=0.5, shape=[2, 3])\nm.fit(X, y)", "m: (None, 3) 12"),
        ("X = tf.constant([[1.0, 2.0, 3.0]])\nm.fit(tf.cast(X, tf.float32), y)", "m: (None, 3) 12"),
        ("X = tf.random_normal_initializer(0.0, 0.02)(shape=(2, 3))\nm.fit(tf.pow(10.0, X), y)", "m: (None, 3) 12"),
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
        "keras.ops.sum(1)\nm.fit(np.zeros(9), y)",  # Keras 3: it refuses the data
        "m.fit(np.zeros((rows(), 4))[mask()].whatever(), y)",
        "m.summary()",
    ],
)
def test_a_model_is_not_built_on_what_is_not_known(body: str) -> None:
    assert lines(HEAD + LATE + body + "\n") == ["m: ? ?"]


def test_rows_of_one_number_build_nothing_even_where_the_layer_would_take_them() -> None:
    source = HEAD + "m = Sequential([tf.keras.layers.Embedding(5, 3)])\nm.fit(np.zeros(9), y)\n"
    assert lines(source) == ["m: ? ?"]


@pytest.mark.parametrize(
    "made",
    [
        "np.power(10000, np.arange(6)[np.newaxis, :] / np.float32(6))", "np.sin(np.ones((5, 6)))",
        "np.maximum(0, np.ones((5, 6)))", "np.minimum(np.ones((5, 1)), [1.0, 2.0, 3.0])", "np.add([1, 2], [[3], [4]])",
        "np.where(np.ones((5, 1)) > 3, 0, np.ones(6))", "np.outer(np.arange(5), np.arange(6))", "np.eye(5, 6)",
        "np.identity(6)", "np.tri(5)", "np.triu(np.ones((5, 6)))", "np.repeat(np.ones((5, 6)), 3, axis=-1)",
        "np.hstack([np.ones((5, 2)), np.ones((5, 4))])", "np.hstack([np.ones(2), np.ones(4)])",
        "np.ones((5, 6))[np.newaxis, ...]", "np.ones((2, 5, 6))[0, ..., ::2]", "np.ones((2, 5, 6))[...]",
        "np.ones((2, 5, 3)) @ np.ones((1, 3, 6))", "np.dot(np.ones((5, 3)), np.ones((3, 6)))",
        "np.zeros((np.maximum(3, 5), np.add(2, 4)))", "np.zeros((np.power(2, 3), np.abs(-6)))",
    ],
)  # fmt: skip
def test_the_shape_of_an_array_is_that_which_numpy_gives_it(made: str) -> None:
    shape = eval(made, {"np": numpy}).shape
    sizes = ", ".join(map(str, (*shape[:-1], 3)))
    code = f"m = Sequential([Input(({made}).shape), Dense(3)])\n"
    assert lines(HEAD + "from keras import Input\n" + code) == [f"m: (None, {sizes}) {(shape[-1] + 1) * 3}"]


@pytest.mark.parametrize("made", ["np.dot(np.ones((2, 5, 3)), np.ones((4, 3, 6)))", "np.where(np.ones(6) > 3)[0]"])
def test_what_is_not_calculated_of_arrays_is_not_known(made: str) -> None:
    assert "?" in lines(HEAD + f"from keras import Input\nm = Sequential([Input(({made}).shape), Dense(3)])\n")[0]


def test_positions_that_a_transformer_adds_are_data() -> None:
    code = """
from tensorflow.keras.layers import Embedding, Input, Layer

class Positions(Layer):
    def __init__(self, length, width):
        super().__init__()
        angles = np.arange(length)[:, np.newaxis] / np.power(10000, (2 * (np.arange(width) // 2)) / np.float32(width))
        angles[:, 0::2], angles[:, 1::2] = np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])
        self.positions = tf.cast(angles[np.newaxis, ...], tf.float32)

    def call(self, x):
        return x + self.positions[:, : tf.shape(x)[1], :]

words = Input((None,))
m = tf.keras.Model(words, Dense(3)(Positions(50, 16)(Embedding(100, 16)(words))))
"""
    assert lines(HEAD + code) == ["m: (None, None, 3) 1651"]


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


FED = [
    "Sequential([Conv2D(4, 3), GlobalAveragePooling2D(), Dense(2)])",
    "Sequential([Dropout(0.5), Conv2D(4, 3, padding='same'), Flatten(), Dense(2)])",
    "Sequential([TimeDistributed(Conv2D(2, 3)), ConvLSTM2D(3, 3), Flatten(), Dense(2)])",
    "Sequential([Bidirectional(LSTM(4)), Dense(2)])",
]


@pytest.mark.parametrize("made", FED)
def test_sizes_of_data_that_is_not_known_are_sizes_of_the_model(made: str) -> None:
    """The formula, calculated with what Keras's model says of itself, is Keras's count: for any data that fits."""
    import keras
    import numpy as np

    (line,) = lines(f"from keras.layers import *\nfrom keras import Sequential\nm = {made}\nm.fit(data(), y)\n")
    formula = line.rpartition(")")[2] if "floor" not in line else line.split(") ", 1)[1]
    rank = {"Conv": 4, "Drop": 4, "Time": 5, "Bidi": 3}[made[12:16]]
    for size in (7, 9):
        m = eval(made, {**vars(keras.layers), "Sequential": keras.Sequential})  # our own text
        m(np.zeros((2, *(size + axis for axis in range(1, rank))), "float32"))
        assert eval(formula, {"m": m, "floor": int}) == m.count_params()


def test_sizes_of_a_model_that_is_given_nothing_are_not_known() -> None:
    source = HEAD + "from tensorflow.keras.layers import LSTM\nm = Sequential([LSTM(4)])\nm.summary()\n"
    assert lines(source) == ["m: ? ?"]


def test_a_model_that_was_tried_on_something_unknown_is_built_on_what_is_known() -> None:
    """Augmentation is looked at on one picture, then it is part of a model."""
    source = HEAD + (
        "from tensorflow.keras import Input, Model\nfrom tensorflow.keras.layers import Rescaling\n"
        "change = Sequential([Rescaling(2.0), Dense(3)])\nchange(picture())\n"
        "i = Input((8,))\nm = Model(i, change(i))\n"
    )
    assert sorted(lines(source)) == ["change: (None, 3) 27", "m: (None, 3) 27"]


EMBEDDING = "m = Sequential([tf.keras.layers.Embedding(5, 3), tf.keras.layers.LSTM(2)])\n"


def test_an_embedding_takes_any_length_until_keras_3() -> None:
    assert lines(HEAD + EMBEDDING) == ["m: (None, 2) 63"]
    assert lines(HEAD + EMBEDDING.replace(", tf.keras.layers.LSTM(2)", "")) == ["m: (None, None, 3) 15"]
    assert lines(HEAD + "keras.ops.sum(1)\n" + EMBEDDING) == ["m: ? ?"]
    assert lines(HEAD + "m = Sequential([Flatten()])\n") == ["m: ? ?"]


@pytest.mark.parametrize(("words", "length"), [("", "7"), ("from keras.layers.core import Dense\n", "None")])
def test_data_sizes_an_embedding_since_keras_3_only(words: str, length: str) -> None:
    """In Keras 2 it brought an input of its own; where the version is not known, it is the one of today."""
    use = "m = Sequential([Embedding(5, 3)])\nm.fit(np.zeros((9, 7)))\n"
    head = "import numpy as np\nfrom keras import Sequential\nfrom keras.layers import Embedding\n"
    assert lines(head + words + use) == [f"m: (None, {length}, 3) 15"]


@pytest.mark.parametrize(
    ("use", "params"),
    [
        ("from rl.agents.dqn import DQNAgent\nagent = DQNAgent(model=m, nb_actions=2)", "15"),
        ("import keract\nkeract.get_activations(m, X)", "15"),
        ("import elsewhere\nelsewhere.change(m)", "?"),
    ],
)
def test_what_packages_that_look_at_models_are_given_stays_what_it_is(use: str, params: str) -> None:
    assert lines(HEAD + "m = Sequential([Dense(3, input_shape=(4,))])\n" + use) == [f"m: (None, 3) {params}"]


@pytest.mark.parametrize(
    ("search", "params"),
    [
        ("sys.path.append('..')", "15"),
        ("sys.path.insert(0, os.path.abspath('..'))", "15"),
        ("sys.path.append('../other')", "?"),
        ("sys.path.append('/')", "?"),
        ("", "?"),
    ],
)
def test_imports_start_where_the_program_says(search: str, params: str) -> None:
    """Relative to the file: a script is run where it lies."""
    nets = Document.of("from keras.layers import Dense\ndef head():\n    return Dense(3)\n", "project/nets.py")
    source = f"import os, sys\n{search}\nfrom nets import head\n" + HEAD + "m = Sequential([Input((4,)), head()])\n"

    def load(name: str, importer: str) -> Document | None:
        place = os.path.normpath(os.path.dirname(importer))
        return nets if (name, place) == ("nets", "project") else None

    found = evaluate(document(source.replace("Dense, Flatten", "Dense, Input"), "project/chapter/m.py"), load=load)
    assert [seen.params(m) for m in found.models] == [params]


def test_arguments_of_a_program_are_sizes_where_it_says_so() -> None:
    parser = "import argparse\nparser = argparse.ArgumentParser()\n"
    parser += "parser.add_argument('-d', '--latent-dim', type=int, default=3)\nparser.add_argument('--shape')\n"
    source = HEAD.replace("Flatten", "Input") + parser + "args = parser.parse_args()\n"
    model = "m = Sequential([Input(shape=args.{0}), Dense(2)])\n"
    assert lines(source + model.format("latent_dim")) == ["m: (None, 2) 2*args.latent_dim + 2"]
    assert lines(source + model.format("shape")) != ["m: (None, 2) 2*args.shape + 2"]


def test_a_layer_on_an_input_of_unknown_axes_is_no_crash() -> None:
    """It stands where a layer of a model does, and nobody knows what it is applied to there."""
    source = "def head(x):\n    return Concatenate()([x, x])\ni = Input((4,))\nm = Model(i, head(Dense(3)(i)))\n"
    source += "import sys\nhead(Input(tuple(int(n) for n in sys.argv[1:])))\n"
    imports = "from keras import Input, Model\nfrom keras.layers import Concatenate, Dense\n"
    assert lines(imports + source) == ["m: (None, 6) 15"]


def test_the_output_of_a_layer_is_that_of_its_first_application() -> None:
    source = "a, b, r = Input((3,)), Input((5,)), ReLU()\nr(a)\nr(b)\nm = Model(r.input, r.output)\n"
    imports = "from keras import Input, Model\nfrom keras.layers import ReLU\n"
    assert lines(imports + source) == ["m: (None, 3) 0"]


def test_the_product_of_sizes_is_a_number_in_the_backend_too() -> None:
    """And ``min`` heeds its key."""
    source = """
from keras import Input, Model, backend as K
from keras.layers import Dense, Flatten

x = Input((4, 5, 3))
place, least = min(enumerate(K.int_shape(x)), key=lambda pair: pair[1] if pair[1] is not None else float("inf"))
y = Dense(int(K.prod(K.int_shape(x)[1:])))(Flatten()(x))
m = Model(x, Dense(place * least)(Dense(int(K.prod((4, 5))))(y)))
"""
    assert lines(source) == ["m: (None, 9) 5069"]
