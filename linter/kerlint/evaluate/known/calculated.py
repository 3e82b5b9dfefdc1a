"""What is calculated of arrays, and what is picked from them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.known.arrays import VALUES, shape_of, together
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.mutation import Table, sizes
from kerlint.evaluate.names import Frame
from kerlint.evaluate.operators import OPERANDS, binary
from kerlint.evaluate.registry import FUNCTIONS, TABLES, function
from kerlint.evaluate.state import Run
from kerlint.evaluate.subscripts import ITEMS
from kerlint.evaluate.values import Array, Call, Open, Value
from kerlint.graph.dim import Poly, floor_div

PAIRS: dict[str, str] = TABLES["arrays.pairs"]  # what they are of numbers: an operator, or builtin
REDUCED = (".mean()", ".std()", ".min()", ".max()")  # of a table: one number for each column


@function(*(f"numpy.{name}" for name in PAIRS))
def _pair(run: Run, c: Call) -> Value:
    """A function of two arrays, or of numbers."""
    sides, of_numbers = (c.any(0, "x1", "a"), c.any(1, "x2", "b")), PAIRS[c.name]
    shapes = [shape_of(run, side) for side in sides]
    if c.name == "dot" and [len(shape or ()) for shape in shapes] != [2, 2]:
        return unknown(run, c)
    if any(shapes):
        return operands(run, of_numbers, *sides, c.node, c.frame)
    if of_numbers in ("max", "min") and all(isinstance(side, (int, float, Poly)) for side in sides):
        whole = replace(c, args=sides, kwargs={}, written=f"builtins.{of_numbers}")
        return FUNCTIONS[whole.written](run, whole)
    op = getattr(ast, of_numbers, None)
    return unknown(run, c) if op is None else binary(run, op, *sides, c.node, c.frame)


@function("numpy.where")
def _where(run: Run, c: Call) -> Value:
    shapes = [shape_of(run, value) for value in c.args]
    return Array(found) if len(shapes) == 3 and (found := together(shapes)) else unknown(run, c)


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


def _item(run: Run, target: Value, index: Value, node: Any, frame: Frame) -> Value:
    if target.values is not None and isinstance(index, int):
        try:
            return target.values[index]
        except IndexError:
            return run.lost("item", node, frame, "no such part of the data")
    shape: list[Value] = []
    rest = list(target.shape)
    parts = index if isinstance(index, tuple) else (index,)
    if ... in [p for p in parts if p is None or p is ...]:  # the axes that nothing else stands for, if it stands once
        left, place = len(rest) - len([p for p in parts if p is not None]) + 1, parts.index(...)
        parts = (*parts[:place], *(slice(None),) * left, *parts[place + 1 :])
    if any(p is ... for p in parts) or len([p for p in parts if p is not None]) > len(rest):
        return run.lost("item", node, frame, "a part of data")
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
            return run.lost("item", node, frame, "an index that is not known")
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
        return Array((*(together([tuple(above), tuple(beside)]) or ()), rows, columns))
    if None in shapes or op == "MatMult":
        array = left if isinstance(left, Array) else right
        scalar = right if array is left else left
        columns = isinstance(array, Table) and isinstance(scalar, Open) and scalar.key.endswith(REDUCED)
        if (opens.integral(scalar) or columns) and op != "MatMult" and array.shape:  # what else there is may be larger
            return type(array)(array.shape, array.dtype)
        return run.lost("data", node, frame, "what is calculated of data")
    kind = Table if isinstance(left, Table) or isinstance(right, Table) else Array
    return kind(together(shapes) or ())


OPERANDS[Array] = operands
