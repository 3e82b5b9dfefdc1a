"""What the program's own classes do at an assignment, a loop, ``len()`` and ``[]``; names that ``globals()`` sets."""

from __future__ import annotations

from typing import Any

import pytest
from tests.evaluate.seen import lines, models, params

HEAD = """\
import keras
from keras import Sequential
from keras.layers import Dense
"""
END = "x = keras.Input((5, 4))\nm = keras.Model(x, LAYER(x))\n"
TAIL = "m = Sequential([keras.Input((4,)), *(Dense(n) for n in found)])\n"

PROPERTY = """\
class C:
    def __init__(self): self._n = 1
    @property
    def n(self): return self._n
    @n.setter
    def n(self, value):
        self._n = 2 * value
        log.append(value)
    def get(self): return self._n + 100
    def put(self, value): self._n = 3 * value
    other = property(get, put)
log = []
c = C()
c.n = 5
c.n += 1
found = [c.n, *log]
c.other = 5
found += [c.other, c.n]
"""
WALK = """\
class Walk:
    def __init__(self, last): self.at, self.last = 0, last
    def __iter__(self):
        seen.append('i')
        return self
    def __next__(self):
        if self.at == self.last:
            raise StopIteration
        self.at += 1
        return self.at
    def __len__(self):
        seen.append('l')
        return self.last
seen = []
found = [n for n in Walk(3)] + [len(Walk(6))]
for k, n in enumerate(Walk(2)):
    found.append(n + 10 * k)
w = iter(Walk(9))
found += [next(w), next(w), len(seen)]
"""
GIVE = """\
class Give:
    def __iter__(self):
        yield 3
        yield from (4, 5)
found = [*Give()]
"""
INDEX = """\
class Rows:
    def __init__(self): self.rows, self.asked = [3, 1], 0
    def __getitem__(self, k):
        self.asked += 1
        return self.rows[k]
    def __setitem__(self, k, value): self.rows.append(k + value)
    def __len__(self): return len(self.rows)
rows = Rows()
rows[5] = 2
found = list(rows) + [rows.asked, rows[0], rows.asked, len(rows)]
"""
GLOBALS = """\
def put(name, value): globals()[name] = value
for k in (1, 2):
    globals()[f'n{k}'] = 5 * k
put('other', 7)
globals().update(last=9)
found = [n1, n2, other, last, globals()['n2']]
"""


COMPARED = """\
class Bag:
    size = 40
    def __eq__(self, other): return True
    def __lt__(self, other): return other == 4
    def __contains__(self, x): return x == 2
bag = Bag()
found = [7 if bag == 3 else 8, 1 if 5 == bag else 2, 3 if bag < 4 else 5, 3 if 4 > bag else 5, 9 if bag != 3 else 4]
found += [4 if 2 in bag else 6, 4 if 3 not in bag else 6]
bag.size = 8
del bag.size
found.append(bag.size)
setattr(bag, "size", 3)
delattr(bag, "size")
found.append(bag.size)
"""


@pytest.mark.parametrize("source", [PROPERTY, WALK, GIVE, INDEX, GLOBALS, COMPARED])
def test_the_program_s_own_objects_do_what_python_does(source: str) -> None:
    names: dict[str, Any] = {"__name__": "program"}
    exec(HEAD + source + TAIL, names)
    made = names["m"]
    assert lines(HEAD + source + TAIL) == [f"m: {made.output_shape} {made.count_params()}"]


def test_names_that_something_unknown_brings_are_as_those_of_an_import() -> None:
    (model,) = models(HEAD + "found = [3]\nglobals().update(context())\n" + TAIL)
    assert model.graph.complete


@pytest.mark.parametrize(
    "source",
    [
        "class W:\n    def __iter__(self): return self\n    def __next__(self): return 3\nfound = W()\n",
        "class W:\n    def __getitem__(self, k): return rows[k]\nfound = W()\n",
        "found = [3]\nglobals()[name] = [4]\n",
    ],
)
def test_what_is_not_known_leaves_the_model_incomplete(source: str) -> None:
    (model,) = models(HEAD + source + TAIL)
    assert not model.graph.complete


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ("[m(s), m(s)]", "(None, 4) (None, 4) 20"),
        ("[m(s), m(s, flag=False), m(s, False), m(s, training=True)]", "(None, 4) (None, 4) (None, 4) (None, 4) 20"),
        ("[m(s), m(s, flag=True)]", "(None, 4) ? ?"),
        ("[m(s, True), m(s)]", "? (None, 4) ?"),
    ],
)
def test_a_model_that_is_called_with_another_flag_is_not_followed(calls: str, found: str) -> None:
    """It may build other layers then: neither it nor what it is part of is known."""
    source = """
from keras import layers, Model, Input
class N(Model):
    def __init__(self):
        super().__init__()
        self.d, self.e = layers.Dense(4), layers.Dense(9)
    def call(self, x, flag=False, training=None):
        return self.e(x) if flag else self.d(x)
m, s = N(), Input((4,))
"""
    assert lines(f"{source}whole = Model(s, {calls})\n") == [f"N: (None, 4) {found[-2:].strip()}", f"whole: {found}"]


