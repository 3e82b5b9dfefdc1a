"""KER102."""

from kerlint.rule import Dim, Equivalence, Node, Rewrite, new, one, printed, require, rule, say

# What already works on the last axis of each position alone.
POINTWISE = (
    *("Dense", "Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU"),
    *("Softmax", "LayerNormalization", "UnitNormalization"),
)


@rule(
    "KER102",
    "timedistributed-pointwise",
    on=one("TimeDistributed"),
    equivalence=Equivalence.IDENTICAL,
    message="{inner} works on each position alone: TimeDistributed adds nothing to that, and makes Keras 3 {loop}",
)
def timedistributed_pointwise(timed: Node) -> Rewrite:
    """TimeDistributed around a layer that works on the last axis anyway changes nothing.

    ## Why is this bad?
    `Dense`, the activations and a normalisation of the last axis treat every position alike and alone.
    The wrapper hides the layer in `summary()`, gives its weights another name, and in Keras 3 loops: the layer is
    called once for each step (100 steps of a Dense: 2.4 seconds instead of 0.3 until training begins, and half the
    speed from then on). Over a time axis of unknown length it is mapped, at about half the speed, too.

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
    say(inner=step, loop=_loop(timed.input.size(1)))
    step.require(activity_regularizer=None)
    axis: dict[str, object] = {}
    if "axis" in inner.config:
        last = timed.input.rank - 2  # as the layer inside counts
        require(step["axis"] in (-1, (-1,), last, (last,)), f"axis={step['axis']}")
        axis = {"axis": -1}
    if "activation" in inner.config:
        require(isinstance(step["activation"], str), "the activation is not one of Keras's")
    name = timed.layer.name if timed.layer.named else inner.name if inner.named else None
    plain = getattr(new, inner.kind).like(step, name=name, **axis)
    weights = {full.partition(".")[2]: weight for full, weight in timed.weights.items()}
    return timed.becomes(plain(timed.input, weights=weights))


def _loop(steps: Dim) -> str:
    """What Keras 3 does over the steps: a loop that is written out for a known number, else a vectorized map."""
    if printed((steps,)) == "(None,)":
        return "map it over the steps"
    return f"call it {steps} times" if isinstance(steps, int) and steps > 1 else "call it once for each step"
