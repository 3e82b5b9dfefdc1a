"""What Python does with values: each program gives its widths twice, run by Python and read by kerlint."""

from __future__ import annotations

from typing import Any

import pytest
from tests.evaluate.seen import models

from kerlint.graph.dim import same

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
    "what a text says": """
def widths():
    sizes = {"a": 3}
    return [eval("sizes['a'] + 1"), eval("max")(2, 5), eval(" 7 ")]
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
    "parts of arrays": """
import numpy as np
def widths():
    a, found = np.zeros((12, 5)), []
    for parts in (np.split(a, 4), np.split(a, [3, 7]), np.array_split(a, 5), np.array_split(a, [2, 20], axis=-1)):
        found += [n for part in parts for n in part.shape if n]
    x, y = np.meshgrid(range(3), np.arange(4))
    u, v, w = np.meshgrid(np.arange(2), [1, 2, 3], range(4), indexing="ij")
    points = np.stack([np.reshape(x, (-1,)), np.reshape(y, (-1,))], axis=-1)
    far = np.stack([np.abs(points - point) for point in points])
    return [*found, *x.shape, *w.shape, *points.shape, *far.shape]
""",
    "what is counted": """
from collections import Counter
def widths():
    c = Counter("abracadabra")
    c.update(["a", "z"])
    c.update({"z": 2})
    c.subtract(b=1)
    c["a"] += c["none"]
    return [c["a"], c["z"], c["b"] + c["none"] + 1, len(c), *(n + ord(k) for k, n in c.most_common(2)), c.total(),
            len(list(Counter(a=2, b=3).elements())), *dict(Counter([7, 7, 8])).values()]
""",
    "groups of neighbours": """
from itertools import groupby
def widths():
    runs = [ord(k) - 90 + len(list(group)) for k, group in groupby("aaabbc")]
    for odd, group in groupby([1, 3, 2, 5], key=lambda n: n % 2):
        runs.append(sum(group) + odd)
    return runs
""",
    "classes of classes": """
import enum
class A: pass
class B(A): pass
class C(dict, B): pass
def widths():
    asked = [(B, A), (A, B), (C, dict), (C, (str, A)), (bool, int), (int, bool), (str, object), (B, object), (int, A)]
    return [2 + issubclass(cls, kinds) for cls, kinds in asked]
""",
    "copies of dataclasses": """
from dataclasses import asdict, astuple, dataclass, field, replace
@dataclass
class Inner:
    width: int = 2
@dataclass
class Outer:
    sizes: list = field(default_factory=lambda: [3, 4])
    inner: Inner = field(default_factory=Inner)
    whole: int = field(init=False, default=0)
    def __post_init__(self):
        self.whole = sum(self.sizes) + self.inner.width
def widths():
    one = Outer()
    other = replace(one, inner=replace(one.inner, width=5))
    d, t = asdict(other), astuple(one)
    other.sizes.append(6)
    other.inner.width = 8
    return [*d["sizes"], d["inner"]["width"], d["whole"], *t[0], t[1][0], t[2], *one.sizes, one.inner.width, other.whole, *map(len, d)]
""",
    "classes of containers": """
class Stack(list):
    def push(self, *items):
        for item in items:
            self.append(item)
        return self
class Begun(list):
    def __init__(self, *given):
        super().__init__(given)
        super().append(9)
class Config(dict):
    def __getattr__(self, name):
        return self[name]
class Counting(dict):
    def __missing__(self, key):
        return 4
def widths():
    s, c, b = Stack(), Config(units=7, rates=[2, 3]), Begun(5, 6)
    empty = 3 if s else 2
    s.push(8, 1)[1] = 6
    t = s
    t += [4]
    s.extend([11, 12])
    del s[0]
    c["more"] = len(s)
    c.update(last=s.pop())
    return [*s, empty, len(t), c.units, *c.rates, *c["rates"], c.more, c.last, len(c), *b, sum(b), max(s),
            3 if 4 in s else 2, 3 if s == [6, 4, 11] else 2, 3 if isinstance(c, dict) else 2, c.get("none", 5),
            *sorted(s), *Config({"a": 2}).values(), *[n for n in Stack([3, 4])]]
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
    "operators of objects": """
class Chain:
    def __init__(self, *widths):
        self.widths = list(widths)
    def __rshift__(self, width):
        self.widths.append(width)
        return self
    def __iadd__(self, width):
        self.widths.append(width + 1)
        return self
    def __mul__(self, times):
        return Chain(*(self.widths * times))
    def __radd__(self, width):
        return width + sum(self.widths)
    def __neg__(self):
        return Chain(*self.widths[::-1])
def widths():
    chain = other = Chain(2)
    chain >> 3 >> 4
    chain += 5
    return [*other.widths, *(chain * 2).widths, *(-chain).widths, 1 + chain]
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
    "iterators give each element once": """
