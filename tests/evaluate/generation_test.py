"""What old and new Keras read differently is read as the program's own Keras does, or said to be unknown."""

import pytest
from tests.evaluate.seen import evaluated, lines

from kerlint.evaluate.run import evaluate
from kerlint.text.document import Document

OLD = "from keras.models import Sequential\nfrom keras.layers import Convolution2D, Flatten, Dense, PReLU\n"
NET = "m = Sequential()\nm.add(Convolution2D(32, 3, 3, input_shape=(64, 64, 3)))\nm.add(Flatten())\nm.add(Dense(1))\n"


@pytest.mark.parametrize(
    ("source", "size"),
    [
        (OLD + NET.replace("Dense(1)", "Dense(output_dim=1)"), 62),
        (OLD + NET.replace("3, 3, input", "3, 3, border_mode='valid', input"), 62),
        (OLD + NET.replace("3, 3, input", "3, 3, subsample=(2, 2), input"), 31),
        (OLD.replace("keras.", "tensorflow.keras.") + NET, 21),
        (OLD.replace("keras.", "tensorflow.keras.") + NET + "m.fit(x, y, nb_epoch=3)\n", 21),
        (OLD + "from keras import ops\n" + NET, 21),
        (OLD + NET.replace("3, 3, input", "3, 3, 'valid', input"), 21),
        (OLD + NET.replace("3, 3, input", "3, 3, padding='valid', activation='relu', input"), 21),
    ],
    ids=[
        "keras-1-elsewhere",
        "keras-1-here",
        "keras-1-strides",
        "tensorflow",
        "tensorflow, whatever its words",
        "keras-3",
        "padding",
        "padding, by name",
    ],
)
def test_sizes_one_by_one_are_read_as_the_program_means_them(source: str, size: int) -> None:
    params = 3 * 3 * 3 * 32 + 32 + size * size * 32 + 1
    (line,) = lines(source)
    assert line.endswith(f" {params}")


@pytest.mark.parametrize(
    "more", ["", "trees = boosted(subsample=0.8)\n", "for i in pyro.iarange('m', n, subsample=data):\n    i\n"]
)
def test_sizes_one_by_one_without_evidence_are_not_known(more: str) -> None:
    (line,) = lines(OLD + NET + more)
    assert "in old Keras" in line or "?" in line


def test_the_weights_of_an_activation_are_not_forgotten() -> None:
    (line,) = lines(OLD + "m = Sequential([Dense(8, activation=PReLU(), input_shape=(4,))])\n")
    assert not line.endswith(" 40")


def test_sizes_one_by_one_are_read_so_where_they_are_not_known() -> None:
    """A helper that nobody calls: nothing is given twice, nothing is refused."""
    source = OLD + "def f(x, n, r, c):\n    return Convolution2D(n, r, c, subsample=(2, 2), border_mode='same')(x)\n"
    facts = [f for c in evaluated(source).contexts for f in c.facts]
    assert {f.kind for f in facts} == {"old-argument"}
    assert "r, c is one kernel_size" in facts[0].data["told"]


def test_what_keras_2_called_the_arguments_of_preprocessing_layers() -> None:
    """tf_keras takes both names (integer_lookup.py, category_encoding.py)."""
    source = (
        "import tensorflow as tf\nfrom tensorflow.keras.layers.experimental import preprocessing\n"
        "i = tf.keras.Input((1,), dtype='int64')\nfound = preprocessing.IntegerLookup(vocabulary=[1, 2], mask_value=0)(i)\n"
        "m = tf.keras.Model(i, preprocessing.CategoryEncoding(max_tokens=5, output_mode='binary')(found))\n"
    )
    assert lines(source) == ["m: (None, 5) 0"]


