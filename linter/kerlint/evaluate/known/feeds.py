"""Data that is made of nothing (constants, draws), or arrives piece by piece (tf.data, generators, directories)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kerlint.evaluate import opens
from kerlint.evaluate.known.arrays import counted, given_shape, shape_of
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.known.ops import everywhere
from kerlint.evaluate.registry import FUNCTIONS, METHODS, TABLES, function, method, words
from kerlint.evaluate.state import Raised, Run
from kerlint.evaluate.values import Array, Call, Open, Value
from kerlint.graph.dim import Poly
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Unknown

Change = Callable[[tuple[Value, ...]], "tuple[Value, ...] | None"]
CHANNELS = {"rgb": 3, "grayscale": 1, "rgba": 4}
READERS = words("utils preprocessing preprocessing.image")
SAME = words("shuffle repeat prefetch take skip cache with_options shard filter concatenate as_numpy_iterator __iter__")


def feed(run: Run, c: Call, element: Value) -> Value:
    """Something unknown, of which it is known what a loop over it gets."""
    found = unknown(run, c)
    found.element = element
    return found


def _each(run: Run, value: Value, change: Change) -> Value:
    """An element with the shape of each of its parts changed."""
    if isinstance(value, tuple):
        return tuple(_each(run, part, change) for part in value)
    if isinstance(value, dict):
        return {key: _each(run, part, change) for key, part in value.items()}
    if isinstance(value, Tensor) and not isinstance(value.shape, Unknown):
        value = Array(tuple(value.shape), value.dtype)
    shape = shape_of(run, value)
    made = None if shape is None else change(shape)
    if made is None:
        return run.fresh("element", "element", "its shape is not known")
    return Array(made, value.dtype if isinstance(value, Array) else "float64")


def _rows(run: Run) -> Open:
    return run.fresh("rows", "rows", "how many a batch holds is not known")


def _batched(run: Run, element: Value, gone: int = 0) -> Value:
    """So many elements, stacked; ``gone``: of one that has rows already."""
    rows = _rows(run)
    return _each(run, element, lambda shape: (rows, *shape[gone:]))


def _first(shape: tuple[Value, ...]) -> tuple[Value, ...] | None:
    return shape[1:] if shape else None


@function("tensorflow.data.Dataset.zip")
def _zip(run: Run, c: Call) -> Value:
    parts = c.args if len(c.args) > 1 else c.get(0, "datasets")
    known = isinstance(parts, tuple) and all(isinstance(part, Open) and part.element is not None for part in parts)
    return feed(run, c, tuple(part.element for part in parts)) if known else unknown(run, c)


@method(Open, "map")
def _map(run: Run, data: Open, c: Call) -> Value:
    """What the function makes of an element; layers that it applies to data are no part of a model."""
    given = data.element if isinstance(data.element, tuple) else (data.element,)
    try:
        with run.aside():
            found = run.apply(run, c.get(0, "map_func"), Call(given, {}, c.node, c.frame, via=True))
    except Raised:  # perhaps an element has more parts
        return unknown(run, c)
    return feed(run, c, _each(run, found, lambda shape: shape))


DATASET = "tensorflow.data.Dataset"
FUNCTIONS[f"{DATASET}.from_tensor_slices"] = lambda run, c: feed(run, c, _each(run, c.get(0, "tensors"), _first))
FUNCTIONS[f"{DATASET}.from_tensors"] = lambda run, c: feed(run, c, c.get(0, "tensors"))
METHODS.update({(Open, name): lambda _run, data, _c: data for name in SAME})
METHODS[Open, "batch"] = lambda run, data, c: feed(run, c, _batched(run, data.element))
METHODS[Open, "unbatch"] = lambda run, data, c: feed(run, c, _each(run, data.element, _first))
METHODS[Open, "next"] = METHODS[Open, "get_next"] = lambda _run, data, _c: data.element


# --- images ------------------------------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Images:
    """ImageDataGenerator: what it draws has the shape of what it is given."""

    turned: bool  # channels first


def _images(run: Run, c: Call, places: tuple[int, int], name: str, mode: Value, turned: bool) -> Value:
    """Batches of images of one size, and of their labels."""
    size, color = c.get(places[0], name, (256, 256)), c.get(places[1], "color_mode", "rgb")
    if not isinstance(size, (tuple, list)) or len(size) != 2 or color not in CHANNELS or "**" in c.kwargs:
        return unknown(run, c)
    rows, channels = _rows(run), CHANNELS[color]
    image = Array((rows, channels, *size) if turned else (rows, *size, channels), "float32")
    classes = run.fresh("classes", "classes", "how many classes there are is not known")
    known = {"categorical": (rows, classes), "input": image.shape} | dict.fromkeys(("binary", "sparse", "int"), (rows,))
    labels = Array(known[mode], "float32") if mode in known else run.fresh("labels", "labels", "they are not known")
    return feed(run, c, image if mode is None else (image, labels))


@function("keras.preprocessing.image.ImageDataGenerator", "keras.legacy.preprocessing.image.ImageDataGenerator")
def _generator(run: Run, c: Call) -> Value:
    return Images((c.kwargs.get("data_format") or run.data_format) == "channels_first")


@method(Images, "flow")
def _flow(run: Run, images: Images, c: Call) -> Value:
    x, y = c.get(0, "x"), c.get(1, "y")
    return feed(run, c, _batched(run, x if y is None else (x, y), gone=1))


@method(Images, "flow_from_directory", "flow_from_dataframe")
def _from_files(run: Run, images: Images, c: Call) -> Value:
    at = 1 if c.name == "flow_from_directory" else 5
    return _images(run, c, (at, at + 1), "target_size", c.get(at + 3, "class_mode", "categorical"), images.turned)


@function(*(f"keras.{name}.image_dataset_from_directory" for name in READERS))
def _dataset_from_directory(run: Run, c: Call) -> Value:
    """Labels that are numbers stand for themselves; with ``subset="both"`` there are two of it."""
    labels = None if c.get(1, "labels", "inferred") is None else c.get(2, "label_mode", "int")
    found = _images(run, c, (6, 4), "image_size", labels, c.kwargs.get("data_format") == "channels_first")
    if c.get(5, "batch_size", 32) is None:
        return unknown(run, c)
    return (found, found) if c.kwargs.get("subset") == "both" else found


# --- tensors made of nothing: constants, variables, ranges


@function(*everywhere(*words("constant zeros ones placeholder random_normal random_uniform eye")))
def _constant(run: Run, c: Call) -> Value:
    if c.name == "placeholder":
        return run.lost("placeholder", c.node, c.frame, "a placeholder")
    value, constant = c.any(0, "value", "shape"), c.name == "constant"
    wanted = c.get(2, "shape") if constant else None if c.name == "eye" else value
    if constant and wanted is None and isinstance(value, (int, float, Poly)):
        return value
    shape = shape_of(run, value) if constant and wanted is None else given_shape(run, wanted)
    return run.lost(c.name, c.node, c.frame, "a constant") if shape is None else Array(shape, "float32")


@function(*everywhere("range", "arange"))
def _range(run: Run, c: Call) -> Value:
    size = counted(c)
    if size is None or not c.kwargs.keys() <= {"start", "stop", "limit", "step", "delta", "dtype", "name"}:
        return run.lost(c.name, c.node, c.frame, "how many numbers a range has")
    dtype = c.kwargs.get("dtype")
    return Array((size,), dtype if isinstance(dtype, str) else "int32")


@function(*(f"{home}.random.{name}" for home, names in TABLES["constants.drawn"].items() for name in names))
def _drawn(run: Run, c: Call) -> Value:
    """Numbers drawn in a given shape: the first argument; of TensorFlow's others (gamma, poisson), a part of it."""
    shape = given_shape(run, c.get(0, "shape"))
    if shape is None:
        return run.lost(c.name, c.node, c.frame, "the shape of random numbers")
    dtype = c.kwargs.get("dtype")
    return Array(shape, dtype if isinstance(dtype, str) else "int32" if c.name == "randint" else "float32")


@function("numpy.random.multivariate_normal")
def _normal(run: Run, c: Call) -> Value:
    """Rows of as many numbers as there are means."""
    shape, rows = shape_of(run, c.get(0, "mean")), given_shape(run, c.get(2, "size", ()))
    return unknown(run, c) if shape is None or rows is None else Array((*rows, *shape))


@function("numpy.random.permutation")
def _permutation(run: Run, c: Call) -> Value:
    """The numbers below one, or rows in another order."""
    given = c.get(0, "x")
    shape = (given,) if opens.integral(given) else shape_of(run, given)
    return Array(shape, "int64") if shape else unknown(run, c)
