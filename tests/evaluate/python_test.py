"""What Python does with values: each program gives its widths twice, run by Python and read by kerlint."""

from __future__ import annotations

from typing import Any

import pytest
from tests.evaluate.seen import models

BUILD = """
import keras
x = inputs = keras.Input((4,))
for u in widths():
    x = keras.layers.Dense(u)(x)
model = keras.Model(inputs, x)
"""
PROGRAMS = {
    "arguments by name": """
def widths():
    return [int(round(26.67, ndigits=-1)), int("1f", base=16), sum([1, 2], start=4), max([], default=6)]
""",
    "reverse is any true value": """
def widths():
    names = [3, 1, 2]
    names.sort(reverse=1)
    return names + sorted(names, reverse=0) + [len(key) for key in sorted({"a": 7, "bc": 9}, reverse=2)]
""",
    "sorted by what a function says": """
def widths():
    pairs = [("a", 3), ("b", 1), ("c", 3)]
    pairs.sort(key=lambda pair: -pair[1])
    return [ord(name) - 90 for name, _ in pairs]
""",
    "containers change in place": """
def widths():
    a = b = {"u": 2}
    a |= {"v": 3}
    l = m = [4]
    l *= 2
    m += range(5, 7)
    m += {8: None}
    s = t = {8}
    s |= {9}
    s -= {8}
    q = r = [1, 2]
    q = q + [3]
    return [*b.values(), *m, *t, *q, *r]
""",
    "shallow and deep copies": """
import copy
def widths():
    one = {"a": [1, 2], "b": {"u": 3}}
    one["c"] = one["a"]
    shallow, deep = copy.copy(one), copy.deepcopy(one)
    one["a"].append(9)
    one["b"] = {"u": 8}
    deep["a"].append(7)
    return shallow["a"] + deep["a"] + deep["c"] + [shallow["b"]["u"], deep["b"]["u"]]
""",
    "a dictionary with defaults begins with entries": """
from collections import defaultdict
def widths():
    d = defaultdict(list, {"a": [2]}, b=[3])
    d["c"].append(4)
    return d["a"] + d["b"] + d["c"] + [len(d)]
""",
    "names bound in comprehensions": """
def widths():
    n, k = 1, 9
    found = [n := n + k for k in range(1, 5)] + [y for k in (1, 2, 3) if (y := k * 2) > 3]
    while (n := n - 4) > 0:
        found.append(n)
    return found + [k, y]
""",
    "parts of paths": """
import os
def widths():
    return [len(os.path.basename("a/bc.h5")), len(os.path.dirname("abc/d/e")), len(os.path.join("a", "/b", "c"))]
""",
    "attributes that the class sets itself": """
class Doubled:
    def __init__(self):
        self.width = 3
    def __setattr__(self, name, value):
        super().__setattr__(name, value * 2)
class Counted:
    def __init__(self):
        object.__setattr__(self, "set", [])
        self.width = 3
    def __setattr__(self, name, value):
        self.set.append(name)
        self.__dict__[name] = value + 1
def widths():
    return [Doubled().width, Counted().width, len(Counted().set)]
""",
    "descriptors": """
class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name
    def __get__(self, instance, owner=None):
        return getattr(instance, self.name) * 2
    def __set__(self, instance, value):
        setattr(instance, self.name, value + 1)
class Config:
    width = Positive()
    def __init__(self, width):
        self.width = width
def widths():
    return [Config(3).width, Config(5).width]
""",
    "fields of dataclasses": """
from dataclasses import dataclass, field, InitVar
from typing import ClassVar
@dataclass
class Plain:
    shared: ClassVar[int] = 9
    width: int = 2
    depth: int = 3
@dataclass
class More(Plain):
    factor: InitVar[int] = 1
    total: int = field(default=0, init=False)
    sizes: list = field(default_factory=list)
    def __post_init__(self, factor):
        self.total = self.width * factor
def widths():
    a, b = Plain(4, 5), More(6, 7, 2, [8])
    same = Plain(4) == Plain(4, 3), a == b
    return [a.width, a.depth, a.shared, b.depth, b.total, *b.sizes, *vars(a).values(), *(3 if s else 4 for s in same)]
""",
    "named tuples are tuples": """
from collections import namedtuple
from typing import NamedTuple
class Block(NamedTuple):
    width: int
    times: int = 2
Pair = namedtuple("Pair", "a b", defaults=(5,))
def widths():
    found = []
    for width, times in [Block(4), Block(6, 1)]:
        found += [width] * times
    pair = Pair(2)
    a, b = pair
    return [*found, a, b, *pair, pair[-1], len(pair), 7 if pair == (2, 5) else 8]
""",
}


@pytest.mark.parametrize("way", PROGRAMS)
def test_a_program_means_what_python_makes_of_it(way: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(PROGRAMS[way], "m.py", "exec", dont_inherit=True), names)
    (model,) = models(PROGRAMS[way] + BUILD)
    assert [layer["units"] for layer in model.graph.layers[1:]] == names["widths"]()
    assert model.graph.complete


def test_a_copied_layer_is_another_one() -> None:
    source = """
import copy, keras
layer, x = keras.layers.Dense(4), keras.Input((4,))
model = keras.Model(x, {}(layer(x)))
"""
    assert not any(model.graph.complete for model in models(source.format("copy.deepcopy(layer)")))
    (shared,) = models(source.format("copy.copy([layer])[0]"))
    assert shared.graph.complete and [n.layer.kind for n in shared.graph.nodes] == ["InputLayer", "Dense", "Dense"]
    assert len(shared.graph.layers) == 2
