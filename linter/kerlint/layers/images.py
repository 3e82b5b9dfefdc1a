"""Layers that change images at random or by their histogram: shapes are kept, nothing is learned.

``images.json``: of each class what its arguments must be (``CHECKS``; name, least and most).
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from kerlint.graph.dim import at_least
from kerlint.graph.layer import Config, Incoming, Refused, Silent
from kerlint.graph.weight import Shape
from kerlint.layers import old
from kerlint.layers.policies import autocast, no_macs, pass_through
from kerlint.layers.shapes import join, printed, split, unsettled
from kerlint.layers.table import Check, beyond, demand, one_of, row

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


def share(name: str) -> Check:
    """Refused if the argument is no number between 0 and 1."""
    return demand(
        name, "is a number between 0 and 1", lambda v: not isinstance(v, (int, float)) or beyond(v, 0, 1), SINCE
    )


def _even(sizes: Any) -> bool:
    pair = sizes if isinstance(sizes, tuple) else (sizes,)
    numbers = all(isinstance(s, (int, float)) for s in pair)
    return sizes is None or isinstance(sizes, str) or len(pair) > 2 or (numbers and any(s % 2 == 0 for s in pair))


def _zooms_away(zoom: Any) -> bool:
    return -1 in (zoom if isinstance(zoom, tuple) else (zoom,))


def _jitter(config: Config) -> None:
    """Each factor that is given makes the layer that it belongs to, with that layer's checks."""
    for name, low in (("brightness", -1), ("contrast", 0), ("saturation", -1), ("hue", 0)):
        factor(f"{name}_factor", low, 1, optional=True)(config)
    if config["brightness_factor"] is not None or config["saturation_factor"] is not None:
        CHECKS["ranged"](config)


def _sized(config: Config, x: Incoming) -> Shape:
    """An image or a batch of images in the size that is asked for."""
    image_like(x, "an image layer")
    channels = split(config, (1, *x[-3:]), 2, "an image layer")[2]
    return (*x[:-3], *join(config, 1, (config["height"], config["width"]), channels)[1:])


def _size(least: int) -> Check:
    """Refused where height or width is no integer of at least ``least``."""
    no_size = (float, str, tuple, type(None))
    return demand(
        "height width", f"must be an integer of at least {least}",
        lambda size: isinstance(size, no_size) or at_least(size, least) is False,
    )  # fmt: skip


CHECKS: dict[str, Check] = {
    "sized": _size(1), "cropped": _size(0), "filled": only("fill_mode", "reflect", "wrap", "constant", "nearest"),
    "zoomed": demand("height_factor width_factor", "must be greater than -1", _zooms_away, SINCE),
    "counted": demand("max_number fill_value", "must be an integer", lambda v: v is None or isinstance(v, tuple)),
    "mirrored": only("fill_mode", "constant", "nearest", "wrap", "mirror", "reflect"), "jittered": _jitter,
    "interpolated": only("interpolation", "nearest", "bilinear"), "share of scale": share("scale"),
    "share of factor": share("factor"), "ranged": demand("value_range", "is two numbers", _no_pair, SINCE),
    "odd": demand("kernel_size", "is an odd number or two of them", _even, SINCE),
}  # fmt: skip


def _check(named: str | list[Any]) -> Check:
    """One by its name; of a factor its name, its ends and how it is read."""
    if isinstance(named, str):
        return CHECKS[named]
    name, low, high, *how = named
    return factor(name, low, high, **dict.fromkeys(how, True))


BOTH = (2, 3)


def image(name: str, **columns: Any) -> None:
    """A change of images that keeps their shape; these layers drop masks and have no weights."""
    old.BEYOND[name] = ("bounding_box_format", "data_format", "factor")  # of the base class
    shared: dict[str, Any] = {"output": lambda _, x: image_like(x, name), "macs": no_macs, "generations": (3,)}
    row(name, **shared | columns)


def _three_channels(config: Config, x: Incoming) -> Shape:
    image_like(x, "RandomColorDegeneration")
    channels = x[-1] if config["data_format"] == "channels_last" else x[-3]
    if isinstance(channels, int) and channels != 3:
        raise Refused(f"RandomColorDegeneration takes images of 3 channels, not {channels}: {printed(x)}")
    return tuple(x)


def _boxes(_config: Config, x: Incoming) -> Shape:
    raise Silent("bounding boxes come in a dictionary, which is not modelled")


SINCE_2 = ("RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomContrast", "RandomBrightness")
OTHERWISE: dict[str, dict[str, Any]] = {
    "RandomColorDegeneration": {"output": _three_channels}, "RandomGrayscale": {"dtype": autocast},
    "Equalization": {"dtype": autocast, "mask": pass_through}, "MaxNumBoundingBoxes": {"output": _boxes},
    **{key: {"generations": BOTH} for key in SINCE_2},
    **{key: {"generations": BOTH, "output": _sized} for key in ("Resizing", "CenterCrop", "RandomCrop")},
}  # fmt: skip
for name, asked in json.loads(Path(__file__).with_name("images.json").read_bytes()).items():
    image(name, checks=tuple(map(_check, asked)), **OTHERWISE.get(name, {}))


def _stretched(axis: int, config: Config, x: Incoming) -> Shape:
    """One side of the image has another length at each call: None."""
    shape = list(image_like(x, "the layer"))
    shape[axis] = unsettled("stretched", axis, x, config["name"])
    return tuple(shape)


for name, axis in (("RandomHeight", -3), ("RandomWidth", -2)):
    row(name, generations=(2,), output=partial(_stretched, axis), macs=no_macs)
