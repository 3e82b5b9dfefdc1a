"""A layer in its own place is proved: request and worker speak of every kind of layer as Keras does."""

from __future__ import annotations

import pytest
from tests.prove.regions import layer, new, old, tensor

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import Layer
from kerlint.layers.bind import bind
from kerlint.layers.operations import OPERATIONS
from kerlint.prove.client import Prover

pytestmark = pytest.mark.keras


def itself(kind: str, inputs: Tensor | list[Tensor], *args: object, **kwargs: object) -> Rewrite:
    """The same layer again, with the same weights."""
    node = old(kind, inputs, *args, **kwargs)
    return node.becomes(new(kind, inputs, node.weights, *args, **kwargs))


def last_step() -> Rewrite:
    """The last of all steps, by indexing, is what return_sequences=False gives."""
    rnn = old("SimpleRNN", tensor(30, 2), 3, return_sequences=True)
    getitem = OPERATIONS["getitem"]
    config = bind(getitem, (), {"index": (slice(None), -1)}).config
    indexed = Node(Layer(getitem, config, "getitem"), (rnn.output,))
    return Rewrite((rnn, indexed), new("SimpleRNN", rnn.input, rnn.weights, 3))


SAME = {
    "separable": itself("SeparableConv2D", tensor(5, 4, 3), 4, 3, padding="same"),
    "transposed": itself("Conv1DTranspose", tensor(5, 3), 4, 3, strides=2),
    "normalized": itself("BatchNormalization", tensor(5, 3, masked=True)),
    "recurrent": itself("GRU", tensor(2, 3, masked=True), 4, return_sequences=True),
    "dropout inside": itself("LSTM", tensor(2, 3), 2, dropout=0.3, recurrent_dropout=0.2),
    "dropout": itself("Dropout", tensor(5, 3), 0.5),
    "both ways": itself("Bidirectional", tensor(2, 3), layer("SimpleRNN", 2), merge_mode="sum"),
    "in time": itself("TimeDistributed", tensor(3, 4, 2), layer("Conv1D", 3, 2)),
    "indices": itself("Embedding", tensor(5, dtype="int32"), 10, 3, mask_zero=True),
    "attention": itself("MultiHeadAttention", [tensor(5, 4), tensor(6, 4)], 2, 3, use_bias=False),
    "merged": itself("Concatenate", [tensor(4, 3), tensor(4, 2)]),
    "one size": itself("UpSampling1D", tensor(4, 3), 2),
    "keras 2": itself("LocallyConnected2D", tensor(4, 3, 2), 3, 2),
    "last step": last_step(),
}


@pytest.mark.parametrize("case", SAME)
def test_itself(case: str, prover: Prover) -> None:
    proof = prover.prove(SAME[case], "identical")
    assert proof.proved, proof.reason


def test_what_the_users_keras_lacks(prover: Prover) -> None:
    proof = prover.prove(itself("CuDNNLSTM", tensor(5, 3), 4), "identical")
    assert proof.status == "unprovable" and "has no layer CuDNNLSTM" in (proof.reason or "")
