"""KER119."""

from kerlint.rule import Equivalence, Node, Rewrite, chain, immaterial, new, require, rule, same, say

RANKS = (1, 2, 3)
POOLING = tuple(f"{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in RANKS)


@rule(
    "KER119",
    "full-window-pool",
    on=chain(POOLING, "Flatten"),
    equivalence=Equivalence.IDENTICAL,
    message="the window of {pool} is all of its input: with the Flatten behind it, that is {whole}, fit for any size",
)
def full_window_pool(pool: Node, flat: Node) -> Rewrite:
    """Pooling over a window as large as the input, then Flatten, is global pooling.

    ## Why is this bad?
    The size of the window is the size that all layers before happen to leave: a larger image or one layer
    more, and the model is another one or cannot be built. Global pooling says what is meant.

    ## Example
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3, strides=4, padding="same")(x)
    x = AveragePooling2D(pool_size=8)(x)
    x = Flatten()(x)
    ```
    Use instead:
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3, strides=4, padding="same")(x)
    x = GlobalAveragePooling2D()(x)
    ```

    ## When it stays silent
    A window that does not cover all of the input, here or for others that reach the line, or is placed more than
    once; sizes that are not known; channels
    first; a masked input.

    ## Fix safety
    The same values; nothing is trained in either layer. For an input of another size the two differ: the
    pooling then gives several positions, or none.
    """
    pool.require(data_format="channels_last")
    flat.require(data_format="channels_last")
    before, after = (t.shape[1:-1] for t in (pool.input, pool.output))
    for size, window, left in zip(before, pool["pool_size"], after, strict=True):
        require(same(window, size), f"a window of {window} on {size}")
        require(same(left, 1), "the window is placed more than once")
    immaterial(pool, "padding", "strides")
    whole = getattr(new, f"Global{pool.kind}").like(pool)
    pooled = whole(pool.input)
    say(whole=pooled.node)
    return Rewrite((pool, flat), pooled)
