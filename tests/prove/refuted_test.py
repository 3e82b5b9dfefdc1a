"""Wrong rewrites are refuted, each with a reason that names what differs."""

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
)
from tests.prove.slips import SLIPS

from kerlint.graph.answer import Rewrite
from kerlint.graph.dim import symbol
from kerlint.graph.layer import Object, Unknown
from kerlint.prove.client import Prover

pytestmark = pytest.mark.keras
N = symbol("n")


def kept_lstm() -> Rewrite:
    """A replacement that keeps what cannot matter."""
    lstm = old("LSTM", tensor(1, 4), 3)
    return lstm.becomes(new("LSTM", lstm.input, lstm.weights, 3))


def only_regularizer() -> Rewrite:
    """The same outputs, but another training."""
    dense = old("Dense", tensor(4), 3, kernel_regularizer=Object("L2", (("l2", 0.1),)))
    return dense.becomes(new("Dense", dense.input, dense.weights, 3))


def unknown_regularizer() -> Rewrite:
    """What is not known of the regulariser is no reason to lose it."""
    dense = old("Dense", tensor(4), 3, kernel_regularizer=Unknown("penalty", "a parameter"))
    return dense.becomes(new("Dense", dense.input, dense.weights, 3))


def other_strength() -> Rewrite:
    one, other = (Object("L2", (("l2", Unknown(name, "a parameter")),)) for name in ("decay", "weight_decay"))
    dense = old("Dense", tensor(4), 3, kernel_regularizer=one)
    return dense.becomes(new("Dense", dense.input, dense.weights, 3, kernel_regularizer=other))


def lost_constraint() -> Rewrite:
    dense = old("Dense", tensor(4), 3, kernel_constraint=Object("UnitNorm"))
    return dense.becomes(new("Dense", dense.input, dense.weights, 3))


def momentum() -> Rewrite:
    """Outputs agree in both modes; only the moving mean after a step does not."""
    norm = old("BatchNormalization", tensor(4), momentum=0.9)
    return norm.becomes(new("BatchNormalization", norm.input, norm.weights, momentum=0.8))


def other_pool() -> Rewrite:
    pool = old("MaxPooling1D", tensor(6, 3), 2)
    return pool.becomes(new("AveragePooling1D", pool.input, None, 2))


def constant() -> Rewrite:
    """Softmax over one unit: right, but the output says nothing of the weights."""
    conv = old("Conv1D", tensor(4, 3), 1, 1, activation="softmax")
    mapped = {"kernel": conv.weights["kernel"][0], "bias": conv.weights["bias"]}
    return conv.becomes(new("Dense", conv.input, mapped, 1, activation="softmax"))


def reversed_inputs() -> Rewrite:
    a, b = tensor(4), tensor(4)
    node = old("Subtract", [a, b])
    return node.becomes(new("Subtract", [b, a], None))


WRONG = {
    "transposed kernel": (pointwise(tensor(6, 4), "relu", "transposed"), "identical", "outputs differ"),
    "dropped bias": (pointwise(tensor(6, 3), "relu", "bias"), "identical", "outputs differ"),
    "negative bias": (pointwise(tensor(6, N), "relu", "sign"), "identical", "outputs differ"),
    "no activation": (pointwise(tensor(6, 3), "relu", "activation"), "identical", "outputs differ"),
    "forget for input": (
        single_step("LSTM", tensor(1, 4), gates=(1, 2, 3)),
        "same-function",
        "outputs differ",
    ),
    "swapped gates": (single_step("LSTM", tensor(1, N), gates=(3, 2, 0)), "same-function", "outputs differ"),
    "no tanh": (single_step("LSTM", tensor(1, 4), squash=False), "same-function", "outputs differ"),
    "other activation": (
        single_step("SimpleRNN", tensor(1, 4), activation="relu"),
        "same-function",
        "outputs",
    ),
    "two steps": (single_step("SimpleRNN", tensor(2, 4)), "same-function", "outputs differ"),
    "masked step": (single_step("SimpleRNN", tensor(2, 4, masked=True)), "same-function", "differ"),
    "gru without 1-": (gru_step(tensor(1, 4), negated=False), "same-function", "outputs differ"),
    "backward first": (bidirectional_step(tensor(1, 4), backwards=True), "same-function", "outputs differ"),
    "off-by-one tap": (dead_tap(1), "same-function", "outputs differ"),
    "sum of taps": (dead_tap(live=False), "same-function", "outputs differ"),
    "off-by-one border": (cropped(1), "same-function", "outputs differ"),
    "moving mean kept": (normalized_bias(tensor(7, 3), moving="kept"), "same-training", "inference"),
    "moving mean plus bias": (normalized_bias(tensor(7, 3), moving="plus"), "same-training", "inference"),
    "moving mean kept, channels first": (channels_first("kept"), "same-training", "inference"),
    "layer normalization": (
        normalized_bias(tensor(7, 3), "LayerNormalization"),
        "same-training",
        "outputs differ",
    ),
    "wrong axes": (stepwise(tensor(4, 4), "abc,bdc->abd!"), "same-function", "outputs differ"),
    "one bias of two": (linear_chain(bias=False), "same-class", "outputs differ"),
    "idle": (kept_lstm(), "identical", "recurrent_kernel of LSTM"),
    "lost regularizer": (only_regularizer(), "identical", "losses"),
    "lost regularizer that is not known": (unknown_regularizer(), "identical", "losses"),
    "regularizer of another strength": (other_strength(), "identical", "losses"),
    "lost constraint": (lost_constraint(), "identical", "steps of SGD"),
    "other momentum": (momentum(), "same-training", "inference"),
    "other pooling": (other_pool(), "identical", "outputs differ"),
    "reversed inputs": (reversed_inputs(), "identical", "outputs differ"),
    "dropout left out": (nothing("Dropout", tensor(5), 0.5), "identical", "random numbers"),
    "relu left out": (nothing("Activation", tensor(5), "relu"), "identical", "outputs differ"),
    "scaling left out": (nothing("Rescaling", tensor(5), 2.0), "identical", "outputs differ"),
    "permutation left out": (nothing("Permute", tensor(4, 4), (2, 1)), "identical", "outputs differ"),
    "penalty left out": (nothing("ActivityRegularization", tensor(5), l2=0.1), "identical", "losses"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong(case: str, prover: Prover) -> None:
    rewrite, level, said = WRONG[case]
    proof = prover.prove(rewrite, level)
    assert proof.status == "refuted", proof
    assert said in (proof.reason or "")


@pytest.mark.parametrize("case", SLIPS)
def test_slips(case: str, prover: Prover) -> None:
    proof = prover.prove(SLIPS[case], "same-function")
    assert proof.status == "refuted", proof
    assert "outputs differ" in (proof.reason or ""), "both ran, and gave something else"


def test_the_mutation_score() -> None:
    """How many wrong rewrites are tried: each of them has to be refuted above."""
    assert len({*WRONG, *SLIPS}) >= 60


def test_a_weaker_level_leaves_out_what_it_does_not_claim(prover: Prover) -> None:
    assert prover.prove(only_regularizer(), "same-function").proved


def test_of_a_constant_nothing_is_said(prover: Prover) -> None:
    """Neither that the replacement is right nor that it is wrong."""
    proof = prover.prove(constant(), "identical")
    assert proof.status == "unprovable" and "the output is a constant; never matters" in (proof.reason or "")


def test_idle_weights_are_named(prover: Prover) -> None:
    assert prover.prove(kept_lstm(), "same-function").idle == ("recurrent_kernel of LSTM",)
