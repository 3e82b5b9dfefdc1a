"""Decisions behind the last layer: turned round, something may be made after all, or be done to what there is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.evaluate.seen import document, evaluated
from tests.evaluate.seen import lines as built

from kerlint.evaluate import loops
from kerlint.evaluate.run import evaluate
from kerlint.evaluate.trees import below

K = "from keras.models import Sequential\nfrom keras.layers import Dense\n"
BUILT = "n = 3\nm = Sequential([Dense(n, input_shape=(4,))])\n"
COULD = {
    "a layer in the branch": "if ask():\n    pass\nelse:\n    m.add(Dense(9))\n",
    "a layer behind a return": "def more(m):\n    if ask():\n        return\n    m.add(Dense(9))\nmore(m)\n",
    "again in the same helper": "def grow(c):\n    if c:\n        m.add(Dense(9))\ngrow(0)\ngrow(not ask())\n",
    "later, by what it is": "def grow(c):\n    if c:\n        m.add(Dense(9))\nk = 1\nif not ask():\n    k = 2\ngrow(k == 2)\n",
    "the other side of an expression": "def grow():\n    m.add(Dense(9))\nk = 3 if ask() else grow()\n",
    "out of a list": "def grow():\n    m.add(Dense(9))\nways = [print, grow]\nif not ask():\n    ways[1]()\n",
    "a layer that is there": "one = Dense(9)\ndef put(to):\n    to.add(one)\nif not ask():\n    put(m)\n",
    "a builder behind a break": (
        "def more():\n    m.add(Dense(9))\nfor _ in range(2):\n    if ask():\n        break\n    more()\n"
    ),
}


@pytest.mark.parametrize("behind", COULD.values(), ids=COULD)
def test_what_could_make_a_layer_is_turned_round(behind: str) -> None:
    assert any(line.startswith("m: (None, 9)") for line in built(K + BUILT + behind)), built(K + BUILT + behind)


def test_a_builder_of_another_file_could_make_a_layer() -> None:
    files = {"nets": document(K + "def grow(m):\n    m.add(Dense(9))\n", "nets.py")}
    source = K + "from nets import grow\n" + BUILT + "def main():\n    if ask():\n        return\n    grow(m)\nmain()\n"
    found = evaluate(document(source), load=lambda name, _path: files.get(name))
    assert found.decisions == (1, 1)
    assert sorted(len(m.graph.nodes) for m in found.models) == [1, 2]


def test_below_gives_what_ast_walk_gives() -> None:
    tree = ast.parse(Path(loops.__file__).read_text(encoding="utf-8"))
    empty = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
    found = below([tree])
    assert {id(node) for node in found} == {id(node) for node in ast.walk(tree) if not isinstance(node, empty)}
    lines = [part.lineno for part in found if isinstance(part, ast.stmt)]
    assert lines == sorted(lines)
    names = {part.id for part in below(tree.body, scopes=False) if isinstance(part, ast.Name)}
    assert "LOOP_STEPS" in names
    assert "accumulates" not in names


def test_what_stands_behind_an_early_return_relies_on_the_structure_all_the_same() -> None:
    behind = "def show():\n    if ask():\n        return\n    print(m.layers[0].get_weights())\nshow()\n"
    facts = [fact.kind for context in evaluated(K + BUILT + behind).contexts for fact in context.facts]
    assert "relies-on-structure" in facts


SECOND = {
    "a size": ("shape[-1] == 1", {"relu", "tanh"}),
    "the kind": ("isinstance(shape, list)", {"relu", "tanh"}),
    "the whole": ("shape == (28, 28, 1)", {"relu", "tanh"}),
    "how many": ("len(shape) == 3", {"relu"}),  # Conv2D takes no other
}


@pytest.mark.parametrize(("question", "ways"), SECOND.values(), ids=SECOND)
def test_what_is_asked_once_the_layers_have_said_how_many_axes_there_are(question: str, ways: set[str]) -> None:
    source = (
        "from keras import Input, Model\nfrom keras.layers import Conv2D\n\ndef build(shape):\n"
        f"    act = 'tanh'\n    if {question}:\n        act = 'relu'\n"
        "    i = Input(shape)\n    return Model(i, Conv2D(3, 1, activation=act)(i))\n"
    )
    assert {m.graph.layers[1]["activation"] for m in evaluated(source).models} == ways
