"""Layers of the program that are called with several tensors, by place and by name."""

from typing import Any

import pytest
from tests.evaluate.seen import lines

HEAD = """
import keras
from keras import layers


class Decoder(keras.layers.Layer):
    def __init__(self, size, heads):
        super().__init__()
        self.attention = layers.MultiHeadAttention(num_heads=heads, key_dim=size)
        self.cross = layers.MultiHeadAttention(num_heads=heads, key_dim=size)
        self.dense = layers.Dense(size, activation="relu")
        self.norm = layers.LayerNormalization()

    def call(self, target, source, scale=1.0, mask=None):
        x = self.attention(query=target, value=target, use_causal_mask=True)
        x = self.norm(x + target)
        return self.dense(self.cross(query=x, value=source, key=source)) * scale


a = keras.Input((None, 6))
b = keras.Input((7, 5))
"""


@pytest.mark.parametrize(
    "call", ["(a, b)", "(a, source=b)", "(source=b, target=a)", "(a, b, scale=2.0)", "(a, b, mask=None)"]
)
def test_a_layer_with_several_arguments_is_that_of_keras(call: str) -> None:
    source = f"{HEAD}m = keras.Model([a, b], Decoder(6, 2){call})\n"
    names: dict[str, Any] = {}
    exec(source, names)  # our own text
    assert lines(source) == [f"m: {names['m'].output_shape} {names['m'].count_params()}"]


@pytest.mark.parametrize("call", ["(a, b, factor())", "(a, **more)", "(*both)", "(a)"])
def test_arguments_that_are_not_known_are_not_followed(call: str) -> None:
    (line,) = lines(f"{HEAD}m = keras.Model([a, b], Decoder(6, 2){call})\n")
    assert line.endswith("?")


def test_a_layer_that_is_called_with_more_tensors_the_second_time_is_not_followed() -> None:
    source = HEAD.replace("target, source, scale", "target, source=None, scale").replace(
        "        return self.dense(", "        if source is None:\n            return x\n        return self.dense("
    )
    source += "d = Decoder(6, 2)\nm = keras.Model([a, b], [d(a), d(a, b)])\n"
    (line,) = lines(source)
    assert line.endswith("?")


@pytest.mark.parametrize(("second", "followed"), [("d(a, b, deep=True)", True), ("d(a, b, deep=False)", False)])
def test_a_layer_that_is_called_in_two_ways_is_not_followed(second: str, followed: bool) -> None:
    source = HEAD.replace("source, scale", "source, deep=None, scale").replace(
        "        return self.dense(", "        if not deep:\n            return x\n        return self.dense("
    )
    source += f"d = Decoder(6, 2)\nm = keras.Model([a, b], [d(a, b, deep=True), {second}])\n"
    (line,) = lines(source)
    assert line.endswith("?") is not followed


BUILT = """
import keras


class Scores(keras.layers.Layer):
    def build(self, {shapes}):
        self.first = self.add_weight(shape=({one}[-1], 4), name="first")
        self.second = self.add_weight(shape=({two}[-1], 4), name="second")

    def call(self, query, key, training=None):
        found = keras.ops.matmul(query, self.first)
        return found + keras.ops.matmul(key, self.second) if {both} else found


a, b = keras.Input((6,)), keras.Input((5,))
m = keras.Model([a, b], Scores()({call}))
"""


@pytest.mark.parametrize("call", ["a, b", "a, key=b", "key=b, query=a", "b, a"])
@pytest.mark.parametrize(
    "form",
    [
        {"shapes": "input_shape", "one": "input_shape", "two": "input_shape", "both": False},
        {"shapes": "query_shape, key_shape", "one": "query_shape", "two": "key_shape", "both": True},
        {"shapes": "key_shape, query_shape", "one": "query_shape", "two": "key_shape", "both": True},
    ],
)
def test_build_is_given_the_first_shape_or_those_that_it_names(form: dict[str, Any], call: str) -> None:
    source = BUILT.format(**form, call=call)
    names: dict[str, Any] = {}
    exec(source, names)  # our own text
    assert lines(source) == [f"m: {names['m'].output_shape} {names['m'].count_params()}"]


def test_a_shape_that_no_argument_has_is_not_followed() -> None:
    source = BUILT.format(
        shapes="query_shape, value_shape", one="query_shape", two="value_shape", both=True, call="a, b"
    )
    (line,) = lines(source)
    assert line.endswith("?")


@pytest.mark.parametrize("others", ["query_shape, key_shape", "query_shape, key_shape=None"])
def test_a_sequential_gives_the_shape_of_one_argument(others: str) -> None:
    source = BUILT.format(shapes=others, one="query_shape", two="query_shape", both=False, call="a, b")
    *_, line = lines(source + "n = keras.Sequential([a, Scores()])\n")
    assert line.endswith("?")


def test_an_argument_of_build_that_is_no_shape_is_the_programs_own() -> None:
    source = BUILT.format(shapes="shape, other=None", one="shape", two="shape", both=False, call="a")
    assert lines(source + "n = keras.Sequential([a, Scores()])\n") == ["m: (None, 4) 48", "n: (None, 4) 48"]
