"""Layers that prepare data: rescaling, normalisation, image sizes."""

from __future__ import annotations

from kerlint.graph.dim import at_least
from kerlint.graph.layer import Config, Incoming, Refused, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.images import BOTH, image
from kerlint.layers.policies import Weights, kept_by
from kerlint.layers.shapes import axes_of, defined, join, printed, split
from kerlint.layers.table import Check, elementwise

elementwise("Rescaling", "scale", offset=0.0)

# --- Normalization -----------------------------------------------------------------------------------------


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


def _together(config: Config) -> None:
    if (config["mean"] is None) != (config["variance"] is None):
        raise Refused("mean and variance go together")


elementwise(
    "Normalization", axis=-1, mean=None, variance=None, invert=False, checks=(_together,),
    output=kept_by(_normalised), weights=_normalization_weights,
)  # fmt: skip

# --- images ------------------------------------------------------------------------------------------------


def _sized(config: Config, x: Incoming) -> Shape:
    """An image or a batch of images in the size that is asked for."""
    if len(x) not in (3, 4):
        raise Refused(f"an image layer takes an image or a batch of images, not {printed(x)}")
    channels = split(config, (1, *x[-3:]), 2, "an image layer")[2]
    return (*x[:-3], *join(config, 1, (config["height"], config["width"]), channels)[1:])


def _sizes(least: int) -> Check:
    """Refused where height or width is no integer of at least ``least``."""

    def check(config: Config) -> None:
        for name in ("height", "width"):
            value = config[name]
            if value is None or isinstance(value, (float, str, tuple)) or at_least(value, least) is False:
                raise Refused(f"{name} must be an integer of at least {least}, not {value!r}")

    return check


image(
    "Resizing", "height width", interpolation="bilinear", crop_to_aspect_ratio=False,
    pad_to_aspect_ratio=False, fill_mode="constant", fill_value=0.0, antialias=False, data_format=None,
    output=_sized, generations=BOTH, checks=(_sizes(1),),
)  # fmt: skip
image("CenterCrop", "height width", data_format=None, output=_sized, generations=BOTH, checks=(_sizes(0),))
image(
    "RandomCrop", "height width", seed=None, data_format=None, name_=None, output=_sized, generations=BOTH,
    checks=(_sizes(0),),
)  # fmt: skip
