"""Running one graph: outputs, mask, losses and gradients, on given inputs and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_input, drawn_weight
from .build import Side, raw

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray
Weights = dict[tuple[int, str], Array]
KINDS = ("ordinary", "ordinary again", "large", "negative", "zero")


@dataclass
class Ran:
    """What one pass gave. ``penalty`` is the sum of the layers' own losses."""

    output: Array
    mask: Array
    penalty: float
    weights: Weights = field(default_factory=dict)  # gradients
    inputs: list[Array] = field(default_factory=list)  # gradients, of inputs that are not integers


def inputs_of(rows: Sequence[Data], kind: str, seed: int, dtype: str) -> list[Array]:
    """One array per input, followed by its mask where it has one."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    found = []
    for row in rows:
        found.append(drawn_input(rng, row, kind, dtype))
        if row["masked"]:
            found.append(_mask(rng, row["shape"][:-1]))
    return found


def _mask(rng: Any, shape: Sequence[int]) -> Array:
    """Steps that count: the first always, so that no example is empty, and only that one in one example."""
    mask = rng.random(shape) < 0.6
    if mask.ndim > 1:
        mask[:, 0] = True
        mask[0, 1:] = False
    return mask


def random_weights(side: Side, seed: int) -> Weights:
    """Values everywhere: zeros and ones, with which layers start, hide mistakes."""
    rng = np.random.default_rng([seed, 99])
    return {(i, n): drawn_weight(rng, n, v.shape) for i, ws in enumerate(side.weights) for n, v in ws.items()}


def run(side: Side, inputs: Sequence[Array], training: bool, toward: Array | None = None, losses: bool = False) -> Ran:
    """One pass; with ``toward`` also gradients of ``sum(output * toward)``, plus layers' losses on wish.

    Gradients are taken with respect to every weight, moving statistics too: a mapping may make one of a bias.
    """
    import tensorflow as tf

    side.rewind()
    if training:
        side.trained()
    tensors = [tf.constant(array) for array in inputs]
    places = [(i, n) for i, ws in enumerate(side.weights) for n in ws]
    if side.loops:  # always with gradients: tracing costs more than they do
        direction = tf.constant(0.0 if toward is None else toward, side.dtype)
        output, mask, penalty, found = _traced(side, tensors, training, losses)(direction, *tensors)
    else:
        output, mask, penalty, found = _pass(side, tensors, training, toward, losses)
    gradients = [np.asarray(gradient) for gradient in found] if toward is not None else []
    into = dict(zip(places, gradients, strict=False))
    return Ran(np.asarray(output), np.asarray(mask), float(penalty), into, gradients[len(places) :])


def _traced(side: Side, tensors: Sequence[Any], training: bool, losses: bool) -> Any:
    """The pass as a TensorFlow graph: a loop over time steps is ten times faster there."""
    import tensorflow as tf

    if (training, losses) not in side.traced:
        signature = [tf.TensorSpec(None, side.dtype), *(tf.TensorSpec(t.shape, t.dtype) for t in tensors)]

        def whole(direction: Any, *given: Any) -> Any:
            return _pass(side, given, training, direction, losses)

        side.traced[training, losses] = tf.function(whole, input_signature=signature)
    return side.traced[training, losses]


def _pass(side: Side, tensors: Sequence[Any], training: bool, toward: Any, losses: bool) -> Any:
    """Output, mask, sum of the layers' losses, and gradients of all weights, then of all inputs."""
    import tensorflow as tf

    watched = [raw(v) for weights in side.weights for v in weights.values()]
    watched += [t for t in tensors if t.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(watched if toward is not None else [])
        output, mask = side.model(list(tensors), training=training)
        zero = tf.zeros((), side.dtype)
        penalty = sum((tf.cast(extra, zero.dtype) for extra in side.model.losses), zero)
        if toward is None:
            return output, mask, penalty, []
        loss = tf.reduce_sum(output * tf.cast(toward, output.dtype))
        loss += tf.cast(penalty, loss.dtype) if losses else 0
    found = tape.gradient(loss, watched, unconnected_gradients="zero")
    return output, mask, penalty, [tf.convert_to_tensor(g) for g in found]  # embeddings give lists of rows
