"""Two graphs with mapped weights: outputs, masks, losses and gradients, in inference and in training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count, permutations, product
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_weight
from ...host.inside.framework import NoKeras, NoOperation
from .build import Refuted, Side, Unrunnable, all_of, gist, rates_of
from .mapping import pull, value
from .run import KINDS, WEIGHTY, Ran, Weights, bends, inputs_of, large_of, run
from .tolerances import GRADIENT, OUTPUT, SINGLE, apart, magnitude

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray
STRICT = ("identical", "same-training")  # levels that promise the same training
HEAVY = 2e8  # multiply-accumulates of a pass above which fewer inputs are compared
SMOOTH = frozenset(KINDS) - {"zero", "edges", WEIGHTY}  # there relu and pooling have no gradient to agree on
# An entry is as good as another for these: what they draw may lie along any order of the axes.
EACH_ENTRY = frozenset({"Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise"})


@dataclass
class Found:
    """The largest differences so far, how many inputs were compared, and what had to be left out."""

    error: float = 0.0
    gradient: float = 0.0
    inputs: int = 0
    notes: list[str] = field(default_factory=list)


class Pair:
    """Both graphs of one draw, built, with random weights on one side and mapped ones on the other."""

    def __init__(
        self, draw: Data, generation: Mapping[str, int], level: str, seed: int, dtype: str = "float64"
    ) -> None:
        self.draw, self.generation, self.dtype, self.seed, self.level = draw, generation, dtype, seed, level
        self.strict = level in STRICT  # regularisers may differ for the levels below
        self.exact = dtype == "float64"  # else loosely, only outputs, only inference
        rows = draw["new"]["layers"]
        self.made = {(i, weight["name"]): weight["of"] for i, row in enumerate(rows) for weight in row["weights"]}
        self.kept = {i for i, row in enumerate(rows) if "kept" in row}
        self.old = self._built("old")
        rng = np.random.default_rng([seed, 99])  # zeros and ones, with which layers start, hide mistakes
        self.weights = {key: drawn_weight(rng, key[1], v.shape) for key, v in self.old.weights.items()}
        self.mapped = self.map(self.weights)
        self.new = self._built("new")
        if self.old.shape != self.new.shape:
            raise Refuted(f"outputs have shapes {list(self.old.shape)} and {list(self.new.shape)}")
        if self.old.stateful != self.new.stateful:  # long sequences may forget what they began with
            raise Refuted("outputs of a second batch differ: not the same layers go on where the batch before ended")
        self.heavy = max(draw["old"]["macs"], draw["new"]["macs"]) > HEAVY
        old, new = (drawing(draw, side) for side in ("old", "new"))  # what reaches no output may go
        self.trains = Counter(new) <= Counter(old) if self.strict else Counter(new) == Counter(old)
        if self.strict and not self.trains:
            raise Refuted("the replacement draws other random numbers in training")
        self.moved = draw.get("moved") or old != new
        self.cases = self._cases()

    def _built(self, which: str) -> Side:
        """A side that Keras builds and runs. Raises Unrunnable for the old one, Refuted for the new one."""
        try:
            first = "channels_first" in str([self.draw[name]["layers"] for name in ("old", "new")])
            side = Side(self.draw[which], self.draw["inputs"], self.generation[which], self.dtype, first=first)
            side.shape = run(side, self.inputs("ordinary"), False).output.shape
        except (NoKeras, NoOperation, Refuted, MemoryError):
            raise
        except Exception as error:
            if type(error).__name__ == "ResourceExhaustedError":
                raise MemoryError from error
            if which == "old":
                raise Unrunnable(f"what stands there cannot be run: {gist(error)}") from error
            raise Refuted(f"the replacement cannot be run: {gist(error)}") from error
        return side

    def _cases(self) -> list[tuple[str, bool]]:
        """Kinds of inputs with whether the pass trains; fewer for later draws, which differ in sizes only."""
        if not self.exact:
            return [("ordinary", False)]
        few = self.heavy or self.seed > 0
        kinds = ("ordinary", "negative") if few else KINDS
        left_out = (WEIGHTY if self.kept else "", "" if bends(self.draw) else "edges")  # rounding adds up in a model
        trained = ("ordinary", "large", "negative")[: 1 if few else 3] if self.trains else ()
        return [(k, False) for k in kinds if k not in left_out] + [(k, True) for k in trained]

    def map(self, weights: Weights) -> Weights:
        """The new weights. Raises Refuted if one is missing or has another shape."""
        try:
            return {key: value(expression, weights) for key, expression in self.made.items()}
        except (ValueError, KeyError, IndexError) as error:
            raise Refuted(f"a weight of the replacement: {error}") from error

    def reset(self, factor: float = 1.0) -> None:
        """Weights as mapped (training moves them), or all by a factor larger; nothing is left of a batch before."""
        scaled = {key: _scaled(key[1], w, factor) for key, w in self.weights.items()} if factor != 1 else self.weights
        self.old.assign(scaled)
        self.new.assign(self.map(scaled) if factor != 1 else self.mapped)
        self.old.goes_on = self.new.goes_on = False

    def inputs(self, kind: str) -> list[Array]:
        """Inputs of a kind, the same for both sides."""
        return inputs_of(self.draw, kind, self.seed, self.dtype)

    def toward(self, kind: str) -> Array:
        """The direction in which gradients are taken: random, so that no two outputs can be exchanged."""
        return np.random.default_rng([self.seed, KINDS.index(kind), 5]).standard_normal(self.old.shape)

    def pulled(self, ran: Ran) -> Weights:
        """The replacement's gradients as gradients of the old weights; what it does not read has zero."""
        into: Weights = {key: np.zeros_like(array) for key, array in self.weights.items()}
        for key, expression in self.made.items():
            pull(expression, ran.weights[key], self.weights, into)
        return into

    def name(self, key: tuple[int, str], side: str = "old") -> str:
        """A weight as it is called in messages."""
        return f"{key[1]} of {self.draw[side]['layers'][key[0]]['class']}"


