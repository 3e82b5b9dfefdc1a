"""Operations on tensors that are no layers but nodes of a graph all the same: no weights, no masks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kerlint.graph.dim import Dim, product
from kerlint.graph.layer import Config, Incoming, LayerSpec, Refused, Silent
from kerlint.graph.weight import Shape
from kerlint.layers.merging import concatenated
from kerlint.layers.policies import no_macs, no_weights
from kerlint.layers.shapes import apart, axes_of, axis_of, broadcast, is_free, printed, reshape, sliced
from kerlint.layers.table import row

OPERATIONS: dict[str, LayerSpec] = {}
# What Keras 3 calls them (keras/src/backend/common/keras_tensor.py) where it is not the function's name in
# CamelCase; empty for those that are called by the function's name. Their names follow from these.
CLASSES = {
    "divide": "TrueDivide", "getitem": "GetItem", "maximum": "", "minimum": "", "equal": "", "logical_and": "",
    "logical_or": "", "tile": "", "one_hot": "", "top_k": "", "cast": "", "opaque": "", "shape_of": "",
}  # fmt: skip

OF_FUNCTION = {"abs": "Absolute", "exponential": "Exp", "swish": "Silu", "hard_swish": "HardSilu"}  # keras/src/ops


def class_of(name: str, function: object) -> str:
    """Keras's class of an operation, by what it does to every element or along an axis; empty if it has none."""
    known, function = (OF_FUNCTION, function) if name in ("elementwise", "reduce") else (CLASSES, name)
    if not isinstance(function, str):
        return ""
    return known.get(function, "".join(part.capitalize() for part in function.split("_")))


TESTS = re.compile("logical_not|is_?(nan|inf|finite)").fullmatch  # functions that give truth values


def _first(_config: Config, dtypes: tuple[str, ...]) -> str:
    """The dtype of the widest kind: floating if any operand is."""
    return next((d for d in dtypes if "float" in d), dtypes[0] if dtypes else "float32")


def operation(name: str, positional: str = "", **columns: Any) -> LayerSpec:
    """A row of the table of operations. Without more, the shape stays."""
    shared: dict[str, Any] = {"macs": no_macs, "dtype": _first, "into": OPERATIONS}
    OPERATIONS[name] = replace(row(name, positional, **shared | columns), title=class_of(name, None))
    return OPERATIONS[name]


# --- two operands: config "constant" is the other operand where it is a number ------------------------------

BINARY = ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "floor_divide", "mod")
COMPARE = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or")

for name in (*BINARY, *COMPARE):
    operation(
        name, constant=None, reflected=False, many=True, output=lambda _c, xs: broadcast(xs, "broadcasting"),
        dtype=(lambda _c, _d: "bool") if name in COMPARE else _first,
    )  # fmt: skip


def _matmul(_config: Config, shapes: Incoming) -> Shape:
    left, right = shapes
    if len(left) < 2 or len(right) < 2:
        raise Silent("a product with a vector is not modelled")
    if apart(left[-1], right[-2]):
        raise Refused(f"matmul of {printed(left)} and {printed(right)}")
    return (*broadcast([left[:-2], right[:-2]], "matmul"), left[-2], right[-1])


# One product for each entry of the output and each position of the summed axis.
operation("matmul", many=True, output=_matmul, macs=lambda _c, shapes, output: product([*output[1:], shapes[0][-1]]))


# --- one operand -------------------------------------------------------------------------------------------


def _getitem(config: Config, x: Incoming) -> Shape:
    """As numpy: integers drop an axis, slices keep it, None adds one, at most one ``...``."""
    index = config["index"] if isinstance(config["index"], tuple) else (config["index"],)
    named = sum(1 for part in index if part is not None and part is not ...)
    if named > len(x):
        raise Refused(f"{named} indices for a tensor of rank {len(x)}: {printed(x)}")
    shape: list[Dim] = []
    axis = 0
    for part in index if ... in index else (*index, ...):
        if part is ...:
            rest = len(x) - named
            shape += x[axis : axis + rest]
            axis += rest
        elif part is None:
            shape.append(1)
        else:
            shape += _part(part, x[axis], x)
            axis += 1
    return tuple(shape)


def _part(part: Any, size: Dim, x: Shape) -> list[Dim]:
    if isinstance(part, slice):
        return [sliced(size, part)]
    if isinstance(part, int):
        if isinstance(size, int) and not -size <= part < size:
            raise Refused(f"index {part} of an axis of {size}: {printed(x)}")
        return []
    raise Silent("perhaps: an index that is not known")


