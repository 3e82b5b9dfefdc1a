"""KER120."""

from kerlint.rule import Alternative, Equivalence, Node, Severity, chain, require, rule

NORMS = ("BatchNormalization", "LayerNormalization")


def _axes(norm: Node) -> list[int]:
    """The axes that the layer normalises, from 0."""
    axis = norm["axis"]
    rank = norm.input.rank
    return sorted(a % rank for a in (axis if isinstance(axis, tuple) else (axis,)))


@rule(
    "KER120",
    "repeated-normalization",
    on=chain(NORMS, NORMS),
    equivalence=Equivalence.ADVICE,
    severity=Severity.INFO,
    message="{second} normalises what {first} has just normalised",
)
def repeated_normalization(first: Node, second: Node) -> Alternative:
    """Two normalisations of the same axis in a row: the second one finds its work done.

    ## Why is this bad?
    Behind a batch normalisation, each channel has the mean and the scale that its `beta` and `gamma` say. The
    next one takes both away again and has a `beta` and a `gamma` of its own. Mostly one of them was left
    behind, or a layer between them was taken out.

    ## Example
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3, use_bias=False)(x)
    x = BatchNormalization()(x)
    x = BatchNormalization()(x)
    ```
    Use instead:
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3, use_bias=False)(x)
    x = BatchNormalization()(x)
    ```

    ## When it stays silent
    Another layer between; a batch beside a layer normalisation; other axes; a layer that is called with
    `training=`, which may normalise by what it has stored.

    ## Fix safety
    There is no automatic fix: the two are equal only up to `epsilon`, and a layer normalisation with
    `gamma` weighs the features for the one behind it.
    """
    require(first.kind == second.kind, f"{second.kind} behind {first.kind}")
    require(_axes(first) == _axes(second), f"axis={first['axis']} and axis={second['axis']}")
    require(not first.options and not second.options, "one of them is called with more than its input")
    return Alternative((first, second), first.output)
