"""KER304."""

from kerlint.rule import Equivalence, Node, Rewrite, Severity, Tensor, chain, new, require, rule, taking

POOLING = tuple(f"{kind}Pooling{rank}D" for kind in ("Max", "GlobalMax") for rank in (1, 2, 3))
CONVOLUTIONS = tuple(kind for kind in taking("kernel_size") if "LSTM" not in kind)


@rule(
    "KER304",
    "relu-before-max-pool",
    on=chain((*CONVOLUTIONS, "Activation", "ReLU"), POOLING),
    equivalence=Equivalence.IDENTICAL,
    severity=Severity.INFO,
    default=False,
    message="relu of {first} comes before {pool}: behind it, fewer values go through it",
)
def relu_before_max_pool(first: Node, pool: Node) -> Rewrite:
    """The largest of several values and relu can change places.

    ## Why is this bad?
    relu keeps the order of what it is given, so that it does not matter whether it comes before or after a
    maximum. After it, there are fewer values: a quarter with `MaxPooling2D(2)`. Compilers that fuse a
    convolution with its activation may prefer it as it is.

    ## Example
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3)(x)
    x = Activation("relu")(x)
    x = MaxPooling2D(2)(x)
    ```
    Use instead:
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3)(x)
    x = MaxPooling2D(2)(x)
    x = Activation("relu")(x)
    ```

    ## When it stays silent
    Unless it is selected. For other activations and poolings, a pooling that leaves as many values, a ReLU with a
    threshold, a slope or a largest value, an activity regulariser (it sees what comes out before the
    pooling), a masked input.

    ## Fix safety
    The same function and the same training, weight by weight.
    """
    sizes = [size for name in ("pool_size", "strides") if name in pool.layer.config for size in pool[name]]
    known = all(isinstance(size, int) for size in sizes)
    require(pool.input.shape != pool.output.shape and (known or None), "there are as many values behind it")
    first.require(activity_regularizer=None)
    if first.kind == "ReLU":
        first.require(threshold=0.0, negative_slope=0.0, max_value=None)
    else:
        first.require(activation="relu")
    if first.kind not in CONVOLUTIONS:
        pooled = getattr(new, pool.kind).like(pool)(first.input)
        return Rewrite((first, pool), getattr(new, first.kind).like(first)(pooled))
    linear: Tensor = getattr(new, first.kind).like(first, activation="linear")(first.input, weights=first.weights)
    return Rewrite((first, pool), new.Activation("relu")(getattr(new, pool.kind).like(pool)(linear)))
