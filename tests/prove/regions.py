"""Rewrites made by hand, right ones and, by an argument, wrong ones; no rule is involved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerlint.graph.answer import Rewrite
from kerlint.graph.dim import BATCH, Dim
from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import Layer
from kerlint.graph.weight import Weight, concat, zeros
from kerlint.layers.bind import bind
from kerlint.layers.table import TABLE

Mapped = dict[str, Weight]


def tensor(*shape: Dim, dtype: str = "float32", masked: bool | None = False) -> Tensor:
    """A batch of arrays of ``shape``."""
    return Tensor((BATCH, *shape), dtype, masked)


def layer(kind: str, *args: object, **kwargs: object) -> Layer:
    """A layer, as its constructor makes it."""
    return Layer(TABLE[kind], bind(TABLE[kind], args, kwargs).config, kind.lower())


def old(kind: str, inputs: Tensor | Sequence[Tensor], *args: object, **kwargs: object) -> Node:
    """An application in the user's model."""
    return Node(layer(kind, *args, **kwargs), (inputs,) if isinstance(inputs, Tensor) else tuple(inputs))


def new(
    kind: str, inputs: Tensor | Sequence[Tensor], weights: Mapped | None, *args: object, **kwargs: object
) -> Tensor:
    """An application in a replacement."""
    tensors = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    return Node(layer(kind, *args, **kwargs), tensors, mapped=weights or {}).output


def pointwise(x: Tensor, activation: str = "softmax", wrong: str = "") -> Rewrite:
    """Conv1D with a kernel of one step is Dense."""
    conv = old("Conv1D", x, 4, 1, activation=activation)
    kernel, bias = conv.weights["kernel"][0], conv.weights["bias"]
    if wrong == "transposed":
        kernel = kernel.transpose(1, 0)
    if wrong == "bias":
        bias = zeros(4)
    if wrong == "sign":
        bias = -bias
    said = "linear" if wrong == "activation" else activation
    return conv.becomes(new("Dense", x, {"kernel": kernel, "bias": bias}, 4, activation=said))


def single_step(kind: str, x: Tensor, **wrong: Any) -> Rewrite:
    """LSTM or SimpleRNN on one step; ``gates`` are the columns used for input, cell and output."""
    units = 3
    rnn = old(kind, x, units, return_sequences=True)
    if kind == "SimpleRNN":
        kept = {n: w for n, w in rnn.weights.items() if n != "recurrent_kernel"}
        return rnn.becomes(new("Dense", x, kept, units, activation=wrong.get("activation", "tanh")))
    slots = wrong.get("gates", (0, 2, 3))

    def gate(slot: int, activation: str) -> Tensor:
        columns = slice(slot * units, (slot + 1) * units)
        kept = {n: w[..., columns] for n, w in rnn.weights.items() if n != "recurrent_kernel"}
        return new("Dense", x, kept, units, activation=activation)

    carry = new("Multiply", [gate(slots[0], "sigmoid"), gate(slots[1], "tanh")], None)
    squashed = carry if wrong.get("squash") is False else new("Activation", carry, None, "tanh")
    return rnn.becomes(new("Multiply", [gate(slots[2], "sigmoid"), squashed], None))


def gru_step(x: Tensor, negated: bool = True) -> Rewrite:
    """GRU without reset_after on one step: 1 - sigmoid(a) is sigmoid(-a)."""
    gru = old("GRU", x, 3, return_sequences=True, reset_after=False)
    update = {n: w[..., 0:3] for n, w in gru.weights.items() if n != "recurrent_kernel"}
    if negated:
        update = {n: -w for n, w in update.items()}
    candidate = {n: w[..., 6:9] for n, w in gru.weights.items() if n != "recurrent_kernel"}
    gates = [
        new("Dense", x, update, 3, activation="sigmoid"),
        new("Dense", x, candidate, 3, activation="tanh"),
    ]
    return gru.becomes(new("Multiply", gates, None))


def dead_tap(tap: int = 0, live: bool = True) -> Rewrite:
    """Conv1D of two taps on one step: the second only meets padding."""
    conv = old("Conv1D", tensor(1, 4), 5, 2, padding="same", activation="relu")
    kernel = conv.weights["kernel"][tap] if live else conv.weights["kernel"][0] + conv.weights["kernel"][1]
    mapped = {"kernel": kernel, "bias": conv.weights["bias"]}
    return conv.becomes(new("Dense", conv.input, mapped, 5, activation="relu"))