def pairs():
    yield 2
    yield 3
def widths():
    it, g, known = iter([4, 5, 6, 7]), (u for u in (1, 2, 3)), pairs()
    found = [a * 10 + b for a, b in zip(it, it)] + [10 * a + b for a, b in zip(*[iter([4, 5, 6, 7])] * 2)]
    found.append(next(known))
    for u in known:
        found.append(u * 2)
    if 2 in g:
        found.append(50 + sum(g))
    it = iter([8, 9, 10])
    for u in it:
        found.append(u + next(it, 3))
    empty = (u for u in ())
    return found + ([50] if empty else []) + ([51] if filter(None, []) else []) + [next((u for u in found if u > 5), 3)]
""",
    "fields that are not compared": """
from dataclasses import dataclass, field
@dataclass
class Block:
    units: int = 4
    tag: str = field(default="a", compare=False)
def widths():
    found = [Block(tag="b") == Block(tag="c"), Block(3) == Block()]
    return [9 if one else 8 for one in found] + [Block().units, Block(2, "c").units, len(Block(2, "c").tag)]
""",
    "what a wrapper is called": """
import functools
def named(make):
    @functools.wraps(make)
    def inner(*given):
        return make(*given)
    return inner
@named
def wide(u):
    return u * 2
def widths():
    return [wide(3), len(wide.__name__), len(wide.__qualname__)]
""",
    "keys are a set": """
def widths():
    one, two, left = {3: 0, 4: 0, 5: 0}, {4: 0, 7: 0}, set()
    try:
        left = {3, 9} - one.keys()
    except TypeError:
        left.add(100)
    left ^= two.keys() & one.keys()
    return [*sorted(left), *sorted(one.keys() | two.keys()), *sorted(one.keys() ^ {4}), *sorted(two.keys() - one.keys())]
""",
    "what is calculated when it is taken": """
class Box: n = 4
def numbers(found):
    found.append(60)
    yield 1
def widths():
    found, box = [1], Box()
    map(found.append, [11, 12])
    filter(found.append, [13])
    map(lambda pair: setattr(box, *pair), zip(["n"], [7]))
    given = (found.append(14) for _ in range(2))
    enumerate(map(found.append, [15]))
    numbers(found)
    list(map(found.append, [2, 3]))
    any(found.append(u) or u > 4 for u in (4, 5, 6))
    all(u < 8 and not found.append(u) for u in (7, 8, 9))
    next(found.append(u) or u for u in (10, 16))
    for u, _ in zip(range(1, 3), (found.append(20 + u) for u in (1, 2, 3))):
        found.append(u)
    u, step = 30, (u for u in (31, 32))
    for u in step:
        found += [u, next(step, 33)]
    sizes = [34]
    late = (u for u in sizes)
    sizes.append(35)
    found += late
    found[1:1] = (u for u in (36, 37))
    return [*found, box.n, *numbers(found), len(found), len("".join(str(v) for v in (1, 2)))]
""",
    "generators run as far as they are asked": """
from itertools import chain, islice
def widths():
    done, deep = [], {"n": 40}
    def steps(*marks):
        for mark in marks:
            done.append(mark)
            deep["n"] += 1
            yield mark
            done.append(mark + 10)
    def both():
        yield from steps(1, 2)
        done.append(99)
    def fails():
        yield 4
        raise ValueError
    never, begun = steps(50), both()
    next(begun)
    for mark in steps(3, 4, 5):
        done.append(mark + 20)
        if mark == 4:
            break
    for place, mark in enumerate(steps(6, 7)):
        if place:
            break
    found = [3 in steps(3, 8), any(steps(9, 9)), *zip((1, 2), steps(6, 7, 8))][2:]
    found = [mark for pair in found for mark in pair] + [*islice(steps(1, 2, 3), 2)]
    try:
        for mark in fails():
            done.append(mark)
    except ValueError:
        done.append(77)
    next(chain(map(done.append, [31, 32]), steps(33)))
    return found + done + [deep["n"]]
