"""Nothing for a layer: elements, statements and applications go without debris."""

from __future__ import annotations

import pytest
from tests.fix.rewrites import Rule, fixed, merged, nothing

from kerlint.text.edit import Applicability

HEAD = "from keras import Input, Model, Sequential, layers\n"
FUNCTIONAL = HEAD + "inp = x = Input((10, 4))\n"

CASES: dict[str, tuple[str, str]] = {
    "x = x goes": (
        "x = layers.Dense(8)(x)\nx = layers.Dropout(0.0)(x)\nx = layers.Dense(1)(x)\n",
        "x = layers.Dense(8)(x)\nx = layers.Dense(1)(x)\n",
    ),
    "one blank line stays": (
        "x = layers.Dense(8)(x)\n\nx = layers.Dropout(0.0)(x)\n\nx = layers.Dense(1)(x)\n",
        "x = layers.Dense(8)(x)\n\nx = layers.Dense(1)(x)\n",
    ),
    "another name": (
        "y = layers.Dropout(0)(x)\nz = layers.Dense(1)(y)\n",
        "y = x\nz = layers.Dense(1)(y)\n",
    ),
    "a name that is read once": (
        "y = layers.Dense(4)(x)\nz = layers.Dropout(0)(y)\nz = layers.Dense(1)(z)\ny = 1\n",
        "z = layers.Dense(4)(x)\nz = layers.Dense(1)(z)\ny = 1\n",
    ),
    "a name that was read before, and elsewhere": (
        "def f(y):\n    return y\ny = x\ny = layers.Dense(4)(y)\nz = layers.Dropout(0)(y)\n",
        "def f(y):\n    return y\ny = x\nz = layers.Dense(4)(y)\n",
    ),
    "a name that is read again": (
        "y = layers.Dense(4)(x)\nz = layers.Dropout(0)(y)\nz = layers.Add()([y, z])\n",
        "y = layers.Dense(4)(x)\nz = y\nz = layers.Add()([y, z])\n",
    ),
    "a name that a function reads": (
        "def f():\n    return y\ny = layers.Dense(4)(x)\nz = layers.Dropout(0)(y)\n",
        "def f():\n    return y\ny = layers.Dense(4)(x)\nz = y\n",
    ),
    "a name that the next round reads": (
        "y = x\nfor n in (4, 4):\n    y = layers.Dense(n)(y)\n    z = layers.Dropout(0)(y)\n",
        "y = x\nfor n in (4, 4):\n    y = layers.Dense(n)(y)\n    z = y\n",
    ),
    "a name that is global": (
        "def f():\n    global y\n    y = 1\ny = layers.Dense(4)(x)\nz = layers.Dropout(0)(y)\n",
        "def f():\n    global y\n    y = 1\ny = layers.Dense(4)(x)\nz = y\n",
    ),
    "an attribute": (
        "class M:\n    y = layers.Dense(4)(x)\n    z = layers.Dropout(0)(y)\n",
        "class M:\n    y = layers.Dense(4)(x)\n    z = y\n",
    ),
    "nested": (
        "x = layers.Dense(1)(layers.Dropout(0)(layers.Dense(8)(x)))\n",
        "x = layers.Dense(1)(layers.Dense(8)(x))\n",
    ),
    "nested over lines": (
        "x = layers.Dense(1)(\n    layers.Dropout(0)(\n        layers.Dense(8)(x)\n    )\n)\n",
        "x = layers.Dense(1)(\n    layers.Dense(8)(x)\n)\n",
    ),
    "parentheses where they are needed": (
        "y = layers.Dense(4)(x)\nz = layers.Dense(1)(layers.Dropout(0)(x + y)[:, :1])\n",
        "y = layers.Dense(4)(x)\nz = layers.Dense(1)((x + y)[:, :1])\n",
    ),
    "a line break that parentheses allowed": (
        "y = layers.Dropout(0)(\nlayers\n.Dense(8)(x))\n",
        "y = (layers\n.Dense(8)(x))\n",
    ),
    "with a semicolon behind": ("x = layers.Dropout(0)(x); x = layers.Dense(1)(x)\n", "x = layers.Dense(1)(x)\n"),
    "with a semicolon before": (
        "x = layers.Dense(1)(x); x = layers.Dropout(0)(x)\n",
        "x = layers.Dense(1)(x)\n",
    ),
    "the only statement": ("if True:\n    x = layers.Dropout(0)(x)\n", "if True:\n    pass\n"),
    "the only statement, in one line": ("if True: x = layers.Dropout(0)(x)\n", "if True: pass\n"),
    "the layer has a name": (
        "drop = layers.Dropout(0)\nx = layers.Dense(1)(x)\nx = drop(x)\n",
        "x = layers.Dense(1)(x)\n",
    ),
    "a walrus": ("y = layers.Dense(1)(z := layers.Dropout(0)(x))\n", "y = layers.Dense(1)(z := x)\n"),
    "a join of one": ("x = layers.Dense(1)(layers.Concatenate()([layers.Dense(8)(x)]))\n", "x = layers.Dense(1)(layers.Dense(8)(x))\n"),
    "a join of one, by name": ("x = layers.Add()([x])\nx = layers.Dense(1)(x)\n", "x = layers.Dense(1)(x)\n"),
    "no line break at the end": ("x = layers.Dense(1)(x)\nx = layers.Dropout(0)(x)", "x = layers.Dense(1)(x)\n"),
}  # fmt: skip

