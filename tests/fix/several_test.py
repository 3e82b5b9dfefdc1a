"""Several layers for one: a chain in each form, a branching replacement as an expression."""

from __future__ import annotations

import pytest
from tests.fix.rewrites import Rule, fixed, gates, recurrent, refusal, turned

HEAD = "from keras import Input, Model, Sequential, layers\n"

CHAIN: dict[str, tuple[str, str]] = {
    "functional": (
        "x = Input((1, 4))\ny = layers.SimpleRNN(8, activation='relu')(x)\n",
        "x = Input((1, 4))\ny = layers.Dense(8, activation='relu')(layers.Flatten()(x))\n",
    ),
    "functional, the layer has a name": (
        "x = Input((1, 4))\nrnn = layers.SimpleRNN(8, activation='relu', name='r')\ny = rnn(x)\n",
        "x = Input((1, 4))\nrnn = layers.Dense(8, activation='relu', name='r')\ny = rnn(layers.Flatten()(x))\n",
    ),
    "what Keras does by default is written": (
        'x = Input((1, 4))\ny = layers.SimpleRNN(8)(x)  # "\n',
        'x = Input((1, 4))\ny = layers.Dense(8, activation="tanh")(layers.Flatten()(x))  # "\n',
    ),
    "in a list": (
        "m = Sequential([layers.SimpleRNN(8, activation='relu', input_shape=(1, 4)), layers.Dense(1)])\n",
        "m = Sequential([layers.Flatten(input_shape=(1, 4)), layers.Dense(8, activation='relu'), layers.Dense(1)])\n",
    ),
    "in a list, one a line": (
        "m = Sequential([\n    Input((1, 4)),\n    layers.SimpleRNN(\n        8, activation='relu'\n    ),\n    layers.Dense(1),\n])\n",
        "m = Sequential([\n    Input((1, 4)),\n    layers.Flatten(),\n    layers.Dense(\n        8, activation='relu'\n    ),\n    layers.Dense(1),\n])\n",
    ),
    "added": (
        "def f():\n    m = Sequential()\n    m.add(layers.SimpleRNN(8, activation='relu', input_shape=(1, 4)))\n    return m\n",
        "def f():\n    m = Sequential()\n    m.add(layers.Flatten(input_shape=(1, 4)))\n"
        "    m.add(layers.Dense(8, activation='relu'))\n    return m\n",
    ),
    "what a recurrent layer calls input_dim": (
        "n = 4\nm = Sequential()\nm.add(layers.SimpleRNN(8, activation='relu', input_dim=n, input_length=1))\n",
        "n = 4\nm = Sequential()\nm.add(layers.Flatten(input_shape=(1, n)))\nm.add(layers.Dense(8, activation='relu'))\n",
    ),
    "added on a line with others": (
        "m = Sequential(); m.add(layers.SimpleRNN(8, activation='relu', input_shape=(1, 4)))\n",
        "m = Sequential(); m.add(layers.Flatten(input_shape=(1, 4))); m.add(layers.Dense(8, activation='relu'))\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CHAIN.values(), ids=CHAIN.keys())
def test_chain(before: str, after: str) -> None:
    assert fixed(HEAD + before, recurrent).text == HEAD + after


BRANCH: dict[str, tuple[str, str]] = {
    "activations that are written as None": (
        "x = Input((1, 4))\nL = layers\nx = L.LSTM(8, return_sequences=True, activation=None, recurrent_activation=None)(x)\n",
        "x = Input((1, 4))\nL = layers\nx = L.Multiply()([\n    L.Dense(8, activation=None)(x),\n"
        "    L.Activation(None)(L.Multiply()([\n        L.Dense(8, activation=None)(x),\n"
        "        L.Dense(8, activation=None)(x),\n    ])),\n])\n",
    ),
    "the user's expressions": (
        "n = 8\nx = Input((1, 4))\n"
        "y = layers.LSTM(units=n * 2, return_sequences=True, recurrent_activation='hard_sigmoid')(x)\n",
        "n = 8\nx = Input((1, 4))\ny = layers.Multiply()([\n"
        "    layers.Dense(units=n * 2, activation='hard_sigmoid')(x),\n"
        "    layers.Activation('tanh')(layers.Multiply()([\n"
        "        layers.Dense(units=n * 2, activation='hard_sigmoid')(x),\n"
        "        layers.Dense(units=n * 2, activation='tanh')(x),\n"
        "    ])),\n])\n",
    ),
    "a step that is used three times gets a name": (
        "flatten = 1\ndef f(x):\n\treturn layers.LSTM(8)(x)\nf(Input((1, 4)))\n",
        "flatten = 1\ndef f(x):\n\tflatten_2 = layers.Flatten()(x)\n\treturn layers.Multiply()([\n"
        '\t\tlayers.Dense(8, activation="sigmoid")(flatten_2),\n'
        '\t\tlayers.Activation("tanh")(layers.Multiply()([\n'
        '\t\t\tlayers.Dense(8, activation="sigmoid")(flatten_2),\n'
        '\t\t\tlayers.Dense(8, activation="tanh")(flatten_2),\n'
        "\t\t])),\n\t])\nf(Input((1, 4)))\n",
    ),
    "an input that is no name gets one": (
        "x = Input((1, 4))\ny = layers.LSTM(8, return_sequences=True)(\n    layers.Dense(3)(x)\n)\n",
        "x = Input((1, 4))\ninputs = layers.Dense(3)(x)\ny = layers.Multiply()([\n"
        '    layers.Dense(8, activation="sigmoid")(inputs),\n'
        '    layers.Activation("tanh")(layers.Multiply()([\n'
        '        layers.Dense(8, activation="sigmoid")(inputs),\n'
        '        layers.Dense(8, activation="tanh")(inputs),\n'
        "    ])),\n])\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), BRANCH.values(), ids=BRANCH.keys())
def test_branch(before: str, after: str) -> None:
    found = fixed(HEAD + before, gates)
    assert found.text == HEAD + after
    assert found.fix.title.endswith("3 Dense, 2 Multiply and 1 Activation")


def test_two_change_places() -> None:
    source = HEAD + "m = Sequential([layers.Dense(8, input_shape=(5, 4)), layers.Flatten(), layers.Dense(1)])\n"
    after = HEAD + "m = Sequential([layers.Flatten(input_shape=(5, 4)), layers.Dense(8), layers.Dense(1)])\n"
    found = fixed(source, turned)
    assert (found.text, found.fix.title) == (after, "Replace with Flatten and Dense(8)")


REFUSED: dict[str, tuple[Rule, str, str]] = {
    "a Sequential": (
        gates,
        "m = Sequential([layers.LSTM(8, input_shape=(1, 4))])\n",
        "a Sequential cannot branch",
    ),
    "a lambda": (
        gates,
        "f = lambda x: layers.LSTM(8)(x)\nf(Input((1, 4)))\n",
        "the replacement needs a name for its input, and there is no statement to give it one",
    ),
    "something else runs before": (
        gates,
        "def note(x):\n    print(x)\nx = Input((1, 4))\ny = [note(x), layers.LSTM(8)(x)]\n",
        "the replacement needs a name for its input, and something else runs before it",
    ),
    "no statement of its own": (
        gates,
        "x = Input((1, 4))\nif True: y = layers.LSTM(8)(x)\n",
        "the replacement uses its input several times; give it a name first",
    ),
    "a call that would run three times": (
        gates,
        "def size():\n    return 8\nx = Input((1, 4))\ny = layers.LSTM(size(), return_sequences=True)(x)\n",
        "size() would run several times",
    ),
}


@pytest.mark.parametrize(("rule", "source", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(rule: Rule, source: str, reason: str) -> None:
    assert refusal(HEAD + source, rule) == reason
