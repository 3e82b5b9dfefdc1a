"""Configurations that a product of domains does not reach: equations, wrapped layers, sizes per axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.layers.conformance import IMAGES, SEQUENCES, Case, Inner

EINSUM: tuple[tuple[str, Any, Any, tuple[Any, ...]], ...] = (
    ("ab,bc->ac", 64, "c", (None, 32)),
    ("abc,cd->abd", (None, 64), "d", (None, 32, 128)),
    ("abc,cd->abd", (32, 64), "bd", (None, 32, 128)),
    ("abc,cd->abd", (32, 64), "d", (None, None, 128)),
    ("abc,bcd->abd", (10, 8), "bd", (None, 10, 4)),
    ("abc,bcd->abd", (9, 8), "bd", (None, 10, 4)),
    ("...x,xy->...y", 64, "y", (None, 32, 128)),
    ("...x,xy->...y", (None, 64), "y", (None, None, 128)),
    ("x...,xy->y...", (None, 64), None, (None, 4, 5)),
    ("x...,xy->y...", (4, 5), None, (3, 4, 5)),
    ("abc,cde->abde", (None, 2, 3), "de", (None, 5, 4)),
    ("abde,dec->abc", (None, 6), "c", (None, 5, 2, 3)),
    ("abc,cde->abde", (None, 2, 3), "e", (None, 5, 4)),
    ("abc,cd->adb", (7, 5), "d", (None, 5, 4)),
    ("abc,cd->abd", (None, 64), None, (None, None, None)),
    ("abc,cd->abd", (None, 64), "z", (None, 5, 4)),
    ("abc,cd->abd", (None, 64), "d", (None, 5)),
    ("ab,bc", 64, "c", (None, 32)),
    ("abc,cf->abd", (None, 64), "d", (None, 5, 4)),
    ("ab,bc->ac", (4, 5), "c", (None, 32)),
)

INNER = (
    Inner("Dense", (("units", 3),)),
    Inner("Conv2D", (("filters", 2), ("kernel_size", 2))),
    Inner("Flatten"),
    Inner("BatchNormalization"),
    Inner("UnitNormalization"),
    Inner("Activation", (("activation", "relu"),)),
    Inner("TimeDistributed", (("layer", Inner("Dense", (("units", 2),))),)),
)
TIMED: tuple[tuple[Any, ...], ...] = (
    (None, 5, 4), (None, None, 3), (2, 3, 4, 5), (None, 4), (None, 3, 6, 5, 2), (None, None, 6, 5, 2),
    (None, 2, None),
)  # fmt: skip

# Tuples for arguments per axis, and what is no valid tuple.
PER_AXIS: dict[str, tuple[dict[str, Any], ...]] = {
    "Conv2D": (
        {"kernel_size": (2, 3)}, {"kernel_size": (3, 1), "strides": (2, 1)}, {"kernel_size": (2, 2, 2)},
        {"kernel_size": 2, "strides": (1, 0)}, {"kernel_size": 2.5},
        {"kernel_size": (2, 3), "dilation_rate": (1, 2)},
        {"kernel_size": 2, "padding": "causal"}, {"kernel_size": 2, "padding": "SAME"},
        {"kernel_size": 2, "filters": 0},
        {"kernel_size": 2, "groups": 0}, {"kernel_size": 2, "data_format": "nchw"},
        {"kernel_size": 2, "filters": -1},
        {"kernel_size": 2, "strides": (2, 1), "dilation_rate": (1, 2)}, {"kernel_size": 0},
        {"kernel_size": 2, "dilation_rate": 0},
    ),
    "DepthwiseConv2D": (
        {"kernel_size": (2, 3)}, {"kernel_size": 2, "strides": (1, 2)},
        {"kernel_size": 2, "depth_multiplier": 0},
        {"kernel_size": (3, 1), "padding": "same", "strides": (2, 1)},
    ),
    "SeparableConv2D": (
        {"kernel_size": (2, 3)}, {"kernel_size": 2, "strides": (1, 2)}, {"kernel_size": 1, "filters": 0},
    ),
    "Conv2DTranspose": (
        {"kernel_size": (2, 3), "strides": (3, 2)},
        {"kernel_size": 3, "strides": 2, "output_padding": (0, 1)},
        {"kernel_size": 3, "strides": 2, "output_padding": 2}, {"kernel_size": (1, 4), "strides": (2, 3)},
    ),
    "MaxPooling2D": (
        {"pool_size": (2, 1)}, {"pool_size": (2, 3), "strides": (1, 2)}, {"pool_size": 2, "padding": "full"},
        {"pool_size": 0}, {"pool_size": (2, 2, 2)}, {"pool_size": 2, "strides": 0},
    ),
    "UpSampling2D": ({"size": (1, 3)}, {"size": 0}, {"size": (1, 2, 3)}),
    "ZeroPadding2D": (
        {"padding": ((1, 2), (0, 3))}, {"padding": (1, 2)}, {"padding": ((1, 2, 3), (0, 3))},
        {"padding": ((0, -1), 1)},
        {"padding": (1, (2, 3))}, {"padding": (1, 2, 3)},
    ),
    "Cropping2D": (
        {"cropping": ((1, 2), (0, 1))}, {"cropping": (1, 0)}, {"cropping": ((0, 0), (1, 9))},
        {"cropping": -1},
    ),
}  # fmt: skip


def special() -> Iterator[Case]:
    """Every special case."""
    for equation, shape, axes, x in EINSUM:
        yield Case("EinsumDense", {"equation": equation, "output_shape": shape, "bias_axes": axes}, (x,))
    for inner in INNER:
        for x in TIMED:
            yield Case("TimeDistributed", {"layer": inner}, (x,))
    for x in ((None, 2, 5, 4), (None, 5), (2, None, 5, 4)):
        yield Case("TimeDistributed", {"layer": Inner("LSTM", (("units", 3),))}, (x,))
    for name in ("LSTM", "GRU", "SimpleRNN"):
        for x in ((2, 5, 4), (None, 5, 4), (2, None, 4)):
            yield Case(name, {"units": 3, "stateful": True}, (x,))
            yield Case(name, {"units": 3, "unroll": True}, (x,))
    yield from _bidirectional()
    for name, many in PER_AXIS.items():
        for arguments in many:
            filters = {"filters": 2} if name.startswith(("Conv", "Sep")) else {}
            for x in IMAGES:
                yield Case(name, filters | arguments, (x,))
    yield Case("InputLayer", {"shape": (4,), "batch_shape": (None, 4)}, ())
    yield Case("InputLayer", {"batch_shape": (2, None)}, ())
    yield Case("InputLayer", {"shape": 4}, ())
    yield Case("InputLayer", {"shape": (4.5,)}, ())
    yield Case("InputLayer", {}, ())


def _cells() -> Iterator[Case]:
    lstm, gru = Inner("LSTMCell", (("units", 3),)), Inner("GRUCell", (("units", 2),))
    plain = Inner("SimpleRNNCell", (("units", 4), ("use_bias", False)))
    for cell in (
        lstm,
        gru,
        plain,
        (lstm, gru),
        (plain, gru, lstm),
        Inner("StackedRNNCells", (("cells", (gru, plain)),)),
    ):
        for sequences in (False, True):
            for x in SEQUENCES[:5]:
                yield Case("RNN", {"cell": cell, "return_sequences": sequences}, (x,))
    for cell in (lstm, gru, plain):
        yield Case("RNN", {"cell": cell, "return_state": True}, ((None, 5, 4),))


def _bidirectional() -> Iterator[Case]:
    for kind in ("LSTM", "GRU", "SimpleRNN"):
        for mode in ("concat", "sum", None, "other"):
            for sequences in (False, True):
                for state in (False, True):
                    options = (("units", 3), ("return_sequences", sequences), ("return_state", state))
                    for x in SEQUENCES:
                        yield Case("Bidirectional", {"layer": Inner(kind, options), "merge_mode": mode}, (x,))
    yield from _cells()
    other = Inner("LSTM", (("units", 2), ("go_backwards", True)))
    yield Case("Bidirectional", {"layer": Inner("LSTM", (("units", 3),)), "backward_layer": other}, (SEQUENCES[0],))
    yield Case("Bidirectional", {"layer": Inner("Dense", (("units", 3),))}, (SEQUENCES[0],))


# Refused by the row and not by Keras's symbolic call; each fails when data flows.
LOOSE: tuple[Case, ...] = (
    Case("TimeDistributed", {"layer": Inner("LSTM", (("units", 3),))}, ((None, 3, 6, 5, 2),)),
    Case("RNN", {"cell": Inner("LSTMCell", (("units", 3),))}, ((None, 1, 2, 3),)),
    Case("ZeroPadding2D", {"padding": -1}, ((None, 5, 4, 6),)),
)
