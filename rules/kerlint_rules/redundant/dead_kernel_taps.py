"""KER108."""

from typing import Any

from kerlint.rule import (
    Equivalence,
    Node,
    Rewrite,
    fixable,
    immaterial,
    new,
    one,
    product,
    require,
    rule,
    say,
    unmasked,
)

Axis = tuple[int, int, int, int]  # length, kernel, stride, dilation


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


@rule(
    "KER108",
    "dead-kernel-taps",
    on=one("Conv1D", "Conv2D", "Conv3D"),
    equivalence=Equivalence.SAME_FUNCTION,
    hint="where the axis has length 1, the features are channels: is the axis meant to be time?",
    message="{dead} of the {taps} taps of {conv} only ever meet padding",
)
def dead_kernel_taps(conv: Node) -> Rewrite:
    """Taps of a convolution's kernel that only ever meet padding never matter.

    ## Why is this bad?
    The axis is so short that part of the kernel lies on the padding at every output position. Those taps
    are multiplied with zeros: they are stored, saved and updated, and no output ever depends on them.

    ## Example
    ```python
    x = Input((1, 1, 64))
    x = Conv2D(8, 3, padding="same")(x)
    ```
    Use instead:
    ```python
    x = Input((1, 1, 64))
    x = Conv2D(8, 1, padding="same")(x)
    ```

    ## When it stays silent
    `padding="valid"` (there is no padding), channels first, a length, kernel size, stride or dilation that
    is not known, and where no tap is left at all (the output is a constant then).

    ## Fix safety
    The same function. The fan-in shrinks with the kernel, so a fresh training starts from another scale.
    No fix with a constraint on the kernel (it gets another shape), nor where a dilated kernel cannot be cut
    so that it stays centred. A Conv1D on an axis of length 1 becomes the Dense layer that it is.
    """
    padding = conv["padding"]
    require(padding != "valid", "padding='valid'")
    conv.require(data_format="channels_last")
    steps: list[Any] = [conv["kernel_size"], conv["strides"], conv["dilation_rate"]]
    axes: list[Any] = list(zip(conv.input.shape[1:-1], *steps, strict=True))
    known = all(isinstance(number, int) for axis in axes for number in axis)
    require(known or None, "the length of an axis or a size of the kernel is not known")
    live = [live_taps(axis, padding) for axis in axes]
    require(all(live), "no tap is live: the output is constant")
    size = tuple(len(taps) for taps in live)
    require(size != conv["kernel_size"], "every tap meets the input")
    say(dead=product(conv["kernel_size"]) - product(size), taps=product(conv["kernel_size"]))
    cropped = conv.weights["kernel"][tuple(slice(taps[0], taps[-1] + 1) for taps in live)]
    if conv.kind == "Conv1D" and axes[0][0] == 1 and conv["groups"] == 1 and unmasked(conv.input):
        immaterial(conv, "strides", "dilation_rate")
        dense = new.Dense.like(conv, units=conv["filters"])
        kernel = conv.weights["kernel"][live[0][0]]
        return conv.becomes(dense(conv.input, weights=conv.weights | {"kernel": kernel}))
    centred = all(stays(axis, taps, padding) for axis, taps in zip(axes, live, strict=True))
    fixable(centred, "the taps that are left cannot be centred")
    smaller = getattr(new, conv.kind).like(conv, kernel_size=size)
    return conv.becomes(smaller(conv.input, weights=conv.weights | {"kernel": cropped}))
