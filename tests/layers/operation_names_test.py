"""Operations on tensors carry Keras's own classes and names."""

from __future__ import annotations

from typing import Any

import keras
from tests.evaluate.seen import models

SOURCE = """
import keras
from keras import ops

x = keras.Input((4, 3))
y = ops.abs(x) + ops.sqrt(ops.relu(x)) * 2
y = ops.sqrt(y) / ops.silu(x) - ops.exp(-x)
y = ops.log_softmax(ops.swish(y)) + ops.mean(y, axis=1, keepdims=True)
y = ops.logsumexp(y, axis=-1)[:, 1:] + ops.argmax(x[:, :, 0], axis=-1, keepdims=True)
model = keras.Model(x, ops.reshape(ops.expand_dims(y, 1), (-1, 3)))
"""


def test_classes_and_names_are_those_of_keras() -> None:
    names: dict[str, Any] = {}
    keras.backend.clear_session()
    exec(SOURCE, names)  # our own text, no user's
    (model,) = models(SOURCE)
    assert model.graph.complete
    real = {(type(layer).__name__, layer.name) for layer in names["model"].operations}
    assert {(layer.title, layer.name) for layer in model.graph.layers} == real
