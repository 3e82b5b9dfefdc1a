"""Models that are copies of others: cloned, loaded from where they were saved; models that Keras 1's Merge joins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest
from tests.evaluate.seen import layers, lines, models, params

from kerlint.graph import count

HEAD = """\
import keras
from keras.layers import Dense, TimeDistributed, LSTM, add, BatchNormalization, Bidirectional
a = keras.Sequential([keras.Input((4,)), Dense(3), BatchNormalization(), Dense(2)])
a.layers[0].trainable = False
x = keras.Input((6, 4))
y = TimeDistributed(a)(x)
d = Dense(7)
f = keras.Model(x, LSTM(3)(add([d(y), TimeDistributed(Dense(7))(d(y))]) * 2))
s = keras.Sequential([keras.Input((6, 4)), f, Dense(1)])
"""
COPIED = {
    "a Sequential": "m = keras.models.clone_model(a)\n",
    "that goes on": "m = keras.models.clone_model(a)\nm.add(Dense(5))\nm.layers[1].trainable = False\n",
    "that gets smaller": "m = keras.models.clone_model(a)\nm.pop()\nm.add(Dense(5))\n",
    "a functional model": "m = keras.models.clone_model(f)\n",
    "a model in it": "m = keras.models.clone_model(s)\n",
    "a part of another": "z = keras.Input((4,))\nm = keras.Model(z, Dense(3)(keras.models.clone_model(a)(z)))\n",
    "what is frozen later": "m = keras.models.clone_model(s)\nf.trainable = False\n",
    "of a configuration": "m = keras.Sequential.from_config(a.get_config())\nm.layers[1].trainable = False\n",
    "of its class": "f.get_layer(d.name).trainable = False\nm = f.__class__.from_config(f.get_config())\n",
    "of its type": "m = type(f).from_config(f.get_config())\n",
    "of a text": "m = keras.models.model_from_json(s.to_json(), custom_objects={'Other': a})\n",
    "frozen": "f.trainable = False\nm = keras.Model.from_config(f.get_config())\n",
    "not built so far": "b = keras.Sequential([Dense(3), Dense(2)])\nm = b.__class__.from_config(b.get_config())\nm.build((None, 4))\n",
    "a layer of a configuration": "t = TimeDistributed.from_config(TimeDistributed(Dense(5)).get_config())\nm = keras.Model(x, t(x))\n",
    "another configuration": "c = d.get_config()\nc.update(name='other', units=c['units'] + 2)\nm = keras.Model(x, Dense.from_config(c)(d(y)))\n",
    "a class of the program": """\
class Own(keras.layers.Layer):
    def __init__(self, size=2, **others):
        super().__init__(**others)
        self.size = size
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], self.size))
    def call(self, x):
        return keras.ops.matmul(x, self.w)
    def get_config(self):
        return {**super().get_config(), "size": self.size}
m = keras.Model(x, Own.from_config(Own(5, trainable=False).get_config())(x))
""",
    "saved and loaded": "path = 'm.keras'\nf.save(path)\nm = keras.models.load_model(path)\n",
}


@pytest.mark.parametrize("way", COPIED)
def test_a_copy_counts_what_keras_counts(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = HEAD + COPIED[way]
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(source, names)
    real = names["m"]
    (found,) = [m for m in models(source, keras=3) if m.name == "m"]
    counts = count.model(found.graph)
    assert found.graph.complete
    assert isinstance(real, keras.Model)
    assert isinstance(counts, count.Counts)
    trains = sum(int(keras.ops.size(w)) for w in real.trainable_weights)
    assert (counts.params, counts.trainable) == (real.count_params(), trains)
    assert f": {real.output_shape} " in next(one for one in lines(source, keras=3) if one.startswith("m: "))


@pytest.mark.parametrize(
    "made",
    [
        "m = keras.models.clone_model(a, clone_function=other)\n",
        "m = keras.models.clone_model(a, z)\n",
        "m = keras.models.load_model('n')\n",
        "a.save('p')\na.layers[-1].trainable = False\nm = keras.models.load_model('p')\n",
        "import shutil\na.save('p')\nshutil.copy('other', 'p')\nm = keras.models.load_model('p')\n",
        "import os\na.save('p')\nos.chdir('elsewhere')\nm = keras.models.load_model('p')\n",
        "a.save('p')\nb = keras.callbacks.ModelCheckpoint('p')\nm = keras.models.load_model('p')\n",
        "a.save('p')\na.add(Dense(5))\nm = keras.models.load_model('p')\n",
        "c = a.get_config()\nc['layers'][1]['config']['units'] = 5\nm = keras.Sequential.from_config(c)\n",
        "c = a.get_config()\na.layers[-1].trainable = False\nm = keras.Sequential.from_config(c)\n",
        "c = a.to_json()\na.layers[-1].units = 7\nm = keras.models.model_from_json(c)\n",
        "m = keras.models.model_from_json(a.to_json(), custom_objects={'Dense': other})\n",
        "a.trainable = False\na.layers[0].trainable = True\nm = keras.models.clone_model(a)\n",
        "m = keras.Model.from_config(a.get_config())\n",
        "c = d.get_config()\nc.update(other)\nm = Dense.from_config(c)\n",
        "class L(keras.layers.Layer):\n    def call(self, x):\n        return x\n"
        "m = keras.models.clone_model(keras.Sequential([keras.Input((4,)), L(), Dense(3)]))\n",
    ],
)
def test_what_a_copy_is_that_something_else_makes_is_not_known(made: str) -> None:
    found = models(HEAD + made + "n = keras.Model(a.input, m(a.input))\n")
    assert [m.graph.complete for m in found if m.name == "n"] == [False]


def test_what_keras_2_makes_of_a_class_name_and_a_configuration_is_a_copy() -> None:
    config = "{'class_name': f.__class__.__name__, 'config': f.get_config()}"
    source = f"{HEAD}m = keras.models.model_from_config({config}, custom_objects={{}})\n"
    copy, original = (next(m for m in models(source, keras=2) if m.name == name) for name in "mf")
    assert copy.graph.complete
    assert params(copy) == params(original)


def test_what_is_loaded_is_trained_as_it_was_and_can_be_taken_apart() -> None:
    source = "f.compile('adam', 'mse')\nf.fit(data)\nf.save('p')\ng = keras.models.load_model('p')\n"
    found = models(f"{HEAD}{source}m = keras.Model(g.layers[0].input, Dense(2)(g.layers[-2].output))\n")
    first, second, last = (next(m for m in found if m.name == name) for name in "fgm")
    assert [repr(o.loss) for o in first.graph.objectives] == [repr(o.loss) for o in second.graph.objectives] != []
    assert last.graph.complete


def test_what_the_configuration_of_a_layer_says() -> None:
    source = """\
