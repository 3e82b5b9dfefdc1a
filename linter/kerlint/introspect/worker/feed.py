"""Inputs for a model whose weights are measured: numbers of every kind, and indices so that each row has its turn."""

from __future__ import annotations

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
TURNS = 200  # passes after which each index has been there
KINDS = ("ordinary", "negative", "ordinary", "large", "positive")
FAR = 1e6  # no threshold is looked for beyond


class Uncovered(Exception):
    """It would take too long to see which entries matter; says why."""


class Feed:
    """The inputs of one model, with a number for every free size: the first for which the model runs."""

    def __init__(self, held: Held, inputs: Sequence[Data], configs: Sequence[Any]) -> None:
        self.held, self.reach = held, _reach(list(configs))
        self.rows: list[dict[str, Any]] = []
        if any(0 in row["shape"] for row in inputs):
            raise Uncovered("an input holds nothing")
        sizes = (7, 16, 32, 64, 128, 224) if any(None in row["shape"][1:] for row in inputs) else (7,)
        for size in sizes:
            self.rows = list(_rows(inputs, size))
            try:
                held.outputs(self.inputs(0))
                break
            except Exception:
                if size == sizes[-1]:
                    raise
        if self.turns > TURNS:
            raise Uncovered("an input has more indices than can be tried")

    def inputs(self, number: int) -> list[Array]:
        """One array for each input: of another kind for the next number, with the next indices."""
        kind = KINDS[number % len(KINDS)]
        far = self.reach if kind == "large" else 1.0
        return [
            self._indices(row, number)
            if "below" in row
            else (far * drawn_input(self.held.rng, row, kind, "float32")).astype(row["dtype"])
            for row in self.rows
        ]

    @property
    def turns(self) -> int:
        """After so many passes, each index has been there that is wanted."""
        indexed = [row for row in self.rows if "below" in row]
        return max((math.ceil(len(self._wanted(row)) / self._many(row)) for row in indexed), default=1)

    def _wanted(self, row: Data) -> Array:
        """The rows of tables with entries that are not known to be alive; all, where there are none or no table."""
        open_rows = np.zeros(row["below"], bool)
        for (layer, _, _), live in zip(self.held.places, self.held.live, strict=True):
            if layer in row["tables"] and live.ndim > 1:
                open_rows |= np.logical_not(live.reshape(len(live), -1).all(1))[: row["below"]]
        return np.flatnonzero(open_rows) if open_rows.any() else np.arange(row["below"])

    def _many(self, row: Data) -> int:
        """How many indices are those that are wanted; the others are any, so that these meet all kinds of others."""
        size = int(np.prod(row["shape"]))
        return size if 2 * len(self._wanted(row)) >= row["below"] else (size + 1) // 2

    def _indices(self, row: Data, number: int) -> Array:
        wanted, many = self._wanted(row), self._many(row)
        taken = wanted[(np.arange(many) + number * many) % len(wanted)]
        others = self.held.rng.integers(0, row["below"], int(np.prod(row["shape"])) - many)
        return self.held.rng.permutation(np.append(taken, others)).reshape(row["shape"]).astype(row["dtype"])


def _rows(inputs: Sequence[Data], size: int) -> Iterator[dict[str, Any]]:
    """The inputs with shapes that are known: some examples, more where there are many indices or few numbers."""
    shapes = [[size if d is None else d for d in row["shape"][1:]] for row in inputs]
    numbers = sum(map(math.prod, shapes))
    wanted = max(math.ceil(r.get("below", 0) / EXAMPLES / math.prod(s)) for r, s in zip(inputs, shapes, strict=True))
    examples = max(EXAMPLES, min(wanted, MOST // numbers), min(8 * EXAMPLES, FEW // numbers))
    for row, shape in zip(inputs, shapes, strict=True):
        yield {**row, "shape": [examples if row["shape"][0] is None else row["shape"][0], *shape]}


def _reach(config: Any) -> float:
    """The largest number that layers are made with, as thresholds are."""
    parts = config.items() if isinstance(config, dict) else enumerate(config if isinstance(config, list) else ())
    inner = max((_reach(part) for key, part in parts if key != "seed"), default=1.0)
    own = abs(config) if isinstance(config, (int, float)) else 1.0
    return max(inner, own if own < FAR else 1.0)
