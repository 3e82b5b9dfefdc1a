"""KER103."""

from kerlint.rule import Equivalence, Node, NoFix, Rewrite, one, rule
from kerlint_rules.steps import HINT, entering, rnn_step, single_step


@rule(
    "KER103",
    "single-step-rnn",
    on=one("SimpleRNN"),
    equivalence=Equivalence.SAME_FUNCTION,
    hint=HINT,
    message="{rnn} runs on a single timestep: its recurrent kernel can never matter",
)
def single_step_rnn(rnn: Node) -> Rewrite:
    """SimpleRNN on a single timestep is a Dense layer.

    ## Why is this bad?
    The state before the only step is zero: the recurrent kernel, units by units, is multiplied with zeros.
    It is stored, saved and updated, and no output ever depends on it. Mostly the features stand where the
    timesteps were meant to stand, or a pooling in front leaves one step.

    ## Example
    ```python
    x = Input((1, 8))
    x = SimpleRNN(64, return_sequences=True)(x)
    ```
    Use instead:
    ```python
    x = Input((1, 8))
    x = Dense(64, activation="tanh")(x)
    ```

    ## When it stays silent
    More than one timestep, or a number that is not known; a masked input (a masked step gives zeros);
    `stateful=True` or an `initial_state`.

    ## Fix safety
    The same function, and the same initial distribution; a seeded script runs differently, because the
    recurrent kernel is no longer drawn. No fix with dropout inside of the layer, or where the state is
    returned as well.
    """
    single_step(rnn)
    rewrite = rnn.becomes(rnn_step(rnn, entering(rnn), rnn.weights))
    if rnn["return_state"]:
        raise NoFix("return_state=True: its state is used, too", rewrite.dead())
    return rewrite