""",
    "iterators see what their lists get": """
from itertools import chain, islice
def widths():
    sizes, named, other = [3, 5], {"a": 2}, {"a": 2}
    made = [zip(sizes, sizes), enumerate(sizes), iter(sizes), map(int, sizes), filter(None, sizes), chain(sizes, [1])]
    made += [islice(sizes, 5), reversed(sizes), named.values(), iter(other.values())]
    sizes.append(7)
    sizes[0], named["a"], named["b"], other["a"] = 4, 6, 8, 3
    found = []
    for each in made:
        for size in each:
            found += [u + 1 for u in size] if isinstance(size, tuple) else [size]
            if len(sizes) < 5:
                sizes.append(size + 2 if isinstance(size, int) else 9)
    return found + [len(named.keys())]
""",
    "names of a function are its own before they are bound": """
size, max_size, size_of, walked, made, gone, error, u, last = 3, 4, 5, 6, 7, 8, 9, 10, 11
def adds(): size += 1
def later():
    found = [max_size]
    max_size = 2
def names(): return [size_of, (size_of := 1)]
def over():
    for _ in ():
        walked = 1
    return walked
def defines():
    made(1)
    def made(n): return n
def imports():
    len("")
    import math as len
def deletes():
    gone = 1
    del gone
    return gone
def handles():
    try:
        1 // 0
    except ZeroDivisionError as error:
        pass
    return error
def matches():
    match 3:
        case [u]: pass
    return u
def inner():
    def read(): return last
    read()
    last = 1
def again():
    del size
    size = 1
def widths():
    found = []
    for way in (adds, later, names, over, defines, imports, deletes, handles, matches, inner, again):
        try:
            way()
            found.append(20)
        except UnboundLocalError:
            found.append(30)
        except NameError:
            found.append(40)
    class Sizes:
        size = size + 1
        def read(self): return size
    def bound():
        nonlocal kept
        kept = 50
    bound()
    kept, listed = kept + 1, [size for size in (1, 2)]
    return found + [Sizes.size, Sizes().read(), kept, *listed, (lambda: u)(), size]
""",
    "what takes entries and attributes": """
from collections import namedtuple
from operator import attrgetter, itemgetter
Size = namedtuple("Size", "u v")
def widths():
    pairs, size = [("a", 3), ("b", 1)], Size(5, 6)
    found = [*sorted(pairs, key=itemgetter(1))[0][1:], *itemgetter("u", "v")({"v": 2, "u": 4}), *attrgetter("u", "v")(size)]
    return found + [max(pairs, key=itemgetter(1))[1], *map(attrgetter("v"), [size])]
""",
    "what is calculated of all elements": """
import functools, itertools, math
def widths():
    found = [math.prod([2, 3], start=2), math.isqrt(17), math.lcm(4, 6), math.perm(4, 2), int(math.hypot(3, 4))]
    found += [a + b for a, b in itertools.pairwise([1, 2, 3])]
    found += itertools.accumulate([1, 2], lambda a, b: a + 3 * b, initial=2)
    found += itertools.accumulate((1, 2, 3))
    found += itertools.starmap(pow, [(2, 3), (3, 2)])
    return found + [functools.reduce(max, [2, 7, 3]), functools.reduce(lambda a, b: a + [b], (5, 6), [4])[-1]]
""",
    "texts as Python formats them": """
def widths():
    n, share, sizes = 7, 0.5, [1, (2, 3)]
    texts = [f"{n:03d}", f"{share:.2f}", f"{n!r:>5}", f"{sizes}", "{:.3f}|{!s:>9}".format(share, sizes), str(sizes)]
    return [len(text) for text in [*texts, f"{n:{n}d}"]]
""",
    "the first key of a dictionary": """
def widths():
    sizes = {"u": 3, "v": 4}
    keys = iter(sizes)
    return [sizes[next(iter(sizes))], *(sizes[key] for key in keys), len([*keys]) + 1]
""",
    "a pattern takes apart what it fits": """
def size(value):
    match value:
        case [1, *_]: return 10
        case [u, [v, *w]] if u < v: return u + v + len(w)
        case [*u, 9]: return 20 + len(u)
        case []: return 30
        case {"u": _}: return 40
        case None: return 50
        case _: return 60
