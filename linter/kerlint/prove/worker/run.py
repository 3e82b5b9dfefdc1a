"""Running one graph: outputs, mask, losses and gradients, on given inputs and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

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
        found.append(_values(rng, row, kind, dtype))
        if row["masked"]:
            found.append(_mask(rng, row["shape"][:-1]))
    return found


def _values(rng: Any, row: Data, kind: str, dtype: str) -> Array:
    shape, integer = row["shape"], row["dtype"].startswith(("int", "uint", "bool"))
    if "below" in row or integer:
        below = row.get("below", 2)
        drawn = np.zeros(shape) if kind == "zero" else rng.integers(0, below, shape)
        if kind == "large":
            drawn = np.full(shape, below - 1)
        return drawn.astype(row["dtype"] if integer else dtype)
    drawn = rng.standard_normal(shape)
    scaled = {"large": 100.0 * drawn, "negative": -0.05 - np.abs(drawn), "zero": 0.0 * drawn}.get(kind, drawn)
    return scaled.astype(dtype)


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
    return {(i, n): _weight(rng, n, v.shape) for i, ws in enumerate(side.weights) for n, v in ws.items()}


def _weight(rng: Any, name: str, shape: Any) -> Array:
    shape = tuple(shape)
    if "variance" in name:
        return rng.uniform(0.5, 2.0, shape)
    if "gamma" in name or name.endswith("scale"):
        return rng.uniform(0.5, 1.5, shape)
    fan = int(np.prod(shape[:-1])) if len(shape) > 1 and "embedding" not in name else 4
    return rng.standard_normal(shape) * 1.4 / np.sqrt(fan)


def run(
    side: Side, inputs: Sequence[Array], training: bool, toward: Array | None = None, losses: bool = False
) -> Ran:
    """One pass; with ``toward`` also gradients of ``sum(output * toward)``, plus layers' losses on wish.

    Gradients are taken with respect to every weight, moving statistics too: a mapping may make one of a bias.
    """
    import tensorflow as tf

    side.rewind()
    tensors = [tf.constant(array) for array in inputs]
    if toward is None:
        return Ran(*_pass(side, tensors, training)[1:])
    floats = [t for t in tensors if t.dtype.is_floating]
    places = [(i, n) for i, ws in enumerate(side.weights) for n in ws]
    watched = [*(raw(side.weights[i][n]) for i, n in places), *floats]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        tensor, output, mask, penalty = _pass(side, tensors, training)
        loss = tf.reduce_sum(tensor * tf.constant(toward, tensor.dtype))
        for extra in side.model.losses if losses else ():
            loss += tf.cast(extra, loss.dtype)
    gradients = tape.gradient(loss, watched, unconnected_gradients="zero")
    found = [np.asarray(tf.convert_to_tensor(g)) for g in gradients]  # an embedding's lists only touched rows
    return Ran(output, mask, penalty, dict(zip(places, found, strict=False)), found[len(places) :])


def _pass(side: Side, tensors: Sequence[Any], training: bool) -> tuple[Any, Array, Array, float]:
    output, mask = side.model(list(tensors), training=training)
    penalty = sum(float(extra) for extra in side.model.losses)
    return output, np.asarray(output), np.asarray(mask), penalty
