"""KER202."""

from kerlint.rule import Alternative, Equivalence, Layer, Node, Note, new, one, require, rule, same, say, taking

INSIDE = ("Activation", *taking("recurrent_initializer"))  # a layer of its own; gates come behind the activation
LAYERS = tuple(kind for kind in taking("activation") if kind not in INSIDE)


@rule(
    "KER202",
    "softmax-over-one",
    on=one(*LAYERS, "Activation", "Softmax", "TimeDistributed"),
    equivalence=Equivalence.ADVICE,
    message="{what} is a softmax over a single value: its output is 1.0 whatever the input",
)
def softmax_over_one(layer: Node) -> Alternative | Note:
    """A softmax over a single value is 1.0 whatever the input.

    ## Why is this bad?
    Softmax divides by the sum over its axis; where that axis has one entry, it divides the entry by itself.
    All predictions are equal. A training may still seem to work, because some losses look at what went into
    the softmax.

    ## Example
    ```python
    inputs = Input((20,))
    outputs = Dense(1, activation="softmax")(inputs)
    ```
    Use instead:
    ```python
    inputs = Input((20,))
    outputs = Dense(1, activation="sigmoid")(inputs)
    ```

    ## When it stays silent
    Two classes or more, or a number that is not known. Inside TimeDistributed the finding shows no other model.

    ## Fix safety
    There is no automatic fix: a sigmoid for the probability of one class, two units with softmax, or no
    activation for a regression are all possible.
    """
    inner = layer["layer"] if layer.kind == "TimeDistributed" else layer.layer
    require(isinstance(inner, Layer) and inner.kind in (*LAYERS, "Activation", "Softmax"), "no softmax inside")
    say(what=Node(inner, layer.inputs))
    if layer.kind == "TimeDistributed":
        argument, softmax = ("axis", -1) if inner.kind == "Softmax" else ("activation", "softmax")
        require(inner.config[argument] == softmax, f"{argument}={inner.config.raw(argument)!r}")
        require(same(layer.output.size(-1), 1), "the softmax is over several values")
        return Note((layer,))
    if layer.kind == "Softmax":
        axis = layer["axis"]
        require(isinstance(axis, int), f"axis={axis!r}")
    else:
        layer.require(activation="softmax")
        axis = -1
    require(same(layer.output.size(axis), 1), "the softmax is over several values")
    if layer.kind in LAYERS:
        return Alternative((layer,), getattr(new, layer.kind).like(layer, activation="sigmoid")(layer.input))
    return Alternative((layer,), new.Activation("sigmoid")(layer.input))
