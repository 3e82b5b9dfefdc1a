"""Functions on tensors that move, cut and gather entries: keras.ops, keras.backend, tensorflow."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import kerlint.layers.functions  # noqa: F401 (their rows)
from kerlint.evaluate.apply import argument, opaque, operation, tensor_of, tensors_of
from kerlint.evaluate.escape import touches
from kerlint.evaluate.known.ops import everywhere, of_backend, on_tensor, plain, sizes
from kerlint.evaluate.registry import FUNCTIONS, function, words
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Array, Call, Value
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Silent, Unknown


@function(*everywhere("einsum"))
def _einsum(run: Run, c: Call) -> Value:
    found = tensors_of(run, list(c.args[1:]))
    if not found or not any(isinstance(a, Tensor) for a in c.args):
        return plain(run, c, None)
    return operation(run, "einsum", found, c.span, c.line, subscripts=argument(run, "subscripts", c.get(0, "equation")))


@function(*everywhere("tensordot"))
def _tensordot(run: Run, c: Call) -> Value:
    """An einsum that sums the named axes, or that many last axes of one with the first of the other."""
    given, axes = [c.any(0, "a", "x1"), c.any(1, "b", "x2")], c.get(2, "axes", 2)
    if not any(isinstance(v, Tensor) for v in given):
        return plain(run, c, None)
    x, y = found = tensors_of(run, given) or []
    if isinstance(axes, int):
        axes = range(x.rank - axes, x.rank), range(axes)
    names = [[chr(97 + 13 * side + i) for i in range(t.rank)] for side, t in enumerate((x, y))]
    for one, other in zip(*((end,) if isinstance(end, int) else end for end in axes), strict=True):
        names[1][other] = names[0][one]
    result = [name for mine, others in (names, names[::-1]) for name in mine if name not in others]
    subscripts = f"{''.join(names[0])},{''.join(names[1])}->{''.join(result)}"
    return operation(run, "einsum", found, c.span, c.line, subscripts=subscripts)


@function("tensorflow.nn.batch_normalization", "keras.backend.ctc_batch_cost")
def _of_several(run: Run, c: Call) -> Value:
    """What has tensors beside its first one; in which order does not matter to the shape."""
    given = [v for v in (*c.args, *c.kwargs.values()) if not isinstance(v, (int, float, str))]
    found = tensors_of(run, given) if touches(given) else None
    return operation(run, c.name, found, c.span, c.line) if found else plain(run, c, given)


@function(*everywhere("bias_add"))
def _bias_add(run: Run, c: Call) -> Value:
    """An addition, where the channels come last."""
    x, bias = tensors_of(run, [c.any(0, "x", "value"), c.any(1, "bias")]) or []
    if _format(run, c, 2) != "channels_last":
        raise Silent("a bias in front")
    return operation(run, "add", [x, bias], c.span, c.line)


@function(*everywhere("where"))
def _where(run: Run, c: Call) -> Value:
    """``where(condition, x, y)``; with the condition alone it gives places, how many is not known."""
    given = [c.any(0, "condition"), c.any(1, "x", "x1"), c.any(2, "y", "x2")]
    if not any(isinstance(v, Tensor) for v in given):
        return plain(run, c, given[0])
    found = [tensor_of(run, v) for v in given if not isinstance(v, (bool, int, float))]
    tensors = [t for t in found if t is not None]
    if len(tensors) < len(found) or given[1] is None:
        return opaque(run, tensors, c.span, c.line, "a where() that is not understood").output
    return operation(run, "where", tensors, c.span, c.line)


@function(*everywhere("take", "gather"))
def _take(run: Run, c: Call) -> Value:
    x, places = c.any(0, "x", "params", "reference"), c.any(1, "indices")
    axis = c.get(2, "axis", 0 if c.name == "gather" else None)
    if not isinstance(x, Tensor) and not isinstance(places, Tensor):
        return plain(run, c, x)
    found = tensors_of(run, [v for v in (x, places) if isinstance(v, (Tensor, Array))])
    if not isinstance(x, (Tensor, Array)) or not found or len(c.args) > 3 or "batch_dims" in c.kwargs:
        return opaque(run, found or [], c.span, c.line, f"{c.name}() that is not understood").output
    shape = None if len(found) > 1 else _places(places)
    single = shape == () and (places >= 0 or c.name == "take")  # gather() does not count from the end
    at = places if single else shape if isinstance(shape, Unknown) else None
    where = {"axis": argument(run, "axis", axis), "indices": shape, "at": at}
    return operation(run, "take", found, c.span, c.line, **where)


def _places(value: Value) -> Any:
    """The shape of indices that are written down."""
    if isinstance(value, int):
        return ()
    flat = isinstance(value, (list, tuple)) and all(isinstance(v, int) for v in value)
    return (len(value),) if flat else Unknown("indices", "how many indices is not known")


@on_tensor("repeat", "repeat_elements")
def _repeat(run: Run, x: Tensor, c: Call) -> Value:
    times = argument(run, "n", c.any(1, "n", "repeats", "rep"))
    if of_backend(c) and c.name == "repeat":  # (batch, features) -> (batch, n, features)
        wide = operation(run, "expand_dims", [x], c.span, c.line, axis=1)
        return operation(run, "tile", [wide], c.span, c.line, repeats=(1, times, 1))
    if isinstance(times, (tuple, Unknown)):
        return opaque(run, [x], c.span, c.line, "each entry is repeated as often as it says").output
    return operation(run, "repeat", [x], c.span, c.line, repeats=times, axis=argument(run, "axis", c.get(2, "axis")))


@function(*everywhere("split", "unstack"))
def _split(run: Run, c: Call) -> Value:
    """Parts of an axis; equal ones, of sizes (TensorFlow), or between places (Keras). Each entry of it (unstack)."""
    x = c.any(0, "value", "x")
    if not isinstance(x, Tensor):
        return plain(run, c, x)
    count, axis = c.any(1, "num_or_size_splits", "indices_or_sections", "num"), c.get(2, "axis", 0)
    known = not isinstance(x.shape, Unknown) and isinstance(axis, int) and -x.rank <= axis < x.rank
    size = x.shape[axis] if known else None
    parts = _parts(c, size, count) if isinstance(size, int) else None
    if parts is None:
        return opaque(run, [x], c.span, c.line, f"{c.name}() that is not understood").output
    before = (slice(None),) * (axis % x.rank)
    return [operation(run, "getitem", [x], c.span, c.line, index=(*before, part)) for part in parts]


def _parts(c: Call, size: int, count: Value) -> list[Any] | None:
    if c.name == "unstack":
        return list(range(size))
    if isinstance(count, int) and count > 0 and size % count == 0:
        edges = list(range(0, size + 1, size // count))
    elif isinstance(count, (list, tuple)) and all(isinstance(n, int) for n in count):
        places = c.written.startswith("keras.ops.")
        rest = size if places else size - sum(count) - 1  # of one size that TensorFlow is given as -1
        whole = count if places else [*accumulate(rest if n == -1 else n for n in count)]
        edges = [0, *whole, size] if places else [0, *whole]
        if sorted(edges) != edges or edges[-1] != size:
            return None
    else:
        return None
    return [slice(a, b) for a, b in pairwise(edges)]


# --- windows and images ------------------------------------------------------------------------------------


def _format(run: Run, c: Call, place: int) -> Any:
    """Keras's setting; TensorFlow's functions have their own default, and letters for it."""
    given = c.get(place, "data_format")
    if not c.written.startswith("tensorflow."):
        return run.data_format if given is None else argument(run, "data_format", given)
    return "channels_last" if given in (None, "NHWC", "NWC", "NDHWC") else Unknown(str(given), "a format")


def _inner(value: Any) -> Any:
    """Sizes of the spatial axes alone: TensorFlow also takes ``[1, 2, 2, 1]``."""
    return value[1:-1] if isinstance(value, tuple) and len(value) > 3 and value[0] == value[-1] == 1 else value


@on_tensor("average_pool", *(f"{kind}_pool{rank}" for kind in ("avg", "max") for rank in ("", "1d", "2d", "3d")))
def _pool(run: Run, x: Tensor, c: Call) -> Value:
    size, steps = (_inner(sizes(run, v)) for v in (c.any(1, "pool_size", "ksize"), c.any(2, "strides")))
    steps = 1 if steps is None and c.written.startswith("tensorflow.") else steps
    config = {"pool_size": size, "strides": steps, "padding": argument(run, "padding", c.get(3, "padding", "valid"))}
    kind = "max_pool" if c.name.startswith("max") else "average_pool"
    return operation(run, kind, [x], c.span, c.line, **config, data_format=_format(run, c, 4))


@function(*everywhere("conv", "conv1d", "conv2d", "conv3d"))
def _conv(run: Run, c: Call) -> Value:
    given = [c.any(0, "x", "input", "inputs"), c.any(1, "kernel", "filters", "filter")]
    found = tensors_of(run, given) if touches(given) else None
    if not found or len(found) < 2:
        return plain(run, c, given[0])
    moved = c.any(2, "strides", "stride"), c.any(5, "dilation_rate", "dilations")
    steps, rates = (_inner(sizes(run, v or 1)) for v in moved)
    config = {"strides": steps, "dilation_rate": rates, "data_format": _format(run, c, 4)}
    padding = argument(run, "padding", c.get(3, "padding", "valid"))
    return operation(run, "conv", found, c.span, c.line, **config, padding=padding)


@on_tensor("depth_to_space", "space_to_depth")
def _blocks(run: Run, x: Tensor, c: Call) -> Value:
    size = argument(run, "n", c.get(1, "block_size"))
    return operation(run, c.name, [x], c.span, c.line, block_size=size, data_format=_format(run, c, 2))


@on_tensor("resize", "image.resize")
def _resize(run: Run, x: Tensor, c: Call) -> Value:
    if c.written.startswith("tensorflow.") and c.get(3, "preserve_aspect_ratio", False) is not False:
        return opaque(run, [x], c.span, c.line, "a size that keeps the aspect ratio").output
    size = sizes(run, c.any(1, "size"))
    return operation(run, "resize", [x], c.span, c.line, size=size, data_format=_format(run, c, 8))


@on_tensor("extract_patches", "image.extract_patches")
def _patches(run: Run, x: Tensor, c: Call) -> Value:
    size, steps = (_inner(sizes(run, v)) for v in (c.any(1, "size", "sizes"), c.any(2, "strides")))
    rates = _inner(sizes(run, c.any(3, "dilation_rate", "rates") or 1))
    config = {"size": size, "strides": steps, "dilation_rate": rates, "data_format": _format(run, c, 5)}
    padding = argument(run, "padding", c.get(4, "padding", "valid"))
    return operation(run, "extract_patches", [x], c.span, c.line, **config, padding=padding)


# What numpy and keras.ops call the same is the same.
for _name in words("transpose squeeze tile expand_dims"):
    FUNCTIONS[f"numpy.{_name}"] = FUNCTIONS[f"keras.ops.{_name}"]
