"""What other people's builders need of the evaluator, found on Keras's own."""

from __future__ import annotations

import pytest
from tests.evaluate.seen import document, evaluated, layers, lines, models, params

from kerlint.graph.graph import Model

RATES = """
import numpy as np
from keras import Input, Model, layers

def build(drop=0.0, depth=3):
    x = inputs = Input((4,))
    rates = np.linspace(0.0, drop, depth)
    {change}
    for number, rate in enumerate(float(r) for r in rates):
        x = layers.Dense(8)(x)
        if rate:
            x = layers.Dropout(rate, name=f"drop_{{number}}")(x)
    return Model(inputs, x)

model = build({arguments})
"""


def test_linspace_of_known_numbers_is_known_by_its_values() -> None:
    (plain,) = models(RATES.format(change="", arguments=""))
    assert layers(plain) == ["input_layer", "dense", "dense_1", "dense_2"]
    (dropped,) = models(RATES.format(change="", arguments="drop=0.2"))
    assert layers(dropped) == ["input_layer", "dense", "dense_1", "drop_1", "dense_2", "drop_2"]
    assert [dropped.graph.layers[at]["rate"] for at in (3, 5)] == [0.1, 0.2]


def test_an_array_that_may_have_changed_is_known_by_its_values_no_more() -> None:
    for change in ("rates += 1", "rates[0] = 1", "np.random.shuffle(rates)", "rates.sort()", "f(rates)"):
        assert len(models(RATES.format(change=change, arguments="drop=0.2"))) > 1, change


CUSTOM = """
import keras

class Scale(keras.layers.Layer):
    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size
    def build(self, _):
        self.gamma = self.add_weight(shape=(self.size,))
    def call(self, x):
        return x * self.gamma

x = inputs = keras.Input((4,))
x = Scale(4, name="first")(x)
x = Scale(4, name="second")(x)
model = keras.Model(inputs, x + 3.0)
half = keras.Model(inputs, model.layers[-1].output)
"""


def test_a_custom_layer_is_called_as_it_says_also_the_first_one() -> None:
    assert layers(models(CUSTOM)[0]) == ["input_layer", "first", "second", "add"]


def test_an_operation_on_tensors_is_none_of_the_layers_of_a_model() -> None:
    assert layers(models(CUSTOM)[1]) == ["input_layer", "first", "second"]


def test_what_is_not_understood_keeps_its_place_among_the_layers() -> None:
    source = CUSTOM.replace("x + 3.0", "somebody.Layer()(x)")
    assert not any(model.graph.complete for model in models(source))


HELPER = """
from keras import Model, layers

def network(inputs, depth):
    x = inputs
    for _ in range(depth):
        x = layers.Dense(2)(x)
    return Model(inputs, x)
"""
MODULE = "import keras\n{statement}\n\ndef Small(depth=2):\n    return {call}(keras.Input((2,)), depth)\n"


def load(dotted: str, _importer: str) -> object:
    return document(HELPER, "helper.py") if dotted == "helper" else None


def small(statement: str, call: str) -> list[Model]:
    source = "\n".join(MODULE.format(statement=statement, call=call).splitlines()) + "\n"
    return list(evaluated(source, load=load).models)


def test_a_function_that_only_calls_a_builder_of_another_file_is_evaluated() -> None:
    for statement, call in (("import helper", "helper.network"), ("from helper import network as n", "n")):
        (model,) = small(statement, call)
        assert len(model.graph.layers) == 3


ATTENTION = """
import keras
from keras import Input, Model, layers

i = Input((10, 8))
attention = layers.MultiHeadAttention(2, 4)
x = attention(i, i)
x = layers.Dropout(0.1)(attention(x, x))
x = layers.Dropout(0.1)(layers.Dense(6)(x))
m = Model(i, layers.Dense(4)(x))
cut = Model(i, m.get_layer("{name}").output)
"""


@pytest.mark.parametrize(("name", "expected"), [("dropout_1", "(None, 10, 8) 288"), ("dropout_2", "(None, 10, 6) 342")])
def test_attention_takes_names_for_the_layers_that_it_makes(name: str, expected: str) -> None:
    """Softmax and Dropout, once, when it is built: the first Dropout of the program is dropout_1."""
    assert f"cut: {expected}" in lines(ATTENTION.format(name=name))


