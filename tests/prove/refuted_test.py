"""Wrong rewrites are refuted, each with a reason that names what differs."""

from __future__ import annotations

import pytest
from tests.prove.oversights import OTHERWISE_TRAINED, OVERSIGHTS
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
from tests.prove.slips import SLIPS, slip

from kerlint.graph.answer import Rewrite
from kerlint.graph.dim import symbol
from kerlint.graph.graph import Tensor
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


def fewer_taps(x: Tensor, taps: int, kept: int) -> Rewrite:
    """The outer taps of a long window left out: wrong for what is longer than the window."""
    conv = old("Conv1D", x, 3, taps, padding="same")
    first = (taps - kept) // 2
    mapped = {"kernel": conv.weights["kernel"][first : first + kept], "bias": conv.weights["bias"]}
    return conv.becomes(new("Conv1D", x, mapped, 3, kept, padding="same"))


def shorter_pool() -> Rewrite:
    pool = old("MaxPooling1D", tensor(N, 4), 21, strides=1, padding="same")
    return pool.becomes(new("MaxPooling1D", pool.input, None, 11, strides=1, padding="same"))


def forgetful(kind: str, steps: int = 5) -> Rewrite:
    """The second batch starts anew."""
    rnn = old(kind, Tensor((3, steps, 4), "float32", False), 3, stateful=True)
    return rnn.becomes(new(kind, rnn.input, rnn.weights, 3))


def first_step() -> Rewrite:
    """The first step alone, as if it always counted: wrong where padding is in front."""
    rnn = old("SimpleRNN", tensor(5, 4, masked=True), 3, return_sequences=True)
    cut = old("Cropping1D", rnn.output, (0, 4))
    mapped = {name: weight for name, weight in rnn.weights.items() if name != "recurrent_kernel"}
    step = new("Cropping1D", rnn.input, None, (0, 4))
    return Rewrite((rnn, cut), new("Dense", step, mapped, 3, activation="tanh"))


def whole_numbers() -> Rewrite:
    """Integers end below six, says who saw only small ones."""
    scaled = old("Rescaling", tensor(4, dtype="int32"), 1.0)
    bent = old("ReLU", scaled.output, max_value=6.0)
    return Rewrite((scaled, bent), new("Rescaling", scaled.input, None, 1.0))


def scaled_before(limit: float) -> Rewrite:
    """What bends behind a scale."""
    scaled = old("Rescaling", tensor(4), 1 / 255)
    bent = old("ReLU", scaled.output, max_value=limit)
    return Rewrite((scaled, bent), new("ReLU", new("Rescaling", scaled.input, None, 1 / 255), None))


def dropped_together() -> Rewrite:
    """Two that drop independently, as if they dropped the same."""
    x, y = tensor(4), tensor(4)
    left, right = old("Dropout", x, 0.5), old("Dropout", y, 0.5)
    both = old("Add", [left.output, right.output])
    total = new("Add", [x, y], None)
    dropped = [new("Dropout", total, None, 0.5) for _ in range(2)]
    return Rewrite((left, right, both), new("Average", dropped, None))


def dropped_once() -> Rewrite:
    """The sum of two independent ones is not the larger of them, doubled."""
    x = tensor(4)
    left, right = old("Dropout", x, 0.5), old("Dropout", x, 0.5)
    both = old("Add", [left.output, right.output])
    once = [new("Dropout", x, None, 0.5) for _ in range(2)]
    return Rewrite((left, right, both), new("Maximum", [new("Add", [a, a], None) for a in once], None))


WRONG = {
    "far taps of an unknown length": (fewer_taps(tensor(N, 4), 21, 9), "same-training", "outputs differ"),
    "shorter pool on an unknown length": (shorter_pool(), "identical", "outputs differ"),
    "state forgotten by LSTM": (forgetful("LSTM"), "identical", "second batch"),
    "state forgotten after many steps": (forgetful("LSTM", 40), "identical", "second batch"),
    "state forgotten by GRU": (forgetful("GRU"), "identical", "second batch"),
    "the only step masked": (single_step("SimpleRNN", tensor(1, 4, masked=True)), "same-function", "outputs differ"),
    "padding in front": (first_step(), "same-function", "outputs differ"),
    "integers beyond six": (whole_numbers(), "identical", "outputs differ"),
    "no ceiling at 500": (slip("ReLU", tensor(4), {"max_value": 500.0}, {"max_value": None}), "identical", "outputs"),
    "no ceiling at 10,000": (slip("ReLU", tensor(4), {"max_value": 1e4}, {"max_value": None}), "identical", "outputs"),
    "no ceiling behind a scale": (scaled_before(6.0), "identical", "outputs differ"),
    "another ceiling": (slip("ReLU", tensor(4), {"max_value": 900.0}, {"max_value": 901.0}), "identical", "outputs"),
    "no floor at 300": (slip("ReLU", tensor(4), {"threshold": 300.0}, {"threshold": 290.0}), "identical", "outputs"),
    "dropped together": (dropped_together(), "identical", "outputs differ"),
    "dropped once": (dropped_once(), "identical", "outputs differ"),
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
    "lost constraint": (lost_constraint(), "identical", "constraint"),
    "other momentum": (momentum(), "same-training", "inference"),
    "other pooling": (other_pool(), "identical", "outputs differ"),
    "reversed inputs": (reversed_inputs(), "identical", "outputs differ"),
    "dropout left out": (nothing("Dropout", tensor(5), 0.5), "identical", "outputs differ"),
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


@pytest.mark.parametrize("case", [*SLIPS, *OVERSIGHTS])
def test_slips(case: str, prover: Prover) -> None:
    proof = prover.prove({**SLIPS, **OVERSIGHTS}[case], "same-function")
    assert proof.status == "refuted", proof
    assert "outputs differ" in (proof.reason or ""), "both ran, and gave something else"


@pytest.mark.parametrize("case", OTHERWISE_TRAINED)
def test_another_training(case: str, prover: Prover) -> None:
    rewrite, said = OTHERWISE_TRAINED[case]
    for level in ("identical", "same-training"):
        proof = prover.prove(rewrite, level)
        assert proof.status == "refuted" and said in (proof.reason or ""), proof


def test_the_mutation_score() -> None:
    """How many wrong rewrites are tried: each of them has to be refuted above."""
    assert len({*WRONG, *SLIPS, *OVERSIGHTS, *OTHERWISE_TRAINED}) >= 153


def test_a_weaker_level_leaves_out_what_it_does_not_claim(prover: Prover) -> None:
    assert prover.prove(only_regularizer(), "same-function").proved


def test_of_a_constant_nothing_is_said(prover: Prover) -> None:
    """Neither that the replacement is right nor that it is wrong."""
    proof = prover.prove(constant(), "identical")
    assert proof.status == "unprovable" and "the output is a constant; never matters" in (proof.reason or "")


def test_idle_weights_are_named(prover: Prover) -> None:
    assert prover.prove(kept_lstm(), "same-function").idle == ("recurrent_kernel of LSTM",)
