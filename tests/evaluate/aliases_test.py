"""One object by several names: what is picked at a place that is not known, and data beside data."""

from __future__ import annotations

import pytest
from tests.evaluate.seen import lines

HEAD = """\
import random
import numpy as np
import pandas as pd
import keras
from keras import Sequential
from keras.layers import Dense
k = random.randrange(2)
rows, named = [[4], [6]], {"a": [4], "b": [6]}
class Box:
    def __init__(self, n): self.n = n
boxes = [Box(4), Box(6)]
"""
TAIL = "m = Sequential([keras.Input((3,)), *(Dense(n) for row in found for n in row)])\n"


@pytest.mark.parametrize(
    "change",
    [
        "rows[k][0] = 5",
        "random.choice(rows)[0] = 5",
        "row = rows[k]\nrow.append(5)",
        "row = rows[k]\nrow += [5]",
        "for row in random.sample(rows, 1): row[0] = 5",
        "min(rows, key=lambda row: random.random()).append(5)",
        "sorted(rows, reverse=True)[0][0] = 5",  # lists have an order, which is not followed
        "del rows[k][0]",
    ],
)
def test_what_is_changed_at_an_unknown_place_is_changed_perhaps(change: str) -> None:
    assert lines(f"{HEAD}{change}\nfound = rows\n{TAIL}")[0].endswith("?")
    assert lines(f"{HEAD}found = rows\n{TAIL}") == ["m: (None, 6) 46"]
    other = change.replace("rows", "[[1], [2]]")
    assert lines(f"{HEAD}{other}\nfound = rows\n{TAIL}") == ["m: (None, 6) 46"]


def test_what_is_perhaps_one_of_many_does_not_grow_without_end() -> None:
    again = "\n".join(["row = random.choice([row, row, *rows])"] * 60)
    assert lines(f"{HEAD}row = rows[k]\n{again}\nfound = [[4]]\n{TAIL}") == ["m: (None, 4) 16"]


def test_an_attribute_of_one_of_several_objects() -> None:
    found = "found = [[box.n for box in boxes]]\n"
    assert lines(f"{HEAD}random.choice(boxes).n = 5\n{found}{TAIL}") != ["m: (None, 6) 46"]
    assert "46" not in lines(f"{HEAD}random.choice(boxes).n = 5\n{found}{TAIL}")[0]
    assert lines(f"{HEAD}{found}{TAIL}") == ["m: (None, 6) 46"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("for row, n in zip(rows, (2, 3)): row[0] = n", "m: (None, 3) 17"),
        ("max(rows, key=lambda row: row[0])[0] = 9", "m: (None, 9) 61"),
        ("for row in rows: row[0] = 5", "m: (None, 5) 50"),
    ],
)
def test_what_is_changed_at_a_known_place(change: str, found: str) -> None:
    assert lines(f"{HEAD}{change}\nfound = rows\n{TAIL}") == [found]


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        ("np.zeros((3, 4)) + load()", None),  # of more axes, perhaps
        ("load() * np.zeros((4, 1))", None),  # or wider
        ("np.zeros((3, 4)) + int(load())", "(None, 2) 10"),
        ("np.zeros((3, 4)) / 255.0", "(None, 2) 10"),
        ("np.zeros((3, 4))\ndata -= load()", "(None, 2) 10"),  # in place: as large as it was
        ("np.zeros((3, 4))[: int(load())]", "(None, 2) 10"),
    ],
)
def test_data_beside_something_unknown(data: str, shape: str | None) -> None:
    source = f"{HEAD}from store import load\ndata = {data}\n"
    (found,) = lines(source + "m = Sequential([keras.Input(data.shape[1:]), Dense(2)])\n")
    assert found == f"m: {shape}" if shape else "10" not in found and " 4" not in found
