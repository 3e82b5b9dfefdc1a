"""Every number that decides what counts as equal. A difference is measured by :func:`apart`.

Right rewrites were seen at 1e-17 to 6e-12 in float64, wrong ones at 1e-2 and above: the bounds lie between,
so neither the order of a sum nor a lucky draw decides.
"""

from __future__ import annotations

from typing import Any

import numpy as np

OUTPUT = 1e-9  # float64, outputs and losses
GRADIENT = 1e-8  # float64, one order looser: two passes, and sums over batch and positions
TRAINED = 1e-7  # float64, outputs during and after the steps of SGD, which carry rounding on
SINGLE = 1e-3  # float32: only that nothing depends on the precision itself
ROUNDINGS = 1e-14  # of a weight: what a model makes of so little is no rewrite's fault
SHOWS = 1e-6  # what a control must exceed to be seen: far from any rounding


def apart(left: Any, right: Any, scale: float | None = None) -> float:
    """The largest difference in units of the largest entry, where that is above 1; inf for another shape.

    ``scale`` replaces the largest entry: gradients that cancel to zero are judged beside those that do not.
    Entries that are not finite must be so on both sides.
    """
    a, b = np.asarray(left, np.float64), np.asarray(right, np.float64)
    if a.shape != b.shape:
        return float("inf")
    if not a.size:
        return 0.0
    finite = np.isfinite(a) & np.isfinite(b)
    if not finite.all():
        if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
            return float("inf")
        if not finite.any():
            return 0.0
        a, b = a[finite], b[finite]
    unit = scale if scale is not None else magnitude(a, b)
    return _largest(a - b) / max(1.0, unit)


def magnitude(*arrays: Any) -> float:
    """The largest finite absolute entry; 0 for none."""
    found = 0.0
    for array in arrays:
        values = np.asarray(array, np.float64)
        size = _largest(values)
        found = max(found, size if np.isfinite(size) else _largest(values[np.isfinite(values)]))
    return found


def _largest(values: Any) -> float:
    """The largest absolute entry, without a copy: arrays may be large."""
    return max(float(values.max()), -float(values.min())) if values.size else 0.0
