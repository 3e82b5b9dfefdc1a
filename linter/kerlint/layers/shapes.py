"""Arithmetic of shapes. Unknown sizes are symbols: only a definite violation is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial, reduce
from typing import Any

from kerlint.graph.dim import BATCH, Dim, Poly, at_least, divide_exactly, product, same, show, symbol, symbols
from kerlint.graph.layer import Config, Refused, Silent
from kerlint.graph.weight import Shape, show_shape


def is_free(dim: Dim) -> bool:
    """Whether Keras would print None."""
    return any(s.free for s in symbols(dim))


def apart(left: Dim, right: Dim) -> bool:
    """Whether two sizes are certainly different: of what is free nobody knows."""
    return same(left, right) is False and not is_free(left) and not is_free(right)


def printed(shape: Sequence[Dim | None]) -> str:
    """A shape as Keras prints it: None for what is free, formulas else."""
    return show_shape(shape, lambda d: "None" if d is None or is_free(d) else show(d))


def declared(shape: Sequence[Dim | None], origin: object) -> Shape:
    """A shape as it is declared, batch included: each None is a free size of its own."""
    free = [BATCH, *(symbol(f"T{axis}", (origin, axis), free=True) for axis in range(1, len(shape)))]
    return tuple(free[axis] if size is None else size for axis, size in enumerate(shape))


def unsettled(why: str, *of: object) -> Dim:
    """A free size of its own, where Keras says None of a size that depends on ``of``."""
    # A digest: sizes are made of sizes, and what they were made of would double at every step.
    return symbol("T", (why, hashlib.sha1(repr(of).encode()).hexdigest()), free=True)


def rank_is(shape: Shape, rank: int, what: str, since: int = 1) -> None:
    """Refused (``since`` a major version) unless the input has this rank."""
    if len(shape) != rank:
        raise Refused(f"{what} takes an input of rank {rank}, not {len(shape)}: {printed(shape)}", since)


def rank_at_least(shape: Shape, rank: int, what: str) -> None:
    """Refused unless the input has at least this rank."""
    if len(shape) < rank:
        raise Refused(f"{what} takes an input of rank {rank} or more, not {len(shape)}: {printed(shape)}")


def defined(dim: Dim, what: str, shape: Shape, since: int = 1) -> Dim:
    """The dimension. Refused where Keras (``since`` a major version) has None: it cannot size a weight."""
    if is_free(dim):
        raise Refused(f"{what} of the input must be defined, not None: {printed(shape)}", since)
    return dim


def window(size: Dim, kernel: Dim, stride: Dim, padding: str, dilation: Dim = 1) -> Dim:
    """How many positions a window has on an axis of ``size``.

    "valid": ``floor((size - span) / stride) + 1`` with ``span = (kernel - 1) * dilation + 1``; "same" and
    "causal": ``ceil(size / stride)`` (keras/src/ops/operation_utils.py). Refused if it fits nowhere.
    """
    if padding != "valid":
        return (size - 1) // stride + 1
    room = size - ((kernel - 1) * dilation + 1)
    if at_least(room, 0) is False and not is_free(size):
        since = 3 if dilation != 1 else 1  # Keras 2 announces something where another axis is None
        raise Refused(f"a window of {show((kernel - 1) * dilation + 1)} does not fit into {show(size)}", since)
    return room // stride + 1


def split(config: Config, shape: Shape, rank: int, what: str) -> tuple[Dim, Shape, Dim]:
    """Batch, spatial sizes and channels of an input of ``rank`` spatial axes, by ``data_format``."""
    rank_is(shape, rank + 2, what)
    if config["data_format"] == "channels_first":
        return shape[0], shape[2:], shape[1]
    return shape[0], shape[1:-1], shape[-1]


def join(config: Config, batch: Dim, spatial: Sequence[Dim], channels: Dim) -> Shape:
    """The inverse of :func:`split`."""
    if config["data_format"] == "channels_first":
        return (batch, channels, *spatial)
    return (batch, *spatial, channels)


def positions(config: Config, shape: Shape) -> Dim:
    """How many positions a tensor has between the batch and the channels, by ``data_format`` where there is one."""
    return product(shape[2:] if config.get("data_format") == "channels_first" else shape[1:-1])


def axis_of(axis: Any, rank: int, what: str) -> int:
    """A non-negative axis. Refused if there is no such axis."""
    if not isinstance(axis, int) or not -rank <= axis < rank:
        raise Refused(f"{what}: a tensor of rank {rank} has no axis {axis!r}")
    return axis % rank


def axes_of(axes: Any, rank: int, what: str) -> list[int]:
    """Non-negative axes, of one or a tuple of them. Refused if there is no such axis."""
    return [axis_of(axis, rank, what) for axis in (axes if isinstance(axes, tuple) else (axes,))]


def reshape(shape: Sequence[Dim], target: Sequence[Any], what: str) -> Shape:
    """``target`` with its -1 (at most one) worked out. Refused where the sizes definitely differ."""
    if sum(1 for t in target if isinstance(t, int) and t == -1) > 1:
        raise Refused(f"{what}: at most one size may be -1, not {printed(target)}")
    if any(isinstance(t, int) and t < -1 for t in target):
        raise Refused(f"{what}: a size cannot be negative: {printed(target)}")
    total = product(shape)
    fixed = product(t for t in target if not (isinstance(t, int) and t == -1))
    loose = any(is_free(d) for d in shape) or is_free(fixed)
    if -1 not in [t for t in target if isinstance(t, int)]:
        if not loose and same(total, fixed) is False:
            raise Refused(f"{what}: {printed(shape)} has {show(total)} entries, {printed(target)} has {show(fixed)}")
        return tuple(target)
    rest = _rest(total, fixed, loose, f"{what}: {printed(shape)} to {show_shape(tuple(target))}")
    return tuple(rest if isinstance(t, int) and t == -1 else t for t in target)


def _rest(total: Dim, fixed: Dim, loose: bool, what: str) -> Dim:
    if isinstance(fixed, int) and fixed == 0:
        raise Refused(f"{what}: -1 beside a size of 0")
    exact = divide_exactly(total, fixed)
    if exact is not None:
        return exact
    if isinstance(total, int) and isinstance(fixed, int) and not loose:
        raise Refused(f"{what}: {total} entries cannot be divided by {fixed}")
    return total // fixed


def broadcast(shapes: Sequence[Shape], what: str) -> Shape:
    """The shape of an elementwise operation, as numpy. Refused where sizes definitely differ.

    Raises Silent where it depends on whether an unknown size is 1.
    """
    rank = max(len(s) for s in shapes)
    padded = [(1,) * (rank - len(s)) + tuple(s) for s in shapes]
    both = partial(meet, what=f"{what}: {' and '.join(printed(s) for s in shapes)}")
    return tuple(reduce(both, sizes) for sizes in zip(*padded, strict=True))


def meet(left: Dim, right: Dim, what: str) -> Dim:
    """The common size of an axis: equal, or one of them 1. Refused and Silent as :func:`broadcast`."""
    equal = same(left, right)
    if equal is True or same(right, 1) is True:
        return left
    if same(left, 1) is True:
        return right
    for known, other in ((left, right), (right, left)):
        if at_least(known, 2) is True and (is_free(other) or equal is None):
            return known  # the other one is the same or 1, else it fails
    if is_free(left) or is_free(right):
        return unsettled("broadcast", left, right)
    if equal is False and at_least(left, 2) is not None and at_least(right, 2) is not None:
        raise Refused(f"{what}: {show(left)} is not {show(right)}")
    raise Silent(f"perhaps: whether {show(left)} equals {show(right)} is not known")


def sliced(size: Dim, part: slice) -> Dim:
    """The length of ``range(size)[part]``. Raises Silent where it depends on an unknown size."""
    if isinstance(size, int):
        if any(isinstance(p, Poly) for p in (part.start, part.stop, part.step)):
            raise Silent("perhaps: a slice with bounds that are not known")
        return len(range(*part.indices(size)))
    start, stop, step = part.start or 0, part.stop, part.step or 1
    length = _slice_length(size, start, stop) if not isinstance(step, int) or step > 0 else None
    if step == -1 and part.start is None and stop is None:
        return size
    if length is not None:
        return length if step == 1 else (length - 1) // step + 1
    if is_free(size):
        return unsettled("slice", size, start, stop, step)
    raise Silent(f"perhaps: a slice of an axis of {show(size)}")


def _slice_length(size: Dim, start: Any, stop: Any) -> Dim | None:
    """Length for step 1, or None where it depends on the size."""
    first: Dim = size + start if isinstance(start, int) and start < 0 else start
    last: Dim = size if stop is None else size + stop if isinstance(stop, int) and stop < 0 else stop
    inside = at_least(first, 0) is True and at_least(last - first, 0) is True and at_least(size - last, 0) is True
    return last - first if inside else None
