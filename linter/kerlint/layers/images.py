"""Layers that change images at random or by their histogram: shapes are kept, nothing is learned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerlint.graph.layer import Config, Incoming, Refused, Silent
from kerlint.graph.weight import Shape
from kerlint.layers import old
from kerlint.layers.policies import autocast, no_macs, pass_through
from kerlint.layers.shapes import printed, unsettled
from kerlint.layers.table import Check, beyond, demand, one_of, row

FILLS = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")
SINCE = 3  # Keras 2 checked less


def image_like(x: Shape, what: str) -> Shape:
    """The shape of an image or a batch of images. Refused for another rank."""
    if len(x) not in (3, 4):
        raise Refused(f"{what} takes an image or a batch of images (rank 3 or 4), not {printed(x)}")
    return tuple(x)


def factor(name: str, low: float, high: float, *, each: bool = False, optional: bool = False) -> Check:
    """Refused if a factor is no number or pair, or lies outside the closed interval.

    A pair may reach over an end, but not lie beyond it, unless ``each`` of its numbers is checked.
    ``optional``: None is taken.
    """

    def wrong(value: Any) -> bool:
        if isinstance(value, tuple) and len(value) == 2:
            if each:
                return any(beyond(v, low, high) for v in value)
            return all(isinstance(v, (int, float)) for v in value) and (value[0] > high or value[1] < low)
        if value is None:
            return not optional
        return isinstance(value, (str, tuple)) or beyond(value, low, high)

    return demand(name, f"is a number or two between {low:g} and {high:g}", wrong, SINCE)


def _no_pair(value: Any) -> bool:
    return value is None or isinstance(value, (int, float, str)) or (isinstance(value, tuple) and len(value) != 2)


def only(name: str, *allowed: str) -> Check:
    """Refused if the argument is anything but one of these."""
    return demand(name, one_of(allowed), lambda v: v not in allowed, SINCE)


FILLED = (only("fill_mode", *FILLS), only("interpolation", *INTERPOLATIONS))
RANGED = (demand("value_range", "is two numbers", _no_pair, SINCE),)
Output = Callable[[Config, Incoming], Any]


def image(name: str, positional: str = "", **columns: Any) -> None:
    """A change of images that keeps their shape; these layers drop masks and have no weights."""
    old.BEYOND[name] = ("bounding_box_format", "data_format", "factor")  # of the base class
    shared: dict[str, Any] = {"output": lambda _, x: image_like(x, name), "macs": no_macs, "generations": (3,)}
    row(name, positional, **shared | columns)


# --- moved -------------------------------------------------------------------------------------------------

MOVED: dict[str, Any] = {
    "fill_mode": "reflect", "interpolation": "bilinear", "seed": None, "fill_value": 0.0, "data_format": None,
}  # fmt: skip
BOTH = (2, 3)


def _above_minus_one(*names: str) -> Check:
    """A zoom of -1 makes nothing of the image."""

    def check(config: Config) -> None:
        for name in names:
            if -1 in (config[name] if isinstance(config[name], tuple) else (config[name],)):
                raise Refused(f"{name} must be greater than -1, not {config[name]!r}", SINCE)

    return check


image("RandomFlip", mode="horizontal_and_vertical", seed=None, data_format=None, generations=BOTH)
image("RandomRotation", "factor", **MOVED, generations=BOTH,
      checks=(factor("factor", -1, 1, optional=True), *FILLED))  # fmt: skip
image("RandomTranslation", "height_factor width_factor", **MOVED, generations=BOTH,
      checks=(factor("height_factor", -1, 1, each=True), factor("width_factor", -1, 1, each=True),
              *FILLED))  # fmt: skip
image("RandomZoom", "height_factor", width_factor=None, **MOVED, generations=BOTH,
      checks=(factor("height_factor", -1, 1, each=True), factor("width_factor", -1, 1, each=True, optional=True),
              _above_minus_one("height_factor", "width_factor"), *FILLED))  # fmt: skip
image("RandomShear", x_factor=0.0, y_factor=0.0, interpolation="bilinear", fill_mode="reflect", fill_value=0.0,
      data_format=None, seed=None,
      checks=(factor("x_factor", 0, 1, each=True), factor("y_factor", 0, 1, each=True), *FILLED))  # fmt: skip


def share(name: str) -> Check:
    """Refused if the argument is no number between 0 and 1."""
    return demand(
        name, "is a number between 0 and 1", lambda v: not isinstance(v, (int, float)) or beyond(v, 0, 1), SINCE
    )


image("RandomPerspective", factor=1.0, scale=1.0, interpolation="bilinear", fill_value=0.0, seed=None,
      data_format=None, checks=(factor("factor", 0, 1), share("scale"), FILLED[1]))  # fmt: skip
image("RandomElasticTransform", factor=1.0, scale=1.0, interpolation="bilinear", fill_mode="reflect",
      fill_value=0.0, value_range=(0, 255), seed=None, data_format=None,
      checks=(factor("factor", 0, 1), factor("scale", 0, 1), FILLED[1],
              only("fill_mode", "constant", "nearest", "wrap", "mirror", "reflect")))  # fmt: skip

# --- coloured ----------------------------------------------------------------------------------------------

image("RandomContrast", "factor", value_range=(0, 255), seed=None, generations=BOTH,
      checks=(factor("factor", 0, 1),))  # fmt: skip
image("RandomBrightness", "factor", value_range=(0, 255), seed=None, generations=BOTH,
      checks=(factor("factor", -1, 1, optional=True), *RANGED))  # fmt: skip


def _three_channels(config: Config, x: Incoming) -> Shape:
    image_like(x, "RandomColorDegeneration")
    channels = x[-1] if config["data_format"] == "channels_last" else x[-3]
    if isinstance(channels, int) and channels != 3:
        raise Refused(f"RandomColorDegeneration takes images of 3 channels, not {channels}: {printed(x)}")
    return tuple(x)


TAIL: dict[str, Any] = {"value_range": (0, 255), "data_format": None, "seed": None}
image("RandomColorDegeneration", "factor", **TAIL, output=_three_channels,
      checks=(factor("factor", -1, 1), *RANGED))  # fmt: skip
image("RandomSaturation", "factor", **TAIL, checks=(factor("factor", -1, 1), *RANGED))
image("RandomSharpness", "factor", **TAIL, checks=(factor("factor", 0, 1), *RANGED))
image("RandomHue", "factor", **TAIL, checks=(factor("factor", 0, 1),))
image("RandomPosterization", "factor", **TAIL, checks=(factor("factor", 1, 8), *RANGED))  # fmt: skip


def _jitter(config: Config) -> None:
    """Each factor that is given makes the layer that it belongs to, with that layer's checks."""
    for name, low in (("brightness", -1), ("contrast", 0), ("saturation", -1), ("hue", 0)):
        factor(f"{name}_factor", low, 1, optional=True)(config)
    if config["brightness_factor"] is not None or config["saturation_factor"] is not None:
        RANGED[0](config)


