"""KER205."""

from kerlint.rule import Fact, Note, fact, rule, say


@rule(
    "KER205",
    "layer-not-in-model",
    on=fact("in-no-model"),
    message="{layer} {verdict}",
)
def layer_not_in_model(unused: Fact) -> Note:
    """A layer is made or applied, or an input is made, but no output of any model depends on it.

    ## Why is this bad?
    Mostly a slip of the pen: the next line takes the wrong tensor, and a layer that was meant to be there is
    not. The model builds and trains, smaller than its author believes.

    ## Example
    ```python
    inputs = Input((20,))
    x = Dense(64, activation="relu")(inputs)
    x = Dense(32, activation="relu")(inputs)
    model = Model(inputs, Dense(1)(x))
    ```
    Use instead:
    ```python
    inputs = Input((20,))
    x = Dense(64, activation="relu")(inputs)
    x = Dense(32, activation="relu")(x)
    model = Model(inputs, Dense(1)(x))
    ```

    ## When it stays silent
    Where the tensor is returned, stored or handed to code that is not known, where something of the program
    was not understood, and for a chain of layers beside no model: only what hangs off a model of the same
    function (or cell of a notebook) was meant to be in it; where a branch that is not taken would have read
    its name (`if weights: Model(inputs, x).load_weights(weights)`). A layer that is never applied, and an
    input, are spoken of where nothing reads their name, but to construct the model that ignores the input: a
    name that other files can import, or a class's, may be read elsewhere.

    ## Fix safety
    There is no automatic fix: whether the layer or the line after it is wrong is the author's to say.
    """
    kind = unused.data["layer"].kind
    say(layer=unused.nodes[0] if unused.nodes else "this input" if kind == "InputLayer" else f"this {kind}")
    ignored = kind == "InputLayer" and not unused.nodes
    say(verdict="leads to no output of a model" if ignored else "is part of no model: no output depends on it")
    return Note(unused.nodes)
