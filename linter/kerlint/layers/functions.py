"""Functions of keras.ops on axes, windows and images, as operations of a graph: their shapes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kerlint.graph.dim import Dim, product, same, show
from kerlint.graph.layer import Config, Incoming, Refused, Silent
from kerlint.graph.weight import Shape
from kerlint.layers.operations import operation
from kerlint.layers.shapes import apart, axis_of, broadcast, is_free, join, printed, split, window

# --- axes --------------------------------------------------------------------------------------------------


ELLIPSIS = "9876543210"  # its axes in an equation, counted from the right: they are broadcast


def _spelled(letters: str, axes: int) -> str:
    """The letters of so many axes, with a digit for each axis of an ellipsis."""
    spare = len(ELLIPSIS) + len(letters) - 3 - axes
    if spare < 0 and "..." in letters:
        raise Silent(f"an einsum with an ellipsis over more than {len(ELLIPSIS)} axes is not modelled")
    return letters.replace("...", ELLIPSIS[spare:])


def _sizes(equation: str, shapes: Incoming) -> tuple[list[str], str, dict[str, Dim]]:
    """The letters of the operands and of the result, and the size of each. Silent where operands differ."""
    left, arrow, result = equation.replace(" ", "").partition("->")
    if not arrow and "." in left:
        raise Silent("an einsum with an ellipsis and without an arrow is not modelled")
    if not arrow:
        result = "".join(sorted(letter for letter, n in Counter(left.replace(",", "")).items() if n == 1))
    operands = [_spelled(a, len(x)) for a, x in zip(left.split(","), shapes, strict=False)]
    result = _spelled(result, len(result) - 3 + max((sum(map(str.isdigit, a)) for a in operands), default=0))
    if [len(x) for x in shapes] != [*map(len, operands)] or left.count(",") >= len(shapes):
        raise Refused(f"einsum: {equation!r} does not name the axes of {' and '.join(map(printed, shapes))}")
    sizes: dict[str, Dim] = {}
    for letter, size in ((a, d) for letters, x in zip(operands, shapes, strict=True) for a, d in zip(letters, x)):  # noqa: B905 (equally long: checked)
        known = sizes.setdefault(letter, size)
        if is_free(known) or known == 1:
            sizes[letter] = size
        elif apart(known, size) and size != 1:
            raise Silent(f"einsum: {letter!r} is {show(known)} and {show(size)}")
    return operands, result, sizes


def _einsum(config: Config, shapes: Incoming) -> Shape:
    _, result, sizes = _sizes(config["subscripts"], shapes)
    if not all(letter in sizes for letter in result):
        raise Refused(f"einsum: {config['subscripts']!r} has a letter of its own behind the arrow")
    return tuple(sizes[letter] for letter in result)


def _einsum_macs(config: Config, shapes: Incoming, _output: Shape) -> Dim:
    """One product for each combination of the letters' sizes, the batch (the first axis) left out."""
    operands, _, sizes = _sizes(config["subscripts"], shapes)
    return product(size for letter, size in sizes.items() if letter != operands[0][:1])


def _padded(config: Config, x: Incoming) -> Shape:
    pairs = config["pad_width"]
    if not isinstance(pairs, tuple) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise Silent("a padding that is not understood")
    if len(pairs) != len(x):
        raise Refused(f"pad: {len(pairs)} pairs for {printed(x)}")
    return tuple(d if (a, b) == (0, 0) else d + a + b for d, (a, b) in zip(x, pairs, strict=True))


def _taken(config: Config, shapes: Incoming) -> Shape:
    x, places = shapes[0], shapes[1] if len(shapes) > 1 else config["indices"]
    if config["axis"] is None:
        return tuple(places)
    axis = axis_of(config["axis"], len(x), "take")
    return (*x[:axis], *places, *x[axis + 1 :])


def _swapped(config: Config, x: Incoming) -> Shape:
    one, other = (axis_of(config[name], len(x), "swapaxes") for name in ("axis1", "axis2"))
    sizes = list(x)
    sizes[one], sizes[other] = sizes[other], sizes[one]
    return tuple(sizes)


def _repeated(config: Config, x: Incoming) -> Shape:
    if config["axis"] is None:
        return (product(x) * config["repeats"],)
    axis = axis_of(config["axis"], len(x), "repeat")
    return (*x[:axis], x[axis] * config["repeats"], *x[axis + 1 :])


