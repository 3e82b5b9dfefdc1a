"""Layers that draw numbers in training and stand elsewhere: the same distribution, the same run, or neither."""

from __future__ import annotations

import pytest
from tests.prove.regions import new, old, tensor

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph, Tensor
from kerlint.prove.client import Prover
from kerlint.prove.whole import wholes
from kerlint.prove.worker.run import _edges

pytestmark = pytest.mark.keras
ANOTHER = "a seeded run is another one"
Written = tuple[str, dict[str, object]]
DROPOUT: Written = ("Dropout", {"rate": 0.5})
STEPS = tensor(6, 4)


def moved(layer: Written, x: Tensor = STEPS, drop: Written = DROPOUT) -> Rewrite:
    """A layer that draws numbers, from in front of another one to behind it."""
    first = old(drop[0], x, **drop[1])
    second = old(layer[0], first.output, **layer[1])
    return Rewrite((first, second), new(drop[0], new(layer[0], x, second.weights, **layer[1]), None, **drop[1]))


def exchanged(left: float = 0.5, right: float = 0.5) -> Rewrite:
    """Two layers that drop, made in the other order."""
    x, y = tensor(4), tensor(4)
    one, two = old("Dropout", x, left), old("Dropout", y, right)
    both = old("Subtract", [one.output, two.output])
    turned = new("Subtract", [new("Dropout", y, None, right), new("Dropout", x, None, left)], None)
    return Rewrite((one, two, both), new("Rescaling", turned, None, -1.0))


def unseen() -> Rewrite:
    """What is dropped is cut off behind."""
    x, y = tensor(4, 3), tensor(4, 3)
    drop = old("Dropout", y, 0.5)
    both = old("Concatenate", [x, drop.output], axis=1)
    cut = old("Cropping1D", both.output, (0, 4))
    return Rewrite((drop, both, cut), x)


def staying() -> Rewrite:
    """A model with two that drop, of which a fix makes the second the first to be read."""
    x, y = tensor(4), tensor(4)
    one, two = old("Dropout", x, 0.5), old("Dropout", y, 0.5)
    both = old("Subtract", [one.output, two.output])
    turned = both.becomes(new("Rescaling", new("Subtract", [two.output, one.output], None), None, -1.0))
    (whole,) = wholes(Graph((one, two, both), (x, y), both.outputs), [turned])
    return whole


def summed() -> Rewrite:
    """One mask for two."""
    x, y = tensor(4), tensor(4)
    left, right = old("Dropout", x, 0.5), old("Dropout", y, 0.5)
    both = old("Add", [left.output, right.output])
    return Rewrite((left, right, both), new("Dropout", new("Add", [x, y], None), None, 0.5))


def changed(name: str, before: object, after: object) -> Rewrite:
    node = old("Dropout", STEPS, **{"rate": 0.5, name: before})
    return node.becomes(new("Dropout", STEPS, None, **{"rate": 0.5, name: after}))


PERMUTE: Written = ("Permute", {"dims": (2, 1)})
RIGHT = {
    "through relu": (moved(("Activation", {"activation": "relu"})), None),
    "through a list of all": (moved(("Flatten", {})), None),
    "to other axes": (moved(PERMUTE), ANOTHER),
    "noise, to other axes": (moved(PERMUTE, drop=("GaussianNoise", {"stddev": 0.5})), ANOTHER),
    "to other axes of an image": (moved(("Permute", {"dims": (3, 1, 2)}), tensor(2, 3, 4)), ANOTHER),
    "exchanged": (exchanged(), ANOTHER),
    "exchanged, of two rates": (exchanged(0.5, 0.3), ANOTHER),
    "what reaches no output": (unseen(), ANOTHER),
    "what stays in its model": (staying(), None),
}
WRONG = {
    "another rate": (changed("rate", 0.5, 0.4), "random numbers"),
    "another shape of the noise": (changed("noise_shape", (None, 1, 4), None), "outputs differ"),
    "for single entries": (moved(PERMUTE, drop=("SpatialDropout1D", {"rate": 0.5})), "outputs differ"),
    "through a mean": (moved(("GlobalAveragePooling1D", {})), "outputs differ"),
    "through a maximum": (moved(("GlobalMaxPooling1D", {})), "outputs differ"),
    "through a matrix": (moved(("Dense", {"units": 4})), "outputs differ"),
    "through a softmax": (moved(("Softmax", {})), "outputs differ"),
    "through copies": (moved(("UpSampling1D", {"size": 2})), "outputs differ"),
    "one mask for two": (summed(), "outputs differ"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_who_draws_may_move(case: str, prover: Prover) -> None:
    """One pairing of what both draw gives the same training: the distribution is the same, the run perhaps not."""
    rewrite, starts = RIGHT[case]
    proof = prover.prove(rewrite, "same-training")
    assert proof.proved and proof.starts is None and (proof.max_error or 0.0) < 1e-12, proof
    proof = prover.prove(rewrite, "identical")
    assert proof.proved and (starts or "") in (proof.starts or ""), proof
    assert starts is not None or proof.starts is None


@pytest.mark.parametrize("case", WRONG)
def test_no_pairing_excuses_another_training(case: str, prover: Prover) -> None:
    rewrite, said = WRONG[case]
    for level in ("identical", "same-training"):
        proof = prover.prove(rewrite, level)
        assert proof.status == "refuted" and said in (proof.reason or ""), proof


def test_below_a_pairing_is_looked_for_too(prover: Prover) -> None:
    """Where both draw as often, training has to agree at every level."""
    assert prover.prove(RIGHT["exchanged"][0], "same-function").proved
    assert prover.prove(WRONG["through a mean"][0], "same-function").status == "refuted"
    proof = prover.prove(WRONG["one mask for two"][0], "same-function")
    assert proof.proved and "training was not compared" in (proof.reason or "")


def test_where_rounding_decides_nothing_is_drawn() -> None:
    """Keras 2 keeps a threshold of 0.9 in float32: at it, and at nine tenths of another one, 1.0, nothing is compared."""
    assert 0.9 not in _edges([0.9]) and 0.9 not in _edges([0.9, 1.0]) and 1.0 in _edges([0.9, 1.0])
