"""Both sides of the conformance tests: what Keras says of a layer, and what its row says.

``cases`` gives the whole product of a row's declared domain, times a few inputs. ``keras_says`` really makes
the layer and calls it on symbolic inputs; ``kerlint_says`` asks the row. Both answer with plain data.
"""

from __future__ import annotations

import importlib
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kerlint.graph.dim import BATCH, Dim, Poly, symbol
from kerlint.graph.layer import REQUIRED, Layer, LayerSpec, Refused
from kerlint.layers.shapes import is_free
from kerlint.layers.table import TABLE, bind

Shape = tuple[Any, ...]


@dataclass(frozen=True)
class Inner:
    """A layer as an argument of a wrapper."""

    name: str
    arguments: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Case:
    """One configuration on one input (or several)."""

    name: str
    arguments: dict[str, Any]
    inputs: tuple[Shape, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in self.arguments.items())}) on {self.inputs}"


@dataclass(frozen=True)
class Answer:
    """What a side says: refused, or shapes, dtypes and weights (last name, shape, trainable)."""

    refused: bool
    shapes: tuple[Shape, ...] = ()
    dtype: str = ""
    weights: tuple[tuple[str, Shape, bool], ...] = ()
    reason: str = field(default="", compare=False)


# Arguments that a row needs and its domain does not list.
NEEDED: dict[str, Any] = {
    "units": 3, "filters": 2, "kernel_size": 2, "input_dim": 7, "output_dim": 3, "pool_size": 2, "axes": -1,
    "activation": "relu", "n": 2, "num_heads": 2, "key_dim": 3, "height": 4, "width": 3, "scale": 0.5,
    "factor": 0.1, "height_factor": 0.1, "width_factor": 0.1, "rate": 0.5, "stddev": 0.5,
}  # fmt: skip

FEATURES: tuple[Shape, ...] = (
    (None, 4),
    (2, 4),
    (None,),
    (None, None),
    (None, 5, 4),
    (None, None, 4),
    (None, 1, 6, 3),
)
SEQUENCES: tuple[Shape, ...] = (
    (None, 5, 4),
    (None, None, 3),
    (2, 1, 6),
    (None, 2, None),
    (None, 4),
    (None, 1, 2, 3),
)
IMAGES: tuple[Shape, ...] = (
    (None, 5, 4, 6),
    (None, None, 4, 3),
    (2, 6, 1, 2),
    (None, 3, 3, None),
    (None, 5, 4),
)
VOLUMES: tuple[Shape, ...] = ((None, 5, 4, 3, 6), (None, None, 4, 3, 2), (2, 6, 1, 2, 4), (None, 5, 4, 6))
RANKS = {1: SEQUENCES, 2: IMAGES, 3: VOLUMES}
PAIRS: tuple[tuple[Shape, ...], ...] = (
    ((None, 4), (None, 4)), ((None, 4), (None, 3)), ((None, 1), (None, 3)), ((2, 4), (2, 4)),
    ((2, 4), (3, 4)),
    ((None, 5, 4), (None, 5, 4)), ((None, 5, 4), (None, 1, 4)), ((None, 5, 4), (None, 4)),
    ((None, None, 4), (None, 5, 4)),
    ((None, 5, 4), (None, 5, 3)), ((None, 5, 4), (None, 6, 4)), ((None, 3, 5, 4), (None, 3, 5, 4)),
    ((None, 4, 5), (None, 5, 4)),
    ((None, 4), (None, 4), (None, 4)), ((None, 4),), ((None, 5, 4), (None, 5, 4), (None, 5, 2)),
    ((None, 2, 5), (None, 5)),
)  # fmt: skip
ATTENDED: tuple[tuple[Shape, ...], ...] = (
    ((None, 5, 4), (None, 6, 3)), ((None, 5, 4), (None, 6, 3), (None, 6, 4)), ((2, None, 4), (2, None, 4)),
    ((None, 5, 4), (None, 6, 4), (None, 6, 4)),
)  # fmt: skip
ON: dict[str, tuple[Any, ...]] = {
    "InputLayer": ((),),
    "Reshape": ((None, 12), (None, 3, 4), (None, None, 4), (None, 2, 2, 3), (2, 6), (None, 10)),
    "Permute": FEATURES,
    "RepeatVector": FEATURES,
    "Embedding": ((None, 4), (None,), (None, None), (2, 3, 4)),
    "MultiHeadAttention": (*ATTENDED, ((None, 2, 3, 4), (None, 5, 6, 4))),
    "Attention": ATTENDED[2:],
    "AdditiveAttention": ATTENDED[2:],
    "Normalization": FEATURES,
}
ON |= dict.fromkeys(
    ("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "Softmax", "PReLU", "UnitNormalization"), SEQUENCES
)
ON |= dict.fromkeys(
    ("Flatten", "BatchNormalization", "LayerNormalization", "GroupNormalization"), (*SEQUENCES, *IMAGES)
)
ON |= dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), ((None, 6, 5, 3), (6, 5, 3), (2, None, 5, 3)))
ON |= {name: (*IMAGES[:3], (5, 4, 3)) for name in TABLE if name.startswith("Random") and name != "RandomCrop"}
ON |= {f"ConvLSTM{rank}D": tuple((*s[:1], 3, *s[1:]) for s in RANKS[rank][:3]) for rank in RANKS}