ENUM = """\
import enum
class Size(enum.Enum):
    SMALL = 3
    MED = 5
    ALSO = 3
    def twice(self): return self.value * 2
class Kind(enum.IntEnum):
    A = 1
    B = 7
class Word(str, enum.Enum):
    X = 'relu'
found = [s.value for s in Size] + [len(Size), Size(5).twice(), Size['MED'].value, len(Size.MED.name)]
found += [1 + (Size.MED == 5), 1 + (Size.SMALL is Size.ALSO), 1 + isinstance(Size.MED, int), 1 + (Size.MED in Size)]
found += [Kind.A, Kind.B.value, len(Word.X), len(Word.X.value)]
"""
EQUAL = """\
from dataclasses import dataclass
@dataclass(eq=False)
class A:
    n: int = 1
@dataclass
class B:
    n: int = 1
class D:
    def __eq__(self, other): return True
found = [1 + (A() == A()), 1 + (B() == B()), 1 + (B(2) != B())]
"""
BY_VALUE = """\
from dataclasses import dataclass
@dataclass(frozen=True)
class B:
    n: int = 1
class Register(type):
    made = []
    def __new__(mcs, name, bases, names):
        cls = super().__new__(mcs, name, bases, names)
        mcs.made.append(cls)
        return cls
class One(metaclass=Register):
    n = 2
found = [FOUND]
"""


def units(source: str) -> list[Any]:
    """How wide the layers are."""
    (model,) = models(HEAD + source + TAIL)
    assert model.graph.complete
    return [n.output.shape[-1] for n in model.graph.nodes][1:]


def test_members_of_an_enumeration_are_objects_that_have_values() -> None:
    assert units(ENUM) == [3, 5, 2, 10, 5, 3, 1, 2, 1, 2, 1, 7, 4, 4]


def test_objects_are_equal_as_their_class_says() -> None:
    assert units(EQUAL) == [1, 2, 2]


@pytest.mark.parametrize("found", ["len({B(), B()})", "1 + ([B()] == [B()])", "len(Register.made)", "One.n"])
def test_what_hangs_on_equality_or_a_metaclass_is_never_guessed(found: str) -> None:
    """Two equal objects are one key, a metaclass may do anything: what is made of it is unknown, or asked."""
    made = models(HEAD + BY_VALUE.replace("FOUND", found) + TAIL)
    assert all(not isinstance(n.output.shape[-1], int) for m in made[:1] for n in m.graph.nodes[1:]) or len(made) > 1


def test_a_class_of_keras_is_none_of_the_program() -> None:
    assert units("class A: pass\ndef f(x): return x\nfound = [1 + (Dense is A), 1 + (Dense in (A, f))]\n") == [1, 1]


def test_what_a_layer_of_the_program_has_besides() -> None:
    source = """
import keras
class Own(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3 if hasattr(self, "register_buffer") else 2)
    def call(self, x):
        return self.dense(x)
class Lent(Own):
    def __getattr__(self, name):
        return 5
class Mixed(keras.layers.Layer, somebody.Mixin):
    def call(self, x):
        return keras.layers.Dense(3 if hasattr(self, "register_buffer") else 2)(x)
class Old(object):
    pass
x = keras.Input((4,))
m = keras.Model(x, Own()(x))
o = keras.Model(x, keras.layers.Dense(3 if hasattr(Old(), "size") else 2)(x))
p = keras.Model(x, Mixed()(x))
n = keras.Model(x, keras.layers.Dense(3 if hasattr(Lent(), "whatever") else 2)(x))
"""
    found = [f"{model.name}: {params(model)}" for model in models(source, keras=3)]
    assert sorted({*found}) == ["m: 10", "n: 10", "n: 15", "o: 10", "p: ?"]  # what __getattr__() gives is asked


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        ("keras.layers.RNN(Own())", "cell is given an object of Own"),
        ("Dense(numpy.zeros(3))", "units is given an array"),
        ("Dense(Own)", "units is given a class"),
    ],
)
def test_what_a_layer_is_given_that_is_not_followed_is_said(layer: str, why: str) -> None:
    source = f"import keras, numpy\nfrom keras.layers import Dense\nclass Own(keras.layers.Layer):\n    pass\n{END}"
    (model,) = models(source.replace("LAYER", layer))
    assert any(why in one.reason for one in model.graph.unresolved)
