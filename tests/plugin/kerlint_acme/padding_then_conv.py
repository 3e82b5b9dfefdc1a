"""ACME101."""

from kerlint.rule import Equivalence, Node, Rewrite, chain, new, require, rule


@rule(
    "ACME101",
    "padding-then-conv",
    on=chain("ZeroPadding2D", "Conv2D"),
    equivalence=Equivalence.IDENTICAL,
    message="the zeros around {conv} are what padding='same' puts there",
)
def padding_then_conv(pad: Node, conv: Node, *, largest: int = 7) -> Rewrite:
    """ZeroPadding2D in front of a convolution that pads just as well by itself.

    ## Why is this bad?
    A reader has to compare the padding with the kernel to see that the size is kept. `padding="same"` says so.

    ## Example
    ```python
    x = ZeroPadding2D((1, 1))(x)
    x = Conv2D(32, (3, 3))(x)
    ```
    Use instead:
    ```python
    x = Conv2D(32, (3, 3), padding="same")(x)
    ```

    ## When it stays silent
    Strides above one (there `same` pads less on one side), even kernels, kernels larger than the option
    `largest`, padding that is not half of the kernel.

    ## Fix safety
    The same kernel over the same numbers: the same model.
    """
    conv.require(padding="valid", strides=(1, 1), dilation_rate=(1, 1), data_format=pad["data_format"])
    size = conv["kernel_size"]
    require(all(k % 2 == 1 for k in size), "an even kernel has no middle")
    require(1 < max(size) <= largest, f"the kernel is 1, or larger than {largest}")
    require(pad["padding"] == tuple((k // 2, k // 2) for k in size), "the padding is not half of the kernel")
    same = new.Conv2D.like(conv, padding="same")
    return Rewrite((pad, conv), same(pad.input, weights=conv.weights))
