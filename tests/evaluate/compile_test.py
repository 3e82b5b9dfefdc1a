"""What compile() is given becomes a loss and metrics for each output, by Keras's own names."""

import pytest
from tests.evaluate.seen import models, params

from kerlint.graph.layer import Unknown
from kerlint.graph.objective import Criterion, Objective

K = (
    "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import Input, Model, Sequential\n"
    "from tensorflow.keras.layers import *\n"
)
ONE = "m = Sequential([Input((4,)), Dense(3)])\n"
TWO = "i = Input((4,))\na, b = Dense(1, name='a')(i), Dense(2, name='b')(i)\nm = Model(i, [a, b])\n"


def said(objective: Objective) -> str:
    """``loss | metric metric``; what is not known as a question mark."""
    metrics = " ".join(_name(m) for m in objective.metrics)
    return f"{_name(objective.loss)} | {metrics}".rstrip()


def _name(found: Criterion | Unknown | None) -> str:
    if not isinstance(found, Criterion):
        return "?" if isinstance(found, Unknown) else "-"
    if isinstance(found.logits, Unknown):
        return f"{found.name} perhaps of logits"
    return f"{found.name} of logits" if found.logits else found.name


def objectives(source: str) -> list[str]:
    return [said(o) for o in models(K + source)[-1].graph.objectives]


@pytest.mark.parametrize(
    ("loss", "meant"),
    [
        ("'mse'", "mean_squared_error |"),
        ("'MeanSquaredError'", "mean_squared_error |"),
        ("tf.keras.losses.MSE", "mean_squared_error |"),
        ("keras.losses.mean_squared_error", "mean_squared_error |"),
        ("keras.losses.MeanSquaredError()", "mean_squared_error |"),
        ("keras.losses.CategoricalCrossentropy(True)", "categorical_crossentropy of logits |"),
        ("keras.losses.BinaryFocalCrossentropy(False, 0.25, 2.0, True)", "binary_focal_crossentropy of logits |"),
        ("keras.losses.BinaryCrossentropy(from_logits=flag)", "binary_crossentropy perhaps of logits |"),
        ("keras.losses.BinaryCrossentropy(**options)", "binary_crossentropy perhaps of logits |"),
        ("['hinge']", "hinge |"),
        ("'my_own'", "? |"),
        ("lambda y, p: y - p", "? |"),
        ("unknown", "? |"),
        ("None", "- |"),
    ],
)
def test_losses(loss: str, meant: str) -> None:
    """A string, a function, a class: the same loss has one name; what is not Keras's own is not known."""
    assert objectives(f"{ONE}m.compile('adam', {loss})") == [meant]


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ("loss='mse', metrics=['acc', keras.metrics.AUC(), 'ce']", ["mean_squared_error | accuracy auc crossentropy"] * 2),
        ("loss=['mse', 'mae'], metrics=['acc', 'mse']", ["mean_squared_error | accuracy", "mean_absolute_error | mean_squared_error"]),
        ("loss=['mse', 'mae'], metrics=[['acc'], []]", ["mean_squared_error | accuracy", "mean_absolute_error |"]),
        ("loss={'b': 'mse'}, metrics={'b': ['acc', 'mae']}", ["- |", "mean_squared_error | accuracy mean_absolute_error"]),
        ("loss={'b': 'mse', 'c': 'mae'}", ["? |", "? |"]),
        ("loss=['mse', 'mae', 'hinge']", ["? |", "? |"]),
        ("'sgd', 'mse', ['acc']", ["mean_squared_error | accuracy"] * 2),
        ("'sgd', **options", ["? | ?", "? | ?"]),
    ],
)  # fmt: skip
def test_several_outputs(arguments: str, meant: list[str]) -> None:
    """One for all, a list in order, a dictionary by name; what does not match is not known."""
    assert objectives(f"{TWO}m.compile({arguments})") == meant


