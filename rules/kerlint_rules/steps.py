"""One timestep: what the rules on recurrent layers share.

The state before the only step is zero, so a recurrent kernel meets nothing but zeros. What is left of a
cell are its gates on the input, and each of these is a block of columns of the kernel: a Dense layer.
"""

from collections.abc import Mapping

from kerlint.rule import (
    Node,
    NoFix,
    Tensor,
    Weight,
    fixable,
    immaterial,
    new,
    product,
    require,
    same,
    say,
    unmasked,
)

HINT = "are the features meant as timesteps? then the input shape is (n, 1)"

# What acts on all gates at once, or on the output on its way out, does not survive a split into gates.
WHOLE = [f"{weight}_{kind}" for weight in ("kernel", "bias") for kind in ("regularizer", "constraint")]
# What a single step from a zero state never uses.
IDLE = (*(f"recurrent_{kind}" for kind in ("initializer", "regularizer", "constraint")), "unit_forget_bias")
# How it is computed, not what.
MANNER = ("go_backwards", "unroll", "use_cudnn", "seed", "reset_after", "recurrent_activation")

Weights = Mapping[str, Weight]


def single_step(rnn: Node) -> None:
    """Silent unless the layer sees one unmasked step and starts from a zero state."""
    require(rnn.options.get("initial_state") is None, "initial_state is given")
    require(same(rnn.input.size(1), 1), "the sequence is longer than one timestep")
    require(unmasked(rnn.input), "the input is masked")
    rnn.require(stateful=False)
    shortening = _shortening(rnn.input)
    say(hint=HINT if shortening is None else f"its one step comes from {shortening.kind}: is that meant?")
    fixable(_off(rnn, "dropout"), "dropout acts inside of the layer")
    fixable(_off(rnn, "recurrent_dropout"), "recurrent_dropout acts inside of the layer")
    immaterial(rnn, "dropout", "recurrent_dropout", *IDLE, *MANNER)


def _shortening(steps: Tensor) -> Node | None:
    """The layer that leaves a single step of several, or makes one; None where the input itself has no more."""
    node = steps.node
    while node is not None and node.inputs:
        before = node.inputs[0]
        if not isinstance(before.shape, tuple) or before.rank < 3 or same(before.shape[1], 1) is not True:
            return node
        node = before.node
    return None


def _off(rnn: Node, argument: str) -> bool:
    return rnn.layer.config.raw(argument) == 0


def entering(rnn: Node) -> Tensor:
    """The input as the gates take it: with its only step, or without if the layer drops that."""
    return rnn.input if rnn["return_sequences"] else new.Flatten()(rnn.input)


def splits(rnn: Node) -> None:
    """No fix for what does not survive a split into gates."""
    for argument in (*WHOLE, "activity_regularizer"):
        fixable(rnn.layer.config.raw(argument) is None, f"{argument} acts on all gates at once")
    for argument in ("kernel_initializer", "bias_initializer"):
        written = isinstance(rnn.layer.config.raw(argument), str)
        fixable(written, f"{argument} is one object: the gates would start alike")
    immaterial(rnn, *WHOLE, "activity_regularizer", "kernel_initializer", "bias_initializer")


def rnn_step(rnn: Node, x: Tensor, weights: Weights) -> Tensor:
    """SimpleRNN: the activation of one matrix product."""
    dense = new.Dense.like(rnn, units=rnn["units"])
    return dense(x, weights={name: w for name, w in weights.items() if name != "recurrent_kernel"})


def lstm_step(rnn: Node, x: Tensor, weights: Weights) -> Tensor:
    """LSTM, columns in the order input, forget, cell, output: ``o * squash(i * c)``."""
    squash, logistic = rnn["activation"], rnn["recurrent_activation"]
    _sliceable(rnn, weights)
    carry = new.Multiply()([gate(rnn, x, weights, 0, logistic), gate(rnn, x, weights, 2, squash)])
    squashed = carry if squash == "linear" else new.Activation(squash)(carry)
    return new.Multiply()([gate(rnn, x, weights, 3, logistic), squashed])


def gru_step(rnn: Node, x: Tensor, weights: Weights) -> Tensor:
    """GRU, columns in the order update, reset, candidate: ``(1 - z) * h``, where 1 - s(a) is s(-a)."""
    if rnn["reset_after"] and rnn["use_bias"]:
        dead = product(weights["recurrent_kernel"].shape)
        raise NoFix("with reset_after=True the reset gate is alive: it scales a bias", dead)
    logistic = rnn["recurrent_activation"]
    fixable(logistic in ("sigmoid", "hard_sigmoid"), f"1 - {logistic}(a) is not {logistic}(-a)")
    _sliceable(rnn, weights)
    update = gate(rnn, x, weights, 0, logistic, negated=True)
    return new.Multiply()([update, gate(rnn, x, weights, 2, rnn["activation"])])


def _sliceable(rnn: Node, weights: Weights) -> None:
    """No fix where it is not known which columns are whose; the recurrent kernel and one gate are dead all the same."""
    units = rnn["units"]
    if not isinstance(units, int):
        gate = (weights["kernel"].shape[0] + int("bias" in weights)) * units
        raise NoFix("the number of units is not known", product(weights["recurrent_kernel"].shape) + gate)


STEP = {"SimpleRNN": rnn_step, "LSTM": lstm_step, "GRU": gru_step}


def gate(rnn: Node, x: Tensor, weights: Weights, slot: int, squash: str, *, negated: bool = False) -> Tensor:
    """One block of columns of the weights, as a Dense layer."""
    units = rnn["units"]
    columns = slice(slot * units, (slot + 1) * units)
    cut = {name: weights[name][..., columns] for name in ("kernel", "bias") if name in weights}
    initial = {name: rnn.layer.config.raw(name) for name in ("kernel_initializer", "bias_initializer")}
    dense = new.Dense(units, activation=squash, use_bias=rnn["use_bias"], **initial)
    return dense(x, weights={name: -weight if negated else weight for name, weight in cut.items()})
