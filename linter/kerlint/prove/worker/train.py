"""What claims the same training: three steps of SGD with momentum from mapped weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from .build import Side
from .compare import Found, Pair, Refuted, compare
from .run import large_of, run
from .tolerances import TRAINED, apart, magnitude

STEPS = 3
MOMENTUM = 0.9
PACE = 0.05  # length of the first step beside the weights' own: enough to move, too little to diverge


def train(pair: Pair, found: Found) -> None:
    """Compares training; at the strict levels step by step, then the outputs in inference. Raises Refuted.

    A constraint may leave the weights alone that were drawn: it is compared from large and from tiny ones as well.
    """
    compare(pair, found, training=True)
    if pair.seed or not pair.strict:
        return
    inputs, toward = pair.inputs("ordinary"), pair.toward("ordinary")
    bound = [v for side in (pair.old, pair.new) for v in side.weights.values() if getattr(v, "constraint", None)]
    for factor in (1.0, -large_of(pair.draw), 1 / large_of(pair.draw)) if bound else (1.0,):
        pair.reset(factor)
        first = run(pair.old, inputs, True, toward, losses=True)
        size = magnitude(*first.weights.values())
        rate = PACE * abs(factor) * magnitude(*pair.weights.values()) / size if size else PACE
        pair.reset(factor)
        histories = [_steps(side, inputs, toward, rate) for side in (pair.old, pair.new)]
        for step, (old, new) in enumerate(zip(*histories, strict=True)):
            error = apart(old, new)
            if not error <= TRAINED:
                when = "inference" if step > STEPS else "training outputs"
                raise Refuted(f"{when} differ by {error:.2g} after {min(step, STEPS)} steps of SGD")
            found.error = max(found.error, error)


def _steps(side: Side, inputs: list[Any], toward: Any, rate: float) -> list[Any]:
    """Training outputs before each step and after the last, and the output in inference."""
    ours = {id(variable) for layer in side.layers for variable in layer.trainable_weights}
    trained = {key: variable for key, variable in side.weights.items() if id(variable) in ours}
    speed = {key: np.zeros(tuple(variable.shape)) for key, variable in trained.items()}
    outputs = []
    for _ in range(STEPS):
        ran = run(side, inputs, True, toward, losses=True)
        outputs.append(ran.output)
        for key, variable in trained.items():
            speed[key] = MOMENTUM * speed[key] - rate * ran.weights[key]
            side.held.pop(key, None)
            variable.assign(np.array(variable) + speed[key])
            constraint = getattr(variable, "constraint", None)
            if constraint is not None:
                variable.assign(constraint(variable.value if side.generation == 3 else variable))
    outputs.append(run(side, inputs, True).output)
    outputs.append(run(side, inputs, False).output)
    return outputs
