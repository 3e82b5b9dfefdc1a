"""Right rewrites are proved, with their own negative controls."""

from __future__ import annotations

import pytest
from tests.prove.regions import (
    bidirectional_step,
    channels_first,
    cropped,
    dead_tap,
    gru_step,
    linear_chain,
    new,
    normalized_bias,
    nothing,
    old,
    pointwise,
    single_step,
    stepwise,
    tensor,
    timed_dense,
)

from kerlint.graph.answer import Rewrite
from kerlint.graph.dim import symbol
from kerlint.graph.layer import Object, Unknown
from kerlint.prove.client import Prover

pytestmark = pytest.mark.keras
N, T = symbol("n"), symbol("T", free=True)


def embedded() -> Rewrite:
    """Embedding, then a layer that does nothing: indices in range, a mask that is handed on."""
    table = old("Embedding", tensor(6), 9, 4, mask_zero=True)
    idle = old("Activation", table.output, "linear")
    return Rewrite((table, idle), new("Embedding", table.input, table.weights, 9, 4, mask_zero=True))


def regularized() -> Rewrite:
    """Regularisers and constraints travel, and take part in training."""
    both = {"kernel_regularizer": Object("L2", (("l2", 0.1),)), "bias_constraint": Object("NonNeg")}
    conv = old("Conv1D", tensor(3, 4), 5, 1, **both)
    mapped = {"kernel": conv.weights["kernel"][0], "bias": conv.weights["bias"]}
    return conv.becomes(new("Dense", conv.input, mapped, 5, **both))


def undecided() -> Rewrite:
    """A regulariser that is not known, another of an unknown strength, and weights to begin with: all travel."""
    strength = Unknown("decay", "a parameter of build()")
    both = {
        "kernel_regularizer": Unknown("penalty", "a parameter"),
        "bias_regularizer": Object("L2", (("l2", strength),)),
    }
    conv = old("Conv1D", tensor(3, 4), 5, 1, **both, weights=Unknown("start", "read from a file"))
    mapped = {"kernel": conv.weights["kernel"][0], "bias": conv.weights["bias"]}
    return conv.becomes(new("Dense", conv.input, mapped, 5, **both))


def planar() -> Rewrite:
    """Conv2D over one position (KER101 with ``ranks = [1, 2]``)."""
    conv = old("Conv2D", tensor(5, 4, 3), 6, 1, padding="same")
    mapped = {"kernel": conv.weights["kernel"][0, 0], "bias": conv.weights["bias"]}
    return conv.becomes(new("Dense", conv.input, mapped, 6))


RIGHT = {
    "pointwise over two axes": (planar(), "identical"),
    "pointwise softmax": (pointwise(tensor(6, 3)), "identical"),
    "pointwise on n channels": (pointwise(tensor(6, N), "relu"), "identical"),
    "pointwise on T steps": (pointwise(tensor(T, 4), "tanh"), "identical"),
    "simple rnn": (single_step("SimpleRNN", tensor(1, 4)), "same-function"),
    "lstm": (single_step("LSTM", tensor(1, N)), "same-function"),
    "gru": (gru_step(tensor(1, 4)), "same-function"),
    "bidirectional": (bidirectional_step(tensor(1, 4)), "same-function"),
    "dead tap": (dead_tap(), "same-function"),
    "dead border": (cropped(), "same-function"),
    "bias": (normalized_bias(tensor(7, 3)), "same-training"),
    "bias, T steps": (normalized_bias(tensor(T, 3), padding="same"), "same-training"),
    "bias, channels first": (channels_first(), "same-training"),
    "bias, channels first, one axis": (channels_first(kind="Conv1D"), "same-training"),
    "stepwise": (stepwise(tensor(5, 3)), "same-function"),
    "stepwise, transposed": (stepwise(tensor(5, 3), "abc,bdc->abd"), "same-function"),
    "timed": (timed_dense(tensor(5, 3)), "identical"),
    "timed, masked": (timed_dense(tensor(5, 3, masked=True)), "identical"),
    "timed, perhaps masked": (timed_dense(tensor(5, 3, masked=None)), "identical"),
    "linear chain": (linear_chain(), "same-class"),
    "embedding": (embedded(), "identical"),
    "regularized": (regularized(), "identical"),
    "regularized by what is not known": (undecided(), "identical"),
    "no dropout": (nothing("Dropout", tensor(5), 0.0), "identical"),
    "linear": (nothing("Activation", tensor(5), "linear"), "identical"),
    "pool of one": (nothing("MaxPooling1D", tensor(5, 3), 1), "identical"),
    "padding of none": (nothing("ZeroPadding2D", tensor(4, 5, 3), 0), "identical"),
    "no cropping": (nothing("Cropping1D", tensor(6, 3), 0), "identical"),
    "same permutation": (nothing("Permute", tensor(4, 5), (1, 2)), "identical"),
    "same shape": (nothing("Reshape", tensor(4, 5), (4, 5)), "identical"),
    "flat already": (nothing("Flatten", tensor(5)), "identical"),
    "no penalty": (nothing("ActivityRegularization", tensor(5)), "identical"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right(case: str, prover: Prover) -> None:
    rewrite, level = RIGHT[case]
    proof = prover.prove(rewrite, level)
    assert proof.proved, proof.reason
    assert proof.max_error is not None and proof.max_error < 1e-12
    assert proof.idle == () and proof.inputs >= 5 and proof.keras


def test_several_sizes_are_compared(prover: Prover) -> None:
    known = prover.prove(*RIGHT["pointwise softmax"])
    drawn = prover.prove(*RIGHT["pointwise on n channels"])
    assert drawn.inputs > known.inputs
