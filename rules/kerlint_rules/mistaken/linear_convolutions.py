"""KER212."""

from kerlint.rule import (
    Alternative,
    Dim,
    Equivalence,
    Node,
    Note,
    Severity,
    at_least,
    chain,
    new,
    product,
    require,
    rule,
    say,
    show,
)

CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D")


@rule(
    "KER212",
    "linear-convolutions",
    on=chain(CONVOLUTIONS, CONVOLUTIONS),
    equivalence=Equivalence.ADVICE,
    severity=Severity.INFO,
    hint="an activation may be missing",
    message="{first} goes into {second} without an activation: both are one linear map, of kernel {kernel}",
)
def linear_convolutions(first: Node, second: Node) -> Alternative | Note:
    """A convolution directly into another one: two linear maps are one.

    ## Why is this bad?
    Without an activation or a normalisation between, the two compute what one convolution with a larger
    kernel computes: for `padding="valid"` exactly, for "same" everywhere but at the border. Depth without
    anything non-linear adds no functions; mostly `activation="relu"` was forgotten.

    ## Example
    ```python
    inputs = Input((28, 28, 1))
    x = Conv2D(32, 3)(inputs)
    x = Conv2D(64, 3, activation="relu")(x)
    ```
    Use instead:
    ```python
    inputs = Input((28, 28, 1))
    x = Conv2D(32, 3, activation="relu")(inputs)
    x = Conv2D(64, 3, activation="relu")(x)
    ```

    ## When it stays silent
    With an activation on the first; where the tensor between is used elsewhere, too; for a kernel of one
    position, groups, dilation and strides on the first (together they are no such kernel), and for a
    bottleneck: fewer channels between than on both sides.

    ## Fix safety
    There is no automatic fix: an activation between makes another function, one convolution as well. The
    finding gives the parameters of that one, unless no such layer can be written ("causal" beside another padding).
    """
    first.require(activation="linear")
    ones = (1,) * len(first["kernel_size"])
    for conv in (first, second):
        require(at_least(product(conv["kernel_size"]), 2), "a kernel of one position")
        conv.require(dilation_rate=ones, groups=1)
    first.require(strides=ones, data_format=second["data_format"])
    before, between, after = (*first.weights["kernel"].shape[-2:], second["filters"])
    require(_at_least(between, before) or _at_least(between, after), "fewer channels between than on both sides")
    kernel = tuple(a + b - 1 for a, b in zip(first["kernel_size"], second["kernel_size"], strict=True))
    say(kernel=" x ".join(map(show, kernel)))
    x, padding = first.input, second["padding"]
    if first["padding"] != padding:
        padded = first if first["padding"] == "same" else second
        known = {first["padding"], padding} == {"same", "valid"} and second["data_format"] != "channels_first"
        if not known or (padded is second and second["strides"] != ones):
            return Note((first, second))
        edges = tuple(((size - 1) // 2, size // 2) for size in padded["kernel_size"])
        x = getattr(new, f"ZeroPadding{len(ones)}D")(edges if len(ones) > 1 else edges[0])(x)
        padding = "valid"
    one = getattr(new, second.kind).like(second, kernel_size=kernel, padding=padding)
    return Alternative((first, second), one(x))


def _at_least(one: Dim, other: Dim) -> bool | None:
    return at_least(one - other, 0)
