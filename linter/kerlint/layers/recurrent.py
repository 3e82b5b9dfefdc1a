"""Recurrent layers: LSTM, GRU, SimpleRNN, ConvLSTM; RNN over a cell given as a layer (or over several, stacked)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from kerlint.graph.dim import Dim, product
from kerlint.graph.layer import Config, Incoming, Layer, Refused, Silent, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.convolution import AXES, CHECKS, conv_shape, strides_or_dilation
from kerlint.layers.policies import Weights, bias, kept_if_sequences, matrices
from kerlint.layers.shapes import defined, is_free, positions, rank_is, split
from kerlint.layers.table import among, positive, row, within
from kerlint.layers.wrappers import prefixed

UNIT_CHECKS = (positive("units"), within("dropout", 0, 1, 3), within("recurrent_dropout", 0, 1, 3))


def steps(config: Config, x: Shape, what: str) -> Dim:
    """The number of timesteps. Refused for an input of another rank, Silent for time-major data."""
    rank_is(x, 3, what)
    if config.get("time_major"):
        raise Silent("time_major=True is not modelled")
    defined(x[-1], "the last axis", x)
    if config["stateful"] and is_free(x[0]):
        raise Refused(f"{what} with stateful=True needs a fixed batch size (batch_shape)")
    return x[1]


def returned(config: Config, length: Dim, states: Sequence[Shape]) -> Any:
    """The output, which is the last state of each step or of the last one, then the states if they are returned."""
    output = (states[-1][0], length, *states[-1][1:]) if config["return_sequences"] else states[-1]
    return (output, *states) if config["return_state"] else output


def gated(gates: int, config: Config, x: Incoming) -> Weights:
    """Kernel, recurrent kernel and bias of a cell, the gates side by side in the columns."""
    units = config["units"]
    found = {"kernel": WeightSpec((x[-1], gates * units)), "recurrent_kernel": WeightSpec((units, gates * units))}
    if config.get("use_bias"):
        two = (2,) if config.get("reset_after", False) else ()
        found["bias"] = WeightSpec((*two, gates * units))
    return found


def each_step(weights: Callable[[Config, Incoming], Weights], config: Config, x: Incoming, _output: Shape) -> Dim:
    """The kernels (not the two rows of a GRU's bias) once a timestep."""
    return product([matrices({k: w for k, w in weights(config, x).items() if not k.endswith("bias")}), x[1]])


def recurrent(name: str, gates: int, states: int, **columns: Any) -> None:
    """One recurrent class: ``gates`` blocks of columns, ``states`` tensors of state."""

    def output(config: Config, x: Incoming) -> Any:
        return returned(config, steps(config, x, name), [(x[0], config["units"])] * states)

    shared: dict[str, Any] = {"weights": partial(gated, gates), "mask": kept_if_sequences, "checks": UNIT_CHECKS}
    shared |= columns
    row(
        name, **shared, output=output, macs=partial(each_step, shared["weights"]),
        outputs=lambda c: 1 + states if c["return_state"] else 1,
    )  # fmt: skip


recurrent("LSTM", 4, 2)
recurrent("GRU", 3, 1)
recurrent("SimpleRNN", 1, 1)


def _applied(_config: Config, _x: Incoming) -> Any:
    raise Silent("a cell that is called outside RNN is not modelled")


for name, gates in (("LSTMCell", 4), ("GRUCell", 3), ("SimpleRNNCell", 1)):
    row(name, output=_applied, weights=partial(gated, gates), checks=UNIT_CHECKS)
row("StackedRNNCells", output=_applied)


# --- ConvLSTM ----------------------------------------------------------------------------------------------


def _frame(config: Config, x: Shape) -> Shape:
    """What the cell sees: the input without its time axis. Refused where a spatial size is None."""
    rank = len(config["kernel_size"])
    rank_is(x, rank + 3, f"ConvLSTM{rank}D")
    step = (x[0], *x[2:])
    for size in split(config, step, rank, f"ConvLSTM{rank}D")[1]:
        defined(size, "every spatial axis", x, since=3)
    if config["stateful"] and is_free(x[0]):
        raise Refused(f"ConvLSTM{rank}D with stateful=True needs a fixed batch size (batch_shape)")
    return step


def _conv_output(config: Config, x: Incoming) -> Any:
    state = conv_shape(config, _frame(config, x), config["filters"], "ConvLSTM")
    return returned(config, x[1], [state, state])


def _conv_weights(config: Config, x: Incoming) -> Weights:
    channels = split(config, _frame(config, x), len(config["kernel_size"]), "ConvLSTM")[2]
    window, filters = config["kernel_size"], config["filters"]
    found = {
        "kernel": WeightSpec((*window, channels, 4 * filters)),
        "recurrent_kernel": WeightSpec((*window, filters, 4 * filters)),
    }
    return found | dict(bias(config, 4 * filters))


def _conv_macs(config: Config, x: Incoming, _output: Shape) -> Dim:
    """Both kernels at each position of the state, once a step."""
    state = conv_shape(config, _frame(config, x), config["filters"], "ConvLSTM")
    return product([matrices(_conv_weights(config, x)), positions(config, state), x[1]])


for rank in (1, 2, 3):
    row(
        f"ConvLSTM{rank}D",
        per_axis=dict.fromkeys(AXES, rank), output=_conv_output, weights=_conv_weights, macs=_conv_macs,
        mask=kept_if_sequences, outputs=lambda c: 3 if c["return_state"] else 1,
        checks=(*CHECKS, among("padding", "valid", "same"), strides_or_dilation),
    )  # fmt: skip


# --- cells -------------------------------------------------------------------------------------------------

STATES = {"LSTMCell": 2, "GRUCell": 1, "SimpleRNNCell": 1}


def cells_of(config: Config) -> tuple[tuple[str, Layer], ...]:
    """The cells with the prefixes of their weights. Silent for a cell of the program's own."""
    cell = config["cell"]
    if isinstance(cell, Layer) and cell.kind == "StackedRNNCells":
        cell = cell.config["cells"]
    found = cell if isinstance(cell, tuple) else (cell,)
    for layer in found:
        if not isinstance(layer, Layer) or layer.kind not in STATES:
            raise Silent("perhaps: the cell of an RNN is not one of Keras's own")
    if not isinstance(cell, tuple):
        return (("cell", found[0]),)
    return tuple((f"cell.{number}", layer) for number, layer in enumerate(found))


def _states(config: Config) -> list[Dim]:
    """The sizes of the states that are returned, one tensor each. Silent where Keras gives them in lists."""
    cells = cells_of(config)
    if any(prefix != "cell" and STATES[cell.kind] > 1 for prefix, cell in cells):
        raise Silent("the states of stacked LSTM cells come in a list a cell: not modelled")
    return [cell.config["units"] for _, cell in cells for _ in range(STATES[cell.kind])]


def _rnn_output(config: Config, x: Incoming) -> Any:
    length = steps(config, x, "RNN")
    sizes = _states(config) if config["return_state"] else [cells_of(config)[-1][1].config["units"]]
    return returned(config, length, [(x[0], size) for size in sizes])


def _rnn_weights(config: Config, x: Incoming) -> Weights:
    found: dict[str, WeightSpec] = {}
    size = x[-1]
    for prefix, cell in cells_of(config):
        found |= prefixed(prefix, cell, (x[0], size))
        size = cell.config["units"]
    return found


row(
    "RNN", output=_rnn_output, weights=_rnn_weights, macs=partial(each_step, _rnn_weights), mask=kept_if_sequences,
    outputs=lambda c: 1 + len(_states(c)) if c["return_state"] else 1,
)  # fmt: skip
