"""How a fresh model starts, as real Keras draws it: what the strict levels promise of it, and when it is broken."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from tests.harness import RULES, fixed, text_of
from tests.prove.conftest import Memory
from tests.prove.regions import layer, new, normalized_bias, nothing, old, pointwise, single_step, tensor

from kerlint.graph.answer import Rewrite
from kerlint.graph.dim import symbol
from kerlint.graph.layer import Object, Unknown
from kerlint.prove.client import Prover

pytestmark = pytest.mark.keras


def uniform(bound: float) -> Object:
    return Object("RandomUniform", (("minval", -bound), ("maxval", bound)))


def glorot(fan_in: int, fan_out: int) -> Object:
    """Glorot and Bengio (2010): uniform within sqrt(6 / (fan_in + fan_out)); rounded as Keras rounds it."""
    return uniform(math.sqrt(3.0 * (1.0 / ((fan_in + fan_out) / 2.0))))


# Class, arguments, input, which initialiser, what it is in full, and another reading of the fans: the control.
# Keras reads the fans of EinsumDense, and so of attention, off the equation; depthwise kernels are (h, w, in, 1).
FANS = {
    "Dense": ("Dense", (6,), (5,), "kernel", glorot(5, 6), glorot(5, 5)),
    "Conv2D": ("Conv2D", (5, 3), (6, 6, 4), "kernel", glorot(9 * 4, 9 * 5), glorot(4, 5)),
    "DepthwiseConv2D": ("DepthwiseConv2D", (3,), (6, 6, 4), "depthwise", glorot(9 * 4, 9), glorot(9, 9)),
    "SeparableConv1D": ("SeparableConv1D", (5, 3), (6, 4), "pointwise", glorot(4, 5), glorot(3 * 4, 5)),
    "EinsumDense": ("EinsumDense", ("ab,bcd->acd", (3, 4)), (5,), "kernel", glorot(5, 3 * 4), glorot(5 * 3, 5 * 4)),
    "MultiHeadAttention": (
        "MultiHeadAttention", (2, 3, None, 0.0, False), (6, 4), "kernel", glorot(4, 2 * 3), glorot(4 * 2, 4 * 3),
    ),
    "Embedding": ("Embedding", (9, 4), (6,), "embeddings", uniform(0.05), glorot(9, 4)),
    "LSTM": ("LSTM", (3,), (6, 4), "kernel", glorot(4, 4 * 3), glorot(4, 3)),
    "recurrent LSTM": ("LSTM", (3,), (6, 4), "recurrent", Object("Orthogonal"), glorot(3, 4 * 3)),
}  # fmt: skip


def drawn(case: str, which: int) -> Rewrite:
    """A layer for itself, its initialiser written out: what Keras draws of its own accord is compared with that."""
    kind, arguments, shape, weight, *initializers = FANS[case]
    x = tensor(*shape, dtype="int32" if kind == "Embedding" else "float32")
    inputs = [x, tensor(*shape)] if kind == "MultiHeadAttention" else x
    node = old(kind, inputs, *arguments)
    said = {f"{weight}_initializer": initializers[which]}
    return node.becomes(new(kind, inputs, node.weights, *arguments, **said))


@pytest.mark.parametrize("case", FANS)
def test_fans(case: str, prover: Prover) -> None:
    """What Keras draws are the numbers of these fans, to the bit, and of no others."""
    proof = prover.prove(drawn(case, 0), "same-training")
    assert proof.proved and proof.starts is None, proof
    control = prover.prove(drawn(case, 1), "same-training")
    assert control.proved and "starts otherwise" in (control.starts or ""), control


def halves() -> Rewrite:
    """Dense(6) as two of 3 units: the bound of the kernels is another one."""
    dense = old("Dense", tensor(4), 6)
    parts = [{name: weight[..., i : i + 3] for name, weight in dense.weights.items()} for i in (0, 3)]
    return dense.becomes(new("Concatenate", [new("Dense", dense.input, part, 3) for part in parts], None))


def sliced(initializer: str) -> Rewrite:
    """Conv1D of two taps on one step: of zeros the one that is left is zeros."""
    conv = old("Conv1D", tensor(1, 4), 5, 2, padding="same", kernel_initializer=initializer)
    mapped = conv.weights | {"kernel": conv.weights["kernel"][0]}
    return conv.becomes(new("Dense", conv.input, mapped, 5, kernel_initializer=initializer))


def written(before: object, after: object, name: str = "kernel_initializer") -> Rewrite:
    dense = old("Dense", tensor(4), 3, **{name: before})
    return dense.becomes(new("Dense", dense.input, dense.weights, 3, **{name: after}))


def exchanged() -> Rewrite:
    """Two layers of one size, made in the other order: each draws what the other drew."""
    nodes = [old("Dense", tensor(4), 3) for _ in range(2)]
    both = old("Add", [node.output for node in nodes])
    return Rewrite((*nodes, both), new("Add", [new("Dense", n.input, n.weights, 3) for n in nodes[::-1]], None))


def cancelling() -> Rewrite:
    """Two weights that start at random, one less the other: that is not zero, whatever one seed for both gives."""
    random = {"moving_mean_initializer": "random_normal"}
    first = old("Conv1D", tensor(7, 3), 4, 2, bias_initializer="random_normal")
    norm = old("BatchNormalization", first.output, **random)
    mapped = norm.weights | {"moving_mean": norm.weights["moving_mean"] - first.weights["bias"]}
    plain = new("Conv1D", first.input, {"kernel": first.weights["kernel"]}, 4, 2, use_bias=False)
    return Rewrite((first, norm), new("BatchNormalization", plain, mapped))


def one_draw_less() -> Rewrite:
    """An initialiser without a weight draws a seed of its own, too."""
    dense = old("Dense", tensor(4), 3, use_bias=False, bias_initializer="random_normal")
    return dense.becomes(new("Dense", dense.input, dense.weights, 3, use_bias=False))


def unknown(expression: str) -> Unknown:
    return Unknown(expression, "a parameter of build()")


def dropout(before: object, after: object) -> Rewrite:
    node = old("Dropout", tensor(5), 0.5, seed=before)
    return node.becomes(new("Dropout", node.input, None, 0.5, seed=after))


def with_dropout() -> Rewrite:
    """A layer that draws in training, in front of one that draws its kernel."""
    drop = old("Dropout", tensor(4), 0.5)
    dense = old("Dense", drop.output, 3)
    x = new("Dropout", drop.input, None, 0.5)
    return Rewrite((drop, dense), new("Dense", x, dense.weights, 3))


N = symbol("n")
MATRIX = Object("Constant", (("value", Unknown("matrix", "read from a file")),))
TIMED = old("TimeDistributed", tensor(5, 3), layer("Dense", 3, kernel_initializer="he_normal"))
INNER = {name.removeprefix("layer."): weight for name, weight in TIMED.weights.items()}

HOLDS = {
    "a reshaped kernel": (pointwise(tensor(6, N)), "identical"),
    "nothing was drawn": (nothing("Dropout", tensor(5), 0.0), "identical"),
    "a wrapped layer": (
        TIMED.becomes(new("Dense", TIMED.input, INNER, 3, kernel_initializer="he_normal")),
        "identical",
    ),
    "a slice of zeros": (sliced("zeros"), "same-training"),
    "the draws in front of it do not matter": (single_step("SimpleRNN", tensor(1, 4)), "same-training"),
    "zeros less zeros": (normalized_bias(tensor(7, 3)), "same-training"),
    "the order does not matter": (exchanged(), "same-training"),
    "another spelling": (written("zeros", Object("Constant", (("value", 0.0),))), "identical"),
    "the same of a seed": (
        written(Object("HeNormal", (("seed", 3),)), Object("HeNormal", (("seed", 3),))),
        "identical",
    ),
    "the same unknown one": (written(unknown("init"), unknown("init")), "identical"),
    "the same unknown values": (written(MATRIX, MATRIX), "identical"),
    "the same seed": (dropout(1, 1), "identical"),
    "the same unknown seed": (dropout(unknown("seed"), unknown("seed")), "identical"),
    "a layer that draws in training": (with_dropout(), "identical"),
}
OTHERWISE = {
    "the fans of halves": (halves(), "identical", "kernel of Dense ("),
    "the fans of halves, trained": (halves(), "same-training", "kernel of Dense ("),
    "a slice of random numbers": (sliced("glorot_uniform"), "same-training", "kernel of Dense ("),
    "what cancels out": (cancelling(), "same-training", "moving_mean of BatchNormalization ("),
    "random for zeros": (written("zeros", "he_normal"), "identical", "instead of 0 \u00b1 0"),
    "a bias of ones": (written("zeros", "ones", "bias_initializer"), "identical", "bias of Dense (1 \u00b1 0"),
    "normal for uniform": (written("glorot_uniform", "glorot_normal"), "same-training", "kernel of Dense ("),
    "a moving mean less a random bias": (
        normalized_bias(tensor(7, 3), bias_initializer="ones"), "same-training", "moving_mean of BatchNormalization",
    ),
    "another order": (exchanged(), "identical", "kernel of Dense ("),
    "a draw less": (one_draw_less(), "identical", "a seeded run is another one"),
    "draws in front of it": (single_step("SimpleRNN", tensor(1, 4)), "identical", "kernel of Dense ("),
    "a parameter less": (sliced("zeros"), "identical", "25 parameters here instead of 45"),
    "another unknown one": (written(unknown("a"), unknown("b")), "identical", "kernel of Dense ("),
    "one that Keras refuses": (written("zeros", "no_such_thing"), "identical", "it is not known how"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOLDS)
def test_starts_as_before(case: str, prover: Prover) -> None:
    proof = prover.prove(*HOLDS[case])
    assert proof.proved and proof.starts is None, proof


@pytest.mark.parametrize("case", OTHERWISE)
def test_starts_otherwise(case: str, prover: Prover) -> None:
    """The function is the same, and weights that are carried over train the same: only the level is too high."""
    rewrite, level, said = OTHERWISE[case]
    proof = prover.prove(rewrite, level)
    assert proof.proved and said in (proof.starts or ""), proof
    assert proof.reason == proof.starts
    assert prover.prove(rewrite, "same-function").starts is None, "which claims nothing of a fresh model"


def test_other_seeds_train_otherwise(prover: Prover) -> None:
    proof = prover.prove(dropout(1, 2), "identical")
    assert proof.status == "refuted" and "other random numbers" in (proof.reason or "")


def test_it_is_remembered(prover: Prover, memory: Memory) -> None:
    proof = prover.prove(halves(), "identical")
    with Prover(cache=memory) as again:
        known = again.prove(halves(), "identical")
        assert (known.starts, known.cached, again.starts) == (proof.starts, True, 0)
        assert again.prove(written("zeros", "zeros"), "identical").starts is None, "initialisers are in the key"


SCRIPT = """
import keras
from keras import Input, Sequential
from keras.layers import Conv1D, Dense, Dropout, Flatten
import numpy as np

keras.utils.set_random_seed(3)
x = np.random.default_rng(0).normal(size=(32, 10, 4)).astype("float32")
model = Sequential([Input((10, 4)), Conv1D(8, 1, activation="relu"), Dropout(0.3), Flatten(), Dense(2), Dense(2)])
"""
RUN = """
model.compile("sgd", "mse")
model.fit(x, x[:, :2, 0], epochs=2, verbose=0)
print([float(v).hex() for v in model.predict(x, verbose=0).ravel()])
"""


@pytest.mark.slow
def test_a_seeded_script_gives_the_same_run() -> None:
    """What is fixed at ``identical`` prints the same bits as before; at a lower level it does not."""
    better = text_of(fixed(SCRIPT, rules=tuple(rule for rule in RULES if rule.code == "KER101")))
    assert "Dense(8, activation" in better
    texts = (SCRIPT, better, SCRIPT.replace("Dense(2), Dense(2)", "Dense(2)"))
    runs = [subprocess.run([sys.executable, "-c", t + RUN], capture_output=True, check=True).stdout for t in texts]
    assert runs[0] == runs[1] and runs[0] != runs[2]
