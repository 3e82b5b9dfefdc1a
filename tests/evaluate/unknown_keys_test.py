"""What is not known may be equal to what is: no size is claimed that another value of it contradicts."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from tests.evaluate.seen import models

HEAD = """import sys
from keras import Input, Sequential
from keras.layers import Dense
n, word = int(sys.argv[1]), sys.argv[2]
"""
OWN = "class Own:\n    size = 3\n    def __init__(self, **given):\n        for key in given:\n            setattr(self, key, given[key])\n"
# Each makes a ``size`` of a number from 0 to 5 and of a word that may be "size".
PROGRAMS = [
    "size = {3: 6, n: 5}[3]",
    "size = {n: 6, 3: 5}[3]",
    "size = {**{3: 4}, **{n: 5}}[3]",
    "size = ({'size': 3} | {word: 5})['size']",
    "sizes = {'size': 3}\nsizes |= {word: 5}\nsize = sizes['size']",
    "sizes = {'size': 3}\nsizes.update({word: 5})\nsize = sizes['size']",
    "sizes = {'size': 3}\nsizes.update({'other': 1, **{word: 5}})\nsize = sizes['size']",
    "sizes = {'size': 3, 'other': 4}\ndel sizes[word]\nsize = len(sizes) + 1",
    f"{OWN}own = Own()\nsetattr(own, word, 4)\nsize = own.size",
    f"{OWN}own = Own()\nown.__dict__.update({{word: 4}})\nsize = own.size",
    f"{OWN}own = Own(**{{word: 4}})\nsize = own.size",
    f"{OWN}setattr(Own, word, 4)\nsize = Own().size",
    f"{OWN}own = Own(size=5)\nif hasattr(own, word):\n    delattr(own, word)\nsize = own.size",
    f"{OWN}own = Own()\nsetattr(own, word, 4)\nsize = 5 if hasattr(own, 'other') else 6",
    "size = len({3, 4} - {n}) + 1",
    "size = len({3, 4} & {n}) + 1",
    "size = len({3, 4} ^ {n})",
    "size = len({3, 4}.difference([n]))",
    "size = len({3, 4}.intersection({n})) + 1",
    "size = len({3}.union([n]))",
    "size = 4 if {3}.issubset({n, 4}) else 5",
    "size = 4 if {3, 4} <= {n, 4} else 5",
    "size = 4 if {3, 4} == {n, 4} else 5",
    "size = 4 if {'a': n} == {'a': 3} else 5",
    "size = 4 if {n: 1} == {3: 1} else 5",
    "size = [n, 3].index(3) + 1",
    "size = [3, n, 3].count(3)",
    "sizes = [n, 3, 4]\nsizes.remove(3)\nsize = sizes[0] + 1",
    "sizes = [3]\nfor other in range(n):\n    sizes.append(other)\nsize = 4 if sizes == [3] else 5",
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_claimed_holds_whatever_the_unknown_value_is(program: str) -> None:
    found = models(f"{HEAD}{program}\nm = Sequential([Input((8,)), Dense(size)])\n")
    seen = {m.graph.layers[-1]["units"] for m in found}
    assert seen
    if not all(isinstance(units, int) for units in seen):
        return  # it says that it does not know
    for n in range(6):
        names: dict[str, Any] = {"n": n, "word": ("size", "other", "third")[n % 3]}
        with suppress(LookupError, ValueError, AttributeError):
            exec(program, names)
            assert names["size"] in seen
