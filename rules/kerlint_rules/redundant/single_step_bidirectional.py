"""KER106."""

from dataclasses import replace

from kerlint.rule import Dim, Equivalence, Node, NoFix, Rewrite, Tensor, new, one, require, rule, say
from kerlint_rules.steps import HINT, STEP, entering, single_step, splits

MERGE = {"concat": "Concatenate", "sum": "Add", "mul": "Multiply", "ave": "Average"}


@rule(
    "KER106",
    "single-step-bidirectional",
    on=one("Bidirectional"),
    equivalence=Equivalence.SAME_FUNCTION,
    hint=HINT,
    message="Bidirectional({cell}) runs on a single timestep: there is no direction, and no recurrence",
)
def single_step_bidirectional(both: Node) -> Rewrite:
    """Bidirectional on a single timestep reads the same step twice, from no direction.

    ## Why is this bad?
    Forwards and backwards, a sequence of one step is the same, and the state before it is zero: both
    recurrent kernels are multiplied with zeros. What is left are two sets of gates on the same input.
    Mostly the features stand where the timesteps were meant to stand, or a pooling in front leaves one step.

    ## Example
    ```python
    x = Input((1, 8))
    x = Bidirectional(SimpleRNN(64, return_sequences=True))(x)
    ```
    Use instead:
    ```python
    x = Input((1, 8))
    x = Concatenate()([Dense(64, activation="tanh")(x), Dense(64, activation="tanh")(x)])
    ```

    ## When it stays silent
    More than one timestep, or a number that is not known; a masked input (a masked step gives zeros);
    `stateful=True` or an `initial_state`; around other layers than SimpleRNN, LSTM, GRU.

    ## Fix safety
    The same function with fewer weights. What rules out a fix for one direction (see single-step-lstm and
    single-step-gru) rules it out here, and so does `merge_mode=None`; then the finding says how many parameters
    are dead in both.
    """
    mode = both["merge_mode"]
    layers = {"forward_layer": both["layer"], "backward_layer": both["backward_layer"] or both["layer"]}
    outputs: list[Tensor] = []
    x: Tensor | None = None
    dead: Dim = 0
    alive = ""
    for side, layer in layers.items():
        require(layer.kind in STEP, f"{layer.kind} inside")
        cell = Node(replace(layer, named=False), both.inputs, options=both.options)
        say(cell=cell)
        single_step(cell)
        if layer.kind != "SimpleRNN":  # it has no gates
            splits(cell)
        weights = {name.partition(".")[2]: w for name, w in both.weights.items() if name.startswith(side)}
        try:
            x = x or entering(cell)
            outputs.append(STEP[layer.kind](cell, x, weights))
        except NoFix as error:
            alive, dead = error.reason, dead + error.dead
    if alive:
        raise NoFix(alive, dead)
    rewrite = both.becomes(getattr(new, MERGE.get(mode, "Add"))()(outputs))
    if mode not in MERGE:
        raise NoFix("merge_mode=None hands out both directions", rewrite.dead())
    if cell["return_state"]:
        raise NoFix("return_state=True: its states are used, too", rewrite.dead())
    return rewrite
