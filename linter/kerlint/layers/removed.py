"""Layers that left (locally connected, cuDNN's recurrent ones), and those around what others compute."""

from __future__ import annotations

from functools import partial
from typing import Any

from kerlint.graph.dim import Dim, product
from kerlint.graph.layer import Config, Incoming, Silent, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.policies import Weights, dropped, no_macs
from kerlint.layers.recurrent import gated, recurrent
from kerlint.layers.shapes import defined, join, split, window
from kerlint.layers.table import among, demand, never, positive, row

# --- LocallyConnected --------------------------------------------------------------------------------------


def _geometry(config: Config, x: Shape) -> tuple[Shape, Shape, Dim]:
    """Spatial sizes of input and output, and the input's channels. Refused where a size is None."""
    rank = len(config["kernel_size"])
    _, spatial, channels = split(config, x, rank, f"LocallyConnected{rank}D")
    defined(channels, "the channel axis", x)
    for size in spatial:
        defined(size, "every spatial axis", x)
    axes = zip(spatial, config["kernel_size"], config["strides"], strict=True)
    return spatial, tuple(window(n, k, s, config["padding"]) for n, k, s in axes), channels


def _output(config: Config, x: Incoming) -> Shape:
    return join(config, x[0], _geometry(config, x)[1], config["filters"])


def _weights(config: Config, x: Incoming) -> Weights:
    """Implementation 1: a kernel for every position; 2: the whole matrix, masked; 3: its entries in a row."""
    spatial, out, channels = _geometry(config, x)
    filters, implementation = config["filters"], config["implementation"]
    if implementation == 1:
        kernel: Shape = (product(out), product(config["kernel_size"]) * channels, filters)
    elif implementation == 2:
        first = config["data_format"] == "channels_first"
        kernel = (channels, *spatial, filters, *out) if first else (*spatial, channels, *out, filters)
    else:
        axes = zip(spatial, out, config["kernel_size"], config["strides"], strict=True)
        kernel = (product(_pairs(*axis, config["padding"]) for axis in axes) * channels * filters,)
    found = {"kernel": WeightSpec(kernel)}
    return found | ({"bias": WeightSpec((*out, filters))} if config["use_bias"] else {})


def _pairs(size: Dim, out: Dim, kernel: Dim, stride: Dim, padding: str) -> Dim:
    """How many (position, input) pairs an axis has (tf_keras ``conv_connected_inputs``)."""
    if padding == "valid":
        return out * kernel
    if not (isinstance(size, int) and isinstance(out, int) and isinstance(kernel, int) and isinstance(stride, int)):
        raise Silent("perhaps: how many taps lie inside an axis of unknown size")
    left = kernel // 2
    starts = [position * stride - left for position in range(out)]
    return sum(min(size, start + kernel) - max(0, start) for start in starts)


def _macs(config: Config, x: Incoming, _output: Shape) -> Dim:
    """Each position has a kernel of its own: its entries, at every position."""
    _, out, channels = _geometry(config, x)
    return product([*out, *config["kernel_size"], channels, config["filters"]])


IMPLEMENTATION = (
    never(
        "implementation=1 knows padding='valid' only", lambda c: c["implementation"] == 1 and c["padding"] != "valid"
    ),
    demand("implementation", "is 1, 2 or 3", lambda n: n not in (1, 2, 3)),
)

for rank in (1, 2):
    row(
        f"LocallyConnected{rank}D", per_axis={"kernel_size": rank, "strides": rank}, generations=(2,),
        output=_output, weights=_weights, macs=_macs,
        checks=(positive("kernel_size"), positive("strides"), among("padding", "valid", "same"), *IMPLEMENTATION),
    )  # fmt: skip


# --- cuDNN -------------------------------------------------------------------------------------------------


def _two_biases(gates: int, config: Config, x: Incoming) -> Weights:
    """The two biases of each gate stand in one row."""
    return {**gated(gates, config, x), "bias": WeightSpec((2 * gates * config["units"],))}


for name, gates, states in (("CuDNNLSTM", 4, 2), ("CuDNNGRU", 3, 1)):
    weights = partial(_two_biases, gates)
    recurrent(name, gates, states, weights=weights, mask=dropped, generations=(2,), checks=(positive("units"),))


# --- around what others compute -------------------------------------------------------------------------------

# What is computed by code outside of Keras.
FOREIGN = {
    "JaxLayer": "what a JAX function gives is not known", "FlaxLayer": "what a Flax module gives is not known",
    "TorchModuleWrapper": "what a Torch module gives is not known",
    "TFSMLayer": "what a SavedModel on disk gives is not known",
}  # fmt: skip


def _unknown(name: str, *_given: Any) -> Any:
    raise Silent(f"perhaps: {name}: {FOREIGN[name]}")


for name in FOREIGN:
    columns: dict[str, Any] = dict.fromkeys(("output", "weights", "macs", "dtype"), partial(_unknown, name))
    row(name, **columns, mask=lambda _c, _m: None, many=True, generations=(3,))


OWN = row(
    "Own", "shapes", class_="Layer", output=lambda _c, shapes: tuple(shapes[0]), macs=no_macs, many=True, into={},
    weights=lambda config, _shapes: {name: WeightSpec(tuple(shape)) for name, shape in config["shapes"]},
)  # fmt: skip
