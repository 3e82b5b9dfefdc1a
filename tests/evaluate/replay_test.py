"""Undecided conditions: the graphs that are found are those of all calls that are really possible."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evaluate.seen import evaluated, layers, lines, models

from kerlint.evaluate.run import ALL
from kerlint.graph import count
from kerlint.graph.facts import Evaluation

K = "from keras.models import Sequential, Model\nfrom keras.layers import *\n"
HEAD = K + "def build({flags}):\n    m = Sequential()\n    m.add(Dense(1, input_shape=(4,)))\n"


class Recorder:
    """Stands for a Sequential when the builder is really run: keeps the sizes."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def add(self, size: int) -> None:
        self.sizes.append(size)


def really(source: str, *values: tuple[object, ...]) -> set[tuple[int, ...]]:
    """The sizes of the layers for every call that Python does not refuse, by running the builder."""
    names: dict[str, Any] = {"Sequential": Recorder, "Dense": lambda units, **_: units}
    exec(compile(source.replace(K, ""), "builder", "exec"), names)  # our own text, no user's
    sizes: set[tuple[int, ...]] = set()
    for call in product(*values):
        with suppress(TypeError):
            sizes.add(tuple(names["build"](*call).sizes))
    return sizes


def sizes(seen: Evaluation) -> set[tuple[int, ...]]:
    """The sizes of the layers of every model that kerlint sees."""
    return {tuple(layer["units"] for layer in m.graph.layers) for m in seen.models}


def found(source: str) -> set[tuple[int, ...]]:
    """Likewise, of a source."""
    return sizes(evaluated(source))


FLAG = (False, True)
# What is asked of one value, and values that answer it in all ways there are. (1 is True, but not for ``is``.)
ASKED: list[tuple[list[str], tuple[object, ...]]] = [
    (["a", "bool(a)", "a is True", "a == True", "a is None", "a != False"], (None, *FLAG, 5, "", "x")),
    (
        ["a", "a > 3", "not a <= 3", "3 < a", "a >= 4", "a == 2", "a != 0", "2 <= a < 4", "a in (2, 3)"],
        (None, *FLAG, -1, 0, 1, 2, 2.5, 3, 3.5, 4, 5),
    ),
    (
        ["a", "a == 'x'", "'y' == a", "a in ('x', 'y')", "a not in tuple('xyzabcd')", "a is None", "a > 'x'"],
        (None, *FLAG, 7, "", "x", "y", "z", "b", "e", "xx", "~"),
    ),
    (
        ["a", "len(a)", "len(a) > 0", "0 == len(a)", "len(a) >= 2", "not bool(len(a))", "1 < len(a) < 3"],
        ("", *(range(n) for n in range(5))),
    ),
    (["a < b", "b > a", "a >= b", "a == b", "not b != a", "a <= b"], (1, 2, 3)),
]
ADD = st.integers(1, 9).map(lambda n: [f"m.add(Dense({n}))"])


def conditions(asked: list[str]) -> st.SearchStrategy[str]:
    """Conditions out of some of the questions and of the flag ``c``."""
    some = st.lists(st.sampled_from(asked), min_size=2, max_size=3, unique=True)
    forms = st.sampled_from(["{}", "{}", "not ({})", "({}) and c", "{} or not c", "c"])
    return some.flatmap(lambda drawn: st.tuples(forms, st.sampled_from(drawn)).map(lambda t: t[0].format(t[1])))


def indented(blocks: list[list[str]]) -> list[str]:
    """The lines of blocks, one level in."""
    return ["    " + line for block in blocks for line in block]


