"""KER208."""

from kerlint.rule import Alternative, Equivalence, Objective, require, rule, say, trained

DROPPING = ("Dropout", "AlphaDropout", "GaussianDropout", *(f"SpatialDropout{rank}D" for rank in (1, 2, 3)))


@rule(
    "KER208",
    "dropout-on-output",
    on=trained(),
    equivalence=Equivalence.ADVICE,
    message="{dropout} sets outputs of the model to zero while it trains",
)
def dropout_on_output(output: Objective) -> Alternative:
    """Dropout as the last layer of a model that is trained sets predictions to zero.

    ## Why is this bad?
    While the model trains, some of its predictions are replaced by zero and the others scaled up, and the
    loss compares that with the targets. No weight can answer for it. Dropout belongs in front of the last
    layer with weights.

    ## Example
    ```python
    model = Sequential([
        Input((20,)),
        Dense(64, activation="relu"),
        Dense(1),
        Dropout(0.2),
    ])
    model.compile("adam", "mse")
    ```
    Use instead:
    ```python
    model = Sequential([
        Input((20,)),
        Dense(64, activation="relu"),
        Dropout(0.2),
        Dense(1),
    ])
    model.compile("adam", "mse")
    ```

    ## When it stays silent
    For a model that is not compiled (it may be a part of another one) or only predicts, and for a rate of zero.
    Where other files of the project compile it, the finding stands with the layer, once, and not with them.

    ## Fix safety
    There is no automatic fix: whether the layer should go or move is the author's to say.
    """
    require(output.loss is not None, "the output is not trained")
    dropout = output.layer
    require(dropout.kind in DROPPING, "no output comes out of a dropout")
    require(dropout["rate"] != 0, "rate=0")
    say(dropout=dropout)
    return Alternative((dropout,), dropout.input)
