"""Two graphs with mapped weights: outputs, masks, losses and gradients, in inference and in training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...host.inside.framework import NoOperation
from .build import Disagreement, NoKeras, Side, Unrunnable, gist
from .mapping import pull, value
from .run import KINDS, Ran, Weights, bends, inputs_of, random_weights, run
from .tolerances import GRADIENT, OUTPUT, SINGLE, apart, magnitude

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray
STRICT = ("identical", "same-training")  # levels that promise the same training
HEAVY = 2e8  # multiply-accumulates of a pass above which fewer inputs are compared
SMOOTH = frozenset(KINDS) - {"zero", "edges"}  # there relu and pooling have no gradient to agree on


class Refuted(Exception):
    """The graphs differ; says where, and by how much."""


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
        self.draw, self.generation, self.dtype, self.seed = draw, generation, dtype, seed
        self.losses = level in STRICT  # regularisers may differ for the levels below
        self.old = self._built("old")
        self.weights = random_weights(self.old, seed)
        self.mapped = self._map()
        self.new = self._built("new")
        if self.old.shape != self.new.shape:
            raise Refuted(f"outputs have shapes {list(self.old.shape)} and {list(self.new.shape)}")
        if self.old.memory != self.new.memory:
            raise Refuted("outputs of a second batch differ: not the same layers go on where the batch before ended")
        self.heavy = max(draw["old"]["macs"], draw["new"]["macs"]) > HEAVY
        self.trains = self.old.randomness == self.new.randomness
        self.cases = self._cases()

    def _built(self, which: str) -> Side:
        """A side that Keras builds and runs. Raises Unrunnable for the old one, Refuted for the new one."""
        try:
            first = "channels_first" in str([self.draw[name]["layers"] for name in ("old", "new")])
            side = Side(self.draw[which], self.draw["inputs"], self.generation[which], self.dtype, first=first)
            side.shape = run(side, self.inputs("ordinary"), False).output.shape
        except (NoKeras, NoOperation, Disagreement, MemoryError):
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
        few = self.heavy or self.seed > 0
        kinds, trained = (
            (("ordinary", "negative"), ("ordinary",)) if few else (KINDS, ("ordinary", "large", "negative"))
        )
        bent = kinds if bends(self.draw) else [kind for kind in kinds if kind != "edges"]
        return [(k, False) for k in bent] + [(k, True) for k in trained if self.trains]

    def _map(self) -> Weights:
        """The new weights. Raises Disagreement if one is missing or has another shape."""
        found: Weights = {}
        for i, row in enumerate(self.draw["new"]["layers"]):
            for weight in row["weights"]:
                try:
                    found[i, weight["name"]] = value(weight["of"], self.weights)
                except (ValueError, KeyError, IndexError) as error:
                    raise Disagreement(f"{row['class']}.{weight['name']}: {error}") from error
                if list(found[i, weight["name"]].shape) != weight["shape"]:
                    raise Disagreement(f"{row['class']}.{weight['name']} has another shape than its expression")
        return found

    def reset(self) -> None:
        """Weights as mapped: training moves statistics."""
        self.old.assign(self.weights)
        self.new.assign(self.mapped)

    def inputs(self, kind: str) -> list[Array]:
        """Inputs of a kind, the same for both sides."""
        return inputs_of(self.draw, kind, self.seed, self.dtype)

    def toward(self, kind: str) -> Array:
        """The direction in which gradients are taken: random, so that no two outputs can be exchanged."""
        return np.random.default_rng([self.seed, KINDS.index(kind), 5]).standard_normal(self.old.shape)

    def pulled(self, ran: Ran) -> Weights:
        """The replacement's gradients as gradients of the old weights; what it does not read has zero."""
        into: Weights = {key: np.zeros_like(array) for key, array in self.weights.items()}
        for i, row in enumerate(self.draw["new"]["layers"]):
            for weight in row["weights"]:
                pull(weight["of"], ran.weights[i, weight["name"]], self.weights, into)
        return into

    def name(self, key: tuple[int, str], side: str = "old") -> str:
        """A weight as it is called in messages."""
        return f"{key[1]} of {self.draw[side]['layers'][key[0]]['class']}"


def compare(pair: Pair, found: Found) -> None:
    """Every input, inference and training. Raises Refuted at the first difference."""
    for kind, training in pair.cases:
        where = f"{'training' if training else 'inference'}, {kind} inputs"
        inputs = pair.inputs(kind)
        toward = pair.toward(kind) if kind in SMOOTH else None
        found.inputs += not training
        pair.reset()
        old = run(pair.old, inputs, training, toward, pair.losses)
        new = run(pair.new, inputs, training, toward, pair.losses)
        _outputs(pair, old, new, where, found)
        if toward is not None:
            _gradients(pair, old, new, where, found)


def _outputs(pair: Pair, old: Ran, new: Ran, where: str, found: Found) -> None:
    error = apart(old.output, new.output)
    found.error = max(found.error, error)
    if not error <= OUTPUT:
        raise Refuted(_differ("outputs", error, where, old.output, new.output))
    if apart(old.mask, new.mask) > 0:
        raise Refuted(f"the replacement hands on another mask ({where})")
    if pair.losses and not apart(old.penalty, new.penalty) <= OUTPUT:
        raise Refuted(f"losses of the layers differ: {old.penalty:.6g} and {new.penalty:.6g} ({where})")


def _differ(what: str, error: float, where: str, old: Array, new: Array) -> str:
    if np.shape(old) != np.shape(new):
        return f"{what} have shapes {list(np.shape(old))} and {list(np.shape(new))} ({where})"
    return f"{what} differ by {error:.2g} ({where})"


def _gradients(pair: Pair, old: Ran, new: Ran, where: str, found: Found) -> None:
    pulled = pair.pulled(new)
    scale = magnitude(*old.weights.values(), *old.inputs)
    rows = [(f"gradients of {pair.name(key)}", gradient, pulled[key]) for key, gradient in old.weights.items()]
    rows += [("gradients of the input", *both) for both in zip(old.inputs, new.inputs, strict=True)]
    for what, before, after in rows:
        error = apart(before, after, scale)
        found.gradient = max(found.gradient, error)
        if not error <= GRADIENT:
            raise Refuted(_differ(what, error, where, before, after))


def compare_single(pair: Pair) -> None:
    """The same in float32, loosely: only outputs, only inference. Raises Refuted."""
    pair.reset()
    inputs = pair.inputs("ordinary")
    old, new = run(pair.old, inputs, False), run(pair.new, inputs, False)
    error = apart(old.output, new.output)
    if not error <= SINGLE:
        raise Refuted(_differ("outputs in float32", error, "inference, ordinary inputs", old.output, new.output))
