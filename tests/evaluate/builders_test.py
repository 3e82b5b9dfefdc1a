"""What other people's builders need of the evaluator, found on Keras's own."""

from __future__ import annotations

import pytest
from tests.evaluate.seen import document, evaluated, layers, lines, models

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