def statements(condition: st.SearchStrategy[str], depth: int) -> st.SearchStrategy[list[list[str]]]:
    """Blocks of statements, nested so many levels: without a bound, loops in loops may be drawn that run for hours."""
    sized = st.tuples(condition, st.integers(1, 9))
    assigned = sized.map(lambda t: ["n = 2", f"if {t[0]}:", f"    n = {t[1]}", "m.add(Dense(n))"])
    helper = sized.map(lambda t: [f"helper(m, {t[0]}, {t[1]})"])
    if not depth:
        return st.lists(st.one_of(ADD, helper, assigned), min_size=1, max_size=3)
    inner = statements(condition, depth - 1)
    branch = st.tuples(condition, inner, st.none() | inner).map(
        lambda t: [f"if {t[0]}:", *indented(t[1]), *(["else:", *indented(t[2])] if t[2] else [])]
    )
    loop = st.tuples(st.integers(1, 3), inner).map(lambda t: [f"for i in range({t[0]}):", *indented(t[1])])
    return st.lists(st.one_of(ADD, branch, loop, helper, assigned), min_size=1, max_size=3)


HELPER_TEXT = "def helper(m, flag, n):\n    if flag:\n        m.add(Dense(n))\n"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_graphs_are_those_of_all_possible_calls(data: st.DataObject) -> None:
    asked, values = data.draw(st.sampled_from(ASKED))
    blocks = data.draw(statements(conditions(asked), depth=2))
    body = "\n".join(indented(blocks))
    source = K + HELPER_TEXT + HEAD.format(flags="a, b, c").replace(K, "") + body + "\n    return m\n"
    calls, seen = really(source, values, values if "b" in asked[0] else (1,), FLAG), evaluated(source)
    assert sizes(seen) <= calls
    if seen.decisions[1] <= ALL:  # every combination is looked at
        assert sizes(seen) == calls


def test_one_flag_in_a_loop_is_one_decision() -> None:
    source = (
        HEAD.format(flags="deep")
        + "    for i in range(4):\n        if deep:\n            m.add(Dense(2))\n    return m\n"
    )
    assert found(source) == {(1,), (1, 2, 2, 2, 2)}
    assert evaluated(source).decisions == (1, 1)


def test_equality_excludes_other_values() -> None:
    source = HEAD.format(flags="x") + (
        "    if x == 'a':\n        m.add(Dense(2))\n    if x == 'b':\n        m.add(Dense(3))\n    return m\n"
    )
    assert found(source) == {(1, 2), (1, 3), (1,)}


def test_a_side_that_raises_yields_nothing() -> None:
    source = (
        HEAD.format(flags="x")
        + "    if x not in ('a', 'b'):\n        raise ValueError(x)\n    m.add(Dense(2 if x == 'a' else 3))\n    return m\n"
    )
    assert found(source) == {(1, 2), (1, 3)}


def test_what_fails_whatever_is_assumed_has_built_what_it_built() -> None:
    """``train`` lacks an argument: no assumption is wrong, and nothing behind the call is reached."""
    build = HEAD.format(flags="more") + "    if more:\n        m.add(Dense(2))\n    m.compile('sgd')\n    return m\n"
    source = f"{build}def train(m, epochs):\n    pass\na = build(given())\ntrain(a)\nb = Sequential([Dense(3)])\n"
    assert sorted(lines(source)) == ["build: (None, 1) 5", "build: (None, 2) 9"]


RAISING = """
import keras
from keras.layers import Dense
def build(x):
    m = keras.Sequential([keras.Input((1,)), Dense(2 if x else 3)])
    late = keras.Sequential()
    late.add(keras.Input((1,)))
    late.add(Dense(4))
    Dense(5)
    {raising}
    late.add(Dense(1))
"""


@pytest.mark.parametrize(
    ("raising", "sizes", "forgotten"),
    [("raise ValueError", [4, 6], 0), ("if x:\n        raise ValueError", [6, 13], 1), ("pass", [4, 6, 13, 13], 2)],
)
def test_where_all_runs_raise_what_they_finished_stands(raising: str, sizes: list[int], forgotten: int) -> None:
    found = evaluated(RAISING.format(raising=raising))
    made = [str(count.parameters(model.graph)) for model in found.models if model.graph.complete]
    assert sorted(made, key=int) == [str(size) for size in sizes]
    told = [fact.kind for context in found.contexts if not context.generic for fact in context.facts]
    assert told.count("in-no-model") == forgotten  # a model was perhaps to come