BUILD = """
from keras import Input, Model, layers

def build(classes=10, **options):
    x = inputs = Input((options.get("size", 4),))
    return Model(inputs, layers.Dense(classes)(x))
"""


def test_a_call_that_somebody_asks_for_is_evaluated_among_the_names_of_the_module() -> None:
    assert lines(BUILD, roots=False, call="build(classes=3)") == ["build: (None, 3) 15"]
    assert lines(BUILD, roots=False, call="build(2 + 3, size=7)") == ["build: (None, 5) 40"]


NAMED = """
from tensorflow import keras
from tensorflow.keras import Input, Model, layers, applications

i = Input((64, 64, 3))
base = {base}
m = Model(base.inputs, base.get_layer("{name}").output)
"""


@pytest.mark.parametrize(
    ("base", "name", "expected"),
    [
        ("applications.MobileNet(include_top=False, weights=None, input_tensor=i)", "input_1", "(None, 64, 64, 3) 0"),
        ("applications.DenseNet121(weights=None, input_shape=(64, 64, 3), classes=3)", "conv1/relu", "? 9664"),
        ("Model(i, layers.Dense(2)(i))", "input_7", "(None, 64, 64, 3) 0"),  # however many there were before
        ("Model([i, Input((3,), name='b')], layers.Dense(2)(i))", "input_1", "? ?"),  # one of two
        ("Model([i, Input((3,))], layers.Dense(2)(i))", "input_1", "? ?"),
        ("Model(i, layers.Dense(2)(i))", "inputs_1", "? ?"),
    ],
)
def test_layers_have_the_names_of_keras_2_as_well(base: str, name: str, expected: str) -> None:
    *_, line = lines(NAMED.format(base=base, name=name))
    assert line.split(" ")[-1] == expected.rsplit(" ", maxsplit=1)[-1]
    assert expected[0] == "?" or line == f"m: {expected}"


OBJECTS = """
from keras import Input, Model, layers

class Net:
    def __init__(self, words=None, width=None, depth=2):
        {check}
        self.words, self.width, self.depth = words, width, depth

    def build(self, classes=3):
        x = inputs = Input((5,))
        x = layers.Embedding(self.words, 4)(x)
        {more}
        return Model(inputs, layers.Dense(classes)(x))
"""


@pytest.mark.parametrize("check", ["pass", "self.other = [][0] if words is None else 1"])
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("pass", "(None, 5, classes) 5*classes + 4*words"),  # the defaults of both are left out
        ("x = layers.Dense(self.width)(x)", "(None, 5, classes) classes*width + classes + 5*width + 4*words"),
        ("for _ in range(self.depth): x = layers.Dense(4)(x)", "(None, 5, classes) ?"),
    ],
)
def test_what_keras_refuses_of_an_object_with_defaults_is_built_without_them(
    more: str, expected: str, check: str
) -> None:
    assert f"Net.build: {expected}" in lines(OBJECTS.format(more=more, check=check), keras=2)


PARAMETER = """
from keras import Input, Model, layers

def backbone(given=None):
    x = Input((8, 8, 4)) if given is None else given
    return layers.GlobalAveragePooling2D()(layers.Conv2D(3, 1)(x))

def build(given):
    return Model(given, backbone(given))
"""


def test_who_has_to_give_an_argument_gives_something_first() -> None:
    first, *_ = lines(PARAMETER)
    assert first == "build: (None, 3) 3*given.shape[3] + 3"


OPTIONAL = """
from keras import Input, Model, layers

def build(given=None):
    x = Input((8, 8, 4)) if given is None else given
    return Model(x, layers.Conv2D(3, 1)(x))

def outer(**options):
    return build(**options)
"""


def test_what_has_a_default_is_perhaps_not_given() -> None:
    assert lines(OPTIONAL)[0] == "build: (None, 8, 8, 3) 15"


