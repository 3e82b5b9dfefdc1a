"""Data: the documented shapes of data sets and environments; tables of pandas, which have rows and columns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.known.arrays import shape_of
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.known.calculated import choice, operands
from kerlint.evaluate.mutation import Places, Table, alter, sizes
from kerlint.evaluate.names import Frame
from kerlint.evaluate.operators import OPERANDS
from kerlint.evaluate.registry import ATTRIBUTES, FUNCTIONS, METHODS, function, method, named, words
from kerlint.evaluate.state import Run
from kerlint.evaluate.subscripts import ITEMS
from kerlint.evaluate.values import Array, Call, Class, Instance, Open, Value
from kerlint.layers.table import tuples

Shape = tuple[int, ...]
FILE = Path(__file__).with_name("datasets.json")
TABLES: dict[str, Any] = json.loads(FILE.read_bytes(), object_hook=lambda row: {k: tuples(row[k]) for k in row})
# Name -> (training inputs, training targets), (test inputs, test targets).
DATASETS: dict[str, tuple[tuple[Shape, Shape], tuple[Shape, Shape]]] = TABLES["keras"]
# Name -> attributes of the bunch that it gives. Rows may be left out by an argument, columns may not.
LOADED: dict[str, dict[str, Shape]] = TABLES["sklearn"]
# Name -> how many features it draws if nothing is said; None: always two.
DRAWN: dict[str, int | None] = TABLES["drawn"]
# Name of an environment, whatever its version -> shape of an observation, of an action, number of actions.
ENVIRONMENTS: dict[str, tuple[Shape, Shape, int | None]] = TABLES["gym"]
ROWS = ("n_class", "subset")  # arguments that leave rows out


@function(*(f"keras.datasets.{name}.load_data" for name in DATASETS))
def _load(run: Run, c: Call) -> Value:
    name = c.written.split(".")[2]
    (x, y), (x2, y2) = DATASETS[name]
    kind = "uint8" if len(x) > 2 else "float64"
    if name in ("reuters", "boston_housing", "california_housing") and "test_split" in c.kwargs:
        return unknown(run, c)
    turned = run.data_format == "channels_first" and len(x) == 4
    first, second = ((x[0], *x[:0:-1][:1], *x[1:3]), (x2[0], 3, *x2[1:3])) if turned else (x, x2)
    return (Array(first, kind), Array(y, kind)), (Array(second, kind), Array(y2, kind))


@function("keras.utils.to_categorical", "keras.utils.np_utils.to_categorical")
def _to_categorical(run: Run, c: Call) -> Value:
    source, classes = c.get(0, "y"), c.any(1, "num_classes", "nb_classes")
    shape = shape_of(run, source)
    if shape is None:  # labels, or whole sequences of them
        return unknown(run, c)
    if classes is None:
        classes = opens.function_of(run, "num_classes", source)
        classes.integral = True
    kept = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
    return Array((*kept, classes), "float32")


@function("keras.preprocessing.sequence.pad_sequences", "keras.utils.pad_sequences")
def _pad(run: Run, c: Call) -> Value:
    shape, length = shape_of(run, c.get(0, "sequences")), c.get(1, "maxlen")
    rows = shape[0] if shape else run.fresh("rows", "rows", f"the number of rows is not known (line {c.line})")
    if length is None:
        return run.lost("padded", c.node, c.frame, "the longest sequence is not known")
    return Array((rows, length), "int32")


@function("sklearn.model_selection.train_test_split", "sklearn.cross_validation.train_test_split")
def _split(run: Run, c: Call) -> Value:
    found: list[Value] = []
    for value in c.args:
        shape = shape_of(run, value)
        for part in ("train", "test"):
            if shape:
                rows = run.fresh("rows", "rows", f"the number of rows is not known (line {c.line})")
                kind = Table if isinstance(value, Table) else Array
                found.append(kind((rows, *shape[1:]), text=c.frame.source.text(c.node)))
            else:
                key = f"split {part} of {opens.key_of(run, value)}"
                found.append(run.lost(key, c.node, c.frame, "a part of the data"))
    return found


# --- scikit-learn, gym -------------------------------------------------------------------------------------


@function("gym.make", "gymnasium.make")
def _environment(run: Run, c: Call) -> Value:
    name = c.get(0, "id")
    known = ENVIRONMENTS.get(name.rpartition("-v")[0]) if isinstance(name, str) else None
    if known is None or not c.kwargs.keys() <= {"id", "render_mode"}:
        return run.lost("gym.make()", c.node, c.frame, "what the environment is")
    observed, acted, number = known
    spaces: dict[str, dict[str, Value]] = {"observation_space": {"shape": observed}, "action_space": {"shape": acted}}
    if number is not None:
        spaces["action_space"]["n"] = number
    why = f"what the environment is besides (line {c.line})"
    made = {k: Instance(Class("Space", (), {}, c.frame), v, unknown=why) for k, v in spaces.items()}
    return Instance(Class("Env", (), {}, c.frame), made, unknown=why)


@function(*(f"sklearn.datasets.{name}" for name in LOADED))
def _loaded(run: Run, c: Call) -> Value:
    arrays = {key: Array(_rows(run, c, shape)) for key, shape in LOADED[c.name].items()}
    if c.kwargs.get("return_X_y") is True:
        return arrays["data"], arrays["target"]
    found = Instance(Class("Bunch", (), {}, c.frame), dict(arrays))
    found.unknown = f"what the data set holds besides (line {c.line})"
    return found if c.kwargs.get("return_X_y", False) is False else unknown(run, c)


def _rows(run: Run, c: Call, shape: Shape) -> tuple[Value, ...]:
    if not c.args and not any(k in c.kwargs for k in (*ROWS, "**")):
        return shape
    return (run.fresh("rows", "rows", f"the number of rows is not known (line {c.line})"), *shape[1:])


@function(*(f"sklearn.datasets.{name}" for name in DRAWN))
def _drawn(run: Run, c: Call) -> Value:
    rows, features = c.get(0, "n_samples", 100), DRAWN[c.name]
    columns = 2 if features is None else c.get(1, "n_features", features)
    if not isinstance(rows, int):
        rows = run.fresh("rows", "rows", f"the number of rows is not known (line {c.line})")
    if "**" in c.kwargs or not isinstance(columns, (int, Open)):
        return unknown(run, c)
    if c.name == "make_regression" and c.kwargs.get("n_targets", 1) != 1:
        return Array((rows, columns)), unknown(run, c)
    return Array((rows, columns)), Array((rows,), "int64")


@dataclass(slots=True, eq=False)
class Scaler:
    """Something that changes the numbers of data, and perhaps how many columns there are: always two axes then."""

    kind: str
    columns: Value = None  # how many it makes; None: as many as there were


for _name in (*named("datasets.scalers"), "data.StandardScaler"):
    FUNCTIONS[f"sklearn.preprocessing.{_name}"] = lambda _run, c: Scaler(c.name)


@function(*(f"sklearn.{name}" for name in named("datasets.makers")))
def _column_maker(run: Run, c: Call) -> Value:
    wanted = c.get(0, "n_components") if "decomposition" in c.written else None
    return Scaler(c.name, wanted if type(wanted) is int else run.fresh(c.name, c.name, "it is not fitted"))


@method(Scaler, "fit", "partial_fit")
def _fit(run: Run, scaler: Scaler, c: Call) -> Value:
    if isinstance(scaler.columns, Open):
        scaler.columns = sizes(run, c.frame.source.text(c.node), 2)[1]
    return scaler


@method(Scaler, "transform", "fit_transform", "inverse_transform")
def _transform(run: Run, scaler: Scaler, c: Call) -> Value:
    if scaler.columns is None:
        return _scaled(run, c)
    if c.name == "inverse_transform":
        return unknown(run, c)
    if c.name == "fit_transform":
        _fit(run, scaler, c)
    return Array((sizes(run, c.frame.source.text(c.node), 1)[0], scaler.columns))


@function(*(f"sklearn.preprocessing.{name}" for name in words("scale minmax_scale normalize maxabs_scale")))
def _scaled(run: Run, c: Call) -> Value:
    """Data of the same shape: what is unknown has the same unknown sizes."""
    data = c.get(0, "X")
    if isinstance(data, Open):
        return data
    shape = shape_of(run, data)
    return unknown(run, c) if shape is None else Array(shape)


# --- pandas: a table has two axes and a column one


READ = words("read_csv read_table read_excel read_parquet read_feather DataFrame get_dummies merge")
OTHERWISE = words("** chunksize iterator squeeze sheet_name header typ")  # what is read is perhaps no flat table
SAME = words("astype copy fillna round clip replace interpolate ffill bfill abs rename sort_values sort_index")
FEWER = words("head tail sample dropna drop_duplicates query")  # other rows, the same columns
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


@method(Table, *SAME, *FEWER, *OTHER)
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