import keras
c = keras.layers.Conv1D(6, 5).get_config()
x = keras.Input((9, 4))
m = keras.Model(x, keras.layers.Conv1D(c["filters"], c["kernel_size"][0] - 1, padding=c["padding"])(x))
n = keras.Model(x, keras.layers.Conv1D(c["other"], 1)(x))
d = keras.layers.Dense(3)
o = keras.Model(x, keras.layers.Dense.from_config(d.get_config())(d(x)))  # two layers of one name
"""
    assert lines(source, keras=3) == [
        "m: (None, 6, 6) 102",
        'n: (None, 9, c["other"]) 5*c["other"]',
        "o: (None, 9, 3) ?",
    ]


@pytest.mark.parametrize(
    "both", ["a(x), b(x)", "a.layers[0](x), b.layers[0](x)", "a(x), keras.models.clone_model(b)(x)"]
)
def test_a_copy_beside_its_original_is_refused_for_its_name(both: str) -> None:
    source = f"""\
import keras
from keras.layers import Dense, add
a = keras.Sequential([keras.Input((4,)), Dense(3)])
b = keras.models.clone_model(a)
x = keras.Input((4,))
m = keras.Model(x, add([{both}]))
n = keras.Model(x, add([a(x), Dense(3)(x)]))
"""
    found = {m.name: m.graph.complete for m in models(source, keras=3) if m.name in "abmn"}
    assert found == {"a": True, "b": True, "m": False, "n": True}
    renamed = source.replace("x = keras", "b._name = b.layers[0]._name = 'other'\nx = keras")
    assert all(m.graph.complete for m in models(renamed, keras=2))


GROWN = """\
import keras
from keras.layers import Dense
s = keras.Sequential([keras.Input((4,)), Dense(3)])
x = keras.Input((4,))
y = s(x)
{change}
m = keras.Model({read})
"""


@pytest.mark.parametrize(
    ("change", "read", "three", "two"),
    [
        ("s.add(Dense(2))", "x, y", "?", "?"),  # s has more weights than it is applied with
        ("s.pop()", "x, y", "?", "?"),
        ("s.add(Dense(2))", "s.inputs, s.outputs", "23", "23"),
        ("s.add(Dense(2))", "s.input, s.output", "?", "23"),  # Keras 3: of the first call
        ("", "x, Dense(2)(s.output)", "?", "?"),
    ],
)
def test_a_sequential_that_changes_after_it_was_applied(change: str, read: str, three: str, two: str) -> None:
    for version, expected in ((3, three), (2, two)):
        (found,) = [m for m in models(GROWN.format(change=change, read=read), keras=version) if m.name == "m"]
        assert params(found) == expected


MERGE = """\
from keras.models import Sequential
from keras.layers import Dense, Merge
left = Sequential()
left.add(Dense(3, input_dim=4))
right = Sequential()
right.add(Dense(5, input_dim=7))
right.add(Dense(3))
m = Sequential()
m.add(Merge([left, right], mode='{mode}'))
m.add(Dense(2))
"""


@pytest.mark.parametrize(("mode", "last"), [("sum", 8), ("mul", 8), ("concat", 14)])
def test_merge_joins_models_in_the_place_of_a_layer(mode: str, last: int) -> None:
    (found,) = [m for m in models(MERGE.format(mode=mode)) if m.name == "m"]
    assert params(found) == str(15 + 40 + 18 + last)
    assert [t.shape[1] for t in found.graph.inputs] == [4, 7]
    assert layers(found)[-1] == "dense_3"


def test_a_merge_that_is_not_followed_leaves_the_model_incomplete() -> None:
    (found,) = [m for m in models(MERGE.format(mode="cos")) if m.name == "m"]
    assert not found.graph.complete


def test_a_merge_by_a_function_is_a_lambda_of_a_list() -> None:
    source = """\
from keras.models import Model
from keras.layers import Dense, Input, merge
from keras import backend as K
a, b = Input((3,)), Input((3,))
z = merge([a, b], mode=lambda p: p[0] + K.random_normal(K.shape(p[0])) * K.exp(p[1] / 2), output_shape=lambda x: x[0])
m = Model([a, b], Dense(2)(z))
n = Model([a, b], merge([a, b], mode=lambda p: unknown(p)))
"""
    assert [(m.name, params(m)) for m in models(source)] == [("m", "8"), ("n", "?")]
