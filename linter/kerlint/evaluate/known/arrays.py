"""Arrays: known by shape and dtype only, never allocated."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.assign import iterate
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.mutation import Table, sizes
from kerlint.evaluate.names import Frame
from kerlint.evaluate.operators import OPERANDS, binary
from kerlint.evaluate.registry import ATTRIBUTES, FUNCTIONS, METHODS, TABLES, attribute, function, method, named
from kerlint.evaluate.state import Run
from kerlint.evaluate.subscripts import ITEMS
from kerlint.evaluate.values import Array, Call, Open, Value, small
from kerlint.graph.dim import Dim, Poly, at_least, divide_exactly, floor_div, product

MADE = ("zeros", "ones", "empty", "full", "random.random", "random.random_sample", "random.standard_normal")
DRAWN = ("random.normal", "random.uniform", "random.randint")  # the shape is the third argument
LIKE = named("arrays.like")
PAIRS: dict[str, str] = TABLES["arrays.pairs"]  # what they are of numbers: an operator, or builtin
SCALARS = ("copy", "asarray", "array", "float32", "float64")  # of a number: the number
RANGE = (("start",), ("stop", "limit"), ("step", "delta"))  # as numpy and Keras, and as TensorFlow call them
REDUCED = (".mean()", ".std()", ".min()", ".max()")  # of a table: one number for each column
VALUES = 4_096  # numbers that an array is known by
KEPT = ("astype", "copy", "clip", "round", "fillna", "toarray", "todense")


def shape_of(run: Run, value: Value, nested: bool = False) -> tuple[Value, ...] | None:
    """The shape that a value has as an array."""
    if isinstance(value, Array):
        return value.shape
    if isinstance(value, (int, float, Poly)):
        return ()
    if isinstance(value, Open) and value.test is not None and any(isinstance(v, Array) for v in value.test[1:]):
        return _together([shape_of(run, v, nested) for v in value.test[1:]])
    if isinstance(value, (list, tuple)):
        if not nested and not small(value, 20_000):
            return None
        inner = [shape_of(run, v, nested=True) for v in value]
        if any(i is None or i != inner[0] for i in inner):
            return None
        return (len(value), *(inner[0] or ())) if inner else (0,)
    return None


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


@function(*(f"numpy.{name}" for name in LIKE))
def _like(run: Run, c: Call) -> Value:
    value = c.args[0] if c.args else None
    if isinstance(value, (int, float)) or opens.integral(value):
        return value if c.name in SCALARS else unknown(run, c)
    shape = shape_of(run, value)
    return unknown(run, c) if shape is None else Array(shape)


@function(*(f"numpy.{name}" for name in PAIRS))
def _pair(run: Run, c: Call) -> Value:
    """A function of two arrays, or of numbers."""
    sides, of_numbers = [c.any(0, "x1", "a"), c.any(1, "x2", "b")], PAIRS[c.name]
    shapes = [shape_of(run, side) for side in sides]
    if c.name == "dot" and [len(shape or ()) for shape in shapes] != [2, 2]:
        return unknown(run, c)
    if any(shapes):
        return operands(run, of_numbers, *sides, c.node, c.frame)
    if of_numbers in ("max", "min") and all(isinstance(side, (int, float, Poly)) for side in sides):
        whole = replace(c, args=tuple(sides), kwargs={}, written=f"builtins.{of_numbers}")
        return FUNCTIONS[whole.written](run, whole)
    op = getattr(ast, of_numbers, None)
    return unknown(run, c) if op is None else binary(run, op, *sides, c.node, c.frame)


@function("numpy.where")
def _where(run: Run, c: Call) -> Value:
    shapes = [shape_of(run, value) for value in c.args]
    return Array(found) if len(shapes) == 3 and (found := _together(shapes)) else unknown(run, c)


@function("numpy.outer", "numpy.eye", "numpy.identity", "numpy.tri")
def _matrix(run: Run, c: Call) -> Value:
    """A product of all pairs, or a matrix of so many rows and columns."""
    rows = c.any(0, "a", "N", "n")
    columns = c.any(1, "b", "M", default=rows)
    if c.name != "outer":
        return Array((rows, rows if columns is None else columns)) if isinstance(rows, (int, Poly)) else unknown(run, c)
    shapes = [shape_of(run, side) for side in (rows, columns)]
    return Array((*shapes[0], *shapes[1])) if [len(s or ()) for s in shapes] == [1, 1] else unknown(run, c)


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
ATTRIBUTES[Array, "shape"] = lambda _run, array: array.shape
ATTRIBUTES[Array, "ndim"] = lambda _run, array: len(array.shape)
ATTRIBUTES[Array, "dtype"] = lambda _run, array: array.dtype
ATTRIBUTES[Array, "T"] = lambda _run, array: Array(tuple(reversed(array.shape)), array.dtype)


@attribute(Array, "size")
def _size(run: Run, array: Array) -> Value:
    dims = [d for d in map(opens.dim_of, array.shape) if d is not None]
    whole = len(dims) == len(array.shape)
    return product(dims) if whole else run.fresh("size", "size", "a size that is not known")


@method(Array, "reshape")
def _reshape(run: Run, array: Array, c: Call) -> Value:
    return reshaped(run, array, c.args[0] if len(c.args) == 1 and isinstance(c.args[0], (list, tuple)) else c.args, c)


@function("numpy.reshape")
def _reshape_function(run: Run, c: Call) -> Value:
    value = c.get(0, "a")
    shape = shape_of(run, value)
    if shape is None:
        return unknown(run, c)
    target = c.get(1, "newshape", c.kwargs.get("shape"))
    return reshaped(run, Array(shape), target if isinstance(target, (list, tuple)) else (target,), c)


def reshaped(run: Run, array: Array, target: Any, c: Call) -> Value:
    """The array in another shape; -1 is what is left."""
    made: list[Value] = list(target)
    if -1 in [s for s in made if isinstance(s, int)]:
        left = [opens.dim_of(d) for d in array.shape]
        known = [opens.dim_of(s) for s in made if not (isinstance(s, int) and s == -1)]
        if None in left or None in known:
            return run.fresh("reshape", c.frame.source.text(c.node), f"a size is not known (line {c.line})")
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


@function("numpy.split", "numpy.array_split")
def _split(run: Run, c: Call) -> Value:
    """Parts of an axis: so many of equal length, the first ones perhaps longer by one; or those between places."""
    shape, among, axis = shape_of(run, c.get(0, "ary")), c.get(1, "indices_or_sections"), c.get(2, "axis", 0)
    if shape is None or not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        return unknown(run, c)
    size, whole = opens.dim_of(shape[axis]), isinstance(among, int) and 0 < among <= VALUES
    uneven = c.name == "array_split" or (isinstance(size, int) and whole and size % among)
    if whole and size is not None and (c.name == "array_split" or not uneven):
        parts = [floor_div(size + (among - 1 - place if uneven else 0), among) for place in range(among)]
    elif isinstance(among, (list, tuple)) and all(isinstance(place, int) for place in among):
        ends, text = [*among, None], c.frame.source.text(c.node)
        parts = [_cut(run, shape[axis], slice(a, b), text, c.node) for a, b in zip([0, *among], ends, strict=True)]
    else:
        return unknown(run, c)
    before, behind = shape[: axis % len(shape)], shape[axis % len(shape) + 1 :]
    return [Array((*before, part, *behind)) for part in parts]


# --- subscripts and operators ------------------------------------------------------------------------------


def _item(run: Run, target: Value, index: Value, node: Any, frame: Frame) -> Value:
    if target.values is not None and isinstance(index, int):
        try:
            return target.values[index]
        except IndexError:
            return run.fresh("item", frame.source.text(node), f"no such part of the data (line {node.lineno})")
    shape: list[Value] = []
    rest = list(target.shape)
    parts = index if isinstance(index, tuple) else (index,)
    if ... in [p for p in parts if p is None or p is ...]:  # the axes that nothing else stands for, if it stands once
        left, place = len(rest) - len([p for p in parts if p is not None]) + 1, parts.index(...)
        parts = (*parts[:place], *(slice(None),) * left, *parts[place + 1 :])
    if any(p is ... for p in parts) or len([p for p in parts if p is not None]) > len(rest):
        return run.fresh("item", frame.source.text(node), f"a part of data (line {node.lineno})")
    for part in parts:
        if part is None:
            shape.append(1)
        elif isinstance(part, slice):
            shape.append(_cut(run, rest.pop(0), part, f"{frame.source.text(node)}.shape[{len(shape)}]", node))
        elif isinstance(part, (int, Poly)) or (isinstance(part, Open) and part.integral):
            rest.pop(0)
        elif (chosen := choice(run, part)) is not None and len(parts) == 1:
            del rest[: 1 if isinstance(chosen, tuple) else chosen]
            shape += chosen if isinstance(chosen, tuple) else sizes(run, frame.source.text(node), 1)
        else:
            return run.fresh("item", frame.source.text(node), f"an index that is not known (line {node.lineno})")
    if shape or rest:
        return Array((*shape, *rest), target.dtype)
    return run.fresh("item", frame.source.text(node), "a value of data")


def choice(run: Run, index: Value) -> tuple[Value, ...] | int | None:
    """What an index of many numbers selects: a shape of elements; of a mask, the number of axes that it goes over."""
    if isinstance(index, Open) and index.test is not None:
        masks = [len(side.shape) for side in index.test[1:] if isinstance(side, Array)]
        return max(masks) if masks else None
    shape = shape_of(run, index) if isinstance(index, (Array, list)) else None
    if shape is None:
        return None
    flags = isinstance(index, list) and any(isinstance(v, bool) for v in index)
    return 1 if flags else shape


def _cut(run: Run, size: Value, part: slice, text: str, node: Any) -> Value:
    if part == slice(None, None, None):
        return size
    known = all(p is None or isinstance(p, int) for p in (part.start, part.stop, part.step))
    if isinstance(size, int) and known:
        return len(range(*part.indices(size)))
    return run.fresh("rows", text, f"a part of data (line {node.lineno})")


ITEMS[Array] = _item


def operands(run: Run, op: str, left: Value, right: Value, node: Any, frame: Any) -> Value:
    """Broadcasting, as far as the shapes are known; a product of matrices."""
    shapes = [shape_of(run, v) for v in (left, right)]
    if op == "MatMult" and all(shape is not None and len(shape) > 1 for shape in shapes):
        (*above, rows, _), (*beside, _, columns) = ((*shape,) for shape in shapes if shape is not None)
        return Array((*(_together([tuple(above), tuple(beside)]) or ()), rows, columns))
    if None in shapes or op == "MatMult":
        array = left if isinstance(left, Array) else right
        scalar = right if array is left else left
        columns = isinstance(array, Table) and isinstance(scalar, Open) and scalar.key.endswith(REDUCED)
        if (opens.integral(scalar) or columns) and op != "MatMult" and array.shape:  # what else there is may be larger
            return type(array)(array.shape, array.dtype)
        return run.fresh("data", frame.source.text(node), f"what is calculated of data (line {node.lineno})")
    kind = Table if isinstance(left, Table) or isinstance(right, Table) else Array
    return kind(_together(shapes) or ())


def _together(shapes: list[tuple[Value, ...] | None]) -> tuple[Value, ...] | None:
    """The shape of arrays that an operator goes over together."""
    if None in shapes:
        return None
    longest, *others = sorted((s for s in shapes if s is not None), key=len, reverse=True)
    for shape in others:
        padded = (1,) * (len(longest) - len(shape)) + shape
        longest = tuple(y if isinstance(x, int) and x == 1 else x for x, y in zip(longest, padded, strict=True))
    return longest


OPERANDS[Array] = operands