def inputs_of(spec: LayerSpec) -> tuple[tuple[Shape, ...], ...]:
    """The inputs to try a class on: a tuple of shapes for each call."""
    found = ON.get(spec.name)
    if found is None and spec.many:
        return PAIRS
    if found is None:
        rank = next((r for r in (1, 2, 3) if f"{r}D" in spec.name), 0)
        found = RANKS.get(rank, FEATURES)
    return tuple(shapes if spec.many else (shapes,) for shapes in found)


def cases(spec: LayerSpec) -> Iterator[Case]:
    """The whole product of the declared domain, on every input.

    Where it has more than 200 configurations (convolutions), use_bias takes turns instead of doubling them:
    by the parity of the number's bits, so that each value of each other argument meets both.
    """
    needed = [k for k, v in spec.signature.items() if v is REQUIRED and k not in spec.domain and k in NEEDED]
    large = math.prod(len(v) for v in spec.domain.values()) > 200
    domain = {k: v for k, v in spec.domain.items() if not (large and k == "use_bias")}
    for number, values in enumerate(itertools.product(*domain.values())):
        arguments = {k: NEEDED[k] for k in needed} | dict(zip(domain, values, strict=True))
        if len(domain) < len(spec.domain):
            arguments["use_bias"] = number.bit_count() % 2 == 0
        for inputs in inputs_of(spec):
            yield Case(spec.name, arguments, inputs)


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
    """What the row says. Silent goes through: no case of a domain is beyond the table."""
    spec = TABLE[case.name]
    try:
        config = bind(spec, (), {k: known(v) for k, v in case.arguments.items()}, **bound).config
        shapes = tuple(symbolic(s, n) for n, s in enumerate(case.inputs))
        incoming: Any = shapes if spec.many else shapes[0]
        output = spec.output(config, incoming)
        weights = spec.weights(config, incoming)
    except Refused as error:
        return Answer(True, reason=str(error))
    outputs = output if spec.outputs(config) > 1 else (output,)
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
        return getattr(keras.layers, value.name)(**{k: real(keras, v) for k, v in value.arguments})
    return value


def class_of(keras: Any, name: str) -> Any:
    """The real class; cuDNN's classes are no longer public."""
    if name.startswith("CuDNN"):
        return getattr(importlib.import_module(f"tf_keras.src.layers.rnn.cudnn_{name[5:].lower()}"), name)
    return getattr(keras.layers, name)


def keras_layer(keras: Any, case: Case, dtype: str = "float32") -> tuple[Any, list[Any]]:
    """The real layer, applied; and its output tensors. Raises what Keras raises."""
    layer = class_of(keras, case.name)(**{k: real(keras, v) for k, v in case.arguments.items()})
    if case.name == "InputLayer":
        return layer, [layer.output]
    tensors = [keras.Input(batch_shape=s, dtype=dtype) for s in case.inputs]
    if case.name == "MultiHeadAttention":
        output = layer(*tensors)
    else:
        output = layer(tensors if TABLE[case.name].many else tensors[0])
    return layer, list(output) if isinstance(output, (list, tuple)) else [output]


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
