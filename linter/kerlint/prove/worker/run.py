"""Running one graph: outputs, mask, losses and gradients, on given inputs and weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_input
from ...host.inside.framework import GRADIENTS, array, call, of_tensors, rewind, tensors_in, traced
from .build import Side

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray
Weights = dict[tuple[int, str], Array]
WEIGHTY = "ordinary, with large weights"  # behind what is bounded, only they reach where a function bends
KINDS = ("ordinary", "ordinary again", "large", "negative", "zero", "edges", WEIGHTY)
LARGE, LARGEST = 100.0, 1e6
# Arguments that say where a function bends, or scale what arrives there, and which of them are looked at.
BENDS = dict.fromkeys(("max_value", "threshold", "theta", "bin_boundaries"), 1e15)
BENDS |= dict.fromkeys(("constant", "scale", "offset"), LARGEST)
BLANK = {"mask_value": 1e15}  # says that a step does not count


@dataclass
class Ran:
    """What one pass gave. ``penalty`` is the sum of the layers' own losses."""

    output: Array
    mask: Array
    penalty: float
    weights: Weights = field(default_factory=dict)  # gradients
    inputs: list[Array] = field(default_factory=list)  # gradients, of inputs that are not integers


def bends(draw: Data) -> list[float]:
    """The numbers, without sign, at which the functions of both graphs bend, or by which they scale."""
    return sorted({abs(float(n)) for n in _numbers(draw, BENDS) if n})


def _numbers(value: Any, names: Mapping[str, float], most: float = 0.0) -> Iterator[float]:
    """What is written for these arguments, each with the bound of what is looked at."""
    if isinstance(value, Mapping):
        wide = names.get("max_value", most) if value.get("class") in ("maximum", "minimum") else most
        for name, inner in value.items():
            yield from _numbers(inner, names, wide or names.get(name, 0.0))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _numbers(inner, names, most)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < most:
        yield value


def large_of(draw: Data) -> float:
    """A scale beyond every bend."""
    told = bends(draw)
    return min(max(LARGEST, 2 * max(told, default=0.0)), max(LARGE, 2 * float(np.prod([max(n, 1 / n) for n in told]))))


def inputs_of(draw: Data, kind: str, seed: int, dtype: str) -> list[Array]:
    """One array per input, followed by its mask where it has one."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    edges, blank = _edges(bends(draw)), sorted({*_numbers(draw, BLANK)}) if kind == "negative" else []
    found = []
    for row in draw["inputs"]:
        found.append(drawn_input(rng, row, kind, dtype, large_of(draw), edges))
        if blank and "below" not in row:  # steps, all of their features
            turns = rng.permuted(np.resize(np.arange(len(blank) + 1), row["shape"][:-1]))
            for turn, number in enumerate(blank):
                found[-1][turns == turn] = number
        if kind == "large" and found[-1].dtype.kind in "iu" and "below" not in row:  # where its type ends
            found[-1].flat[0], found[-1].flat[-1] = np.iinfo(found[-1].dtype).min, np.iinfo(found[-1].dtype).max
        if row["masked"]:
            found.append(_mask(rng, row["shape"][:-1], kind))
    return found


def _edges(told: Sequence[float]) -> list[float]:
    """Between any two bends, about each and at it, then behind what scales; there, and at 0.7, rounding decides."""
    between = [(left + right) / 2 for left, right in pairwise(told)]
    near = [factor * number for number in told for factor in (0.9, 1.1)]
    at = [number for number in told if float(np.float32(number)) == number]
    scaled = [number / scale for scale in told for number in (*between, *near)]
    apart = [n for n in (*between, *near, *scaled) if not any(abs(n - bend) < 1e-6 * bend for bend in told)]
    return [sign * number for number in (*apart, *at) for sign in (1, -1)]


def _mask(rng: Any, shape: Sequence[int], kind: str) -> Array:
    """Steps that count: with padding behind, in front, anywhere; one step alone, all of them, or none.

    None only where little else is looked for: means over nothing are no numbers, nor are their gradients.
    """
    mask = rng.random(shape) < 0.6
    if mask.ndim < 2:
        return mask
    if kind in ("ordinary", "edges"):
        mask[:, 0] = True
        mask[0, 1:] = False
    elif kind in ("ordinary again", "negative"):
        mask[:, 0], mask[:, -1] = False, True
        mask[0, :] = True
    else:
        mask[0, :], mask[-1, :] = False, True
    return mask


def run(side: Side, inputs: Sequence[Array], training: bool, toward: Array | None = None, losses: bool = False) -> Ran:
    """One pass; with ``toward`` also gradients of ``sum(output * toward)``, plus layers' losses on wish.

    Gradients are taken with respect to every weight, moving statistics too: a mapping may make one of a bias.
    """
    if not side.goes_on:
        rewind(side)
    if training:  # what it may move is no longer known
        side.held = {key: held for key, held in side.held.items() if side.weights[key].trainable}
    given = [np.asarray(0.0 if toward is None else toward, side.dtype), *inputs]
    direction, *tensors = (of_tensors(side.keras, "convert_to_tensor")(array) for array in given)
    quick = _compiled(side, inputs, training, losses, toward is None)
    (output, mask, penalty, moved), found = quick(tensors_in(side.variables), direction, *tensors)
    for variable, value in zip(side.moving if moved else (), moved, strict=True):
        variable.assign(value)
    output, mask, penalty, *found = (array(side.keras, value) for value in (output, mask, penalty, *found))
    into = found if toward is not None else []
    return Ran(output, mask, float(penalty), dict(zip(side.weights, into, strict=False)), into[len(side.weights) :])


def _compiled(side: Side, inputs: Sequence[Array], training: bool, losses: bool, blind: bool) -> Any:
    """The pass, compiled where that pays: JAX compiles anyway, TensorFlow runs a loop over time ten times faster.

    Channels first is compiled by XLA, on both sides: it draws other random numbers than TensorFlow by itself.
    """
    floating = [i for i, given in enumerate(inputs) if np.issubdtype(given.dtype, np.floating)]

    def whole(state: Sequence[Any], direction: Any, *given: Any) -> Any:
        return _pass(side, state, given, floating, (training, losses), None if blind else direction)

    how: dict[str, Any] = {}
    if side.loops or side.xla:
        import tensorflow as tf

        blind = False  # tracing costs more than gradients do
        how["input_signature"] = [tf.TensorSpec(None, side.dtype), *(tf.TensorSpec(a.shape, a.dtype) for a in inputs)]
        how["jit_compile"] = side.xla
    elif side.framework != "jax":
        return whole
    return side.traced.setdefault((training, losses, blind), traced(side, whole, **how))


def _pass(side: Side, state: Any, tensors: Any, floating: list[int], how: tuple[bool, bool], toward: Any) -> Any:
    """Output, mask, sum of the layers' losses, moved variables; gradients of all weights and ``floating`` inputs."""
    (training, losses), number = how, len(side.weights)
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