def test_a_branch_that_reaches_no_layer_is_no_decision() -> None:
    source = HEAD.format(flags="x") + "    if x:\n        print('hello')\n        note = 1\n    return m\n"
    assert evaluated(source).decisions == (0, 0)


def test_none_is_another_value() -> None:
    source = HEAD.format(flags="x") + "    if x is None:\n        x = 7\n    m.add(Dense(x))\n    return m\n"
    assert sorted(lines(source)) == ["build: (None, 7) 19", "build: (None, x) 2*x + 5"]


@pytest.mark.parametrize("body", ["n * 2", "n * other()", "other() + n", "2 ** n if n is None else n"])
def test_what_is_taken_for_none_is_no_number(body: str) -> None:
    """The model of that case cannot be: the line raises."""
    source = f"{K}n = given()\nif n is None:\n    print('default')\nm = Sequential([Dense({body}, input_shape=(4,))])\n"
    (context,) = [context for context in evaluated(source).contexts if context.models]
    assert context.models[0].graph.complete
    assert set(context.assumptions) <= {"not: n is None"}


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ("np.load('x.npy').shape[1]", 1),
        ("to_categorical(np.zeros((9, 1))).shape[1]", 1),
        ("len(words())", 1),
        ("words().shape[1]", 2),  # perhaps a tensor of Keras
        ("words().size", 2),  # perhaps an option of the program
    ],
)
def test_data_has_sizes_and_a_tensor_perhaps_none(given: str, runs: int) -> None:
    head = f"import numpy as np\nfrom keras.utils import to_categorical\n{K}n = {given}\n"
    source = (
        f"{head}m = Sequential([Dense(3, input_shape=(4,))])\nif n is not None and n != None:\n    m.add(Dense(n))\n"
    )
    assert len(evaluated(source).contexts) == runs


MORE = """
class Base:
    def __init__(self, defaults, **more):
        for name, value in more.items():
            defaults[name] = value
        self.bias = defaults["bias"] if "bias" in defaults else True
class Net(Base):
    def __init__(self, **more):
        super().__init__({"bias": False, **more}, **more)
        i = Input((8,))
        self.model = Model(i, Dense(3, use_bias=self.bias)(i))
"""


def test_who_gives_nothing_more_gives_nothing() -> None:
    assert lines(K + MORE) == ["Net.__init__: (None, 3) 24"]


def test_the_class_of_a_tensor_is_no_list() -> None:
    source = f"{K}m = Sequential([Dense(3, input_shape=(4,))])\ngiven = m.input\n"
    source += "if type(given) is not list:\n    given = [given]\nn = Model(given, Dense(2)(given[0]))\n"
    assert [context.assumptions for context in evaluated(source).contexts] == [()]


def test_runs_are_the_same_each_time() -> None:
    source = (
        HEAD.format(flags="a, b, c")
        + "    for f in (a, b, c):\n        if f:\n            m.add(Dense(2))\n    return m\n"
    )
    first, second = evaluated(source), evaluated(source)
    assert [c.assumptions for c in first.contexts] == [c.assumptions for c in second.contexts]
    assert [layers(m) for m in first.models] == [layers(m) for m in second.models]


def test_many_flags_are_bounded_and_said() -> None:
    flags = [f"a{i}" for i in range(40)]
    body = "".join(f"    if {f}:\n        m.add(Dense({i + 2}))\n" for i, f in enumerate(flags))
    found_decisions = evaluated(HEAD.format(flags=", ".join(flags)) + body + "    return m\n").decisions
    assert found_decisions[0] < found_decisions[1]