@pytest.mark.parametrize(("more", "said"), [("", "?"), ("model.fit_generator(g)\n", "(None, 4)")])
def test_a_model_without_layers_is_refused_by_keras_3_alone(more: str, said: str) -> None:
    """Most such are to be filled in: what hangs on it says nothing."""
    source = "import keras\nempty = keras.Sequential()\nx = keras.Input((4,))\nmodel = keras.Model(x, empty(x))\n"
    assert said in lines(source + more)[-1]


REFUSED = {
    "a convolution over further axes": "x = keras.layers.Conv1D(6, 2)(keras.Input((5, 5, 3)))\n",
    "no units": "x = keras.layers.Dense(0)(keras.Input((4,)))\n",
    "a model inside": "m = keras.Sequential([keras.layers.Conv1D(6, 2)])\nx = m(keras.Input((5, 5, 3)))\n",
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize(
    ("head", "keras", "said"),
    [
        ("import keras\n", None, False),
        ("import keras\nfrom keras.layers.core import Dense\n", None, False),
        ("import keras\n", 2, False),
        ("import keras\nfrom keras import ops\n", None, True),
        ("import keras\n", 3, True),
    ],
    ids=["nothing known", "words of Keras 2", "told 2", "words of Keras 3", "told 3"],
)
def test_what_only_keras_3_refuses_is_said_of_its_programs_alone(
    source: str, head: str, keras: int | None, said: bool
) -> None:
    found = evaluate(Document.of(head + source), keras=keras)
    assert any(f.kind == "refused" for c in found.contexts for f in c.facts) is said


BOTH = {
    "keras 1": ("keras.", "m.fit(nb_epoch=3)", "(None, None, 5)"),
    "keras, of any version": ("keras.", "", "(None, m.input_shape[1], 5)"),
    "tensorflow, over time": ("tensorflow.keras.", "", "(None, 7, 5)"),
    "keras 3": ("keras.", "from keras import ops", "?"),  # refuses: input_dim alone is no sequence
}


@pytest.mark.parametrize(("package", "words", "output"), BOTH.values(), ids=BOTH.keys())
def test_input_dim_beside_input_shape_is_read_as_the_programs_keras_does(package: str, words: str, output: str) -> None:
    head = f"from {package}models import Sequential\nfrom {package}layers import LSTM\n"
    layer = "LSTM(5, input_shape=(7, 3), input_dim=3, return_sequences=True)"
    (line,) = lines(f"{head}m = Sequential()\nm.add({layer})\n{words}\n")
    assert line.startswith(f"m: {output} ")


def test_a_layer_for_a_rate_builds_a_model_in_keras_2() -> None:
    source = "from {}keras import layers, models\nm = models.Sequential()\n"
    source += "m.add(layers.SpatialDropout1D(layers.Dropout(0.2), input_shape=(4, 3)))\nm.add(layers.Dense(2))\n"
    assert lines(source.format("tensorflow.")) == lines(source.format("")) == ["m: (None, 4, 2) 8"]


def test_input_dim_that_keras_1_took_is_not_refused() -> None:
    head = "from keras.models import Sequential\nfrom keras.layers import LSTM\nm = Sequential()\n"
    layer = "m.add(LSTM(output_dim=5, input_shape=(3,), input_dim=3, return_sequences=True))\n"
    for words in ("", "m.fit(nb_epoch=3)\n"):
        found = evaluated(head + layer + words)
        assert [f for c in found.contexts for f in c.facts if f.kind == "refused"] == []


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ('os.environ["KERAS_BACKEND"] = "tensorflow"', None),  # Keras 1 and 2 had backends, too
        ('os.environ["KERAS_BACKEND"] = "jax"', 3),
        ('os.environ.setdefault("KERAS_BACKEND", "torch")', 3),
        ("keras.random.normal((2, 3))", 3),
        ("from keras.src import layers, ops", 3),
        ("from keras.src.ops import operation_utils", 3),
        ("from keras.src import backend, layers", None),  # Keras 2.13 had that folder, too
    ],
)
def test_what_code_is_meant_for(line: str, target: int | None) -> None:
    assert evaluated(f"import os\nimport keras\n{line}\n").target == target


