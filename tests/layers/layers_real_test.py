"""Rows against layers that are built for real and run on data: shapes, dtypes, counts, ``compute_output_shape``."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from tests.layers.conformance import applied, class_of, flat, kerlint_says, real
from tests.layers.domains import ON, PICTURES, Case, Shape, cases, some
from tests.layers.limits import DECLINED
from tests.layers.neutral import ANNOUNCED
from tests.layers.special import special
from tests.layers.values import values_of

from kerlint.graph.layer import Refused
from kerlint.layers.bind import bind
from kerlint.layers.table import TABLE

pytestmark = pytest.mark.keras

SAMPLE = 6  # accepted cases of a class
STRINGS = ("StringLookup", "TextVectorization")
WHOLE = ("Embedding", "ReversibleEmbedding", "IntegerLookup", "Hashing", "HashedCrossing", "CategoryEncoding")
BUILT = [
    name
    for name, spec in TABLE.items()
    if 3 in spec.generations
    and name not in ("InputLayer", "Lambda", *DECLINED)
    and not name.endswith(("Cell", "Cells"))
]
# TensorFlow's kernels end the process on some sizes: these run on their announced shapes only.
CRASHES = tuple(f"Adaptive{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in (1, 2, 3))
IMAGES = tuple(name for name in TABLE if ON.get(name) == PICTURES)


def numbered(case: Case, rng: random.Random) -> Case:
    """The case with a number for every size that is open; images large enough for what is done to them."""
    drawn = {axis: rng.randint(3, 6) for axis in range(8)}
    shapes = tuple(tuple(drawn[n] if d is None else d for n, d in enumerate(s)) for s in case.inputs)
    if case.name in IMAGES:
        first = case.arguments.get("data_format") == "channels_first"
        shapes = ((2, 3, 16, 16) if first else (2, 16, 16, 3),)
    return Case(case.name, case.arguments, shapes)


def accepted(name: str) -> list[Case]:
    """A few cases that the row accepts, on numbers."""
    spec, rng = TABLE[name], random.Random(name)
    found = some(spec, 120) if values_of(spec) else [c for c in special() if c.name == name] or list(cases(spec))
    many = [numbered(case, rng) for case in rng.sample(found, len(found))]
    answers = ((case, kerlint_says(case)) for case in many)
    return [case for case, answer in answers if not answer.refused and not answer.declined][:SAMPLE]


def data(keras: Any, name: str, shape: Shape) -> Any:
    """An input that the class takes: text, whole numbers, or noise."""
    if name in STRINGS:
        import tensorflow as tf

        return tf.fill(shape, "a")
    if name in WHOLE:
        return keras.ops.zeros(shape, dtype="int32")
    return keras.random.uniform(shape)


def agree(ours: Shape, theirs: Shape) -> bool:
    """Whether a shape of data is the announced one; None stands for any size."""
    return len(ours) == len(theirs) and all(a is None or a == b for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", [n for n in BUILT if n not in CRASHES])
def test_on_data(keras3: Any, name: str) -> None:
    """The layer runs; what comes out has the shape and the dtype of the row, the layer its counts.

    What Keras lets through on symbols and refuses on data is left out; one case of each class runs at least.
    """
    ran = 0
    for case in accepted(name):
        ours = kerlint_says(case)
        layer = class_of(keras3, name)(**{k: real(keras3, v) for k, v in case.arguments.items()})
        try:
            outputs = flat(applied(layer, name, [data(keras3, name, s) for s in case.inputs]))
        except Exception:  # Keras refuses with many types, TensorFlow with more
            continue
        ran += 1
        if name not in ANNOUNCED:
            shapes = [tuple(o.shape) for o in outputs]
            assert all(map(agree, ours.shapes, shapes)) and len(shapes) == len(ours.shapes), (str(case), shapes)
            assert keras3.backend.standardize_dtype(outputs[0].dtype) == ours.dtype, str(case)
        sizes = [(math.prod(shape), trains) for _, shape, trains in ours.weights]
        assert layer.count_params() == sum(size for size, _ in sizes), str(case)
        assert sum(math.prod(w.shape) for w in layer.trainable_weights) == sum(s for s, trains in sizes if trains)
    keras3.backend.clear_session()
    assert ran, "Keras refuses every case on data"


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("Dense", ((4, 5),)),
        ("Embedding", (3, [3])),
        ("LSTM", ("a",)),
        ("RepeatVector", (None,)),
        ("ZeroPadding2D", (None,)),
    ],
)
def test_what_is_no_size_is_refused(kind: str, arguments: tuple[object, ...], keras3: Any) -> None:
    """A shape where a number belongs would be a crash of the whole file later."""
    with pytest.raises(Refused, match="is no size"):
        bind(TABLE[kind], arguments, {})
    shape = {"Embedding": (None, 4), "LSTM": (None, 4, 3), "ZeroPadding2D": (None, 4, 4, 3)}.get(kind, (None, 4))
    with pytest.raises(Exception, match=r"(?s)."):  # Keras refuses with many types
        keras3.Sequential([keras3.Input(shape[1:]), getattr(keras3.layers, kind)(*arguments)])


@pytest.mark.parametrize(("kind", "since"), [("Dense", 3), ("Conv1D", 1), ("LSTM", 1), ("Embedding", 1)])
def test_digits_are_a_size_to_dense_of_keras_2_alone(kind: str, since: int, keras3: Any) -> None:
    older = pytest.importorskip("tf_keras")
    arguments = {"Conv1D": ("32", 2), "Embedding": (10, "32")}.get(kind, ("32",))
    with pytest.raises(Refused) as refused:
        bind(TABLE[kind], arguments, {})
    assert refused.value.since == since
    shape = (4,) if kind in ("Dense", "Embedding") else (4, 3)
    for keras, takes in ((keras3, False), (older, since == 3)):
        try:
            built = bool(getattr(keras.layers, kind)(*arguments)(keras.Input(shape)) is not None)
        except (TypeError, ValueError):
            built = False
        assert built == takes
