"""Where no edit can be written, the reason is said."""

from __future__ import annotations

import pytest
from tests.fix.rewrites import (
    Rule,
    fixed,
    gates,
    kept_state,
    kept_state_of,
    merged,
    nothing,
    pointwise,
    recurrent,
    refusal,
    unbiased,
)

HEAD = "from keras import Input, Model, Sequential, layers\n"

REFUSED: dict[str, tuple[Rule, str, str]] = {
    "arguments from elsewhere": (
        pointwise,
        "common = {'activation': 'relu'}\nx = layers.Conv1D(8, 1, **common)(Input((10, 4)))\n",
        "some arguments come from **common",
    ),
    "arguments from elsewhere, one is added": (
        unbiased,
        "common = {'activation': None}\nx = layers.Conv1D(8, 3, **common)(Input((10, 4)))\nx = layers.BatchNormalization()(x)\n",
        "some arguments come from **common",
    ),
    "a walrus in an argument that goes": (
        pointwise,
        "x = layers.Conv1D(8, (k := 1))(Input((10, 4)))\nprint(k)\n",
        "(k := 1) would be lost with the argument it is in",
    ),
    "a call in an argument that goes": (
        pointwise,
        "sizes = [1]\nx = layers.Conv1D(8, sizes.pop())(Input((10, 4)))\n",
        "sizes.pop() would be lost with the argument it is in",
    ),
    "a call with options": (
        pointwise,
        "x = layers.Conv1D(8, 1)(Input((10, 4)), training=False)\n",
        "Conv1D is called with training",
    ),
    "a comprehension": (
        nothing,
        "m = Sequential([Input((4,)), *[layers.Dropout(0) for _ in range(1)]])\n",
        "the layer stands in no list that is written out",
    ),
    "add in an expression": (
        nothing,
        "m = Sequential([Input((4,))])\nTrue and m.add(layers.Dropout(0))\n",
        "m.add(...) is no statement of its own",
    ),
    "two statements of one line, nothing else in it": (
        nothing,
        "x = Input((4,))\nkept_as_written = layers.Dropout(0); x = kept_as_written(x)\n",
        "line 3 would have to change in two ways at once",
    ),
    "no layer to take the shape": (
        nothing,
        "m = Sequential([layers.Dropout(0, input_shape=(4,))])\n",
        "input_shape has no layer to go to",
    ),
    "a layer in a list of layers": (
        nothing,
        "drops = [layers.Dropout(0)]\nx = drops[0](Input((4,)))\n",
        "Dropout is kept in a variable that cannot be followed",
    ),
    "a branch where a layer of another function is applied": (
        gates,
        "rnn = layers.LSTM(4, return_sequences=True)\ndef head(x):\n    return rnn(x)\nhead(Input((1, 8)))\n",
        "LSTM is made in another function than the one that applies it",
    ),
    "several layers where a layer of another function is applied": (
        recurrent,
        "rnn = layers.SimpleRNN(4)\ndef head(x):\n    return rnn(x)\nhead(Input((1, 8)))\n",
        "SimpleRNN is made in another function than the one that applies it",
    ),
    "a layer that is used elsewhere": (
        nothing,
        "drop = layers.Dropout(0)\nx = drop(Input((4,)))\nprint(drop)\n",
        "drop is used elsewhere",
    ),
    "the list of inputs is a variable": (
        nothing,
        "xs = [Input((4,))]\nx = layers.Add()(xs)\n",
        "what Add is called on is not written there",
    ),
    "the second output of a layer": (
        kept_state, "x = layers.LSTM(4)(Input((5, 8)))\n", "one of several outputs of LSTM cannot be written here",
    ),
    "the second output of a layer in between": (
        kept_state_of, "x = layers.LSTM(4)(Input((5, 8)))\n", "one of several outputs of LSTM cannot be written here",
    ),
    "both layers have a shape": (
        merged,
        "m = Sequential([layers.Dense(8, input_shape=(4,)), layers.Dense(1, input_shape=(8,))])\n",
        "Dense has an input shape of its own",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "source", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(rule: Rule, source: str, reason: str) -> None:
    assert refusal(HEAD + source, rule) == reason


def test_arguments_from_elsewhere_may_stay() -> None:
    source = HEAD + "common = {'activation': None}\nx = layers.Conv1D(8, 3, use_bias=True, **common)(Input((10, 4)))\n"
    source += "x = layers.BatchNormalization()(x)\n"
    assert fixed(source, unbiased).text == source.replace("use_bias=True", "use_bias=False")
