"""Inputs for a model whose weights are measured: numbers of every kind, and indices so that each row has its turn."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_input
from .held import Held

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray
EXAMPLES = 8
MOST, FEW = 2**20, 2**15  # numbers that go into a pass where indices need it, and else; unless 8 examples have more
SIZES = (7, 16, 32, 64, 128, 224, 512, 1024, 2048, 4096)  # of what is free, in this order
RUNNING = 6  # so many are tried until the model runs
LENGTH = 64  # of inputs where entries seem dead, at least
LARGEST = 2**21  # numbers of two examples
TURNS = 200  # passes after which each index has been there
KINDS = ("ordinary", "negative", "ordinary", "large", "positive")
LARGE = (1e2, 1e4, 1e6)  # thresholds may lie far away


class Uncovered(Exception):
    """It would take too long to see which entries matter; says why."""


class Feed:
    """The inputs of one model, with a number for every free size."""

    def __init__(self, held: Held, inputs: Sequence[Data], size: int) -> None:
        self.held, self.size = held, size
        if any(0 in row["shape"] for row in inputs):
            raise Uncovered("an input holds nothing")
        self.rows = list(_rows(inputs, size))
        held.outputs(held.drawn((1.0, 1.0)), self.inputs(0))  # which may raise
        if self.turns > TURNS:
            raise Uncovered("an input has more indices than can be tried")

    def inputs(self, number: int) -> list[Array]:
        """One array for each input: of another kind for the next number, with the next indices."""
        kind, large = KINDS[number % len(KINDS)], LARGE[number // len(KINDS) % len(LARGE)]
        return [
            self._indices(row, number)
            if "below" in row
            else drawn_input(self.held.rng, row, kind, "float32", large).astype(row["dtype"])
            for row in self.rows
        ]

    @property
    def turns(self) -> int:
        """After so many passes, each index has been there that is wanted."""
        wanted = [self._wanted(row) for row in self.rows if "below" in row]
        return max((math.ceil(len(rows) / many) for rows, many in wanted), default=1)

    def _wanted(self, row: Data) -> tuple[Array, int]:
        """The rows of tables with entries that are not known to be alive, or else all; how many indices are of these.

        If not all of them, the others are any, so that these rows meet all kinds of others.
        """
        unknown, size = np.zeros(row["below"], bool), int(np.prod(row["shape"]))
        for (layer, _, _), live in zip(self.held.places, self.held.live, strict=True):
            if layer in row["tables"] and live.ndim > 1:
                unknown |= np.logical_not(live.reshape(len(live), -1).all(1))[: row["below"]]
        unknown |= not unknown.any()
        return np.flatnonzero(unknown), size if 2 * unknown.sum() >= row["below"] else (size + 1) // 2

    def _indices(self, row: Data, number: int) -> Array:
        rows, many = self._wanted(row)
        taken = rows[(np.arange(many) + number * many) % len(rows)]
        others = self.held.rng.integers(0, row["below"], int(np.prod(row["shape"])) - many)
        return self.held.rng.permutation(np.append(taken, others)).reshape(row["shape"]).astype(row["dtype"])


def feeds(held: Held, inputs: Sequence[Data], length: int) -> Iterator[Feed]:
    """Inputs of the first free size for which the model runs, then of one at which no window is longer than its axis.

    Raises Uncovered where that is too large, and what the model raises where it runs for no size.
    """
    free = any(None in row["shape"][1:] for row in inputs)
    length = max(LENGTH, length)
    feed = _first(held, inputs, SIZES[: RUNNING if free else 1])
    yield feed
    if free and feed.size < length:
        long = [size for size in SIZES if size >= length and 2 * _numbers(inputs, size) <= LARGEST]
        if not long:
            raise Uncovered("inputs that are longer than its windows are too large to be drawn")
        yield _first(held, inputs, long)


def _first(held: Held, inputs: Sequence[Data], sizes: Sequence[int]) -> Feed:
    for size in sizes[:-1]:
        with contextlib.suppress(Exception):  # of another size it may run
            return Feed(held, inputs, size)
    return Feed(held, inputs, sizes[-1])


def _numbers(inputs: Sequence[Data], size: int) -> int:
    """How many numbers one example has."""
    return sum(math.prod(size if d is None else d for d in row["shape"][1:]) for row in inputs)


def _rows(inputs: Sequence[Data], size: int) -> Iterator[dict[str, Any]]:
    """The inputs with shapes that are known: some examples, more where there are many indices or few numbers."""
    shapes = [[size if d is None else d for d in row["shape"][1:]] for row in inputs]
    numbers = _numbers(inputs, size)
    wanted = max(math.ceil(r.get("below", 0) / EXAMPLES / math.prod(s)) for r, s in zip(inputs, shapes, strict=True))
    examples = max(2, min(EXAMPLES, MOST // numbers), min(wanted, MOST // numbers), min(8 * EXAMPLES, FEW // numbers))
    for row, shape in zip(inputs, shapes, strict=True):
        yield {**row, "shape": [examples if row["shape"][0] is None else row["shape"][0], *shape]}
