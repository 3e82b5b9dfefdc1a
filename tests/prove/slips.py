"""Slips of a rewrite's author: one layer for one layer, and one thing about it is wrong."""

from __future__ import annotations

from collections.abc import Callable

from tests.prove.regions import Mapped, new, old, tensor

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Tensor
from kerlint.graph.weight import concat

Arguments = dict[str, object]
Inputs = Tensor | list[Tensor]


def slip(kind: str, x: Inputs, given: Arguments, wrong: Arguments, into: str = "") -> Rewrite:
    """The same layer with some arguments changed, or another class with them."""
    node = old(kind, x, **given)
    return node.becomes(new(into or kind, x, node.weights, **{**given, **wrong}))


def mapped(kind: str, x: Inputs, given: Arguments, wrong: Callable[[Mapped], Mapped]) -> Rewrite:
    """The same layer with some weights mapped wrongly."""
    node = old(kind, x, **given)
    return node.becomes(new(kind, x, node.weights | wrong(node.weights), **given))


def turned(name: str, axis: int) -> Callable[[Mapped], Mapped]:
    """The entries of a weight moved on by one along an axis."""

    def change(weights: Mapped) -> Mapped:
        before = (slice(None),) * axis
        weight = weights[name]
        return {name: concat([weight[(*before, slice(1, weight.shape[axis]))], weight[(*before, slice(0, 1))]], axis)}

    return change


def swapped(left: str, right: str) -> Callable[[Mapped], Mapped]:
    """Two weights of one shape exchanged."""
    return lambda weights: {left: weights[right], right: weights[left]}


def merged() -> Rewrite:
    """Two inputs, concatenated the other way round."""
    left, right = tensor(4), tensor(4)
    return old("Concatenate", [left, right]).becomes(new("Concatenate", [right, left], None))


STEPS, SQUARE, IMAGE = tensor(6, 4), tensor(4, 4), tensor(5, 5, 4)
CONV: Arguments = {"filters": 4, "kernel_size": 2, "padding": "same"}

SLIPS: dict[str, Rewrite] = {
    "padding on the other side": slip("Conv1D", STEPS, {**CONV, "padding": "causal"}, {"padding": "same"}),
    "dilation forgotten": slip("Conv1D", STEPS, {**CONV, "dilation_rate": 2}, {"dilation_rate": 1}),
    "taps in the other order": mapped("Conv1D", STEPS, CONV, turned("kernel", 0)),
    "channels off by one": mapped("Conv1D", STEPS, CONV, turned("kernel", 1)),
    "filters off by one": mapped("Conv1D", STEPS, CONV, turned("kernel", 2)),
    "bias off by one": mapped("Conv1D", STEPS, CONV, turned("bias", 0)),
    "rows and columns": mapped(
        "Conv2D", IMAGE, {**CONV, "kernel_size": 3}, lambda w: {"kernel": w["kernel"].transpose(1, 0, 2, 3)}
    ),
    "in and out": mapped(
        "Conv2D", IMAGE, {**CONV, "kernel_size": 3}, lambda w: {"kernel": w["kernel"].transpose(0, 1, 3, 2)}
    ),
    "depthwise taps": mapped("DepthwiseConv1D", STEPS, {"kernel_size": 3, "padding": "same"}, turned("kernel", 0)),
    "scale and shift": mapped("BatchNormalization", STEPS, {}, swapped("gamma", "beta")),
    "mean for shift": mapped("BatchNormalization", STEPS, {}, swapped("moving_mean", "beta")),
    "other epsilon": slip("BatchNormalization", STEPS, {}, {"epsilon": 0.01}),
    "other axis of normalization": slip("LayerNormalization", SQUARE, {"axis": -1}, {"axis": 1}),
    "other axis of softmax": slip("Softmax", SQUARE, {"axis": -1}, {"axis": 1}),
    "mean for sum": slip("Add", [STEPS, tensor(6, 4)], {}, {}, "Average"),
    "maximum for sum": slip("Add", [STEPS, tensor(6, 4)], {}, {}, "Maximum"),
    "no transpose": slip("Permute", SQUARE, {"dims": (2, 1)}, {"dims": (1, 2)}),
    "mean for maximum": slip("GlobalMaxPooling1D", STEPS, {}, {}, "GlobalAveragePooling1D"),
    "other slope": slip("LeakyReLU", STEPS, {"negative_slope": 0.1}, {"negative_slope": 0.2}),
    "no ceiling": slip("ReLU", STEPS, {"max_value": 1.0}, {"max_value": None}),
    "no threshold": slip("ReLU", STEPS, {"threshold": 0.5}, {"threshold": 0.0}),
    "rows off by one": mapped("Embedding", tensor(6), {"input_dim": 9, "output_dim": 4}, turned("embeddings", 0)),
    "time the other way": slip("LSTM", STEPS, {"units": 3}, {"go_backwards": True}),
    "activations of the gates": slip("LSTM", STEPS, {"units": 3}, {"recurrent_activation": "hard_sigmoid"}),
    "recurrent kernel transposed": mapped(
        "SimpleRNN", STEPS, {"units": 3}, lambda w: {"recurrent_kernel": w["recurrent_kernel"].transpose(1, 0)}
    ),
    "gates off by one": mapped("GRU", STEPS, {"units": 1}, turned("kernel", 1)),
    "no offset": slip("Rescaling", STEPS, {"scale": 2.0, "offset": 0.5}, {"offset": 0.0}),
    "padded behind": slip("ZeroPadding1D", STEPS, {"padding": (1, 0)}, {"padding": (0, 1)}),
    "cropped behind": slip("Cropping1D", STEPS, {"cropping": (1, 0)}, {"cropping": (0, 1)}),
    "smooth for blocks": slip("UpSampling2D", IMAGE, {"size": 2}, {"interpolation": "bilinear"}),
    "merge order": merged(),
}
