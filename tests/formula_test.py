"""Formulas for readers: whole if they are short, else with what is left out marked and counted."""

from __future__ import annotations

import pytest

from kerlint.graph.dim import Dim, formula, show, symbol
from kerlint.graph.formula import LONGEST, brief
from kerlint.report.names import Names, grouped, plain_shape

n, m = symbol("n"), symbol("m")
DEEP = (((n + m) // 2 + n) // 3 + (n * n * m + m + 1) // 7) // 5 * (n // 600) + ((n + 2 * m) // 11 + m) // 13
MANY = sum((symbol(f"size_{i}") * (i + 2) for i in range(12)), n)

CASES = [
    ("512*n + 66048", "512*n + 66048"),
    (f"{'width_' * 30}", f"{('width_' * 30)[:116]} ..."),
    (f"12*floor(({'n + ' * 40}1)/2) - 3*n", "12*floor(...) - 3*n"),
    (f"-floor({'(' * 60}n{')' * 60}/2)**2*m + 7", "-floor(...)**2*m + 7"),
    (" + ".join(["1000*width"] * 12), " + ".join(["1000*width"] * 7) + " + ... (5 more terms)"),
]


@pytest.mark.parametrize(("text", "shown"), CASES)
def test_of_a_long_formula_the_brackets_go_first(text: str, shown: str) -> None:
    assert brief(text) == shown and len(shown) <= LONGEST


@pytest.mark.parametrize("dim", [DEEP, MANY, DEEP * MANY])
def test_readers_get_it_short_and_programs_whole(dim: Dim) -> None:
    """What JSON says of a count or a shape can be calculated with."""
    whole = formula(dim)
    names = Names([dim])
    assert len(whole) > LONGEST >= len(show(dim)) and "..." in show(dim)
    assert names.count(dim) == whole == str(dim) and plain_shape((dim,)) == [whole]
    assert names.shape((dim,)) == f"({show(dim)},)" and grouped(whole) == show(dim)


def test_two_sizes_of_one_expression_are_told_apart() -> None:
    one, other = symbol("len(tk)", "a"), symbol("len(tk)", "b")
    names = Names([one, other])
    assert names.explained(str(names.count(one + 2 * other))) == "n = len(tk), m = another len(tk)"
