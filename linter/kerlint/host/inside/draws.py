"""Random inputs and weights: values everywhere, since the zeros and ones with which layers start hide mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Array = Any  # numpy.ndarray
INTEGERS = 8  # their spread, where nothing bounds them


def drawn_input(
    rng: Any, row: Mapping[str, Any], kind: str, dtype: str, large: float = 100.0, edges: Sequence[float] = (0.0,)
) -> Array:
    """An input of ``row["shape"]``; integers lie below ``row["below"]``, or where their type ends.

    ``kind`` is ordinary, large (in steps of ``large``), negative, positive, zero, or edges: the first of ``edges``.
    """
    shape, integer = row["shape"], row["dtype"].startswith(("int", "uint", "bool"))
    if "below" in row or row["dtype"] == "bool":
        below = row.get("below", 2)
        drawn = np.zeros(shape) if kind == "zero" else rng.integers(0, below, shape)
        if kind == "large":
            drawn = np.full(shape, below - 1)
        return drawn.astype(row["dtype"] if integer else dtype)
    drawn = rng.standard_normal(shape)
    signed = {"negative": -0.05 - np.abs(drawn), "positive": 0.05 + np.abs(drawn)}
    scaled = {"large": large * drawn, "zero": 0.0 * drawn, **signed}.get(kind, drawn)
    if kind == "edges":
        scaled = rng.permutation(np.resize(edges, drawn.size)).reshape(shape)
    if not integer:
        return scaled.astype(dtype)
    limits, whole = np.iinfo(row["dtype"]), np.rint(scaled if kind == "edges" else INTEGERS * scaled)
    return np.clip(whole if limits.min else np.abs(whole), limits.min, limits.max).astype(row["dtype"])


def drawn_weight(rng: Any, name: str, shape: Any) -> Array:
    """A weight whose products keep the scale of what comes in; variances and scales are positive."""
    shape = tuple(shape)
    if "variance" in name:
        return rng.uniform(0.5, 2.0, shape)
    if "gamma" in name or name.endswith("scale"):
        return rng.uniform(0.5, 1.5, shape)
    fan = int(np.prod(shape[:-1])) if len(shape) > 1 and "embedding" not in name else 4
    return rng.standard_normal(shape) * 1.4 / np.sqrt(fan)
