"""Dead entries of one weight, counted and told, beside what rules say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray


def beside(dead: Array, claim: Data, excuse: tuple[str, Any], matters: bool) -> dict[str, Any]:
    """Dead entries counted and told, beside what rules say (``read``: boxes for each rewrite), and why which may be."""
    unread, excused = np.zeros((2, *dead.shape), bool)
    for boxes in claim.get("read", ()):
        unread |= np.logical_not(_inside(boxes, dead.shape))
    excused[excuse[1]] = dead[excuse[1]]
    return {
        "dead": int(dead.sum()), "of": int(dead.size), "slices": _slices(dead) if dead.any() else "",
        "explained": 0 if matters else int((dead & unread | excused).sum()),
        "excused": excuse[0] if excused.any() else None,
        "refuted": int((unread if matters else unread & ~dead).sum()), "matters": matters,
    }  # fmt: skip


def _inside(boxes: Sequence[Sequence[Sequence[int] | None]], shape: Sequence[int]) -> Array:
    mask = np.zeros(shape, bool)
    for box in boxes:
        mask[tuple(slice(None) if part is None else slice(*part) for part in box)] = True
    return mask


def _slices(dead: Array) -> str:
    """``[1]``, ``[:, 128:256]``, ``except [1, 1]``; empty for all of it."""
    if dead.all():
        return ""
    box = _box(dead)
    if box is not None:
        return box
    rest = _box(~dead)
    return f" except {rest}" if rest is not None else " (scattered)"


def _box(mask: Array) -> str | None:
    """The index of a mask that is a range on every axis."""
    parts, size = [], 1
    for axis in range(mask.ndim):
        where = np.flatnonzero(mask.any(axis=tuple(a for a in range(mask.ndim) if a != axis)))
        first, last = int(where[0]), int(where[-1]) + 1
        if last - first != len(where):
            return None
        size *= len(where)
        whole = (first, last) == (0, mask.shape[axis])
        parts.append(":" if whole else str(first) if last - first == 1 else f"{first}:{last}")
    while parts and parts[-1] == ":":
        parts.pop()
    return f"[{', '.join(parts)}]" if size == int(mask.sum()) else None
