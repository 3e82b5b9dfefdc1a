"""Arrays: known by shape and dtype only, never allocated."""

from __future__ import annotations

from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.assign import iterate
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.mutation import sizes
from kerlint.evaluate.registry import ATTRIBUTES, FUNCTIONS, METHODS, attribute, function, method, named
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Array, Call, Open, Value, small
from kerlint.graph.dim import Dim, Poly, at_least, divide_exactly, product

MADE = ("zeros", "ones", "empty", "full", "random.random", "random.random_sample", "random.standard_normal")
DRAWN = ("random.normal", "random.uniform", "random.randint")  # the shape is the third argument
SCALARS = ("copy", "asarray", "array", "float32", "float64")  # of a number: the number
RANGE = (("start",), ("stop", "limit"), ("step", "delta"))  # as numpy and Keras, and as TensorFlow call them
VALUES = 4_096  # numbers that an array is known by
KEPT = ("astype", "copy", "clip", "round", "fillna", "toarray", "todense")


def shape_of(run: Run, value: Value, nested: bool = False) -> tuple[Value, ...] | None:
    """The shape that a value has as an array."""
    if isinstance(value, Array):
        return value.shape
    if isinstance(value, (int, float, Poly)):
        return ()
    if isinstance(value, Open) and value.test is not None and any(isinstance(v, Array) for v in value.test[1:]):
        return together([shape_of(run, v, nested) for v in value.test[1:]])
    if isinstance(value, (list, tuple)):
        if not nested and not small(value, 20_000):
            return None
        inner = [shape_of(run, v, nested=True) for v in value]
        if any(i is None or i != inner[0] for i in inner):
            return None
        return (len(value), *(inner[0] or ())) if inner else (0,)
    return None


def together(shapes: list[tuple[Value, ...] | None]) -> tuple[Value, ...] | None:
    """The shape of arrays that an operator goes over together."""
    if None in shapes:
        return None
    longest, *others = sorted((s for s in shapes if s is not None), key=len, reverse=True)
    for shape in others:
        padded = (1,) * (len(longest) - len(shape)) + shape
        longest = tuple(y if isinstance(x, int) and x == 1 else x for x, y in zip(longest, padded, strict=True))
    return longest


def given_shape(run: Run, value: Value) -> tuple[Value, ...] | None:
    """A shape as an argument: an int or a sequence."""
    if isinstance(value, (int, Poly)):
        return (value,)
    found = iterate(run, value) if isinstance(value, (list, tuple)) else None
    return None if found is None else tuple(found)


@function(*(f"numpy.{name}" for name in (*MADE, *DRAWN)))
def _made(run: Run, c: Call) -> Value:
    place = 2 if c.written.removeprefix("numpy.") in DRAWN else 0
    shape = given_shape(run, c.any(place, "size", "shape"))
    return unknown(run, c) if shape is None else Array(shape, "int64" if c.name == "randint" else "float64")


@function("numpy.arange")
def _arange(run: Run, c: Call) -> Value:
    size = counted(c)
    return Array(sizes(run, c.frame.source.text(c.node), 1) if size is None else (size,), "int64")


