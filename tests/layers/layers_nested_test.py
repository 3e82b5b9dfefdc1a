"""Operations without a layer, and models applied as layers. Shapes of operations against numpy."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from kerlint.graph import count
from kerlint.graph.dim import BATCH, symbol
from kerlint.graph.graph import Graph, Node, Tensor
from kerlint.graph.layer import Layer, Refused, Silent, WeightSpec
from kerlint.graph.rebuild import topological
from kerlint.layers.bind import bind
from kerlint.layers.nested import NESTED
from kerlint.layers.operations import OPERATIONS
from kerlint.layers.table import TABLE


def between(inputs: list[Tensor], outputs: list[Tensor]) -> Graph:
    return Graph(topological(outputs), tuple(inputs), tuple(outputs))


def operated(name: str, incoming: Any, **arguments: Any) -> Any:
    spec = OPERATIONS[name]
    return spec.output(bind(spec, (), arguments).config, incoming)


X = np.zeros((2, 3, 4))
INDICES: tuple[Any, ...] = (
    0, -1, slice(None), (slice(None), -1), (slice(None), slice(1, None)), (..., 0), (slice(None), None, 1),
    (0, ..., 1),
    (slice(None), slice(None, None, 2)), (slice(None), slice(None, -1)), (slice(-2, None),), (..., None),
    (0, 1, 2),
    (slice(None), slice(None), slice(3, 0, -1)), (slice(5, 9),), (slice(None), slice(None, None, -1)),
)  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_getitem_is_numpys(index: Any) -> None:
    assert operated("getitem", (2, 3, 4), index=index) == X[index].shape


def test_getitem_outside_is_refused() -> None:
    for index in (2, (0, 3), (0, 0, 0, 0)):
        with pytest.raises(Refused):
            operated("getitem", (2, 3, 4), index=index)


def test_getitem_of_named_sizes() -> None:
    n = symbol("n")
    assert operated("getitem", (BATCH, n, 4), index=(slice(None), -1)) == (BATCH, 4)
    assert operated("getitem", (BATCH, n, 4), index=(slice(None), slice(1, None))) == (BATCH, n - 1, 4)
    assert operated("getitem", (BATCH, n, 4), index=(slice(None), slice(None, None, -1))) == (BATCH, n, 4)
    with pytest.raises(Silent):
        operated("getitem", (BATCH, n, 4), index=(slice(None), slice(3, None)))


def test_broadcast_is_numpys() -> None:
    rng = random.Random(1)
    for _ in range(300):
        shapes = [tuple(rng.choice((1, 1, 2, 3)) for _ in range(rng.randint(0, 3))) for _ in range(2)]
        try:
            expected = np.broadcast_shapes(*shapes)
        except ValueError:
            with pytest.raises(Refused):
                operated("add", tuple(shapes))
            continue
        assert operated("add", tuple(shapes)) == expected


def test_other_operations_are_numpys() -> None:
    assert operated("reshape", (2, 3, 4), shape=(2, -1)) == (2, 12)
    assert operated("transpose", (2, 3, 4)) == (4, 3, 2)
    assert operated("transpose", (2, 3, 4), axes=(0, 2, 1)) == (2, 4, 3)
    assert operated("expand_dims", (2, 3), axis=-1) == (2, 3, 1)
    assert operated("squeeze", (2, 1, 3), axis=1) == operated("squeeze", (2, 1, 3)) == (2, 3)
    assert operated("reduce", (2, 3, 4), function="mean", axis=1) == X.mean(axis=1).shape
    assert operated("reduce", (2, 3, 4), function="max", axis=(1, -1), keepdims=True) == (2, 1, 1)
    assert operated("reduce", (2, 3, 4), function="sum") == ()
    assert operated("tile", (2, 3), repeats=(1, 4)) == np.tile(np.zeros((2, 3)), (1, 4)).shape
    assert operated("concatenate", ((2, 3), (2, 5)), axis=1) == (2, 8)
    assert operated("stack", ((2, 3), (2, 3)), axis=1) == (2, 2, 3)
    assert operated("matmul", ((2, 3, 4), (2, 4, 5))) == (2, 3, 5)
    assert operated("cast", (2, 3), dtype="float16") == (2, 3)


def test_operations_refuse_what_numpy_refuses() -> None:
    for name, incoming, arguments in (
        ("reshape", (2, 3), {"shape": (4, -1)}), ("transpose", (2, 3), {"axes": (0, 0)}),
        ("squeeze", (2, 3), {"axis": 1}),
        ("matmul", ((2, 3), (4, 5)), {}), ("concatenate", ((2, 3), (3, 3)), {"axis": 1}),
        ("stack", ((2, 3), (2, 4)), {}), ("reduce", (2, 3), {"function": "sum", "axis": 2}),
    ):  # fmt: skip
        with pytest.raises(Refused):
            operated(name, incoming, **arguments)


def test_what_is_opaque_is_silent_with_its_reason() -> None:
    with pytest.raises(Silent, match="is not evaluated"):
        operated("opaque", ((2, 3),), why="tf.py_function is not evaluated")


# --- nested models -----------------------------------------------------------------------------------------


def layer(name: str, *args: Any, called: str = "", **kwargs: Any) -> Layer:
    return Layer(TABLE[name], bind(TABLE[name], args, kwargs).config, called or name.lower())


def applied(what: Layer, *inputs: Tensor) -> Tensor:
    return Node(what, inputs).output


def inner(steps: Any = None, frozen: bool = False) -> Graph:
    x = Tensor((BATCH, 10, 4))
    first = layer("Dense", 3, called="first", trainable=not frozen)
    y = applied(layer("LSTM", 5, return_sequences=True), applied(first, x))
    return between([x], [y, applied(layer("Flatten"), y)])


def nested(graph: Graph) -> Layer:
    return Layer(NESTED, bind(NESTED, (graph,), {}).config, "model")


def test_a_nested_model_is_derived_on_other_shapes() -> None:
    model = nested(inner())
    n = symbol("n")
    shapes = NESTED.output(model.config, ((BATCH, 10, 4),))
    assert shapes == ((BATCH, 10, 5), (BATCH, 50))
    assert NESTED.outputs(model.config) == 2
    free = symbol("T", free=True)
    x = Tensor((BATCH, free, 4))
    loose = nested(between([x], [applied(layer("Dense", 2), x)]))
    assert NESTED.output(loose.config, ((BATCH, n, 4),)) == (BATCH, n, 2)
    for shape in ((BATCH, 10, 5), (BATCH, 9, 4)):
        with pytest.raises(Refused):
            NESTED.output(model.config, (shape,))
    with pytest.raises(Silent):
        NESTED.output(model.config, ((BATCH, 10),))
    with pytest.raises(Refused):
        NESTED.output(model.config, ((BATCH, 10, 4), (BATCH, 10, 4)))


def test_a_nested_model_has_the_weights_and_macs_of_its_layers() -> None:
    graph = inner(frozen=True)
    weights = NESTED.weights(nested(graph).config, ((BATCH, 10, 4),))
    assert list(weights)[:2] == ["first.kernel", "first.bias"]
    assert weights["first.kernel"] == WeightSpec((4, 3), trainable=False)
    assert weights["lstm.recurrent_kernel"] == WeightSpec((5, 20))
    x = Tensor((BATCH, 10, 4))
    outer = between([x], [applied(nested(graph), x)])
    assert count.model(outer) == count.model(graph)
    assert count.model(graph) == count.Counts(4 * 3 + 3 + 3 * 20 + 5 * 20 + 20, 180, 10 * (4 * 3 + 3 * 20 + 5 * 20))


def test_a_mask_goes_through_a_nested_model() -> None:
    x = Tensor((BATCH, 10, 4))
    through = nested(between([x], [applied(layer("Dense", 2), x)]))
    stopped = nested(between([x], [applied(layer("Conv1D", 2, 1), x)]))
    assert NESTED.mask(through.config, (True,)) is True
    assert NESTED.mask(through.config, (None,)) is None
    assert NESTED.mask(stopped.config, (True,)) is False


def test_fewer_axes_than_declared_are_not_refused(keras2: Any, keras3: Any) -> None:
    """Both build Dense on symbolic tensors with fewer axes, and Keras 2 predicts of such arrays."""
    for keras in (keras2, keras3):
        inputs = keras.Input((None, 5))
        model = keras.Model(inputs, keras.layers.Dense(3)(inputs))
        assert model(keras.Input((5,))).shape[-1] == 3
