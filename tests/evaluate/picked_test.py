"""Layers that are picked at a place that is not known: what is set on one of them is perhaps set on each."""

import pytest
from tests.evaluate.seen import models

HEAD = """import itertools, random, sys
import numpy as np
from keras import Input, Sequential
from keras.layers import Dense
n = int(sys.argv[1])
m = Sequential([Input((4,)), Dense(3, name="first"), Dense(2, name="last")])
"""


@pytest.mark.parametrize(
    "freezing",
    [
        "m.layers[n].trainable = False",
        "for layer in m.layers[:n]:\n    layer.trainable = False",
        "for layer, _ in zip(m.layers, range(n)):\n    layer.trainable = False",
        "for layer in dict(zip(range(n), m.layers)).values():\n    layer.trainable = False",
        "layers = iter(m.layers)\nfor _ in range(n):\n    next(layers).trainable = False",
        "layers = list(m.layers)\nfor _ in range(n):\n    layers.pop().trainable = False",
        "for layer in itertools.islice(m.layers, n):\n    layer.trainable = False",
        "for layer in np.array(m.layers)[:n]:\n    layer.trainable = False",
        "random.choice(m.layers).trainable = False",
        "for layer in random.sample(m.layers, 1):\n    layer.trainable = False",
        "max(m.layers, key=lambda layer: hash(layer.name)).trainable = False",
        "for layer in sorted(m.layers, key=lambda layer: hash(layer.name))[:1]:\n    layer.trainable = False",
        "for layer, _ in zip(m.layers, range(n)):\n    setattr(layer, 'trainable', False)",
        "setattr(m.layers[0], sys.argv[2], False)",
    ],
)
def test_which_layer_is_frozen_is_not_known(freezing: str) -> None:
    found = models(f"{HEAD}{freezing}\n")
    assert found
    assert all(any("is not known" in why.reason for why in m.graph.unresolved) for m in found)


def test_a_layer_that_is_popped_in_a_loop_is_popped_nobody_knows_how_often() -> None:
    (found,) = models(f"{HEAD}for _ in range(n):\n    m.pop()\n")
    assert [why.reason for why in found.graph.unresolved] == ["a loop over an unknown number of steps"]


def test_elements_that_a_loop_takes_away_leave_the_others_at_other_places() -> None:
    for taking in ("next(sizes)", "sizes.pop(0)"):
        sizes = "iter([3, 4, 5])" if "next" in taking else "[3, 4, 5]"
        rest = "next(sizes)" if "next" in taking else "sizes[0]"
        source = f"{HEAD}sizes = {sizes}\nfor _ in range(n):\n    {taking}\nother = Sequential([Input((4,)), Dense({rest})])\n"
        units = [m.graph.layers[-1]["units"] for m in models(source)]
        assert not isinstance(units[-1], int), taking
