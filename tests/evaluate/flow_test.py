"""What a condition changes reaches layers by many ways: no decision that matters is taken in silence."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evaluate.seen import document, evaluated, models

from kerlint.evaluate.run import evaluate
from kerlint.imports import Imports

HEAD = "import sys\nfrom keras import Input, Sequential\nfrom keras.layers import Dense\n"
FLAGS = "".join(f"{flag} = '{flag}' in sys.argv\n" for flag in "abc")
START = """
v = 2
w = 3
cfg = {"k": 4, "in": {"n": 5}}
box = Box()
box.n = 6
items = [7]
def given_by():
    return v
def sets():
    global w
    w = w + 1
def fills(c):
    c["k"] = 8
def more():
    items.append(v)
def pick(p, q, flag):
    if flag:
        return p
    return q
"""
END = """
m = Sequential([Input((1,))])
for size in items:
    m.add(Dense(size))
last = w
for size in (v, last, cfg["k"], cfg["in"]["n"], box.n):
    m.add(Dense(size))
"""
CONDITION = st.sampled_from(["a", "b", "not c", "a and b", "b or not c", "v > 3", "cfg['k'] == 8"])
VALUE = st.sampled_from(
    [*"vw", "1", "9", "cfg['k']", "cfg['in']['n']", "box.n", "items[0]", "items[-1]", "given_by()", "pick(v, w, a)"]
)
PLACE = st.sampled_from(["v", "w", "cfg['k']", "cfg['in']['n']", "box.n", "items[0]"])
STEP = st.one_of(
    st.tuples(PLACE, VALUE).map(lambda t: [f"{t[0]} = {t[1]}"]),
    st.tuples(PLACE, VALUE).map(lambda t: [f"{t[0]} = max(", f"    {t[1]},", "    1,", ")"]),
    st.tuples(PLACE, CONDITION, VALUE, VALUE).map(lambda t: [f"{t[0]} = {t[2]} if {t[1]} else {t[3]}"]),
    st.tuples(PLACE, VALUE, CONDITION).map(lambda t: [f"{t[0]} = pick({t[1]}, 3, {t[2]})"]),
    VALUE.map(lambda v: [f"items.append({v})"]),
    VALUE.map(lambda v: ["inner = cfg['in']", f"inner['n'] = {v}"]),
    VALUE.map(lambda v: [f"setattr(box, 'n', {v})"]),
    VALUE.map(lambda v: [f"list.append(items, {v})"]),
    VALUE.map(lambda v: [f"cfg['in'].update(n={v})"]),
    VALUE.map(lambda v: [f"if (v := {v}) > 3:", "    w = v"]),
    st.sampled_from("vw9").map(lambda v: ["if a:", "    def given_by():", f"        return {v}"]),
    VALUE.map(lambda v: ["class Held:", "    def __init__(self, x):", "        box.n = x", f"Held({v})"]),
    VALUE.map(lambda v: ["put = lambda x: setattr(box, 'n', x)", f"put({v})"]),
    VALUE.map(lambda v: ["for each in [cfg]:", f"    each['k'] = {v}"]),
    st.sampled_from([["sets()"], ["fills(cfg)"], ["more()"], ["v += 1"], ["cfg.update(k=3)"]]),
    st.tuples(CONDITION, VALUE).map(
        lambda t: ["for i in range(2):", f"    if {t[0]}:", "        break", f"    v = {t[1]}"]
    ),
    st.tuples(CONDITION, VALUE).map(lambda t: [f"chosen = {t[0]}", "if chosen:", f"    w = {t[1]}"]),
)


def block(depth: int) -> st.SearchStrategy[list[str]]:
    """Lines of some steps, under conditions so many levels deep."""
    several = st.lists(STEP, min_size=1, max_size=3).map(lambda steps: [line for step in steps for line in step])
    if not depth:
        return several
    inner = block(depth - 1)
    branch = st.tuples(CONDITION, inner, st.none() | inner).map(
        lambda t: [
            f"if {t[0]}:",
            *(f"    {line}" for line in t[1]),
            *(["else:", *(f"    {line}" for line in t[2])] if t[2] else []),
        ]
    )
    parts = st.lists(st.one_of(several, branch), min_size=1, max_size=3)
    return parts.map(lambda blocks: [line for each in blocks for line in each])


class Recorder:
    """Stands for a Sequential: keeps the sizes."""

    def __init__(self, _layers: object) -> None:
        self.sizes: list[int] = []

    def add(self, size: int) -> None:
        """One more layer."""
        self.sizes.append(size)


def really(body: str) -> set[tuple[int, ...]]:
    """The sizes of the layers for all command lines, by running the program."""
    results = set()
    for flags in product((False, True), repeat=3):
        argv = [flag for flag, on in zip("abc", flags, strict=True) if on]
        stubs = {"Sequential": Recorder, "Dense": int, "Input": tuple, "Box": SimpleNamespace}
        names: dict[str, Any] = {**stubs, "sys": SimpleNamespace(argv=argv)}
        exec(compile(FLAGS + START + body + END, "program", "exec"), names)  # our own text, no user's
        results.add(tuple(names["m"].sizes))
    return results


@settings(max_examples=150, deadline=None)
@given(block(depth=2))
def test_every_way_to_a_layer_is_seen(lines: list[str]) -> None:
    body = "\n".join(lines)
    source = f"{HEAD}class Box:\n    pass\n{FLAGS}{START}{body}{END}"
    found = {tuple(n.layer["units"] for n in m.graph.nodes if n.kind == "Dense") for m in models(source)}
    assert found == really(body), source


WAYS = {
    "an entry": "n = {'k': 8}\nif flag:\n    n['k'] = 16\nm.add(Dense(n['k']))\n",
    "another name": "c = {'in': {'k': 8}}\nd = c['in']\nif flag:\n    d['k'] = 16\nm.add(Dense(c['in']['k']))\n",
    "a list that is walked": "sizes = [8]\nif flag:\n    sizes = [16]\nfor n in sizes:\n    m.add(Dense(n))\n",
    "what a function gives": "n = 8\ndef f():\n    return n\nif flag:\n    n = 16\nm.add(Dense(f()))\n",
    "what a function changes": "n = [8]\ndef f():\n    n[0] = 16\nif flag:\n    f()\nm.add(Dense(n[0]))\n",
    "an argument that a function changes": "n = [8]\ndef f(x):\n    x[0] = 16\nif flag:\n    f(n)\nm.add(Dense(n[0]))\n",
    "another condition": "big = False\nif flag:\n    big = True\nn = 8\nif big:\n    n = 16\nm.add(Dense(n))\n",
    "several lines": "w = 8\nif flag:\n    w = 16\nn = max(\n    w,\n    2,\n)\nm.add(Dense(n))\n",
    "leaving early": "n = 8\ndef f():\n    global n\n    if not flag:\n        return\n    n = 16\nf()\nm.add(Dense(n))\n",
    "leaving early by another condition": "big = False\nif flag:\n    big = True\nn = 8\nfor _ in range(2):\n"
    "    if not big:\n        break\n    n = 16\nm.add(Dense(n))\n",
    "a parameter": "box = {}\ndef put(v):\n    box['n'] = v\nw = 8\nif flag:\n    w = 16\nput(w)\nm.add(Dense(box['n']))\n",
    "a method's parameter": "class Box:\n    def __init__(self, v):\n        box['n'] = v\nbox = {}\nw = 8\n"
    "if flag:\n    w = 16\nBox(w)\nm.add(Dense(box['n']))\n",
    "a parameter by another name": "box = {}\ndef put(v):\n    box['n'] = v\none = put\nw = 8\nif flag:\n    w = 16\n"
    "one(w)\nm.add(Dense(box['n']))\n",
    "a closure's parameter": "box = {}\ndef make():\n    def put(v):\n        box['n'] = v\n    return put\ngo = make()\n"
    "w = 8\nif flag:\n    w = 16\ngo(w)\nm.add(Dense(box['n']))\n",
    "a lambda's parameter": "box = {}\nput = lambda v: box.update(n=v)\nw = 8\nif flag:\n    w = 16\nput(w)\n"
    "m.add(Dense(box['n']))\n",
    "a partial's parameter": "import functools\nbox = {}\ndef put(k, v):\n    box[k] = v\none = functools.partial(put, 'n')\n"
    "w = 8\nif flag:\n    w = 16\none(w)\nm.add(Dense(box['n']))\n",
    "leaving before a layer": "big = False\nif flag:\n    big = True\nfor n in (8, 16):\n    m.add(Dense(n))\n"
    "    if not big:\n        break\n",
    "a walrus of another": "k = 8\nif flag:\n    k = 16\nprint(n := k)\nm.add(Dense(n))\n",
    "what a pattern captures": "k = 8\nif flag:\n    k = 16\nmatch k:\n    case n:\n        print()\nm.add(Dense(n))\n",
    "a function that gives nothing": "def n():\n    return 16\nif flag:\n    def n():\n        'nothing'\nm.add(Dense(n() or 8))\n",
    "an import": "if flag:\n    from math import floor as f\nelse:\n    from math import ceil as f\nm.add(Dense(8 * f(1.5)))\n",
    "a condition behind a call": "def f():\n    pass\nm.add(Dense(16 if f() or flag else 8))\n",
    "a condition inside of what leaves": "big = False\nif flag:\n    big = True\nm.add(Dense(8))\ndef f():\n"
    "    if not big:\n        return\n    m.add(Dense(16))\nf()\n",
    "a word in an f-string": "k = 8\nif flag:\n    k = 16\nn = int(f'{k}')\nm.add(Dense(n))\n",
    "a walrus": "if (n := 16 if flag else 8):\n    print(n)\nm.add(Dense(n))\n",
    "a lambda": "f = lambda: Dense(16 if flag else 8)\nm.add(f())\n",
    "a pattern": "n = 8\nmatch flag:\n    case True:\n        n = 16\nm.add(Dense(n))\n",
    "another function by that name": "def f():\n    return 8\nif flag:\n    def f():\n        return 16\nm.add(Dense(f()))\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_both_sides_are_built(way: str) -> None:
    source = f"{HEAD}flag = len(sys.argv) > 1\nm = Sequential([Input((4,))])\n{WAYS[way]}"
    assert {m.graph.layers[-1]["units"] for m in models(source)} == {8, 16}, way


def test_what_is_asserted_is_no_decision() -> None:
    source = (
        f"{HEAD}assert sys.argv[1] == 'x'\nm = Sequential([Input((4,))])\nif sys.argv[1] == 'x':\n    m.add(Dense(3))\n"
    )
    assert [len(m.graph.layers) for m in models(source)] == [2]


def test_a_condition_inside_of_what_reaches_no_layer_is_no_decision() -> None:
    lines = [
        "print('on' if flag else 'off')",
        "title = 'wide' if flag and 'y' in sys.argv else 'narrow'",
        "if flag and sys.argv[2] == 'v':\n    print(title)",
    ]
    source = "\n".join([f"{HEAD}flag = len(sys.argv) > 1", *lines, "m = Sequential([Input((4,)), Dense(3)])", ""])
    assert evaluated(source).decisions == (0, 0)


ASSERTED = {
    "assert sys.argv[1] in ('a', 'b')\nn = {'a': 8, 'b': 16}[sys.argv[1]]\n": {8, 16},
    "assert flag or other\nn = 8 if flag else 16 if other else 32\n": {8, 16},
    "assert flag == 1 or flag == 2\nn = 8 if flag == 1 else 16 if flag == 2 else 32\n": {8, 16},
    "assert not flag\nn = 8 if flag else 16\n": {16},
}


@pytest.mark.parametrize("text", ASSERTED)
def test_what_an_assertion_leaves_open_is_a_decision(text: str) -> None:
    source = f"{HEAD}flag, other = sys.argv[2], sys.argv[3]\n{text}m = Sequential([Input((4,)), Dense(n)])\n"
    assert {m.graph.layers[-1]["units"] for m in models(source)} == ASSERTED[text]


HIDDEN = {
    "a method called fit": "class T:\n    def fit(self):\n        n[0] = 16\nt = T()\nif flag:\n    t.fit()\nelse:\n    print()\n",
    "another name": "def one():\n    n[0] = 16\nsetup = one\nif flag:\n    setup()\n",
    "a closure": "def make():\n    def one():\n        n[0] = 16\n    return one\ngo = make()\nif flag:\n    go()\n",
    "a lambda": "one = lambda: n.insert(0, 16)\nif flag:\n    one()\n",
    "a partial": "import functools\ndef put(x, v):\n    x[0] = v\none = functools.partial(put, n, 16)\nif flag:\n    one()\n",
    "a bound method": "add = n.insert\nif flag:\n    add(0, 16)\n",
    "an object that is called": "class P:\n    def __call__(self):\n        n[0] = 16\np = P()\nif flag:\n    p()\n",
    "a list's own method": "if flag:\n    list.insert(n, 0, 16)\n",
    "a list's own method in a function": "def f():\n    list.insert(n, 0, 16)\nif flag:\n    f()\n",
    "setattr in a function": "class B:\n    pass\nb = B()\nb.n = 8\ndef f():\n    setattr(b, 'n', 16)\nif flag:\n    f()\n"
    "n = [b.n]\n",
    "a base class": "class A:\n    def __init__(self):\n        n[0] = 16\nclass B(A):\n    pass\nif flag:\n    B()\n",
}


@pytest.mark.parametrize("way", HIDDEN)
def test_what_is_changed_behind_a_name_is_seen(way: str) -> None:
    source = f"{HEAD}flag = len(sys.argv) > 1\nn = [8]\n{HIDDEN[way]}m = Sequential([Input((4,)), Dense(n[0])])\n"
    assert {m.graph.layers[-1]["units"] for m in models(source)} == {8, 16}, way


def test_every_branch_of_a_long_chain_is_seen() -> None:
    """However many conditions lead there: each is met for the first time when those before it were turned round."""
    chain = "".join(f"{'el' * (n > 0)}if args.flag{n}:\n    size = {n}\n" for n in range(8))
    source = f"{HEAD}args = sys.argv[1]\n{chain}else:\n    size = 8\nm = Sequential([Input((4,)), Dense(size + 1)])\n"
    assert sorted(m.graph.layers[-1]["units"] for m in models(source)) == list(range(1, 10))


def test_keras_is_set_up_on_both_sides() -> None:
    source = (
        f"{HEAD}import keras\nfrom keras.layers import Conv2D\nif len(sys.argv) > 1:\n"
        "    keras.config.set_image_data_format('channels_first')\nm = Sequential([Input((8, 8, 3)), Conv2D(2, 3)])\n"
    )
    assert len({str(m.graph.outputs[0].shape) for m in models(source)}) == 2


@pytest.mark.parametrize("setter", ["config.set_image_data_format", "backend.set_image_dim_ordering"])
def test_a_data_format_that_is_not_known_is_a_decision(setter: str) -> None:
    source = f"{HEAD}import keras\nfrom keras.layers import Conv2D\nkeras.{setter}(sys.argv[1])\n"
    found = models(f"{source}m = Sequential([Input((8, 8, 3)), Conv2D(2, 3)])\n")
    assert {tuple(m.graph.outputs[0].shape)[1:] for m in found} == {(6, 6, 2), (2, 6, 1)}


def test_the_type_of_numbers_is_set_by_name_too() -> None:
    (model,) = models(f"{HEAD}import keras\nkeras.config.set_floatx(value='float16')\nm = Sequential([Input((4,))])\n")
    assert model.graph.outputs[0].dtype == "float16"


def test_a_loss_that_is_chosen_is_a_decision() -> None:
    source = f"{HEAD}m = Sequential([Input((4,)), Dense(3)])\nloss = 'mse'\nif len(sys.argv) > 1:\n    loss = 'mae'\n"
    found = models(f"{source}m.compile('adam', loss)\n")
    assert {m.graph.compile.loss for m in found if m.graph.compile} == {"mse", "mae"}
    assert evaluated(source.replace("'adam'", "loss") + "m.compile(loss, 'mse')\n").decisions == (0, 0)


def test_what_a_model_is_built_on_is_a_decision() -> None:
    source = (
        f"{HEAD}import numpy as np\nx = np.zeros((5, 3))\nif len(sys.argv) > 1:\n    x = np.zeros((5, 8))\n"
        "m = Sequential([Dense(4)])\nm.compile('adam', 'mse')\nm.fit(x, x)\n"
    )
    assert {m.graph.inputs[0].shape[-1] for m in models(source)} == {3, 8}


PRECISE = {
    "a counter that has the name of a size": "def show():\n    n = 0\n    n += 1\n    print(n)\n"
    "if flag:\n    show()\nn = 3\nm.add(Dense(n))\n",
    "the other end of a chain": "if sys.argv == 3:\n    m.add(Dense(2))\nelif flag:\n    print('a')\nelse:\n    print('b')\n",
}


@pytest.mark.parametrize("way", PRECISE)
def test_what_reaches_no_layer_is_no_decision(way: str) -> None:
    source = f"{HEAD}flag = len(sys.argv) > 1\nm = Sequential([Input((4,))])\n{PRECISE[way]}"
    assert not any("len(sys.argv) > 1" in said for c in evaluated(source).contexts for said in c.assumptions)


def test_a_file_that_only_one_side_reads_tells_what_matters(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text(
        "from keras import Input, Sequential\nfrom keras.layers import Dense\n"
        "def put(n):\n    return Sequential([Input((4,)), Dense(n)])\n"
    )
    source = (
        "import sys\nk = 8\nif 'b' in sys.argv:\n    k = 16\nif 'a' in sys.argv:\n    print('nothing')\n"
        "else:\n    import lib\n    model = lib.put(k)\n"
    )
    found = evaluate(document(source, str(tmp_path / "main.py")), load=Imports()).models
    assert {m.graph.layers[-1]["units"] for m in found} == {8, 16}


GIVES = "def gives():\n    return lambda n: m.add(Dense(n))\n"
INNER = "def gives():\n    def put(n):\n        m.add(Dense(n))\n    return put\n"
MADE = {
    "a lambda that is returned": f"{GIVES}f = gives()\nf(v)\n",
    "a function that is handed on twice": f"{INNER}def get():\n    return gives()\nf = get()\nf(v)\n",
    "in a dictionary": "fs = {'a': lambda n: m.add(Dense(n))}\nfs['a'](v)\n",
    "set into a dictionary": f"{GIVES}fs = {{}}\nfs['a'] = gives()\nfs['a'](v)\n",
    "appended to a list": f"{INNER}fs = []\nfs.append(gives())\nfs[0](v)\n",
    "in a comprehension": f"{GIVES}fs = [gives() for _ in range(2)]\nfs[1](v)\n",
    "of a factory in a dictionary": f"{GIVES}fs = {{'a': gives}}\nf = fs['a']()\nf(v)\n",
    "one of two results": "def gives():\n    return 1, lambda n: m.add(Dense(n))\nk, f = gives()\nf(v)\n",
    "an attribute": f"{INNER}class C:\n    pass\nc = C()\nc.f = gives()\nc.f(v)\n",
    "of a method": "class C:\n    def gives(self):\n        return lambda n: m.add(Dense(n))\nf = C().gives()\nf(v)\n",
    "of a partial": f"from functools import partial\n{GIVES}g = partial(gives)\nf = g()\nf(v)\n",
    "called by another": f"{GIVES}def calls(g, n):\n    g(n)\nf = gives()\ncalls(f, v)\n",
    "mapped": f"{GIVES}f = gives()\nlist(map(f, [v]))\n",
    "a default": f"{GIVES}f = gives()\ndef go(g=f):\n    g(v)\ngo()\n",
    "a lambda in a lambda": "gives = lambda: (lambda n: m.add(Dense(n)))\nf = gives()\nf(v)\n",
    "a function in a function": "def gives():\n    def more():\n        def put(n):\n            m.add(Dense(n))\n"
    "        return put\n    return more\nf = gives()\ng = f()\ng(v)\n",
    "an object that is called": "class C:\n    def __call__(self, n):\n        m.add(Dense(n))\n"
    "def gives():\n    return C()\nf = gives()\nf(v)\n",
}


@pytest.mark.parametrize("way", MADE)
def test_what_a_function_without_a_name_of_its_own_is_given_reaches_layers(way: str) -> None:
    source = f"{HEAD}m = Sequential([Input((4,))])\nv = 8\nif len(sys.argv) > 1:\n    v = 16\n{MADE[way]}"
    assert {m.graph.layers[-1]["units"] for m in models(source)} == {8, 16}


def test_a_lambda_in_a_layer_makes_no_decision_of_what_the_model_is_trained_on() -> None:
    source = (
        f"{HEAD}from keras.layers import Lambda\ndef build(n):\n    return Sequential([Input((4,)), Lambda(lambda x: x + 1)])\n"
        "rows = read()\nif len(sys.argv) > 1:\n    rows = rows[:10]\nm = build(3)\nm.compile('adam', 'mse')\nhistory = m.fit(rows, epochs=2)\n"
    )
    assert [c.assumptions for c in evaluated(source).contexts if not c.generic] == [()]


@pytest.mark.parametrize(
    "test", ["tf.reduce_mean(x) > 1", "not tf.reduce_all(x > 0)", "tf.norm(x) > 1 and tf.norm(x) < 9"]
)
def test_a_branch_on_the_value_of_a_tensor_is_decided_while_the_model_runs(test: str) -> None:
    code = f"""
import tensorflow as tf
class Gate(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.a, self.b = Dense(3), Dense(3)
    def call(self, x):
        if {test}:
            return self.a(x)
        return self.b(x)
inputs = Input((7,))
m = tf.keras.Model(inputs, Gate()(inputs))  # TensorFlow makes both layers: 48 parameters
"""
    (reasons,) = {tuple(u.reason for u in m.graph.unresolved) for m in models(HEAD + code) if m.name == "m"}
    assert "it is decided while the model runs: by the value of a tensor" in reasons


def test_a_loop_while_the_value_of_a_tensor_says_so_is_of_an_unknown_number_of_steps() -> None:
    code = """
import tensorflow as tf
class Halved(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = Dense(20)
    def call(self, x):
        x = self.dense(x)
        while tf.norm(x) > 1:
            x /= 2
        return x
Halved()(tf.ones((2, 20)))
"""
    whole = evaluate(document(HEAD + code))
    reasons = {u.reason for m in whole.models for u in m.graph.unresolved}
    assert reasons == {"a loop over an unknown number of steps"}
