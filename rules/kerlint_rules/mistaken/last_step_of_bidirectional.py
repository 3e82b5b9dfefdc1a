"""KER211."""

from kerlint.rule import Alternative, Equivalence, Node, Note, new, one, require, rule, same, say, users
from kerlint_rules.taken import TAKING, is_last_step

RECURRENT = ("LSTM", "GRU", "SimpleRNN")


@rule(
    "KER211",
    "last-step-of-bidirectional",
    on=one(*TAKING),
    equivalence=Equivalence.ADVICE,
    message="at the last step, the backward half of Bidirectional({cell}) has seen that step only",
)
def last_step_of_bidirectional(last: Node) -> Alternative | Note:
    """The last step of a Bidirectional layer: its backward half has seen one step only.

    ## Why is this bad?
    The backward layer reads from the end. With `return_sequences=True` its outputs are put in the order of
    the input, so at the last step stands what it said after its first: half of the features know one step,
    and the sequence is read in one direction. `return_sequences=False` gives the last state of both.

    ## Example
    ```python
    inputs = Input((100, 8))
    x = Bidirectional(LSTM(32, return_sequences=True))(inputs)
    x = x[:, -1]
    ```
    Use instead:
    ```python
    inputs = Input((100, 8))
    x = Bidirectional(LSTM(32))(inputs)
    ```

    ## When it stays silent
    For any other step, or one that is not known; with `merge_mode=None` (the halves are apart); on a single
    step. Where the sequence is used elsewhere, too, or the states are returned, the finding shows no other model.

    ## Fix safety
    There is no automatic fix: the function changes.
    """
    both = last.inputs[0].node
    require(both is not None and both.kind == "Bidirectional", "nothing bidirectional in front")
    assert both is not None
    cell = both["layer"]
    require(cell.kind in RECURRENT and both["backward_layer"] is None, "not one recurrent layer of Keras inside")
    say(cell=Node(cell, both.inputs))
    require(both["merge_mode"] is not None, "merge_mode=None hands out both directions")
    require(cell["return_sequences"], "return_sequences=False")
    length = both.output.size(1)
    require(same(length, 1) is not True, "the sequence has a single step")
    require(is_last_step(last, length), "it is not the last step that is taken")
    if cell["return_state"] or len(users(both.output)) > 1:
        return Note((both, last))
    final = getattr(new, cell.kind).like(Node(cell, both.inputs), return_sequences=False).layer
    return Alternative((both, last), new.Bidirectional.like(both, layer=final)(both.input))
