"""Which random numbers of two graphs are the same: layers that draw in training may stand elsewhere.

Each layer draws its own. Where both agree for one way of pairing them, they draw from one distribution.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, permutations, product

from .build import Data, all_of, rates_of

# An entry is as good as another for these: what they draw may lie along any order of the axes.
EACH_ENTRY = frozenset({"Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise"})


def drawing(draw: Data, side: str) -> list[str]:
    """Of each layer that draws numbers in training, as they are made: class, rates, seed; which it is if it stays."""
    kept = [row.get("kept") for row in draw["new"]["layers"]]
    known = kept if side == "new" else [i if i in kept else None for i in range(len(draw["old"]["layers"]))]
    return [
        repr((row["class"], rates_of(row), row.get("start", {}).get("seed"), which))
        for which, layer in zip(known, draw[side]["layers"], strict=True)
        for row in all_of([layer])
        if rates_of(row)
    ]


def couplings(draw: Data) -> Iterator[Data]:
    """The draw, each layer of the new graph with the seed of one of the old: in order first, then otherwise."""
    old, new = drawing(draw, "old"), drawing(draw, "new")
    kinds = [*dict.fromkeys(old)]
    for orders in product(*(permutations([i for i, kind in enumerate(old) if kind == one]) for one in kinds)):
        more = count(len(old))
        turns = {kind: chain(order, more) for kind, order in zip(kinds, orders, strict=True)}
        seeds = [next(turns.get(kind, more)) for kind in new]
        yield {**draw, "new": {**draw["new"], "seeds": seeds}}
    ranks = () if any("kept" in row for row in draw["new"]["layers"]) else {len(row["shape"]) for row in draw["inputs"]}
    turned = [axes for rank in sorted(ranks) for axes in [*permutations(range(1, rank))][1:]]
    for side, axes in product(("new", "old"), turned):
        for number, row in enumerate(draw[side]["layers"]):
            if row["class"] in EACH_ENTRY and rates_of(row) and not row["config"].get("noise_shape"):
                yield {**draw, side: {**draw[side], "axes": {number: axes}}}