operation("einsum", "subscripts", many=True, output=_einsum, macs=_einsum_macs)
operation("where", many=True, output=lambda _c, xs: broadcast(xs, "where"), dtype=lambda _c, of: of[-1])
operation("batch_normalization", many=True, output=lambda _c, xs: broadcast(xs, "batch_normalization"))
operation("ctc_batch_cost", many=True, output=lambda _c, xs: (xs[0][0], 1))
operation("pad", "pad_width", output=_padded)
operation("take", axis=None, indices=None, at=None, many=True, output=_taken)  # indices: their shape; at: the only one
operation("broadcast_to", "shape", output=lambda c, _x: tuple(c["shape"]))
operation("swapaxes", "axis1 axis2", output=_swapped)
operation("repeat", "repeats", axis=None, output=_repeated)


# --- windows and images ------------------------------------------------------------------------------------


def _each(value: Any, rank: int) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,) * rank


def _slid(config: Config, x: Shape, sizes: Any, spread: Any = 1) -> tuple[Dim, list[Dim], Dim]:
    """The batch, the places of a window of these sizes on each axis, and the channels."""
    rank = len(x) - 2
    batch, spatial, channels = split(config, x, rank, "a window")
    sizes, spread = _each(sizes, rank), _each(spread, rank)
    steps = sizes if config["strides"] is None else _each(config["strides"], rank)
    padding = str(config["padding"]).lower()
    if padding not in ("same", "valid") or not len(sizes) == len(steps) == len(spread) == rank:
        raise Silent("a window that is not understood")
    return batch, [*map(window, spatial, sizes, steps, (padding,) * rank, spread)], channels


def _patches(config: Config, x: Incoming) -> Shape:
    batch, places, channels = _slid(config, x, config["size"], config["dilation_rate"])
    return join(config, batch, places, product(_each(config["size"], 2)) * channels)


def _convolved(config: Config, shapes: Incoming) -> Shape:
    """A convolution with a kernel that is a tensor: sizes, channels (of one group), filters."""
    x, kernel = shapes
    batch, places, channels = _slid(config, x, tuple(kernel[:-2]), config["dilation_rate"])
    if same(channels, kernel[-2]) is not True:
        raise Silent(f"a kernel for {show(kernel[-2])} channels on {show(channels)}")
    return join(config, batch, places, kernel[-1])


def _image(config: Config, x: Incoming, change: Any) -> Shape:
    """One image or a batch of them, with ``change`` of the height, the width and the channels."""
    if len(x) not in (3, 4):
        raise Refused(f"images have 3 axes, or 4 with the batch: {printed(x)}")
    _, spatial, channels = split(config, (1, *x[-3:]), 2, "images")
    high, wide, deep = change(*spatial, channels)
    return (*x[:-3], *join(config, 1, (high, wide), deep)[1:])


def _blocks(config: Config, x: Incoming, apart: bool) -> Shape:
    n = config["block_size"]

    def change(high: Dim, wide: Dim, deep: Dim) -> tuple[Dim, Dim, Dim]:
        if any(isinstance(d, int) and d % k for d, k in zip((high, wide, deep), sides, strict=True)):
            raise Refused(f"blocks of {n} do not divide {printed(x)}")
        return (high * n, wide * n, deep // (n * n)) if apart else (high // n, wide // n, deep * n * n)

    sides = (1, 1, n * n) if apart else (n, n, 1)
    return _image(config, x, change)


IMAGES: dict[str, Any] = {"padding": "valid", "data_format": None}
for kind in ("average_pool", "max_pool"):
    operation(kind, "pool_size", strides=None, **IMAGES, output=lambda c, x: join(c, *_slid(c, x, c["pool_size"])))
operation("extract_patches", "size", strides=None, dilation_rate=1, **IMAGES, output=_patches)
operation(
    "conv", strides=1, dilation_rate=1, **IMAGES, many=True, output=_convolved,
    macs=lambda _c, xs, output: product([*output[1:], *xs[1][:-1]]),
)  # fmt: skip
operation("resize", "size", data_format=None, output=lambda c, x: _image(c, x, lambda *d: (*_each(c["size"], 2), d[2])))
operation("depth_to_space", "block_size", data_format=None, output=lambda c, x: _blocks(c, x, apart=True))
operation("space_to_depth", "block_size", data_format=None, output=lambda c, x: _blocks(c, x, apart=False))
