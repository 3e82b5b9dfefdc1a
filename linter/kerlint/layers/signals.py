"""Spectrograms of waves: frames on one axis, frequencies on another."""

from __future__ import annotations

import math
from typing import Any

from kerlint.graph.dim import at_least, product
from kerlint.graph.layer import Config, Incoming, Refused, Silent, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.policies import Weights, compute_dtype, no_macs
from kerlint.layers.shapes import defined, printed, rank_is, split, window
from kerlint.layers.table import among, never, positive, row

# --- MelSpectrogram ----------------------------------------------------------------------------------------


def _mel(config: Config, x: Incoming) -> Shape:
    if len(x) not in (1, 2):
        raise Refused(f"MelSpectrogram takes a wave or a batch of waves (rank 1 or 2), not {printed(x)}")
    stride = config["sequence_stride"]
    return (*x[:-1], config["num_mel_bins"], (x[-1] + stride + 1) // stride)  # as its compute_output_shape() counts


row(
    "MelSpectrogram", output=_mel, macs=no_macs, generations=(3,),
    checks=(never(
        "fft_length ({fft_length!r}) must be at least sequence_length ({sequence_length!r})",
        lambda c: c["sequence_length"] and at_least(c["fft_length"] - c["sequence_length"], 0) is False,
    ),),
)  # fmt: skip


# --- STFTSpectrogram ---------------------------------------------------------------------------------------


def _bins(config: Config) -> int:
    """Entries of one frame's transform: half of the (padded) frame, and one."""
    length, given = config["frame_length"], config["fft_length"]
    if not isinstance(length, int) or not isinstance(given, (int, type(None))):
        raise Silent("perhaps: the length of a frame is not known")
    return (given or 2 ** math.ceil(math.log2(length))) // 2 + 1


def _spectrum(config: Config, x: Incoming) -> Shape:
    rank_is(x, 3, "STFTSpectrogram")
    batch, (time,), channels = split(config, x, 1, "STFTSpectrogram")
    defined(channels, "the channel axis", x)
    step = config["frame_step"] or config["frame_length"] // 2
    frames = window(time, config["frame_length"], step, config["padding"])
    bins = _bins(config) * (2 if config["mode"] == "stft" else 1)
    if config["data_format"] == "channels_last":
        return (batch, frames, bins, channels) if config["expand_dims"] else (batch, frames, bins * channels)
    return (batch, channels, frames, bins) if config["expand_dims"] else (batch, bins * channels, frames)


def _kernels(config: Config, _x: Incoming) -> Weights:
    """A convolution that is the transform: its real and its imaginary part, as far as they are needed."""
    shape = (config["frame_length"], 1, _bins(config))
    parts = {"real": "real_kernel", "imag": "imag_kernel"}
    only = config["mode"]
    return {name: WeightSpec(shape) for part, name in parts.items() if only not in parts or part == only}


def _frames(config: Config) -> None:
    length, step, points = config["frame_length"], config["frame_step"], config["fft_length"]
    if step is not None and (at_least(step, 1) is False or at_least(length - step, 0) is False):
        raise Refused(f"frame_step must lie between 1 and frame_length ({length!r}), not {step!r}")
    if points is not None and at_least(points - length, 0) is False:
        raise Refused(f"fft_length ({points!r}) must be at least frame_length ({length!r})")


OPTIONS: dict[str, Any] = {
    "mode": ("log", "magnitude", "psd", "real", "imag", "angle", "stft"), "padding": ("valid", "same"),
    "scaling": ("density", "spectrum", None),
}  # fmt: skip

row(
    "STFTSpectrogram", output=_spectrum, weights=_kernels, dtype=compute_dtype, generations=(3,),
    # Each kernel at each frame of each channel: "stft" gives what both give, other modes one number of both.
    macs=lambda c, _x, output: product([2 - (c["mode"] in ("real", "imag", "stft")), c["frame_length"], *output[1:]]),
    checks=(positive("frame_length"), *(among(name, *allowed) for name, allowed in OPTIONS.items()), _frames),
)  # fmt: skip
