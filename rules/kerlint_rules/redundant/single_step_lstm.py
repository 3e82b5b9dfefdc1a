"""KER104."""

from kerlint.rule import Equivalence, Node, NoFix, Rewrite, one, rule
from kerlint_rules.steps import HINT, entering, lstm_step, single_step, splits


@rule(
    "KER104",
    "single-step-lstm",
    on=one("LSTM"),
    equivalence=Equivalence.SAME_FUNCTION,
    hint=HINT,
    message="{lstm} runs on a single timestep: its recurrent kernel and forget gate can never matter",
)
def single_step_lstm(lstm: Node) -> Rewrite:
    """LSTM on a single timestep is three Dense layers and two products.

    ## Why is this bad?
    State and carry before the only step are zero. So the recurrent kernel is multiplied with zeros, and so
    is the forget gate: `4 * units ** 2` entries and a quarter of the rest are stored, saved and updated, and
    no output ever depends on them. Mostly the features stand where the timesteps were meant to stand, or
    a pooling in front leaves one step.

    ## Example
    ```python
    x = Input((1, 8))
    x = LSTM(128, return_sequences=True)(x)
    ```
    Use instead:
    ```python
    x = Input((1, 8))
    x = Multiply()([
        Dense(128, activation="sigmoid")(x),
        Activation("tanh")(Multiply()([
            Dense(128, activation="sigmoid")(x),
            Dense(128, activation="tanh")(x),
        ])),
    ])
    ```

    ## When it stays silent
    More than one timestep, or a number that is not known; a masked input (a masked step gives zeros);
    `stateful=True` or an `initial_state`.

    ## Fix safety
    The same function with fewer weights; the initial scale of the kernels is another one. No fix with
    dropout inside of the layer, with regularisers or constraints (they act on all gates at once), with an
    initialiser that is one object (the gates would start alike), or where the states are returned as well.
    """
    single_step(lstm)
    splits(lstm)
    rewrite = lstm.becomes(lstm_step(lstm, entering(lstm), lstm.weights))
    if lstm["return_state"]:
        raise NoFix("return_state=True: its states are used, too", rewrite.dead())
    return rewrite
