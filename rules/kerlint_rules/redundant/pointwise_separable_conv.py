"""KER118."""

from kerlint.rule import Equivalence, Node, Rewrite, Severity, immaterial, new, one, require, rule, unmasked

PARTS = ("depthwise", "pointwise")
FREE = {f"{part}_{kind}": None for part in PARTS for kind in ("regularizer", "constraint")}


@rule(
    "KER118",
    "pointwise-separable-conv",
    on=one("SeparableConv1D", "SeparableConv2D"),
    equivalence=Equivalence.SAME_CLASS,
    severity=Severity.INFO,
    message="{conv} scales each channel and then mixes them: one matrix does both",
)
def pointwise_separable_conv(conv: Node) -> Rewrite:
    """A separable convolution whose kernel covers a single position is one matrix.

    ## Why is this bad?
    The depthwise half has one number for each channel, and multiplies it in front of a matrix whose rows
    can be that much larger themselves. It is a step of work, and parameters, without effect on what can be
    represented.

    ## Example
    ```python
    x = Input((32, 32, 16))
    x = SeparableConv2D(64, 1, activation="relu")(x)
    ```
    Use instead:
    ```python
    x = Input((32, 32, 16))
    x = Conv2D(64, 1, activation="relu")(x)
    ```

    ## When it stays silent
    Strides above one (positions are dropped), a depth multiplier, regularisers or constraints of the halves
    (they act on each alone), channels first, a masked input, or any of these not known.

    ## Fix safety
    The same functions; a checkpoint's rows are scaled: `depthwise_kernel * pointwise_kernel`. Training
    starts from another scale and goes another way. In one dimension the replacement is `Dense`.
    """
    rank = len(conv["kernel_size"])
    ones = (1,) * rank
    conv.require(kernel_size=ones, strides=ones, depth_multiplier=1, data_format="channels_last", **FREE)
    require(unmasked(conv.input), "the input is masked")
    immaterial(conv, "padding", "dilation_rate", *(f"{part}_initializer" for part in PARTS))
    scale, mix = conv.weights["depthwise_kernel"], conv.weights["pointwise_kernel"]
    bias = {name: weight for name, weight in conv.weights.items() if name == "bias"}
    if rank == 1:
        dense = new.Dense.like(conv, units=conv["filters"])
        return conv.becomes(dense(conv.input, weights={"kernel": scale[0] * mix[0]} | bias))
    plain = new.Conv2D.like(conv, filters=conv["filters"], kernel_size=ones)
    return conv.becomes(plain(conv.input, weights={"kernel": scale * mix} | bias))