def widths():
    return [*map(size, [[1], (1, 2), [2, [3, 4, 5]], [3, [2]], [7, 8, 9], [], None, "ab", 3.5, (4, 9)])]
""",
    "generators that go on by what stays": """
class Net:
    def __init__(self):
        self.sizes, self.made = [3, 4], []
    def blocks(self):
        for u in self.sizes:
            yield self.block(u)
    def block(self, u):
        return u + 1
def widths():
    net, step, found = Net(), 1, []
    for place, (u, v) in enumerate(zip(net.blocks(), map(lambda u: u + 5, [2, 1]))):
        step += 1
        net.made.append(u)
        found += [u, v, place + step]
    return found + [*net.made, *(u + step for u in (1, 2))]
""",
}


CHANGED = {
    "a list that grows": ("sizes = [2, 3]", "for u in sizes: yield u", "if len(sizes) < 5: sizes.append(7)"),
    "a name": ("size = 2", "for k in (1, 2): yield size", "global size; size = 5"),
    "an attribute": ("class C: size = 2", "for k in (1, 2): yield C.size", "C.size += 1"),
    "of what a function reads": (
        "sizes = {'u': 2}\ndef read(): return sizes['u']", "for k in (1, 2): yield read()", "sizes['u'] = 8",
    ),
}  # fmt: skip
WALKED = {
    "in a loop": "for u in steps():\n        found.append(u)\n        CHANGE",
    "numbered": "for _, u in enumerate(steps()):\n        found.append(u)\n        CHANGE",
    "later": "made = steps()\n    CHANGE\n    found.extend(made)",
    "by next()": "made = zip(steps())\n    found += [next(made)[0]]\n    CHANGE\n    found += [next(made)[0]]",
}


@pytest.mark.parametrize("walk", WALKED)
@pytest.mark.parametrize("what", CHANGED)
def test_a_generator_goes_on_by_what_was_changed_meanwhile(what: str, walk: str) -> None:
    before, steps, change = CHANGED[what]
    head, _, tail = change.rpartition("; ")
    body = f"    found = []\n    {WALKED[walk].replace('CHANGE', tail)}\n    return found\n"
    source = f"{before}\ndef steps():\n    {steps}\ndef widths():\n    {head or 'pass'}\n{body}"
    names: dict[str, Any] = {}
    exec(source, names)
    widths = names["widths"]()  # Python runs it
    (model,) = models(source + BUILD)
    assert [layer["units"] for layer in model.graph.layers[1:]] == widths


@pytest.mark.parametrize("pattern", ["{'u': u}", "list([u, *_])", "dict(u=u)", "{'u': 2 | 3 as u, **rest}"])
def test_a_pattern_that_is_not_followed_leaves_the_model_incomplete(pattern: str) -> None:
    source = f"def widths():\n    match {{'u': 3}}:\n        case {pattern}: return [4]\n    return [5]\n"
    assert not any(model.graph.complete for model in models(source + BUILD))


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


@pytest.mark.parametrize(
    "again", ["map(int, '23')", "zip([2, 3])", "(u for u in (2, 3))", "filter(None, [2])", "iter([2])", "reversed([2])"]
)
def test_what_was_walked_before_is_not_walked_again(again: str) -> None:
    """It is empty in Python 3, and a list for some functions of Python 2: no model rests on either."""
    source = f"walked = {again}\nfirst = list(walked)\ndef widths():\n    return [4, *(5 for _ in walked)]\n"
    assert not any(model.graph.complete for model in models(source + BUILD))
    once = source.replace("first = list(walked)", "")
    assert all(model.graph.complete for model in models(once + BUILD))


REFUSED = {
    "two layers of one name": "model = keras.Model(x, Dense(3, name='a')(Dense(3, name='a')(x)))",
    "two layers of one name, added": "model = keras.Sequential([x, Dense(3, name='a')])\nmodel.add(Dense(3, name='a'))",
    "an input that is not given": "model = keras.Model(y, Dense(3)(x))",
    "a layer on another width": "d = Dense(3)\nmodel = keras.Model([x, y], [d(x), d(y)])",
    "a part of a model on another width": (
        "whole = keras.Sequential([x, Dense(7), Dense(6)])\nmodel = keras.Sequential([y, *whole.layers[1:]])"
    ),
}


@pytest.mark.keras
@pytest.mark.parametrize("what", REFUSED)
def test_what_keras_refuses_is_no_complete_model(what: str) -> None:
    head = "import keras\nfrom keras.layers import Dense\nx, y = keras.Input((4,)), keras.Input((5,))\n"
    with pytest.raises(ValueError):
        exec(head + REFUSED[what], {})
    assert not any(m.graph.complete for m in models(head + REFUSED[what]) if "model" in m.variables)


def test_a_renamed_layer_may_have_another_name() -> None:
    """``layer._name = ...`` in Keras 2: two networks of one kind become one model."""
    source = """
