"""KER212."""

from kerlint.rule import (
    Alternative,
    Dim,
    Equivalence,
    Node,
    Note,
    Severity,
    Tensor,
    at_least,
    chain,
    learnt,
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
    message="{first} goes into {second} without an activation: both are one linear map, of kernel {kernel}{but}",
)
def linear_convolutions(first: Node, second: Node) -> Alternative | Note:
    """A convolution directly into another one: two linear maps are one.

    ## Why is this bad?
    Without an activation or a normalisation between, the two compute what one convolution with a larger
    kernel computes: for `padding="valid"` exactly, for "same" away from the border. (Two even kernels both look
    one position further to one side than to the other; one kernel that does needs `ZeroPadding` in front and "valid".)
    Depth without anything non-linear adds no functions; mostly `activation="relu"` was forgotten.

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
    factorisation: fewer channels between than on both sides, a row and then a column (1 x 5, 5 x 1). Where
    a script only looks at the weights, or sets them, of a model that it neither compiles nor trains.

    ## Fix safety
    There is no automatic fix: an activation between makes another function, one convolution as well. The
    finding gives the parameters of that one, unless no such layer can be written ("causal" beside another padding).
    """
    first.require(activation="linear")
    require(learnt(first) and learnt(second), "the program looks at the weights, or sets them, and trains nothing")
    ones = (1,) * len(first["kernel_size"])
    for conv in (first, second):
        require(at_least(product(conv["kernel_size"]), 2), "a kernel of one position")
        conv.require(dilation_rate=ones, groups=1)
    first.require(strides=ones, data_format=second["data_format"])
    before, between, after = (*first.weights["kernel"].shape[-2:], second["filters"])
    require(_at_least(between, before) or _at_least(between, after), "fewer channels between than on both sides")
    pairs = zip(first["kernel_size"], second["kernel_size"], strict=True)
    require(not all(1 in pair for pair in pairs), "one along each axis: a factorisation")
    kernel = tuple(a + b - 1 for a, b in zip(first["kernel_size"], second["kernel_size"], strict=True))
    but = "" if second["padding"] == "valid" else ", but for the border"
    x, padding = _entering(first, second)
    kernel = (
        _meeting(kernel, first.input) if padding == "same" and second["data_format"] != "channels_first" else kernel
    )
    say(kernel=" x ".join(map(show, kernel)), but=but)
    if padding is None:
        return Note((first, second))
    one = getattr(new, second.kind).like(second, kernel_size=kernel, padding=padding)
    return Alternative((first, second), one(x))


def _entering(first: Node, second: Node) -> tuple[Tensor, str | None]:
    """What the one convolution takes, and its padding: of its own kind where that lies as theirs do, else by hand.

    The padding is None where no such layer can be written.
    """
    padded = [conv for conv in (first, second) if conv["padding"] == "same"]
    even = any(a % 2 == b % 2 == 0 for a, b in zip(first["kernel_size"], second["kernel_size"], strict=True))
    if first["padding"] == second["padding"] and not (padded and even):
        return first.input, second["padding"]
    known = {first["padding"], second["padding"]} <= {"same", "valid"} and second["data_format"] != "channels_first"
    rank = len(first["kernel_size"])
    if not known or (second in padded and second["strides"] != (1,) * rank):
        return first.input, None
    sizes = list(zip(*(conv["kernel_size"] for conv in padded), strict=True))
    edges = tuple((sum((size - 1) // 2 for size in axis), sum(size // 2 for size in axis)) for axis in sizes)
    return getattr(new, f"ZeroPadding{rank}D")(edges if rank > 1 else edges[0])(first.input), "valid"


def _meeting(kernel: tuple[Dim, ...], x: Tensor) -> tuple[Dim, ...]:
    """The kernel without the taps that only ever meet padding: of a map of `n` positions, `2 * n - 1` meet data."""
    sizes = (x.size(axis) for axis in range(1, len(kernel) + 1))
    return tuple(
        2 * size - 1 if at_least(k - 2 * size, 0) is True else k for k, size in zip(kernel, sizes, strict=True)
    )


def _at_least(one: Dim, other: Dim) -> bool | None:
    return at_least(one - other, 0)
