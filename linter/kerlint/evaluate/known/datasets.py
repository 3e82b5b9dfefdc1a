"""Data: the documented shapes of keras.datasets, one-hot encoding, splits, padding."""

from __future__ import annotations

from kerlint.evaluate import opens
from kerlint.evaluate.known.arrays import shape_of
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.mutation import Table
from kerlint.evaluate.registry import function
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Array, Call, Value

Shape = tuple[int, ...]
# Name -> (training inputs, training targets), (test inputs, test targets).
DATASETS: dict[str, tuple[tuple[Shape, Shape], tuple[Shape, Shape]]] = {
    "mnist": (((60000, 28, 28), (60000,)), ((10000, 28, 28), (10000,))),
    "fashion_mnist": (((60000, 28, 28), (60000,)), ((10000, 28, 28), (10000,))),
    "cifar10": (((50000, 32, 32, 3), (50000, 1)), ((10000, 32, 32, 3), (10000, 1))),
    "cifar100": (((50000, 32, 32, 3), (50000, 1)), ((10000, 32, 32, 3), (10000, 1))),
    "imdb": (((25000,), (25000,)), ((25000,), (25000,))), "reuters": (((8982,), (8982,)), ((2246,), (2246,))),
    "boston_housing": (((404, 13), (404,)), ((102, 13), (102,))),
    "california_housing": (((16512, 8), (16512,)), ((4128, 8), (4128,))),
}  # fmt: skip


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
    classes = c.get(1, "num_classes", c.kwargs.get("nb_classes"))
    source = c.get(0, "y")
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
    length = c.get(1, "maxlen")
    shape = shape_of(run, c.get(0, "sequences"))
    rows = shape[0] if shape else run.fresh("rows", "rows", f"the number of rows is not known (line {c.line})")
    if length is None:
        return run.fresh("padded", c.frame.source.text(c.node), f"the longest sequence is not known (line {c.line})")
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
                found.append(run.fresh(key, c.frame.source.text(c.node), f"a part of the data (line {c.line})"))
    return found
