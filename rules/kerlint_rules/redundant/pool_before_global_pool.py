"""KER114."""

from kerlint.rule import Equivalence, Node, Rewrite, at_least, chain, new, require, rule, same

RANKS = (1, 2, 3)
POOLING = tuple(f"{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in RANKS)


@rule(
    "KER114",
    "pool-before-global-pool",
    on=chain(POOLING, tuple(f"Global{kind}" for kind in POOLING)),
    equivalence=Equivalence.IDENTICAL,
    message="{pool} changes nothing: {everything} behind it looks at everything",
)
def pool_before_global_pool(pool: Node, everything: Node) -> Rewrite:
    """Pooling in front of global pooling of the same kind changes nothing.

    ## Why is this bad?
    The maximum of the maxima of all windows is the maximum; the mean of the means of windows of one size
    is the mean. The first pooling is work without effect, and a reader asks what it is for.

    ## Example
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3, padding="same")(x)
    x = MaxPooling2D()(x)
    x = GlobalMaxPooling2D()(x)
    ```
    Use instead:
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3, padding="same")(x)
    x = GlobalMaxPooling2D()(x)
    ```

    ## When it stays silent
    A maximum of means or a mean of maxima; windows that leave out part of the input, which may hold the
    maximum; means of windows that overlap, are padded or leave out a rest (they weigh the positions
    differently); two data formats; a masked input; sizes that are not known.

    ## Fix safety
    The same values, and nothing is trained in either layer. A checkpoint that numbers its layers has one
    less.
    """
    require(everything.kind == f"Global{pool.kind}", f"{everything.kind} behind {pool.kind}")
    require(not everything.options, f"{everything.kind} is called with more than its input")
    everything.require(data_format=pool["data_format"])
    last = pool["data_format"] == "channels_last"
    axes = pool.input.shape[1:-1] if last else pool.input.shape[2:]
    for size, window, stride in zip(axes, pool["pool_size"], pool["strides"], strict=True):
        if pool.kind.startswith("Max"):
            require(at_least(window, stride), f"windows of {window} every {stride} leave out positions")
            covered = pool["padding"] == "same" or same((size - window) % stride, 0)
            require(covered, f"windows of {window} every {stride} may leave out the end of {size}")
        else:
            require(same(window, stride), f"windows of {window} every {stride}")
            require(same(size % window, 0), f"windows of {window} do not divide {size}")
            pool.require(padding="valid")
    return Rewrite((pool, everything), getattr(new, everything.kind).like(everything)(pool.input))
