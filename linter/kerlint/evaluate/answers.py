"""What earlier answers about an unknown value leave of a question: tried on values that stand for all others."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection
from contextlib import suppress
from itertools import pairwise
from typing import Any, TypeAlias

from kerlint.evaluate.values import External, Value

Question: TypeAlias = tuple[Any, Value, bool]  # how it is compared (None: its truth), with what, whether its length is
HOLDS: dict[Any, Callable[[Any, Any], bool]] = {
    None: lambda value, _: bool(value), ast.Eq: operator.eq, ast.In: lambda value, among: value in among,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
PLAIN = (int, float, str, type(None), External)
LARGE = 10**15  # sizes and rates are less; beyond, a float is not next to another


def plain(op: Any, other: Value) -> bool:
    """Whether values can be found that answer the comparison with this in all ways there are."""
    if op is ast.In:
        return isinstance(other, tuple) and all(plain(ast.Eq, value) for value in other)
    if isinstance(other, (int, float)):
        return -LARGE < other < LARGE
    return isinstance(other, str if op in (ast.Gt, ast.GtE) else PLAIN)


def follows(said: Collection[tuple[Question, bool]], question: Question, whole: bool) -> bool | None:
    """The answer, if it is the same for all values that fit what was said; ``whole``: numbers are integers."""
    others = [other for (_, other, _), _ in (*said, (question, True))]
    found: set[bool] = set()
    for value in _values([v for o in others for v in (o if isinstance(o, tuple) else (o,))], whole):
        with suppress(TypeError):  # Python refuses to compare such a value: it is none of this program's
            if len(found) < 2 and all(_holds(value, earlier) is answer for earlier, answer in said):
                found.add(_holds(value, question))
    return found.pop() if len(found) == 1 else None


def _holds(value: Value, question: Question) -> bool:
    op, other, length = question
    return HOLDS[op](len(value) if length else value, other)


def _values(others: list[Value], whole: bool) -> list[Value]:
    """Each of these and what lies beside and between them; of all other values one that is true and one that is not."""
    numbers = sorted({0, *(v for v in others if isinstance(v, (int, float)))})
    near = [*numbers, *(n + d for n in numbers for d in (-1, 1)), *((a + b) / 2 for a, b in pairwise(numbers))]
    integers = {int(f(n)) for n in near for f in (math.floor, math.ceil)}
    texts = ["", *(v for v in others if isinstance(v, str))]
    rows = [range(n) for n in integers if n >= 0]
    named = [v for v in others if isinstance(v, External)]
    return [*(integers if whole else near), None, False, True, *texts, *(t + "\0" for t in texts), *rows, *named]
