"""pandas: a table has two axes and a column one; how many rows and columns there are is a symbol."""

from __future__ import annotations

from typing import Any

from kerlint.evaluate.known.arrays import choice, operands
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.mutation import Places, Table, alter, sizes
from kerlint.evaluate.names import Frame
from kerlint.evaluate.operators import OPERANDS
from kerlint.evaluate.registry import ATTRIBUTES, METHODS, function, method
from kerlint.evaluate.state import Run
from kerlint.evaluate.subscripts import ITEMS
from kerlint.evaluate.values import Array, Call, Open, Value
from kerlint.evaluate.words import words

READ = words("read_csv read_table read_excel read_parquet read_feather DataFrame get_dummies merge")
OTHERWISE = words("** chunksize iterator squeeze sheet_name header typ")  # what is read is perhaps no flat table
SAME = words("astype copy fillna round clip replace interpolate ffill bfill abs rename sort_values sort_index")
ROWS = words("head tail sample dropna drop_duplicates query")  # other rows, the same columns
OTHER = words("drop join merge assign select_dtypes")  # another table


def table(run: Run, text: str, axes: int, *known: Value) -> Table:
    """Data of so many axes; ``known`` are the last of its sizes."""
    return Table((*sizes(run, text, axes - len(known)), *known), text=text)


@function(*(f"pandas.{name}" for name in READ))
def _read(run: Run, c: Call) -> Value:
    flat = all(c.kwargs.get(name, 0) in (0, None) for name in OTHERWISE)
    return table(run, c.frame.source.text(c.node), 2) if flat else unknown(run, c)


@function("pandas.concat")
def _concat(run: Run, c: Call) -> Value:
    parts, beside = c.get(0, "objs"), c.get(1, "axis", 0) not in (0, "index")
    if not isinstance(parts, (list, tuple)) or not all(isinstance(p, Table) for p in parts) or "keys" in c.kwargs:
        return unknown(run, c)
    return table(run, c.frame.source.text(c.node), 2 if beside else max(len(p.shape) for p in parts))


@method(Table, *SAME, *ROWS, *OTHER)
def _changed(run: Run, data: Table, c: Call) -> Value:
    if c.kwargs.get("inplace", False) is not False:
        return alter(run, data)
    text, axes = c.frame.source.text(c.node), len(data.shape)
    if c.name in OTHER or "axis" in c.kwargs or (c.name == "dropna" and c.args):
        return table(run, text, axes)
    return Table(data.shape, text=text) if c.name in SAME else table(run, text, axes, *data.shape[1:])


@method(Table, "pop")
def _pop(run: Run, data: Table, c: Call) -> Value:
    alter(run, data)
    return Table(data.shape[:1], text=c.frame.source.text(c.node))


def _item(run: Run, data: Table, index: Value, node: Any, frame: Frame) -> Value:
    """A column by its name, columns by a list of names, rows by a part or a mask."""
    text, whole = frame.source.text(node), len(data.shape) == 2
    if whole and isinstance(index, str):
        return Table(data.shape[:1], text=text)
    if whole and isinstance(index, list) and index and all(isinstance(name, str) for name in index):
        return Table((data.shape[0], len(index)), text=text)
    if isinstance(index, slice) or (isinstance(index, Open) and choice(run, index) == 1):
        return table(run, text, len(data.shape), *data.shape[1:])
    return run.fresh("item", text, f"a part of a table (line {node.lineno})")


def _at(run: Run, places: Places, index: Value, node: Any, frame: Frame) -> Value:
    """By rows and columns: one of them by its name or number leaves out an axis."""
    kept: list[Value] = []
    text = frame.source.text(node)
    parts = (*index, ...) if isinstance(index, tuple) else (index, ...)
    for axis, (part, size) in enumerate(zip(parts, places.table.shape, strict=False)):
        if isinstance(part, slice) or part is ...:
            kept.append(size if part in (slice(None), ...) else sizes(run, text, 2)[axis])
        elif isinstance(part, list) and all(type(p) in (str, int) for p in part):
            kept.append(len(part))
        elif not isinstance(part, (str, int)) or (places.labels and not axis):  # a label may stand at several rows
            return run.fresh("item", text, f"a part of a table (line {node.lineno})")
    return Table(tuple(kept), text=text)


def _operands(run: Run, op: str, left: Value, right: Value, node: Any, frame: Any) -> Value:
    """As of arrays; but two tables meet by the names of their rows and columns."""
    if isinstance(left, Table) and isinstance(right, Table) and left.shape != right.shape:
        return table(run, frame.source.text(node), max(len(left.shape), len(right.shape)))
    return operands(run, op, left, right, node, frame)


ITEMS[Table], ITEMS[Places], OPERANDS[Table] = _item, _at, _operands
ATTRIBUTES[Table, "values"] = lambda _run, data: Array(data.shape)
METHODS[Table, "to_numpy"] = METHODS[Table, "as_matrix"] = lambda _run, data, _call: Array(data.shape)
ATTRIBUTES[Table, "loc"] = lambda _run, data: Places(data, labels=True)
ATTRIBUTES[Table, "iloc"] = lambda _run, data: Places(data, labels=False)
ATTRIBUTES.update({(Table, name): ATTRIBUTES[Array, name] for name in ("shape", "ndim", "size")})
