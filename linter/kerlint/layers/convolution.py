"""Windows over the positions of an input: convolutions in both data formats, and pooling."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from kerlint.graph.dim import Dim, at_least, floor_div, show
from kerlint.graph.layer import Config, Incoming, Refused, Silent, Unknown, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.policies import Weights, bias, dropped, matrices, no_macs
from kerlint.layers.shapes import defined, join, positions, rank_is, split, window
from kerlint.layers.table import among, demand, multiple, never, positive, row


def rank_of(config: Config) -> int:
    """How many spatial axes the layer works on."""
    return len(config["kernel_size"])


strides_or_dilation = never(  # both of them may not exceed 1, be it on different axes
    "strides {strides} and dilation_rate {dilation_rate} exclude each other",
    lambda c: all(any(at_least(n, 2) is True for n in c[name]) for name in ("strides", "dilation_rate")),
)


def conv_shape(config: Config, x: Shape, filters: Dim, what: str) -> Shape:
    """The output of a window slid over every spatial axis, with ``filters`` channels."""
    batch, spatial, channels = split(config, x, rank_of(config), what)
    defined(channels, "the channel axis", x)
    sizes = zip(spatial, config["kernel_size"], config["strides"], config["dilation_rate"], strict=True)
    return join(config, batch, [window(n, k, s, config["padding"], d) for n, k, s, d in sizes], filters)


def _conv_output(config: Config, x: Incoming) -> Shape:
    rank = rank_of(config)
    rank_is(x, rank + 2, f"Conv{rank}D", 3 if len(x) > rank + 2 else 1)  # Keras 2 takes further axes as batches
    shape = conv_shape(config, x, config["filters"], f"Conv{rank}D")
    _group_channels(config, x)
    return shape


def _group_channels(config: Config, x: Shape) -> Dim:
    channels, groups = split(config, x, rank_of(config), "a convolution")[2], config["groups"]
    if isinstance(channels, int) and isinstance(groups, int) and channels % groups:
        raise Refused(f"the {channels} channels of the input are no multiple of groups ({groups})")
    return floor_div(channels, groups)


def _conv_weights(config: Config, x: Incoming) -> Weights:
    kernel = (*config["kernel_size"], _group_channels(config, x), config["filters"])
    return {"kernel": WeightSpec(kernel)} | dict(bias(config, config["filters"]))


CHECKS = (positive("filters"), positive("kernel_size"), positive("strides"), positive("dilation_rate"))
AXES = ("kernel_size", "strides", "dilation_rate")

for rank in (1, 2, 3):
    paddings = ("valid", "same", "causal") if rank == 1 else ("valid", "same")
    row(
        f"Conv{rank}D", aliases=f"Convolution{rank}D", per_axis=dict.fromkeys(AXES, rank),
        output=_conv_output, weights=_conv_weights,
        checks=(
            *CHECKS, positive("groups", zero=3), among("padding", *paddings), strides_or_dilation,
            multiple("filters", "groups"),
        ),
    )  # fmt: skip


# --- depthwise and separable -------------------------------------------------------------------------------


def _depthwise_output(config: Config, x: Incoming) -> Shape:
    channels = split(config, x, rank_of(config), "a depthwise convolution")[2]
    return conv_shape(config, x, channels * config["depth_multiplier"], f"DepthwiseConv{rank_of(config)}D")


def _depthwise_weights(config: Config, x: Incoming) -> Weights:
    channels = split(config, x, rank_of(config), "a depthwise convolution")[2]
    kernel = (*config["kernel_size"], channels, config["depth_multiplier"])
    return {"kernel": WeightSpec(kernel)} | dict(bias(config, channels * config["depth_multiplier"]))


def _separable_weights(config: Config, x: Incoming) -> Weights:
    channels = split(config, x, rank_of(config), "a separable convolution")[2]
    deep = channels * config["depth_multiplier"]
    return {
        "depthwise_kernel": WeightSpec((*config["kernel_size"], channels, config["depth_multiplier"])),
        "pointwise_kernel": WeightSpec(((1,) * rank_of(config)) + (deep, config["filters"])),
    } | dict(bias(config, config["filters"]))


for rank in (1, 2):
    row(
        f"DepthwiseConv{rank}D", per_axis=dict.fromkeys(AXES, rank),
        output=_depthwise_output, weights=_depthwise_weights,
        checks=(*CHECKS[1:], positive("depth_multiplier", zero=3), among("padding", "valid", "same")),
    )  # fmt: skip
    row(
        f"SeparableConv{rank}D", aliases=f"SeparableConvolution{rank}D", per_axis=dict.fromkeys(AXES, rank),
        output=lambda c, x: conv_shape(c, x, c["filters"], f"SeparableConv{rank_of(c)}D"), weights=_separable_weights,
        checks=(*CHECKS, positive("depth_multiplier"), among("padding", "valid", "same")),
    )  # fmt: skip


# --- transposed --------------------------------------------------------------------------------------------


def _output_padding(config: Config) -> None:
    padding = config["output_padding"]
    for extra, stride in zip(padding or (), config["strides"], strict=False):  # as many, or none
        if at_least(extra, 0) is False or at_least(stride - extra, 1) is False:
            raise Refused(f"output_padding {padding} must be less than strides {config['strides']}")


def _excess(spare: Dim) -> Dim:
    """``max(spare, 0)``. Raises Silent where that is not known."""
    positive_ = at_least(spare, 0)
    if positive_ is None:
        raise Silent(f"perhaps: whether the kernel exceeds the strides ({show(spare)}) is not known")
    return spare if positive_ else 0


def _grown(size: Dim, kernel: Dim, stride: Dim, dilation: Dim, padding: str, extra: Dim | None) -> Dim:
    """The size that a convolution would shrink to ``size`` (keras ``_get_output_shape_given_tf_padding``)."""
    span = (kernel - 1) * dilation + 1
    if extra is None:
        return size * stride + (_excess(span - stride) if padding == "valid" else 0)
    return (size - 1) * stride + (span if padding == "valid" else span % 2) + extra


def _transpose_output(config: Config, x: Incoming) -> Shape:
    rank = rank_of(config)
    batch, spatial, channels = split(config, x, rank, f"Conv{rank}DTranspose")
    defined(channels, "the channel axis", x)
    extra = config["output_padding"] or (None,) * rank
    axes = zip(spatial, config["kernel_size"], config["strides"], config["dilation_rate"], extra, strict=True)
    return join(config, batch, [_grown(n, k, s, d, config["padding"], e) for n, k, s, d, e in axes], config["filters"])


def _transpose_weights(config: Config, x: Incoming) -> Weights:
    channels = split(config, x, rank_of(config), "a transposed convolution")[2]
    kernel = (*config["kernel_size"], config["filters"], channels)
    return {"kernel": WeightSpec(kernel)} | dict(bias(config, config["filters"]))


for rank in (1, 2, 3):
    row(
        f"Conv{rank}DTranspose",
        aliases=f"Convolution{rank}DTranspose" + (f" Deconvolution{rank}D Deconv{rank}D" if rank > 1 else ""),
        per_axis=dict.fromkeys((*AXES, "output_padding"), rank), output=_transpose_output, weights=_transpose_weights,
        macs=lambda config, x, _out: matrices(_transpose_weights(config, x)) * positions(config, x),  # at each input
        checks=(*CHECKS, among("padding", "valid", "same"), strides_or_dilation, _output_padding),
    )  # fmt: skip


# --- pooling


def _strides(arguments: dict[str, Any]) -> None:
    """Without strides the windows lie side by side."""
    if arguments["strides"] is None:
        arguments["strides"] = arguments["pool_size"]
    elif isinstance(arguments["strides"], Unknown):  # perhaps None
        arguments["strides"] = replace(arguments["strides"], source=None)


def _pooled(config: Config, x: Incoming) -> Shape:
    rank = len(config["pool_size"])
    batch, spatial, channels = split(config, x, rank, f"a pooling over {rank} axes")
    axes = zip(spatial, config["pool_size"], config["strides"], strict=True)
    return join(config, batch, [window(n, k, s, config["padding"]) for n, k, s in axes], channels)


def _over_all(rank: int, config: Config, x: Incoming) -> Shape:
    batch, _, channels = split(config, x, rank, f"a global pooling over {rank} axes")
    return join(config, batch, (1,) * rank if config["keepdims"] else (), channels)


for rank in (1, 2, 3):
    for kind, short in (("Max", "MaxPool"), ("Average", "AvgPool")):
        row(
            f"{kind}Pooling{rank}D", aliases=f"{short}{rank}D", per_axis={"pool_size": rank, "strides": rank},
            resolve=_strides, output=_pooled, macs=no_macs,
            checks=(positive("pool_size"), positive("strides"), among("padding", "valid", "same")),
        )  # fmt: skip
        name, output = f"Global{kind}Pooling{rank}D", partial(_over_all, rank)
        row(name, aliases=f"Global{short}{rank}D", output=output, macs=no_macs, mask=dropped)


# --- to a given size ---------------------------------------------------------------------------------------


def _adapted(config: Config, x: Incoming) -> Shape:
    rank = len(config["output_size"])
    if rank == 2 and len(x) == 3:
        raise Silent("perhaps: an image without a batch, of which Keras announces one shape and makes another")
    batch, _, channels = split(config, x, rank, f"an adaptive pooling over {rank} axes")
    return join(config, batch, config["output_size"], channels)


SIZES = demand("output_size", "must be a size an axis", lambda v: v is None or any(at_least(n, 0) is False for n in v))

for rank in (1, 2, 3):
    for kind in ("Average", "Max"):
        row(
            f"Adaptive{kind}Pooling{rank}D", per_axis={"output_size": rank}, output=_adapted, macs=no_macs,
            generations=(3,), checks=(SIZES,),
        )  # fmt: skip
