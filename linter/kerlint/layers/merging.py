"""Layers that merge several tensors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import inf

from kerlint.graph.dim import Dim, product, same
from kerlint.graph.layer import Config, Incoming, Refused
from kerlint.graph.weight import Shape
from kerlint.layers.policies import all_masks, any_mask, no_macs
from kerlint.layers.shapes import apart, axis_of, is_free, meet, printed, unsettled
from kerlint.layers.table import demand, row

MOST = 8  # shapes that are told


def _listed(shapes: Sequence[Shape]) -> str:
    more = [f"{len(shapes) - MOST} more"] if len(shapes) > MOST else []
    return " and ".join([*map(printed, shapes[:MOST]), *more])


def _at_least(shapes: Sequence[Shape], number: int, what: str) -> None:
    if len(shapes) < number:
        raise Refused(f"{what} merges {number} or more tensors, not {len(shapes)}")


def _same_batch(shapes: Sequence[Shape], what: str) -> Dim:
    batches = [s[0] for s in shapes]
    fixed = [b for b in batches if not is_free(b)]
    if fixed and any(same(fixed[0], b) is False for b in fixed):
        raise Refused(f"{what}: different batch sizes in {_listed(shapes)}")
    return batches[0]


def _meet(left: Dim, right: Dim, what: str) -> Dim:
    """The common size of one axis: equal or 1 (keras Merge ``_compute_elemwise_op_output_shape``)."""
    if (is_free(left) or is_free(right)) and same(left, right) is not True:
        return unsettled("merge", left, right)
    return meet(left, right, what)


def _merged(name: str, least: int, most: float, _config: Config, shapes: Incoming) -> Shape:
    _at_least(shapes, least, name)
    if len(shapes) > most:
        raise Refused(f"{name} merges {most} tensors, not {len(shapes)}")
    batch = _same_batch(shapes, name)
    result, what = tuple(shapes[0][1:]), f"{name}: {_listed(shapes)}"
    for shape in shapes[1:]:
        longer, shorter = sorted((result, tuple(shape[1:])), key=len, reverse=True)
        lead = len(longer) - len(shorter)
        met = (_meet(a, b, what) for a, b in zip(longer[lead:], shorter, strict=True))
        result = (*longer[:lead], *met)
    return (batch, *result)


MERGING = dict.fromkeys(("Add", "Multiply", "Average", "Maximum", "Minimum"), (1, inf)) | {"Subtract": (2, 2)}
for name, numbers in MERGING.items():  # the least and the most tensors
    row(name, output=partial(_merged, name, *numbers), mask=all_masks, macs=no_macs, many=True)


def concatenated(shapes: Sequence[Shape], axis: int, what: str) -> Shape:
    """The sizes along ``axis`` added; the others must agree. Refused where they definitely do not."""
    if len(shapes) == 1:
        return tuple(shapes[0])  # Keras looks at the axis only where it adds
    rank = len(shapes[0])
    if any(len(s) != rank for s in shapes):
        raise Refused(f"{what}: tensors of different rank: {_listed(shapes)}")
    along = axis_of(axis, rank, what)
    for shape in shapes:
        for number, (left, right) in enumerate(zip(shapes[0], shape, strict=True)):
            if number != along and apart(left, right):
                raise Refused(f"{what}: {_listed(shapes)} differ in axis {number}, not only in axis {along}")
    return tuple(sum(s[along] for s in shapes) if n == along else d for n, d in enumerate(shapes[0]))


def _concatenate(config: Config, shapes: Incoming) -> Shape:
    _at_least(shapes, 1, "Concatenate")
    return concatenated(shapes, config["axis"], "Concatenate")


row("Concatenate", output=_concatenate, mask=any_mask, macs=no_macs, many=True)


# --- Dot ---------------------------------------------------------------------------------------------------


def _dot_axes(config: Config, shapes: Sequence[Shape]) -> tuple[int, int]:
    axes = config["axes"]
    pair = axes if isinstance(axes, tuple) else (axes, axes)
    return axis_of(pair[0], len(shapes[0]), "Dot"), axis_of(pair[1], len(shapes[1]), "Dot")


def _dot(config: Config, shapes: Incoming) -> Shape:
    if len(shapes) != 2:
        raise Refused(f"Dot merges 2 tensors, not {len(shapes)}")
    (left, right), (a, b) = shapes, _dot_axes(config, shapes)
    if is_free(left[a]) != is_free(right[b]) or (not is_free(left[a]) and same(left[a], right[b]) is False):
        raise Refused(f"Dot: axis {a} of {printed(left)} and axis {b} of {printed(right)} differ")
    others = [d for n, d in enumerate(right) if n != b]
    rest = (*(d for n, d in enumerate(left) if n != a), *others[1:])
    return (*rest, 1) if len(rest) == 1 else rest


row(
    "Dot", output=_dot, many=True,
    macs=lambda c, xs, output: product([*output[1:], xs[0][_dot_axes(c, xs)[0]]]),  # along the summed axis
    checks=(demand("axes", "is one axis or two", lambda axes: isinstance(axes, tuple) and len(axes) != 2),),
)  # fmt: skip
