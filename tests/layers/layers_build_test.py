"""Rows against layers built for real: masks, dtype policies, drawn configurations and sizes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.layers.conformance import applied, class_of, keras_layer, keras_says, kerlint_says, known, real
from tests.layers.domains import Case, Inner, cases
from tests.layers.limits import DECLINED, LIMITS

from kerlint.layers.bind import bind
from kerlint.layers.table import TABLE

pytestmark = pytest.mark.keras

KERAS_3 = [
    n
    for n, spec in TABLE.items()
    if 3 in spec.generations
    and n not in ("InputLayer", "Lambda", "RNN", *DECLINED)
    and not n.endswith(("Cell", "Cells"))
]
WRAPPED: dict[str, list[Case]] = {
    "EinsumDense": [
        Case(
            "EinsumDense",
            {"equation": "abc,cd->abd", "output_shape": (None, 3), "bias_axes": "d"},
            ((None, 5, 4),),
        ),
    ],
    "TimeDistributed": [
        Case("TimeDistributed", {"layer": Inner("Dense", (("units", 3),))}, ((None, 5, 4),)),
        Case("TimeDistributed", {"layer": Inner("Flatten")}, ((None, 5, 4, 2),)),
    ],
    "Bidirectional": [
        Case("Bidirectional", {"layer": Inner("GRU", (("units", 3), ("return_sequences", s)))}, ((None, 5, 4),))
        for s in (False, True)
    ],
}
DECIDES_MASK = ("mask_zero", "return_sequences", "return_state")


def accepted(name: str) -> Iterator[Case]:
    """Cases not refused, one for each value of what decides about masks and each number of inputs."""
    seen = set()
    for case in WRAPPED.get(name) or cases(TABLE[name]):
        key = (
            len(case.inputs),
            *(case.arguments.get(k) for k in DECIDES_MASK),
            repr(case.arguments.get("layer")),
        )
        if key in seen or any(len(s) < 3 for s in case.inputs) or kerlint_says(case).refused:
            continue
        seen.add(key)
        yield case


@pytest.mark.parametrize("name", KERAS_3)
def test_masks(keras3: Any, name: str) -> None:
    """Whether the output carries a mask, for each pattern of masks on the inputs."""
    assert wrong_masks(keras3, name) == []


def wrong_masks(keras: Any, name: str) -> list[str]:
    """The disagreements about masks, as text."""
    spec, wrong = TABLE[name], []
    for case in accepted(name):
        config = bind(spec, (), {k: known(v) for k, v in case.arguments.items()}).config
        for pattern in itertools.product((False, True), repeat=len(case.inputs)):
            ours = spec.mask(config, pattern)
            if ours is None:  # perhaps: only where that is declared
                assert f"{name}.mask_zero" in LIMITS
            elif ours != _keras_mask(keras, case, pattern):
                wrong.append(f"{case} with masks {pattern}: {ours}")
    return wrong


def _keras_mask(keras: Any, case: Case, pattern: tuple[bool, ...]) -> bool:
    layer = class_of(keras, case.name)(**{k: real(keras, v) for k, v in case.arguments.items()})
    tensors = [keras.Input(batch_shape=shape) for shape in case.inputs]
    for tensor, masked in zip(tensors, pattern, strict=True):
        if masked:
            tensor._keras_mask = keras.Input(batch_shape=tensor.shape[:2], dtype="bool")
    output = applied(layer, case.name, tensors)
    first = output[0] if isinstance(output, (list, tuple)) else output
    return getattr(first, "_keras_mask", None) is not None


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "float64"])
@pytest.mark.parametrize(
    "name", ["Dense", "Conv1D", "LSTM", "Flatten", "Reshape", "Add", "Embedding", "BatchNormalization"]
)
def test_dtype_of_a_policy(keras3: Any, name: str, policy: str) -> None:
    """The dtype argument, mixed policies included, on floats and integers."""
    for dtype in ("float32", "int32"):
        case = next(accepted(name), None) or Case("Embedding", {"input_dim": 3, "output_dim": 2}, ((None, 4),))
        case = Case(case.name, case.arguments | {"dtype": policy}, case.inputs)
        assert kerlint_says(case, dtype).dtype == keras_says(keras3, case, dtype).dtype


DRAWN = (
    "Conv", "DepthwiseConv", "SeparableConv", "MaxPooling", "AveragePooling", "Cropping", "ZeroPadding",
    "UpSampling", "Adaptive", "GlobalMax", "GlobalAverage",
)  # fmt: skip
SIZES = st.integers(1, 9)
FREE = st.one_of(st.none(), SIZES)
SMALL = st.integers(1, 4)
FORMAT = st.sampled_from(["channels_last", "channels_first"])


@st.composite
def drawn(draw: Any) -> Case:
    """A configuration of a class with spatial reuse or recurrence, on a drawn input."""
    name = draw(st.sampled_from([n for n in TABLE if n.startswith(DRAWN)]))
    spec, rank = TABLE[name], next(int(letter) for letter in name if letter.isdigit())
    arguments: dict[str, Any] = {}
    for argument, strategy in {
        "filters": SMALL, "kernel_size": _each(rank, SMALL), "pool_size": _each(rank, SMALL),
        "strides": _each(rank, SMALL), "dilation_rate": _each(rank, st.integers(1, 3)), "groups": SMALL,
        "depth_multiplier": SMALL, "data_format": FORMAT, "padding": st.sampled_from(["valid", "same"]),
        "use_bias": st.booleans(), "output_padding": st.one_of(st.none(), st.integers(0, 3)),
        "cropping": st.integers(0, 3), "size": _each(rank, SMALL), "output_size": _each(rank, SMALL),
        "keepdims": st.booleans(),
    }.items():  # fmt: skip
        if argument in spec.signature:
            arguments[argument] = draw(strategy)
    if name.startswith("Zero"):
        arguments["padding"] = draw(st.integers(0, 3))
    return Case(name, arguments, ((draw(FREE), *(draw(FREE) for _ in range(rank)), draw(SIZES)),))


def _each(rank: int, sizes: Any) -> Any:
    return st.one_of(sizes, st.tuples(*[sizes] * rank))


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(case=drawn())
def test_drawn_configurations(keras3: Any, case: Case) -> None:
    """Random sizes and tuples: refused alike, else the same shapes and weights."""
    assert kerlint_says(case) == keras_says(keras3, case)


@st.composite
def drawn_features(draw: Any) -> Case:
    """A configuration of a class over features or sequences, on a drawn input of any rank."""
    name = draw(st.sampled_from(["Dense", "LSTM", "GRU", "SimpleRNN", "Embedding", "Reshape", "Permute", "Flatten",
                                 "LayerNormalization", "GroupNormalization", "RepeatVector", "MultiHeadAttention"]))  # fmt: skip
    arguments: dict[str, Any] = {}
    for argument, strategy in {
        "units": st.integers(0, 5), "use_bias": st.booleans(), "return_sequences": st.booleans(),
        "return_state": st.booleans(), "reset_after": st.booleans(), "input_dim": SIZES, "output_dim": SIZES,
        "n": SMALL, "axis": st.integers(-3, 3), "groups": SMALL, "num_heads": SMALL, "key_dim": SMALL,
        "target_shape": st.lists(st.sampled_from([-1, 1, 2, 3, 4, 6]), min_size=1, max_size=3).map(tuple),
        "dims": st.permutations([1, 2, 3]).flatmap(lambda p: st.integers(1, 3).map(lambda n: tuple(p)[:n])),
    }.items():  # fmt: skip
        if argument in TABLE[name].signature:
            arguments[argument] = draw(strategy)
    rank = draw(st.integers(2 if name == "MultiHeadAttention" else 1, 3))  # below: see LOOSE
    shape = (draw(FREE), *(draw(FREE) for _ in range(rank - 1)), draw(SIZES))
    return Case(name, arguments, (shape, shape) if name == "MultiHeadAttention" else (shape,))


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(case=drawn_features())
def test_drawn_features(keras3: Any, case: Case) -> None:
    """The same for layers over features."""
    assert kerlint_says(case) == keras_says(keras3, case)


@pytest.mark.parametrize("name", KERAS_3)
def test_parameter_count(keras3: Any, name: str) -> None:
    """``count_params`` of the built layer is the sum over the row's weights."""
    for case in accepted(name):
        layer, _ = keras_layer(keras3, case)
        total = 0
        for _name, shape, _trains in kerlint_says(case).weights:
            size = 1
            for dim in shape:
                size *= dim
            total += size
        assert layer.count_params() == total, str(case)
