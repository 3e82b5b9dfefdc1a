"""What no machine can hold is proved at a smaller scale, which is said; only that it holds there says anything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.prove.conftest import Memory
from tests.prove.refuted_test import fewer_taps
from tests.prove.regions import linear_chain, new, nothing, old, pointwise, single_step, tensor

from kerlint.engine import check
from kerlint.fixing import prove_all
from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph
from kerlint.graph.layer import Unknown
from kerlint.graph.weight import Weight, concat
from kerlint.prove import client
from kerlint.prove.client import Prover
from kerlint.prove.request import request_of, too_large
from kerlint.prove.whole import wholes
from kerlint.rule.load import load
from kerlint.text.document import Document

LARGE = 200_000


def chain() -> Rewrite:
    """Two Dense layers of any width are one."""
    first = old("Dense", tensor(LARGE), 2 * LARGE)
    second = old("Dense", first.output, LARGE + 1)
    kernel = first.weights["kernel"] @ second.weights["kernel"]
    bias = first.weights["bias"] @ second.weights["kernel"] + second.weights["bias"]
    return Rewrite((first, second), new("Dense", first.input, {"kernel": kernel, "bias": bias}, LARGE + 1))


def gates(*, swapped: bool = False) -> Rewrite:
    """The columns of an LSTM, put together again."""
    rnn = old("LSTM", tensor(5, 3), LARGE)
    kernel = rnn.weights["kernel"]
    parts = [kernel[..., i * LARGE : (i + 1) * LARGE] for i in ((1, 0, 2, 3) if swapped else range(4))]
    return rnn.becomes(new("LSTM", rnn.input, {**rnn.weights, "kernel": concat(parts, 1)}, LARGE))


RIGHT = {
    "pointwise": (pointwise(tensor(6, 400 * LARGE)), "identical"),
    "chain": (chain(), "same-class"),
    "gates": (gates(), "identical"),
    "flat": (nothing("Flatten", tensor(500 * LARGE)), "identical"),
}


def test_sizes_leave_the_same_rest_and_stay_multiples() -> None:
    small, large = (request_of(*RIGHT["chain"], scaled=scaled) for scaled in (True, False))
    assert small.data["sizes"] == {"200000": 8, "200001": 9}
    shapes = [weight["shape"] for layer in small.data["draws"][0]["old"]["layers"] for weight in layer["weights"]]
    assert shapes == [[8, 16], [16], [16, 9], [9]]
    assert not too_large(small) and too_large(large)


def test_what_is_longer_than_a_window_stays_longer() -> None:
    """Twice as long as windows that are kept, and as those that became small themselves: each tap is used."""
    for taps in (41, 480):
        conv = old("Conv1D", tensor(100_000, 300), 3, taps, padding="same")
        same = new("Conv1D", conv.input, conv.weights, 3, taps, padding="same")
        (draw,) = request_of(conv.becomes(same), "identical", scaled=True).data["draws"]
        small = draw["old"]["layers"][0]["weights"][0]["shape"][0]
        assert small == (41 if taps == 41 else 24) and draw["inputs"][0]["shape"][1] > 2 * small


def test_small_sizes_are_kept() -> None:
    for rewrite in (linear_chain(), single_step("LSTM", tensor(1, 4))):
        assert request_of(rewrite, "same-class", scaled=True).data["sizes"] == {}


@pytest.mark.keras
@pytest.mark.parametrize("case", RIGHT)
def test_the_scale_is_said(case: str, prover: Prover) -> None:
    proof = prover.prove(*RIGHT[case])
    assert proof.proved and "million weights" in (proof.reason or ""), proof
    assert "proved at a smaller scale, " in (proof.reason or "")


@pytest.mark.keras
def test_a_second_run_starts_nothing(prover: Prover, memory: Memory) -> None:
    first = prover.prove(*RIGHT["chain"])
    with Prover(cache=memory) as second:
        again = second.prove(*RIGHT["chain"])
        assert again.cached and again.reason == first.reason and second.starts == 0


@pytest.mark.keras
@pytest.mark.parametrize(
    "wrong",
    [
        gates(swapped=True),
        pointwise(tensor(6, 400 * LARGE), wrong="sign"),
        fewer_taps(tensor(LARGE, 500), 41, 31),
    ],
)
def test_what_does_not_hold_there_is_not_proved(wrong: Rewrite, prover: Prover) -> None:
    """Nor is it refuted: the smaller one is another rewrite."""
    proof = prover.prove(wrong, "same-function")
    assert proof.status == "not-run" and "million weights" in (proof.reason or "")


MODEL = """\
from keras import Input, Sequential
from keras.layers import Dense, Dropout
model = Sequential([Input((200_000,)), Dense(200_000), Dense(200_000, activation="relu"), Dropout(0.0), Dense(200_000)])
"""


@pytest.mark.keras
def test_a_model_that_no_machine_holds(prover: Prover) -> None:
    """What fits is proved at its own size, whatever stands around it."""
    said = prove_all(check(Document.of(MODEL), load().rules), prover.prove, lambda _: False)
    proofs = {checked.finding.rule.name: checked.proof for checked in said.checked}
    whole, chain = proofs["identity-layer"], proofs["linear-chain"]
    assert whole is not None and whole.proved and whole.reason is None
    assert chain is not None and chain.proved and "8 for 200,000" in (chain.reason or "")
    assert (chain.reason or "").endswith(", and with the model around it")


def around() -> tuple[Rewrite, Graph]:
    """A chain that no machine holds, in a model with a branch beside it."""
    entrance = tensor(LARGE)
    first = old("Dense", entrance, LARGE)
    second = old("Dense", first.output, LARGE, activation="relu")
    beside = old("LayerNormalization", entrance)
    both = old("Add", (second.output, beside.output))
    last = old("Dense", both.output, 1)
    kernel = first.weights["kernel"] @ second.weights["kernel"]
    bias = first.weights["bias"] @ second.weights["kernel"] + second.weights["bias"]
    mapped = {"kernel": kernel, "bias": bias}
    rewrite = Rewrite((first, second), new("Dense", entrance, mapped, LARGE, activation="relu"))
    return rewrite, Graph((first, second, beside, both, last), (entrance,), (last.output,))


def wrong(graph: Graph) -> dict[str, Weight]:
    """Weights for a Dense that is another model."""
    first, last = graph.nodes[0], graph.nodes[-1]
    return {"kernel": first.weights["kernel"] @ last.weights["kernel"], "bias": last.weights["bias"]}


def test_the_model_around_is_one_rewrite() -> None:
    rewrite, graph = around()
    (whole,) = wholes(graph, [rewrite])
    assert [node.kind for node in whole.old] == ["Dense", "Dense", "LayerNormalization", "Add", "Dense"]
    assert [node.kind for node in whole.new_nodes] == ["Dense", "LayerNormalization", "Add", "Dense"]
    assert whole.old[-1].layer is graph.nodes[-1].layer


@pytest.mark.keras
def test_the_model_around_is_compared(prover: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite, graph = around()
    proof = prover.prove(rewrite, "same-class", graph)
    assert proof.proved and (proof.reason or "").endswith(", and with the model around it"), proof
    last = old("Dense", graph.nodes[-2].output, Unknown("n", "read from a file"))
    proof = prover.prove(rewrite, "same-class", replace(graph, outputs=(last.output,)))
    assert proof.proved and "(not the model around it: " in (proof.reason or ""), proof
    apart = Rewrite(tuple(graph.nodes), new("Dense", graph.inputs[0], wrong(graph), 1))
    monkeypatch.setattr(client, "wholes", lambda _graph, _rewrite: [apart])
    proof = prover.prove(rewrite, "same-class", graph)
    assert proof.status == "not-run" and "but in its model, at that scale, outputs differ" in (proof.reason or ""), (
        proof
    )
