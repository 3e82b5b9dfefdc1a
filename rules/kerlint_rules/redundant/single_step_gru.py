"""KER105."""

from kerlint.rule import Equivalence, Node, NoFix, Rewrite, one, rule
from kerlint_rules.steps import HINT, entering, gru_step, single_step, splits


@rule(
    "KER105",
    "single-step-gru",
    on=one("GRU"),
    equivalence=Equivalence.SAME_FUNCTION,
    hint=HINT,
    message="{gru} runs on a single timestep: its recurrent kernel can never matter",
)
def single_step_gru(gru: Node) -> Rewrite:
    """GRU on a single timestep never uses its recurrent kernel.

    ## Why is this bad?
    The state before the only step is zero: the recurrent kernel, `3 * units ** 2` entries, is multiplied
    with zeros. With `reset_after=False`, or without biases, the reset gate has nothing to reset either, and
    two Dense layers and a product are left. Mostly the features stand where the timesteps were meant to be, or
    a pooling in front leaves one step.

    ## Example
    ```python
    x = Input((1, 8))
    x = GRU(64, reset_after=False, return_sequences=True)(x)
    ```
    Use instead:
    ```python
    x = Input((1, 8))
    x = Multiply()([Dense(64, activation="sigmoid")(x), Dense(64, activation="tanh")(x)])
    ```

    ## When it stays silent
    More than one timestep, or a number that is not known; a masked input (a masked step gives zeros);
    `stateful=True` or an `initial_state`.

    ## Fix safety
    The same function with fewer weights; the initial scale of the kernels is another one. The update gate's
    columns change their sign, because `1 - sigmoid(a)` is `sigmoid(-a)`; no fix for other gate activations.
    No fix with `reset_after=True` (the default): there a bias of the recurrent kernel keeps the reset gate
    alive. Nor with dropout inside of the layer, regularisers, constraints, an initialiser that is one
    object, or where the state is returned as well.
    """
    single_step(gru)
    splits(gru)
    rewrite = gru.becomes(gru_step(gru, entering(gru), gru.weights))
    if gru["return_state"]:
        raise NoFix("return_state=True: its state is used, too", rewrite.dead())
    return rewrite
