"""What the conformance tests try: the product of a row's declared domain on a few inputs, and each neutral
argument by itself. Without Keras."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.layers.neutral import tried
from tests.layers.values import values_of

from kerlint.graph.layer import REQUIRED, LayerSpec
from kerlint.layers.table import TABLE

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


# Arguments that a row needs and its domain does not list.
NEEDED: dict[str, Any] = {
    "units": 3, "filters": 2, "kernel_size": 2, "input_dim": 7, "output_dim": 3, "pool_size": 2, "axes": -1,
    "activation": "relu", "n": 2, "num_heads": 2, "key_dim": 3, "scale": 0.5,
    "factor": 0.1, "height_factor": 0.1, "width_factor": 0.1, "rate": 0.5, "stddev": 0.5, "num_bins": 3,
    "max_number": 3, "head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2, "output_size": 2,
    "target_shape": (-1,), "dims": (2, 1), "window": None,
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
PICTURES: tuple[Shape, ...] = ((None, 5, 4, 3), (5, 4, 3), (2, None, 4, 1), (None, 3, 5, 4))
KEPT = ("AugMix", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix", "Equalization",
        "MixUp", "RandAugment", "Solarization", "MaxNumBoundingBoxes")  # fmt: skip
ON |= {name: PICTURES for name in TABLE if name.startswith("Random") and name != "RandomCrop"}
ON |= dict.fromkeys(KEPT, PICTURES)
ON |= {f"ConvLSTM{rank}D": tuple((*s[:1], 3, *s[1:]) for s in RANKS[rank][:3]) for rank in RANKS}
ON |= {f"Adaptive{kind}Pooling{rank}D": RANKS[rank][:3] for rank in RANKS for kind in ("Max", "Average")}
CODES: tuple[Shape, ...] = ((None, 4), (None,), (None, 1), (None, 5, 4))
ON |= dict.fromkeys(("CategoryEncoding", "Discretization", "Hashing", "IntegerLookup", "StringLookup"), CODES)
ON |= {
    "TextVectorization": ((None, 1), (None,), (2, None), (None, 2, 1)),
    "ReversibleEmbedding": ON["Embedding"],
    "MelSpectrogram": ((None, 4000), (None, None), (4000,), (2, 100)),
    "STFTSpectrogram": (
        (None, 300, 2), (None, None, 1), (2, 25, 40), (None, 20, 1), (None, 300), (None, 50, None),
    ),
    "HashedCrossing": (
        ((None,), (None,)), ((None, 1), (None, 1)), ((None, 4), (None, 4)), ((None, 4), (None, 3)),
        ((None, 1),), ((None, 1), (None, 1), (None, 1)), ((2, 1), (2, 4)), ((1,), (1,)),
    ),
    "GroupedQueryAttention": (
        *ATTENDED[2:], ((None, 5, 4), (None, 6, 3)), ((None, 5, 4), (None, 6, 4), (None, 6, 2)),
        ((None, 5, 4), (None, 6, 4), (None, 7, 4)), ((None, 5, None), (None, 5, 4)),
    ),
}  # fmt: skip


def inputs_of(spec: LayerSpec) -> tuple[tuple[Shape, ...], ...]:
    """The inputs to try a class on: a tuple of shapes for each call."""
    found = ON.get(spec.name)
    if found is None and spec.many:
        return PAIRS
    if found is None:
        rank = next((r for r in (1, 2, 3) if f"{r}D" in spec.name), 0)
        found = RANKS.get(rank, FEATURES)
    return tuple(shapes if spec.many else (shapes,) for shapes in found)


TURNS = {"use_bias": 1, "filters": 3}


def configurations(spec: LayerSpec) -> Iterator[dict[str, Any]]:
    """The whole product of the declared domain.

    Where it has more than 200 configurations (convolutions), use_bias and filters take turns instead of
    doubling them: by the parity of the number's bits, so that each value of each other argument meets both.
    """
    needed = needed_by(spec)
    large = math.prod(len(v) for v in values_of(spec).values()) > 200
    turns = [k for k in TURNS if large and k in values_of(spec)]
    domain = {k: v for k, v in values_of(spec).items() if k not in turns}
    for number, values in enumerate(itertools.product(*domain.values())):
        taken = {k: values_of(spec)[k][(number * factor).bit_count() % 2] for k, factor in TURNS.items() if k in turns}
        yield needed | dict(zip(domain, values, strict=True)) | taken


def needed_by(spec: LayerSpec) -> dict[str, Any]:
    """Values of the arguments that the domain does not give and a call needs."""
    named = [k for k, v in spec.signature.items() if v is REQUIRED or k == "window"]
    return {k: NEEDED[k] for k in named if k not in values_of(spec) and k in NEEDED}


def cases(spec: LayerSpec) -> Iterator[Case]:
    """Every configuration on every input."""
    for arguments in configurations(spec):
        for inputs in inputs_of(spec):
            yield Case(spec.name, arguments, inputs)


def some(spec: LayerSpec, number: int) -> list[Case]:
    """``number`` of the cases, always the same ones; every value of every argument is among them."""
    found = list(cases(spec))
    if len(found) <= number:
        return found
    rng = random.Random(spec.name)
    chosen = rng.sample(found, number)
    for argument, values in values_of(spec).items():
        for value in values:
            if not any(case.arguments[argument] == value for case in chosen):
                chosen.append(rng.choice([case for case in found if case.arguments[argument] == value]))
    return chosen


def alone(spec: LayerSpec) -> Iterator[Case]:
    """Each neutral argument by itself, the others as in the first configuration, on the first input."""
    base = next(configurations(spec))
    for argument in spec.signature:
        for value in tried(argument) or ():
            if argument not in values_of(spec) and argument not in base:
                yield Case(spec.name, base | {argument: value}, inputs_of(spec)[0])
