"""White space, line ends and odd places: what is around an edit stays byte for byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fix.rewrites import Rule, document_of, fixed, gates, nothing, pointwise, recurrent, unbiased

from kerlint.fix.fix import respell
from kerlint.graph.answer import Respelling
from kerlint.graph.layer import NoFix
from kerlint.text.edit import Applicability
from kerlint.text.span import Span

SOURCES: dict[str, tuple[Rule, str]] = {
    "constructor": (
        pointwise,
        "x = layers.Conv1D(\n    8,  # a\n    kernel_size=1,\n    activation='relu')(x)\n",
    ),
    "argument": (
        unbiased,
        "x = layers.Conv1D(\n\t8,\n\t3, padding='same',\n)(x)\nx = layers.BatchNormalization()(x)\n",
    ),
    "branch": (gates, "if True:\n\tx = layers.LSTM(8)(x)\n"),
    "chain": (recurrent, "x = layers.SimpleRNN(8)(\n    x)\n"),
    "removal": (nothing, "x = layers.Dense(8)(x)\n\nx = layers.Dropout(0)(x)\n\nx = layers.Dense(8)(x)\n"),
}


@pytest.mark.parametrize(("rule", "source"), SOURCES.values(), ids=SOURCES.keys())
def test_line_ends_stay(rule: Rule, source: str) -> None:
    source = "from keras import Input, layers\nx = Input((1, 4))\n" + source
    unix, dos = fixed(source, rule), fixed(source.replace("\n", "\r\n"), rule)
    assert dos.text == unix.text.replace("\n", "\r\n")


GAP = st.sampled_from(["", " ", "  ", "\n", "\n    ", " # why\n", "\n\n  "])
ITEM = st.permutations(["filters=n + 1", "kernel_size=(1,)", "activation=('relu')", "name=f'a{n}'", "padding='same'"])


@settings(max_examples=60, deadline=None)
@given(ITEM, st.lists(GAP, min_size=12, max_size=12), st.booleans(), st.sampled_from(["", "\t", "    "]))
def test_any_white_space(items: list[str], gaps: list[str], comma: bool, indent: str) -> None:
    written = ",".join(f"{gaps[2 * i]}{item}{gaps[2 * i + 1]}" for i, item in enumerate(items))
    call = f"layers.Conv1D({written}{',' if comma else ''}{gaps[10]}){gaps[11].partition('#')[0].strip()}(x)"
    lines = f"x = Input((10, 4))\n{'if True:' if indent else 'n = 2'}\n{indent}n = 2\n{indent}x = {call}  # end\n{indent}y = n\n"
    found = fixed("from keras import Input, layers\n" + lines, pointwise)
    call_after = found.text.partition("layers.Dense")[2]
    assert all(item in call_after for item in ("units=n + 1", "activation=('relu')", "name=f'a{n}'"))
    assert "kernel_size" not in call_after and "padding" not in call_after
    assert found.text.endswith(f"(x)  # end\n{indent}y = n\n")
    lost = lines.count("# why") > found.text.count("# why")
    assert (found.fix.applicability is Applicability.UNSAFE) is lost


ODD: dict[str, tuple[Rule, str, str]] = {
    "a default argument": (
        pointwise,
        "def f(y=layers.Conv1D(8, 1)(x)):\n    return y\nf()\n",
        "def f(y=layers.Dense(8)(x)):\n    return y\nf()\n",
    ),
    "a lambda": (
        pointwise,
        "f = lambda y: layers.Conv1D(8, 1)(y)\nf(x)\n",
        "f = lambda y: layers.Dense(8)(y)\nf(x)\n",
    ),
    "a conditional expression": (
        nothing,
        "y = layers.Dropout(0)(x) if True else x\n",
        "y = x if True else x\n",
    ),
    "a conditional input": (
        nothing,
        "y = layers.Flatten()(layers.Dropout(0)(x if True else None))\n",
        "y = layers.Flatten()((x if True else None))\n",
    ),
    "a loop": (
        pointwise,
        "for n in (8, 8): x = layers.Conv1D(n, 1)(x)\n",
        "for n in (8, 8): x = layers.Dense(n)(x)\n",
    ),
    "a method": (
        nothing,
        "class A:\n    def __init__(self):\n        self.drop = layers.Dropout(0)\n        self.out = layers.Dense(1)\n"
        "    def f(self, x):\n        return self.out(self.drop(x))\nA().f(x)\n",
        "class A:\n    def __init__(self):\n        self.out = layers.Dense(1)\n"
        "    def f(self, x):\n        return self.out(x)\nA().f(x)\n",
    ),
    "a walrus": (
        pointwise,
        "y = (c := layers.Conv1D(8, 1))(x)\n",
        "y = (c := layers.Dense(8))(x)\n",
    ),
    "in parentheses over lines": (
        pointwise,
        "y = (layers\n     .Conv1D\n     (8, 1)\n     (x))\n",
        "y = (layers.Dense\n     (8)\n     (x))\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "before", "after"), ODD.values(), ids=ODD.keys())
def test_odd_places(rule: Rule, before: str, after: str) -> None:
    head = "from keras import Input, layers\nx = Input((10, 4))\n"
    assert fixed(head + before, rule).text == head + after


def test_respelling() -> None:
    document = document_of("x = a(p=1)\n")
    edit = (Span("model.py", None, 6, 7), "rate")
    fix = respell(document, Respelling((edit,), "Rename p to rate"), Applicability.SAFE, ("why",))
    assert document.edited(fix.edits).cells[0].source == "x = a(rate=1)\n"
    assert (fix.title, fix.applicability, fix.reasons) == ("Rename p to rate", Applicability.SAFE, ("why",))
    with pytest.raises(NoFix):
        respell(document, Respelling(((edit[0], "("),), "Break it"), Applicability.SAFE)


ARGUMENTS = {
    "last": ("a(1, p=2)\n", "a(1)\n"),
    "only": ("a(p=2)\n", "a()\n"),
    "first": ("a(p=2, q=3)\n", "a(q=3)\n"),
    "with a comma": ("a(1, p=2,)\n", "a(1,)\n"),
    "on its line": ("a(\n    1,\n    p=2,\n)\n", "a(\n    1,\n)\n"),
    "on its line, without a comma": ("a(\n    1,\n    p=2\n)\n", "a(\n    1\n)\n"),
    "behind a comment": ("a(\n    1,  # one\n    p=2\n)\n", "a(\n    1,  # one\n)\n"),
}


@pytest.mark.parametrize(("before", "after"), ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_an_argument_goes_with_its_comma(before: str, after: str) -> None:
    document = document_of(before)
    start = before.index("p=2")
    gone = Respelling(((Span("model.py", None, start, start + 3), ""),), "Remove p")
    fix = respell(document, gone, Applicability.SAFE)
    assert document.edited(fix.edits).cells[0].source == after


def test_a_cell_that_is_indented_as_a_whole() -> None:
    lines = ["  from keras import Input, layers\n", "  x = Input((1, 4))\n", "  x = layers.LSTM(8)(x)\n"]
    book = json.dumps({"cells": [{"cell_type": "code", "source": lines}]})
    after = fixed(book, gates, "n.ipynb").text.splitlines(keepends=True)
    assert after[:2] == lines[:2]
    assert after[2:4] == ["  flatten = layers.Flatten()(x)\n", "  x = layers.Multiply()([\n"]
    assert all(line.startswith("  ") for line in after)