def _permuted(config: Config, x: Incoming) -> Shape:
    axes = config["axes"]
    if axes is None:
        return tuple(reversed(x))
    found = [axis_of(a, len(x), "transpose") for a in axes]
    if sorted(found) != list(range(len(x))):
        raise Refused(f"transpose: {axes} is no permutation of the axes of {printed(x)}")
    return tuple(x[a] for a in found)


def _expanded(config: Config, x: Incoming) -> Shape:
    axes = config["axis"] if isinstance(config["axis"], tuple) else (config["axis"],)
    rank = len(x) + len(axes)
    new = {axis_of(a, rank, "expand_dims") for a in axes}
    rest = iter(x)
    return tuple(1 if n in new else next(rest) for n in range(rank))


def _squeezed(config: Config, x: Incoming) -> Shape:
    axes = config["axis"]
    if axes is None:
        if any(not isinstance(d, int) and not is_free(d) for d in x):
            raise Silent("perhaps: which axes have size 1 is not known")
        return tuple(d for d in x if d != 1)
    gone = set(axes_of(axes, len(x), "squeeze"))
    for axis in gone:
        if apart(x[axis], 1):
            raise Refused(f"squeeze: axis {axis} of {printed(x)} is not 1")
    return tuple(d for n, d in enumerate(x) if n not in gone)


def _reduced(config: Config, x: Incoming) -> Shape:
    axes = range(len(x)) if config["axis"] is None else config["axis"]
    gone = {axis_of(a, len(x), config["function"]) for a in ((axes,) if isinstance(axes, int) else axes)}
    if config["keepdims"]:
        return tuple(1 if n in gone else d for n, d in enumerate(x))
    return tuple(d for n, d in enumerate(x) if n not in gone)


def _stacked(config: Config, shapes: Sequence[Shape]) -> Shape:
    axis = axis_of(config["axis"], len(shapes[0]) + 1, "stack")
    for shape in shapes[1:]:
        if len(shape) != len(shapes[0]) or any(map(apart, shape, shapes[0])):
            raise Refused(f"stack: {printed(shapes[0])} and {printed(shape)} differ")
    first = tuple(shapes[0])
    return (*first[:axis], len(shapes), *first[axis:])


def _one_hot(config: Config, x: Incoming) -> Shape:
    axis = axis_of(config["axis"], len(x) + 1, "one_hot")
    return (*x[:axis], config["depth"], *x[axis:])


def _tiled(config: Config, x: Incoming) -> Shape:
    times = config["repeats"]
    times = times if isinstance(times, tuple) else (times,)
    rank = max(len(times), len(x))
    full, every = (1,) * (rank - len(x)) + tuple(x), (1,) * (rank - len(times)) + times
    return tuple(d * t for d, t in zip(full, every, strict=True))


def _opaque(config: Config, _incoming: Incoming) -> Shape:
    raise Silent(str(config["why"]))


operation("getitem", "index", output=_getitem)
operation("reshape", "shape", output=lambda c, x: reshape(x, c["shape"], "reshape"))
operation("transpose", axes=None, output=_permuted)
operation("expand_dims", "axis", output=_expanded)
operation("squeeze", axis=None, output=_squeezed)
operation("reduce", "function", axis=None, keepdims=False, output=_reduced)
operation("tile", "repeats", output=_tiled)
operation("one_hot", "depth", axis=-1, output=_one_hot, dtype=lambda _c, _d: "float32")
operation("top_k", "k", output=lambda c, x: (*x[:-1], c["k"]))
operation("elementwise", "function", arguments=(), dtype=lambda c, d: "bool" if TESTS(c["function"]) else _first(c, d))
operation("cast", "dtype", dtype=lambda c, _d: str(c["dtype"]))
operation("concatenate", axis=-1, many=True, output=lambda c, xs: concatenated(xs, c["axis"], "concatenate"))
operation("stack", axis=0, many=True, output=_stacked)
operation(  # a function of each part along the first axis
    "map", "sizes to products", many=True, output=lambda c, xs: (xs[0][0], *c["sizes"]),
    dtype=lambda c, _d: str(c["to"]), macs=lambda c, _xs, _output: c["products"],
)  # fmt: skip
operation(
    "opaque", "why", function=None, many=True, output=_opaque, dtype=lambda _c, _d: "unknown",
    weights=lambda c, _x: _opaque(c, ()),
)  # fmt: skip
UNMODELLED = replace(OPERATIONS["opaque"], weights=no_weights)  # a function: whatever it gives, it has no weights
operation("shape_of", output=lambda _c, x: (len(x),), dtype=lambda _c, _d: "int32")
