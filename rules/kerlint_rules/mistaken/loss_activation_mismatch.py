"""KER204."""

from kerlint.rule import Dim, Note, Objective, at_least, require, rule, same, say, show, trained
from kerlint_rules.outputs import BINARY, SEVERAL, activation_of, loss_of

LINEAR = ("linear", "relu", "tanh")
OUTSIDE = ("what lies outside 0 and 1", "what is not positive")  # to a loss over labels, over classes


@rule(
    "KER204",
    "loss-activation-mismatch",
    on=trained(),
    message="{loss} meets {layer} with {activation}: {instead}",
)
def loss_activation_mismatch(output: Objective) -> Note:
    """The loss expects something else than the output layer gives.

    ## Why is this bad?
    A crossentropy takes the logarithm of probabilities. Where the outputs are none, it is cut off at a tiny
    number and the gradient is gone; several sigmoids are divided by their sum, so that what is trained is not
    what the model predicts. Where they are probabilities, but the loss is told to expect logits, they are
    squeezed twice. Either way the model trains, and worse than it could.

    ## Example
    ```python
    model = Sequential([
        Input((20,)),
        Dense(3, activation="relu"),
    ])
    model.compile("adam", "categorical_crossentropy")
    ```
    Use instead:
    ```python
    model = Sequential([
        Input((20,)),
        Dense(3, activation="softmax"),
    ])
    model.compile("adam", "categorical_crossentropy")
    ```

    ## When it stays silent
    A sigmoid with binary crossentropy over several labels, a softmax with a regression loss, losses and
    activations that are not Keras's own, and outputs whose last layer has no activation to speak of. A model
    that the program only predicts with (a generator), or gives weights from a file and does not train.

    ## Fix safety
    There is no automatic fix: the activation or the loss may be the one that was meant.
    """
    loss, node = loss_of(output, *SEVERAL, BINARY), output.layer
    activation, size = activation_of(node), node.output.size(-1)
    require(isinstance(loss.logits, bool) or None, f"{loss.written} with from_logits")
    instead = _after_logits(activation) if loss.logits is True else _instead(loss.name, activation, size)
    require(bool(instead), f"{loss.written} goes with {activation}")
    say(loss=loss.written, layer=node, activation=activation, instead=instead)
    return Note((node,))


def _after_logits(activation: str) -> str:
    if activation not in ("softmax", "sigmoid"):
        return ""
    warns = f"(Keras on TensorFlow warns, and takes what the {activation} got)"
    return f"from_logits=True expects no activation: leave one of them out {warns}"


def _instead(name: str, activation: str, size: Dim) -> str:
    """What would go together; empty where it does, or where that is not known."""
    if name in SEVERAL and same(size, 1) is True:
        return "one value is no class against others; binary_crossentropy with a sigmoid takes one"
    if name == BINARY and activation in LINEAR:
        return f"{OUTSIDE[0]} is cut off and has no gradient; write sigmoid, which makes a probability"
    apart = (*LINEAR, "sigmoid") if name in SEVERAL else ("softmax",)
    if activation not in apart:
        return ""
    require(at_least(size, 2), f"{activation} over a single value")
    if name == BINARY:
        return (
            f"the {show(size)} outputs add up to 1, and the loss takes each for a label of its own; for one class of "
            "several write categorical_crossentropy, for several labels at once sigmoid"
        )
    lost = (
        "the loss divides them by their sum"
        if activation == "sigmoid"
        else f"{OUTSIDE[1]} is cut off, without a gradient"
    )
    return f"{lost}; write softmax, which makes probabilities"