FURTHER = """\
import keras
from keras.layers import Conv2D, Dense, Flatten
def conv(x, filters, kernel_size=3, **options):
    return Conv2D(filters, kernel_size, **options)(x)
def net(width=8, **options):
    x = keras.Input((9, 9, 3))
    options.pop("name", None)
    return keras.Model(x, conv(x, width, padding="same", **options))
def same(**options):
    return net(5, **options)
def changed(**options):
    x = keras.Input((9, 9, 3))
    options["strides"] = other()
    return keras.Model(x, conv(x, 4, **options))
def needed(**options):
    x = keras.Input((9, 9, 3))
    return keras.Model(x, Conv2D(3, **options)(x))
def begun(**options):
    x = keras.Input(**options)
    return keras.Model(x, keras.layers.dot([x, x], **options))
def given(**options):
    x = keras.Input((9, 9, 3))
    size = options.pop("size", 1)
    return keras.Model(x, conv(x, size, options.get("window", 5)))
def asked(**options):
    x = keras.Input((9, 9, 3))
    return keras.Model(x, Dense(2)(Flatten()(x) if options.get("flat") else x))
class Own(keras.layers.Layer):
    def __init__(self, units=3, **options):
        super().__init__(**options)
        self.dense = Dense(units, **options)
    def call(self, x):
        return self.dense(x)
def own(units=6, **options):
    x = keras.Input((4,))
    return keras.Model(x, Own(units, **options)(x))
"""


def test_a_caller_who_gives_nothing_gives_no_further_arguments() -> None:
    found = [f"{m.name}: {m.graph.complete} {params(m)}" for m in models(FURTHER, keras=3)]
    assert sorted(found) == [
        "asked: True 8",
        "begun: False ?",
        "changed: True 112",
        "given: True 76",
        "needed: False ?",
        "net: True 140",
        "net: True 224",
        "own: True 30",
    ]
    assert all(fact.kind != "refused" for context in evaluated(FURTHER, keras=3).contexts for fact in context.facts)


def test_an_unknown_key_is_each_of_a_dozen_builders() -> None:
    source = """
from keras import Input, Model, layers
NETS = {f"net{units}": (lambda x, units=units: layers.Dense(units)(x)) for units in range(1, COUNT)}
def build(name):
    x = Input((4,))
    return Model(x, NETS[name](x))
"""
    found = {params(model) for model in models(source.replace("COUNT", "13"))}
    assert found == {str(5 * units) for units in range(1, 13)}
    assert {params(model) for model in models(source.replace("COUNT", "14"))} == {"?"}


DECORATED = """
import keras
from parameterized import parameterized, run_twice

@run_twice
class ModelTest:
    @parameterized.parameters(4, 8)
    def test_model(self, units):
        return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
"""


def test_a_method_under_an_unknown_decorator_is_called_by_someone() -> None:
    assert lines(DECORATED) == ["ModelTest.test_model: (None, units) 5*units"]


PREPARED = """
import unittest
import keras

class LayerTest(unittest.TestCase):
    def setUp(self):
        self.layer = keras.layers.Dense(4)

    def test_model(self):
        x = keras.Input((3,))
        y = self.layer(x)
        self.assertEqual(y, self.layer)
        with self.assertRaises(ValueError):
            raise ValueError
        self.assertIsNotNone(keras.Model(x, y))
"""


def test_a_test_is_prepared_and_looks_at_what_it_asserts() -> None:
    assert lines(PREPARED) == ["LayerTest.test_model: (None, 4) 16"]


@pytest.mark.parametrize("step", ["count += 1", "count = count + 1"])
def test_a_counter_has_its_own_name_behind_a_loop(step: str) -> None:
    """Not that of what the last round began with."""
    source = f"""
from keras import Input, Sequential, layers

def encode(words):
    count, codes = 2, {{}}
    for word in set(words):
        codes[word] = count
        {step}
    return codes, count

codes, size = encode(open("words"))
m = Sequential([Input((3,)), layers.Embedding(size, 4)])
"""
    assert lines(source) == ["m: (None, 3, 4) 4*count"]


STATES = """
import tensorflow as tf

class Reader(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.words = tf.keras.layers.Embedding(50, 8)
        self.states = tf.keras.layers.LSTM(4, stateful={stateful}, return_sequences=True)

    def call(self, x):
        return self.states(self.words(x))

m = Reader()
m.build((64, 10))
"""