def test_a_window_without_a_size_is_refused_by_keras_3_alone() -> None:
    """Nothing says which Keras it is for: the program ran, with the one that has a default."""
    body = "m = Sequential([Input((8, 8, 3)), layers.AveragePooling2D(), layers.Flatten(), layers.Dense(1)])\n"
    for words, refused in (("import tensorflow as tf\nfrom tensorflow.", 0), ("from keras import ops\nfrom ", 1)):
        found = evaluated(f"{words}keras import layers, Input, Sequential\n{body}")
        assert sum(f.kind == "refused" for c in found.contexts for f in c.facts) == refused


SUBCLASS = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)
        self.seen = SEEN

    def call(self, x):
        return self.dense(x)


net = Net()
net.BUILT
"""
TWO, THREE = {"keras": 2}, {"keras": 3}


@pytest.mark.parametrize(
    ("home", "how", "options", "params"),
    [
        ("import keras", "build((None, 4))", {}, "?"),  # Keras 3 builds nothing there
        ("from tensorflow import keras", "build((None, 4))", {}, "?"),
        ("import keras", "build((None, 4))", THREE, "?"),
        ("import keras", "build((None, 4))", TWO, "15"),
        ("import tf_keras as keras", "build((None, 4))", {}, "15"),
        ("import keras", "build((None, 4))\nnet(keras.Input((4,)))", {}, "15"),
    ],
)
def test_what_build_of_a_class_without_one_builds_hangs_on_the_version(
    home: str, how: str, options: dict[str, int], params: str
) -> None:
    source = SUBCLASS.replace("SEEN", "0").replace("BUILT", how)
    assert lines(f"{home}\n{source}", **options) == [f"Net: (None, 3) {params}"]


@pytest.mark.parametrize("seen", ["keras.metrics.Mean()", "[keras.metrics.AUC()]", "keras.metrics.MeanIoU(2)", "Own()"])
def test_the_weights_of_metrics_count_in_keras_2(seen: str) -> None:
    """In the model that holds them, and in one that holds it; the exact counts are those of Keras 3."""
    source = "import keras\nclass Own(keras.metrics.Mean):\n    pass\n"
    source += (
        SUBCLASS.replace("SEEN", seen).replace("BUILT", "built") + "i = keras.Input((4,))\nm = keras.Model(i, net(i))\n"
    )
    assert lines(source, keras=3) == ["Net: (None, 3) 15", "m: (None, 3) 15"]
    for options in ({}, TWO):
        assert lines(source, **options) == ["Net: (None, 3) ?", "m: (None, 3) ?"]


@pytest.mark.parametrize(
    ("head", "options", "params"),
    [
        ("from keras.layers import GRU", {}, "63"),
        ("from keras.layers import GRU", TWO, "?"),
        ("from keras.layers.recurrent import GRU", {}, "?"),
        ("from keras.layers.recurrent import GRU", THREE, "63"),
        ("from tensorflow.keras.layers import GRU", TWO, "63"),
        ("from keras.layers import GRU\nold = dict(nb_epoch=3)", {}, "54"),  # no Keras 1 had a second bias
    ],
)
def test_how_many_biases_a_gru_has_hangs_on_the_version(head: str, options: dict[str, int], params: str) -> None:
    home = head.partition(" import")[0].replace(".layers.recurrent", "").replace(".layers", "")
    source = f"{home} import Sequential\n{head}\nm = Sequential([GRU(3, input_shape=(4, 2){{}})])\n"
    assert lines(source.format(""), **options) == [f"m: (None, 3) {params}"]
    assert lines(source.format(", use_bias=False"), **options) == ["m: (None, 3) 45"]
    assert lines(source.format(", reset_after=True"), **options) == ["m: (None, 3) 63"]
