"""Running one graph: outputs, mask, losses and gradients, on given inputs and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_input, drawn_weight
from .build import Side
from .framework import GRADIENTS, array, call
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
    given = [np.asarray(0.0 if toward is None else toward, side.dtype), *inputs]
    direction, *tensors = (of_tensors(side.keras, "convert_to_tensor")(array) for array in given)
    compiled = _compiled(side, inputs, training, losses, toward is None)
    (output, mask, penalty, moved), found = compiled(side.state, direction, *tensors)
    for variable, value in zip(side.model.non_trainable_variables if moved else (), moved, strict=True):
        variable.assign(value)
    output, mask, penalty, *found = (array(side.keras, value) for value in (output, mask, penalty, *found))
    places = [(i, n) for i, ws in enumerate(side.weights) for n in ws]
    into = found if toward is not None else []
    return Ran(output, mask, float(penalty), dict(zip(places, into, strict=False)), into[len(places) :])


def _compiled(side: Side, inputs: Sequence[Array], training: bool, losses: bool, blind: bool) -> Any:
    """The pass, compiled where that pays: JAX compiles anyway, TensorFlow runs a loop over time ten times faster.

    Channels first is compiled by XLA, on both sides: it draws other random numbers than TensorFlow by itself.
    """
    floating = [i for i, given in enumerate(inputs) if np.issubdtype(given.dtype, np.floating)]

    def whole(state: Sequence[Any], direction: Any, *given: Any) -> Any:
        return _pass(side, state, given, floating, (training, losses), None if blind else direction)

    if side.framework == "jax":
        import jax

        return side.traced.setdefault((training, losses, blind), jax.jit(whole))
    if not (side.loops or side.xla):
        return whole
    import tensorflow as tf

    blind = False  # tracing costs more than gradients do
    signature = [tf.TensorSpec(None, side.dtype), *(tf.TensorSpec(a.shape, a.dtype) for a in inputs)]
    compiling = {"input_signature": signature, "jit_compile": side.xla}
    fresh = tf.function(lambda direction, *given: whole(side.state, direction, *given), **compiling)
    traced = side.traced.setdefault((training, losses, blind), fresh)
    return lambda _, *given: traced(*given)


def _pass(side: Side, state: Any, tensors: Any, floating: list[int], how: tuple[bool, bool], toward: Any) -> Any:
    """Output, mask, sum of the layers' losses, moved variables; gradients of all weights and ``floating`` inputs."""
    (training, losses), number = how, len(side.ours)
    given = [*state[:number], *(tensors[i] for i in floating)]
    cast, add_up, zeros = (of_tensors(side.keras, name) for name in ("cast", "sum", "zeros"))

    def function(values: Sequence[Any]) -> tuple[Any, Any]:
        inputs = list(tensors)
        for place, value in zip(floating, values[number:], strict=True):
            inputs[place] = value
        (output, mask), extras, moved = call(side, [*values[:number], *state[number:]], inputs, training)
        penalty = sum((cast(extra, side.dtype) for extra in extras), zeros((), side.dtype))
        loss = 0 if toward is None else add_up(output * cast(toward, output.dtype))
        return loss + (cast(penalty, output.dtype) if losses else 0), (output, mask, penalty, moved)

    return (function(given)[1], []) if toward is None else GRADIENTS[side.framework](function, given)