SEQUENTIAL: dict[str, tuple[str, str]] = {
    "a line of its own": (
        "m = Sequential([\n    layers.Dense(8, input_shape=(4,)),\n    layers.Dropout(0),\n    layers.Dense(1),\n])\n",
        "m = Sequential([\n    layers.Dense(8, input_shape=(4,)),\n    layers.Dense(1),\n])\n",
    ),
    "last, without a comma": (
        "m = Sequential([\n    layers.Dense(8, input_shape=(4,)),\n    layers.Dropout(0)\n])\n",
        "m = Sequential([\n    layers.Dense(8, input_shape=(4,))\n])\n",
    ),
    "last, with a comma": (
        "m = Sequential([\n    layers.Dense(8, input_shape=(4,)),\n    layers.Dropout(0),\n])\n",
        "m = Sequential([\n    layers.Dense(8, input_shape=(4,)),\n])\n",
    ),
    "over lines, between blank lines": (
        "m = Sequential([\n    Input((4,)),\n\n    layers.Dropout(\n        0,\n    ),\n\n    layers.Dense(1),\n])\n",
        "m = Sequential([\n    Input((4,)),\n\n    layers.Dense(1),\n])\n",
    ),
    "all on one line": (
        "m = Sequential([Input((4,)), layers.Dense(8), layers.Dropout(0), layers.Dense(1)])\n",
        "m = Sequential([Input((4,)), layers.Dense(8), layers.Dense(1)])\n",
    ),
    "at the end of a line": (
        "m = Sequential([Input((4,)), layers.Dropout(0),\n                layers.Dense(1)])\n",
        "m = Sequential([Input((4,)),\n                layers.Dense(1)])\n",
    ),
    "last on one line": (
        "m = Sequential([Input((4,)), layers.Dense(8), layers.Dropout(0)])\n",
        "m = Sequential([Input((4,)), layers.Dense(8)])\n",
    ),
    "the comma in front": (
        "m = Sequential([\n    Input((4,))\n    , layers.Dropout(0)\n    , layers.Dense(1)\n])\n",
        "m = Sequential([\n    Input((4,))\n    , layers.Dense(1)\n])\n",
    ),
    "in parentheses": (
        "m = Sequential([(Input((4,))), (layers.Dropout(0)), (layers.Dense(1))])\n",
        "m = Sequential([(Input((4,))), (layers.Dense(1))])\n",
    ),
    "a list with a name": (
        "parts = [Input((4,)), layers.Dropout(0), layers.Dense(1)]\nm = Sequential(parts)\n",
        "parts = [Input((4,)), layers.Dense(1)]\nm = Sequential(parts)\n",
    ),
    "appended": (
        "parts = [Input((4,))]\nparts.append(layers.Dropout(0))\nparts.append(layers.Dense(1))\nm = Sequential(parts)\n",
        "parts = [Input((4,))]\nparts.append(layers.Dense(1))\nm = Sequential(parts)\n",
    ),
    "added": (
        "m = Sequential()\nm.add(layers.Dense(8, input_shape=(4,)))\nm.add(layers.Dropout(0))\nm.add(layers.Dense(1))\n",
        "m = Sequential()\nm.add(layers.Dense(8, input_shape=(4,)))\nm.add(layers.Dense(1))\n",
    ),
    "added by name": (
        "m = Sequential()\nd = layers.Dropout(0)\nm.add(layers.Dense(8, input_shape=(4,)))\nm.add(d)\n",
        "m = Sequential()\nm.add(layers.Dense(8, input_shape=(4,)))\n",
    ),
    "the next layer takes the shape": (
        "m = Sequential([layers.Dropout(0, input_shape=(n, 4)), layers.Dense(1)])\n",
        "m = Sequential([layers.Dense(1, input_shape=(n, 4))])\n",
    ),
    "the next added layer takes the shape": (
        "m = Sequential()\nm.add(layers.Dropout(0, input_shape=(4,)))\nm.add(layers.Dense(\n    1,\n))\n",
        "m = Sequential()\nm.add(layers.Dense(\n    1,\n    input_shape=(4,),\n))\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES.keys())
def test_functional(before: str, after: str) -> None:
    found = fixed(FUNCTIONAL + before, nothing)
    assert found.text == FUNCTIONAL + after
    assert found.fix.applicability is Applicability.SAFE


@pytest.mark.parametrize(("before", "after"), SEQUENTIAL.values(), ids=SEQUENTIAL.keys())
def test_sequential(before: str, after: str) -> None:
    found = fixed(f"{HEAD}n = 10\n{before}", nothing)
    assert found.text == f"{HEAD}n = 10\n{after}"
    assert found.fix.applicability is Applicability.SAFE


@pytest.mark.parametrize(
    "source",
    [
        HEAD + "m = Sequential([\n    Input((4,)),\n    layers.Dropout(0),  # off\n    layers.Dense(1),\n])\n",
        HEAD + "m = Sequential([\n    Input((4,)),\n    layers.Dense(1),\n    layers.Dropout(0)  # off\n])\n",
        HEAD + "m = Sequential()\nm.add(Input((4,)))\nm.add(layers.Dropout(0))  # off\nm.add(layers.Dense(1))\n",
        FUNCTIONAL + "x = layers.Dropout(0)(x)  # off\nx = layers.Dense(1)(x)\n",
        FUNCTIONAL + "x = layers.Dense(1)(layers.Dropout(0)(  # off\n    x))\n",
    ],
)
def test_a_lost_comment_makes_it_unsafe(source: str) -> None:
    found = fixed(source, nothing)
    assert "# off" not in found.text
    assert found.fix.applicability is Applicability.UNSAFE


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("# off\nm.add(layers.Dropout(0))\n", False),
        ("# off\n\n\nm.add(layers.Dropout(0))\n\n", True),
        ("# off\nm.add(layers.Dropout(0)); m.add(layers.ReLU())\n", False),
        ("if True:\n    # off\n    m.add(layers.Dropout(0))\n", False),
        ("if True:\n    m.add(layers.Dropout(0))  # off\n", False),
        ("m.add(layers.Dropout(0))\n# off\n", True),
        ("# off\nm.add(layers.ReLU()); m.add(layers.Dropout(0))\n", True),
    ],
)
def test_a_comment_that_would_speak_of_another_layer_makes_it_unsafe(line: str, safe: bool) -> None:
    found = fixed(f"{HEAD}m = Sequential()\nm.add(Input((4,)))\n{line}m.add(layers.Dense(1))\n", nothing)
    assert "# off" in found.text
    assert found.fix.applicability is (Applicability.SAFE if safe else Applicability.UNSAFE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "m = Sequential([layers.Dense(8, input_shape=(4,), name='a'), layers.Dense(n, activation='relu')])\n",
            "m = Sequential([layers.Dense(n, activation='relu', input_shape=(4,))])\n",
        ),
        (
            "x = Input((4,))\nx = layers.Dense(8)(x)\nx = layers.Dense(1)(x)\n",
            "x = Input((4,))\nx = layers.Dense(1)(x)\n",
        ),
        (
            "x = Input((4,))\nx = layers.Dense(1, name='b')(layers.Dense(8)(x))\n",
            "x = Input((4,))\nx = layers.Dense(1, name='b')(x)\n",
        ),
    ],
)
def test_two_become_one(before: str, after: str) -> None:
    rule: Rule = merged
    found = fixed(f"{HEAD}n = 3\n{before}", rule)
    assert found.text == f"{HEAD}n = 3\n{after}"
    assert found.fix.title in ("Replace with Dense(1)", "Replace with Dense(3)")
