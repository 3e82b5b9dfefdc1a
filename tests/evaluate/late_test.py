"""Decisions behind which nothing is made: they are turned round only if something could be made the other way."""

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
# Names that reach layers, bound anew where it is too late.
TOO_LATE = {
    "a name of a size": "if ask():\n    n = 5\nprint(n)\n",
    "in a loop over data": "for line in open('log'):\n    if line == 'x':\n        n = 7\n    elif ask():\n        n = 8\n",
    "left early": "def report(n):\n    if n:\n        return 'many'\n    return 'few'\nreport(ask())\n",
}


@pytest.mark.parametrize("behind", TOO_LATE.values(), ids=TOO_LATE)
def test_what_is_decided_behind_the_last_layer_is_no_decision(behind: str) -> None:
    found = evaluated(K + BUILT + behind)
    assert found.decisions == (0, 0)
    assert [len(m.graph.nodes) for m in found.models] == [1]


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


def test_a_function_that_makes_nothing_leaves_the_others_explored() -> None:
    asks = "".join(f"    if ask({i}):\n        return Dense\n" for i in range(9))
    found = evaluated(K + BUILT + f"def pick():\n{asks}    return None\n")
    assert found.decisions == (0, 0)


def test_below_gives_what_ast_walk_gives() -> None:
    tree = ast.parse(Path(loops.__file__).read_text(encoding="utf-8"))
    empty = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
    found = below([tree])
    assert {id(node) for node in found} == {id(node) for node in ast.walk(tree) if not isinstance(node, empty)}
    lines = [part.lineno for part in found if isinstance(part, ast.stmt)]
    assert lines == sorted(lines)
    names = {part.id for part in below(tree.body, scopes=False) if isinstance(part, ast.Name)}
    assert "TYPE_CHECKING" in names
    assert "accumulates" not in names
