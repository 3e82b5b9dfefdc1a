"""KER302."""

from kerlint.rule import (
    Alternative,
    Equivalence,
    Graph,
    Node,
    Severity,
    Silent,
    Tensor,
    at_least,
    model,
    new,
    parameters,
    params,
    require,
    rule,
    say,
    show,
)

BETWEEN = ("Activation", "BatchNormalization", "Dropout", "ReLU")  # what a walk back from Dense passes
ELSEWHERE = ("no Dense", "no Flatten before")  # what is said of all the other layers


@rule(
    "KER302",
    "flatten-hot-spot",
    on=model(),
    equivalence=Equivalence.ADVICE,
    severity=Severity.INFO,
    default=False,
    bounds={"share": (0, 1), "size": (0, float("inf"))},
    message=(
        "{dense} behind Flatten holds {count} of the {total} parameters of the model; "
        "with {pooling} in place of Flatten it has {left}"
    ),
)
def flatten_hot_spot(whole: Graph, *, share: float = 0.8, size: int = 1_000_000) -> Alternative:
    """Most parameters of a large model stand between Flatten and one Dense layer.

    ## Why is this bad?
    Flatten gives a Dense layer one weight for each position, channel and unit. Such a layer easily holds
    most of a model, takes longest to load and overfits first. A global pooling in its place has one weight
    for each channel and unit; many image models do with that.

    ## Example
    ```python
    inputs = Input((64, 64, 3))
    x = Conv2D(64, 3, activation="relu")(inputs)
    x = Flatten()(x)
    x = Dense(128, activation="relu")(x)
    model = Model(inputs, Dense(10)(x))
    ```
    Use instead:
    ```python
    inputs = Input((64, 64, 3))
    x = Conv2D(64, 3, activation="relu")(inputs)
    x = GlobalAveragePooling2D()(x)
    x = Dense(128, activation="relu")(x)
    model = Model(inputs, Dense(10)(x))
    ```

    ## When it stays silent
    Unless it is selected. For a model of at most `size` parameters (1,000,000), a layer that holds at most
    `share` of them (0.8), and where either is not known; channels first.

    ## Fix safety
    There is no automatic fix: the function changes, and where something is may matter. The finding gives
    the parameters of both.
    """
    total = parameters(whole)
    require(isinstance(total, int) or None, f"a model of {show(total)} parameters")
    assert isinstance(total, int)
    require(total > size, f"a model of {total} parameters")
    reasons = []
    for dense in whole.nodes:
        try:
            return _hot(dense, total, share)
        except Silent as silent:
            reasons.append(silent.reason)
    raise Silent(next((reason for reason in reasons if reason not in ELSEWHERE), "no Dense follows a Flatten"))


def _hot(dense: Node, total: int, share: float) -> Alternative:
    """Silent unless the layer stands behind a Flatten and holds that share of the model."""
    require(dense.kind == "Dense", ELSEWHERE[0])
    between = [dense]
    flatten = dense.input.node
    while flatten is not None and flatten.kind in BETWEEN:
        between.insert(0, flatten)
        flatten = flatten.input.node
    require(flatten is not None and flatten.kind == "Flatten", ELSEWHERE[1])
    assert flatten is not None
    flatten.require(data_format="channels_last")
    rank = flatten.input.rank - 2
    require(rank in (1, 2, 3), "nothing to pool over")
    count = params(dense)
    require(at_least(count, int(share * total) + 1), f"{show(count)} of the {show(total)} parameters")
    pooling = f"GlobalAveragePooling{rank}D"
    x: Tensor = getattr(new, pooling)()(flatten.input)
    for layer in between:
        x = getattr(new, layer.kind).like(layer)(x)
    assert x.node is not None
    say(dense=dense, count=show(count), total=show(total), pooling=pooling, left=show(params(x.node)))
    return Alternative((flatten, *between), x)
