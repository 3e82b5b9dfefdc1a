"""KER204."""

from kerlint.rule import Dim, Note, Objective, at_least, require, rule, same, say, show, trained
from kerlint_rules.outputs import BINARY, SEVERAL, ending_of, loss_of

OUTSIDE = {"linear": "below 0 or above 1", "relu": "of 0 or above 1", "tanh": "below 0"}  # what a loss cuts off
# What may be meant instead of one class of several.
BESIDE = dict.fromkeys(OUTSIDE, "for values mse") | {"sigmoid": "for several labels at once binary_crossentropy"}
LABELS = (
    "each of the {size} outputs is taken for a label of its own, on TensorFlow by a sigmoid of what the softmax got, "
    "which predict() does not give; for one class of several write categorical_crossentropy, for several labels sigmoid"
)


@rule(
    "KER204",
    "loss-activation-mismatch",
    on=trained(),
    message="{loss} meets {layer} with {activation}: {instead}",
)
def loss_activation_mismatch(output: Objective) -> Note:
    """The loss expects something else than the output layer gives.

    ## Why is this bad?
    A crossentropy takes the logarithm of probabilities. What is none is cut off at a tiny number: the loss is 0
    or about 16 (the logarithm of 1e-7), and the gradient is gone. Over classes the outputs are first made to add up
    to 1: of several sigmoids, what is trained is then not what the model predicts; of linear outputs, the sum by
    which they are divided may be negative or 0. A softmax under binary_crossentropy cannot give two labels. (Keras on
    TensorFlow looks through a sigmoid or softmax at the end of the model and takes what that got: then the loss is
    one of a softmax, or of sigmoids, that predict() does not have.) Where the loss is told to expect logits and gets
    probabilities, they are squeezed twice. Either way the model trains, and worse than it could.

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
    activation, size = ending_of(node), node.output.size(-1)
    require(isinstance(loss.logits, bool) or None, f"{loss.written} with from_logits")
    instead = _after_logits(activation) if loss.logits is True else _instead(loss.name, activation, size)
    require(bool(instead), f"{loss.written} goes with {activation}")
    say(loss=loss.written, layer=node, activation=activation, instead=instead)
    return Note((node,))


def _after_logits(activation: str) -> str:
    if activation not in ("softmax", "sigmoid"):
        return ""
    twice = f"(recent Keras on TensorFlow warns, and takes what the {activation} got; else it is applied twice)"
    return f"from_logits=True expects no activation: leave one of them out {twice}"


def _instead(name: str, activation: str, size: Dim) -> str:
    """What happens to the training, and what would go together; empty where it does, or that is not known."""
    if name in SEVERAL and same(size, 1) is True:
        two = "for two classes, binary_crossentropy with a sigmoid"
        return f"over a single class it tells nothing apart: one unit a class; or, {two}; for a regression, mse"
    if name == BINARY and activation in OUTSIDE:
        lost = f"an output {OUTSIDE[activation]} costs 0 or about 16 where labels are 0 and 1, and moves no weight"
        return f"{lost}; for a probability write sigmoid, for a regression mse"
    apart = (*OUTSIDE, "sigmoid") if name in SEVERAL else ("softmax",)
    if activation not in apart:
        return ""
    require(at_least(size, 2), f"{activation} over a single value")
    if name == BINARY:
        return LABELS.format(size=show(size))
    instead = f"for one class of several write softmax, {BESIDE[activation]}"
    return f"{_of_classes(name, activation, show(size))}; {instead}"


def _of_classes(name: str, activation: str, size: str) -> str:
    """What a crossentropy over classes does with outputs that are no probabilities."""
    if activation == "sigmoid":
        return f"the loss makes one distribution of the {size} outputs, predict() does not: they are no probabilities"
    if name == "sparse_categorical_crossentropy":
        return f"an output {OUTSIDE[activation]} is cut off and moves no weight"
    divided = f"the loss divides the {size} outputs by their sum"
    if activation == "relu":
        return f"{divided}, which is NaN where all are 0, and an output of 0 moves no weight"
    return f"{divided}: if that is negative, the lowest wins, and a share below 0 or above 1 moves no weight"
