"""One layer for one layer: the constructor call changes, and nothing else."""

from __future__ import annotations

import pytest
from tests.fix.rewrites import Rule, fixed, narrower, pointwise, timed, unbiased

from kerlint.text.edit import Applicability

HEAD = "from keras import Input, Model, Sequential, layers\nx = inp = Input((10, 4))\n"

CASES: dict[str, tuple[Rule, str, str]] = {
    "functional": (
        pointwise,
        'x = layers.Conv1D(128, kernel_size=1, activation="relu")(x)  # steps',
        'x = layers.Dense(128, activation="relu")(x)  # steps',
    ),
    "positional arguments go, the others get names": (
        pointwise,
        "x = layers.Conv1D(128, 1, 1, 'same', use_bias=False, name='c')(x)",
        "x = layers.Dense(128, use_bias=False, name='c')(x)",
    ),
    "keyword stays keyword": (
        pointwise,
        "x = layers.Conv1D(kernel_size=1, filters=8)(x)",
        "x = layers.Dense(units=8)(x)",
    ),
    "the user's expressions": (
        pointwise,
        "n = 4\nact = 'relu'\nx = layers.Conv1D(n * 2, (1,), activation=act)(x)",
        "n = 4\nact = 'relu'\nx = layers.Dense(n * 2, activation=act)(x)",
    ),
    "written defaults stay": (
        pointwise,
        "x = layers.Conv1D(8, 1, use_bias=True, activation=None)(x)",
        "x = layers.Dense(8, use_bias=True, activation=None)(x)",
    ),
    "one argument a line": (
        pointwise,
        'x = layers.Conv1D(\n    filters=128,  # many\n    kernel_size=1,\n    activation="relu",  # yes\n)(x)',
        'x = layers.Dense(\n    units=128,  # many\n    activation="relu",  # yes\n)(x)',
    ),
    "no comma behind the last": (
        pointwise,
        "x = layers.Conv1D(\n    8,\n    activation='relu',\n    kernel_size=1\n)(x)",
        "x = layers.Dense(\n    8,\n    activation='relu'\n)(x)",
    ),
    "aligned with the first argument": (
        pointwise,
        "x = layers.Conv1D(8,\n                  1,\n                  activation='relu')(x)",
        "x = layers.Dense(8,\n                 activation='relu')(x)",
    ),
    "tight and wide": (
        pointwise,
        "x = layers.Conv1D( 8,1,activation = 'relu',padding='same' )(x)",
        "x = layers.Dense( 8,activation = 'relu' )(x)",
    ),
    "parentheses and quotes": (
        pointwise,
        "x = layers.Conv1D((8), 1, activation=('re' \"lu\"))(x)",
        "x = layers.Dense((8), activation=('re' \"lu\"))(x)",
    ),
    "letters beyond ASCII": (
        pointwise,
        "größe = 8; x = layers.Conv1D(größe, 1, name='größe_😀')(x)",
        "größe = 8; x = layers.Dense(größe, name='größe_😀')(x)",
    ),
    "the layer has a name": (
        pointwise,
        "conv = layers.Conv1D(8, 1)\nx = conv(x)",
        "conv = layers.Dense(8)\nx = conv(x)",
    ),
    "nested calls": (
        pointwise,
        "x = layers.Flatten()(layers.Conv1D(8, 1)(layers.Dropout(0.5)(x)))",
        "x = layers.Flatten()(layers.Dense(8)(layers.Dropout(0.5)(x)))",
    ),
    "in a list": (
        pointwise,
        "m = Sequential([\n    layers.Conv1D(8, 1, input_shape=(10, 4)),\n    layers.Flatten(),\n])",
        "m = Sequential([\n    layers.Dense(8, input_shape=(10, 4)),\n    layers.Flatten(),\n])",
    ),
    "added": (
        pointwise,
        "m = Sequential()\nm.add(layers.Conv1D(8, 1, input_shape=(10, 4)))",
        "m = Sequential()\nm.add(layers.Dense(8, input_shape=(10, 4)))",
    ),
    "a statement behind a colon": (
        pointwise,
        "if True: x = layers.Conv1D(8, 1)(x)",
        "if True: x = layers.Dense(8)(x)",
    ),
    "another value": (
        narrower,
        "x = layers.Conv1D(8, 3, padding='same')(x)",
        "x = layers.Conv1D(8, 1, padding='same')(x)",
    ),
    "another value, one an axis": (
        narrower,
        "y = Input((9, 9, 2))\ny = layers.Conv2D(8, kernel_size=(3, 3), padding='same')(y)",
        "y = Input((9, 9, 2))\ny = layers.Conv2D(8, kernel_size=(1, 1), padding='same')(y)",
    ),
    "one more argument": (
        unbiased,
        "x = layers.Conv1D(8, 3)(x)\nx = layers.BatchNormalization()(x)",
        "x = layers.Conv1D(8, 3, use_bias=False)(x)\nx = layers.BatchNormalization()(x)",
    ),
    "one more argument, on a line of its own": (
        unbiased,
        "x = layers.Conv1D(\n    8,\n    3,  # wide\n)(x)\nx = layers.BatchNormalization()(x)",
        "x = layers.Conv1D(\n    8,\n    3,  # wide\n    use_bias=False,\n)(x)\nx = layers.BatchNormalization()(x)",
    ),
    "one more argument, without a comma": (
        unbiased,
        "x = layers.Conv1D(\n    8,\n    3  # wide\n)(x)\nx = layers.BatchNormalization()(x)",
        "x = layers.Conv1D(\n    8,\n    3,  # wide\n    use_bias=False\n)(x)\nx = layers.BatchNormalization()(x)",
    ),
    "one value changes": (
        unbiased,
        "x = layers.BatchNormalization()(layers.Dense(8, use_bias=True, activation=None)(x))",
        "x = layers.BatchNormalization()(layers.Dense(8, use_bias=False, activation=None)(x))",
    ),
    "a name that is none here stays": (
        unbiased,
        "given = {}\nname = given.get('name')\nx = layers.Conv1D(8, 3, name=name)(x)\nx = layers.BatchNormalization()(x)",
        "given = {}\nname = given.get('name')\nx = layers.Conv1D(8, 3, name=name, use_bias=False)(x)\nx = layers.BatchNormalization()(x)",
    ),
    "a name that is none here goes with another class": (
        pointwise,
        "x = layers.Conv1D(8, 1, name=None)(x)",
        "x = layers.Dense(8, name=None)(x)",
    ),
    "Keras 1 arguments stay where they were": (
        unbiased,
        "y = Input((9, 9, 2))\ny = layers.Convolution2D(8, 3, 3, border_mode='same')(y)\ny = layers.BatchNormalization()(y)",
        "y = Input((9, 9, 2))\ny = layers.Convolution2D(8, 3, 3, border_mode='same', use_bias=False)(y)\ny = layers.BatchNormalization()(y)",
    ),
    "unwrapped": (
        timed,
        "x = layers.TimeDistributed(layers.Dense(8, activation='relu'))(x)",
        "x = layers.Dense(8, activation='relu')(x)",
    ),
    "unwrapped, name and shape move inward": (
        timed,
        "m = Sequential([layers.TimeDistributed(layers.Dense(8, name='a'), input_shape=(5, 3), name='b')])",
        "m = Sequential([layers.Dense(8, name='b', input_shape=(5, 3))])",
    ),
    "unwrapped by name": (
        timed,
        "d = layers.Dense(8)\nx = layers.TimeDistributed(d)(x)",
        "d = layers.Dense(8)\nx = d(x)",
    ),
}


@pytest.mark.parametrize(("rule", "before", "after"), CASES.values(), ids=CASES.keys())
def test_constructor(rule: Rule, before: str, after: str) -> None:
    found = fixed(f"{HEAD}{before}\n", rule)
    assert found.text == f"{HEAD}{after}\n"
    assert found.fix.applicability is Applicability.SAFE


def test_a_lost_comment_makes_it_unsafe() -> None:
    source = HEAD + "x = layers.Conv1D(\n    8,\n    1,  # one step\n    activation='relu',\n)(x)\n"
    found = fixed(source, pointwise)
    assert found.text == HEAD + "x = layers.Dense(\n    8,\n    activation='relu',\n)(x)\n"
    assert found.fix.applicability is Applicability.UNSAFE
    assert found.fix.reasons == ("a comment inside the replaced code would be lost",)


def test_an_edit_is_small() -> None:
    found = fixed(HEAD + "x = layers.Conv1D(8, 3, use_bias=True)(x)\nx = layers.BatchNormalization()(x)\n", unbiased)
    assert [e.text for e in found.fix.edits] == ["False"]
