"""Taps of a kernel: which of them meet the input, and which only ever padding."""

from typing import Any

from kerlint.rule import Node, require

CONVOLUTIONS = (
    *(f"Conv{rank}D" for rank in (1, 2, 3)),
    *(f"{kind}Conv{rank}D" for kind in ("Depthwise", "Separable") for rank in (1, 2)),
)
Axis = tuple[int, int, int, int]  # length, kernel, stride, dilation


def axes_of(conv: Node) -> list[Axis]:
    """The axes of a convolution that pads. Silent for one that does not, channels first, and unknown sizes."""
    require(conv["padding"] != "valid", "padding='valid'")
    conv.require(data_format="channels_last")
    steps: list[Any] = [conv["kernel_size"], conv["strides"], conv["dilation_rate"]]
    axes: list[Any] = list(zip(conv.input.shape[1:-1], *steps, strict=True))
    known = all(isinstance(number, int) for axis in axes for number in axis)
    require(known or None, "the length of an axis or a size of the kernel is not known")
    return axes


def kernel_of(conv: Node) -> str:
    """The name of the weight whose first axes are the taps."""
    return "depthwise_kernel" if conv.kind.startswith("Separable") else "kernel"


def offset(axis: Axis, padding: str) -> int:
    """How many positions of padding stand in front of the axis, as Keras places them."""
    length, kernel, stride, dilation = axis
    if padding == "causal":
        return (kernel - 1) * dilation
    out = -(-length // stride)
    return max((out - 1) * stride + (kernel - 1) * dilation + 1 - length, 0) // 2


def live_taps(axis: Axis, padding: str) -> range:
    """The taps that meet the axis at some output position; they are always contiguous."""
    length, kernel, stride, dilation = axis
    out, left = -(-length // stride), offset(axis, padding)
    live = []
    for tap in range(kernel):
        first = max(-((tap * dilation - left) // stride), 0)  # the first output at which it is not in front
        if first < out and first * stride + tap * dilation - left < length:
            live.append(tap)
    return range(live[0], live[-1] + 1) if live else range(0)


def stays(axis: Axis, taps: range, padding: str) -> bool:
    """Whether the padding puts the cropped kernel where those taps were."""
    length, _, stride, dilation = axis
    cropped = (length, len(taps), stride, dilation)
    return offset(cropped, padding) == offset(axis, padding) - taps[0] * dilation
