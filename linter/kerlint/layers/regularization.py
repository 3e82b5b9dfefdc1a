"""Dropout, noise and penalties: active in training only, shapes kept."""

from __future__ import annotations

from functools import partial

from kerlint.layers.policies import kept_by
from kerlint.layers.shapes import rank_is
from kerlint.layers.table import elementwise, within

elementwise("Dropout", "rate", noise_shape=None, seed=None, checks=(within("rate", 0, 1),))
elementwise("AlphaDropout", "rate", noise_shape=None, seed=None, checks=(within("rate", 0, 1, 3),))
elementwise("GaussianDropout", "rate", seed=None, checks=(within("rate", 0, 1, 3),))
elementwise("GaussianNoise", "stddev", seed=None, checks=(within("stddev", 0, 1, 3),))
elementwise("ActivityRegularization", l1=0.0, l2=0.0)

for rank in (1, 2, 3):
    elementwise(
        f"SpatialDropout{rank}D", "rate", **({"data_format": None} if rank > 1 else {}), seed=None,
        name_=None, dtype_=None, checks=(within("rate", 0, 1),),
        output=kept_by(partial(lambda rank, _c, x: rank_is(x, rank + 2, f"SpatialDropout{rank}D"), rank)),
    )  # fmt: skip
