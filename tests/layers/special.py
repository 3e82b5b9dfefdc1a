"""Configurations that a product of domains does not reach: equations, wrapped layers, sizes per axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.layers.domains import IMAGES, ON, PICTURES, SEQUENCES, Case, Inner, needed_by
from tests.layers.limits import DECLINED
from tests.layers.values import values_of

from kerlint.graph.layer import LayerSpec
from kerlint.layers.table import TABLE

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
    yield from _wrapping()
    yield from _lookups()
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
    lstm, gru = Inner("LSTMCell", (("units", 3),)), Inner("GRUCell", (("units", 2), ("reset_after", True)))
    bare = Inner("LSTMCell", (("units", 2), ("use_bias", False)))
    others = Inner("GRUCell", (("units", 3), ("use_bias", False), ("reset_after", False)))
    biased = Inner("SimpleRNNCell", (("units", 1), ("use_bias", True)))
    plain = Inner("SimpleRNNCell", (("units", 4), ("use_bias", False)))
    for cell in (
        lstm,
        gru,
        plain,
        bare,
        others,
        biased,
        (lstm, gru),
        (plain, gru, lstm),
        Inner("StackedRNNCells", (("cells", (gru, plain)),)),
    ):
        for sequences in (False, True):
            for x in SEQUENCES[:5]:
                yield Case("RNN", {"cell": cell, "return_sequences": sequences}, (x,))
    for returned in (lstm, gru, plain, (gru, plain), (gru,), Inner("StackedRNNCells", (("cells", (plain, gru)),))):
        for sequences in (False, True):
            state = {"cell": returned, "return_state": True, "return_sequences": sequences}
            yield Case("RNN", state, ((None, 5, 4),))
    for listed in ((lstm, gru), (lstm,)):
        yield Case("RNN", {"cell": listed, "return_state": True}, ((None, 5, 4),))


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


SPECTRAL = (
    *INNER, Inner("Embedding", (("input_dim", 7), ("output_dim", 3))), Inner("LSTM", (("units", 3),)),
    Inner("Conv2DTranspose", (("filters", 3), ("kernel_size", 2))),
    Inner("DepthwiseConv2D", (("kernel_size", 2), ("depth_multiplier", 2), ("use_bias", False))),
    Inner("SeparableConv2D", (("filters", 3), ("kernel_size", 2))),
    Inner("EinsumDense", (("equation", "abc,cd->abd"), ("output_shape", (None, 5)), ("bias_axes", "d"))),
    Inner("GRU", (("units", 3),)), Inner("PReLU"), Inner("Conv1D", (("filters", 3), ("kernel_size", 2))),
)  # fmt: skip
CHAINS: tuple[Any, ...] = (
    (Inner("Dense", (("units", 3),)), Inner("Dense", (("units", 2), ("use_bias", False)))),
    (Inner("RandomFlip"), Inner("Resizing", (("height", 3), ("width", 4))), Inner("Rescaling", (("scale", 2),))),
    (Inner("BatchNormalization"), Inner("Flatten")), (Inner("LSTM", (("units", 3),)),), (), 3, None,
    (Inner("Embedding", (("input_dim", 7), ("output_dim", 3), ("mask_zero", True))), Inner("GRU", (("units", 2),))),
)  # fmt: skip


def _lookups() -> Iterator[Case]:
    arguments: dict[str, Any]
    weighted: dict[str, Any] = {"output_mode": "tf_idf", "idf_weights": (1.0, 2.0, 3.0)}
    for name, terms in (("StringLookup", ("a", "b", "c")), ("IntegerLookup", (3, 4, 7))):
        for arguments in (
            weighted, weighted | {"idf_weights": (1.0, 2.0)}, weighted | {"output_mode": "count"},
            weighted | {"max_tokens": 9, "pad_to_max_tokens": True}, {"output_mode": "tf-idf"},
            {"invert": True}, {"invert": True, "output_mode": "one_hot"}, {"sparse": True},
            {"invert": True, "oov_token": terms[0]}, {"num_oov_indices": -1}, {"salt": 3},
            {"salt": (1, 2, 3)}, {"salt": "a"}, {"vocabulary": ()}, {"vocabulary": (*terms, terms[0])},
        ):  # fmt: skip
            yield Case(name, {"vocabulary": terms} | arguments, ((None, 4),))
    for arguments in (
        {"vocabulary_dtype": "int64"}, {"vocabulary_dtype": "int32"}, {"oov_method": "other"},
        {"oov_method": "farmhash", "salt": (1, 2)},
    ):  # fmt: skip
        yield Case("IntegerLookup", {"vocabulary": (3, 4, 7)} | arguments, ((None, 4),))
    for arguments in (
        weighted, weighted | {"idf_weights": (1.0,)}, {"ngrams": (2, 3)}, {"ngrams": "a"},
        {"standardize": "other"}, {"split": "other"}, {"split": "character"},
        {"output_sequence_length": 2.5}, {"output_mode": "count", "output_sequence_length": 3},
    ):  # fmt: skip
        yield Case("TextVectorization", {"vocabulary": ("a", "b", "c")} | arguments, ((None, 1),))


def varied(name: str) -> set[str]:
    """The arguments that take two values or more in the special cases, inside of other layers too."""
    seen: dict[str, set[str]] = {}

    def look(value: Any) -> None:
        if isinstance(value, tuple) and value:
            for part in value:
                look(part)
        elif isinstance(value, (Case, Inner)):
            arguments = dict(value.arguments)
            for argument, default in TABLE[name].signature.items() if value.name == name else ():
                seen.setdefault(argument, set()).add(repr(arguments.get(argument, default)))
            look(tuple(arguments.values()))

    for case in special():
        look(case)
    return {argument for argument, values in seen.items() if len(values) >= 2}


# Refused by Keras's symbolic call as well, or without an output.
UNSETTLED = ("RandomColorDegeneration", *DECLINED)


def firsts(spec: LayerSpec) -> dict[str, Any]:
    """The first value of each argument's domain."""
    return {argument: values[0] for argument, values in values_of(spec).items()}


