"""KER116."""

from typing import Any

from kerlint.rule import (
    Equivalence,
    Graph,
    Node,
    NoFix,
    Rewrite,
    Silent,
    chain,
    fixable,
    immaterial,
    new,
    require,
    rule,
    same,
    unmasked,
)

REST = (slice(None), ...)  # what takes a whole axis, or all that are left


def _index(last: Node) -> Any:
    """What is taken of the sequence: by a subscript, or by a Lambda that is one."""
    if last.kind == "getitem":
        return last["index"]
    body = last["function"]
    if not isinstance(body, Graph):
        raise Silent("perhaps: the function of the Lambda is not known")
    steps = [node for node in body.nodes if node.kind == "getitem" and node.inputs == body.inputs]
    require(len(steps) == len(body.nodes) == 1, "the Lambda does something else")
    immaterial(last, "output_shape", "arguments", "mask")
    return steps[0]["index"]


def _is_last_step(index: Any, rnn: Node) -> bool:
    """Whether ``[:, -1]`` is taken, or the same counted from the front."""
    if not isinstance(index, tuple) or len(index) < 2 or index[0] != slice(None):
        return False
    step = index[1]
    if not isinstance(step, int) or any(part not in REST for part in index[2:]):
        return False
    return step == -1 or same(rnn.inputs[0].size(1), step + 1) is True


@rule(
    "KER116",
    "sequence-then-last-step",
    on=chain(("SimpleRNN", "LSTM", "GRU"), ("getitem", "Lambda")),
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
    require(_is_last_step(_index(last), rnn), "it is not the last step that is taken")
    require(unmasked(rnn.inputs[0]), "the input is masked")
    require(rnn.options.get("mask") is None, "it is called with a mask")
    rnn.require(activity_regularizer=None)
    fixable(same(rnn.inputs[0].size(1), 1) is not True, "a single step: single-step-lstm and the like say more of it")
    if rnn.options or len(rnn.inputs) > 1:
        raise NoFix(f"{rnn.kind} is called with more than its input")
    whole = getattr(new, rnn.kind).like(rnn, return_sequences=False)
    return Rewrite((rnn, last), whole(rnn.input, weights=rnn.weights))
