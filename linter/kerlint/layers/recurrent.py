"""Recurrent layers: LSTM, GRU, SimpleRNN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerlint.graph.dim import Dim, product
from kerlint.graph.layer import Config, Incoming, Refused, Silent, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.core import limits
from kerlint.layers.policies import Weights, kept_if_sequences, matrices
from kerlint.layers.shapes import defined, is_free, rank_is
from kerlint.layers.table import positive, row, within

RECURRENT: dict[str, Any] = {
    "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True, "kernel_initializer": "glorot_uniform",
    "recurrent_initializer": "orthogonal", "bias_initializer": "zeros",
}  # fmt: skip
LIMITING = limits("kernel", "recurrent", "bias")
DROPOUT: dict[str, Any] = {"dropout": 0.0, "recurrent_dropout": 0.0}
UNIT_CHECKS = (positive("units"), within("dropout", 0, 1, 3), within("recurrent_dropout", 0, 1, 3))
RETURNS: dict[str, Any] = dict.fromkeys(("return_sequences", "return_state", "go_backwards", "stateful"), False)


def steps(config: Config, x: Shape, what: str) -> Dim:
    """The number of timesteps. Refused for an input of another rank, Silent for time-major data."""
    rank_is(x, 3, what)
    if config.get("time_major"):
        raise Silent("time_major=True is not modelled")
    defined(x[-1], "the last axis", x)
    if config["stateful"] and is_free(x[0]):
        raise Refused(f"{what} with stateful=True needs a fixed batch size (batch_shape)")
    return x[1]


def returned(config: Config, x: Shape, length: Dim, size: Dim, states: int) -> Any:
    """The output, then the states if they are returned."""
    output = (x[0], length, size) if config["return_sequences"] else (x[0], size)
    return (output, *((x[0], size),) * states) if config["return_state"] else output


def gated(gates: int) -> Callable[[Config, Incoming], Weights]:
    """Kernel, recurrent kernel and bias of a cell, the gates side by side in the columns."""

    def weights(config: Config, x: Incoming) -> Weights:
        units = config["units"]
        found = {"kernel": WeightSpec((x[-1], gates * units)), "recurrent_kernel": WeightSpec((units, gates * units))}
        if config.get("use_bias"):
            two = (2,) if config.get("reset_after", False) else ()
            found["bias"] = WeightSpec((*two, gates * units))
        return found

    return weights


def each_step(weights: Callable[[Config, Incoming], Weights]) -> Callable[[Config, Incoming, Shape], Dim]:
    """The kernels (not the two rows of a GRU's bias) once a timestep."""

    def macs(config: Config, x: Incoming, _output: Shape) -> Dim:
        return product([matrices({k: w for k, w in weights(config, x).items() if not k.endswith("bias")}), x[1]])

    return macs


def recurrent(name: str, gates: int, states: int, **columns: Any) -> None:
    """One recurrent class: ``gates`` blocks of columns, ``states`` tensors of state."""

    def output(config: Config, x: Incoming) -> Any:
        return returned(config, x, steps(config, x, name), config["units"], states)

    shared: dict[str, Any] = {"weights": gated(gates), "mask": kept_if_sequences, "checks": UNIT_CHECKS} | columns
    row(
        name, "units", **shared, output=output, macs=each_step(shared["weights"]),
        outputs=lambda c: 1 + states if c["return_state"] else 1,
    )  # fmt: skip


RECTANGLE = {k: v for k, v in RECURRENT.items() if k != "recurrent_activation"}

recurrent(
    "LSTM", 4, 2, **RECURRENT, unit_forget_bias=True, **LIMITING, **DROPOUT, seed=None, **RETURNS, unroll=False,
    use_cudnn="auto",
)  # fmt: skip
recurrent(
    "GRU", 3, 1, **RECURRENT, **LIMITING, **DROPOUT, seed=None, **RETURNS, unroll=False, reset_after=True,
    use_cudnn="auto",
)  # fmt: skip
recurrent("SimpleRNN", 1, 1, **RECTANGLE, **LIMITING, **DROPOUT, **RETURNS, unroll=False, seed=None)


def _applied(_config: Config, _x: Incoming) -> Any:
    raise Silent("a cell that is called outside RNN is not modelled")


CELL_LIMITING = {k: v for k, v in LIMITING.items() if k != "activity_regularizer"}


def _cell(name: str, gates: int, **defaults: Any) -> None:
    row(name, "units", **defaults, seed=None, output=_applied, weights=gated(gates), checks=UNIT_CHECKS)


_cell("LSTMCell", 4, **RECURRENT, unit_forget_bias=True, **CELL_LIMITING, **DROPOUT)
_cell("GRUCell", 3, **RECURRENT, **CELL_LIMITING, **DROPOUT, reset_after=True)
_cell("SimpleRNNCell", 1, **RECTANGLE, **CELL_LIMITING, **DROPOUT)
row("StackedRNNCells", "cells", output=_applied)
