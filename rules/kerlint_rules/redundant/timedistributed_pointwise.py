"""KER102."""

from kerlint.rule import Equivalence, Node, Rewrite, new, one, require, rule, say

# What already works on the last axis of each position alone, and the arguments that make it so.
POINTWISE: dict[str, dict[str, object]] = {
    "Dense": {"activity_regularizer": None},
    "Activation": {"activity_regularizer": None},
    "ReLU": {"activity_regularizer": None},
    "LeakyReLU": {"activity_regularizer": None},
    "ELU": {"activity_regularizer": None},
    "Softmax": {"activity_regularizer": None, "axis": -1},
    "LayerNormalization": {"activity_regularizer": None, "axis": -1},
    "UnitNormalization": {"activity_regularizer": None, "axis": -1},
}


@rule(
    "KER102",
    "timedistributed-pointwise",
    on=one("TimeDistributed"),
    equivalence=Equivalence.IDENTICAL,
    message="{inner} works on each position alone: TimeDistributed around it changes nothing",
)
def timedistributed_pointwise(timed: Node) -> Rewrite:
    """TimeDistributed around a layer that works on the last axis anyway changes nothing.

    ## Why is this bad?
    `Dense`, the activations and a normalisation of the last axis treat every position alike and alone.
    The wrapper adds a loop over the steps and a level of nesting to the names of the weights.

    ## Example
    ```python
    x = Input((20, 4))
    x = TimeDistributed(Dense(8, activation="relu"))(x)
    ```
    Use instead:
    ```python
    x = Input((20, 4))
    x = Dense(8, activation="relu")(x)
    ```

    ## When it stays silent
    Around layers that look at other axes (convolutions, pooling, Flatten), around BatchNormalization (its
    statistics are taken step by step), Dropout (another draw of masks), activity regularisers (the wrapper
    never adds them, or adds them up differently), activations that are no names known to Keras.

    ## Fix safety
    Same parameters, same function, same training, masks included. In a checkpoint the weights lose the
    wrapper's name.
    """
    inner = timed["layer"]
    require(inner.kind in POINTWISE, f"{inner.kind} inside")
    step = Node(inner, timed.inputs)
    say(inner=step)
    step.require(**POINTWISE[inner.kind])
    if "activation" in inner.config:
        require(isinstance(step["activation"], str), "the activation is not one of Keras's")
    name = timed.layer.name if timed.layer.named else inner.name if inner.named else None
    plain = getattr(new, inner.kind).like(step, name=name)
    weights = {full.partition(".")[2]: weight for full, weight in timed.weights.items()}
    return timed.becomes(plain(timed.input, weights=weights))
