"""How a fresh model starts: both graphs built from a seed, with the initialisers as they are written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

import numpy as np

from ...host.inside.framework import array
from .build import Side, gist, keras_of
from .compare import Pair
from .mapping import value

SEED = 4_711


def otherwise(pair: Pair) -> str | None:
    """Why a fresh run is another one with the replacement; None if it starts as with what stood there.

    ``identical`` promises the same run of a seeded script: from one seed the same numbers for the same weights, the
    same seeds of layers that draw in training, and the same next number. ``same-training`` promises the same
    distribution: the same numbers for the same weights, whatever was drawn before.
    """
    draw, identical, made = pair.draw, pair.level == "identical", pair.made
    # Each from one seed; but what is made of several could cancel out there.
    alone = {key for key in made if not identical and len({*_read(made[key])}) < 2}
    try:
        for repeated in {key in alone for key in made} or {False}:
            old, new = (_Fresh(draw, side, pair.generation, repeated) for side in ("old", "new"))
            for key in (key for key in made if (key in alone) is repeated):
                wanted, got = value(made[key], old.weights), new.weights[key]
                if not np.array_equal(wanted, got):
                    return _differ(pair.name(key, "new"), wanted, got)
    except MemoryError:
        raise
    except Exception as error:  # an initialiser that Keras refuses for this shape, say
        return f"it is not known how a fresh model starts: {gist(error)}"
    return old.unlike(new, pair.moved) if identical else None


class _Fresh:
    """A graph just built: its weights, and what is drawn next, in its layers and behind them.

    ``repeated``: whatever draws a seed of its own is given the same one (Keras 3 asks ``random`` for it).
    """

    def __init__(self, draw: Mapping[str, Any], which: str, generation: Mapping[str, int], repeated: bool) -> None:
        keras_of(generation[which]).utils.set_random_seed(SEED)
        with mock.patch("random.randint", return_value=SEED) if repeated else contextlib.nullcontext():
            side = Side(draw[which], draw["inputs"], generation[which], "float64", fresh=True)
        self.weights = {key: np.array(variable) for key, variable in side.weights.items()}
        self.drawn = [initial for _, initial in side.states]
        self.drawn.append(array(side.keras, side.keras.initializers.RandomNormal()((8,))))

    def unlike(self, other: _Fresh, moved: bool) -> str | None:
        """What is not the same though all that ``other`` has starts alike; ``moved``: who draws in training."""
        before, after = (sum(weight.size for weight in side.weights.values()) for side in (self, other))
        if before != after:
            return f"a fresh model has {after:,} parameters here instead of {before:,}"
        alike = len(self.drawn) == len(other.drawn) and all(map(np.array_equal, self.drawn, other.drawn))
        if alike and not moved:
            return None
        return "a seeded run is another one: more or fewer random numbers are drawn, or in another order"


def _read(expression: Any) -> Iterator[tuple[int, str]]:
    """The old weights in an expression."""
    if isinstance(expression, list):
        for part in expression:
            yield from _read(part)
    elif isinstance(expression, dict):
        args = expression["args"]
        yield from [(args[0], args[1])] if expression["op"] == "old" else _read(args)


def _differ(name: str, wanted: Any, got: Any) -> str:
    (mean, spread), (before, beside) = ((float(np.mean(a)), float(np.std(a))) for a in (got, wanted))
    told = f"{mean:.2g} \u00b1 {spread:.2g} instead of {before:.2g} \u00b1 {beside:.2g}"
    return f"a fresh model starts otherwise: {name} ({told})"
