"""Random inputs and weights: values everywhere, since the zeros and ones with which layers start hide mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray


def drawn_input(rng: Any, row: Data, kind: str, dtype: str) -> Array:
    """An input of ``row["shape"]``; integers lie below ``row["below"]``.

    ``kind`` is ordinary, large, negative or zero.
    """
    shape, integer = row["shape"], row["dtype"].startswith(("int", "uint", "bool"))
    if "below" in row or integer:
        below = row.get("below", 2)
        drawn = np.zeros(shape) if kind == "zero" else rng.integers(0, below, shape)
        if kind == "large":
            drawn = np.full(shape, below - 1)
        return drawn.astype(row["dtype"] if integer else dtype)
    drawn = rng.standard_normal(shape)
    scaled = {"large": 100.0 * drawn, "negative": -0.05 - np.abs(drawn), "zero": 0.0 * drawn}.get(kind, drawn)
    return scaled.astype(dtype)


def drawn_weight(rng: Any, name: str, shape: Any) -> Array:
    """A weight whose products keep the scale of what comes in; variances and scales are positive."""
    shape = tuple(shape)
    if "variance" in name:
        return rng.uniform(0.5, 2.0, shape)
    if "gamma" in name or name.endswith("scale"):
        return rng.uniform(0.5, 1.5, shape)
    fan = int(np.prod(shape[:-1])) if len(shape) > 1 and "embedding" not in name else 4
    return rng.standard_normal(shape) * 1.4 / np.sqrt(fan)
