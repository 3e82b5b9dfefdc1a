"""Pooling over windows and over everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kerlint.graph.dim import at_least
from kerlint.graph.layer import Config, Incoming, Silent, Unknown
from kerlint.graph.weight import Shape
from kerlint.layers.policies import dropped, no_macs
from kerlint.layers.shapes import join, split, window
from kerlint.layers.table import among, demand, positive, row


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


def _over_all(rank: int) -> Callable[[Config, Incoming], Shape]:
    def output(config: Config, x: Incoming) -> Shape:
        batch, _, channels = split(config, x, rank, f"a global pooling over {rank} axes")
        return join(config, batch, (1,) * rank if config["keepdims"] else (), channels)

    return output


for rank in (1, 2, 3):
    for kind, short in (("Max", "MaxPool"), ("Average", "AvgPool")):
        size: Any = 2 if rank == 1 else (2,) * rank
        row(
            f"{kind}Pooling{rank}D", "pool_size" if kind == "Average" else "",
            **({} if kind == "Average" else {"pool_size": size}), strides=None, padding="valid", data_format=None,
            name_=None, aliases=f"{short}{rank}D", per_axis={"pool_size": rank, "strides": rank}, resolve=_strides,
            output=_pooled, macs=no_macs,
            checks=(positive("pool_size"), positive("strides"), among("padding", "valid", "same")),
        )  # fmt: skip
        row(
            f"Global{kind}Pooling{rank}D", data_format=None, keepdims=False,
            aliases=f"Global{short}{rank}D", output=_over_all(rank), macs=no_macs, mask=dropped,
        )  # fmt: skip


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
            f"Adaptive{kind}Pooling{rank}D", "output_size", data_format=None, per_axis={"output_size": rank},
            output=_adapted, macs=no_macs, generations=(3,), checks=(SIZES,),
        )  # fmt: skip
