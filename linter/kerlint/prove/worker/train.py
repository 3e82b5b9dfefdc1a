"""What claims the same training: three steps of SGD with momentum from mapped weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...host.inside.framework import array, of_tensors
from .build import Refuted, Side
from .compare import Found, Pair, compare
from .run import LARGEST, Weights, large_of, run
from .tolerances import OUTPUT, TRAINED, apart, magnitude

STEPS = 3
MOMENTUM = 0.9
PACE = 0.05  # length of the first step beside the weights' own: enough to move, too little to diverge


def train(pair: Pair, found: Found) -> None:
    """Compares training; at the strict levels step by step, then the outputs in inference. Raises Refuted."""
    compare(pair, found, training=True)
    if pair.seed or not pair.strict:
        return
    _constraints(pair)
    inputs, toward = pair.inputs("ordinary"), pair.toward("ordinary")
    pair.reset()
    size = magnitude(*run(pair.old, inputs, True, toward, losses=True).weights.values())
    rate = PACE * magnitude(*pair.weights.values()) / size if size else PACE
    pair.reset()
    histories = [_steps(side, inputs, toward, rate) for side in (pair.old, pair.new)]
    for step, (old, new) in enumerate(zip(*histories, strict=True)):
        error = apart(old, new)
        if not error <= TRAINED:
            when = "inference" if step > STEPS else "training outputs"
            raise Refuted(f"{when} differ by {error:.2g} after {min(step, STEPS)} steps of SGD")
        found.error = max(found.error, error)


def _constraints(pair: Pair) -> None:
    """What constraints leave of weights, mapped, is what they leave of mapped weights. Raises Refuted.

    Of tiny and of large ones: those that were drawn may be left alone, and behind what saturates no output shows them.
    """
    if not any(getattr(v, "constraint", None) for side in (pair.old, pair.new) for v in side.trained.values()):
        return
    large = max(LARGEST, large_of(pair.draw))
    for factor in (large, -large, 1 / large):
        weights = {key: factor * weight for key, weight in pair.weights.items()}
        old, new = pair.map(_bound(pair.old, weights)), _bound(pair.new, pair.map(weights))
        for key in new:
            if not apart(old[key], new[key]) <= OUTPUT:
                raise Refuted(f"{pair.name(key, 'new')} has another constraint")


def _bound(side: Side, weights: Weights) -> Weights:
    """The weights, those that are trained as their constraints leave them."""
    for key, variable in side.trained.items():
        if (constraint := getattr(variable, "constraint", None)) is not None:
            tensor = of_tensors(side.keras, "convert_to_tensor")(weights[key], side.dtype)
            weights = weights | {key: array(side.keras, constraint(tensor))}
    return weights


def _steps(side: Side, inputs: list[Any], toward: Any, rate: float) -> list[Any]:
    """Training outputs before each step and after the last, and the output in inference."""
    speed: Weights = {key: np.zeros(tuple(variable.shape)) for key, variable in side.trained.items()}
    outputs = []
    for _ in range(STEPS):
        ran = run(side, inputs, True, toward, losses=True)
        outputs.append(ran.output)
        speed = {key: MOMENTUM * before - rate * ran.weights[key] for key, before in speed.items()}
        side.assign(_bound(side, {key: np.array(side.trained[key]) + moved for key, moved in speed.items()}))
    return [*outputs, *(run(side, inputs, training).output for training in (True, False))]