@pytest.mark.parametrize(
    ("stateful", "shape"), [(True, "(batch, 10, 4)"), (False, "(None, 10, 4)"), ("bool(int(input()))", "?")]
)
def test_a_model_with_states_is_built_for_one_size_of_batches(stateful: bool | str, shape: str) -> None:
    (found,) = lines(STATES.format(stateful=stateful))
    assert found.startswith(f"Reader: {shape} ")


@pytest.mark.parametrize(
    ("imported", "found"),
    [
        ("from keras import Input, Model, layers", "(None, 5)"),
        (
            "from tensorflow.keras import Input, Model, layers\nfrom tensorflow.keras.optimizers import Adam",
            "(None, 5)",
        ),
        ("from keras import Input, Model, layers\nfrom keras.layers.normalization import BatchNormalization", "?"),
        ("from keras import Input, Model, layers, optimizers\nsgd = optimizers.SGD(0.1, lr=0.1)", "?"),
        ("from keras import Input, Model, layers\nimport torch\nsgd = torch.optim.SGD([], lr=0.1)", "(None, 5)"),
    ],
)
def test_keras_counted_layers_from_one(imported: str, found: str) -> None:
    """The package keras, up to 2.3: dense_1 is then the first Dense, and what is asked for is not known."""
    source = f"""
{imported}

i = Input((4,))
m = Model(i, layers.Dense(6)(layers.Dense(5)(i)))
cut = Model(i, m.get_layer("dense_1").output)
"""
    assert lines(source)[1].startswith(f"cut: {found} ")


STORED = """
from keras import Input, Model, layers

class Task:
    def __init__(self):
        self.size = None

    def {name}(self):
        self.size = (4,)

    def load(self):
        i = Input(self.size)
        self.model = Model(i, layers.Dense(2)(i))
"""


@pytest.mark.parametrize(
    ("name", "refused"), [("keep", []), ("__call__", []), ("load", ["InputLayer: a shape is needed"])]
)
def test_an_attribute_that_is_not_yet_made_may_be_made_by_another_method(name: str, refused: list[str]) -> None:
    """Nobody calls load(): who does may have called keep() before, if there is such a method."""
    found = [f for c in evaluated(STORED.format(name=name)).contexts for f in c.facts if f.kind == "refused"]
    assert [fact.data["message"] for fact in found] == refused


KINDS = """
from keras import Input, Model
from keras.layers import Dense
WIDTHS = dict(plain=3, wide=5)

def net(kind, other):
    x = i = Input((4,))
    {body}
    return Model(i, x)
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (  # a word holds another, or not: what is asked next is told by that
            "x = Dense(8 if 'se' in kind else 9)(x)\n"
            "    x = Dense(2 if kind in ['a', 'ase'] else 1)(Dense(6 if 'se' in kind else 7)(x))",
            {(8, 6, 2), (8, 6, 1), (9, 7, 2), (9, 7, 1)},
        ),
        (
            "x = Dense(8 if 'a' in kind else 9)(x)\n    x = Dense(6 if 'b' in kind else 7)(x)",
            {(8, 6), (8, 7), (9, 6), (9, 7)},
        ),
        (
            "x = Dense(8 if kind == 'ase' else 9)(x)\n    x = Dense(6 if 'se' in kind else 7)(x)",
            {(8, 6), (9, 6), (9, 7)},
        ),
        ("x = Dense(8 if kind.lower() == 'wide' else 9)(x)\n    x = Dense(WIDTHS[kind])(x)", {(8, 5), (9, 3)}),
        (
            "x = Dense(8 if kind.lower() == 'wide' else 9)(x)\n    x = Dense(WIDTHS[other])(x)",
            {(8, 5), (8, 3), (9, 3), (9, 5)},
        ),
    ],
)
def test_answers_about_a_word_fit_each_other(body: str, expected: set[tuple[int, ...]]) -> None:
    found = models(KINDS.format(body=body))
    assert {tuple(n.output.shape[-1] for n in m.graph.nodes[1:]) for m in found} == expected
