"""KER113."""

from kerlint.rule import Equivalence, Node, NoFix, Rewrite, Tensor, Unknown, new, one, require, rule, say
from kerlint_rules.outputs import function_of

BOUNDED = ("relu6", "sigmoid", "hard_sigmoid", "softmax", "sparse_sigmoid", "sparsemax")  # between 0 and 6
POSITIVE = ("relu", "softplus", "squareplus", "sparse_plus", "exponential")
# What each of these leaves as it is.
LEAVES = {"relu": {*POSITIVE, *BOUNDED}, "relu6": set(BOUNDED)}

RANKS = (1, 2, 3)
# The activation is the last thing that these do.
ACTIVATED = {
    *("Activation", "elementwise", "Dense", "EinsumDense", "SeparableConv1D", "SeparableConv2D"),
    *(f"Conv{rank}D{kind}" for rank in RANKS for kind in ("", "Transpose")),
    *(f"DepthwiseConv{rank}D" for rank in (1, 2)),
}
# What comes out of these are values that went in.
SELECT = {
    *("Flatten", "Reshape", "Permute", "RepeatVector"),
    *(f"{kind}{rank}D" for rank in RANKS for kind in ("MaxPooling", "GlobalMaxPooling", "Cropping")),
}


def _function(layer: Node) -> str:
    """The function that the layer ends in, by its name. Silent if it has none, or one of the program's own."""
    if layer.kind == "ReLU":
        layer.require(negative_slope=0, threshold=0)
        top = layer["max_value"]
        require(top in (None, 6), f"max_value={top!r}")
        return "relu" if top is None else "relu6"
    if layer.kind == "Softmax":
        return "softmax"
    require(layer.kind in ACTIVATED, f"{layer.kind} in front")
    if layer.kind == "elementwise":
        return function_of(layer)
    return str(layer["activation"])


@rule(
    "KER113",
    "repeated-activation",
    on=one("Activation", "ReLU", "elementwise"),
    equivalence=Equivalence.IDENTICAL,
    message="{second} changes nothing: {first} in front ends in {given}",
)
def repeated_activation(second: Node) -> Rewrite:
    """An activation that changes nothing, because the one before it has done all it does.

    ## Why is this bad?
    A `relu` of values that are never negative, a layer or a function, is without effect. Mostly the activation
    was written twice, as an argument and as a layer, or another one was meant.

    ## Example
    ```python
    x = Input((20,))
    x = Dense(64, activation="relu")(x)
    x = Activation("relu")(x)
    ```
    Use instead:
    ```python
    x = Input((20,))
    x = Dense(64, activation="relu")(x)
    ```

    ## When it stays silent
    Behind activations that give negative values (`linear`, `tanh`, `elu`, ...), behind layers that compute
    (only such as pick values out, like MaxPooling and Flatten, may stand between); a `ReLU` with a slope or
    a threshold; a function that is given more than the tensor; a layer that changes the dtype or has an activity
    regulariser; a masked input; where another layer reads what is in between. Where the shape of the input is not
    known there is no fix.

    ## Fix safety
    The same values, the same gradients, the same weights. A checkpoint that numbers its layers has one less.
    """
    function = _function(second)
    require(function in LEAVES, f"activation={function!r}")
    between: list[Node] = []
    first = second.input.node
    while first is not None and first.kind in SELECT:
        between.insert(0, first)
        first = first.input.node
    require(first is not None, "nothing in front")
    assert first is not None
    given = _function(first)
    require(given in LEAVES[function], f"{given} in front")
    say(first=first, given=given)
    require(second.input.dtype == second.output.dtype, "it changes the dtype")
    regularized = second.kind != "elementwise" and second["activity_regularizer"] is not None
    require(not regularized, "it has an activity regulariser")
    if isinstance(second.input.shape, Unknown):
        raise NoFix("the shape of the input is not known, so nothing can be proved", region=(second,))
    x: Tensor = getattr(new, first.kind).like(first)(first.input, weights=first.weights)
    for layer in between:
        x = getattr(new, layer.kind).like(layer)(x)
    return Rewrite((first, *between, second), x)
