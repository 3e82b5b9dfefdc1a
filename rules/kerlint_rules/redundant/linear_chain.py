"""KER110."""

from kerlint.rule import (
    Dim,
    Equivalence,
    Node,
    NoFix,
    Rewrite,
    Tensor,
    Unknown,
    Weight,
    at_least,
    immaterial,
    new,
    one,
    product,
    require,
    rule,
    say,
    trains,
)

MOVED = ("Flatten", "Reshape")  # what may stand between


def _flat(between: list[Node], x: Tensor) -> Tensor:
    """``x`` with all positions and features of an example in one row. Silent if these layers do something else."""
    for layer in between:
        if layer.kind == "Flatten":
            layer.require(data_format="channels_last")
    last = between[-1]
    require(last.output.rank == 2, f"a {last.kind} between that keeps several axes")
    if last.kind == "Flatten":
        return new.Flatten.like(last)(x)
    return new.Reshape.like(last, target_shape=(-1,))(x)


def _product(first: Node, second: Node, positions: Dim) -> dict[str, Weight]:
    """Kernel and bias of both layers as one; ``positions`` of the first one's outputs lie side by side."""
    inner, outer = first.weights, second.weights
    (width, middle), units = inner["kernel"].shape, second["units"]
    blocks = outer["kernel"].reshape(positions, middle, units).transpose(1, 0, 2)
    kernel = (inner["kernel"] @ blocks).transpose(1, 0, 2).reshape(positions * width, units)
    if "bias" not in outer:
        return {"kernel": kernel}
    moved = [inner["bias"].repeat(positions) @ outer["kernel"]] if "bias" in inner else []
    return {"kernel": kernel, "bias": sum(moved, outer["bias"])}


@rule(
    "KER110",
    "linear-chain",
    on=one("Dense"),
    equivalence=Equivalence.SAME_CLASS,
    hint="an activation may be missing",
    message="{first} has no activation: it and the {second} behind it are one linear map, which that one alone can be",
)
def linear_chain(second: Node) -> Rewrite:
    """A Dense without activation in front of a Dense is the same linear map in more parameters.

    ## Why is this bad?
    The product of two matrices is a matrix: however many linear layers follow one another, together they
    are one. The first layer looks like a hidden layer, costs parameters and time, and adds nothing. Mostly
    its activation was forgotten (`Dense` has none by default).

    ## Example
    ```python
    x = Input((30, 8))
    x = LSTM(50)(x)
    x = Dense(25)(x)
    x = Dense(1)(x)
    ```
    Use instead:
    ```python
    x = Input((30, 8))
    x = LSTM(50)(x)
    x = Dense(1)(x)
    ```

    ## When it stays silent
    A middle that is narrower than what it joins (a factorisation of low rank, a linear autoencoder, an
    adapter: deliberate), or may be; a bias on the first layer alone; Dropout, noise or a normalisation between;
    a layer that does not train; a masked input; where another layer reads what is in between.

    ## Fix safety
    The same functions can be represented: the new kernel is the product of both. Training is another one, and
    where an activation is missing, adding it is the better fix: so it is never applied unasked. No fix where
    the first layer has regularisers, constraints or a bias that starts elsewhere than at zero, or where the
    shape of the input is not known.
    """
    between: list[Node] = []
    first = second.input.node
    while first is not None and first.kind in MOVED:
        between.insert(0, first)
        first = first.input.node
    require(first is not None and first.kind == "Dense", "no Dense in front")
    assert first is not None
    first.require(activation="linear")
    say(first=first)
    require(trains(first), f"{first.kind} in front does not train")
    require(trains(second), "it does not train")
    require(second["use_bias"] or not first["use_bias"], "the bias of the first layer would have no place")
    # As wide as one of its sides, the middle has more parameters than one layer, and limits nothing.
    known = not isinstance(first.input.shape, Unknown)
    sides = [*([] if between else [second["units"]]), *([first.input.size(-1)] if known else [])]
    wide = [at_least(first["units"] - side, 0) for side in sides]
    require(True in wide or (None if None in wide or not known else False), "the middle is narrow: a factorisation")
    if not known:
        raise NoFix("the shape of the input is not known, so nothing can be proved", region=(first, second))
    x = _flat(between, first.input) if between else first.input
    positions = product(first.output.shape[1:-1]) if between else 1
    immaterial(first, "use_bias", "kernel_initializer")
    merged = new.Dense.like(second)
    return Rewrite((first, *between, second), merged(x, weights=_product(first, second, positions)))