def counted(c: Call) -> Dim | None:
    """How many integers a call of ``range`` or ``arange`` gives, whatever its library calls the arguments."""
    start, stop, step = (c.any(place, *names) for place, names in enumerate(RANGE))
    if stop is None:
        start, stop = 0, start
    start, step = 0 if start is None else start, 1 if step is None else step
    if all(isinstance(value, int) for value in (start, stop, step)):
        return max(0, -((start - stop) // step)) if step else None
    if step != 1 or not all(isinstance(value, (int, Poly)) for value in (start, stop)):
        return None
    size: Dim = stop - start
    return size if at_least(size, 0) else None


@function(*(f"numpy.{name}" for name in named("arrays.like")))
def _like(run: Run, c: Call) -> Value:
    value = c.args[0] if c.args else None
    if isinstance(value, (int, float)) or opens.integral(value):
        return value if c.name in SCALARS else unknown(run, c)
    shape = shape_of(run, value)
    return unknown(run, c) if shape is None else Array(shape)


@function("numpy.outer", "numpy.eye", "numpy.identity", "numpy.tri")
def _matrix(run: Run, c: Call) -> Value:
    """A product of all pairs, or a matrix of so many rows and columns."""
    rows = c.any(0, "a", "N", "n")
    columns = c.any(1, "b", "M", default=rows)
    if c.name != "outer":
        return Array((rows, rows if columns is None else columns)) if isinstance(rows, (int, Poly)) else unknown(run, c)
    shapes = [shape_of(run, side) or () for side in (rows, columns)]
    return Array((*shapes[0], *shapes[1])) if [len(s) for s in shapes] == [1, 1] else unknown(run, c)


@function("numpy.repeat")
def _repeat(run: Run, c: Call) -> Value:
    shape, times, axis = shape_of(run, c.get(0, "a")), c.get(1, "repeats"), c.get(2, "axis")
    size = opens.dim_of(shape[axis]) if shape and isinstance(axis, int) and -len(shape) <= axis < len(shape) else None
    if shape is None or size is None or not isinstance(times, (int, Poly)):
        return unknown(run, c)
    return Array((*shape[: axis % len(shape)], size * times, *shape[axis % len(shape) + 1 :]))


@function("numpy.linspace", "tensorflow.linspace", "keras.ops.linspace")
def _linspace(run: Run, c: Call) -> Value:
    """Numbers at equal distances, as numpy calculates them: ``start + i * step``, the last one exactly ``stop``."""
    start, stop, num = c.get(0, "start"), c.get(1, "stop"), c.get(2, "num", 50)
    ends = c.get(3, "endpoint", True)
    if not isinstance(num, int):
        return unknown(run, c)
    known = isinstance(start, (int, float)) and isinstance(stop, (int, float)) and "dtype" not in c.kwargs
    if not c.written.startswith("numpy.") or not known or not 0 < num <= VALUES:
        return Array((num,))
    step = (stop - start) / max(num - 1 if ends is True else num, 1)
    values = [start + float(i) * step for i in range(num)]
    if ends is True and num > 1:
        values[-1] = float(stop)
    return Array((num,), values=tuple(values)) if isinstance(ends, bool) else Array((num,))


@method(Array, *KEPT)
def _kept(run: Run, array: Array, c: Call) -> Value:
    named = c.name == "astype" and c.args and isinstance(c.args[0], str)
    return Array(array.shape, c.args[0] if named else array.dtype)


FUNCTIONS["numpy.shape"] = lambda run, c: unknown(run, c) if (shape := shape_of(run, c.get(0, "a"))) is None else shape
METHODS[Array, "tolist"] = lambda run, array, c: unknown(run, c) if array.values is None else list(array.values)
FUNCTIONS["numpy.random.rand"] = FUNCTIONS["numpy.random.randn"] = lambda _run, c: Array(c.args)
METHODS[Array, "reshape"] = lambda run, array, c: reshaped(run, array, c.args[0] if len(c.args) == 1 else c.args, c)
ATTRIBUTES[Array, "shape"] = lambda _run, array: array.shape
ATTRIBUTES[Array, "ndim"] = lambda _run, array: len(array.shape)
ATTRIBUTES[Array, "dtype"] = lambda _run, array: array.dtype
ATTRIBUTES[Array, "T"] = lambda _run, array: Array(tuple(reversed(array.shape)), array.dtype)


@attribute(Array, "size")
def _size(run: Run, array: Array) -> Value:
    dims = [d for d in map(opens.dim_of, array.shape) if d is not None]
    whole = len(dims) == len(array.shape)
    return product(dims) if whole else run.fresh("size", "size", "a size that is not known")


@function("numpy.reshape")
def _reshape(run: Run, c: Call) -> Value:
    shape = shape_of(run, c.get(0, "a"))
    return unknown(run, c) if shape is None else reshaped(run, Array(shape), c.any(1, "newshape", "shape"), c)


def reshaped(run: Run, array: Array, target: Any, c: Call) -> Value:
    """The array in another shape; -1 is what is left."""
    made: list[Value] = [*target] if isinstance(target, (list, tuple)) else [target]
    if -1 in [s for s in made if isinstance(s, int)]:
        left = [opens.dim_of(d) for d in array.shape]
        known = [opens.dim_of(s) for s in made if not (isinstance(s, int) and s == -1)]
        if None in left or None in known:
            return run.lost("reshape", c.node, c.frame, "a size is not known")
        whole: Dim = product([d for d in left if d is not None])
        rest = divide_exactly(whole, product([d for d in known if d is not None]))
        place = next(i for i, s in enumerate(made) if isinstance(s, int) and s == -1)
        made[place] = sizes(run, c.frame.source.text(c.node), place + 1)[-1] if rest is None else rest
    return Array(tuple(made), array.dtype)


@function("numpy.concatenate", "numpy.vstack", "numpy.hstack", "numpy.append", "numpy.stack")
def _concatenate(run: Run, c: Call) -> Value:
    given, axis = c.get(0, "arrays"), c.get(1, "axis", 0)
    if c.name == "append":
        given, axis = [c.get(0, "arr"), c.get(1, "values")], c.get(2, "axis")
        if axis is None:
            return Array(sizes(run, c.frame.source.text(c.node), 1))
    parts = [shape_of(run, v) for v in iterate(run, given) or [None]]
    if any(p is None or len(p) != len(parts[0] or ()) for p in parts) or not isinstance(axis, int):
        return unknown(run, c)
    if c.name == "stack":
        first, place = parts[0] or (), axis % (len(parts[0] or ()) + 1)
        return Array((*first[:place], len(parts), *first[place:]))
    if c.name == "vstack":
        axis, parts = 0, [(1, *p) if p is not None and len(p) == 1 else p for p in parts]
    if c.name == "hstack":
        axis = 0 if parts[0] is not None and len(parts[0]) == 1 else 1
    along = [opens.dim_of(part[axis]) if part else None for part in parts]
    if None in along:
        return unknown(run, c)
    whole = list(parts[0] or ())
    whole[axis] = sum(size for size in along if size is not None)
    return Array(tuple(whole))


@function("numpy.meshgrid", "tensorflow.meshgrid")
def _grid(run: Run, c: Call) -> Value:
    """The coordinates of all points of a grid: an array for each axis; the first two axes change places."""
    shapes = [(len(v),) if isinstance(v, range) else shape_of(run, v) for v in c.args]
    kind, flat = c.kwargs.get("indexing", "xy"), [s[0] for s in shapes if s is not None and len(s) == 1]
    if len(flat) < len(shapes) or not c.kwargs.keys() <= {"indexing"} or kind not in ("xy", "ij"):
        return unknown(run, c)
    return [Array((*flat[1::-1], *flat[2:]) if kind == "xy" else tuple(flat)) for _ in flat]