def cropped(start: int = 0, strides: int = 2) -> Rewrite:
    """Conv2D 3x3 stride 2 on 2x2: of each axis only two taps are live."""
    conv = old("Conv2D", tensor(2, 2, 3), 4, 3, strides=2, padding="same")
    kernel = conv.weights["kernel"][start : start + 2, start : start + 2]
    mapped = {"kernel": kernel, "bias": conv.weights["bias"]}
    return conv.becomes(new("Conv2D", conv.input, mapped, 4, 2, strides=strides, padding="same"))


def normalized_bias(x: Tensor, kind: str = "BatchNormalization", moving: str = "minus", **conv: Any) -> Rewrite:
    """The bias in front of BatchNormalization goes into its moving mean."""
    first = old("Conv1D", x, 4, 2, **conv)
    norm = old(kind, first.output)
    mapped = norm.weights
    bias = first.weights["bias"]
    if kind == "BatchNormalization":
        mean = mapped["moving_mean"]
        mapped["moving_mean"] = {"minus": mean - bias, "plus": mean + bias, "kept": mean}[moving]
    plain = new("Conv1D", x, {"kernel": first.weights["kernel"]}, 4, 2, use_bias=False, **conv)
    return Rewrite((first, norm), new(kind, plain, mapped))


def channels_first(moving: str = "minus", kind: str = "Conv2D") -> Rewrite:
    """The same with the channels first, of which TensorFlow has no convolution on a CPU, and a Dropout behind it."""
    x, where = tensor(3, 7, 6) if kind == "Conv2D" else tensor(3, 7), {"data_format": "channels_first"}
    first = old(kind, x, 4, 2, **where)
    norm = old("BatchNormalization", first.output, axis=1)
    drop = old("Dropout", norm.output, 0.3)
    mapped = norm.weights
    if moving == "minus":
        mapped["moving_mean"] = mapped["moving_mean"] - first.weights["bias"]
    plain = new(kind, x, {"kernel": first.weights["kernel"]}, 4, 2, use_bias=False, **where)
    normal = new("BatchNormalization", plain, mapped, axis=1)
    return Rewrite((first, norm, drop), new("Dropout", normal, None, 0.3))


def stepwise(x: Tensor, equation: str = "abc,bcd->abd") -> Rewrite:
    """LocallyConnected1D with a kernel of one step is EinsumDense."""
    local = old("LocallyConnected1D", x, 4, 1)
    steps = local.output.shape[1]
    mapped = {"kernel": local.weights["kernel"], "bias": local.weights["bias"]}
    if equation == "abc,bdc->abd":
        mapped["kernel"] = mapped["kernel"].transpose(0, 2, 1)
    if equation == "abc,bdc->abd!":
        equation = equation[:-1]
    return local.becomes(new("EinsumDense", x, mapped, equation, output_shape=(steps, 4), bias_axes="bd"))


def timed_dense(x: Tensor) -> Rewrite:
    """TimeDistributed(Dense) is Dense."""
    timed = old("TimeDistributed", x, layer("Dense", 3, activation="relu"))
    mapped = {name.removeprefix("layer."): weight for name, weight in timed.weights.items()}
    return timed.becomes(new("Dense", x, mapped, 3, activation="relu"))


def linear_chain(bias: bool = True) -> Rewrite:
    """Two Dense layers without activation are one: matrices and biases multiply."""
    first = old("Dense", tensor(4), 5)
    second = old("Dense", first.output, 2)
    a, b = first.weights, second.weights
    mapped = {"kernel": a["kernel"] @ b["kernel"], "bias": b["bias"]}
    if bias:
        mapped["bias"] = a["bias"] @ b["kernel"] + b["bias"]
    return Rewrite((first, second), new("Dense", first.input, mapped, 2))


def bidirectional_step(x: Tensor, backwards: bool = False) -> Rewrite:
    """Bidirectional(SimpleRNN) on one step: two Dense, concatenated; or one Dense."""
    both = old("Bidirectional", x, layer("SimpleRNN", 3, return_sequences=True))
    parts = ["forward_layer", "backward_layer"][:: -1 if backwards else 1]
    named = {n: w for n, w in both.weights.items() if "recurrent" not in n}
    mapped = {
        n: concat([next(w for m, w in named.items() if m.startswith(p) and m.endswith("." + n)) for p in parts], -1)
        for n in ("kernel", "bias")
    }
    return both.becomes(new("Dense", x, mapped, 6, activation="tanh"))


def nothing(kind: str, x: Tensor, *args: object, **kwargs: object) -> Rewrite:
    """A layer that is left out."""
    node = old(kind, x, *args, **kwargs)
    return Rewrite((node,), x)