def _scaled(name: str, weight: Array, factor: float) -> Array:
    """Not what is used again and again, where one rounding would grow; variances keep their sign."""
    return weight if "recurrent" in name else weight * (abs(factor) if "variance" in name else factor)


def compare(pair: Pair, found: Found, training: bool) -> None:
    """Every input, in inference or in training. Raises Refuted at the first difference."""
    if training and not pair.trains:
        found.notes.append("training was not compared: the two graphs draw different random numbers")
    for kind in (kind for kind, trains in pair.cases if trains is training):
        where = f"{'training' if training else 'inference'}, {kind} inputs"
        inputs = pair.inputs(kind)
        toward = pair.toward(kind) if kind in SMOOTH and pair.exact else None
        found.inputs += not training
        pair.reset(large_of(pair.draw) if kind == WEIGHTY else 1.0)
        for batch in ("", ", second batch")[: 1 + bool(pair.old.stateful)]:
            old, new = (run(side, inputs, training, toward, pair.strict) for side in (pair.old, pair.new))
            if kind == WEIGHTY and not np.isfinite([*old.output.flat, *new.output.flat]).all():
                continue
            _outputs(pair, old, new, where + batch, found)
            if toward is not None:
                _gradients(pair, old, new, where + batch, found)
            pair.old.goes_on = pair.new.goes_on = True


def _outputs(pair: Pair, old: Ran, new: Ran, where: str, found: Found) -> None:
    error = apart(old.output, new.output)
    found.error = max(found.error, error)
    if not error <= (OUTPUT if pair.exact else SINGLE):
        raise Refuted(f"outputs{'' if pair.exact else ' in float32'} differ by {error:.2g} ({where})")
    if apart(old.mask, new.mask) > 0:
        raise Refuted(f"the replacement hands on another mask ({where})")
    if pair.strict and pair.exact and not apart(old.penalty, new.penalty) <= OUTPUT:
        raise Refuted(f"losses of the layers differ: {old.penalty:.6g} and {new.penalty:.6g} ({where})")


def _gradients(pair: Pair, old: Ran, new: Ran, where: str, found: Found) -> None:
    pulled = pair.pulled(new)
    scale = magnitude(*old.weights.values(), *old.inputs)
    rows = [(f"gradients of {pair.name(key)}", gradient, pulled[key]) for key, gradient in old.weights.items()]
    rows += [("gradients of the input", *both) for both in zip(old.inputs, new.inputs, strict=True)]
    for what, before, after in rows:
        error = apart(before, after, scale)
        found.gradient = max(found.gradient, error)
        if not error <= GRADIENT:
            raise Refuted(f"{what} differ by {error:.2g} ({where})")


# --- which random numbers of two graphs are the same -------------------------------------------------------
# Layers that draw in training may stand elsewhere, and each draws its own: where both graphs agree for one way of
# pairing them, they draw from one distribution.


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
