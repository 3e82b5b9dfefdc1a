"""KER116."""

from kerlint.rule import Equivalence, Node, NoFix, Rewrite, chain, fixable, new, require, rule, same, unmasked
from kerlint_rules.taken import TAKING, is_last_step


@rule(
    "KER116",
    "sequence-then-last-step",
    on=chain(("SimpleRNN", "LSTM", "GRU"), TAKING),
    equivalence=Equivalence.IDENTICAL,
    message="of the sequence that {rnn} returns, only the last step is used",
)
def sequence_then_last_step(rnn: Node, last: Node) -> Rewrite:
    """A recurrent layer returns all its steps, and only the last one is used.

    ## Why is this bad?
    `return_sequences=False`, the default, gives just that: without an array of all steps, and without a
    subscript that a reader has to understand.

    ## Example
    ```python
    x = Input((20, 8))
    x = LSTM(32, return_sequences=True)(x)
    x = x[:, -1, :]
    ```
    Use instead:
    ```python
    x = Input((20, 8))
    x = LSTM(32)(x)
    ```

    ## When it stays silent
    Another step, or several; another layer that reads the sequence; a masked input (or one that may be); an
    activity regulariser, which sees all steps. Bidirectional: its backward half has seen one step only.

    ## Fix safety
    The same values, gradients and weights. No fix where the layer is called with more than its input,
    or the sequence has one step: single-step-lstm and the like speak of that.
    """
    require(rnn["return_sequences"], "return_sequences=False")
    require(is_last_step(last, rnn.inputs[0].size(1)), "it is not the last step that is taken")
    require(unmasked(rnn.inputs[0]), "the input is masked")
    require(rnn.options.get("mask") is None, "it is called with a mask")
    rnn.require(activity_regularizer=None)
    fixable(same(rnn.inputs[0].size(1), 1) is not True, "a single step: single-step-lstm and the like say more of it")
    if rnn.options or len(rnn.inputs) > 1:
        raise NoFix(f"{rnn.kind} is called with more than its input")
    whole = getattr(new, rnn.kind).like(rnn, return_sequences=False)
    return Rewrite((rnn, last), whole(rnn.input, weights=rnn.weights))
