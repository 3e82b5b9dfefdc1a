"""MACs against TensorFlow's profiler, which counts two operations for each."""

from __future__ import annotations

from typing import Any

import pytest
from tests.layers.conformance import known, real
from tests.layers.domains import Case
from tests.layers.profiler import operations, products

from kerlint.layers.bind import bind
from kerlint.layers.table import TABLE

pytestmark = pytest.mark.keras

# What the profiler counts: matrix products and convolutions outside loops.
COUNTED: tuple[Case, ...] = (
    Case("Dense", {"units": 7, "use_bias": False}, ((1, 5),)),
    Case("Dense", {"units": 7, "use_bias": False}, ((1, 3, 5),)),
    Case("Conv1D", {"filters": 6, "kernel_size": 3, "strides": 2, "use_bias": False}, ((1, 11, 4),)),
    Case("Conv2D", {"filters": 6, "kernel_size": (3, 2), "padding": "same", "use_bias": False}, ((1, 8, 9, 4),)),
    Case("Conv2D", {"filters": 6, "kernel_size": 3, "strides": 2, "use_bias": False}, ((1, 9, 8, 4),)),
    Case("Conv3D", {"filters": 2, "kernel_size": 2, "use_bias": False}, ((1, 4, 5, 6, 3),)),
    Case("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "use_bias": False}, ((1, 8, 9, 4),)),
    Case("SeparableConv2D", {"filters": 5, "kernel_size": 3, "use_bias": False}, ((1, 8, 9, 4),)),
    Case("SimpleRNN", {"units": 5, "use_bias": False, "unroll": True, "activation": None}, ((1, 6, 3),)),
    Case("LSTM", {"units": 5, "use_bias": False, "unroll": True, "return_sequences": True}, ((1, 6, 3),)),
    Case("GRU", {"units": 5, "use_bias": False, "unroll": True}, ((1, 6, 3),)),
    Case("Dot", {"axes": (2, 1)}, ((1, 3, 4), (1, 4, 5))),
)


@pytest.mark.parametrize("case", COUNTED, ids=str)
def test_macs(keras3: Any, case: Case) -> None:
    ours, theirs = counted(keras3, case)
    assert ours == theirs


def counted(keras: Any, case: Case) -> tuple[Any, int]:
    """MACs of the row and of the profiler."""
    spec = TABLE[case.name]
    layer = getattr(keras.layers, case.name)(**{k: real(keras, v) for k, v in case.arguments.items()})
    config = bind(spec, (), {k: known(v) for k, v in case.arguments.items()}).config
    incoming: Any = case.inputs if spec.many else case.inputs[0]
    ours = spec.macs(config, incoming, spec.output(config, incoming))
    return ours, products(operations(layer, case.inputs, spec.many))


def test_macs_by_hand() -> None:
    """What the profiler does not see: einsums and attention; and what counts nothing."""
    for case, expected in (
        # The profiler divides the output positions by the strides: about, not exactly.
        (
            Case("Conv2DTranspose", {"filters": 5, "kernel_size": 3, "strides": 2}, ((1, 4, 5, 3),)),
            4 * 5 * 9 * 3 * 5,
        ),
        (
            Case("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 7)}, ((1, 5, 4),)),
            5 * 4 * 7,
        ),
        (Case("EinsumDense", {"equation": "...c,cd->...d", "output_shape": 7}, ((1, 5, 4),)), 5 * 4 * 7),
        (
            Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, ((1, 5, 4), (1, 6, 4))),
            (5 + 6 + 6 + 5) * 4 * 6 + 2 * 5 * 6 * 2 * 3,
        ),
        (Case("Attention", {}, ((1, 5, 4), (1, 6, 4))), 2 * 5 * 6 * 4),
        (Case("Embedding", {"input_dim": 9, "output_dim": 3}, ((1, 5),)), 0),
        (Case("PReLU", {}, ((1, 5, 4),)), 0),
        (Case("BatchNormalization", {}, ((1, 5, 4),)), 0),
        (Case("MaxPooling2D", {"pool_size": 2}, ((1, 8, 8, 3),)), 0),
    ):
        spec = TABLE[case.name]
        config = bind(spec, (), case.arguments).config
        incoming: Any = case.inputs if spec.many else case.inputs[0]
        assert spec.macs(config, incoming, spec.output(config, incoming)) == expected, str(case)
