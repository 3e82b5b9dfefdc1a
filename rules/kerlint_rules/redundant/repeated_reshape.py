"""KER115."""

from kerlint.rule import Equivalence, Node, Rewrite, chain, new, require, rule, say, unmasked
from kerlint_rules.around import alike

REORDER = ("Flatten", "Reshape", "Permute")


def _idle(layer: Node) -> bool:
    """Whether the layer does nothing by itself: that is another finding."""
    if layer.kind == "Permute":
        return list(layer["dims"]) == sorted(layer["dims"])
    return alike(layer.input, layer.output)


@rule(
    "KER115",
    "repeated-reshape",
    on=chain(REORDER, REORDER),
    equivalence=Equivalence.IDENTICAL,
    message="{first} and {second} together are {whole}",
)
def repeated_reshape(first: Node, second: Node) -> Rewrite:
    """Two changes of shape in a row that one of them says.

    ## Why is this bad?
    A `Reshape` or `Flatten` keeps the entries in their order, whatever their shape, so of two in a row only
    the last one counts; two permutations are one, or none. What is in between is a shape that no layer sees.

    ## Example
    ```python
    x = Input((8, 8, 4))
    x = Reshape((64, 4))(x)
    x = Flatten()(x)
    ```
    Use instead:
    ```python
    x = Input((8, 8, 4))
    x = Flatten()(x)
    ```

    ## When it stays silent
    A permutation beside a change of shape; `Flatten` with channels first, which permutes; a step that does
    nothing by itself (identity-layer); a masked input; sizes that are not known.

    ## Fix safety
    The same entries in the same order. A checkpoint that numbers its layers has one less.
    """
    require(not _idle(first), f"{first.kind} does nothing by itself")
    require(not _idle(second), f"{second.kind} does nothing by itself")
    require((first.kind == "Permute") == (second.kind == "Permute"), "a permutation beside a change of shape")
    require(unmasked(first.input), "the input is masked")
    for step in (first, second):
        if step.kind == "Flatten":
            step.require(data_format="channels_last")
    if second.kind == "Permute":
        dims = tuple(first["dims"][axis - 1] for axis in second["dims"])
        nothing = dims == tuple(sorted(dims))
        whole = new.Permute.like(second, dims=dims)(first.input)
    else:
        nothing = alike(first.input, second.output)
        whole = getattr(new, second.kind).like(second)(first.input)
        require(alike(whole, second.output) or None, "the shapes are not known")
    say(whole="nothing" if nothing else whole.node)
    return Rewrite((first, second), first.input if nothing else whole)