import keras
x = keras.Input((4,))
def net():
    return keras.Model(x, keras.layers.Dense(3, name="out")(x))
one, other = net(), net()
for layer in other.layers[1:]:
    layer._name = "other_" + layer.name
model = keras.Model(x, [one.output, other.output])
"""
    assert all(model.graph.complete for model in models(source))


NUMBERS = ["int(np.clip(9, 1, 5))", "int(np.square(3))", "int(np.ones_like(3))",
           "int(np.float32(3))", "int(np.array(4))", "int(np.linspace(0, 10, 4, dtype=int)[1])"]  # fmt: skip


@pytest.mark.parametrize("width", NUMBERS)
def test_a_number_of_numpy_is_right_or_not_known(width: str) -> None:
    names: dict[str, Any] = {}
    exec(f"import numpy as np\ndef widths():\n    return [{width}]", names)
    for model in models(f"import numpy as np\ndef widths():\n    return [{width}]\n{BUILD}"):
        assert same(model.graph.layers[1]["units"], names["widths"]()[0]) is not False


UNKNOWN = {
    "of two arrays": "xs, ys = np.arange(100) % 7, np.arange(100) % 11\na = len(np.unique(xs))\nB = len(np.unique(ys))",
    "methods of two arrays": "xs, ys = np.arange(9) % 7, np.arange(9) % 5\na = int(xs.max())\nB = int(ys.max())",
    "rows of an array": "x, y = np.arange(100).reshape(2, 50)\na = int(x.max())\nB = int(y.max())",
    "an array that is changed": "x = np.zeros(9)\na = int(x.max())\nx[0] = 9\nB = int(x.max())",
    "of two dictionaries": "import json\na = len(json.dumps({'a': 1}))\nB = len(json.dumps({'a': 1, 'b': 2}))",
    "of two objects": (
        "class U:\n    def __init__(self, n):\n        self.n = n\n    def __index__(self):\n        return self.n\n"
        "a = int(U(3))\nB = int(U(5))"
    ),
    "of two functions": "a = sum(outside(lambda: 3))\nB = sum(outside(lambda: 5))",
    "of long texts": f"a = len(open('{'x' * 90}a').read())\nB = len(open('{'x' * 90}b').read())",
    "of long lists": "a = len(repr([0] * 30 + [1]))\nB = len(repr([0] * 30 + [10]))",
    "from outside": "import json\na = int(json.loads('3'))\nB = int(json.loads('5'))",
    "before a column is gone": "df = pd.read_csv('x')\na = df.shape[1]\ndf.pop('y')\nB = df.shape[1]",
}


@pytest.mark.parametrize("late", [False, True], ids=["module", "function"])
@pytest.mark.parametrize("what", UNKNOWN)
def test_two_unknown_values_are_not_one(what: str, late: bool) -> None:
    """Wherever they are made: both at the module's level, or the second one in a function."""
    first, _, second = UNKNOWN[what].rpartition("\nB = ")
    source = f"""
import keras
import numpy as np
import pandas as pd
{first}
{"" if late else f"b = {second}"}
def build():
    b = {second if late else "globals()['b']"}
    x = keras.Input((4,))
    return keras.Model(x, keras.layers.Dense(b)(keras.layers.Dense(a)(x)))
"""
    for model in models(source):
        a, b = (layer["units"] for layer in model.graph.layers if layer.kind == "Dense")
        assert same(a, b) is not True, (a, b)


def test_the_layers_of_a_model_are_applied_one_after_the_other() -> None:
    """Its input layer as well: it is none of another model."""
    source = """
import keras
old = keras.applications.MobileNet(weights=None, include_top=False, input_shape=(64, 64, 3))
x = inputs = old.input
for layer in old.layers:
    x = keras.layers.ReLU()(x) if layer.__class__ == keras.layers.ReLU else layer(x)
model = keras.Model(inputs, x)
"""
    assert all(model.graph.complete for model in models(source))
