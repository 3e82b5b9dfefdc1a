"""KER108."""

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
from kerlint_rules.around import channels_last
from kerlint_rules.taps import CONVOLUTIONS, axes_of, kernel_of, live_taps, stays

WHOLE = ("depthwise_constraint", "depthwise_regularizer")


@rule(
    "KER108",
    "dead-kernel-taps",
    on=one(*CONVOLUTIONS),
    equivalence=Equivalence.SAME_FUNCTION,
    hint="the axis has length 1, the features are channels: is the axis meant to be time?",
    message="{dead} of the {taps} taps of {conv} only ever meet padding",
)
def dead_kernel_taps(conv: Node) -> Rewrite:
    """Taps of a convolution's kernel that only ever meet padding never matter.

    ## Why is this bad?
    The axis is so short that part of the kernel lies on the padding at every output position. Those taps
    are multiplied with zeros: they are stored, saved and updated, and no output ever depends on them. Where a
    sequence has length 1, time and features may have changed places.

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
    `padding="valid"` (there is no padding), channels first (also where an input of 3 rows, 224 columns and 224
    channels looks like it), a length, kernel size, stride or dilation that
    is not known, and where no tap is left at all (the output is a constant then).

    ## Fix safety
    The same function. The fan-in shrinks with the kernel, so a fresh training starts from another scale.
    No fix with a constraint on the kernel (it gets another shape; for a depthwise one, nor with a regulariser),
    nor where a dilated kernel cannot be cut so that it stays centred. A Conv1D on an axis of length 1 becomes the
    Dense layer that it is.
    """
    padding, axes = conv["padding"], axes_of(conv)
    channels_last(conv)
    live = [live_taps(axis, padding) for axis in axes]
    require(all(live), "no tap is live: the output is constant")
    size = tuple(len(taps) for taps in live)
    require(size != conv["kernel_size"], "every tap meets the input")
    if axes[0][0] != 1 or len(axes) > 1:
        say(hint=None)  # the middle of a network on images is as short on purpose
    say(dead=product(conv["kernel_size"]) - product(size), taps=product(conv["kernel_size"]))
    kernel = kernel_of(conv)
    cropped = conv.weights[kernel][tuple(slice(taps[0], taps[-1] + 1) for taps in live)]
    if conv.kind == "Conv1D" and axes[0][0] == 1 and conv["groups"] == 1 and unmasked(conv.input):
        immaterial(conv, "strides", "dilation_rate")
        dense = new.Dense.like(conv, units=conv["filters"])
        return conv.becomes(dense(conv.input, weights=conv.weights | {kernel: conv.weights[kernel][live[0][0]]}))
    centred = all(stays(axis, taps, padding) for axis, taps in zip(axes, live, strict=True))
    fixable(centred, "the taps that are left cannot be centred")
    for argument in WHOLE:
        given = conv.layer.config.raw(argument) if argument in conv.layer.config else None
        fixable(given is None, f"{argument} acts on the weight as a whole, which gets another shape")
    smaller = getattr(new, conv.kind).like(conv, kernel_size=size)
    return conv.becomes(smaller(conv.input, weights=conv.weights | {kernel: cropped}))