image("RandomColorJitter", value_range=(0, 255), brightness_factor=None, contrast_factor=None,
      saturation_factor=None, hue_factor=None, seed=None, data_format=None, checks=(_jitter,))  # fmt: skip


image("RandomGrayscale", factor=0.5, data_format=None, seed=None, checks=(share("factor"),), dtype=autocast)
image("RandomInvert", factor=1.0, value_range=(0, 255), seed=None, data_format=None,
      checks=(factor("factor", 0, 1),))  # fmt: skip
image("Solarization", addition_factor=0.0, threshold_factor=0.0, value_range=(0, 255), seed=None,
      checks=(factor("addition_factor", 0, 1, each=True), factor("threshold_factor", 0, 1, each=True),
              *RANGED))  # fmt: skip
image("AutoContrast", value_range=(0, 255), checks=RANGED)
image("Equalization", value_range=(0, 255), bins=256, data_format=None, checks=RANGED, dtype=autocast,
      mask=pass_through)  # fmt: skip
image("ContrastLimitedAdaptiveHistogramEqualization", value_range=(0, 255), clip_limit=4.0,
      tile_grid_size=(8, 8), data_format=None)  # fmt: skip

# --- blurred, erased, mixed --------------------------------------------------------------------------------


def _even(sizes: Any) -> bool:
    pair = sizes if isinstance(sizes, tuple) else (sizes,)
    numbers = all(isinstance(s, (int, float)) for s in pair)
    return sizes is None or isinstance(sizes, str) or len(pair) > 2 or (numbers and any(s % 2 == 0 for s in pair))


image("RandomGaussianBlur", factor=1.0, kernel_size=3, sigma=1.0, value_range=(0, 255), data_format=None, seed=None,
      checks=(factor("factor", 0, 1), factor("sigma", 0, 1),
              demand("kernel_size", "is an odd number or two of them", _even, SINCE)))  # fmt: skip
image("RandomErasing", factor=1.0, scale=(0.02, 0.33), fill_value=None, value_range=(0, 255), seed=None,
      data_format=None, checks=(factor("factor", 0, 1), factor("scale", 0, 1)))  # fmt: skip
image("CutMix", factor=1.0, seed=None, data_format=None, checks=(factor("factor", 0, 1),))
image("MixUp", alpha=0.2, data_format=None, seed=None)
image("AugMix", value_range=(0, 255), num_chains=3, chain_depth=3, factor=0.3, alpha=1.0, all_ops=True,
      interpolation="bilinear", seed=None, data_format=None,
      checks=(factor("factor", 0, 1, each=True), *RANGED, FILLED[1]))  # fmt: skip
image("RandAugment", value_range=(0, 255), num_ops=2, factor=0.5, interpolation="bilinear", seed=None,
      data_format=None, checks=(factor("factor", 0, 1, each=True), *RANGED, FILLED[1]))  # fmt: skip


def _boxes(_config: Config, x: Incoming) -> Shape:
    raise Silent("bounding boxes come in a dictionary, which is not modelled")


def _most(config: Config) -> None:
    for name in ("max_number", "fill_value"):
        if config[name] is None or isinstance(config[name], tuple):
            raise Refused(f"{name} must be an integer, not {config[name]!r}")


image("MaxNumBoundingBoxes", "max_number", fill_value=-1, output=_boxes, checks=(_most,))  # fmt: skip

# --- Keras 2 only ------------------------------------------------------------------------------------------


def _stretched(axis: int) -> Output:
    """One side of the image has another length at each call: None."""

    def output(config: Config, x: Incoming) -> Shape:
        shape = list(image_like(x, "the layer"))
        shape[axis] = unsettled("stretched", axis, x, config["name"])
        return tuple(shape)

    return output


for name, axis in (("RandomHeight", -3), ("RandomWidth", -2)):
    row(name, "factor", interpolation="bilinear", seed=None, generations=(2,), output=_stretched(axis), macs=no_macs)
