"""KER301."""

from kerlint.rule import (
    Alternative,
    Equivalence,
    Node,
    Severity,
    Tensor,
    at_least,
    chain,
    new,
    product,
    require,
    rule,
    say,
)

BETWEEN = ("Dropout", "BatchNormalization")  # what a walk back from Flatten passes


@rule(
    "KER301",
    "dense-before-flatten",
    on=chain("Flatten", "Dense"),
    equivalence=Equivalence.ADVICE,
    severity=Severity.INFO,
    message="{dense} maps each of {positions} positions alone, and only {last} sees all of them",
)
def dense_before_flatten(flatten: Node, last: Node) -> Alternative:
    """Dense on every position, then Flatten, then Dense: two models of very different size look alike.

    ## Why is this bad?
    `Dense` on a sequence or a map works on its last axis: the same weights for every position. Whoever
    expected one layer that sees everything has to flatten first. Neither is wrong, but one of them may have
    a hundred times the parameters of the other, and the code does not say which one was meant.

    ## Example
    ```python
    model = Sequential([
        Input((1000, 1)),
        Dense(128, activation="relu"),
        Flatten(),
        Dense(100),
    ])
    ```
    Use instead:
    ```python
    model = Sequential([
        Input((1000, 1)),
        Flatten(),
        Dense(128, activation="relu"),
        Dense(100),
    ])
    ```

    ## When it stays silent
    Without an activation between the two (then both are one linear map), on a single position, channels
    first, and where another layer than Dropout or BatchNormalization stands between.

    ## Fix safety
    There is no automatic fix: the two are different functions. The finding gives the parameters of both.
    """
    flatten.require(data_format="channels_last")
    between: list[Node] = []
    dense = flatten.input.node
    while dense is not None and dense.kind in BETWEEN:
        between.insert(0, dense)
        dense = dense.input.node
    require(dense is not None and dense.kind in ("Dense", "Conv1D"), "no Dense in front of Flatten")
    assert dense is not None
    if dense.kind == "Conv1D":
        dense.require(kernel_size=(1,), strides=(1,), groups=1, data_format="channels_last")
    require(dense["activation"] != "linear", "no activation between: both are one linear map")
    positions = product(dense.output.shape[1:-1])
    require(at_least(positions, 2), "a single position")
    say(dense=dense, positions=positions)
    units = dense["units"] if dense.kind == "Dense" else dense["filters"]
    x: Tensor = new.Dense.like(dense, units=units)(new.Flatten()(dense.input))
    for layer in (*between, last):
        x = getattr(new, layer.kind).like(layer)(x)
    return Alternative((dense, *between, flatten, last), x)
