"""The sizes that a proof draws: for what is not known, and small ones for what is large."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence, Set
from fractions import Fraction
from math import ceil, prod

from kerlint.graph.answer import Rewrite
from kerlint.graph.dim import BATCH, Symbol, symbols
from kerlint.graph.graph import Graph
from kerlint.graph.layer import Layer
from kerlint.layers.table import STEPPED
from kerlint.prove.arguments import ENDS, WINDOWS, concrete, dimensions, most_of, numbers
from kerlint.prove.whole import Whole

EXAMPLES = 3  # the batch: more than one, so that statistics over it are not constant
LARGE = 64  # sizes above it may be scaled down,
RESIDUE = 24  # to those that leave the same rest: windows, strides and groups divide them as before
# In this order, until SHORT of them build: even, 1 (where much degenerates), odd, then ever larger ones.
SIZES = (4, 1, 5, 7, 8, 2, 3, 6, 12, 9, 16, 10, 15, 24, 32, 28, 21, 64, 100, 128, 224, 500, 1000, 1500, 2000)
STEPS = (2, 3, 1, 5, 4)  # of windows, strides and the like that are not known
ONE = Fraction(1)  # entry of an input
LONGER = (4_000, 8_000, 16_000, 32_000, 64_000, 100_000)  # where windows are long; more is too large anyway


def sizes_of(rewrite: Rewrite) -> list[int]:
    """Sizes to try: with what layers name, a window or a shape, and multiples, for those that take nothing else."""
    told = [[d for d in dimensions(node.layer) if isinstance(d, int) and d > 1] for node in rewrite.old]
    own = sorted({*itertools.chain.from_iterable(told), *map(prod, told)})
    multiples = (n * size for n in (1, 2, 3) for size in own if n * size < LONGER[0])
    return list(dict.fromkeys((*SIZES, *multiples, *LONGER)))


def reach(rewrite: Rewrite, number: Mapping[int, int] | None = None) -> int:
    """How many entries of an axis matter to one entry of the output, at most: as if all windows were along it.

    Those of a whole model are taken one by one: what is new in it is proved by itself. ``number`` replaces sizes.
    """
    given = number or {}
    most = 1
    for nodes in (rewrite.old, rewrite.new_nodes):
        found, pace = ONE, ONE
        for node in nodes:
            layer = concrete(node.layer, lambda dim: given.get(dim, dim) if isinstance(dim, int) else max(STEPS))
            ahead = pace * _ahead(layer)
            found = max(found, 1 + ahead) if isinstance(rewrite, Whole) else found + ahead
            pace *= 1 if isinstance(rewrite, Whole) else _pace(layer)
        most = max(most, ceil(found))
    return most


def longest(graph: Graph, pace: Fraction = ONE) -> tuple[int, Fraction]:
    """The length of an input at which every window can have all its entries in use, and how many of it one entry of
    an output stands for, both at most.
    """
    most, paces = 1, dict.fromkeys(graph.inputs, pace)
    for node in graph.nodes:
        here = max((paces.get(tensor, ONE) for tensor in node.inputs), default=ONE)
        inner = node.layer.config.peek("graph")
        within = isinstance(inner, Graph)
        reached = 1 + ceil(here * _ahead(node.layer))
        found, left = longest(inner, here) if within else (reached, here * _pace(node.layer))
        most = max(most, found)
        paces |= dict.fromkeys(node.outputs, left)
    return most, max((paces.get(tensor, ONE) for tensor in graph.outputs), default=ONE)


def _ahead(layer: Layer) -> int:
    """How far a window, or what is left out, lies ahead."""
    window = (most_of(layer, WINDOWS) or 1) - 1
    return window * (most_of(layer, ("dilation_rate",)) or 1) + most_of(layer, ENDS)


def _pace(layer: Layer) -> Fraction:
    """How far the next window is; where an axis becomes longer, the part of an entry that one of the output is."""
    longer = "strides" if layer.kind.endswith("Transpose") else "size" if layer.kind.startswith("UpSampling") else ""
    times = [n if isinstance(n, int) else 1 for n in numbers(layer, (longer,))]
    return Fraction(1, max(1, min(times))) if times else Fraction(max(1, most_of(layer, (*WINDOWS[1:], "strides"))))


def values_for(unknown: Sequence[Symbol], sizes: Sequence[int], steps: Set[Symbol]) -> Iterator[dict[Symbol, int]]:
    """Sizes for the symbols: each its own, so that no two are equal by accident, then all the same. Small ``steps``."""
    (batch,) = symbols(BATCH)
    drawn = [(i, s, STEPS if s in steps else sizes) for i, s in enumerate(sorted(unknown, key=steps.__contains__))]
    for apart in (4, 0)[: len(unknown)]:
        for start in range(len(sizes)):
            yield {batch: EXAMPLES} | {s: some[(start + apart * i) % len(some)] for i, s, some in drawn}
    if not unknown:
        yield {batch: EXAMPLES}


def steps_of(rewrite: Rewrite) -> set[Symbol]:
    """What is not known of windows and of their steps, and is no size of an input by itself."""
    arguments = [dim for node in (*rewrite.old, *rewrite.new_nodes) for dim in numbers(node.layer, STEPPED)]
    sizes = [symbols(dim) for tensor in rewrite.inputs for dim in tensor.shape]
    return {s for dim in arguments for s in symbols(dim) if (s,) not in sizes}


def smaller(rewrite: Rewrite) -> dict[int, int]:
    """Small numbers for the large sizes that inputs and configurations name; multiples of one stay multiples.

    Windows come first: what is longer stays longer than twice what they then reach.
    """
    layers = [node.layer for node in (*rewrite.old, *rewrite.new_nodes)]
    windows = [dim for layer in layers for dim in numbers(layer, (*WINDOWS, *ENDS))]
    found = [dim for tensor in rewrite.inputs for dim in tensor.shape]
    found += [dim for layer in layers for dim in dimensions(layer)]
    sizes: dict[int, int] = {}
    for group in (windows, found):
        least = 2 * reach(rewrite, sizes) if group is found else 1
        for size in sorted({dim for dim in group if isinstance(dim, int) and dim > LARGE}):
            if not any(size % other == 0 for other in sizes):
                taken = itertools.count(size % RESIDUE or RESIDUE, RESIDUE)
                sizes[size] = next(small for small in taken if small > least and small not in sizes.values())
    return sizes
