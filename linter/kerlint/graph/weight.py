"""Weights of a replacement, recorded as expressions over the weights of what is replaced.

An expression is typed when it is recorded, is plain data (it travels to the proof's worker and is part of
the cache key), prints as the recipe for a checkpoint (``kernel[..., 0:128]``), and knows which entries of
the old weights it reads: what nothing reads is dead.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, TypeAlias

from kerlint.graph.dim import Dim, Poly, product, same, show


class Untyped(TypeError):
    """A replacement that does not fit what it replaces; says where."""


Shape: TypeAlias = tuple[Dim, ...]
Index: TypeAlias = "int | slice | EllipsisType | None"
Range: TypeAlias = "tuple[int, int] | None"  # [start, stop) of an axis; None is all of it
Box: TypeAlias = tuple[Range, ...]
Plain: TypeAlias = "int | float | str | bool | list[Plain] | dict[str, Plain] | None"


@dataclass(frozen=True)
class Weight:
    """``op`` applied to ``args`` (weights, numbers, tuples), an array of ``shape``.

    Operations: ``old`` (the replaced node, weight name), ``item``, ``reshape``, ``transpose``,
    ``add``, ``sub``, ``mul``, ``matmul``, ``neg``, ``concat``, ``zeros``, ``repeat``.
    """

    op: str
    args: tuple[object, ...]
    shape: Shape

    def __getitem__(self, index: Index | tuple[Index, ...]) -> Weight:
        """Integers and slices without steps, as numpy; at most one ``...``."""
        full = _expand(index if isinstance(index, tuple) else (index,), len(self.shape))
        shape: list[Dim] = []
        for part, size in zip(full, self.shape, strict=True):
            if isinstance(part, int):
                if isinstance(size, int) and not -size <= part < size:
                    raise Untyped(f"index {part} of an axis of {size}")
            elif part is None:
                shape.append(size)
            elif isinstance(size, int) and part[1] > size:
                raise Untyped(f"slice to {part[1]} of an axis of {size}")
            else:
                shape.append(part[1] - part[0])
        return Weight("item", (self, full), tuple(shape))

    def __add__(self, other: Weight) -> Weight:
        return Weight("add", (self, other), _broadcast(self.shape, other.shape))

    def __sub__(self, other: Weight) -> Weight:
        return Weight("sub", (self, other), _broadcast(self.shape, other.shape))

    def __mul__(self, other: Weight) -> Weight:
        return Weight("mul", (self, other), _broadcast(self.shape, other.shape))

    def __neg__(self) -> Weight:
        return Weight("neg", (self,), self.shape)

    def __matmul__(self, other: Weight) -> Weight:
        if same(self.shape[-1], other.shape[0]) is not True:
            raise Untyped(f"matmul of {show_shape(self.shape)} and {show_shape(other.shape)}")
        return Weight("matmul", (self, other), (*self.shape[:-1], *other.shape[1:]))

    def reshape(self, *shape: Dim) -> Weight:
        """The same entries in another shape. Raises Untyped where the sizes differ."""
        if same(product(shape), product(self.shape)) is not True:
            raise Untyped(f"reshape of {show_shape(self.shape)} to {show_shape(shape)}")
        return Weight("reshape", (self, shape), shape)

    def transpose(self, *axes: int) -> Weight:
        """The axes in another order, as numpy."""
        return Weight("transpose", (self, axes), tuple(self.shape[a] for a in axes))

    def repeat(self, times: Dim, axis: int = 0) -> Weight:
        """Each slice along ``axis`` again ``times`` times (``numpy.tile`` along one axis)."""
        shape = list(self.shape)
        shape[axis] = shape[axis] * times
        return Weight("repeat", (self, times, axis), tuple(shape))

    def __str__(self) -> str:
        args = self.args
        if self.op == "old":
            return str(args[1])
        if self.op == "item":
            return f"{_operand(args[0])}[{_show_index(args[1])}]"
        if self.op in INFIX:
            return f"{_operand(args[0])} {INFIX[self.op]} {_operand(args[1])}"
        if self.op == "neg":
            return f"-{_operand(args[0])}"
        if self.op == "concat":
            return f"concatenate([{', '.join(str(p) for p in _parts(self))}], axis={args[1]})"
        if self.op == "zeros":
            return f"zeros({show_shape(self.shape, str)})"
        if self.op == "repeat":
            return f"repeat({args[0]}, {args[1]}, axis={args[2]})"
        return f"{_operand(args[0])}.{self.op}({', '.join(str(a) for a in args[1])})"  # type: ignore[attr-defined]


def old(node: object, name: str, shape: Shape) -> Weight:
    """The weight ``name`` of the replaced ``node``, as it was trained."""
    return Weight("old", (node, name), shape)


def zeros(*shape: Dim) -> Weight:
    """An array of zeros (a bias that did not exist before)."""
    return Weight("zeros", (shape,), shape)


def concat(parts: Sequence[Weight], axis: int = 0) -> Weight:
    """The parts one after the other along ``axis``, as numpy."""
    shape = list(parts[0].shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    return Weight("concat", (tuple(parts), axis), tuple(shape))


def _expand(index: tuple[Index, ...], rank: int) -> tuple[int | tuple[int, int] | None, ...]:
    named = [i for i in index if i is not ...]
    if len(named) > rank or len(index) - len(named) > 1:
        raise Untyped(f"{len(named)} indices for {rank} axes")
    at = index.index(...) if ... in index else len(index)
    filled = [*index[:at], *([None] * (rank - len(named))), *index[at + 1 :]]
    return tuple(_part(i) for i in filled)


def _part(index: Index) -> int | tuple[int, int] | None:
    if index is None or isinstance(index, int):
        return index
    if not isinstance(index, slice) or index.step not in (None, 1):
        raise Untyped("weights are sliced with start and stop only")
    if index.start is None and index.stop is None:
        return None
    start = index.start or 0
    if not isinstance(start, int) or not isinstance(index.stop, int) or start < 0 or index.stop < start:
        raise Untyped("weights are sliced with known numbers from 0")
    return start, index.stop


def _broadcast(left: Shape, right: Shape) -> Shape:
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    result = list(longer)
    for axis in range(1, len(shorter) + 1):
        if same(longer[-axis], shorter[-axis]) is not True:
            if shorter[-axis] != 1 and longer[-axis] != 1:
                raise Untyped(f"arithmetic on {show_shape(left)} and {show_shape(right)}")
            result[-axis] = shorter[-axis] if longer[-axis] == 1 else longer[-axis]
    return tuple(result)


def show_shape(shape: Sequence[Any], each: Callable[[Any], str] = show) -> str:
    """A shape as Python prints it, dimensions as formulas."""
    inner = ", ".join(map(each, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


INFIX = {"add": "+", "sub": "-", "mul": "*", "matmul": "@"}


def _operand(weight: object) -> str:
    text = str(weight)
    return f"({text})" if isinstance(weight, Weight) and (weight.op in INFIX or weight.op == "neg") else text


def _show_index(index: object) -> str:
    assert isinstance(index, tuple)
    shown = [":" if p is None else str(p) if isinstance(p, int) else f"{p[0]}:{p[1]}" for p in index]
    while len(shown) > 1 and shown[-1] == ":":
        shown.pop()
    lead = len(shown) - len(list(itertools.dropwhile(lambda s: s == ":", shown)))
    return ", ".join(["...", *shown[lead:]] if lead > 1 else shown)


def _parts(weight: Weight) -> tuple[Weight, ...]:
    """The weights an operation is made of."""
    groups = (arg if isinstance(arg, tuple) else (arg,) for arg in weight.args)
    return tuple(part for group in groups for part in group if isinstance(part, Weight))


def plain(weight: Weight, number: Callable[[Dim], int], place: Callable[[Any], int]) -> Plain:
    """The expression as JSON-ready data: ``number(dim)`` for dimensions, ``place(node)`` for replaced nodes."""

    def convert(value: object) -> Plain:
        if isinstance(value, Weight):
            return plain(value, number, place)
        if isinstance(value, tuple):
            return [convert(v) for v in value]
        if isinstance(value, (int, Poly)):
            return number(value)
        return str(value) if value is not None else None

    of_old: list[Plain] = [place(weight.args[0]), str(weight.args[1])] if weight.op == "old" else []
    args = of_old or [convert(a) for a in weight.args]
    return {"op": weight.op, "args": args, "shape": [number(d) for d in weight.shape]}


def reads(weight: Weight) -> list[tuple[tuple[object, str], Box]]:
    """What the expression reads: (replaced node, weight name) with a box of entries, axis by axis."""
    if weight.op == "old":
        return [((weight.args[0], weight.args[1]), (None,) * len(weight.shape))]  # type: ignore[list-item]
    found = [box for part in _parts(weight) for box in reads(part)]
    inner, index = weight.args[0], weight.args[-1]
    if weight.op == "item" and isinstance(inner, Weight) and inner.op == "old" and isinstance(index, tuple):
        box = tuple(_range(p, size) for p, size in zip(index, inner.shape, strict=True))
        return [(source, box) for source, _ in found]
    return found  # of an item of something computed: what that reads, all of it


def _range(part: int | tuple[int, int] | None, size: Dim) -> Range:
    if not isinstance(part, int):
        return part
    if part >= 0:
        return part, part + 1
    return (size + part, size + part + 1) if isinstance(size, int) else None


def unread(shape: Shape, boxes: Sequence[Box]) -> Dim:
    """How many entries of an array of ``shape`` no box covers; exact by cutting axes at the boxes' ends."""
    cuts: list[list[tuple[Dim, Range]]] = []
    for axis, size in enumerate(shape):
        ends = sorted({e for box in boxes if (r := box[axis]) is not None for e in r} | {0})
        pieces: list[tuple[Dim, Range]] = [(b - a, (a, b)) for a, b in itertools.pairwise(ends)]
        if size != ends[-1]:
            pieces.append((size - ends[-1], None))
        cuts.append(pieces)
    return sum(
        product(length for length, _ in cell)
        for cell in itertools.product(*cuts)
        if not any(_covers(box, [where for _, where in cell]) for box in boxes)
    )


def _covers(box: Box, cell: Sequence[Range]) -> bool:
    """Whether a piece between cuts lies inside the box; None as a piece is what is behind the last cut."""
    return all(
        wanted is None or (piece is not None and wanted[0] <= piece[0] and piece[1] <= wanted[1])
        for wanted, piece in zip(box, cell, strict=True)
    )
