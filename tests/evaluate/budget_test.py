"""What takes too long is not followed, and costs only what hangs on it."""

import ast
from collections.abc import Iterable

import pytest
from tests.evaluate.seen import evaluated, lines

from kerlint.evaluate import outcome
from kerlint.evaluate.trees import below

K = "from keras.models import Sequential, Model\nfrom keras.layers import *\n"
MODEL = "m = Sequential([Dense(3, input_shape=(4,))])\n"


@pytest.mark.parametrize(
    "body",
    [
        # Two calls at each level: a recursion that is unwound at each of them would take 2 ** 90 steps.
        "def visit(layer):\n    for inner in layer.layers:\n        visit(inner)\n    visit(layer)\nvisit(load())\n",
        "def even(n):\n    return odd(n), odd(n)\ndef odd(n):\n    return even(n), even(n)\nx = even(3)\n",
        "def text(g):\n    while g:\n        g = text(g)\n    return g\nx = [text(1) for i in range(10_000)]\n",
        # The call that is one too many is of another function each time, or of one that is made anew.
        "def visit(n):\n    return leave(n), visit(n + 1)\ndef leave(n):\n    return n\nvisit(1)\n",
        "def visit(n):\n    def inner(m):\n        return visit(m + 1)\n    return inner(n), inner(n)\nvisit(1)\n",
        "class A:\n    def __init__(self, n):\n        self.n = A(n + 1)\nx = A(1)\n",
        "x = [sum([j * j for j in range(50)]) for i in range(9_000)]\n",
        "for step in range(5_000):\n    for e in range(200):\n        m(some())\n",
        # Lists that hold one list again and again: as a tree they have 19_000 ** 3 entries.
        "a = [1] * 19_000\nb = [a] * 19_000\nc = [b] * 19_000\nm.take(c)\ndef build():\n    return c, Dense(3)\n",
        "n = 0\nwhile n < 100_000:\n    m.train_on_batch(*batch())\n    n += 1\n",
    ],
    ids=[
        "two calls",
        "mutual",
        "recursion in a loop",
        "leaf",
        "closure",
        "class",
        "comprehension",
        "training",
        "shared lists",
        "while",
    ],
)
def test_what_takes_too_long_is_left(body: str) -> None:
    found = evaluated(K + MODEL + body + "n = Sequential([Dense(2, input_shape=(4,))])\n")
    assert not found.unresolved
    assert [m.name for m in found.models] == ["m", "n"]
    assert found.models[1].graph.complete


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("        return x\n", "no input shape is given"),
        ("        sys.exit(1)\n", "the program ends itself"),
        ("        return self.call(x)\n", "calls are nested more than 90 deep"),
        ("        y = [i * i for i in range(9_000)]\n" * 30 + "        return x\n", "more than 200000 steps"),
    ],
    ids=["harmless", "exit", "recursion", "endless"],
)
def test_a_model_that_is_built_when_all_else_is_done_may_do_anything(body: str, reason: str) -> None:
    source = f"import sys\n{K}class Own(Model):\n    def call(self, x):\n{body}own = Sequential([Own(), Dense(2)])\n"
    found = evaluated(source + MODEL)
    models = {model.name: model.graph for model in found.models}
    assert models["m"].complete
    assert any(reason in place.reason for place in models["own"].unresolved)


def test_a_recursion_without_end_that_builds_spoils_what_it_touched() -> None:
    source = K + "def grow(m):\n    m.add(Dense(2))\n    return grow(m)\n" + MODEL + "grow(m)\n"
    (model,) = evaluated(source).models
    assert not model.graph.complete


def test_a_recursion_with_an_end_is_followed() -> None:
    source = K + (
        "def grow(m, n):\n    m.add(Dense(n))\n    return grow(m, n - 1) if n > 1 else m\n" + MODEL + "grow(m, 40)\n"
    )
    assert lines(source)[0].startswith("m: (None, 1) ")


@pytest.mark.parametrize("wrapped", ["build = Wrapper(build)\n", "build = None\n", "def build(n):\n    return n\n"])
def test_a_function_whose_name_means_something_else_by_now_is_seen(wrapped: str) -> None:
    source = K + "def build():\n    return Sequential([Dense(3, input_shape=(4,))])\n" + wrapped
    assert lines(source) == ["build: (None, 3) 15"]


def test_a_function_that_only_raises_with_its_defaults_is_seen_without_them() -> None:
    source = K + (
        "def build(n, sizes=None):\n    if sizes is None:\n        raise ValueError(n)\n"
        "    return Sequential([Dense(n, input_shape=(4,))])\n"
    )
    assert lines(source) == ["build: (None, n) 5*n"]


def test_types_that_differ_are_not_equal() -> None:
    source = K + (
        "def build(optimizer='sgd'):\n    if type(optimizer) in (list, tuple):\n        raise ValueError(optimizer)\n"
        "    return Sequential([Dense(3, input_shape=(4,))])\n"
    )
    assert lines(source) == ["build: (None, 3) 15"]
    assert evaluated(source).decisions == (0, 0)


def test_what_decides_no_layer_is_turned_round_where_the_run_raises() -> None:
    source = K + (
        "def check(x):\n    raise ValueError(x)\n"
        "def build(strict):\n    m = Sequential([Dense(3, input_shape=(4,))])\n"
        "    if strict:\n        check(strict)\n    return m\n"
    )
    assert lines(source) == ["build: (None, 3) 15"]


def test_a_function_is_looked_at_alone_where_its_caller_does_not_end() -> None:
    """A loop over data sets that makes more layers than are kept: the builder itself is complete."""
    source = "from keras import Sequential\nfrom keras.layers import *\n"
    source += "def build(n):\n    m = Sequential([Input((4,))])\n    for _ in range(60):\n        m.add(Dense(4))\n"
    source += "    m.add(Dense(n))\n    return m\n\n\nfor n in range(1, 200):\n    build(n)\n"
    assert "build: (None, n) 5*n + 1200" in lines(source)


def test_what_the_module_left_no_steps_for_is_looked_at_all_the_same() -> None:
    source = K + (
        "def build(n=3):\n    return Sequential([Dense(n, input_shape=(4,))])\n"
        "def slow():\n    sizes = [i + 1 for i in range(900)]\n    return Sequential([Dense(sizes[1], input_shape=(4,))])\n"
        "for n in range(900):\n    m = slow()\n"
    )
    found = evaluated(source)
    assert any("200000 steps" in each.reason for each in found.unresolved)
    assert "build: (None, 3) 15" in lines(source)


def test_a_module_is_walked_once_however_many_layers_it_leaves_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    walks = []

    def walked(body: Iterable[ast.AST]) -> list[ast.AST]:
        walks.append(body)
        return below(body)

    monkeypatch.setattr(outcome, "below", walked)
    unused = "".join(f"d{n} = Dense({n + 1})\n" for n in range(30)) + "".join("Dense(2)\n" for _ in range(30))
    assert lines(K + unused + MODEL) == ["m: (None, 3) 15"]
    assert len(walks) == 1