def test_outputs_by_key() -> None:
    """Outputs that are a dictionary go by its keys, not by the names of their layers."""
    source = TWO.replace("[a, b]", "{'first': a, 'second': b}") + "m.compile(loss={'second': 'mse'})"
    assert objectives(source) == ["- |", "mean_squared_error |"]


def test_keras_3_has_loss_weights_in_front_of_metrics() -> None:
    source = f"{ONE}m.compile('sgd', 'mse', None, ['acc'])"
    found = models("from keras import Sequential, Input\nfrom keras.layers import Dense\n" + source, keras=3)
    assert [said(o) for o in found[0].graph.objectives] == ["mean_squared_error | accuracy"]


def test_a_model_that_is_only_used_has_no_objective() -> None:
    """What is only used is not trained; what is compiled and then not spoken of may be."""
    source = ONE + "m.compile('sgd', 'mse')\n"
    other = "n = Sequential([Input((3,)), Dense(1)])\nn.compile('sgd', 'mse')\nn.fit(x, y)\n"
    first, second = (m.graph for m in models(K + source + other))
    assert [said(o) for m in (first, second) for o in m.objectives] == ["mean_squared_error |"] * 2
    assert objectives(source) == ["mean_squared_error |"]
    assert objectives(source + "m.load_weights('w')\nm.predict(x)") == []
    assert objectives(source + "m.load_weights('w')\nm.fit(x, y)\nm.predict(x)") == ["mean_squared_error |"]


def test_the_layer_of_an_output_lies_within_models() -> None:
    source = "inner = Sequential([Input((4,)), Dense(3, name='last')])\nm = Model(i := Input((4,)), inner(i))\n"
    found = models(K + source + "m.compile(loss='mse')")
    assert found[-1].graph.objectives[0].layer.layer.name == "last"


OWN = "class Dense(keras.layers.Layer):\n    def call(self, x):\n        return x\n"


def test_a_class_of_the_program_is_not_keras_s() -> None:
    """What it is called does not make it one: no rule takes it for Keras's layer."""
    graph = models(f"{K}{OWN}i = Input((4,))\nm = Model(i, Dense()(i))")[0].graph
    layer = graph.layers[-1]
    assert (layer.kind, layer.title) == ("Dense of the program", "Dense")


@pytest.mark.parametrize("body", ["yield e", "yield from e", "yield from flat(e)"])
def test_a_generator_over_something_unknown_has_no_known_length(body: str) -> None:
    source = f"def flat(l):\n    for e in l:\n        {body}\nwords = list(flat(open('w')))\n"
    assert params(models(f"{K}{source}m = Sequential([Input((2,)), Dense(len(words))])")[0]) == "3*len(words)"


INNER = """
inner = Sequential([Input((4,)), Dense(3)])
inner.compile("adam", "mse")
i = Input((4,))
"""


@pytest.mark.parametrize(
    ("outer", "fitted", "trained"),
    [
        ("inner(i)", "", False),
        ("inner(i)", "inner.trainable = False", True),
        ("inner.layers[-1](i)", "", True),
        ("inner.layers[-1](i)", "outer.load_weights('w')", False),
        ("inner(i)", "outer.predict(x)", False),
        *((outer, "outer.fit(x)", False) for outer in ("inner(i)", "inner.layers[-1](i)")),
        *((outer, "outer.fit(x)\ninner.fit(x)", True) for outer in ("inner(i)", "inner.layers[-1](i)")),
    ],
)
def test_what_is_trained_as_a_part_of_another_model_has_no_objective(outer: str, fitted: str, trained: bool) -> None:
    """Its own compile() says nothing, unless it is fitted, too, or frozen in the other, as discriminators are. What
    is cut out of a model with weights from a file is only asked."""
    source = f"{K}{INNER}outer = Model(i, Dense(2)({outer}))\nouter.compile('adam', 'mae')\n{fitted}\n"
    (first,) = (m.graph for m in models(source) if m.name == "inner")
    assert bool(first.objectives) is trained
