"""KER203."""

from kerlint.rule import Alternative, Dim, Equivalence, Node, chain, require, rule, same, say, taking
from kerlint_rules.outputs import activation_of

SECOND = ("Activation", "Softmax", "elementwise")  # what is a softmax and nothing else
FIRST = tuple(kind for kind in taking("activation") if kind not in taking("recurrent_activation"))


@rule(
    "KER203",
    "repeated-softmax",
    on=chain((*FIRST, "Softmax", "elementwise"), SECOND),
    equivalence=Equivalence.ADVICE,
    message="a softmax of the softmax of {first}: no probability can exceed {most}",
)
def repeated_softmax(first: Node, second: Node) -> Alternative:
    """A softmax of a softmax squeezes probabilities together.

    ## Why is this bad?
    What the second softmax is given lies between 0 and 1, so the largest of C probabilities is at most
    `e / (e + C - 1)`: 0.232 for 10 classes. The model can never be sure, and its loss never gets small.
    Often one is an argument of the layer and the other a layer of its own.

    ## Example
    ```python
    inputs = Input((20,))
    x = Dense(10, activation="softmax")(inputs)
    outputs = Activation("softmax")(x)
    ```
    Use instead:
    ```python
    inputs = Input((20,))
    outputs = Dense(10, activation="softmax")(inputs)
    ```

    ## When it stays silent
    Over a single value (that is softmax-over-one), over several axes at once, and where other layers stand
    between.

    ## Fix safety
    There is no automatic fix: the function changes.
    """
    _axis(first)
    size = second.output.size(_axis(second))
    require(same(size, 1) is not True, "the softmax is over a single value")
    say(most=_most(size))
    return Alternative((second,), second.input)


def _axis(layer: Node) -> int:
    """The axis of the softmax, counted from the end. Silent where the layer is none."""
    if layer.kind == "Softmax":
        axis = layer["axis"]
        require(isinstance(axis, int), f"axis={axis!r}")
        return int(axis) - layer.output.rank if axis >= 0 else int(axis)
    does = activation_of(layer)
    require(does == "softmax", f"activation={does!r}")
    return -1


def _most(classes: Dim) -> str:
    """The largest entry of a softmax of numbers between 0 and 1."""
    if not isinstance(classes, int):
        return "e/(e+C-1) for C classes"
    e = 2.718281828459045
    return f"{e / (e + classes - 1):.3f}"
