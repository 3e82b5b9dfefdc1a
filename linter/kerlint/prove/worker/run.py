"""Running one graph: outputs, mask, losses and gradients, on given inputs and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_input, drawn_weight
from .build import Side
from .framework import array, call, gradients, tensor
from .operations import of_tensors

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
    side.rewind()
    if training:
        side.trained()
    tensors = [tensor(side.keras, given) for given in inputs]
    places = [(i, n) for i, ws in enumerate(side.weights) for n in ws]
    if side.loops:  # always with gradients: tracing costs more than they do
        direction = tensor(side.keras, np.asarray(0.0 if toward is None else toward, side.dtype))
        ran = _traced(side, inputs, training, losses)(direction, *tensors)
    else:
        ran = _pass(side, tensors, _floating(inputs), training, toward, losses)
    output, mask, penalty, found, moved = ran
    for variable, value in zip(side.model.non_trainable_variables if moved else (), moved, strict=True):
        variable.assign(value)
    into = [array(side.keras, gradient) for gradient in found] if toward is not None else []
    output, mask, penalty = (array(side.keras, value) for value in (output, mask, penalty))
    return Ran(output, mask, float(penalty), dict(zip(places, into, strict=False)), into[len(places) :])


def _floating(inputs: Sequence[Array]) -> list[int]:
    return [i for i, given in enumerate(inputs) if np.issubdtype(given.dtype, np.floating)]


def _traced(side: Side, inputs: Sequence[Array], training: bool, losses: bool) -> Any:
    """The pass as a TensorFlow graph: a loop over time steps is ten times faster there."""
    import tensorflow as tf

    if (training, losses) not in side.traced:
        signature = [tf.TensorSpec(None, side.dtype), *(tf.TensorSpec(a.shape, a.dtype) for a in inputs)]
        floating = _floating(inputs)

        def whole(direction: Any, *given: Any) -> Any:
            return _pass(side, given, floating, training, direction, losses)

        side.traced[training, losses] = tf.function(whole, input_signature=signature)
    return side.traced[training, losses]


def _pass(
    side: Side, tensors: Sequence[Any], floating: Sequence[int], training: bool, toward: Any, losses: bool
) -> Any:
    """Output, mask, sum of the layers' losses, gradients of all weights and ``floating`` inputs, moved variables."""
    variables = [v for weights in side.weights for v in weights.values()]
    given = [v.value if side.generation == 3 else v for v in variables] + [tensors[i] for i in floating]
    cast, add_up = (of_tensors(side.keras, name) for name in ("cast", "sum"))

    def function(values: Sequence[Any]) -> tuple[Any, Any]:
        inputs = list(tensors)
        for place, value in zip(floating, values[len(variables) :], strict=True):
            inputs[place] = value
        (output, mask), extras, moved = call(side.model, variables, values[: len(variables)], inputs, training)
        penalty = sum((cast(extra, side.dtype) for extra in extras), tensor(side.keras, np.zeros((), side.dtype)))
        loss = 0 if toward is None else add_up(output * cast(toward, output.dtype))
        return loss + (cast(penalty, output.dtype) if losses else 0), (output, mask, penalty, moved)

    if toward is None:
        output, mask, penalty, moved = function(given)[1]
        return output, mask, penalty, [], moved
    (output, mask, penalty, moved), found = gradients(side.framework, function, given)
    return output, mask, penalty, found, moved
