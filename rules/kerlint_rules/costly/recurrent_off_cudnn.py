"""KER303."""

from collections.abc import Iterator

from kerlint.rule import Layer, Node, Note, Severity, Unknown, one, require, rule, same, say

NEEDED = {"activation": "tanh", "recurrent_activation": "sigmoid", "unroll": False, "use_bias": True}
RECURRENT = ("LSTM", "GRU")
ONCE = (("recurrent_activation", "hard_sigmoid"), ("reset_after", False))  # defaults of the first Keras


@rule(
    "KER303",
    "recurrent-off-cudnn",
    on=one(*RECURRENT, "Bidirectional"),
    severity=Severity.INFO,
    default=False,
    message="{layer} is slower on a GPU than it could be: cuDNN has no kernel for {because}",
)
def recurrent_off_cudnn(layer: Node) -> Note:
    """Arguments of a recurrent layer that keep it off the fast kernels of a GPU.

    ## Why is this bad?
    On a GPU, Keras hands LSTM and GRU to cuDNN, which computes all steps in one go, several times faster.
    It does so only for the functions that cuDNN has; any other goes step by step. On a CPU there is no
    difference.

    ## Example
    ```python
    x = Input((100, 8))
    x = LSTM(64, activation="relu")(x)
    ```
    Use instead:
    ```python
    x = Input((100, 8))
    x = LSTM(64)(x)
    ```

    ## When it stays silent
    Unless it is selected. For other recurrent layers, which cuDNN does not have, for what an old Keras does
    where nothing is written, and on a single timestep (single-step-lstm), where there is nothing to speed up.

    ## Fix safety
    There is no automatic fix: the function changes.
    """
    cells = [layer.layer] if layer.kind != "Bidirectional" else [layer["layer"], layer["backward_layer"]]
    recurrent = [cell for cell in cells if isinstance(cell, Layer) and cell.kind in RECURRENT]
    require(bool(recurrent), "neither LSTM nor GRU inside")
    shape = layer.inputs[0].shape
    once = not isinstance(shape, Unknown) and same(shape[1], 1) is True
    require(not once, "a single timestep: there are no steps to hand over")
    because = list(dict.fromkeys(reason for cell in recurrent for reason in _reasons(cell)))
    require(bool(because), "every argument is as cuDNN has it")
    say(because=", ".join(because), layer=Node(recurrent[0], layer.inputs))
    return Note((layer,))


def _reasons(cell: Layer) -> Iterator[str]:
    """The arguments, known to be other ones than cuDNN has."""
    needed: dict[str, object] = NEEDED | ({"reset_after": True} if cell.kind == "GRU" else {})
    for argument, value in needed.items():
        found = cell.config.raw(argument)
        chosen = argument in cell.written or (argument, found) not in ONCE
        if not isinstance(found, Unknown) and found != value and chosen:
            yield f"{argument}={found!r}"
    rate = cell.config.raw("recurrent_dropout")
    if isinstance(rate, (int, float)) and rate > 0:
        yield f"recurrent_dropout={rate}"
