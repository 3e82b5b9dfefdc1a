"""KER214."""

from collections.abc import Container

from kerlint.rule import Criterion, Note, Objective, applied, require, rule, same, say, trained, trains
from kerlint_rules.outputs import REGRESSION, ending_of, loss_of

# The loss that takes the same labels as a metric: one-hot, or integers.
LOSSES = {
    "categorical_accuracy": "categorical_crossentropy",
    "sparse_categorical_accuracy": "sparse_categorical_crossentropy",
}
EITHER = "sparse_categorical_crossentropy where labels are integers, categorical_crossentropy where they are one-hot"
OF_CLASSES = ("binary_accuracy", *LOSSES)


@rule(
    "KER214",
    "accuracy-of-regression",
    on=trained(),
    message="{metric} of {layer} with {activation}, trained with {loss}: {because}",
)
def accuracy_of_regression(output: Objective) -> Note:
    """The accuracy of a regression, or a classification trained with a regression loss.

    ## Why is this bad?
    `accuracy` counts how often a class was right. Of real numbers it makes classes first (over 0.5 or not,
    up to Keras 2.3 the nearest whole number, or the largest of several) and then asks for equality: for a
    regression it is a number near 0 that says nothing. Labels are not looked at. Where they are 0 and 1, the
    metric is sound, and `binary_accuracy` says what it counts. Where there are classes, with
    softmax, the loss does not fit: the gradient of the squared error vanishes where the model is confidently
    wrong, that of a crossentropy does not. Which crossentropy it is, the labels decide.

    ## Example
    ```python
    model = Sequential([
        Input((20,)),
        Dense(1),
    ])
    model.compile("adam", "mse", metrics=["accuracy"])
    ```
    Use instead:
    ```python
    model = Sequential([
        Input((20,)),
        Dense(1),
    ])
    model.compile("adam", "mse", metrics=["mae"])
    ```

    ## When it stays silent
    Without an accuracy among the metrics (softmax with a squared error is the Brier score); for sigmoid and
    other activations; for losses and metrics that are not Keras's own; for `binary_accuracy` and the like
    on real numbers (whoever names them means classes); for softmax over a single value (KER202); for a model that
    only predicts, and for one of a single value, or a map of them, that is a part of another one, too (a
    discriminator that learns with a squared error: its labels are 0 and 1).

    ## Fix safety
    There is no automatic fix: the metric or the loss may be the one that was meant.
    """
    loss, node = loss_of(output, *REGRESSION), output.layer
    activation = ending_of(node)
    require(activation in ("linear", "relu", "softmax"), f"{loss.written} goes with {activation}")
    counting = ("accuracy", *OF_CLASSES) if activation == "softmax" else ("accuracy",)
    single = same(node.output.size(-1), 1)
    require(not (single and activation == "softmax"), "softmax over a single value: no loss fits")
    part = trains(node) is False or (output.output.node is node and applied(node))
    require(not (single and part), "it is a part of another model, too: a discriminator of 0 and 1")
    found = [m for m in output.metrics if isinstance(m, Criterion) and m.name in counting]
    require(bool(found), "no accuracy among the metrics")
    because = _because(activation, single, {metric.name for metric in found})
    say(metric=found[0].written, layer=node, activation=activation, loss=loss.written, because=because)
    return Note(())  # it stands with compile(): the layer may be anybody's


def _because(activation: str, single: bool | None, metrics: Container[str]) -> str:
    if activation == "softmax":
        fitting = [loss for metric, loss in LOSSES.items() if metric in metrics]
        loss = fitting[0] if len(fitting) == 1 else EITHER
        return f"a classification, whose loss is a crossentropy: write {loss}"
    if single:
        counted = "over 0.5 it counts as 1 (up to Keras 2.3, it is rounded)"
        return f"{counted}, which fits labels of 0 and 1 alone (there write binary_accuracy, else mae)"
    largest = "of real numbers, it tells at best which is the largest"
    return f"{largest}: for classes write softmax with a crossentropy, for a regression mae"
