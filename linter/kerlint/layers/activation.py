"""Layers that work entry by entry: activations; dropout, noise and penalties, active in training only."""

from __future__ import annotations

from functools import partial

from kerlint.graph.layer import Config, Incoming, Refused, WeightSpec
from kerlint.layers.old import words
from kerlint.layers.policies import Weights, kept_by
from kerlint.layers.shapes import axes_of, defined, rank_is
from kerlint.layers.table import demand, elementwise, within

# What Keras 2 or 3 takes by name; of classes, what Keras 2 takes so.
NAMED = frozenset(words("activations"))

elementwise("Activation")
LIMITS = "max_value negative_slope threshold"
elementwise("ReLU", checks=(demand(LIMITS, "must not be negative", lambda v: isinstance(v, (int, float)) and v < 0),))
elementwise("LeakyReLU", checks=(demand("negative_slope", "must be a number", lambda v: v is None),))
elementwise("ELU")
elementwise("ThresholdedReLU", generations=(2,))
elementwise("Softmax", output=kept_by(lambda c, x: axes_of(c["axis"], len(x), "Softmax")))


def _prelu_weights(config: Config, x: Incoming) -> Weights:
    shared = config["shared_axes"] or ()
    shape = list(x[1:])
    for axis in shared if isinstance(shared, tuple) else (shared,):
        if not -len(shape) <= axis - 1 < len(shape):
            raise Refused(f"PReLU: a tensor of rank {len(x)} has no axis {axis} to share")
        shape[axis - 1] = 1  # Keras counts so for negative axes too
    return {"alpha": WeightSpec(tuple(defined(d, f"axis {axis}", x) for axis, d in enumerate(shape, 1)))}


elementwise("PReLU", output=kept_by(_prelu_weights), weights=_prelu_weights)


# --- dropout, noise, penalties -----------------------------------------------------------------------------

elementwise("Dropout", checks=(within("rate", 0, 1),))
elementwise("AlphaDropout", checks=(within("rate", 0, 1, 3),))
elementwise("GaussianDropout", checks=(within("rate", 0, 1, 3),))
elementwise("GaussianNoise", checks=(within("stddev", 0, 1, 3),))
elementwise("ActivityRegularization")

for rank in (1, 2, 3):
    output = kept_by(partial(lambda rank, _c, x: rank_is(x, rank + 2, f"SpatialDropout{rank}D"), rank))
    elementwise(f"SpatialDropout{rank}D", checks=(within("rate", 0, 1),), output=output)
