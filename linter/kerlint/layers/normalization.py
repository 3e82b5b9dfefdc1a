"""Normalisation layers: weights along the normalised axes, no MACs."""

from __future__ import annotations

from typing import Any

from kerlint.graph.dim import show
from kerlint.graph.layer import Config, Incoming, Refused, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.policies import Weights, kept_by, no_macs
from kerlint.layers.shapes import axes_of, defined
from kerlint.layers.table import demand, elementwise, never, row

RENORM = ("moving_stddev", "renorm_mean", "renorm_stddev")


def _single(arguments: dict[str, Any]) -> None:
    """One axis in a list is the axis."""
    if isinstance(arguments["axis"], tuple) and len(arguments["axis"]) == 1:
        arguments["axis"] = arguments["axis"][0]


def _sorted(arguments: dict[str, Any]) -> None:
    """Keras sorts the axes as they are written."""
    _single(arguments)
    if isinstance(arguments["axis"], tuple) and all(isinstance(a, int) for a in arguments["axis"]):
        arguments["axis"] = tuple(sorted(arguments["axis"]))


def _sizes(config: Config, x: Shape, what: str) -> Shape:
    return tuple(defined(x[axis], f"axis {axis}", x) for axis in axes_of(config["axis"], len(x), what))


def scaled(config: Config, shape: Shape) -> dict[str, WeightSpec]:
    """gamma and beta, as far as the layer has them."""
    found = {"gamma": WeightSpec(shape)} if config["scale"] else {}
    return found | ({"beta": WeightSpec(shape)} if config["center"] else {})


def _batch_weights(config: Config, x: Incoming) -> Weights:
    shape = _sizes(config, x, "BatchNormalization")
    names = ("moving_mean", "moving_variance") + (RENORM if config["renorm"] else ())
    return scaled(config, shape) | dict.fromkeys(names, WeightSpec(shape, trainable=False))


elementwise(
    "BatchNormalization", resolve=_single, output=kept_by(lambda c, x: _sizes(c, x, "BatchNormalization")),
    weights=_batch_weights,
)  # fmt: skip


def _layer_sizes(config: Config, x: Incoming) -> Shape:
    """What sizes the weights, if there are any; the axes are needed anyway."""
    axes_of(config["axis"], len(x), "LayerNormalization")
    return _sizes(config, x, "LayerNormalization") if config["scale"] or config["center"] else ()


elementwise(
    "LayerNormalization", resolve=_sorted, output=kept_by(_layer_sizes),
    weights=lambda c, x: scaled(c, _layer_sizes(c, x)), macs=no_macs,
)  # fmt: skip


def _group_output(config: Config, x: Incoming) -> Shape:
    size, groups = _sizes(config, x, "GroupNormalization")[0], config["groups"]
    if isinstance(groups, int) and isinstance(size, int) and groups != -1:
        if size < groups or size % groups:
            raise Refused(f"GroupNormalization: {show(size)} channels cannot be divided into {groups} groups")
    return tuple(x)


elementwise(
    "GroupNormalization",
    output=_group_output, weights=lambda c, x: scaled(c, _sizes(c, x, "GroupNormalization")),
    checks=(demand("groups", "is an integer", lambda n: isinstance(n, (float, str, tuple))),),
)  # fmt: skip


def _rms_weights(config: Config, x: Incoming) -> Weights:
    return {"scale": WeightSpec(_sizes(config, x, "RMSNormalization"))}


row(
    "RMSNormalization", resolve=_sorted, output=kept_by(_rms_weights), weights=_rms_weights, macs=no_macs,
    generations=(3,),
)  # fmt: skip
elementwise(
    "UnitNormalization", resolve=_single, output=kept_by(lambda c, x: axes_of(c["axis"], len(x), "UnitNormalization"))
)


# --- by numbers that are given or adapted -------------------------------------------------------------------

elementwise("Rescaling")


def _normalised(config: Config, x: Shape) -> Shape:
    found = sorted(axes_of(() if config["axis"] is None else config["axis"], len(x), "Normalization"))
    if 0 in found:
        raise Refused("Normalization: the batch cannot be normalised")
    return tuple(defined(x[axis], f"axis {axis}", x) for axis in found)


def _normalization_weights(config: Config, x: Incoming) -> Weights:
    if config["mean"] is not None:
        return {}
    shape = _normalised(config, x)
    statistics = dict.fromkeys(("mean", "variance"), WeightSpec(shape, trainable=False))
    return statistics | {"count": WeightSpec((), trainable=False)}


elementwise(
    "Normalization", output=kept_by(_normalised), weights=_normalization_weights,
    checks=(never("mean and variance go together", lambda c: (c["mean"] is None) != (c["variance"] is None)),),
)  # fmt: skip