# Inside of SpectralNormalization Keras notices another rank only when data flows.
TAKES: dict[str, tuple[Any, ...]] = {
    "Conv2DTranspose": ((None, 6, 5, 4), (2, None, 6, 3)), "EinsumDense": ((None, 6, 4), (None, 4)),
}  # fmt: skip


def _wrapping() -> Iterator[Case]:
    for inner in SPECTRAL:
        for x in TAKES.get(inner.name, ((None, 4), (None, 6, 4), (None, 6, 5, 4), (2, None, 6, 3))):
            yield Case("SpectralNormalization", {"layer": inner}, (x,))
    for times in (1, 3, 0):
        inner = Inner("Dense", (("units", 3),))
        yield Case("SpectralNormalization", {"layer": inner, "power_iterations": times}, ((None, 4),))
    yield Case("SpectralNormalization", {"layer": 3}, ((None, 4),))
    for layers in CHAINS:
        for x in ((None, 4), (None, 6, 4), (None, 6, 5, 3), (None,)):
            yield Case("Pipeline", {"layers": layers}, (x,))


# Refused by the row and not by Keras's symbolic call; each fails when data flows.
LOOSE: tuple[Case, ...] = (
    Case("TimeDistributed", {"layer": Inner("LSTM", (("units", 3),))}, ((2, 3, 6, 5, 2),)),
    Case("RNN", {"cell": Inner("LSTMCell", (("units", 3),))}, ((2, 1, 2, 3),)),
    Case("ZeroPadding2D", {"padding": -1}, ((2, 5, 4, 6),)),
    *(
        Case(f"Adaptive{kind}Pooling{rank}D", {"output_size": 2}, ((2, *(5,) * (rank - 1), 3),))
        for kind in ("Average", "Max")
        for rank in (1, 3)
    ),
    Case("SpectralNormalization", {"layer": SPECTRAL[9]}, ((2, 6, 4),)),
    Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, ((2, 4), (2, 4))),
    Case("Resizing", {"height": 0, "width": 3}, ((2, 6, 5, 3),)),
    *(Case(name, {"height": None, "width": 3}, ((2, 6, 5, 3),)) for name in ("Resizing", "CenterCrop", "RandomCrop")),
    *(
        Case(name, needed_by(spec) | firsts(spec), (shape,))
        for name, spec in TABLE.items()
        if ON.get(name) == PICTURES and 3 in spec.generations and spec.name not in UNSETTLED
        for shape in ((2, 4), (2, 3, 5, 4, 3))
    ),
)
