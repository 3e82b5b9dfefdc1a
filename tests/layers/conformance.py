"""Both sides of the conformance tests: what Keras says of a layer, and what its row says.

``keras_says`` really makes the layer and calls it on symbolic inputs; ``kerlint_says`` asks the row. Both
answer with plain data.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.layers.domains import Case, Inner, Shape
from tests.layers.limits import LIMITS

from kerlint.graph.dim import BATCH, Dim, Poly, symbol
from kerlint.graph.layer import Layer, Refused, Silent
from kerlint.layers.bind import bind
from kerlint.layers.shapes import is_free
from kerlint.layers.table import TABLE


@dataclass(frozen=True)
class Answer:
    """What a side says: refused, or shapes, dtypes and weights (last name, shape, trainable).

    ``declined``: the row does not know, for a reason that LIMITS gives.
    """

    refused: bool
    shapes: tuple[Shape, ...] = ()
    dtype: str = ""
    weights: tuple[tuple[str, Shape, bool], ...] = ()
    reason: str = field(default="", compare=False)
    declined: bool = False


# --- kerlint -----------------------------------------------------------------------------------------------


def known(value: Any) -> Any:
    """An argument as the evaluator would hand it over."""
    if isinstance(value, tuple):
        return tuple(known(v) for v in value)
    if isinstance(value, Inner):
        arguments = {k: known(v) for k, v in value.arguments}
        spec = TABLE[value.name]
        return Layer(spec, bind(spec, (), arguments).config, value.name.lower())
    return value


def symbolic(shape: Shape, number: int = 0) -> tuple[Dim, ...]:
    """None becomes the batch in front and a free size elsewhere."""
    free = [BATCH, *(symbol(f"T{axis}", (number, axis), free=True) for axis in range(1, len(shape)))]
    return tuple(free[axis] if size is None else size for axis, size in enumerate(shape))


def plain(shape: tuple[Dim, ...]) -> Shape:
    """A shape as Keras prints it."""
    return tuple(None if is_free(d) else d if not isinstance(d, Poly) else str(d) for d in shape)


def kerlint_says(case: Case, dtype: str = "float32", **bound: Any) -> Answer:
    """What the row says. Silent goes through where no entry of LIMITS or DECLINED covers it."""
    spec = TABLE[case.name]
    try:
        config = bind(spec, (), {k: known(v) for k, v in case.arguments.items()}, **bound).config
        shapes = tuple(symbolic(s, n) for n, s in enumerate(case.inputs))
        incoming: Any = shapes if spec.many else shapes[0]
        output = spec.output(config, incoming)
    except Refused as error:
        return Answer(True, reason=str(error))
    except Silent as silent:
        if not any(f"{case.name}.{argument}" in LIMITS for argument in spec.signature):
            raise
        return Answer(False, reason=silent.reason, declined=True)
    outputs = output if spec.outputs(config) > 1 else (output,)
    weights = spec.weights(config, incoming)  # raises nothing: the output is refused first
    return Answer(
        False,
        tuple(plain(o) for o in outputs),
        spec.dtype(config, (dtype,) * len(shapes)),
        tuple((name.split(".")[-1], plain(w.shape), w.trainable) for name, w in weights.items()),
    )


# --- Keras -------------------------------------------------------------------------------------------------


def real(keras: Any, value: Any) -> Any:
    """An argument as Keras takes it."""
    if isinstance(value, tuple):
        return tuple(real(keras, v) for v in value)
    if isinstance(value, Inner):
        return class_of(keras, value.name)(**{k: real(keras, v) for k, v in value.arguments})
    return value


def class_of(keras: Any, name: str) -> Any:
    """The real class; cuDNN's classes are no longer public."""
    if name.startswith("CuDNN"):
        return getattr(importlib.import_module(f"tf_keras.src.layers.rnn.cudnn_{name[5:].lower()}"), name)
    return next(found for n in (name, *TABLE[name].aliases) if (found := getattr(keras.layers, n, None)))


def keras_layer(keras: Any, case: Case, dtype: str = "float32") -> tuple[Any, list[Any]]:
    """The real layer, applied; and its output tensors. Raises what Keras raises."""
    layer = class_of(keras, case.name)(**{k: real(keras, v) for k, v in case.arguments.items()})
    if case.name == "InputLayer":
        return layer, [layer.output]
    tensors = [keras.Input(batch_shape=s, dtype=dtype) for s in case.inputs]
    return layer, flat(applied(layer, case.name, tensors))


def flat(output: Any) -> list[Any]:
    """The tensors of an output, in order; those of a nested list as well."""
    return [t for part in output for t in flat(part)] if isinstance(output, (list, tuple)) else [output]


def applied(layer: Any, name: str, tensors: list[Any]) -> Any:
    """The real layer called on its inputs, in the manner of its class."""
    if name in ("MultiHeadAttention", "GroupedQueryAttention"):
        return layer(*tensors)
    return layer(tensors if TABLE[name].many else tensors[0])


def keras_says(keras: Any, case: Case, dtype: str = "float32") -> Answer:
    """What Keras does: anything it raises is a refusal."""
    try:
        layer, outputs = keras_layer(keras, case, dtype)
    except Exception as error:  # Keras refuses with many types, some from numpy and TensorFlow
        return Answer(True, reason=f"{type(error).__name__}: {error}"[:300])
    trained = {id(w) for w in layer.trainable_weights}
    weights = tuple((w.name.split("/")[-1].split(":")[0], tuple(w.shape), id(w) in trained) for w in layer.weights)
    first = outputs[0].dtype
    return Answer(False, tuple(tuple(o.shape) for o in outputs), getattr(first, "name", first), weights)


def compared(keras: Any, many: Iterable[Case], integers: bool = True, **bound: Any) -> list[str]:
    """The disagreements, as text; dtypes too, on floats and on integers."""
    wrong = list(disagreements(keras, many, integers, **bound))
    keras.backend.clear_session()
    return wrong


def disagreements(keras: Any, many: Iterable[Case], integers: bool = True, **bound: Any) -> Iterator[str]:
    """The disagreements, one by one."""
    for number, case in enumerate(many):
        dtype = "int32" if integers and number % 3 == 2 else "float32"
        ours, theirs = kerlint_says(case, dtype, **bound), keras_says(keras, case, dtype)
        if ours != theirs and not ours.declined:
            yield f"{case}\n  kerlint {ours}\n  keras   {theirs}"