HOSTILE = {
    "power": "x = 10 ** 10 ** 10",
    "text": "x = 'x' * 10 ** 12",
    "range": "x = list(range(10 ** 12))",
    "long loop": "for i in range(10 ** 12):\n    x = i",
    "list": "x = [0] * 10 ** 9",
    "format": "x = f'{0:11111111111}'",
    "percent": "x = '%011111111111d' % 3",
    "format method": "x = '{:99999999999}'.format(3)",
    "shift": "x = 1 << 10 ** 10",
    "no end": "n = 0\nwhile True:\n    n += 1",
    "recursion": "def f(n):\n    return f(n + 1)\nf(0)",
    "mutual": "def a():\n    return b()\ndef b():\n    return a()\na()",
    "fork": "def f(n):\n    return f(n + 1), f(n + 2)\nf(0)",
    "generator": "def g():\n    while True:\n        yield 1\nx = list(g())",
    "doubling": "x = 'ab'\nfor i in range(90):\n    x = x + x",
    "sharing": "x = (1,)\nfor i in range(90):\n    x = (x, x)\ny = {x: x == x}\nfoo(x)",
    "itself": "x = []\nx.append(x)\nfoo(x)\nimport copy\ncopy.deepcopy(x)",
    "augmented": "x = 'a'\nwhile len(x) < 10 ** 9:\n    x *= 2",
    "unpacking": "a, *b = range(10 ** 9)",
    "factorial": "import math\nx = math.factorial(10 ** 8)",
    "chain": "x = " + " + ".join(["1"] * 9000),
    "combinator": "(lambda x: x(x))(lambda x: x(x))",
    "attribute": "class A:\n    def __getattr__(self, n):\n        return self.x\nA().y",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_code_ends_and_the_rest_is_seen(source: str) -> None:
    after = K + source + "\nm = Sequential([Dense(3, input_shape=(4,))])\n"
    result = evaluated(after)
    assert result.problems or result.unresolved or [m.name for m in result.models] == ["m"]


@pytest.mark.parametrize(("test", "units"), [("(None, 2)", 3), ("(None, 3)", 4), ("[None, 2]", 4)])
def test_a_shape_equals_a_tuple_and_no_list(test: str, units: int) -> None:
    source = K + "m = Sequential([Dense(2, input_shape=(4,))])\n"
    source += f"m.add(Dense(3 if m.output.shape == {test} else 4))\n"
    assert lines(source) == [f"m: (None, {units}) {10 + 3 * units}"]


def test_two_optimizers_that_are_written_alike_are_two() -> None:
    source = K + "from keras.optimizers import Adam\na, b = Adam(0.1), Adam(0.1)\nc = a\nassert a != b and a == c\n"
    assert lines(source + "m = Sequential([Dense(2, input_shape=(4,))])\n") == ["m: (None, 2) 10"]


@pytest.mark.parametrize(
    ("kind", "shape", "words"), [("Conv1D", "(9, 3)", "same valid causal"), ("Conv2D", "(9, 9, 3)", "same valid")]
)
def test_a_padding_that_callers_choose_is_every_word_that_keras_takes(kind: str, shape: str, words: str) -> None:
    """And no other: what Keras refuses, nobody gives."""
    source = K + f"def f(how):\n    return Sequential([{kind}(4, 3, padding=how, input_shape={shape})])\n\nf('same')\n"
    generic = [c for c in evaluated(source).contexts if c.generic]
    tried = [n.layer.config.raw("padding") if n.kind == kind else n.kind for c in generic for n in c.trace.nodes]
    assert tried == words.split()


ADDED = """
from keras import Input, Model
from keras.layers import Activation, Dense

def activated(x, activation, name):
    if activation is None:
        return x
    return Activation(activation, name=name)(x)

def block(x, activation="relu"):
    return Dense(2)(activated(Dense(4)(x), activation, "a" + activation))

def build(**arguments):
    i = Input((8,))
    return Model(i, block(i, **arguments))
"""


def test_what_is_added_to_a_text_is_something() -> None:
    """Where not all ways are followed, the first is the one that the program can go: None would have failed before."""
    first = models(ADDED)[0]
    assert [node.kind for node in first.graph.nodes] == ["InputLayer", "Dense", "Activation", "Dense"]
